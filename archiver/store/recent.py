"""What a later visit has to know of a watch's posts: which there are, and which were asked about."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from archiver.posts import Known
from archiver.store import tables
from archiver.store.types import original
from archiver.store.watches import Watch

HISTORY = "/history"  # how the address of a post's earlier versions ends

_post, _observation = tables.post.c, tables.observation.c


def posts(
    connection: Connection, watch: Watch, since: datetime | None, *, also_shown: bool = False
) -> tuple[Known, ...]:
    """The watched account's posts from `since` on (None: all) that are not known to be gone, and older ones
    that were missing when they were last asked for. `also_shown`: those of its pages, whoever the author."""
    last = (
        select(func.max(_observation.at))
        .where(_observation.post_id == _post.id, _observation.state == "missing")
        .scalar_subquery()
    )
    listed: list[ColumnElement[bool]] = [_post.state.in_(("live", "withheld"))]
    if since is not None:
        listed.append(_post.published_at >= since)
    query = select(
        _post.native_id, _post.published_at, _post.last_seen_at, _post.state, last.label("missing")
    )
    rows = connection.execute(
        query.where(or_(and_(*listed), _post.state == "missing"), _of(watch, also_shown=also_shown))
    )
    return tuple(
        Known(
            native_id=original(row.native_id),
            published_at=row.published_at,
            last_seen_at=row.last_seen_at,
            missing_since=row.missing if row.state == "missing" else None,
        )
        for row in rows
    )


def versioned(connection: Connection, watch: Watch) -> frozenset[tuple[str, datetime]]:
    """The edits of the watch's posts, by native id and time, whose earlier versions were asked for since."""
    revision, capture = tables.revision.c, tables.capture.c
    query = (
        select(_post.native_id, revision.edited_at)
        .join(tables.revision, revision.id == _post.current_revision_id)
        .join(tables.observation, _observation.post_id == _post.id)
        .join(tables.capture, capture.id == _observation.capture_id)
        .where(
            revision.edited_at.is_not(None),
            _observation.at >= revision.seen_at,
            capture.url.endswith(HISTORY),
            _of(watch, also_shown=True),
        )
    )
    return frozenset((original(row.native_id), row.edited_at) for row in connection.execute(query))


def _of(watch: Watch, *, also_shown: bool) -> ColumnElement[bool]:
    mine = (_post.platform == watch.platform) & (_post.account_id == watch.account_id)
    if not also_shown:
        return mine
    page = tables.page.c
    shown = (
        select(_observation.id)
        .join(tables.page, page.capture_id == _observation.capture_id)
        .where(_observation.post_id == _post.id, page.watch_id == watch.id)
    )
    return or_(mine, (_post.platform == watch.platform) & shown.exists())
