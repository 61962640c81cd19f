"""Which posts are meant: what `search` and `export` can be told besides words."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from archiver.store import tables
from archiver.store.doubts import Doubts, flagged_so
from archiver.store.fields import Side as Side
from archiver.store.fields import split
from archiver.store.query_language import parse, values_of
from archiver.store.types import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters(Doubts):
    """Posts in a language of these (`fa` finds `fa-AF` too), of a platform, by an account, in a span of time.

    What is asked of the translation (`Doubts`) holds for the one that is shown: the newest.
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


def _with_fields(filters: Filters) -> Filters:
    """The query's own fields among the filters, where they say more."""
    query = parse(filters.query)
    return replace(
        filters,
        languages=filters.languages or tuple(split(next(values_of(query, "lang"), ""))),
        platform=filters.platform or next(values_of(query, "platform"), None),
        account=filters.account or next(values_of(query, "account"), None),
        flags=(*filters.flags, *(flag for flag in values_of(query, "flag") if len([*split(flag)]) == 1)),
    )


def why_nothing(connection: Connection, filters: Filters) -> str | None:
    """Which filter can leave nothing over because this archive knows no such thing; None: none of them."""
    filters = _with_fields(filters)
    if filters.platform:
        known = sorted(connection.scalars(select(tables.account.c.platform).distinct()))
        if not set(split(filters.platform)) & set(known):
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
    corrected = filters.corrected or "correction" in values_of(parse(filters.query), "has")
    for flag in (*filters.flags, *(("corrected",) if corrected else ())):
        some = flagged_so(Doubts(flags=(flag,)), tables.translation.c.flags)
        if connection.scalar(select(tables.translation.c.id).where(*some).limit(1)) is None:
            return (
                "nobody has corrected a translation"
                if flag == "corrected"
                else f"nothing is flagged '{flag}'"
            )
    return None
