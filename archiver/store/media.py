"""The files of attachments: which are wanted and not there yet, what became of each try, what is on disk.

"Not downloaded yet" is a query over the attachments of watches that want media; nothing is queued. A file
is kept once, named by its SHA-256, however often it was posted; each try is a row with the server's answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from archiver.posts import Attachment
from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.memory_keys import source_key
from archiver.store.types import original, storable
from archiver.store.watches import Media, Watch

KINDS: Mapping[Media, tuple[str, ...]] = {
    "none": (),
    "images": ("image", "sticker"),
    "all": ("image", "sticker", "video", "animation", "audio", "voice", "document", "unknown"),
}

EXPIRED = (401, 403, 404, 410)  # what servers say of an address that is good no more

_attachment, _revision, _post = tables.attachment, tables.revision, tables.post
_download, _file = tables.download, tables.media_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An attachment whose file is to be had. `tries` were made before, in vain."""

    attachment_id: int
    kind: str
    url: str
    account_id: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Bytes on disk. `content_type` is what they are, by their first bytes; `path` starts at the archive."""

    sha256: str
    size: int
    content_type: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of asking for a file: the file, or why there is none and when to ask again (None: never)."""

    attachment_ids: tuple[int, ...]
    url: str
    at: datetime
    final_url: str | None = None
    status: int | None = None
    headers: Mapping[str, str] | None = None
    file: File | None = None
    reason: str | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTotals:
    """Of all watches together. `waiting` are not downloaded yet, `given_up` never will be unless asked for
    again; `reasons` counts what stands between us and both."""

    files: int
    bytes: int
    attachments: int
    waiting: int
    given_up: int
    reasons: tuple[tuple[str, int], ...]


def modes(watches: Iterable[Watch], default: str) -> dict[int, Media]:
    """Which media are wanted of each account that is known."""
    wanted: dict[int, Media] = {}
    for watch in watches:
        mode: Media = watch.media or default  # type: ignore[assignment]  # checked when archiver.toml was read
        if watch.account_id is not None and mode != "none":
            wanted[watch.account_id] = mode
    return wanted


def wanted(
    connection: Connection,
    accounts: Mapping[int, Media],
    now: datetime,
    *,
    limit: int,
    below: int | None = None,
    again: bool = False,
) -> list[Wanted]:
    """Attachments to ask for now, the latest first (addresses expire); go on with the last id as `below`.

    `again`: those that were given up or are to wait, too.
    """
    tries = select(func.count()).where(_download.c.attachment_id == _attachment.c.id).scalar_subquery()
    query = (
        select(_attachment, _post.c.account_id, tries.label("tries"))
        .join(_revision, _revision.c.id == _attachment.c.revision_id)
        .join(_post, _post.c.id == _revision.c.post_id)
        .where(_of(accounts), _attachment.c.url.is_not(None), ~_is_there())
    )
    if not again:
        query = query.where(~_rests(now))
    if below is not None:
        query = query.where(_attachment.c.id < below)
    rows = connection.execute(query.order_by(_attachment.c.id.desc()).limit(limit))
    return [
        Wanted(
            attachment_id=row.id,
            kind=row.kind,
            url=original(row.url),
            account_id=row.account_id,
            tries=row.tries,
        )
        for row in rows
    ]


def known(connection: Connection, url: str) -> tuple[File, Mapping[str, str]] | None:
    """What was had at the very address before, and the headers it came with."""
    query = (
        select(_file, _download.c.headers)
        .join(_download, _download.c.media_file_id == _file.c.id)
        .where(_download.c.url_key == source_key(url), _download.c.url == url)
        .order_by(_download.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (_file_of(row), row.headers or {})


def record(connection: Connection, tried: Tried) -> None:
    """Keep what came of a try, for all the attachments it was made for."""
    file_id = _file_id(connection, tried.file, tried.at) if tried.file else None
    rows = [
        {
            "attachment_id": attachment_id,
            "url": tried.url,
            "url_key": source_key(tried.url),
            "final_url": tried.final_url,
            "at": tried.at,
            "status": tried.status,
            "headers": dict(tried.headers) if tried.headers else None,
            "media_file_id": file_id,
            "reason": tried.reason,
            "next_at": tried.next_at,
        }
        for attachment_id in tried.attachment_ids
    ]
    connection.execute(insert(_download), rows)


def refresh(connection: Connection, shown: Mapping[int, Sequence[Attachment]], at: datetime) -> None:
    """Posts were seen again: where a file could not be had because its address had expired, take the address
    that the platform gives now and ask again. `shown` are the attachments by the id of their revision.

    The row of each try keeps the address that it was made with; other addresses stay as they were first told.
    """
    expired = and_(
        _download.c.attachment_id == _attachment.c.id,
        _download.c.media_file_id.is_(None),
        _download.c.status.in_(EXPIRED),
    )
    for ids in in_batches(list(shown)):
        query = select(_attachment.c.id, _attachment.c.revision_id, _attachment.c.position, _attachment.c.url)
        rows = connection.execute(query.where(_attachment.c.revision_id.in_(ids), exists().where(expired)))
        for row in rows.all():
            now = shown[row.revision_id]
            url = now[row.position].url if row.position < len(now) else None
            if url is None or storable(url) == row.url:
                continue
            here = _download.c.attachment_id == row.id
            connection.execute(update(_attachment).where(_attachment.c.id == row.id).values(url=url))
            connection.execute(
                update(_download).where(here, _download.c.media_file_id.is_(None)).values(next_at=at)
            )


def media_files(connection: Connection) -> Iterator[File]:
    """Every file that should be on disk, with its digest: for `verify`."""
    for row in connection.execute(select(_file).order_by(_file.c.id)):
        yield _file_of(row)


def bytes_kept(connection: Connection) -> int:
    return int(connection.scalar(select(func.coalesce(func.sum(_file.c.size), 0))) or 0)


def downloads(connection: Connection, attachment_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The tries of each attachment, oldest first, with its file: those made for it, or for the same piece of
    media in another revision of its post."""
    found: dict[int, list[Any]] = {}
    twin, theirs, ours = _attachment.alias("twin"), _revision.alias("theirs"), _revision.alias("ours")
    for ids in in_batches(list(attachment_ids)):
        query = (
            select(_attachment.c.id.label("of"), _download, _file.c.sha256, _file.c.size, _file.c.path)
            .add_columns(_file.c.content_type)
            .join(ours, ours.c.id == _attachment.c.revision_id)
            .join(theirs, theirs.c.post_id == ours.c.post_id)
            .join(twin, and_(twin.c.revision_id == theirs.c.id, _same(twin)))
            .join(_download, _download.c.attachment_id == twin.c.id)
            .outerjoin(_file, _file.c.id == _download.c.media_file_id)
            .where(_attachment.c.id.in_(ids))
            .order_by(_download.c.id)
        )
        for row in connection.execute(query):
            found.setdefault(row.of, []).append(row)
    return found


def totals(connection: Connection, accounts: Mapping[int, Media]) -> MediaTotals:
    files, size = connection.execute(select(func.count(), func.sum(_file.c.size))).one()
    if not accounts:
        return MediaTotals(files=files, bytes=size or 0, attachments=0, waiting=0, given_up=0, reasons=())
    last = _download.alias("last")
    newest = select(func.max(_download.c.id)).where(_download.c.attachment_id == _attachment.c.id)
    query = (
        select(_is_there().label("there"), last.c.reason, last.c.next_at, func.count().label("pieces"))
        .select_from(_attachment)
        .join(_revision, _revision.c.id == _attachment.c.revision_id)
        .join(_post, _post.c.id == _revision.c.post_id)
        .outerjoin(last, last.c.id == newest.scalar_subquery())
        .where(_of(accounts))
        .where(or_(_attachment.c.url.is_not(None), _is_there()))
        .group_by("there", last.c.reason, last.c.next_at)
    )
    counted = {"there": 0, "waiting": 0, "given_up": 0}
    reasons: dict[str, int] = {}
    for row in connection.execute(query):
        state = "there" if row.there else "waiting" if row.next_at or not row.reason else "given_up"
        counted[state] += row.pieces
        if state != "there":
            reason = original(row.reason) if row.reason else "not asked for yet: archiver media"
            reasons[reason] = reasons.get(reason, 0) + row.pieces
    return MediaTotals(
        files=files,
        bytes=size or 0,
        attachments=sum(counted.values()),
        waiting=counted["waiting"],
        given_up=counted["given_up"],
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )


def by_account(connection: Connection, accounts: Mapping[int, Media]) -> dict[int | None, tuple[int, int]]:
    """How many wanted attachments of each account are on disk, and how many are not."""
    if not accounts:
        return {}
    there = _is_there()
    query = (
        select(_post.c.account_id, there.label("there"), func.count().label("pieces"))
        .select_from(_attachment)
        .join(_revision, _revision.c.id == _attachment.c.revision_id)
        .join(_post, _post.c.id == _revision.c.post_id)
        .where(_of(accounts))
        .where(or_(_attachment.c.url.is_not(None), _is_there()))
        .group_by(_post.c.account_id, "there")
    )
    found: dict[int | None, tuple[int, int]] = {}
    for row in connection.execute(query):
        files, missing = found.get(row.account_id, (0, 0))
        found[row.account_id] = (files + row.pieces, missing) if row.there else (files, missing + row.pieces)
    return found


# -- the parts of it --------------------------------------------------------------------------------------


def _of(accounts: Mapping[int, Media]) -> ColumnElement[bool]:
    """Attachments of these accounts, of the kinds that are wanted of each."""
    by_mode: dict[Media, list[int]] = {}
    for account_id, mode in accounts.items():
        by_mode.setdefault(mode, []).append(account_id)
    parts = [
        and_(_post.c.account_id.in_(ids), _attachment.c.kind.in_(KINDS[mode]))
        for mode, ids in by_mode.items()
    ]
    return or_(*parts) if parts else _post.c.id.is_(None)


def _same(twin: Any) -> ColumnElement[bool]:
    """The same piece of media: the platform's own name for it is the same, or without one its address."""
    here = _attachment.c
    by_url = and_(twin.c.key.is_(None), here.key.is_(None), twin.c.url == here.url)
    return or_(twin.c.id == here.id, twin.c.key == here.key, by_url)


def _is_there() -> ColumnElement[bool]:
    """Whether its file is on disk, be it by way of another revision of its post."""
    twin, theirs, got = _attachment.alias("twin"), _revision.alias("theirs"), _download.alias("got")
    return exists(
        select(got.c.id)
        .join(twin, twin.c.id == got.c.attachment_id)
        .join(theirs, theirs.c.id == twin.c.revision_id)
        .where(
            theirs.c.post_id == _revision.c.post_id,
            got.c.media_file_id.is_not(None),
            _same(twin),
        )
        .correlate(_attachment, _revision)
    )


def _rests(now: datetime) -> ColumnElement[bool]:
    """Whether the last try says not to try, or not yet."""
    last, later = _download.alias("last_try"), _download.alias("later")
    return exists().where(
        last.c.attachment_id == _attachment.c.id,
        last.c.media_file_id.is_(None),
        or_(last.c.next_at.is_(None), last.c.next_at > now),
        ~exists().where(later.c.attachment_id == last.c.attachment_id, later.c.id > last.c.id),
    )


def _file_id(connection: Connection, file: File, at: datetime) -> int:
    known_id = connection.scalar(select(_file.c.id).where(_file.c.sha256 == file.sha256))
    if known_id is not None:
        return int(known_id)
    row = {
        "sha256": file.sha256,
        "size": file.size,
        "content_type": file.content_type,
        "path": file.path,
        "stored_at": at,
    }
    return int(connection.execute(insert(_file).returning(_file.c.id), row).scalar_one())


def _file_of(row: Any) -> File:
    return File(sha256=row.sha256, size=row.size, content_type=row.content_type, path=row.path)
