"""Revisions against their digests, and translations against the texts that they translate."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from archiver.posts import Account, Post
from archiver.store import tables
from archiver.store.checks import Finding, Tally
from archiver.store.database import Database
from archiver.store.memory_keys import source_key
from archiver.store.shapes import attachment_of, poll_of
from archiver.store.types import original, storable

_PAGE = 500
_post, _revision, _segment = tables.post.c, tables.revision.c, tables.segment.c
_attachment, _translation, _part = (
    tables.attachment.c,
    tables.translation.c,
    tables.translated_segment.c,
)
_SOMEBODY = Account(platform="", native_id="", handle="")


def revisions(database: Database, tally: Tally) -> Iterator[Finding]:
    """What every revision says still has the digest that it had when it was stored."""
    wanted = (
        select(_revision.id, _revision.seq, _revision.digest, _revision.body, _revision.poll)
        .add_columns(_revision.title, _revision.warning, _revision.text)
        .add_columns(_post.platform, _post.native_id)
        .outerjoin_from(tables.revision, tables.post, _post.id == _revision.post_id)
    )
    after = 0
    while True:
        with database.read() as connection:
            rows = connection.execute(
                wanted.where(_revision.id > after).order_by(_revision.id).limit(_PAGE)
            ).all()
            attachments = _attachments(connection, [row.id for row in rows])
        if not rows:
            return
        for row in rows:
            where = f"revision {_named(row)}"
            if row.platform is None:
                yield Finding(where=where, what="its post is no longer in the archive")
            if not any(post.digest() == row.digest for post in _said(row, attachments.get(row.id, []))):
                yield Finding(where=where, what="its text is not the one whose digest was stored with it")
            elif storable(next(_said(row, [])).body) != row.body:
                what = "what is searched and translated of it (its body) is not what it says"
                yield Finding(where=where, what=what)
        after = rows[-1].id
        tally.count(len(rows))


def segments(database: Database, tally: Tally) -> Iterator[Finding]:
    """Every segment is the part of its text that it says, and every translation is of its own text."""
    wanted = (
        select(_segment.id, _segment.start, _segment.stop, _segment.source, _segment.source_key)
        .add_columns(func.substr(_revision.body, _segment.start + 1, _segment.stop - _segment.start))
        .add_columns(_revision.seq, _post.platform, _post.native_id)
        .outerjoin_from(tables.segment, tables.revision, _revision.id == _segment.revision_id)
        .outerjoin(tables.post, _post.id == _revision.post_id)
    )
    after = 0
    while True:
        with database.read() as connection:
            rows = connection.execute(
                wanted.where(_segment.id > after).order_by(_segment.id).limit(_PAGE)
            ).all()
            last = rows[-1].id if rows else 0
            strangers = connection.execute(
                select(_part.id, _part.segment_id)
                .join(tables.translation, _translation.id == _part.translation_id)
                .join(tables.segment, _segment.id == _part.segment_id)
                .where(_segment.id > after, _segment.id <= last)
                .where(_translation.revision_id != _segment.revision_id)
            ).all()
        if not rows:
            return
        for row in rows:
            where = f"segment {row.id} of {_named(row)}, {row.start} to {row.stop}"
            if row[5] != row.source:
                yield Finding(where=where, what="its source is not this part of the text")
            elif row.source_key != source_key(original(row.source)):
                yield Finding(where=where, what="its key in the memory is not that of its source")
        for part in strangers:
            what = f"it translates segment {part.segment_id}, which is of another text"
            yield Finding(where=f"translated segment {part.id}", what=what)
        after = last
        tally.count(len(rows))


def _attachments(connection: Connection, revision_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    wanted = select(tables.attachment).where(_attachment.revision_id.in_(revision_ids))
    for row in connection.execute(wanted.order_by(_attachment.revision_id, _attachment.position)).mappings():
        found.setdefault(row["revision_id"], []).append(row)
    return found


def _said(row: Any, attachments: Sequence[Any]) -> Iterator[Post]:
    """The post as it was given to the store. A text may hold the very characters that stand in for those that
    a database cannot hold (see `types`): then it is read as it stands."""
    for read in (original, str):
        yield Post(
            platform="",
            native_id="",
            author=_SOMEBODY,
            title=_read(row.title, read),
            warning=_read(row.warning, read),
            text=_read(row.text, read),
            attachments=tuple(attachment_of(_read(dict(each), read)) for each in attachments),
            poll=poll_of(_read(row.poll, read)),
        )


def _read(value: Any, read: Any) -> Any:
    match value:
        case str():
            return read(value)
        case dict():
            return {name: _read(each, read) for name, each in value.items()}
        case list():
            return [_read(each, read) for each in value]
    return value


def _named(row: Any) -> str:
    if row.platform is None:
        return f"number {row.id}"
    return f"{original(f'{row.platform}:{row.native_id}')}#{row.seq}"
