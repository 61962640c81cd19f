"""The packages commands: what is known, what is installed, what was tampered with, how good it is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from translations import demo
from translations.packages import install

UR, PS, AR = demo.packages()
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    assert cli.run(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def run(archive: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    capfd.readouterr()

    def running(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["--archive", str(archive), *arguments])
        said = capfd.readouterr()
        return code, said.out, said.err

    return running


def flip(archive: Path, language: str) -> Path:
    (model,) = (archive / "packages").glob(f"translate-{language}_en-*/model/model.bin")
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    return model


def test_what_is_known_for_pashto_is_listed_without_a_network(run: Run) -> None:
    code, out, err = run("packages", "available", "--lang", "ps", "--catalogue")
    assert (code, err) == (0, "")
    lines = {line.split()[3]: line for line in out.splitlines()}
    assert len(lines) == 6
    nllb = lines["nllb-200-distilled-600m"]
    assert all(word in nllb for word in ("ps -> en", "0.6 GB", "BLEU 29.0", "gist", "CC-BY-NC-4.0", "asks"))
    assert "no score" in lines["madlad400-3b-mt"]
    code, out, _ = run("packages", "available", "--lang", "ps", "--catalogue", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["name"] for row in rows} == set(lines)
    assert all(row["gist"] and row["licence"] and row["size"] and row["origin"] for row in rows)


def test_the_index_and_what_is_known_are_listed_together(run: Run, tmp_path: Path) -> None:
    index = tmp_path / "index.json"
    offer = {
        "type": "translate",
        "package_version": "1.9",
        "argos_version": "1.9",
        "from_code": "ur",
        "from_name": "Urdu",
        "to_code": "en",
        "to_name": "English",
        "links": ["https://a.example/ur.argosmodel"],
    }
    index.write_text(json.dumps([offer]))
    code, out, _ = run("packages", "available", "--lang", "ur", "--index", str(index))
    assert code == 0
    assert out.splitlines()[-1].split() == ["ur", "->", "en", "1.9", "translate-ur_en"]
    assert "m2m100-418m" in out
    code, _, err = run("packages", "install", "ps", "--index", str(index))
    assert code == 1
    assert "packages install ps --package NAME, where NAME is one of opus-mt-ira-eng, m2m100" in err


def test_a_licence_is_agreed_to_first(run: Run) -> None:
    code, out, err = run("packages", "install", "ps", "--package", "nllb-200-distilled-600m")
    assert (code, out) == (1, "")
    assert "CC-BY-NC-4.0" in err and "--accept-licence" in err
    assert len(err.splitlines()) == 1
    assert run("packages", "install", "ps", "--from", "/tmp")[0] == 2


def test_the_first_digest_is_locked_and_kept(run: Run, archive: Path) -> None:
    run("packages", "install", str(UR), str(PS))
    lock = (archive / "packages/packages.lock").read_text()
    listed = [json.loads(line) for line in run("packages", "list", "--json")[1].splitlines()]
    assert lock.splitlines() == sorted(
        (f"{row['sha256']}  {Path(row['path']).name}" for row in listed), key=lambda line: line.split()[1]
    )
    run("packages", "remove", "translate-ur_en")
    assert "ur_en" not in (archive / "packages/packages.lock").read_text()


def test_a_package_replaced_together_with_its_manifest_is_refused(
    run: Run, archive: Path, tmp_path: Path
) -> None:
    """Whoever can change a model can change the list beside it; the lock still knows the first one."""
    run("packages", "install", str(UR))
    other = install(PS, tmp_path / "elsewhere")
    (home,) = (archive / "packages").glob("translate-ur_en-*")
    shutil.rmtree(home)
    shutil.copytree(other.path, home)
    code, out, _ = run("packages", "verify")
    assert code == 1
    assert "is not the package that was installed as" in out


def test_a_flipped_byte_is_refused_by_every_command_and_named(
    run: Run,
    archive: Path,
    tmp_path: Path,
    sqlite_tell: Any,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARCHIVER_DATABASE", sqlite_url)
    sqlite_tell.post(1, demo.corpus("ur")[0][0], "ur")
    run("packages", "install", str(UR))
    model = flip(archive, "ur")
    lines = tmp_path / "lines.txt"
    lines.write_text(demo.corpus("ur")[0][0] + "\n", encoding="utf-8")
    table = tmp_path / "pairs.tsv"
    table.write_text("\t".join(demo.corpus("ur")[0]) + "\n", encoding="utf-8")
    commands = [
        ("packages", "verify"),
        ("packages", "install", str(UR)),
        ("packages", "evaluate", "translate-ur_en", str(table)),
        ("translate", "--from", "ur", "--demo-packages"),
        ("run", "--demo-packages"),
        ("text", "translate", "--from", "ur", "--demo-packages", str(lines)),
        ("doctor",),
    ]
    for command in commands:
        code, out, err = run(*command)
        assert code == 1, (command, code, out, err)
        assert str(model) in out + err, command
        assert "Traceback" not in err


def test_a_flipped_byte_is_refused_where_there_is_nothing_left_to_translate(
    run: Run, archive: Path, sqlite_tell: Any, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_DATABASE", sqlite_url)
    sqlite_tell.post(1, demo.corpus("ur")[0][0], "ur")
    assert run("translate", "--demo-packages")[0] == 0
    model = flip(archive, "ur")
    for command in (("translate", "--demo-packages"), ("translate", "--demo-packages", "--json")):
        code, out, err = run(*command)
        assert code == 1 and str(model) in out + err


def test_evaluating_says_scores_signatures_seconds_and_flags(run: Run, tmp_path: Path) -> None:
    run("packages", "install", str(UR))
    rows = demo.corpus("ur")[:20]
    table = tmp_path / "pairs.tsv"
    table.write_text("".join(f"{s}\t{e}\n" for s, e in rows) + "\n", encoding="utf-8")
    code, out, _ = run("packages", "evaluate", "translate-ur_en", str(table), "--json")
    made = json.loads(out)
    assert (code, made["texts"]) == (0, 20)
    assert made["chrf"] > 95 and made["bleu"] > 95
    assert "version:" in made["signatures"]["chrF"] and "tok:13a" in made["signatures"]["BLEU"]
    assert made["flags"] == {"demo_package": 20} and made["seconds"] > 0
    table.write_text("".join(f"{s}\t{e}\n" for (s, _), (_, e) in zip(rows, rows[::-1], strict=True)))
    worse = json.loads(run("packages", "evaluate", "translate-ur_en", str(table), "--json")[1])
    assert worse["chrf"] < 50
    code, out, _ = run("packages", "evaluate", "translate-ur_en", str(table))
    assert code == 0 and "chrF" in out and "demo_package 20" in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no line"),
        (b"a\tb\nc\n", "line 2: not `source TAB reference`"),
        (b"a\tb\tc\n", "line 1"),
        (b"\xff\tb\n", "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_named_with_its_line(
    run: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    run("packages", "install", str(UR))
    table = tmp_path / "pairs.tsv"
    table.write_bytes(content)
    code, _, err = run("packages", "evaluate", "translate-ur_en", str(table))
    assert code == 1 and str(table) in err and said in err and len(err.splitlines()) == 1


def test_without_sacrebleu_the_extra_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("packages", "install", str(UR))
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics.bleu", None)
    code, _, err = run("packages", "evaluate", "translate-ur_en", str(tmp_path / "x.tsv"))
    assert code == 1 and "pip install 'bilingual-archiver[evaluate]'" in err
    code, _, err = run("packages", "evaluate", "nope", str(tmp_path / "x.tsv"))
    assert code == 1 and "no package is called nope; installed: translate-ur_en-1_0" in err


CLOSED = """
import socket, sys
def refuse(*args, **kwargs): raise SystemExit("the network was touched")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from archiver.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_with_the_network_closed_a_line_is_translated(tmp_path: Path, language: str) -> None:
    (source, english), *_ = demo.corpus(language)
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, "text", "translate", "--demo-packages", "--from", language],
        input=source + "\n",
        env={**os.environ, "HOME": str(tmp_path), "PYTHONUTF8": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, english), done.stderr
