"""Which posts are meant: what `search` and `export` can be told besides words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, or_, select

from archiver.store import tables
from archiver.store.types import storable

Side = Literal["both", "original", "translation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Posts in a language (`fa` finds `fa-AF` too), of a platform, by an account, within a span of time.

    `since` and `until` are both included, to the second; a post without a time is in no span.
    """

    query: str = ""
    side: Side = "both"
    language: str | None = None
    platform: str | None = None
    account: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def account_ids(connection: Connection, named: str) -> list[int]:
    """The accounts that `named` may mean: PLATFORM:HANDLE, a handle, an id, or what a watch calls it."""
    account, watch = tables.account.c, tables.watch.c
    name = storable(named.strip())
    platform, colon, rest = name.partition(":")
    spelled = [(None, name)] + ([(platform, rest)] if colon else [])
    found: set[int] = set()
    for on, handle in spelled:
        handle = handle.removeprefix("@")
        same = or_(func.lower(account.handle) == handle.lower(), account.native_id == handle)
        rows = select(account.id).where(same, *([account.platform == on] if on else []))
        found.update(connection.scalars(rows))
        watched = select(watch.account_id).where(watch.handle == handle, watch.account_id.is_not(None))
        found.update(connection.scalars(watched.where(*([watch.platform == on] if on else []))))
    return sorted(found)
