"""What pictures are described as: translated and found beside the post, and never a part of its own text."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from archiver import cli
from archiver.config import Config
from archiver.jobs.search import search
from archiver.jobs.status import status
from archiver.jobs.translate import TranslateResult, translate
from archiver.posts import Attachment
from archiver.store import tables
from archiver.store.database import Database
from archiver.store.filters import Filters
from archiver.store.queries import show
from archiver.store.records import PostRecord

POST, POST_IN_ENGLISH = (
    "پرانے پل کی مرمت مکمل ہو گئی ہے اور ٹریفک بحال ہے۔",
    "Repairs on the old bridge are complete",
)
ALT = "آج شام شہر کے مرکزی بازار میں بجلی بند رہے گی۔"
ALT_IN_ENGLISH = "Power will be off in the city's main bazaar this evening."
PASHTO_ALT = "ښاروالۍ د پاکۍ کمپاين پيل کړ."


def picture(alt: str | None, key: str = "1") -> Attachment:
    return Attachment(kind="image", key=key, url=f"https://example.org/{key}.jpg", alt=alt)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Config:
    return Config(folder=tmp_path, database=database_url)


@pytest.fixture
def translated(settings: Config, tell: Any) -> Callable[..., TranslateResult]:
    def run(**how: Any) -> TranslateResult:
        return translate(settings, allow_demo=True, **how)

    return run


def read(database: Database, name: str) -> PostRecord:
    with database.read() as connection:
        return show(connection, f"telegram:{name}")


def test_a_description_is_translated_in_its_own_language_beside_the_post(
    tell: Any, database: Database, translated: Callable[..., TranslateResult]
) -> None:
    tell.post(
        1, POST, attachments=(picture(ALT), picture(PASHTO_ALT, "2"), picture(None, "3"), picture("", "4"))
    )
    done = translated()
    assert (done.descriptions, done.descriptions_owed) == (2, 0)
    revision = read(database, "1").revision
    assert revision is not None and revision.translation is not None
    # The post is what it was: its text, its segments and its translation hold no word of the description.
    assert (revision.body, revision.text) == (POST, POST)
    assert revision.translation.text.startswith(POST_IN_ENGLISH)
    assert "bazaar" not in revision.translation.text
    assert {segment.source for segment in revision.translation.segments} == {POST}
    first, second, *rest = revision.attachments
    assert (first.alt, first.alt_language) == (ALT, "ur")
    assert first.alt_translation is not None and first.alt_translation.text == ALT_IN_ENGLISH
    assert "demo_package" in first.alt_translation.flags
    assert (second.alt_language, second.alt_translation and second.alt_translation.language) == ("ps", "ps")
    assert [each.alt_translation for each in rest] == [None, None]
    again = translated()
    assert (again.descriptions, again.detected) == (0, 0), "running twice changes nothing"


def test_a_post_is_found_by_what_its_picture_shows_on_either_side(
    tell: Any, settings: Config, translated: Callable[..., TranslateResult]
) -> None:
    tell.post(1, POST, attachments=(picture(ALT),))
    tell.post(2, POST.replace("پل", "گھر"))

    def found(query: str, **how: Any) -> list[str]:
        return [hit.post for hit in search(settings, Filters(query=query, **how)).answer.hits]

    assert found("بجلی") == ["telegram:1"], "before it is translated"
    assert found("bazaar") == []
    translated()
    assert found("bazaar") == found("exact:bazaar") == found("بجلی") == ["telegram:1"]
    assert found("bazaar", side="original") == found("بجلی", side="translation") == []
    (hit,) = search(settings, Filters(query="bazaar")).answer.hits
    assert hit.original == POST and "bazaar" not in (hit.translation or "")
    assert [(d.text, d.translation, d.found) for d in hit.descriptions] == [(ALT, ALT_IN_ENGLISH, True)]
    (hit,) = search(settings, Filters(query="ٹریفک", platform="telegram")).answer.hits[-1:]
    assert [d.found for d in hit.descriptions] == [False]


def test_a_changed_description_is_a_revision_with_a_translation_of_its_own(
    tell: Any, database: Database, settings: Config, translated: Callable[..., TranslateResult]
) -> None:
    tell.post(1, POST, attachments=(picture(ALT),))
    translated()
    tell.post(1, POST, attachments=(picture(PASHTO_ALT),))
    assert translated().descriptions == 1
    old, new = read(database, "1").revisions
    assert [r.attachments[0].alt for r in (old, new)] == [ALT, PASHTO_ALT]
    assert old.attachments[0].alt_translation and new.attachments[0].alt_translation
    assert not search(settings, Filters(query="bazaar")).answer.hits, "what it says no more is not found"


def test_without_a_package_descriptions_are_owed_and_counted(
    tell: Any, settings: Config, database: Database
) -> None:
    tell.post(1, None, attachments=(picture(ALT),))
    done = translate(settings)
    assert (done.descriptions, done.descriptions_owed, done.exit) == (0, 1, 10)
    (told,) = status(settings).totals.descriptions
    assert (told.language, told.texts, told.translated) == ("ur", 1, 0)
    assert translate(settings, allow_demo=True).descriptions == 1
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.translation)) == 0
        row = connection.execute(select(tables.alt_translation)).one()
    assert row.segments[0]["source"] == ALT and row.segments[0]["target"] == row.text


def test_exports_carry_it_beside_the_text(
    sqlite_tell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "archiver.toml").write_text("")
    sqlite_tell.post(1, POST, attachments=(picture(f"{ALT} <script>"),))
    sqlite_tell.post(2, None, attachments=(picture(PASHTO_ALT, "2"),))

    def run(*words: str) -> int:
        return cli.run(["--archive", str(tmp_path), *words])

    assert run("translate", "--demo-packages") == 0
    assert "descriptions of pictures: 2 translated, 0 owed" in capsys.readouterr().out
    assert run("export", "jsonl", "-o", str(tmp_path / "x.jsonl")) == 0
    rows = {
        row["post"]: row["revisions"][0]
        for row in map(json.loads, io.StringIO((tmp_path / "x.jsonl").read_text(encoding="utf-8")))
    }
    told = rows["telegram:1"]
    assert told["text"] == told["body"] == POST
    (attachment,) = told["attachments"]
    assert attachment["alt"] == f"{ALT} <script>" and attachment["alt_language"] == "ur"
    assert attachment["alt_translations"][0]["text"].startswith("Power will be off")
    assert attachment["downloads"] == []
    assert run("export", "html", "-o", str(tmp_path / "html")) == 0
    page = (tmp_path / "html" / "page-0001.html").read_text(encoding="utf-8")
    assert f"{ALT} &lt;script&gt;" in page and "Power will be off" in page and PASHTO_ALT in page
    assert run("export", "tsv", "-o", str(tmp_path / "x.tsv")) == 0
    assert "Power will be off" not in (tmp_path / "x.tsv").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run("search", "bazaar", "--json") == 0
    (hit,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert hit["original"] == POST
    assert hit["descriptions"][0]["text"].startswith(ALT)
    assert run("search", "bazaar") == 0
    assert "[picture:" in capsys.readouterr().out
    assert run("show", "telegram:1") == 0
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert f"described as (ur): {ALT}" in shown and "by machine in en: Power will be off" in shown


def test_pseudonyms_also_stand_in_descriptions(sqlite_tell: Any, tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_text("")
    sqlite_tell.post(1, POST, attachments=(picture("پل، @somebody_else کی تصویر"),))
    words = ["--archive", str(tmp_path), "export", "html", "--pseudonymise", "-o", str(tmp_path / "html")]
    assert cli.run(words) == 0
    page = (tmp_path / "html" / "page-0001.html").read_text(encoding="utf-8")
    assert "کی تصویر" in page and "somebody_else" not in page
