"""Reading whole posts out of the archive: one by its name, or all that fit, page by page."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Text, cast, func, or_, select

from archiver.errors import NotFound
from archiver.store import aligned, naming, tables
from archiver.store.aligned import AlignedPost
from archiver.store.database import Database
from archiver.store.doubts import flagged_so, sure_enough
from archiver.store.filters import Filters, account_ids
from archiver.store.loading import load
from archiver.store.records import PostRecord
from archiver.store.search import matching
from archiver.store.texts import current_detection, current_translation
from archiver.store.types import original, storable, storable_id

PAGE = 500  # posts read in one transaction
T = TypeVar("T")

_post = tables.post.c


def show(connection: Connection, named: str) -> PostRecord:
    """The post called PLATFORM:NATIVE_ID, or found at an address. Raises NotFound."""
    return load(connection, [post_id(connection, named)])[0]


def post_id(connection: Connection, named: str) -> int:
    """The post called PLATFORM:NATIVE_ID, or found at an address. Raises NotFound."""
    found = _named(connection, named.strip())
    if found is None:
        raise NotFound(f"no post '{named}' in this archive; name it as PLATFORM:NATIVE_ID or by its address")
    return found


def current_revision(connection: Connection, named: str) -> tuple[str, int | None]:
    """The full name of a post, and the id of what it says now. Raises NotFound."""
    wanted = select(_post.platform, _post.native_id, _post.current_revision_id)
    row = connection.execute(wanted.where(_post.id == post_id(connection, named))).one()
    return original(f"{row.platform}:{row.native_id}"), row.current_revision_id


def records(database: Database, filters: Filters) -> Iterator[PostRecord]:
    """All posts that fit, in the order of storing, once each.

    Memory stays flat, and every page is a transaction of its own: a reader that held the archive through a
    long export would keep crawls from storing. What changes meanwhile is read as it then is.
    """
    return _read(database, filters, load)


def aligned_posts(database: Database, filters: Filters) -> Iterator[AlignedPost]:
    """`records` with as much of each post as aligned pairs are made of, several times as fast."""
    return _read(database, filters, aligned.load)


def _read(
    database: Database, filters: Filters, load: Callable[[Connection, Sequence[int]], list[T]]
) -> Iterator[T]:
    wanted = _wanted(database, filters)
    after = 0
    while True:
        with database.read() as connection:
            ids, after = wanted.page(connection, after)
            page = load(connection, ids)
        if not ids:
            return
        yield from page


def count(database: Database, filters: Filters) -> int:
    """How many posts `records` would give."""
    with database.read() as connection:
        return _wanted(database, filters).count(connection)


def posts_by_account(database: Database, filters: Filters) -> Counter[tuple[str, str]]:
    """How many of the posts that fit each account has, by platform and native id."""
    wanted = _wanted(database, filters)
    account = tables.account.c
    counts: Counter[tuple[str, str]] = Counter()
    after = 0
    while True:
        with database.read() as connection:
            ids, after = wanted.page(connection, after)
            query = (
                select(account.platform, account.native_id, func.count())
                .join(tables.post, _post.account_id == account.id)
                .where(_post.id.in_(ids))
                .group_by(account.platform, account.native_id)
            )
            for platform, native_id, count in connection.execute(query):
                counts[(original(platform), original(native_id))] += count
        if not ids:
            return counts


class _Matching:
    """Posts found by a query: their ids are known, and little to keep (8 bytes each)."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids

    def page(self, connection: Connection, after: int) -> tuple[Sequence[int], int]:
        """The ids from place `after` on, and the next place."""
        return self.ids[after : after + PAGE], after + PAGE

    def count(self, connection: Connection) -> int:
        return len(self.ids)


class _Fitting:
    """Posts that fit the filters; asked of the posts themselves, so that a late index leaves none out."""

    def __init__(self, where: Sequence[ColumnElement[bool]], *, of_translations: bool) -> None:
        self.where = where
        self.of_translations = of_translations  # whether something is asked of them

    def page(self, connection: Connection, after: int) -> tuple[Sequence[int], int]:
        """The ids after id `after`, and the last of them."""
        query = self._select(_post.id).where(_post.id > after).order_by(_post.id).limit(PAGE)
        ids = list(connection.scalars(query))
        return ids, ids[-1] if ids else after

    def count(self, connection: Connection) -> int:
        return int(connection.scalar(self._select(func.count())) or 0)

    def _select(self, what: Any) -> Any:
        fitting = (
            select(what)
            .select_from(tables.post)
            .join(tables.revision, tables.revision.c.id == _post.current_revision_id)
            .outerjoin(tables.detection, current_detection())
        )
        if self.of_translations:
            shown = tables.translation.c.id == current_translation()
            fitting = fitting.outerjoin(tables.translation, shown)
        return fitting.where(*self.where)


def _wanted(database: Database, filters: Filters) -> _Matching | _Fitting:
    with database.read() as connection:
        if filters.query.strip():
            return _Matching(matching(connection, filters))
        asked = filters != filters.without_doubts()
        return _Fitting(_conditions(connection, filters), of_translations=asked)


def _conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """The filters in the posts' own columns; they mean what they mean in a search."""
    where: list[ColumnElement[bool]] = []
    language = func.lower(func.coalesce(tables.detection.c.language, "und"))
    if filters.languages:
        tags = [storable(tag).casefold().replace("_", "-") for tag in filters.languages]
        where.append(
            or_(*(or_(language == tag, language.startswith(f"{tag}-", autoescape=True)) for tag in tags))
        )
    if filters.platform:
        where.append(_post.platform == storable(filters.platform))
    if filters.account:
        where.append(_post.account_id.in_(account_ids(connection, filters.account)))
    if filters.since:
        where.append(_post.published_at >= _second(filters.since))
    if filters.until:
        where.append(_post.published_at < _second(filters.until) + timedelta(seconds=1))
    shown = tables.translation.c
    where += flagged_so(filters, shown.flags)
    where += sure_enough(filters, shown.id, tables.detection.c.confidence)
    return where


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _named(connection: Connection, named: str) -> int | None:
    platform, _, native_id = storable(named).partition(":")
    by_name = (_post.platform == platform) & (_post.native_id == storable_id(native_id))
    same_album = cast(_post.group_ids, Text).contains(f'"{storable_id(native_id)}"', autoescape=True)
    ways = [
        by_name,
        _post.native_id == storable_id(named),
        _post.url.in_(_spellings(storable(named))),
        (_post.platform == platform) & same_album,
    ]
    for way in ways:
        found = connection.scalar(select(_post.id).where(way).order_by(_post.id).limit(1))
        if found is not None:
            return int(found)
    return naming.by_other_name(connection, platform, native_id)


def _spellings(url: str) -> list[str]:
    """An address as people copy it: with or without scheme, www., Telegram's /s/, a slash or a query."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
    except ValueError:
        return [url]
    host, path = parts.netloc.lower(), parts.path.rstrip("/")
    hosts = {host, host.removeprefix("www."), f"www.{host.removeprefix('www.')}"}
    paths = {path, "/" + path.removeprefix("/s/")} if path.startswith("/s/") else {path}
    ends = ("", "/")
    bare = {
        f"{scheme}://{h}{p}{end}"
        for scheme in ("https", "http")
        for h in hosts
        for p in paths
        for end in ends
    }
    return sorted({url, *bare})
