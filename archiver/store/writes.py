"""Storing what a page gave, in the caller's one transaction: again and again changes nothing.

Reading before writing is safe here because `Database.write` lets in one writer at a time. What a page shows
is placed in time by its capture: an older capture that arrives later adds history and never turns back the
present.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from archiver.errors import DamagedArchive, NotFound
from archiver.posts import Capture, Harvest, Problem
from archiver.store import accounts, sightings, tables
from archiver.store.seen import Seen
from archiver.store.shapes import capture_row
from archiver.store.types import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a page's posts: never seen before, saying something else than before, and the rest.
    `gone` are posts that were there until now."""

    new: int
    revised: int
    unchanged: int
    gone: int = 0


def store_harvest(connection: Connection, harvest: Harvest) -> Stored:
    """Store everything a page gave, the watch's cursor included. Raises NotFound without such a watch.

    The same harvest again changes nothing. Reading a stored capture once more, with a better reader, adds
    what is new in it and leaves the watch's cursor alone.
    """
    watch = _watch(connection, harvest.platform, harvest.handle)
    capture_id = store_capture(connection, harvest.capture)
    seen = Seen(capture_id=capture_id, at=harvest.capture.fetched_at)
    authors = [post.author for post in harvest.posts]
    known = [harvest.account, *authors] if harvest.account else authors
    account_ids = accounts.store(connection, known, seen, watch_account=watch.account_id)
    new, revised = sightings.store(connection, harvest.posts, account_ids, seen)
    stored = Stored(
        new=new,
        revised=revised,
        unchanged=len(harvest.posts) - new - revised,
        gone=_store_absent(connection, harvest, seen),
    )
    if harvest.versions:
        sightings.store_versions(connection, harvest.platform, harvest.versions, seen)
    first_time = _store_page(connection, harvest, capture_id, watch.id, stored)
    store_problems(connection, harvest.problems, capture_id, watch.id, harvest.capture.fetched_at)
    if first_time:
        account = harvest.account
        account_id = account_ids[account.platform, account.native_id] if account else None
        _visited(connection, watch.id, harvest, capture_id, account_id)
    return stored


def record_failure(
    connection: Connection,
    *,
    platform: str,
    handle: str,
    url: str,
    what: str,
    at: datetime,
    capture: Capture | None = None,
) -> None:
    """A page that could not be fetched or read. It stays a problem until the watch's next good page."""
    watch = _watch(connection, platform, handle)
    capture_id = store_capture(connection, capture) if capture else None
    problem = tables.problem
    same = (problem.c.watch_id == watch.id) & (problem.c.url == url) & (problem.c.what == what)
    seen = problem.c.capture_id == capture_id  # `IS NULL` without a capture
    if (
        connection.execute(select(problem.c.id).where(same, seen, problem.c.resolved_at.is_(None))).first()
        is None
    ):
        row = {"watch_id": watch.id, "capture_id": capture_id, "url": url, "what": what}
        connection.execute(insert(problem), {**row, "at": at, "whole_page": True})
    _change_watch(connection, watch.id, last_error=what, last_error_at=at)


def record_gone(
    connection: Connection, *, platform: str, native_id: str, capture: Capture, state: str = "gone"
) -> None:
    """Evidence that a stored post is there no longer (deleted, withheld ...). Nothing of it is erased."""
    seen = Seen(capture_id=store_capture(connection, capture), at=capture.fetched_at)
    if sightings.store_state(connection, platform, native_id, state, seen) is None:
        raise NotFound(f"no post {platform}:{native_id} in this archive")


def _store_absent(connection: Connection, harvest: Harvest, seen: Seen) -> int:
    """Observe what the page does not show; how many posts are gone now that were not."""
    gone = 0
    for absent in harvest.absent:
        changed = sightings.store_state(connection, harvest.platform, absent.native_id, absent.state, seen)
        gone += bool(changed) and absent.state == "gone"
    return gone


def _watch(connection: Connection, platform: str, handle: str) -> Row[Any, Any]:
    watch = tables.watch
    named = (watch.c.platform == platform) & (watch.c.handle == handle)
    row = connection.execute(select(watch.c.id, watch.c.account_id).where(named)).one_or_none()
    if row is None:
        raise NotFound(f"no watch {platform}:{handle}: run `archiver watch add {platform}:{handle}`")
    return row


def _change_watch(connection: Connection, watch_id: int, **values: Any) -> None:
    connection.execute(update(tables.watch).where(tables.watch.c.id == watch_id).values(**values))


def store_capture(connection: Connection, capture: Capture) -> int:
    """Its id. A place in a WARC file that holds other bytes than recorded is damage, not a new capture."""
    known = tables.capture
    here = (known.c.warc == capture.warc) & (known.c.offset == capture.offset)
    row = connection.execute(select(known.c.id, known.c.sha256).where(here)).one_or_none()
    if row is None:
        made = connection.execute(insert(known).returning(known.c.id), capture_row(capture))
        return int(made.scalar_one())
    if row.sha256 != capture.sha256:
        raise DamagedArchive(
            f"{capture.warc} at {capture.offset} was recorded as another response: run `verify`"
        )
    return int(row.id)


def _store_page(
    connection: Connection, harvest: Harvest, capture_id: int, watch_id: int, stored: Stored
) -> bool:
    """Count the page; whether it is stored for the first time."""
    page = tables.page
    row = connection.execute(select(page).where(page.c.capture_id == capture_id)).one_or_none()
    new, revised = stored.new + (row.new if row else 0), stored.revised + (row.revised if row else 0)
    counts = {
        "served": harvest.served,
        "new": new,
        "revised": revised,
        "unchanged": max(len(harvest.posts) - new - revised, 0),
        "unread": max(harvest.served - len(harvest.posts), 0),
    }
    if row is None:
        connection.execute(insert(page), {"capture_id": capture_id, "watch_id": watch_id, **counts})
    elif counts != {name: getattr(row, name) for name in counts}:
        connection.execute(update(page).where(page.c.id == row.id).values(**counts))
    return row is None


def store_problems(
    connection: Connection, problems: Sequence[Problem], capture_id: int, watch_id: int | None, at: datetime
) -> None:
    """One row for each post that could not be read, however often its page is asked for; those that now
    can be are resolved."""
    problem = tables.problem
    rows = connection.execute(select(problem).where(problem.c.capture_id == capture_id)).all()
    is_open = (problem.c.watch_id == watch_id) & problem.c.resolved_at.is_(None) & ~problem.c.whole_page
    told_before = select(problem.c.url, problem.c.what).where(is_open)
    known = {(row.url, row.what) for row in (*rows, *connection.execute(told_before))}
    told = {_said(trouble) for trouble in problems}
    missing = [
        {
            "watch_id": watch_id,
            "capture_id": capture_id,
            "at": at,
            "whole_page": False,
            "url": url,
            "what": what,
        }
        for url, what in dict.fromkeys(map(_said, problems))
        if (url, what) not in known
    ]
    if missing:
        connection.execute(insert(problem), missing)
    solved = [row.id for row in rows if row.resolved_at is None and (row.url, row.what) not in told]
    if solved:
        _resolve(connection, problem.c.id.in_(solved))


def _said(trouble: Problem) -> tuple[str, str]:
    return storable(trouble.url), storable(trouble.what)


def _resolve(connection: Connection, which: Any) -> None:
    problem = tables.problem
    open_ones = update(problem).where(which, problem.c.resolved_at.is_(None))
    connection.execute(open_ones.values(resolved_at=datetime.now(UTC)))


def _visited(
    connection: Connection, watch_id: int, harvest: Harvest, capture_id: int, account_id: int | None
) -> None:
    """What the visit means for the watch: its cursor always, its health as of the newest answer."""
    watch, at = tables.watch, harvest.capture.fetched_at
    before = connection.execute(select(watch).where(watch.c.id == watch_id)).one()
    values: dict[str, Any] = {"cursor": harvest.cursor}
    if account_id is not None:
        values["account_id"] = account_id
    newest = all(then is None or then <= at for then in (before.last_ok, before.refusal_at))
    if newest and harvest.refusal:
        values |= {"refusal": harvest.refusal, "refusal_at": at}
    elif newest:
        values |= {"last_ok": at, "refusal": None, "refusal_at": None}
    if before.last_error_at is not None and before.last_error_at <= at:
        values |= {"last_error": None, "last_error_at": None}
    if not harvest.refusal:
        page_problems = (tables.problem.c.watch_id == watch_id) & tables.problem.c.whole_page
        _resolve(connection, page_problems & (tables.problem.c.at <= at))
    if newest and harvest.refusal != before.refusal:
        row = {
            "watch_id": watch_id,
            "account_id": account_id or before.account_id,
            "capture_id": capture_id,
            "platform": harvest.platform,
            "handle": harvest.handle,
            "at": at,
            "state": harvest.refusal or "live",
        }
        connection.execute(insert(tables.availability), row)
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if changed:
        _change_watch(connection, watch_id, **changed)
