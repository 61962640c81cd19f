"""What is there, and whether it adds up: counts taken from different tables, so that a difference shows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, func, select

from archiver.store import tables, watches
from archiver.store.texts import current_detection
from archiver.store.types import original


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTotals:
    """One watch. `served` is what its pages carried, by the pages' own count; `stored` what the account has.

    `owed` are pages and posts that could not be had or read, and posts that were counted but are not there.
    `untranslated` are texts whose translation failed. Times are those of the oldest and the newest post.
    """

    watch: str
    platform: str
    account: str
    served: int
    stored: int
    revised: int
    gone: int
    owed: int
    oldest: datetime | None
    newest: datetime | None
    last_ok: datetime | None
    last_error: str | None
    untranslated: int
    refusal: str | None
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTotals:
    """Texts in a language (None: not looked at yet), as the posts read now."""

    language: str | None
    texts: int
    translated: int
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedTotals:
    """How many texts wait for the same remedy."""

    language: str | None
    reason: str
    remedy: str | None
    texts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    watches: tuple[WatchTotals, ...]
    languages: tuple[LanguageTotals, ...]
    owed: tuple[OwedTotals, ...]
    posts: int
    captures: int

    @property
    def adds_up(self) -> bool:
        """Whether nothing is owed, neither by a watch nor by a translation, and no watch shows nothing."""
        refused = any(watch.refusal and not watch.paused for watch in self.watches)
        return not (self.owed or refused or any(watch.owed for watch in self.watches))


def totals(connection: Connection) -> Totals:
    return Totals(
        watches=_watches(connection),
        languages=_languages(connection),
        owed=_owed(connection),
        posts=_count(connection, tables.post),
        captures=_count(connection, tables.capture),
    )


_post, _revision, _attempt = tables.post.c, tables.revision.c, tables.attempt.c
_is_open = _attempt.closed_at.is_(None)
_Row = Mapping[str, Any]


def _watches(connection: Connection) -> tuple[WatchTotals, ...]:
    new = _by_key(connection, select(tables.page.c.watch_id, func.sum(tables.page.c.new).label("new")))
    problems = _open_problems(connection)
    posts, gone = _posts(connection), _gone(connection)
    revised, owed = _revised(connection), _untranslated(connection)
    rows = []
    for watch in watches.listed(connection):
        pages = int(new.get(watch.id, {}).get("new") or 0)
        trouble = problems.get(watch.id, {"posts": 0, "pages": 0, "what": None})
        there = posts.get(watch.account_id, {"posts": 0, "oldest": None, "newest": None})
        # A failed visit is one thing owed, whether or not a page tells of it.
        failed = trouble["pages"] or (1 if watch.last_error else 0)
        rows.append(
            WatchTotals(
                watch=original(str(watch)),
                platform=watch.platform,
                account=original(watch.handle),
                served=pages + trouble["posts"],
                stored=there["posts"],
                revised=revised[watch.account_id or 0],
                gone=gone[watch.account_id or 0],
                owed=trouble["posts"] + failed + max(0, pages - there["posts"]),
                oldest=there["oldest"],
                newest=there["newest"],
                last_ok=watch.last_ok,
                last_error=_error(watch.last_error, trouble),
                untranslated=owed.get(watch.account_id, {}).get("texts", 0),
                refusal=watch.refusal,
                paused=watch.paused,
            )
        )
    return tuple(rows)


def _error(page: str | None, trouble: Mapping[str, Any]) -> str | None:
    """The page that could not be had or read, or else the posts."""
    if page or not trouble["posts"]:
        return page and original(page)
    count = "1 post" if trouble["posts"] == 1 else f"{trouble['posts']} posts"
    return f"{count} could not be read: {original(trouble['what'])}"


def _by_key(connection: Connection, query: Any) -> dict[int | None, dict[str, Any]]:
    """Rows by the value of the first column, which they are grouped by."""
    key = query.selected_columns[0]
    found = connection.execute(query.group_by(key)).mappings()
    return {row[key.name]: dict(row) for row in found}


def _open_problems(connection: Connection) -> dict[int | None, dict[str, Any]]:
    problem = tables.problem.c
    query = select(
        problem.watch_id,
        func.sum(case((problem.whole_page, 0), else_=1)).label("posts"),
        func.sum(case((problem.whole_page, 1), else_=0)).label("pages"),
        func.min(case((problem.whole_page, None), else_=problem.what)).label("what"),
    )
    return _by_key(connection, query.where(problem.resolved_at.is_(None)))


# What is rare is counted on its own: the rest then needs no more than an index.


def _posts(connection: Connection) -> dict[int | None, dict[str, Any]]:
    query = select(
        _post.account_id,
        func.count().label("posts"),
        func.min(_post.published_at).label("oldest"),
        func.max(_post.published_at).label("newest"),
    )
    return _by_key(connection, query)


def _gone(connection: Connection) -> Counter[int]:
    # Counted here: to group them, SQLite would look every post up in the order of accounts.
    return Counter(connection.scalars(select(_post.account_id).where(_post.state != "live")))


def _revised(connection: Connection) -> Counter[int]:
    """Revisions that are not the first of their post."""
    later = (
        select(_post.account_id).select_from(tables.revision).join(tables.post, _post.id == _revision.post_id)
    )
    return Counter(connection.scalars(later.where(_revision.seq > 1)))


def _untranslated(connection: Connection) -> dict[int | None, dict[str, Any]]:
    query = select(_post.account_id, func.count(distinct(_revision.id)).label("texts"))
    current = _revision.id == _post.current_revision_id
    joined = query.join(tables.revision, current).join(
        tables.attempt, and_(_attempt.revision_id == _revision.id, _is_open)
    )
    return _by_key(connection, joined)


def _languages(connection: Connection) -> tuple[LanguageTotals, ...]:
    current = _post.current_revision_id
    translation, detection = tables.translation.c, tables.detection.c
    translated = select(translation.id).where(translation.revision_id == current).exists()
    owed = select(_attempt.id).where(_attempt.revision_id == current, _is_open).exists()
    is_current = (detection.revision_id == current) & detection.superseded_at.is_(None)
    query = (
        select(
            detection.language,
            func.count().label("texts"),
            func.sum(case((translated, 1), else_=0)).label("translated"),
            func.sum(case((owed, 1), else_=0)).label("owed"),
        )
        .select_from(tables.post)
        .outerjoin(tables.detection, is_current)
        .where(current.is_not(None))
        .group_by(detection.language)
    )
    rows = [LanguageTotals(**row) for row in connection.execute(query).mappings()]
    return tuple(sorted(rows, key=lambda row: (-row.texts, row.language or "")))


def _owed(connection: Connection) -> tuple[OwedTotals, ...]:
    """Grouped without the remedies, of which one stands for all: they name the same command."""
    query = (
        select(
            tables.detection.c.language,
            _attempt.reason,
            func.max(_attempt.remedy).label("remedy"),
            func.count(distinct(_revision.id)).label("texts"),
        )
        .select_from(tables.attempt)
        .join(tables.revision, _revision.id == _attempt.revision_id)
        .join(tables.post, _post.current_revision_id == _revision.id)
        .outerjoin(tables.detection, current_detection())
        .where(_is_open)
        .group_by(tables.detection.c.language, _attempt.reason)
    )
    rows = [OwedTotals(**row) for row in connection.execute(query).mappings()]
    return tuple(sorted(rows, key=lambda row: (-row.texts, row.reason)))


def _count(connection: Connection, table: Any) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


__all__ = ["LanguageTotals", "OwedTotals", "Totals", "WatchTotals", "totals"]
