"""A person's word on a language outranks the text and the platform, for posts and for whole accounts."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from archiver import cli, config
from archiver.jobs import language as job
from archiver.store import accounts, detections, migrations, tables
from archiver.store.database import Database
from archiver.store.languages import set_rule, unheeded
from translations.detect import PROFILES_VERSION

PASHTO = "نن سهار په کابل کې سخت باران وشو او ځینې سړکونه بند دي."
URDU = "آج صبح سے شہر میں تیز بارش ہو رہی ہے اور کئی سڑکیں بند ہیں۔"
MIXED = (
    "breaking news from the capital this morning: "
    "آج لاہور میں دھماکے کی آواز سنی گئی ہے اور لوگ گھروں سے نکل آئے۔"
)

Run = Callable[..., int]


@pytest.fixture
def archive(tell: Any, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three posts of two accounts, none detected yet."""
    tell.post(1, PASHTO, handle="kabul", languages=("en-US",))
    tell.post(2, URDU, handle="kabul")
    tell.post(3, URDU, handle="lahore")
    (tmp_path / config.FILE).write_text("", encoding="utf-8")
    monkeypatch.setenv("ARCHIVER_DATABASE", database_url)
    return tell


@pytest.fixture
def run(archive: Any, tmp_path: Path) -> Run:
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


def current(archive: Any) -> dict[str, tuple[str, str]]:
    """Each post's language and what said so."""
    detection = tables.detection.c
    rows = (
        select(tables.post.c.native_id, detection.language, detection.method)
        .join(tables.revision, tables.revision.c.id == tables.post.c.current_revision_id)
        .join(tables.detection, detection.revision_id == tables.revision.c.id)
        .where(detection.superseded_at.is_(None))
    )
    with archive.database.read() as connection:
        return {row.native_id: (row.language, row.method) for row in connection.execute(rows)}


NGRAM = f"langdetect+ngram/{PROFILES_VERSION}"


def test_texts_are_told_by_their_words_and_a_person_corrects_them(archive: Any, run: Run) -> None:
    assert job.detect_new(archive.database) == 3
    assert current(archive) == {"1": ("ps", NGRAM), "2": ("ur", NGRAM), "3": ("ur", NGRAM)}
    assert run("language", "set", "telegram:2", "pnb") == 0
    assert current(archive)["2"] == ("pnb", "person")


def test_a_persons_word_survives_detection_redetection_and_edits(archive: Any, run: Run) -> None:
    assert run("language", "set", "telegram:2", "pnb") == 0
    job.detect_new(archive.database)
    with archive.database.write() as connection:
        revision = connection.scalar(
            select(tables.post.c.current_revision_id).where(tables.post.c.native_id == "2")
        )
        assert detections.save_detections(connection, [(revision, "ur", 0.99, "new/9")], archive.NOON) == 0
    assert run("language", "redetect") == 0
    archive.post(2, URDU + " مزید", handle="kabul")
    job.detect_new(archive.database)
    assert current(archive)["2"] == ("pnb", "person")


def test_the_word_on_an_account_holds_for_all_its_posts_and_for_new_ones(archive: Any, run: Run) -> None:
    job.detect_new(archive.database)
    assert run("language", "set", "--account", "telegram:kabul", "prs") == 0
    archive.post(4, "سلام", handle="kabul")
    job.detect_new(archive.database)
    found = current(archive)
    assert [found[post] for post in "124"] == [("prs", "person")] * 3
    assert found["3"] == ("ur", NGRAM)


def test_the_word_on_a_post_outranks_the_word_on_its_account(archive: Any, run: Run) -> None:
    assert run("language", "set", "telegram:1", "ps") == 0
    assert run("language", "set", "--account", "telegram:kabul", "prs") == 0
    assert (current(archive)["1"][0], current(archive)["2"][0]) == ("ps", "prs")
    assert run("language", "set", "telegram:1", "ur") == 0
    assert current(archive)["1"] == ("ur", "person")


def test_a_word_can_be_taken_back_and_the_text_decides_again(archive: Any, run: Run) -> None:
    assert run("language", "set", "--account", "telegram:kabul", "prs") == 0
    assert run("language", "set", "telegram:1", "fa") == 0
    assert run("language", "unset", "telegram:1") == 0
    assert current(archive)["1"] == ("prs", "person")
    assert run("language", "unset", "--account", "telegram:kabul") == 0
    assert current(archive) == {"1": ("ps", NGRAM), "2": ("ur", NGRAM), "3": ("ur", NGRAM)}
    assert run("language", "unset", "telegram:1") == 1


def test_what_was_said_is_listed_and_shown(
    archive: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    job.detect_new(archive.database)
    run("language", "set", "telegram:1", "PS")
    run("language", "set", "--account", "telegram:kabul", "prs")
    capsys.readouterr()
    assert run("language", "list", "--json") == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["post"], row["account"], row["language"]) for row in listed] == [
        (None, "telegram:kabul", "prs"),
        ("telegram:1", "telegram:kabul", "ps"),
    ]
    assert run("language", "show", "telegram:1", "--json") == 0
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first["method"], first["current"], first["platform_says"]) == (NGRAM, False, ["en-US"])
    assert (second["method"], second["confidence"], second["current"]) == ("person", 1.0, True)
    assert run("language", "show", "telegram:1") == run("language", "list") == 0


def test_unknown_names_and_tags_are_refused(
    archive: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("language", "set", "telegram:99", "ps") == 1
    assert run("language", "set", "--account", "telegram:nobody", "ps") == 1
    assert run("language", "set", "telegram:1", "پښتو") == 2
    assert "no language tag" in capsys.readouterr().err
    assert current(archive) == {}


def test_an_older_version_is_detected_again_only_on_request(archive: Any, run: Run) -> None:
    job.detect_new(archive.database)
    with archive.database.write() as connection:
        old = {"method": "langdetect+ngram/0", "language": "fa", "confidence": 0.5}
        connection.execute(update(tables.detection).values(**old))
    assert job.detect_new(archive.database) == 0
    assert run("language", "redetect") == 0
    assert current(archive) == {"1": ("ps", NGRAM), "2": ("ur", NGRAM), "3": ("ur", NGRAM)}
    with archive.database.read() as connection:
        assert len(list(connection.execute(select(tables.detection)))) == 6  # the old answers are kept


def test_the_parts_of_a_mixed_post_are_kept(archive: Any) -> None:
    archive.post(5, MIXED, handle="lahore")
    job.detect_new(archive.database)
    with archive.database.read() as connection:
        kept = [row.parts for row in connection.execute(select(tables.detection)) if row.parts]
    [parts] = kept
    assert [part["language"] for part in parts] == ["en", "ur"]
    assert MIXED[parts[1]["start"] : parts[1]["end"]].startswith("آج لاہور")


def test_a_word_stopped_half_way_is_heeded_by_the_next_run(archive: Any) -> None:
    with archive.database.write() as connection:
        account = connection.scalar(select(tables.account.c.id).where(tables.account.c.handle == "kabul"))
        set_rule(connection, "prs", archive.NOON, account_id=account)
        assert [language for _, language in unheeded(connection, limit=9)] == ["prs", "prs"]
    job.detect_new(archive.database)
    assert current(archive)["2"] == ("prs", "person")


def test_accounts_that_turn_out_to_be_one_keep_the_word(archive: Any) -> None:
    account = tables.account
    with archive.database.write() as connection:
        seen = {"platform": "telegram", "first_seen_at": archive.NOON, "last_seen_at": archive.NOON}
        stand_in = connection.scalar(
            insert(account).returning(account.c.id), {**seen, "native_id": "@kabul", "handle": "kabul"}
        )
        known = connection.scalar(select(account.c.id).where(account.c.native_id == "id-kabul"))
        set_rule(connection, "prs", archive.NOON, account_id=stand_in)
        accounts._merge(connection, stand_in, known)
        rule = tables.language_rule.c
        assert connection.execute(select(rule.account_id, rule.language)).all() == [(known, "prs")]


def test_an_archive_of_the_first_version_comes_forward(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "migrate", partial(migrations.migrate, to="0001"))
        Database.create(database_url).close()
    with Database.open(database_url) as opened, opened.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == migrations.HEAD
        assert connection.execute(select(tables.language_rule)).all() == []
        assert connection.execute(select(tables.detection.c.parts)).all() == []
