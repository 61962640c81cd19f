"""Watches: which accounts are followed, how far they are known, and how the last visit went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from archiver.errors import NotFound, Usage
from archiver.store import tables
from archiver.store.types import LONGEST_ID

_watch = tables.watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Our decision to follow an account. `cursor` is the crawl's own note of how far it came.

    `last_error` is set by a failed visit and cleared by the next good one; `refusal` is the platform's last
    word where that was no (no such account, no public preview ...).
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
    revisit: str | None = None

    def __str__(self) -> str:
        return f"{self.platform}:{self.handle}"


def add(
    connection: Connection,
    *,
    platform: str,
    handle: str,
    since: datetime | None = None,
    note: str | None = None,
    tags: tuple[str, ...] = (),
    revisit: str | None = None,
    at: datetime,
) -> tuple[Watch, bool]:
    """Follow an account, or say more of a watch that is there: what is given replaces what was, tags add up.

    Returns the watch and whether it is new. Adding never resumes a paused watch and never drops its cursor.
    """
    if not handle or len(handle) > LONGEST_ID:
        raise Usage(f"a watch needs a handle of 1 to {LONGEST_ID} characters, not {len(handle)}")
    known = find(connection, platform, handle)
    if known is None:
        row = {
            "platform": platform,
            "handle": handle,
            "since": since,
            "note": note,
            "tags": sorted(set(tags)),
            "paused": False,
            "added_at": at,
            "revisit": revisit,
        }
        connection.execute(insert(_watch), row)
    else:
        more: dict[str, Any] = {
            "since": since if since is not None else known.since,
            "note": note if note is not None else known.note,
            "tags": sorted({*known.tags, *tags}),
            "revisit": revisit if revisit is not None else known.revisit,
        }
        if more != {name: getattr(known, name) for name in ("since", "note", "revisit")} | {
            "tags": list(known.tags)
        }:
            connection.execute(update(_watch).where(_watch.c.id == known.id).values(more))
    return _found(connection, platform, handle), known is None


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


def pause(connection: Connection, watch_id: int) -> None:
    """Leave the account alone until `resume`."""
    _change(connection, watch_id, paused=True)


def resume(connection: Connection, watch_id: int) -> None:
    """Visit the account again, from where its cursor stands."""
    _change(connection, watch_id, paused=False)


def remove(connection: Connection, watch_id: int) -> None:
    """Follow no longer. The account, its posts and its captures stay."""
    if connection.execute(_watch.delete().where(_watch.c.id == watch_id)).rowcount == 0:
        raise _unknown(watch_id)


def _change(connection: Connection, watch_id: int, **values: Any) -> None:
    if connection.execute(update(_watch).where(_watch.c.id == watch_id).values(**values)).rowcount == 0:
        raise _unknown(watch_id)


def _found(connection: Connection, platform: str, handle: str) -> Watch:
    watch = find(connection, platform, handle)
    if watch is None:
        raise NotFound(f"no watch {platform}:{handle}: run `archiver watch add {platform}:{handle}`")
    return watch


def _unknown(watch_id: int) -> NotFound:
    return NotFound(f"no watch number {watch_id}; `archiver watch list` shows those there are")


def _watch_of(row: Row[Any]) -> Watch:
    facts = dict(row._mapping)
    return Watch(**{**facts, "tags": tuple(facts["tags"])})
