"""What `status`, `search` and `show` say at the terminal and to programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from archiver import cli
from archiver.errors import ArchiveBusy
from archiver.posts import Problem
from archiver.store import search as store_search
from archiver.store import tables, totals, translating, watches, writes
from archiver.store.totals import Totals

ROAD = "د هرات لاره د واورې له امله بنده ده."
PAIR = (ROAD, "The Herat road is closed because of snow.")
URL = "https://example.org/9"

Run = Callable[..., int]


@pytest.fixture
def archive(sqlite_tell: Any, tmp_path: Path) -> Any:
    (tmp_path / "archiver.toml").touch()
    return sqlite_tell


@pytest.fixture
def run(archive: Any, tmp_path: Path) -> Run:
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


def counted(tell: Any) -> Totals:
    with tell.database.read() as connection:
        return totals.totals(connection)


# -- counts, on both databases ------------------------------------------------------------------------


def test_a_quiet_archive_adds_up(tell: Any) -> None:
    tell.post(1, ROAD, "ps", [PAIR], minutes=1)
    tell.post(2, ROAD, "ps", minutes=9)
    tell.post(2, f"{ROAD}!", "ps", minutes=9)
    tell.post(3, "کتاب", handle="kutub")
    found = counted(tell)
    first, second = found.watches
    assert (first.watch, first.served, first.stored, first.revised, first.owed) == (
        "telegram:herat_roads",
        2,
        2,
        1,
        0,
    )
    assert first.oldest is not None and first.newest is not None
    assert (first.oldest.minute, first.newest.minute) == (1, 9)
    assert (second.watch, second.stored) == ("telegram:kutub", 1)
    assert [(row.language, row.texts, row.translated) for row in found.languages] == [
        ("ps", 2, 1),
        (None, 1, 0),
    ]
    assert (found.posts, found.captures, found.adds_up) == (3, 4, True)


def test_a_post_that_could_not_be_read_is_served_but_owed(tell: Any) -> None:
    tell.post(1, ROAD, problems=(Problem(url=URL, what="a post without an id"),))
    [watch] = counted(tell).watches
    assert (watch.served, watch.stored, watch.owed) == (2, 1, 1)


def test_a_failed_visit_is_owed_until_the_next_good_one(tell: Any) -> None:
    tell.post(1, ROAD)
    with tell.database.write() as connection:
        writes.record_failure(
            connection,
            platform="telegram",
            handle="herat_roads",
            url=URL,
            what="answered 500",
            at=tell.NOON,
        )
    [watch] = counted(tell).watches
    assert (watch.owed, watch.last_error) == (1, "answered 500")
    tell.post(2, ROAD)
    [watch] = counted(tell).watches
    assert (watch.owed, watch.last_error) == (0, None)


def test_an_unreadable_post_is_owed_once_however_often_its_page_is_asked_for(tell: Any) -> None:
    unread = (
        Problem(url=URL, what="a post's time is missing"),
        Problem(url=URL, what="a post's time is missing (post 2 like this)"),
    )
    for _ in range(3):
        tell.post(1, ROAD, problems=unread)
    [watch] = counted(tell).watches
    assert (watch.served, watch.stored, watch.owed) == (3, 1, 2)
    assert watch.last_error == "2 posts could not be read: a post's time is missing"


def test_a_watch_that_shows_nothing_does_not_add_up_until_it_is_paused(tell: Any) -> None:
    tell.post(1, ROAD)
    with tell.database.write() as connection:
        connection.execute(text("UPDATE watch SET refusal = 'not_found'"))
    assert not counted(tell).adds_up
    with tell.database.write() as connection:
        [watch] = watches.listed(connection)
        watches.pause(connection, watch.id)
    assert counted(tell).adds_up


def test_a_post_that_was_counted_but_is_not_there_shows(tell: Any) -> None:
    tell.post(1, ROAD)
    with tell.database.write() as connection:
        connection.execute(text("UPDATE page SET new = 3"))
    [watch] = counted(tell).watches
    assert (watch.served, watch.stored, watch.owed) == (3, 1, 2)


def test_a_post_that_is_gone_is_counted_and_stays(tell: Any) -> None:
    tell.post(1, ROAD)
    with tell.database.write() as connection:
        connection.execute(text("UPDATE post SET state = 'gone'"))
    [watch] = counted(tell).watches
    assert (watch.stored, watch.gone, watch.owed) == (1, 1, 0)


def test_posts_under_an_id_that_the_look_up_does_not_know_are_stored_and_not_owed(tell: Any) -> None:
    """Some servers' statuses carry another account id than their look-up."""
    for number in (1, 2, 3):
        tell.post(number, ROAD, platform="mastodon", handle="nadia@example.org", minutes=number)
    tell.post(4, ROAD, platform="mastodon", handle="omar@example.org")
    with tell.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO account (platform, native_id, handle, first_seen_at, last_seen_at)"
                " SELECT platform, 'looked-up', handle, first_seen_at, last_seen_at FROM account"
                " WHERE handle = 'nadia@example.org'"
            )
        )
        connection.execute(
            text(
                "UPDATE watch SET account_id = (SELECT id FROM account WHERE native_id = 'looked-up')"
                " WHERE handle = 'nadia@example.org'"
            )
        )
        connection.execute(text("UPDATE post SET state = 'gone' WHERE native_id = '2'"))
    first, second = counted(tell).watches
    assert (first.served, first.stored, first.revised, first.gone, first.owed) == (3, 3, 0, 1, 0)
    assert first.oldest is not None and first.newest is not None
    assert (first.oldest.minute, first.newest.minute) == (1, 3)
    assert (second.stored, second.owed) == (1, 0)


def test_a_missing_post_is_not_gone_yet(tell: Any) -> None:
    tell.post(1, ROAD)
    with tell.database.write() as connection:
        connection.execute(text("UPDATE post SET state = 'missing'"))
    [watch] = counted(tell).watches
    assert (watch.stored, watch.gone, watch.missing, watch.owed) == (1, 0, 1, 0)


def test_the_ids_missing_from_a_channel_are_told_apart(archive: Any, run: Run, capsysbinary: Any) -> None:
    for number in (3, 4, 6, 10, 30, 31):
        kind = "service" if number == 4 else "post"
        group = ("herat_roads/7", "herat_roads/8") if number == 6 else ()
        archive.post(f"herat_roads/{number}", ROAD, minutes=number, kind=kind, group_ids=group)
    mark = {"ids": ["herat_roads/10", "herat_roads/6"], "at": None}
    walk = {"next": "https://t.me/s/herat_roads?before=30", "top": {"ids": [], "at": None}, "at": None}
    cursor = {"v": 1, "done": mark, "walks": [{**walk, "full": False}]}
    with archive.database.write() as connection:
        connection.execute(text("UPDATE watch SET cursor = :told"), {"told": json.dumps(cursor)})
        connection.execute(text("UPDATE post SET state = 'gone' WHERE native_id = 'herat_roads/3'"))
    assert run("status", "--json") == 0
    [row] = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert row["ids"] == {
        "first": 3,
        "newest": 31,
        "album": 2,  # 7 and 8
        "service": 1,  # 4
        "deleted": 3,  # 3, which is gone, and 5 and 9, which were never shown
        "not_fetched": 19,  # 11 to 29
    }
    assert row["back_fill"]["complete"] is False
    run("status")
    assert "ids 3 to 31: 2 of albums, 1 service messages" in capsysbinary.readouterr().err.decode()


def test_a_platform_that_lists_only_the_newest_posts_says_so(
    archive: Any, run: Run, capsysbinary: Any
) -> None:
    archive.post(1, ROAD, platform="x", handle="herat")
    cursor = {"v": 1, "done": {"ids": ["1"], "at": None}, "walks": []}
    with archive.database.write() as connection:
        connection.execute(text("UPDATE watch SET cursor = :told"), {"told": json.dumps(cursor)})
        told = json.dumps({"posts": {"value": 51000, "granularity": 1}})
        connection.execute(text("UPDATE account SET metrics = :told"), {"told": told})
    run("status", "--json")
    [row] = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert row["back_fill"]["reach"] == 3200
    run("status")
    assert "lists only the newest 3200 posts" in capsysbinary.readouterr().err.decode()


def test_owed_translations_are_grouped_by_reason_with_the_remedy(tell: Any) -> None:
    for number in (1, 2):
        tell.post(number, f"{ROAD} {number}", "ps")
    owe(tell)
    found = counted(tell)
    [owed] = found.owed
    assert (owed.language, owed.texts, owed.reason) == ("ps", 2, "no package translates ps to en")
    assert owed.remedy == "archiver packages install ps"
    assert [(row.language, row.owed) for row in found.languages] == [("ps", 2)]
    assert found.watches[0].untranslated == 2
    assert not found.adds_up


def owe(tell: Any) -> None:
    with tell.database.write() as connection:
        revisions = connection.scalars(select(tables.revision.c.id)).all()
        why = ("en", "no package translates ps to en", "archiver packages install ps")
        translating.save_attempts(connection, [(revision, *why) for revision in revisions], tell.NOON)


# -- the commands -------------------------------------------------------------------------------------

STATUS = (
    "watch",
    "platform",
    "account",
    "served",
    "stored",
    "revised",
    "gone",
    "owed",
    "oldest",
    "newest",
    "last_ok",
    "last_error",
)


def test_status_prints_a_line_a_watch(archive: Any, run: Run, capsysbinary: Any) -> None:
    archive.post(1, ROAD, "ps")
    archive.post(2, ROAD, "ps", platform="mastodon", handle="nadia@example.org")
    assert run("status", "--json") == 0
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [row["watch"] for row in rows] == ["mastodon:nadia@example.org", "telegram:herat_roads"]
    assert tuple(rows[0])[: len(STATUS)] == STATUS
    assert (rows[1]["served"], rows[1]["oldest"]) == (1, "2026-03-21T12:00:00Z")


def test_status_ends_with_10_when_something_is_owed(archive: Any, run: Run, capsys: Any) -> None:
    archive.post(1, ROAD, "ps")
    assert run("status") == 0
    owe(archive)
    assert run("status") == 10
    out = capsys.readouterr().out
    assert "archiver packages install ps" in out and "no package translates ps to en" in out


def test_status_of_an_empty_archive_says_how_to_begin(archive: Any, run: Run, capsys: Any) -> None:
    assert run("status") == 0
    assert "archiver watch add URL" in capsys.readouterr().err


SEARCH = (
    "post",
    "url",
    "account",
    "platform",
    "published_at",
    "language",
    "original",
    "translation",
    "highlights",
)


def test_search_prints_an_object_a_hit(archive: Any, run: Run, capsysbinary: Any) -> None:
    archive.post(1, ROAD, "ps", [PAIR])
    assert run("search", "snow OR هرات", "--json", "--lang", "ps", "--until", "2026-03-21") == 0
    [row] = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert tuple(row)[: len(SEARCH)] == SEARCH
    assert (row["post"], row["original"], row["translation"]) == ("telegram:1", *PAIR)
    spans = row["highlights"]
    assert [ROAD[a:b] for a, b in spans["original"]] == ["هرات"]
    assert [PAIR[1][a:b] for a, b in spans["translation"]] == ["snow"]


def test_search_shows_original_and_translation_side_by_side(archive: Any, run: Run, capsys: Any) -> None:
    archive.post(1, "مخکې " * 200 + ROAD, "ps", [(ROAD, f"{PAIR[1]}\x1b[31m")], flags=("repetition",))
    archive.post(2, "واوره‌ واورې", "ps", minutes=1)
    assert run("search", "واورې") == 0
    shown = capsys.readouterr()
    assert "هرات" in shown.out, "a long post is cut around the hit"
    assert "(not translated)" in shown.out
    assert "[repetition]" in shown.out, "a doubtful translation is shown as such"
    assert "\x1b" not in shown.out, "a post has no say about the terminal"
    assert "2 posts found" in shown.err


def test_a_search_says_which_spellings_it_looked_for(archive: Any, run: Run, capsys: Any) -> None:
    archive.post(1, "لڑکی", "ur")
    assert run("search", "لڑکے") == 0
    assert "also: لڑکی" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("هیڅ",), "nothing found"),
        (("هرات", "--lang", "fr,de"), "no post is in 'fr, de'"),
        (("هرات", "--lang", "fr"), "no post is in 'fr'; there are posts in ps"),
        (("هرات", "--platform", "x"), "no post is from 'x'; there are posts from telegram"),
        (("هرات", "--account", "nobody"), "no account is called 'nobody'"),
    ],
)
def test_a_search_without_hits_says_why_and_is_no_error(
    archive: Any, run: Run, capsys: Any, words: tuple[str, ...], said: str
) -> None:
    archive.post(1, ROAD, "ps")
    assert run("search", *words) == 0
    shown = capsys.readouterr()
    assert said in shown.err and not shown.out


def test_a_query_that_cannot_be_read_is_wrong_usage(archive: Any, run: Run, capsys: Any) -> None:
    assert run("search", 'snow "road') == 2
    assert "character 6" in capsys.readouterr().err


def test_show_prints_all_of_a_post(archive: Any, run: Run, capsys: Any) -> None:
    archive.post(1, "لاره بنده ده.", "ps")
    archive.post(1, ROAD, "ps", [PAIR], flags=("repetition",))
    assert run("show", "https://example.org/1") == 0
    out = capsys.readouterr().out
    for said in ("Revision 1 of 2", "Revision 2 of 2 (current)", "لاره بنده ده.", *PAIR):
        assert said in out
    assert "captures/2026-03.warc.gz at 2000" in out
    assert "translate-xx_en 1.0" in out and "confidence 0.97" in out


def test_show_prints_the_object_that_jsonl_has(archive: Any, run: Run, capsysbinary: Any) -> None:
    archive.post(1, f"{ROAD}\x00\ud800", "ps", [PAIR])
    assert run("show", "telegram:1", "--json") == 0
    shown = json.loads(capsysbinary.readouterr().out)
    assert run("export", "jsonl", "-o", "-") == 0
    assert json.loads(capsysbinary.readouterr().out) == shown


def test_a_post_that_is_not_there_is_an_error(archive: Any, run: Run, capsys: Any) -> None:
    assert run("show", "telegram:404") == 1
    assert "no post 'telegram:404'" in capsys.readouterr().err


def test_a_search_beside_a_writer_that_takes_long_answers_from_the_index_as_it_is(
    archive: Any, run: Run, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.post(1, ROAD, "ps")
    assert run("search", "هرات") == 0
    archive.post(2, ROAD, "ps")

    def busy(*_: Any) -> int:
        raise ArchiveBusy("in use by another process")

    monkeypatch.setattr(store_search, "catch_up", busy)
    capsys.readouterr()
    assert run("search", "هرات") == 0
    shown = capsys.readouterr()
    assert "1 post found" in shown.err and "not found yet" in shown.err
    assert run("export", "ids", "--query", "هرات", "-o", "-") == 1, "a corpus is whole or not at all"
