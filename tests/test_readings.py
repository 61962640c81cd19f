"""A hashtag stays as it is; what it says stands beside it in the reading copy, and in no stored pair."""

import json
from html import escape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archiver import cli
from archiver.store import tables
from translations import demo
from translations.protect import hashtags, items

SENTENCE = next(source for source, _ in demo.corpus("ps") if not items(source) and len(source.split()) > 4)
WORDS = SENTENCE.rstrip(".!؟")
TAG = "#" + WORDS.replace(" ", "_")


def test_the_words_of_a_hashtag_are_what_it_says() -> None:
    said = {"#کابل_خبر": "کابل خبر", "#Herat2024": "Herat2024"}
    assert hashtags("د #کابل_خبر او #Herat2024، https://a.example/#x") == said


@pytest.fixture
def archive(sqlite_tell: Any, tmp_path: Path) -> Any:
    (tmp_path / "archiver.toml").write_text("", encoding="utf-8")
    sqlite_tell.post(1, f"{SENTENCE} {TAG} #Kabul", "ps")
    assert cli.run(["--archive", str(tmp_path), "translate", "--demo-packages", "--from", "ps"]) == 0
    return sqlite_tell


def test_a_reading_is_stored_beside_the_translation_and_in_no_pair(
    archive: Any, tmp_path: Path, capsys: Any
) -> None:
    with archive.database.read() as connection:
        readings = connection.scalar(select(tables.translation.c.readings))
        targets = list(connection.scalars(select(tables.translated_segment.c.text)))
    assert list(readings) == [TAG], "Latin letters say it themselves"
    reading = readings[TAG]
    assert "_" not in reading and reading.isascii()
    assert all(reading not in target for target in targets if TAG in target)
    assert sum(target.count(TAG) for target in targets) == 1
    for format in ("tmx", "tsv", "moses", "xliff"):
        cli.run(["--archive", str(tmp_path), "export", format, "-o", f"{tmp_path / format}/"])
        for path in (tmp_path / format).iterdir():
            assert f"[{reading}]" not in path.read_text(encoding="utf-8"), path.name
    cli.run(["--archive", str(tmp_path), "export", "html", "-o", f"{tmp_path / 'copy'}/"])
    page = (tmp_path / "copy" / "page-0001.html").read_text(encoding="utf-8")
    assert page.count(f'<bdi>{TAG}</bdi> <span class="reading">[{escape(reading)}]</span>') == 1
    capsys.readouterr()
    cli.run(["--archive", str(tmp_path), "show", "telegram:1"])
    assert f"{TAG} says: {reading}" in capsys.readouterr().out


def test_a_corrected_version_keeps_the_readings(archive: Any, tmp_path: Path) -> None:
    fix = ["--archive", str(tmp_path), "correct", "telegram:1", "--segment", "1", "--text", "Better words."]
    assert cli.run(fix) == 0
    with archive.database.read() as connection:
        one, other = connection.scalars(
            select(tables.translation.c.readings).order_by(tables.translation.c.id)
        )
    assert one == other and one


def test_the_command_tells_readings_apart_from_the_translation(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    posts = tmp_path / "posts.txt"
    posts.write_text(f"{SENTENCE} {TAG}\n{SENTENCE}\n", encoding="utf-8")
    assert cli.run(["text", "translate", "--from", "ps", "--demo-packages", "--json", str(posts)]) == 0
    one, other = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert list(one["readings"]) == [TAG] and "readings" not in other
    assert one["translation"] == f"{other['translation']} {TAG}"
