"""Take corrected files back: what a person changed in a pair of ours becomes a correction of its segment."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, select

from archiver.config import Config
from archiver.exports._reading import Read, is_pairs, read
from archiver.store import tables, versions
from archiver.store.corrections import CorrectionRow, save_corrections
from archiver.store.database import Database
from archiver.store.dialects import in_batches
from archiver.store.types import original

_BATCH = 500  # pairs in one transaction: crawls and translations store between two


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file's pairs. `unknown` name no segment of this archive, `refused` say why."""

    new: int = 0
    unchanged: int = 0
    unknown: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def is_corrected(path: Path) -> bool:
    """Whether a file is one that comes back, by its content: TMX, XLIFF 2, or a TSV of ours."""
    return is_pairs(path)


def take(config: Config, path: Path, *, author: str | None = None) -> Taken:
    """Keep what differs from what is shown; what a person left as it was stays a machine's.

    A pair counts for its segment only if that still holds the very sentence. Pairs that name no
    segment here are for `archiver memory import`. The whole file is read before anything is stored, so that
    one that breaks off changes nothing. Raises Usage.
    """
    for _ in read(path):
        pass
    at = datetime.now(UTC)
    database = Database.open(config.database_url)
    taken = Taken()
    try:
        for batch in _batches(read(path)):
            with database.write() as connection:
                taken = _sum(taken, _take(connection, batch, author, at))
        return taken
    finally:
        database.close()


def _take(connection: Connection, batch: Sequence[Read], author: str | None, at: datetime) -> Taken:
    there = _shown(connection, {pair.segment_id for pair in batch if pair.segment_id is not None})
    wanted: list[tuple[Read, CorrectionRow]] = []
    unknown: list[str] = []
    unchanged = 0
    for pair in batch:
        segment = there.get(pair.segment_id) if pair.segment_id is not None else None
        if segment is not None and _alike(segment.source, pair.source):
            if _kept(segment.texts.get(_primary(pair.target), "")) == _kept(pair.text):
                unchanged += 1
            else:
                wanted.append((pair, _row(pair, author)))
        else:
            unknown.append(pair.name)
    saved = save_corrections(connection, [row for _, row in wanted], at)
    return Taken(
        new=saved.new,
        unchanged=unchanged + saved.unchanged + saved.overruled,
        unknown=(*unknown, *(wanted[place][0].name for place in saved.unknown)),
        refused=tuple(f"{wanted[place][0].name}: {why}" for place, why in saved.refused),
    )


def _row(pair: Read, author: str | None) -> CorrectionRow:
    return CorrectionRow(
        text=_kept(pair.text),
        segment_id=pair.segment_id,  # that its sentence is the same has been checked
        language=pair.language or None,
        target=pair.target or None,
        author=author or pair.author,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A segment here, and what readers see of it, by language."""

    source: str
    texts: dict[str, str]


def _shown(connection: Connection, ids: Iterable[int]) -> dict[int, _Segment]:
    segment = tables.segment.c
    rows = [
        row
        for some in in_batches(set(ids))
        for row in connection.execute(
            select(segment.id, segment.revision_id, segment.source).where(segment.id.in_(some))
        )
    ]
    texts: dict[int, dict[str, str]] = {}
    for text in versions.texts(connection, {row.revision_id for row in rows}).values():
        for version in text.versions:  # oldest first: the newest is what is shown
            for part in version.parts:
                if part.segment_id is not None and part.text is not None:
                    texts.setdefault(part.segment_id, {})[_primary(version.target)] = part.text
    return {row.id: _Segment(source=original(row.source), texts=texts.get(row.id, {})) for row in rows}


# What some format cannot hold, and what no correction may.
_NOT_HELD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _kept(text: str) -> str:
    """A text as every format gives it back."""
    return _NOT_HELD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _alike(one: str, other: str) -> bool:
    """The same but for white space, which tools like to tidy, and for what a format cannot hold."""
    return "".join(_kept(one).split()) == "".join(_kept(other).split())


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()


def _batches(pairs: Iterator[Read]) -> Iterator[list[Read]]:
    while batch := list(islice(pairs, _BATCH)):
        yield batch


def _sum(one: Taken, other: Taken) -> Taken:
    return Taken(
        new=one.new + other.new,
        unchanged=one.unchanged + other.unchanged,
        unknown=one.unknown + other.unknown,
        refused=one.refused + other.refused,
    )
