"""Watches: which accounts are followed, how far they are known, and how the last visit went.

Every decision about a watch is kept with its time, also after the watch is gone (`history`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from archiver.errors import NotFound, Usage
from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.types import LONGEST_ID

_watch, _change = tables.watch, tables.watch_change
Media = Literal["none", "images", "all"]
MEDIA: tuple[Media, ...] = ("none", "images", "all")
_SLACK = timedelta(minutes=5)  # at most; timers and crawls are never quite on time


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Our decision to follow an account. `cursor` is the crawl's own note of how far it came.

    `last_error` is set by a failed visit and cleared by the next good one; `refusal` is the platform's last
    word where that was no (no such account, no public preview ...).
    `every` are the seconds between two visits of `run --due` (None: it visits whenever it is called),
    `visited_at` is when the last visit began, `media` which files are wanted (None: as archiver.toml says).
    """

    id: int
    platform: str
    handle: str
    since: datetime | None
    note: str | None
    tags: tuple[str, ...]
    paused: bool
    added_at: datetime
    account_id: int | None
    cursor: str | None
    last_ok: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    refusal: str | None
    refusal_at: datetime | None
    revisit: int | None
    every: int | None
    media: Media | None
    visited_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """Not before then does `run --due` visit it; None: whenever it is called.

        A little before the interval is over, or a timer of the same interval would come too early every
        other time.
        """
        if self.every is None or self.visited_at is None:
            return None
        interval = timedelta(seconds=self.every)
        return self.visited_at + interval - min(_SLACK, interval / 10)

    def is_due(self, now: datetime) -> bool:
        return not self.paused and (self.due_at is None or self.due_at <= now)

    def __str__(self) -> str:
        return f"{self.platform}:{self.handle}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A decision about a watch. `what` is "added", "removed", or the field whose value was changed."""

    watch: str
    at: datetime
    what: str
    before: Any
    after: Any


def add(
    connection: Connection,
    *,
    platform: str,
    handle: str,
    since: datetime | None = None,
    note: str | None = None,
    tags: tuple[str, ...] = (),
    revisit: int | None = None,
    every: int | None = None,
    media: Media | None = None,
    at: datetime,
) -> tuple[Watch, bool]:
    """Follow an account, or say more of a watch that is there: what is given replaces what was, tags add up.

    Returns the watch and whether it is new. Adding never resumes a paused watch and never drops its cursor.
    """
    if not handle or len(handle) > LONGEST_ID:
        raise Usage(f"a watch needs a handle of 1 to {LONGEST_ID} characters, not {len(handle)}")
    told = {"since": since, "note": note, "every": every, "revisit": revisit, "media": media}
    known = find(connection, platform, handle)
    if known is not None:
        more = {name: value for name, value in told.items() if value is not None}
        change(connection, known, {**more, "tags": sorted({*known.tags, *tags})}, at)
        return _found(connection, platform, handle), False
    decided = {**told, "tags": sorted(set(tags))}
    row = {"platform": platform, "handle": handle, "paused": False, "added_at": at, **decided}
    connection.execute(insert(_watch), row)
    made = _found(connection, platform, handle)
    _note(
        connection,
        made,
        [("added", None, {name: v for name, v in decided.items() if v not in (None, [])})],
        at,
    )
    return made, True


def change(connection: Connection, watch: Watch, values: Mapping[str, Any], at: datetime) -> None:
    """Decide otherwise about a watch: `values` by the names of its columns. What differs is noted."""
    before = {name: getattr(watch, name) for name in values} | (
        {"tags": list(watch.tags)} if "tags" in values else {}
    )
    other = {name: value for name, value in values.items() if value != before[name]}
    if not other:
        return
    connection.execute(update(_watch).where(_watch.c.id == watch.id).values(**other))
    _note(connection, watch, ((name, before[name], value) for name, value in other.items()), at)


def history(connection: Connection, platform: str, handle: str) -> list[Change]:
    """All that was decided about a watch of that name, oldest first, whether or not it is there still."""
    named = (_change.c.platform == platform) & (_change.c.handle == handle)
    rows = connection.execute(select(_change).where(named).order_by(_change.c.id))
    return [
        Change(watch=f"{platform}:{handle}", at=row.at, what=row.what, before=row.before, after=row.after)
        for row in rows
    ]


def owed(connection: Connection) -> dict[int, int]:
    """By watch, how many of its pages and posts could not be had or read and still are not."""
    problem = tables.problem.c
    open_ones = select(problem.watch_id, func.count()).where(problem.resolved_at.is_(None))
    rows = connection.execute(open_ones.where(problem.watch_id.is_not(None)).group_by(problem.watch_id))
    return {int(row[0]): int(row[1]) for row in rows}


def visiting(connection: Connection, watch_ids: Iterable[int], at: datetime) -> None:
    """Note that a visit of these begins."""
    for ids in in_batches(list(watch_ids)):
        connection.execute(update(_watch).where(_watch.c.id.in_(ids)).values(visited_at=at))


def find(connection: Connection, platform: str, handle: str) -> Watch | None:
    """The watch of that name, or None."""
    named = (_watch.c.platform == platform) & (_watch.c.handle == handle)
    row = connection.execute(select(_watch).where(named)).one_or_none()
    return None if row is None else _watch_of(row)


def listed(connection: Connection, *, tag: str | None = None) -> list[Watch]:
    """All watches, or those with a tag, ordered by platform and handle."""
    every = [_watch_of(row) for row in connection.execute(select(_watch))]
    return sorted(
        (watch for watch in every if tag is None or tag in watch.tags),
        key=lambda watch: (watch.platform, watch.handle),
    )


def pause(connection: Connection, watch_id: int, at: datetime | None = None) -> None:
    """Leave the account alone until `resume`."""
    change(connection, _numbered(connection, watch_id), {"paused": True}, at or datetime.now(UTC))


def resume(connection: Connection, watch_id: int, at: datetime | None = None) -> None:
    """Visit the account again, from where its cursor stands."""
    change(connection, _numbered(connection, watch_id), {"paused": False}, at or datetime.now(UTC))


def remove(connection: Connection, watch_id: int, at: datetime | None = None) -> None:
    """Follow no longer. The account, its posts and its captures stay, and so does the watch's history."""
    watch = _numbered(connection, watch_id)
    connection.execute(_watch.delete().where(_watch.c.id == watch_id))
    _note(connection, watch, [("removed", None, None)], at or datetime.now(UTC))


def _numbered(connection: Connection, watch_id: int) -> Watch:
    row = connection.execute(select(_watch).where(_watch.c.id == watch_id)).one_or_none()
    if row is None:
        raise NotFound(f"no watch number {watch_id}; `archiver watch list` shows those there are")
    return _watch_of(row)


def _note(connection: Connection, watch: Watch, what: Iterable[tuple[str, Any, Any]], at: datetime) -> None:
    rows = [
        {
            "platform": watch.platform,
            "handle": watch.handle,
            "at": at,
            "what": name,
            "before": _written(before),
            "after": _written(after),
        }
        for name, before, after in what
    ]
    connection.execute(insert(_change), rows)


def _written(value: Any) -> Any:
    """A decision as JSON knows it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Mapping():
            return {name: _written(each) for name, each in value.items()}
    return value


def _found(connection: Connection, platform: str, handle: str) -> Watch:
    watch = find(connection, platform, handle)
    if watch is None:
        raise NotFound(f"no watch {platform}:{handle}: run `archiver watch add {platform}:{handle}`")
    return watch


def _watch_of(row: Row[Any]) -> Watch:
    facts = dict(row._mapping)
    return Watch(**{**facts, "tags": tuple(facts["tags"])})
