"""What is there, and whether it adds up: counts taken from different tables, so that a difference shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
    """One watch. `served` is what its pages carried, by the pages' own count; `stored` what the account has,
    and what the pages showed under an id that no watched account has.

    `gone` are posts with a tombstone, `missing` those that were not there when last asked for. `owed` are
    pages and posts that could not be had or read, and posts that were counted but are not there.
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
    missing: int
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
    every = watches.listed(connection)
    posts, states = _posts(connection), _states(connection)
    revised, owed = _revised(connection), _untranslated(connection)
    others = _of_nobody_watched(connection, [w.account_id for w in every if w.account_id is not None])
    rows = []
    files = media.by_account(connection, media.modes(every, default_media))
    for watch in every:
        pages = int(new.get(watch.id, {}).get("new") or 0)
        trouble = problems.get(watch.id, {"posts": 0, "pages": 0, "what": None})
        own, other = posts.get(watch.account_id, _NOTHING), others.get(watch.id, _NOTHING)
        stored = own["posts"] + other["posts"]
        times = [moment for each in (own, other) for moment in (each["oldest"], each["newest"]) if moment]
        # A failed visit is one thing owed, whether or not a page tells of it.
        failed = trouble["pages"] or (1 if watch.last_error else 0)
        rows.append(
            WatchTotals(
                watch=original(str(watch)),
                platform=watch.platform,
                account=original(watch.handle),
                served=pages + trouble["posts"],
                stored=stored,
                revised=revised[watch.account_id] + other["revisions"] - other["posts"],
                gone=states[watch.account_id, "gone"] + other["gone"],
                missing=states[watch.account_id, "missing"] + other["missing"],
                owed=trouble["posts"] + failed + max(0, pages - stored),
                oldest=min(times, default=None),
                newest=max(times, default=None),
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


_NOTHING: _Row = {"posts": 0, "gone": 0, "missing": 0, "revisions": 0, "oldest": None, "newest": None}
_COUNTS = (
    func.count().label("posts"),
    func.min(_post.published_at).label("oldest"),
    func.max(_post.published_at).label("newest"),
)


# What is rare is counted on its own: the rest then needs no more than an index.


def _posts(connection: Connection) -> dict[int | None, dict[str, Any]]:
    return _by_key(connection, select(_post.account_id, *_COUNTS))


def _of_nobody_watched(connection: Connection, watched: Sequence[int]) -> dict[int | None, dict[str, Any]]:
    """Posts whose author is no watched account, by the watch whose pages showed them: some servers' posts
    bear another account's id than its look-up."""
    observation, page = tables.observation.c, tables.page.c
    shown = (
        select(page.watch_id, _post.id.label("post_id"))
        .distinct()
        .select_from(tables.post)
        .join(tables.observation, observation.post_id == _post.id)
        .join(tables.page, page.capture_id == observation.capture_id)
        .where(_post.account_id.not_in(watched), page.watch_id.is_not(None))
        .subquery()
    )
    texts = select(func.count()).where(_revision.post_id == _post.id).correlate(tables.post).scalar_subquery()
    query = select(
        shown.c.watch_id,
        *_COUNTS,
        func.sum(case((_post.state == "gone", 1), else_=0)).label("gone"),
        func.sum(case((_post.state == "missing", 1), else_=0)).label("missing"),
        func.sum(texts).label("revisions"),
    )
    return _by_key(connection, query.join(tables.post, _post.id == shown.c.post_id))


def _states(connection: Connection) -> Counter[tuple[int | None, str]]:
    """How many posts of an account are not live, by state."""
    # Counted here: to group them, SQLite would look every post up in the order of accounts.
    rows = connection.execute(select(_post.account_id, _post.state).where(_post.state != "live"))
    return Counter((row.account_id, row.state) for row in rows)


def _revised(connection: Connection) -> Counter[int | None]:
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
