"""Which texts have no language yet, or one by old profiles; and keeping languages once they are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, insert, select, update

from archiver.store import tables
from archiver.store.dialects import in_batches

PERSON = "person"  # the method of a detection that a person made

_post, _revision, _detection = tables.post, tables.revision, tables.detection


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetected:
    """A text whose language nobody has told yet. `hint` is the platform's own tag."""

    revision_id: int
    body: str
    hint: str | None


def undetected(connection: Connection, *, limit: int, after: int = 0) -> list[Undetected]:
    """Current revisions without a detection, by id; go on with the last one's id as `after`."""
    told = exists().where(_detection.c.revision_id == _revision.c.id, _detection.c.superseded_at.is_(None))
    return _asked(connection, ~told, limit, after)


def outdated(connection: Connection, version: str, *, limit: int, after: int = 0) -> list[Undetected]:
    """Current revisions whose detection is of another version of the profiles, and no person's."""
    old = exists().where(
        _detection.c.revision_id == _revision.c.id,
        _detection.c.superseded_at.is_(None),
        _detection.c.method != PERSON,
        ~_detection.c.method.endswith(f"/{version}", autoescape=True),
    )
    return _asked(connection, old, limit, after)


def save_detections(
    connection: Connection,
    detections: Iterable[tuple[int, str, float, str]],
    at: datetime,
    parts: Mapping[int, Sequence[Mapping[str, object]]] | None = None,
) -> int:
    """Keep (revision id, language, confidence, method) as the current detections; how many were new.

    An equal one changes nothing; another one supersedes the old, which stays. What a person said is
    superseded by persons only. `parts` has the languages within mixed texts, by revision id.
    """
    told = {row[0]: row for row in detections}
    mixed = parts or {}
    old: dict[int, Any] = {}
    for ids in in_batches(told):
        current = select(_detection).where(
            _detection.c.revision_id.in_(ids), _detection.c.superseded_at.is_(None)
        )
        old |= {row.revision_id: row for row in connection.execute(current)}
    fresh = [row for key, row in told.items() if key not in old or _outranks(row, old[key])]
    for ids in in_batches([old[row[0]].id for row in fresh if row[0] in old]):
        connection.execute(update(_detection).where(_detection.c.id.in_(ids)).values(superseded_at=at))
    if fresh:
        names = ("revision_id", "language", "confidence", "method")
        connection.execute(
            insert(_detection),
            [{**dict(zip(names, row, strict=True)), "at": at, "parts": mixed.get(row[0])} for row in fresh],
        )
    return len(fresh)


def _asked(connection: Connection, which: ColumnElement[bool], limit: int, after: int) -> list[Undetected]:
    wanted = current(_revision.c.id, _revision.c.body, _revision.c.languages).where(which)
    return [
        Undetected(revision_id=row.id, body=row.body, hint=row.languages[0] if row.languages else None)
        for row in connection.execute(page(wanted, limit, after))
    ]


def current(*columns: ColumnElement[Any]) -> Select[Any]:
    """What posts say now."""
    return select(*columns).where(exists().where(_post.c.current_revision_id == _revision.c.id))


def page(wanted: Select[Any], limit: int, after: int) -> Select[Any]:
    """The next `limit` of them after revision `after`, by id."""
    return wanted.where(_revision.c.id > after).order_by(_revision.c.id).limit(limit)


def _outranks(row: tuple[int, str, float, str], old: Any) -> bool:
    """Whether a detection replaces the one that is there: a different one, but no text a person."""
    return row[1:] != (old.language, old.confidence, old.method) and (
        row[3] == PERSON or old.method != PERSON
    )
