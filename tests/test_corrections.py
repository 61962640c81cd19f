"""What a person corrects is kept, shown first, and remembered for the same sentence everywhere."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from archiver.store import corrections, queries, tables, translating, versions
from archiver.store.corrections import CorrectionRow, Saved, save_corrections
from archiver.store.memory import ArchiveMemory
from archiver.store.records import PostRecord, RevisionRecord
from archiver.store.translating import SavedSegment, SavedTranslation
from translations.memory import MemoryKey

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
ROAD, WEATHER = "سڑک کھلی ہے۔", "موسم اچھا ہے۔"
MACHINE = [(ROAD, "The street is open."), (WEATHER, "The season is fine.")]


def correct(tell: Any, *rows: CorrectionRow, confirm: bool = False) -> Saved:
    with tell.database.write() as connection:
        return save_corrections(connection, rows, NOON, confirm=confirm)


def record(tell: Any, number: int | str) -> PostRecord:
    with tell.database.read() as connection:
        return queries.show(connection, f"telegram:{number}")


def revision(tell: Any, number: int | str) -> RevisionRecord:
    found = record(tell, number).revision
    assert found is not None
    return found


def segment(tell: Any, number: int | str, index: int) -> int:
    shown = revision(tell, number).translation
    assert shown is not None
    return shown.segments[index].id


def shown(tell: Any, number: int | str) -> str:
    found = revision(tell, number).translation
    assert found is not None
    return found.text


def bring_up_all(tell: Any, target: str = "en") -> int:
    with tell.database.write() as connection:
        return versions.bring_up(connection, versions.pending(connection, target, limit=1000), NOON)


def ask(tell: Any, source: str, language: str = "ur") -> Any:
    key = MemoryKey(
        source=source, source_language=language, target_language="en", package="0" * 64, options=""
    )
    return ArchiveMemory(tell.database).get([key]).get(key)


@pytest.fixture
def two(tell: Any) -> Any:
    """Two posts that share a sentence."""
    tell.post(1, f"{ROAD} {WEATHER}", "ur", MACHINE, flags=("demo_package",))
    tell.post(2, f"{ROAD}\nشکریہ", "ur", [MACHINE[0], ("شکریہ", "Thanks")])
    return tell


def test_a_correction_is_a_new_version_and_shown_at_once(two: Any) -> None:
    done = correct(
        two, CorrectionRow(segment_id=segment(two, 1, 0), text="The road is open.", author="Zarmina")
    )
    assert done == Saved(new=1, revisions=1)
    machine, person = revision(two, 1).translations
    assert machine.text == "The street is open. The season is fine."
    assert person.text == "The road is open. The season is fine."
    assert (person.engine, person.package) == ("person", "Zarmina")
    assert person.options.startswith("on argos translate-xx_en 1.0")
    assert [part.flags for part in person.segments] == [("corrected",), ()]
    assert person.flags == ("demo_package", "corrected") or set(person.flags) == {"demo_package", "corrected"}


def test_the_same_sentence_elsewhere_follows_when_translations_are_brought_up(two: Any) -> None:
    correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text="The road is open."))
    assert shown(two, 2) == "The street is open.\nThanks"
    assert bring_up_all(two) == 1
    assert shown(two, 2) == "The road is open.\nThanks"
    assert bring_up_all(two) == 0  # and once is enough
    assert len(revision(two, 2).translations) == 2


def test_a_better_correction_supersedes_and_both_stay(two: Any) -> None:
    for text in ("The road is opened.", "The road is open.", "The road is opened."):
        correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text=text))
        assert shown(two, 1).startswith(text)
        bring_up_all(two)
        assert shown(two, 2).startswith(text)
    assert len(revision(two, 1).translations) == 4
    with two.database.read() as connection:
        told = connection.execute(
            select(tables.correction.c.id, tables.correction.c.supersedes_id).order_by(tables.correction.c.id)
        ).all()
    assert [row.supersedes_id for row in told] == [None, told[0].id, told[1].id]


def test_a_correction_in_its_own_post_goes_before_one_from_elsewhere(two: Any) -> None:
    correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text="The road is open."))
    correct(two, CorrectionRow(segment_id=segment(two, 2, 0), text="The highway is open."))
    bring_up_all(two)
    assert shown(two, 1).startswith("The road is open.")
    assert shown(two, 2).startswith("The highway is open.")
    assert ask(two, ROAD).target == "The highway is open."  # elsewhere the newest counts


def test_saying_what_is_shown_changes_nothing_unless_it_is_vouched_for(two: Any) -> None:
    row = CorrectionRow(segment_id=segment(two, 1, 0), text="The street is open.")
    assert correct(two, row) == Saved(unchanged=1)
    assert correct(two, row, confirm=True) == Saved(new=1, revisions=1)
    assert correct(two, row) == Saved(unchanged=1)
    assert revision(two, 1).translations[-1].segments[0].flags == ("corrected",)


def test_the_whole_of_a_post_can_be_corrected(two: Any) -> None:
    body = revision(two, 1).body
    with two.database.write() as connection:
        id = connection.scalar(
            select(tables.post.c.current_revision_id).where(tables.post.c.native_id == "1")
        )
        whole = translating.segment_ids(connection, {(id, 0, len(body)): body})[id, 0, len(body)]
    correct(two, CorrectionRow(segment_id=whole, text="The road is open and the weather is fine."))
    assert shown(two, 1) == "The road is open and the weather is fine."
    # A machine's newer translation does not push it aside.
    with two.database.write() as connection:
        translating.save_translations(connection, [_newer(id, body)], NOON)
        versions.bring_up(connection, [id], NOON)
    assert shown(two, 1) == "The road is open and the weather is fine."
    assert [t.engine for t in revision(two, 1).translations] == ["argos", "person", "argos", "person"]


def _newer(revision_id: int, body: str) -> SavedTranslation:
    spans = [(body.index(source), source, target) for source, target in MACHINE]
    return SavedTranslation(
        revision_id=revision_id,
        target="en",
        engine="argos",
        package_name="translate-ur_en",
        package_version="2.0",
        package_sha256="9" * 64,
        options="beam=2",
        segments=tuple(
            SavedSegment(index=n, start=at, end=at + len(source), source=source, target=f"New: {target}")
            for n, (at, source, target) in enumerate(spans)
        ),
    )


def test_a_newer_package_does_not_push_corrected_sentences_aside(two: Any) -> None:
    correct(two, CorrectionRow(segment_id=segment(two, 1, 1), text="The weather is fine."))
    with two.database.write() as connection:
        id = connection.scalar(
            select(tables.post.c.current_revision_id).where(tables.post.c.native_id == "1")
        )
        translating.save_translations(connection, [_newer(id, revision(two, 1).body)], NOON)
        versions.bring_up(connection, [id], NOON)
    assert shown(two, 1) == "New: The street is open. The weather is fine."


def test_a_text_that_no_machine_translated_can_be_corrected(tell: Any) -> None:
    tell.post(1, "لاره خلاصه ده. هوا ښه ده.", "ps")
    with tell.database.write() as connection:
        id = connection.scalar(select(tables.post.c.current_revision_id))
        translating.save_attempts(connection, [(id, "en", "no package", None)], NOON)
        first = translating.segment_ids(connection, {(id, 0, 14): "لاره خلاصه ده."})[id, 0, 14]
        second = translating.segment_ids(connection, {(id, 15, 25): "هوا ښه ده."})[id, 15, 25]
    correct(tell, CorrectionRow(segment_id=first, text="The road is open."))
    half = revision(tell, 1)
    assert half.translation is not None
    assert set(half.translation.flags) == {"corrected", "partial"}
    assert half.owed, "half a translation settles nothing"
    correct(tell, CorrectionRow(segment_id=second, text="The weather is fine."))
    done = revision(tell, 1)
    assert done.translation is not None
    assert done.translation.text == "The road is open. The weather is fine."
    assert done.translation.flags == ("corrected",)
    assert not done.owed


def test_the_memory_prefers_a_person_and_marks_another_spelling(two: Any) -> None:
    correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text="The road is open."))
    exact = ask(two, ROAD)
    assert (exact.target, exact.origin, exact.flags) == ("The road is open.", "person", ("corrected",))
    other_kaf = ROAD.replace("ک", "ك")
    assert other_kaf != ROAD
    assert ask(two, other_kaf).flags == ("corrected", "memory_folded")
    assert ask(two, ROAD, "ps") is None
    assert ask(two, "سڑک بند ہے۔") is None


def test_another_link_is_another_sentence(tell: Any) -> None:
    tell.post(
        1, "سڑک https://example.org/A", "ur", [("سڑک https://example.org/A", "Street https://example.org/A")]
    )
    correct(tell, CorrectionRow(segment_id=segment(tell, 1, 0), text="Road https://example.org/A"))
    assert ask(tell, "سڑك https://example.org/A").target == "Road https://example.org/A"
    assert ask(tell, "سڑك https://example.org/a") is None


def test_a_sentence_from_a_memory_is_remembered_and_shown_where_it_was_translated(two: Any) -> None:
    row = CorrectionRow(source=ROAD, language="UR_pk", target="en-US", text="The road is open.", author="TM")
    assert correct(two, row) == Saved(new=1)
    assert correct(two, row) == Saved(unchanged=1)
    assert ask(two, ROAD).target == "The road is open."
    assert bring_up_all(two) == 2
    assert shown(two, 2) == "The road is open.\nThanks"


def test_the_last_of_contradictory_rows_counts(two: Any) -> None:
    rows = [CorrectionRow(source=ROAD, language="ur", text=text) for text in ("One.", "Two.", "Three.")]
    assert correct(two, *rows) == Saved(new=1, overruled=2)
    assert ask(two, ROAD).target == "Three."


def test_a_segment_of_another_archive_counts_for_its_sentence_only(two: Any) -> None:
    wrong = segment(two, 1, 1)
    done = correct(two, CorrectionRow(segment_id=wrong, source=ROAD, language="ur", text="The road is open."))
    assert done == Saved(new=1)
    assert shown(two, 1) == "The street is open. The season is fine."
    assert correct(two, CorrectionRow(segment_id=9_999_999, text="x")) == Saved(unknown=(0,))
    assert correct(two, CorrectionRow(segment_id=2**70, text="x")) == Saved(unknown=(0,))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("a\x00b", r"U\+0000 at character 2"),
        ("a\ud800", r"U\+D800"),
        ("x" * 100_001, "100001 characters"),
    ],
)
def test_what_is_no_text_is_refused_and_the_rest_goes_on(two: Any, text: str, why: str) -> None:
    good = CorrectionRow(segment_id=segment(two, 1, 1), text="The weather is fine.")
    done = correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text=text), good)
    assert (done.new, [place for place, _ in done.refused]) == (1, [0])
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(done.refused[0][1])


def test_long_texts_and_direction_marks_are_kept_exactly(two: Any) -> None:
    for text in ("x" * 100_000, "\u202bsome\u202c text\u200f", "a\tb\nc", "🏔️ میدان"):
        correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text=text))
        found = revision(two, 1).translation
        assert found is not None
        assert found.segments[0].target == text


def test_a_source_that_a_database_cannot_hold_is_found_again(tell: Any) -> None:
    source = "سڑک\x00 کھلی\ud800 ہے"
    tell.post(1, source, "ur", [(source, "Street")])
    correct(tell, CorrectionRow(segment_id=segment(tell, 1, 0), text="Road"))
    assert shown(tell, 1) == "Road"
    assert ask(tell, source).target == "Road"


def test_a_failing_row_leaves_nothing_half_written(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(corrections.versions, "bring_up", broken)
    with pytest.raises(RuntimeError):
        correct(two, CorrectionRow(segment_id=segment(two, 1, 0), text="The road is open."))
    with two.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.correction)) == 0
