"""How the posts that match are spread: over languages, platforms, accounts, months, flags; over the days."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Text, cast, func, select

from archiver.store import tables
from archiver.store.doc_ids import day_of
from archiver.store.filters import Filters
from archiver.store.query_language import fields_of, parse
from archiver.store.search import Found, find
from archiver.store.types import original

By = Literal["day", "week", "month"]
_doc = tables.search_doc.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    value: str
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """The most frequent first, months in their order; `months` leaves out posts without a time.

    A post can have several flags; `languages` calls `und` what is not detected.
    """

    languages: tuple[Count, ...]
    platforms: tuple[Count, ...]
    accounts: tuple[Count, ...]
    months: tuple[Count, ...]
    flags: tuple[Count, ...]


def facets(connection: Connection, found: Found) -> Facets:
    """Count all posts that match, not only those that are shown."""
    accounts, months = Counter[int](), Counter[str]()
    rows = found.answers.rows()
    day: ColumnElement[int] = day_of(_doc.id)
    dated = _doc.published_at.is_not(None)
    spread = (
        select(_doc.account_id, day.label("day"), dated.label("dated"), func.count().label("posts"))
        .join(rows, rows.c.id == _doc.id)
        .group_by(_doc.account_id, day, dated)
    )
    for row in connection.execute(spread):
        accounts[row.account_id] += row.posts
        if row.dated:
            months[f"{_date(row.day):%Y-%m}"] += row.posts
    languages, flags = _languages_and_flags(connection, found)
    named = _names(connection, accounts)
    platforms = Counter[str]()
    for account, posts in accounts.items():
        platforms[named[account][0]] += posts
    return Facets(
        languages=_counts(languages.most_common()),
        platforms=_counts(platforms.most_common()),
        accounts=_counts((":".join(named[account]), posts) for account, posts in accounts.most_common()),
        months=_counts(sorted(months.items())),
        flags=_counts(flags.most_common()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` on; `share` is the part of all `archived` posts of the period that match."""

    start: date
    posts: int
    archived: int

    @property
    def share(self) -> float:
        return self.posts / self.archived if self.archived else 0.0


def trend(connection: Connection, filters: Filters, by: By) -> tuple[Period, ...]:
    """Posts that match in each period from the first to the last that has any, beside what was archived
    under the same filters. Weeks begin on Mondays; posts without a time are not in it."""
    matching = _per_period(connection, filters, by)
    if not matching:
        return ()
    archived = _per_period(connection, _without_words(filters), by)
    periods = _periods(min(matching), max(matching), by)
    return tuple(Period(start=start, posts=matching[start], archived=archived[start]) for start in periods)


def _per_period(connection: Connection, filters: Filters, by: By) -> Counter[date]:
    rows = find(connection, filters, dated=True).answers.rows()
    day = day_of(rows.c.id)
    counted = Counter[date]()
    for number, posts in connection.execute(select(day, func.count()).group_by(day)):
        counted[_start(_date(number), by)] += posts
    return counted


def _without_words(filters: Filters) -> Filters:
    """The same filters; of the query, only the fields that stand alone in it."""
    return replace(filters, query=fields_of(parse(filters.query)))


def _start(day: date, by: By) -> date:
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def _periods(first: date, last: date, by: By) -> Iterable[date]:
    start = first
    while start <= last:
        yield start
        start = _start(start + timedelta(days={"day": 1, "week": 7, "month": 32}[by]), by)


def _languages_and_flags(connection: Connection, found: Found) -> tuple[Counter[str], Counter[str]]:
    languages, flags = Counter[str](), Counter[str]()
    rows, detection, translation = found.answers.rows(), tables.detection.c, tables.translation.c
    flagged = cast(translation.flags, Text)
    spread = (
        select(detection.language, flagged.label("flags"), func.count().label("posts"))
        .select_from(tables.search_doc)
        .join(rows, rows.c.id == _doc.id)
        .outerjoin(tables.detection, detection.id == _doc.detection_id)
        .outerjoin(tables.translation, translation.id == _doc.translation_id)
        .group_by(detection.language, flagged)
    )
    for row in connection.execute(spread):
        languages[row.language or "und"] += row.posts
        for flag in json.loads(row.flags or "[]"):
            flags[flag] += row.posts
    return languages, flags


def _names(connection: Connection, accounts: Iterable[int]) -> dict[int, tuple[str, str]]:
    account, ids = tables.account.c, set(accounts)
    # Merged accounts are gone until their posts are indexed again.
    named: dict[int, tuple[str, str]] = {number: ("unknown", str(number)) for number in ids}
    for row in connection.execute(select(account.id, account.platform, account.handle)):
        if row.id in ids:
            named[row.id] = (row.platform, original(row.handle))
    return named


def _counts(counted: Iterable[tuple[str, int]]) -> tuple[Count, ...]:
    return tuple(Count(value=value, posts=posts) for value, posts in counted)


def _date(day: int) -> date:
    """The day so many days after 1970 began."""
    return date.fromordinal(_EPOCH + day)


_EPOCH: Any = date(1970, 1, 1).toordinal()
