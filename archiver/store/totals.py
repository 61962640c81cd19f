"""What is there, and whether it adds up: counts taken from different tables, so that a difference shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, func, select

from archiver.store import alt_texts, media, tables, watches
from archiver.store.alt_texts import DescriptionTotals
from archiver.store.media import MediaTotals
from archiver.store.texts import current_detection
from archiver.store.types import original


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTotals:
    """One watch. `served` is what its pages carried, by the pages' own count; `stored` what the account has.

    `owed` are pages and posts that could not be had or read, and posts that were counted but are not there.
    `media_files` of its attachments are on disk, `media_missing` are wanted and are not.
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
    media_files: int
    media_missing: int


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
    media: MediaTotals
    descriptions: tuple[DescriptionTotals, ...]

    @property
    def adds_up(self) -> bool:
        """Whether nothing is owed: by a watch, a translation or a download that waits; and no watch shows
        nothing."""
        refused = any(watch.refusal and not watch.paused for watch in self.watches)
        return not (self.owed or refused or self.media.waiting or any(watch.owed for watch in self.watches))


def totals(connection: Connection, default_media: str = "none") -> Totals:
    """`default_media` is what watches want that do not say."""
    return Totals(
        watches=_watches(connection, default_media),
        languages=_languages(connection),
        owed=_owed(connection),
        posts=_count(connection, tables.post),
        captures=_count(connection, tables.capture),
        media=media.totals(connection, media.modes(watches.listed(connection), default_media)),
        descriptions=alt_texts.totals(connection),
    )


_post, _revision, _attempt = tables.post.c, tables.revision.c, tables.attempt.c
_is_open = _attempt.closed_at.is_(None)
_Row = Mapping[str, Any]


def _watches(connection: Connection, default_media: str) -> tuple[WatchTotals, ...]:
    new = _by_key(connection, select(tables.page.c.watch_id, func.sum(tables.page.c.new).label("new")))
    problems = _open_problems(connection)
    posts, revisions, owed = _posts(connection), _revisions(connection), _untranslated(connection)
    rows = []
    every = watches.listed(connection)
    files = media.by_account(connection, media.modes(every, default_media))
    for watch in every:
        pages = int(new.get(watch.id, {}).get("new") or 0)
        trouble = problems.get(watch.id, {"posts": 0, "pages": 0, "what": None})
        there = posts.get(watch.account_id, {"posts": 0, "gone": 0, "oldest": None, "newest": None})
        # A failed visit is one thing owed, whether or not a page tells of it.
        failed = trouble["pages"] or (1 if watch.last_error else 0)
        rows.append(
            WatchTotals(
                watch=original(str(watch)),
                platform=watch.platform,
                account=original(watch.handle),
                served=pages + trouble["posts"],
                stored=there["posts"],
                revised=revisions.get(watch.account_id, {}).get("revisions", there["posts"]) - there["posts"],
                gone=there["gone"],
                owed=trouble["posts"] + failed + max(0, pages - there["posts"]),
                oldest=there["oldest"],
                newest=there["newest"],
                last_ok=watch.last_ok,
                last_error=_error(watch.last_error, trouble),
                untranslated=owed.get(watch.account_id, {}).get("texts", 0),
                refusal=watch.refusal,
                paused=watch.paused,
                media_files=files.get(watch.account_id, (0, 0))[0],
                media_missing=files.get(watch.account_id, (0, 0))[1],
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


def _posts(connection: Connection) -> dict[int | None, dict[str, Any]]:
    query = select(
        _post.account_id,
        func.count().label("posts"),
        func.sum(case((_post.state == "live", 0), else_=1)).label("gone"),
        func.min(_post.published_at).label("oldest"),
        func.max(_post.published_at).label("newest"),
    )
    return _by_key(connection, query)


def _revisions(connection: Connection) -> dict[int | None, dict[str, Any]]:
    query = select(_post.account_id, func.count().label("revisions"))
    return _by_key(connection, query.join(tables.revision, _revision.post_id == _post.id))


def _untranslated(connection: Connection) -> dict[int | None, dict[str, Any]]:
    query = select(_post.account_id, func.count(distinct(_revision.id)).label("texts"))
    current = _revision.id == _post.current_revision_id
    joined = query.join(tables.revision, current).join(
        tables.attempt, and_(_attempt.revision_id == _revision.id, _is_open)
    )
    return _by_key(connection, joined)


def _languages(connection: Connection) -> tuple[LanguageTotals, ...]:
    translated = (
        select(tables.translation.c.id).where(tables.translation.c.revision_id == _revision.id).exists()
    )
    owed = select(_attempt.id).where(_attempt.revision_id == _revision.id, _is_open).exists()
    query = (
        select(
            tables.detection.c.language,
            func.count().label("texts"),
            func.sum(case((translated, 1), else_=0)).label("translated"),
            func.sum(case((owed, 1), else_=0)).label("owed"),
        )
        .select_from(tables.post)
        .join(tables.revision, _revision.id == _post.current_revision_id)
        .outerjoin(tables.detection, current_detection())
        .group_by(tables.detection.c.language)
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
