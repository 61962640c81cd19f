"""What still needs a translation, and keeping it once it is there (for languages see `detections`).

"Owed" is always a query: stopping at any moment loses nothing and repeats nothing. Only what a post says now
is worked on; older revisions keep what they have.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select

from archiver.errors import NotFound, Usage
from archiver.store import tables
from archiver.store.attempts import close_attempts, save_attempts
from archiver.store.detections import Undetected, current, page, save_detections, undetected
from archiver.store.dialects import in_batches
from archiver.store.memory_keys import source_key
from archiver.store.types import storable

_post, _revision, _detection = tables.post, tables.revision, tables.detection
_engine, _translation, _segment = tables.engine, tables.translation, tables.segment
Span = tuple[int, int, int]
"""Of a revision: its id, start and end."""


__all__ = [
    "SavedSegment",
    "SavedTranslation",
    "Undetected",
    "Untranslated",
    "engine_id",
    "made_with",
    "save_attempts",
    "save_detections",
    "save_translations",
    "segment_ids",
    "undetected",
    "untranslated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Untranslated:
    """A text in `language`, which `confidence` tells how sure the detection was of."""

    revision_id: int
    body: str
    language: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSegment:
    """`source == body[start:end]` of its revision, in code points. `score` None: no model was asked."""

    index: int
    start: int
    end: int
    source: str
    target: str
    score: float | None = None
    flags: tuple[str, ...] = ()
    correction_id: int | None = None
    """Whose words these are; None: a machine's."""
    glossary: Sequence[Mapping[str, str]] | None = None
    """The terms that were kept: [{"term": ..., "translation": ...}]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTranslation:
    """A whole revision in another language. Its identity is revision, target, engine, package and options.

    `target` is the language it is in; `language` the one it was translated from, by default the detected one.
    """

    revision_id: int
    target: str
    engine: str
    package_name: str
    package_version: str
    package_sha256: str
    options: str
    flags: tuple[str, ...] = ()
    segments: tuple[SavedSegment, ...] = ()
    language: str | None = None
    readings: Mapping[str, str] | None = None
    """What the hashtags of the text say."""


def untranslated(
    connection: Connection,
    *,
    language: str,
    target: str,
    engine: str | None,
    package_sha256: str | None,
    options: str,
    limit: int,
    after: int = 0,
    shard: tuple[int, int] | None = None,
) -> list[Untranslated]:
    """Current revisions in `language` that this engine, package and options have not translated yet, by id.

    Where there is no package (`engine` and `package_sha256` are None): those that nothing has translated.
    `shard` is (i, n), the i-th of n parts from 1; the parts are disjoint and together everything.
    """
    detected = and_(
        _detection.c.revision_id == _revision.c.id,
        _detection.c.superseded_at.is_(None),
        _detection.c.language == language,
    )
    sure = select(_detection.c.confidence).where(detected).limit(1).scalar_subquery().label("confidence")
    wanted = current(_revision.c.id, _revision.c.body, sure).where(
        exists().where(detected), _revision.c.body != ""
    )
    same = _translation.c.revision_id == _revision.c.id
    if engine is None or package_sha256 is None:
        wanted = wanted.where(~exists().where(same, _translation.c.target == target))
    else:
        made = made_with(engine, package_sha256, options, target)
        if connection.scalar(select(_engine.c.id).where(made).limit(1)) is not None:
            wanted = wanted.where(~exists().where(same, _translation.c.engine_id == _engine.c.id, made))
    if shard is not None:
        part, parts = shard
        if not 1 <= part <= parts:
            raise Usage(f"no shard {part}/{parts}: shards of {parts} go from 1 to {parts}")
        wanted = wanted.where(_revision.c.id % parts == part - 1)
    rows = connection.execute(page(wanted, limit, after))
    return [
        Untranslated(revision_id=row.id, body=row.body, language=language, confidence=row.confidence)
        for row in rows
    ]


def translated(
    connection: Connection,
    *,
    language: str,
    target: str,
    engine: str,
    package_sha256: str,
    options: str,
    limit: int,
    after: int = 0,
    shard: tuple[int, int] | None = None,
    with_terms: bool = False,
) -> list[tuple[Untranslated, str]]:
    """Current revisions that this package has translated, by id, each with the options of the newest of these
    translations: `options`, and a digest of the glossary's terms where there were some in the text.

    `with_terms`: only those where there were some.
    """
    newer, maker = _translation.alias("newer"), _engine.alias("maker")
    replaced = exists().where(
        newer.c.revision_id == _translation.c.revision_id,
        newer.c.id > _translation.c.id,
        newer.c.engine_id == maker.c.id,
        made_with(engine, package_sha256, options, target, maker),
    )
    spoken = and_(_detection.c.revision_id == _revision.c.id, _detection.c.superseded_at.is_(None))
    sure = select(_detection.c.confidence).where(spoken).limit(1).scalar_subquery().label("confidence")
    wanted = (
        current(_revision.c.id, _revision.c.body, _engine.c.options, sure)
        .join(_translation, _translation.c.revision_id == _revision.c.id)
        .join(_engine, _engine.c.id == _translation.c.engine_id)
        .where(
            made_with(engine, package_sha256, options, target),
            _translation.c.language == language,
            ~replaced,
        )
    )
    if with_terms:
        wanted = wanted.where(_engine.c.options != options)
    if shard is not None:
        wanted = wanted.where(_revision.c.id % shard[1] == shard[0] - 1)
    return [
        (
            Untranslated(
                revision_id=row.id,
                body=row.body,
                language=language,
                confidence=1.0 if row.confidence is None else row.confidence,
            ),
            row.options.partition(_AGAIN)[0],
        )
        for row in connection.execute(page(wanted, limit, after))
    ]


def told_apart(connection: Connection, rows: Iterable[SavedTranslation]) -> list[SavedTranslation]:
    """The rows, renamed where an older version of a text has the same identity but is not shown any more, as
    when a glossary says again what it said before: what is saved is then a version of its own."""
    wanted = list(rows)
    versions: dict[int, list[tuple[str, ...]]] = {}
    for ids in in_batches({row.revision_id for row in wanted}):
        made = select(
            _translation.c.revision_id,
            _engine.c.name,
            _engine.c.package_sha256,
            _engine.c.options,
            _engine.c.target,
        ).join(_engine, _engine.c.id == _translation.c.engine_id)
        made = made.where(_translation.c.revision_id.in_(ids)).order_by(_translation.c.id)
        for revision_id, *identity in connection.execute(made):
            versions.setdefault(revision_id, []).append(tuple(identity))
    return [
        replace(row, options=f"{row.options}{_AGAIN}{len(versions[row.revision_id])}")
        if _identity(row) in versions.get(row.revision_id, ())
        else row
        for row in wanted
    ]


def save_translations(connection: Connection, rows: Iterable[SavedTranslation], at: datetime) -> int:
    """Keep complete translations with their segments; how many were new. One that is there stays as it is.

    What was owed for these revisions is settled. Raises ValueError for a segment that is not of its text.
    """
    told = {(row.revision_id, _identity(row)): row for row in rows}
    engines = {identity: engine_id(connection, row) for (_, identity), row in told.items()}
    fresh = {(key, engines[identity]): row for (key, identity), row in told.items()}
    bodies = _bodies(connection, {key for key, _ in fresh})
    for ids in in_batches({key for key, _ in fresh}):
        there = select(_translation.c.revision_id, _translation.c.engine_id)
        for old in connection.execute(there.where(_translation.c.revision_id.in_(ids))):
            fresh.pop((old.revision_id, old.engine_id), None)
    for row in told.values():
        _check(row, bodies[row.revision_id][0])
    if fresh:
        _insert_translations(connection, fresh, bodies, at)
    for target in {row.target for row in told.values()}:
        done = [
            row.revision_id for row in told.values() if row.target == target and "partial" not in row.flags
        ]
        close_attempts(connection, done, target, at)
    return len(fresh)


# -- the parts of it --------------------------------------------------------------------------------------


def _identity(row: SavedTranslation) -> tuple[str, str, str, str]:
    return row.engine, row.package_sha256, row.options, row.target


def _is_engine(name: str, package_sha256: str, options: str, target: str) -> ColumnElement[bool]:
    here = _engine.c
    return and_(
        here.name == name,
        here.package_sha256 == package_sha256,
        here.options == options,
        here.target == target,
    )


_AGAIN = " again="


def made_with(
    name: str, package_sha256: str, options: str, target: str, table: Any = _engine
) -> ColumnElement[bool]:
    """Whether an engine is this package with these options, whatever the glossary said then."""
    here = table.c
    more = (here.options.startswith(options + word, autoescape=True) for word in (" glossary=", _AGAIN))
    return and_(
        here.name == name,
        here.package_sha256 == package_sha256,
        here.target == target,
        or_(here.options == options, *more),
    )


def engine_id(connection: Connection, row: SavedTranslation) -> int:
    """The number of what made a translation; a new one where it was never met."""
    known = connection.scalar(select(_engine.c.id).where(_is_engine(*_identity(row))))
    if known is not None:
        return int(known)
    facts = {
        "name": row.engine,
        "package_name": row.package_name,
        "package_version": row.package_version,
        "package_sha256": row.package_sha256,
        "options": row.options,
        "target": row.target,
    }
    return int(connection.execute(insert(_engine).returning(_engine.c.id), facts).scalar_one())


def _bodies(connection: Connection, revision_ids: set[int]) -> dict[int, tuple[str, str]]:
    """Text and detected language of each revision. Raises NotFound for one that is not stored."""
    current = and_(_detection.c.revision_id == _revision.c.id, _detection.c.superseded_at.is_(None))
    found: dict[int, tuple[str, str]] = {}
    for ids in in_batches(revision_ids):
        rows = select(_revision.c.id, _revision.c.body, _detection.c.language).where(_revision.c.id.in_(ids))
        for row in connection.execute(rows.outerjoin_from(_revision, _detection, current)):
            found[row.id] = (row.body, row.language or "und")
    if missing := revision_ids - found.keys():
        raise NotFound(f"no revision {min(missing)} in this archive: it cannot be translated")
    return found


def _check(row: SavedTranslation, body: str) -> None:
    for segment in row.segments:
        if body[segment.start : segment.end] != storable(segment.source):
            raise ValueError(
                f"segment {segment.index} of revision {row.revision_id} is not a part of its text"
            )


def _insert_translations(
    connection: Connection,
    fresh: dict[tuple[int, int], SavedTranslation],
    bodies: dict[int, tuple[str, str]],
    at: datetime,
) -> None:
    segments = segment_ids(
        connection,
        {
            (row.revision_id, part.start, part.end): part.source
            for row in fresh.values()
            for part in row.segments
        },
    )
    heads = [
        {
            "revision_id": row.revision_id,
            "engine_id": engine_id,
            "language": row.language or bodies[row.revision_id][1],
            "target": row.target,
            "flags": list(row.flags),
            "at": at,
            "readings": dict(row.readings) if row.readings else None,
        }
        for (_, engine_id), row in fresh.items()
    ]
    here = _translation.c
    made = connection.execute(
        insert(_translation).returning(here.id, here.revision_id, here.engine_id), heads
    )
    ids = {(row.revision_id, row.engine_id): row.id for row in made}
    parts = [
        {
            "translation_id": ids[key],
            "segment_id": segments[row.revision_id, segment.start, segment.end],
            "text": segment.target,
            "score": segment.score,
            "flags": list(segment.flags),
            "correction_id": segment.correction_id,
            "glossary": segment.glossary or None,
        }
        for key, row in fresh.items()
        for segment in row.segments
    ]
    if parts:
        connection.execute(insert(tables.translated_segment), parts)


def segment_ids(connection: Connection, wanted: Mapping[Span, str]) -> dict[Span, int]:
    """The id of every segment; a span that another translation cut out already is the same one."""
    known: dict[Span, int] = {}
    for ids in in_batches({span[0] for span in wanted}):
        there = select(_segment.c.id, _segment.c.revision_id, _segment.c.start, _segment.c.stop)
        for row in connection.execute(there.where(_segment.c.revision_id.in_(ids))):
            known[row.revision_id, row.start, row.stop] = row.id
    fresh = [
        {
            "revision_id": span[0],
            "start": span[1],
            "stop": span[2],
            "source": source,
            "source_key": source_key(source),
        }
        for span, source in wanted.items()
        if span not in known
    ]
    if fresh:
        here = _segment.c
        made = insert(_segment).returning(here.id, here.revision_id, here.start, here.stop)
        for row in connection.execute(made, fresh):
            known[row.revision_id, row.start, row.stop] = row.id
    return known
