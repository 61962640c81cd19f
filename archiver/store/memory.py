"""The archive as the translator's memory: a segment that was translated before is not translated again.

A person's translation is the first choice, from whatever post or file it came.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from archiver.store import corrected, tables
from archiver.store.database import Database
from archiver.store.dialects import in_batches
from archiver.store.memory_keys import source_key
from archiver.store.types import storable
from translations.glossary import digest_of
from translations.memory import MemoryKey, Remembered


class ArchiveMemory:
    """`translations.memory.Memory` over an open archive; each question is one short read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, keys: Sequence[MemoryKey]) -> Mapping[MemoryKey, Remembered]:
        if not keys:
            return {}
        with self._database.read() as connection:
            said = by_people(connection, keys)
            return said | remembered(connection, [key for key in keys if key not in said])


def by_people(connection: Connection, keys: Iterable[MemoryKey]) -> dict[MemoryKey, Remembered]:
    """Those of `keys` that somebody corrected: the same text, or (flagged) the same but for its spelling."""
    pairs = {key: (key.source, key.source_language, key.target_language) for key in keys}
    chosen = corrected.first_choice(connection, pairs.values())
    return {
        key: Remembered(
            target=chosen[pair][0].text,
            flags=("corrected", "memory_folded") if chosen[pair][1] else ("corrected",),
            origin="person",
            correction=chosen[pair][0].id,
        )
        for key, pair in pairs.items()
        if pair in chosen
    }


def remembered(connection: Connection, keys: Iterable[MemoryKey]) -> dict[MemoryKey, Remembered]:
    """Those of `keys` that are stored: the same source text, languages, package and options."""
    wanted: dict[int, list[MemoryKey]] = {}
    for key in keys:
        wanted.setdefault(source_key(key.source), []).append(key)
    segment, part = tables.segment, tables.translated_segment
    translation, engine = tables.translation, tables.engine
    kept = (
        select(
            segment.c.source,
            segment.c.source_key,
            translation.c.language,
            engine.c.target,
            engine.c.package_sha256,
            engine.c.options,
            part.c.text,
            part.c.score,
            part.c.flags,
            part.c.glossary,
        )
        .join_from(segment, part, part.c.segment_id == segment.c.id)
        .join(translation, translation.c.id == part.c.translation_id)
        .join(engine, engine.c.id == translation.c.engine_id)
        .where(part.c.correction_id.is_(None))
        .order_by(part.c.id)
    )
    found: dict[MemoryKey, Remembered] = {}
    for batch in in_batches(wanted):
        for row in connection.execute(kept.where(segment.c.source_key.in_(batch))):
            stored = (row.source, row.language, row.target, row.package_sha256, _options(row))
            for key in wanted[row.source_key]:
                if _stored(key) == stored:
                    found.setdefault(
                        key,
                        Remembered(
                            target=row.text,
                            score=row.score,
                            flags=tuple(row.flags),
                            glossary=tuple((u["term"], u["translation"]) for u in row.glossary or ()),
                        ),
                    )
    return found


def _options(row: Any) -> str:
    """Those that made this segment: the terms of its text's other segments are none of its own."""
    options = str(row.options).partition(" glossary=")[0].partition(" again=")[0]
    terms = digest_of([(u["term"], u["translation"]) for u in row.glossary or ()], row.language)
    return f"{options} glossary={terms}" if terms else options


def _stored(key: MemoryKey) -> tuple[str, str, str, str, str]:
    return storable(key.source), key.source_language, key.target_language, key.package, key.options
