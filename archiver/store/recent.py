"""What a later visit has to know of a watch's posts: which there are, and which were asked about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from archiver.posts import Known
from archiver.store import tables
from archiver.store.types import original
from archiver.store.watches import Watch

HISTORY = "/history"  # how the address of a post's earlier versions ends

_post, _observation = tables.post.c, tables.observation.c


def posts(
    connection: Connection, watch: Watch, since: datetime | None, *, namesakes: bool = False
) -> tuple[Known, ...]:
    """The watched account's posts from `since` on (None: all) that are not known to be gone, and older ones
    that were missing when they were last asked for. `namesakes`: those of accounts with the watch's name,
    too, because some servers' posts bear another account id than their look-up."""
    mine = _post.account_id.in_(_accounts(connection, watch, namesakes=namesakes))
    listed: list[ColumnElement[bool]] = [_post.state.in_(("live", "withheld"))]
    if since is not None:
        listed.append(_post.published_at >= since)
    last = (
        select(func.max(_observation.at))
        .where(_observation.post_id == _post.id, _observation.state == "missing")
        .scalar_subquery()
    )
    looks = (_post.native_id, _post.published_at, _post.last_seen_at)
    there = connection.execute(select(*looks).where(mine, *listed)).all()
    missing = connection.execute(
        select(*looks, last.label("missing")).where(mine, _post.state == "missing")
    ).all()
    return tuple(
        Known(
            native_id=original(row.native_id),
            published_at=row.published_at,
            last_seen_at=row.last_seen_at,
            missing_since=row._mapping.get("missing"),
        )
        for row in (*there, *missing)
    )


def versioned(connection: Connection, watch: Watch) -> frozenset[tuple[str, datetime]]:
    """The edits of the watch's posts, by native id and time, whose earlier versions were asked for since."""
    revision, capture = tables.revision.c, tables.capture.c
    asked = (
        select(_observation.id)
        .join(tables.capture, capture.id == _observation.capture_id)
        .where(
            _observation.post_id == _post.id,
            _observation.at >= revision.seen_at,
            capture.url.endswith(HISTORY),
        )
    )
    query = (
        select(_post.native_id, revision.edited_at)
        .join(tables.revision, revision.id == _post.current_revision_id)
        .where(
            _post.account_id.in_(_accounts(connection, watch, namesakes=True)),
            revision.edited_at.is_not(None),
            asked.exists(),
        )
    )
    return frozenset((original(row.native_id), row.edited_at) for row in connection.execute(query))


def _accounts(connection: Connection, watch: Watch, *, namesakes: bool) -> Sequence[int]:
    own = [] if watch.account_id is None else [watch.account_id]
    if not namesakes:
        return own
    account = tables.account.c
    same = select(account.id).where(account.platform == watch.platform, account.handle == watch.handle)
    return [*own, *connection.scalars(same)]
