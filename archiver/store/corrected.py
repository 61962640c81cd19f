"""The corrections there are: asked by sentence and pair of languages, or by the segment they were made on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.memory_keys import folded_key, source_key, spelled_alike
from archiver.store.types import original, storable
from translations.languages import primary
from translations.protect import items

_correction, _segment = tables.correction.c, tables.segment.c
Pair = tuple[str, str, str]
"""Source text, the language it is in, the language it is translated to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says that a sentence means. `segment_id` None: it came from a translation memory."""

    id: int
    segment_id: int | None
    source: str
    language: str
    target: str
    text: str
    author: str | None
    note: str | None
    at: datetime
    supersedes_id: int | None


def for_sources(connection: Connection, pairs: Iterable[Pair]) -> dict[Pair, Correction]:
    """The newest correction of each sentence, wherever it was made: the very same text and languages."""
    return _found(connection, pairs, _correction.source_key, lambda source, _: source_key(source), _same)


def for_folded(connection: Connection, pairs: Iterable[Pair]) -> dict[Pair, Correction]:
    """The newest correction of a sentence that differs in spelling only, in no link, handle or hashtag."""
    return _found(connection, pairs, _correction.folded_key, folded_key, _same_folded)


def for_segments(connection: Connection, revision_ids: Iterable[int]) -> dict[int, list[Correction]]:
    """Per revision the corrections made on it, the newest of each segment and target, by id."""
    rows = _newest(_correction.segment_id, _correction.target).join(
        tables.segment, _segment.id == _correction.segment_id
    )
    found: dict[int, list[Correction]] = {}
    for ids in in_batches(set(revision_ids)):
        here = rows.add_columns(_segment.revision_id).where(_segment.revision_id.in_(ids))
        for row in connection.execute(here):
            found.setdefault(row.revision_id, []).append(correction_of(row))
    return found


def page(connection: Connection, *, after: int, limit: int) -> list[Correction]:
    """The corrections that no later one supersedes, in the order of making, from behind the id `after`."""
    later = tables.correction.alias("later")
    current = ~select(later.c.id).where(later.c.supersedes_id == _correction.id).exists()
    query = select(tables.correction).where(_correction.id > after, current)
    return [correction_of(row) for row in connection.execute(query.order_by(_correction.id).limit(limit))]


def correction_of(row: Any) -> Correction:
    return Correction(
        id=row.id,
        segment_id=row.segment_id,
        source=original(row.source),
        language=row.language,
        target=row.target,
        text=original(row.text),
        author=row.author and original(row.author),
        note=row.note and original(row.note),
        at=row.at,
        supersedes_id=row.supersedes_id,
    )


# -- the parts of it --------------------------------------------------------------------------------------


def _newest(*same: Any) -> Select[Any]:
    """Corrections without those that a later one with the same columns replaces."""
    later = tables.correction.alias("later")
    replaced = select(later.c.id).where(
        later.c.id > _correction.id, *(later.c[column.key] == column for column in same)
    )
    return select(tables.correction).where(~replaced.exists()).order_by(_correction.id)


def _found(
    connection: Connection,
    pairs: Iterable[Pair],
    column: Any,
    key_of: Callable[[str, str], int],
    same: Callable[[Pair, Correction], bool],
) -> dict[Pair, Correction]:
    wanted: dict[int, list[Pair]] = {}
    for pair in pairs:
        wanted.setdefault(key_of(pair[0], primary(pair[1])), []).append(pair)
    found: dict[Pair, Correction] = {}
    for keys in in_batches(wanted):
        # A sentence has few corrections: the newest is found here, where languages are understood.
        rows = select(tables.correction, column.label("key")).where(column.in_(keys))
        for row in connection.execute(rows.order_by(_correction.id)):
            correction = correction_of(row)
            for pair in wanted[row.key]:
                if _languages(pair, correction) and same(pair, correction):
                    found[pair] = correction
    return found


def _languages(pair: Pair, correction: Correction) -> bool:
    """Regions aside: a person's `fa` is as good for `fa-AF`."""
    return primary(pair[1]) == primary(correction.language) and primary(pair[2]) == primary(correction.target)


def _same(pair: Pair, correction: Correction) -> bool:
    return storable(pair[0]) == storable(correction.source)


def _same_folded(pair: Pair, correction: Correction) -> bool:
    source, language, _ = pair
    return (
        spelled_alike(source, language) == spelled_alike(correction.source, language)
        # Folding ignores case, which makes another link.
        and [item.text for item in items(source)] == [item.text for item in items(correction.source)]
    )


def first_choice(connection: Connection, pairs: Iterable[Pair]) -> Mapping[Pair, tuple[Correction, bool]]:
    """What the memory offers first: the same text, else the same but for its spelling (then True)."""
    asked = list(dict.fromkeys(pairs))
    exact = for_sources(connection, asked)
    folded = for_folded(connection, [pair for pair in asked if pair not in exact])
    return {pair: (found, False) for pair, found in exact.items()} | {
        pair: (found, True) for pair, found in folded.items()
    }
