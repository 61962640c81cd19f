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
    """Posts in a language of these (`fa` finds `fa-AF` too), of a platform, by an account, in a span of time.

    `since` and `until` are both included, to the second; a post without a time is in no span.
    """

    query: str = ""
    side: Side = "both"
    languages: tuple[str, ...] = ()
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
    found = set(connection.scalars(select(account.id).where(account.url == name)))
    for on, handle in spelled:
        handle = handle.removeprefix("@")
        same = or_(func.lower(account.handle) == handle.lower(), account.native_id == handle)
        rows = select(account.id).where(same, *([account.platform == on] if on else []))
        found.update(connection.scalars(rows))
        watched = select(watch.account_id).where(watch.handle == handle, watch.account_id.is_not(None))
        found.update(connection.scalars(watched.where(*([watch.platform == on] if on else []))))
    return sorted(found)


def why_nothing(connection: Connection, filters: Filters) -> str | None:
    """Which filter can leave nothing over because this archive knows no such thing; None: none of them."""
    if filters.platform:
        known = sorted(connection.scalars(select(tables.account.c.platform).distinct()))
        if filters.platform not in known:
            return (
                f"no post is from '{filters.platform}'; there are posts from {', '.join(known) or 'nowhere'}"
            )
    if filters.account and not account_ids(connection, filters.account):
        return f"no account is called '{filters.account}'; `archiver watch list` shows who is watched"
    if filters.languages:
        current = tables.detection.c.superseded_at.is_(None)
        known = sorted(connection.scalars(select(tables.detection.c.language).where(current).distinct()))
        wanted = tuple(language.casefold() for language in filters.languages)
        if not any(tag.casefold().startswith(wanted) for tag in known):
            there = ", ".join(known) or "no known language: run `archiver translate`"
            return f"no post is in '{', '.join(filters.languages)}'; there are posts in {there}"
    return None
