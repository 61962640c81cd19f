"""The archive as the translator's memory: a segment that was translated before is not translated again."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from archiver.store import tables
from archiver.store.database import Database
from archiver.store.dialects import in_batches
from archiver.store.types import storable
from translations.memory import MemoryKey, Remembered


class ArchiveMemory:
    """`translations.memory.Memory` over an open archive; each question is one short read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, keys: Sequence[MemoryKey]) -> Mapping[MemoryKey, Remembered]:
        if not keys:
            return {}
        with self._database.read() as connection:
            return remembered(connection, keys)


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
        )
        .join_from(segment, part, part.c.segment_id == segment.c.id)
        .join(translation, translation.c.id == part.c.translation_id)
        .join(engine, engine.c.id == translation.c.engine_id)
        .order_by(part.c.id)
    )
    found: dict[MemoryKey, Remembered] = {}
    for batch in in_batches(wanted):
        for row in connection.execute(kept.where(segment.c.source_key.in_(batch))):
            stored = (row.source, row.language, row.target, row.package_sha256, row.options)
            for key in wanted[row.source_key]:
                if _stored(key) == stored:
                    found.setdefault(
                        key, Remembered(target=row.text, score=row.score, flags=tuple(row.flags))
                    )
    return found


def source_key(source: str) -> int:
    """63 bits of the SHA-256 of a segment's text: small enough to index, wide enough to find it by."""
    digest = hashlib.sha256(storable(source).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _stored(key: MemoryKey) -> tuple[str, str, str, str, str]:
    return storable(key.source), key.source_language, key.target_language, key.package, key.options
