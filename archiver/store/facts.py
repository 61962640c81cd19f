"""The facts that the ledger vouches for, kind by kind: how each is called, and what it says.

What a fact says is its *payload*: plain JSON, told by names that mean something outside of this database. It
is made from the tables alone, so that whoever alters a row alters the payload.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select

from archiver.posts import Capture
from archiver.store import tables
from archiver.store.detections import PERSON

Row = Any
Payload = Mapping[str, Any]

_capture, _revision, _post, _account = (
    tables.capture.c,
    tables.revision.c,
    tables.post.c,
    tables.account.c,
)
_observation, _snapshot = tables.observation.c, tables.account_snapshot.c
_detection, _correction, _segment = tables.detection.c, tables.correction.c, tables.segment.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`id` is its row's number; `ref` is its name, unique among facts of its kind."""

    kind: str
    id: int
    ref: str
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Facts of one table. `chosen` leaves out the rows that are none; a row never becomes one later."""

    name: str
    table: Table
    rows: Select[Any]
    told: Callable[[Row], tuple[str, Payload]]
    chosen: ColumnElement[bool] | None = None

    def facts(self, connection: Connection, *where: ColumnElement[bool]) -> Iterator[Fact]:
        """Those that fit, by id."""
        wanted = self.rows.where(*where).order_by(self.table.c.id)
        if self.chosen is not None:
            wanted = wanted.where(self.chosen)
        for row in connection.execute(wanted):
            ref, payload = self.told(row)
            yield Fact(kind=self.name, id=row.id, ref=ref, payload=payload)


def moment(at: datetime | None) -> str | None:
    """A time as payloads and the ledger write it: always UTC, always with microseconds."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def capture_ref(warc: str, offset: int) -> str:
    """Such as `captures/20261122T100000000000Z-7.warc.gz@812`."""
    return f"{warc}@{offset}"


# -- what they say ----------------------------------------------------------------------------------------


def _told_capture(row: Row) -> tuple[str, Payload]:
    told = {name: getattr(row, name) for name in Capture.__slots__}
    return capture_ref(row.warc, row.offset), {**told, "fetched_at": moment(row.fetched_at)}


def _told_account(row: Row) -> tuple[str, Payload]:
    seen = capture_ref(row.warc, row.offset)
    told = {
        "platform": row.platform,
        "handle": row.handle,
        "name": row.name,
        "description": row.description,
        "avatar_url": row.avatar_url,
        "verified": row.verified,
        "metrics": row.metrics,
        "at": moment(row.at),
        "capture": seen,
    }
    return f"{row.platform}:{row.handle} {seen}", told


def _told_revision(row: Row) -> tuple[str, Payload]:
    post = f"{row.platform}:{row.native_id}"
    told = {
        "post": post,
        "seq": row.seq,
        "digest": row.digest,  # over what it says: `posts.Post.digest`
        "account": f"{row.platform}:{row.author}",
        "published_at": moment(row.published_at),
        "seen_at": moment(row.seen_at),
        "capture": capture_ref(row.warc, row.offset),
    }
    return f"{post}#{row.seq}", told


def _told_observation(row: Row) -> tuple[str, Payload]:
    post, seen = f"{row.platform}:{row.native_id}", capture_ref(row.warc, row.offset)
    return f"{post} {seen}", {"post": post, "state": row.state, "at": moment(row.at), "capture": seen}


def _told_correction(row: Row) -> tuple[str, Payload]:
    where = None if row.platform is None else f"{row.platform}:{row.native_id}#{row.seq}"
    told = {
        "revision": where,
        "start": row.start,
        "stop": row.stop,
        "source": row.source,
        "language": row.language,
        "target": row.target,
        "text": row.text,
        "author": row.author,
        "note": row.note,
        "at": moment(row.at),
        "supersedes": row.supersedes_id,
    }
    return str(row.id), told


def _told_language(row: Row) -> tuple[str, Payload]:
    revision = f"{row.platform}:{row.native_id}#{row.seq}"
    return f"{revision} {row.id}", {
        "revision": revision,
        "language": row.language,
        "at": moment(row.at),
    }


def _told_file(row: Row) -> tuple[str, Payload]:
    told = {name: getattr(row, name) for name in ("sha256", "size", "content_type", "path")}
    return row.sha256, {**told, "stored_at": moment(row.stored_at)}


_place = (_capture.warc, _capture.offset)
_earlier = tables.observation.alias("earlier")

CAPTURE = Kind(
    name="capture",
    table=tables.capture,
    rows=select(tables.capture),
    told=_told_capture,
)
ACCOUNT = Kind(
    name="account",
    table=tables.account_snapshot,
    rows=select(tables.account_snapshot, _account.platform, *_place)
    .join(tables.account, _account.id == _snapshot.account_id)
    .join(tables.capture, _capture.id == _snapshot.capture_id),
    told=_told_account,
)
REVISION = Kind(
    name="revision",
    table=tables.revision,
    rows=select(_revision.id, _revision.seq, _revision.digest, _revision.seen_at)
    .add_columns(_post.platform, _post.native_id, _post.published_at)
    .add_columns(_account.native_id.label("author"), *_place)
    .join(tables.post, _post.id == _revision.post_id)
    .join(tables.account, _account.id == _post.account_id)
    .join(tables.capture, _capture.id == _revision.capture_id),
    told=_told_revision,
)
OBSERVATION = Kind(
    name="observation",
    table=tables.observation,
    rows=select(_observation.id, _observation.state, _observation.at)
    .add_columns(_post.platform, _post.native_id, *_place)
    .join(tables.post, _post.id == _observation.post_id)
    .join(tables.capture, _capture.id == _observation.capture_id),
    told=_told_observation,
    # That a post is gone; and, once it was, that it is back.
    chosen=or_(
        _observation.state != "live",
        select(_earlier.c.id)
        .where(
            _earlier.c.post_id == _observation.post_id,
            _earlier.c.id < _observation.id,
            _earlier.c.state != "live",
        )
        .exists(),
    ),
)
CORRECTION = Kind(
    name="correction",
    table=tables.correction,
    rows=select(tables.correction, _segment.start, _segment.stop)
    .add_columns(_post.platform, _post.native_id, _revision.seq)
    .outerjoin(tables.segment, _segment.id == _correction.segment_id)
    .outerjoin(tables.revision, _revision.id == _segment.revision_id)
    .outerjoin(tables.post, _post.id == _revision.post_id),
    told=_told_correction,
)
LANGUAGE = Kind(
    name="language",
    table=tables.detection,
    rows=select(_detection.id, _detection.language, _detection.at)
    .add_columns(_post.platform, _post.native_id, _revision.seq)
    .join(tables.revision, _revision.id == _detection.revision_id)
    .join(tables.post, _post.id == _revision.post_id),
    told=_told_language,
    chosen=and_(_detection.method == PERSON),
)
FILE = Kind(
    name="file",
    table=tables.media_file,
    rows=select(tables.media_file),
    told=_told_file,
)
KINDS = (CAPTURE, ACCOUNT, REVISION, OBSERVATION, CORRECTION, LANGUAGE, FILE)
"""In the order in which the facts of a transaction stand in the ledger. A further table is a further Kind."""
