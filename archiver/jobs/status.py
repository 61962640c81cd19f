"""What an archive holds, how far back it goes, and what is owed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

import spiders
from archiver.config import Config
from archiver.errors import UnknownPlatform
from archiver.store import tables, totals, watches
from archiver.store.database import Database
from archiver.store.numbering import Numbers, numbers
from archiver.store.totals import Totals
from archiver.store.watches import Watch
from spiders.cursor import Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far one watch has been read. Everything from its newest post down to `down_to` is stored;
    `complete`: that is as far as was asked for. `reach`: the platform lists so many posts and no more, and
    the account has more. `revisited` is when posts were last looked at again, `revisiting` whether that is
    under way; `moved_to` where the account says that it is now, as a watch is named."""

    complete: bool
    down_to: datetime | None
    since: datetime | None
    reach: int | None
    revisited: datetime | None
    revisiting: bool
    moved_to: str | None
    numbers: Numbers | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    totals: Totals
    coverage: Mapping[str, Coverage]  # by PLATFORM:HANDLE


def status(config: Config) -> Status:
    database = Database.open(config.database_url)
    try:
        with database.read() as connection:
            found = totals.totals(connection, config.crawl.media)
            oldest = {watch.watch: watch.oldest for watch in found.watches}
            covered = {
                str(watch): _coverage(connection, watch, oldest.get(str(watch)))
                for watch in watches.listed(connection)
            }
            return Status(totals=found, coverage=covered)
    finally:
        database.close()


def _coverage(connection: Connection, watch: Watch, oldest: datetime | None) -> Coverage:
    try:
        platform, cursor = spiders.load(watch.platform), Cursor.loads(watch.cursor)
    except (UnknownPlatform, ValueError):  # the crawl says so
        platform, cursor = None, Cursor()
    ended = cursor.done is not None and not cursor.walks
    newest = cursor.walks[0].at if cursor.walks else None
    far_enough = len(cursor.walks) == 1 and bool(watch.since and newest and newest < watch.since)
    unread = platform.unread_numbers(cursor) if platform else None
    reach = platform.reach if platform else None
    return Coverage(
        complete=ended or far_enough,
        down_to=oldest if ended else newest,
        since=watch.since,
        reach=reach if ended and reach and _has_more(connection, watch, reach) else None,
        revisited=cursor.revisited.at if cursor.revisited else None,
        revisiting=cursor.revisiting is not None,
        moved_to=_as_watched(watch, cursor.identity.moved_to) if cursor.identity else None,
        numbers=numbers(connection, watch.account_id, unread)
        if watch.account_id is not None and unread is not None
        else None,
    )


def _as_watched(watch: Watch, handle: str | None) -> str | None:
    return f"{watch.platform}:{handle}" if handle else None


def _has_more(connection: Connection, watch: Watch, reach: int) -> bool:
    """Whether the account says that it has more posts than its platform lists."""
    account = tables.account.c
    told = connection.scalar(select(account.metrics).where(account.id == watch.account_id)) or {}
    return int((told.get("posts") or {}).get("value") or 0) > reach
