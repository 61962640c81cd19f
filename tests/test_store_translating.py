"""What the store promises about languages, translations and what is owed, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from archiver.errors import NotFound, Usage
from archiver.posts import Account, Capture, Harvest, Post
from archiver.store import tables, translating, watches, writes
from archiver.store.database import Database
from archiver.store.memory import ArchiveMemory, remembered
from archiver.store.translating import SavedSegment, SavedTranslation
from translations.memory import MemoryKey, Remembered

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PACKAGE = "5e" * 32
ENGINE = {"target": "en", "engine": "argos", "package_sha256": PACKAGE, "options": "beam=2"}
TEXTS = ("لاره خلاصه ده. هوا ښه ده.", "", "سڑک کھلی ہے۔", "هوا ښه ده.")


def store(database: Database, *posts: Post, minute: int = 0) -> None:
    capture = Capture(
        url="u",
        fetched_at=NOON + minute * MINUTE,
        status=200,
        sha256="0" * 64,
        size=1,
        warc="a.warc",
        offset=minute,
        length=1,
    )
    harvest = Harvest(platform="feed", handle="f", capture=capture, cursor="", posts=posts, served=len(posts))
    with database.write() as connection:
        writes.store_harvest(connection, harvest)


def post(number: int, text: str, **facts: Any) -> Post:
    author = Account(platform="feed", native_id="f", handle="f")
    return Post(platform="feed", native_id=str(number), author=author, text=text, **facts)


@pytest.fixture
def archive(database: Database) -> Database:
    """Four posts, one empty; three are told to be Pashto or Urdu."""
    with database.write() as connection:
        watches.add(connection, platform="feed", handle="f", at=NOON)
    store(database, *(post(number, text, languages=("ps", "fa")) for number, text in enumerate(TEXTS, 1)))
    return database


def detect(archive: Database, *told: tuple[int, str, float, str]) -> int:
    with archive.write() as connection:
        return translating.save_detections(connection, told, NOON)


def owed(archive: Database, language: str = "ps", **how: Any) -> list[int]:
    with archive.read() as connection:
        told: dict[str, Any] = {**ENGINE, "language": language, "limit": 100, **how}
        return [row.revision_id for row in translating.untranslated(connection, **told)]


def translated(revision_id: int, *segments: tuple[int, int, str], **how: Any) -> SavedTranslation:
    text = TEXTS[revision_id - 1]
    told: dict[str, Any] = {
        **ENGINE,
        "package_name": "translate-ps_en",
        "package_version": "1.0",
        "revision_id": revision_id,
        "segments": tuple(
            SavedSegment(
                index=index, start=start, end=end, source=text[start:end], target=target, score=-0.25
            )
            for index, (start, end, target) in enumerate(segments)
        ),
    }
    return SavedTranslation(**{**told, **how})


FIRST = translated(1, (0, 14, "The road is open."), (15, 25, "The weather is good."))


def save(archive: Database, *rows: SavedTranslation) -> int:
    with archive.write() as connection:
        return translating.save_translations(connection, rows, NOON + 5 * MINUTE)


def rows(archive: Database, table: Any) -> list[Any]:
    with archive.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


# -- detections ------------------------------------------------------------------------------------


def test_what_is_undetected_is_found_page_by_page_with_the_platforms_hint(archive: Database) -> None:
    with archive.read() as connection:
        first = translating.undetected(connection, limit=3)
        rest = translating.undetected(connection, limit=3, after=first[-1].revision_id)
    assert [row.body for row in (*first, *rest)] == list(TEXTS)
    assert {row.hint for row in first} == {"ps"}


def test_a_detected_revision_is_not_asked_again_and_an_edit_is(archive: Database) -> None:
    detect(archive, *((number, "ps", 0.9, "m1") for number in (1, 2, 3, 4)))
    store(archive, post(1, "لاره بنده ده."), minute=1)
    with archive.read() as connection:
        assert [row.body for row in translating.undetected(connection, limit=9)] == ["لاره بنده ده."]


def test_an_equal_detection_changes_nothing_and_another_supersedes(archive: Database) -> None:
    assert detect(archive, (1, "ps", 0.9, "m1")) == 1
    assert detect(archive, (1, "ps", 0.9, "m1")) == 0
    assert detect(archive, (1, "ur", 0.8, "m2")) == 1
    kept = [(row.language, row.superseded_at) for row in rows(archive, tables.detection)]
    assert kept == [("ps", NOON), ("ur", None)]
    assert owed(archive, "ps") == [] and owed(archive, "ur") == [1]


# -- translations ----------------------------------------------------------------------------------


def test_owed_are_the_current_texts_of_a_language_that_this_engine_has_not_done(archive: Database) -> None:
    detect(archive, (1, "ps", 0.9, "m"), (2, "ps", 0.0, "m"), (3, "ur", 0.9, "m"), (4, "ps", 0.9, "m"))
    assert owed(archive) == [1, 4]  # an empty text is nothing to translate
    assert save(archive, FIRST) == 1
    assert owed(archive) == [4]
    assert owed(archive, options="beam=4") == [1, 4]
    assert owed(archive, package_sha256="00" * 32) == [1, 4]
    assert owed(archive, target="fr") == [1, 4]
    assert owed(archive, engine="other") == [1, 4]
    assert owed(archive, limit=1, options="beam=4") == [1]
    assert owed(archive, after=1, options="beam=4") == [4]


def test_where_there_is_no_package_owed_is_what_nothing_has_translated(archive: Database) -> None:
    detect(archive, (1, "ps", 0.9, "m"), (4, "ps", 0.9, "m"))
    save(archive, FIRST)
    assert owed(archive, engine=None, package_sha256=None) == [4]
    assert owed(archive, engine=None, package_sha256=None, target="fr") == [1, 4]


def test_shards_are_disjoint_and_together_everything(archive: Database) -> None:
    detect(archive, *((number, "ps", 0.9, "m") for number in (1, 3, 4)))
    parts = [owed(archive, shard=(part, 3)) for part in (1, 2, 3)]
    assert sorted(key for part in parts for key in part) == [1, 3, 4]
    for wrong in ((0, 3), (4, 3)):
        with pytest.raises(Usage, match="from 1 to 3"):
            owed(archive, shard=wrong)


def test_a_translation_is_kept_with_all_that_made_it(archive: Database) -> None:
    detect(archive, (1, "ps", 0.9, "m"))
    flagged = SavedSegment(
        index=0, start=0, end=14, source=TEXTS[0][:14], target="The road is open.", flags=("copied",)
    )
    save(archive, translated(1, segments=(flagged,), flags=("doubtful",)))
    [head] = rows(archive, tables.translation)
    assert (head.revision_id, head.language, head.target, head.flags) == (1, "ps", "en", ["doubtful"])
    [made_by] = rows(archive, tables.engine)
    assert (made_by.name, made_by.package_name, made_by.package_version) == (
        "argos",
        "translate-ps_en",
        "1.0",
    )
    assert (made_by.package_sha256, made_by.options) == (PACKAGE, "beam=2")
    [part] = rows(archive, tables.translated_segment)
    assert (part.text, part.score, part.flags) == ("The road is open.", None, ["copied"])
    [span] = rows(archive, tables.segment)
    assert (span.start, span.stop, span.source) == (0, 14, "لاره خلاصه ده.")


def test_translating_twice_changes_nothing(archive: Database) -> None:
    assert save(archive, FIRST, FIRST) == 1
    before = [
        rows(archive, table) for table in (tables.translation, tables.translated_segment, tables.segment)
    ]
    assert save(archive, FIRST) == 0
    after = [
        rows(archive, table) for table in (tables.translation, tables.translated_segment, tables.segment)
    ]
    assert after == before


def test_another_package_or_option_is_a_translation_beside_the_first_over_the_same_segments(
    archive: Database,
) -> None:
    other = translated(1, (0, 14, "Road open."), (15, 25, "Good weather."), options="beam=4")
    assert save(archive, FIRST, other) == 2
    assert len(rows(archive, tables.segment)) == 2
    assert [row.text for row in rows(archive, tables.translated_segment)] == [
        "The road is open.",
        "The weather is good.",
        "Road open.",
        "Good weather.",
    ]


def test_a_segment_that_is_not_of_its_text_is_refused(archive: Database) -> None:
    stray = SavedSegment(index=0, start=0, end=4, source="هوا", target="weather")
    with pytest.raises(ValueError, match="segment 0 of revision 1 is not a part of its text"):
        save(archive, translated(1, segments=(stray,)))
    with pytest.raises(NotFound, match="no revision 77"):
        save(archive, SavedTranslation(**{**_facts(FIRST), "revision_id": 77}))
    assert rows(archive, tables.translation) == []


def _facts(row: SavedTranslation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SavedTranslation.__slots__}


def test_a_translation_of_many_posts_is_saved_in_one_go(archive: Database) -> None:
    store(archive, *(post(number, f"پوسټ {number}") for number in range(10, 1300)), minute=1)
    with archive.read() as connection:
        todo = translating.undetected(connection, limit=5000, after=4)
    assert detect(archive, *((row.revision_id, "ps", 1.0, "m") for row in todo)) == 1290
    whole = [
        SavedTranslation(**{**_facts(FIRST), "revision_id": row.revision_id, "segments": ()}) for row in todo
    ]
    assert save(archive, *whole) == 1290
    assert owed(archive) == []


# -- attempts --------------------------------------------------------------------------------------


def attempt(archive: Database, minute: int, *told: tuple[int, str, str, str | None]) -> None:
    with archive.write() as connection:
        translating.save_attempts(connection, told, NOON + minute * MINUTE)


def test_what_could_not_be_translated_is_counted_and_says_what_would_help(archive: Database) -> None:
    remedy = "archiver packages install ps"
    for minute in (0, 1, 2):
        attempt(archive, minute, (1, "en", "no package for ps", remedy), (3, "en", "x\x00" * 400, None))
    first, second = rows(archive, tables.attempt)
    assert (first.reason, first.remedy, first.tries) == ("no package for ps", remedy, 3)
    assert (first.first_at, first.last_at, first.closed_at) == (NOON, NOON + 2 * MINUTE, None)
    assert len(second.reason) == 255


def test_a_new_reason_closes_the_old_one_and_a_translation_closes_all(archive: Database) -> None:
    attempt(archive, 0, (1, "en", "no package", "install"), (3, "en", "no package", "install"))
    attempt(archive, 1, (1, "en", "too long", None))
    still_open = [(r.revision_id, r.reason) for r in rows(archive, tables.attempt) if not r.closed_at]
    assert still_open == [(3, "no package"), (1, "too long")]
    save(archive, FIRST)
    assert {
        r.revision_id: r.closed_at for r in rows(archive, tables.attempt) if r.reason == "no package"
    } == {
        1: NOON + MINUTE,
        3: None,
    }
    attempt(archive, 2, (1, "en", "no package", "install"))
    assert [(r.revision_id, r.tries) for r in rows(archive, tables.attempt) if not r.closed_at] == [
        (1, 2),
        (3, 1),
    ]


# -- memory ----------------------------------------------------------------------------------------


def test_the_archive_remembers_segments_by_text_languages_package_and_options(archive: Database) -> None:
    detect(archive, (1, "ps", 0.9, "m"))
    save(archive, FIRST)

    def key(**other: str) -> MemoryKey:
        told = {
            "source": "هوا ښه ده.",
            "source_language": "ps",
            "target_language": "en",
            "package": PACKAGE,
            "options": "beam=2",
        }
        return MemoryKey(**{**told, **other})

    strangers = [
        key(source="هوا ښه ده"),
        key(source_language="fa"),
        key(target_language="fr"),
        key(package="00" * 32),
        key(options="beam=4"),
    ]
    known = Remembered(target="The weather is good.", score=-0.25)
    with archive.read() as connection:
        assert remembered(connection, [key(), *strangers]) == {key(): known}
    assert ArchiveMemory(archive).get([key()]) == {key(): known}
    assert ArchiveMemory(archive).get([]) == {}
