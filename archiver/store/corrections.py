"""Keeping what people correct: by the segment that was shown to them, or by the sentence itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from archiver.store import corrected, tables, versions
from archiver.store.corrected import Correction
from archiver.store.dialects import in_batches
from archiver.store.memory_keys import folded_key, source_key
from archiver.store.types import original
from translations.languages import normalise, primary

LONGEST = 100_000
"""Characters of a correction: the longest post that any platform takes, and no book."""

_segment = tables.segment.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """A person's words for a segment of this archive, or for a sentence (`source`, `language`).

    Where both are told, the segment must hold that sentence; otherwise the row counts for the sentence alone,
    as one from another archive does. `target` is by default the shown translation's language, or English.
    """

    text: str
    segment_id: int | None = None
    source: str | None = None
    language: str | None = None
    target: str | None = None
    author: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of the rows: `unknown` and `refused` tell them by their place, from 0; `refused` says why.

    For the `overruled` a later row says otherwise. `revisions` got a new version at once: those whose
    segments were named.
    """

    new: int = 0
    unchanged: int = 0
    overruled: int = 0
    unknown: tuple[int, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    revisions: int = 0


def save_corrections(
    connection: Connection, rows: Sequence[CorrectionRow], at: datetime, *, confirm: bool = False
) -> Saved:
    """Keep corrections; the rest goes on where one is refused. A row that says what is shown changes nothing.

    With `confirm` such a row is kept as well: a person vouches for the machine's words. Of several rows for
    the same segment or sentence the last one counts. Rows that name no segment are shown after the next
    `archiver translate`.
    """
    refused = [(place, why) for place, row in enumerate(rows) if (why := fault(row))]
    bad = {place for place, _ in refused}
    told = {place: row for place, row in enumerate(rows) if place not in bad}
    placed, unknown = _placed(connection, told)
    last = {_what(row): place for place, row in placed.items()}
    kept = {place: placed[place] for place in sorted(last.values())}
    old = _before(connection, kept.values())
    fresh = [row for row in kept.values() if _is_new(row, old, confirm)]
    if fresh:
        connection.execute(insert(tables.correction), [_row(row, old, at) for row in fresh])
    touched = {row.revision_id for row in fresh if row.revision_id is not None}
    done = versions.bring_up(connection, touched, at) if touched else 0
    return Saved(
        new=len(fresh),
        unchanged=len(kept) - len(fresh),
        overruled=len(placed) - len(kept),
        unknown=tuple(unknown),
        refused=tuple(refused),
        revisions=done,
    )


def fault(row: CorrectionRow) -> str | None:
    """Why a row cannot be kept, in words that go into a line; None: nothing is wrong with it."""
    for name, text in (("translation", row.text), ("original", row.source or "x")):
        if not text.strip():
            return f"the {name} is empty"
        if len(text) > LONGEST:
            return f"the {name} has {len(text)} characters; there is room for {LONGEST}"
        if found := _NO_TEXT.search(text) if name == "translation" else None:
            return (
                f"the {name} holds U+{ord(found[0]):04X} at character {found.start() + 1}, which is no text"
            )
    for what, tag in (("from", row.language), ("to", row.target)):
        if tag is not None and not _TAG.fullmatch(tag):
            return f"'{tag[:20]}' is no language to translate {what}; write a tag such as ps or en"
    if row.language and primary(row.language) == primary(row.target or "en"):
        return f"{row.language} is not translated to {row.target or 'en'}"
    if row.segment_id is None and not (row.source and row.language):
        return "it names neither a segment nor a sentence with its language"
    return None


# -- the parts of it --------------------------------------------------------------------------------------

_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A row whose segment (if any) is known to be here. `shown` is what readers see of it."""

    row: CorrectionRow
    source: str
    language: str
    target: str
    segment_id: int | None = None
    revision_id: int | None = None
    shown: str | None = None


def _what(placed: _Placed) -> tuple[Any, ...]:
    """What a row is about; a later row about the same counts instead."""
    if placed.segment_id is not None:
        return placed.segment_id, placed.target
    return placed.source, primary(placed.language), primary(placed.target)


def _placed(connection: Connection, rows: dict[int, CorrectionRow]) -> tuple[dict[int, _Placed], list[int]]:
    """Rows by their place with what they are about, and the places of those that are about nothing here."""
    segments = _segments(connection, {row.segment_id for row in rows.values() if row.segment_id is not None})
    texts = versions.texts(connection, {segment.revision_id for segment in segments.values()})
    placed, unknown = {}, []
    for place, row in rows.items():
        segment = segments.get(row.segment_id) if row.segment_id is not None else None
        if segment is not None and (row.source is None or _alike(row.source, original(segment.source))):
            placed[place] = _on_segment(row, segment, texts[segment.revision_id])
        elif row.source and row.language:
            placed[place] = _Placed(
                row=row,
                source=row.source,
                language=normalise(row.language),
                target=normalise(row.target or "en"),
            )
        else:
            unknown.append(place)
    return placed, unknown


def _segments(connection: Connection, ids: Iterable[int]) -> dict[int | None, Any]:
    found: dict[int | None, Any] = {}
    for some in in_batches({id for id in ids if 0 < id < 2**63}):
        rows = select(_segment.id, _segment.revision_id, _segment.source).where(_segment.id.in_(some))
        found |= {row.id: row for row in connection.execute(rows)}
    return found


def _on_segment(row: CorrectionRow, segment: Any, text: versions.Text) -> _Placed:
    target = _target(row, text)
    shown = text.shown(target)
    language = shown.language if shown else text.language
    if language == "und" and row.language:
        language = normalise(row.language)
    return _Placed(
        row=row,
        source=original(segment.source),
        language=language,
        target=target,
        segment_id=segment.id,
        revision_id=segment.revision_id,
        shown=next((p.text for p in shown.parts if p.segment_id == segment.id), None) if shown else None,
    )


def _target(row: CorrectionRow, text: versions.Text) -> str:
    """The language of the translation that is corrected: a file may say en-US of what is here as en."""
    there = [version.target for version in reversed(text.versions)]
    if row.target is None:
        return there[0] if there else "en"
    alike = (target for target in there if primary(target) == primary(row.target or ""))
    return next(alike, normalise(row.target))


def _alike(one: str, other: str) -> bool:
    """Whether two texts are the same but for space and for what a file format cannot hold."""
    return one == other or _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return "".join(_NO_TEXT.sub("", text).split())


def _before(connection: Connection, rows: Iterable[_Placed]) -> dict[tuple[Any, ...], Correction]:
    """The correction that each row would supersede."""
    rows = list(rows)
    own = corrected.for_segments(connection, {row.revision_id for row in rows if row.revision_id is not None})
    found: dict[tuple[Any, ...], Correction] = {
        (correction.segment_id, correction.target): correction
        for corrections in own.values()
        for correction in corrections
    }
    memory = corrected.for_sources(
        connection, {(row.source, row.language, row.target) for row in rows if row.segment_id is None}
    )
    for (source, language, target), correction in memory.items():
        found[source, primary(language), primary(target)] = correction
    return found


def _is_new(row: _Placed, old: dict[tuple[Any, ...], Correction], confirm: bool) -> bool:
    before = old.get(_what(row))
    if before is not None and before.text == row.row.text and (row.shown in (None, row.row.text)):
        return False
    return confirm or row.shown != row.row.text


def _row(row: _Placed, old: dict[tuple[Any, ...], Correction], at: datetime) -> dict[str, Any]:
    before = old.get(_what(row))
    return {
        "segment_id": row.segment_id,
        "source": row.source,
        "source_key": source_key(row.source),
        "folded_key": folded_key(row.source, row.language),
        "language": row.language[:64],
        "target": row.target[:64],
        "text": row.row.text,
        "author": row.row.author,
        "note": row.row.note,
        "at": at,
        "supersedes_id": before.id if before else None,
    }
