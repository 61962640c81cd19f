"""`archiver text`: lines in, languages and translations out, beside any archive."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from translations import demo

SENTENCES = {
    "ps": "د زاړه پله رغونه بشپړه شوه او لار خلاصه ده.",
    "ur": "پرانے پل کی مرمت مکمل ہو گئی ہے اور ٹریفک بحال ہے۔",
    "ar": "انتهت أعمال إصلاح الجسر القديم وعادت حركة السير.",
    "fa": "کتابخانهٔ محله از شنبه تا ساعت نُه شب باز است.",
    "en": "The repair of the old bridge is complete.",
}


def archiver(*words: str, said: bytes, within: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "archiver", "text", *words]
    return subprocess.run(command, input=said, cwd=within, capture_output=True, timeout=60)


def rows(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_gets_its_language(tmp_path: Path) -> None:
    said = "\n".join([*SENTENCES.values(), "", "😀", "https://example.org/a"]).encode()
    done = archiver("detect", "--json", said=said, within=tmp_path)
    assert done.returncode == 0
    assert [row["language"] for row in rows(done)] == [*SENTENCES, "und", "und", "und"]
    assert all({"text", "language", "confidence", "method"} <= row.keys() for row in rows(done))


def test_a_line_that_is_no_utf8_is_answered_and_kept(tmp_path: Path) -> None:
    done = archiver("detect", "--json", said=b"\xff\xfe broken\nfine words here\n", within=tmp_path)
    assert done.returncode == 0
    assert [row["text"] for row in rows(done)] == ["\udcff\udcfe broken", "fine words here"]


@pytest.mark.parametrize("language", ["ps", "ur", "ar"])
def test_items_come_back_exactly_once(language: str, tmp_path: Path) -> None:
    source, english = demo.corpus(language)[0]
    items = ("@user_one", "#کابل_خبر", "https://example.org/x_y?z=1", "🙏🏽")
    done = archiver(
        *("translate", "--from", language, "--json", "--demo-packages"),
        said=f"{source} {' '.join(items)}\n".encode(),
        within=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    [row] = rows(done)
    assert row["translation"].startswith(english)
    assert [row["translation"].count(item) for item in items] == [1, 1, 1, 1]
    assert row["package"]["sha256"] and "demo_package" in row["flags"]


def test_another_language_than_was_named_is_flagged(tmp_path: Path) -> None:
    said = f"{SENTENCES['ps']}\n{SENTENCES['ur']}\n".encode()
    done = archiver("translate", "--from", "ur", "--json", "--demo-packages", said=said, within=tmp_path)
    pashto, urdu = rows(done)
    assert "language_uncertain" in pashto["flags"]
    assert "language_uncertain" not in urdu["flags"]


def test_without_packages_the_remedy_is_named(tmp_path: Path) -> None:
    done = archiver("translate", "--from", "ur", said=b"x\n", within=tmp_path)
    assert done.returncode == 2
    assert b"--packages" in done.stderr and b"--demo-packages" in done.stderr


def test_a_language_without_a_package_is_owed_not_an_error(tmp_path: Path) -> None:
    said = f"{SENTENCES['fa']}\n{SENTENCES['ur']}\n".encode()
    done = archiver("translate", "--json", "--demo-packages", said=said, within=tmp_path)
    assert done.returncode == 10
    persian, urdu = rows(done)
    assert "archiver packages install fa" in persian["error"] and persian["translation"] is None
    assert urdu["translation"]
