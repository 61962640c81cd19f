"""Posts whose ids hang on a name that may change hands: a Telegram channel's `name/123`.

Renamed, the channel is the same account and the post the same post, which keeps the id that it was stored
under. Another channel that takes the name over has other posts, which are stored under the account's number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select

from archiver.posts import Post
from archiver.store import tables
from archiver.store.types import original, storable_id

Row = dict[str, Any]
PostKey = tuple[str, str]

_post, _account = tables.post, tables.account


def key_of(post: Post) -> PostKey:
    return post.platform, storable_id(post.native_id)


def as_stored(
    connection: Connection, posts: Sequence[Post], account_ids: Mapping[tuple[str, str], int]
) -> tuple[list[Post], dict[PostKey, Row]]:
    """The posts under the ids that they have here, and the rows of those that are stored."""
    known = _rows(connection, posts)
    if all(post.label is None for post in posts):
        return list(posts), known
    ids = {key_of(post): account_ids[post.author.platform, post.author.native_id] for post in posts}
    owners = _owners(connection, {row["account_id"] for row in known.values()})
    named: list[Post] = []
    for post in posts:
        row = known.get(key_of(post))
        if post.label and row and row["account_id"] != ids[key_of(post)]:
            owner = owners[row["account_id"]]
            if not (owner.startswith("@") or post.author.native_id.startswith("@")):
                post = post.under(post.author.native_id)
        elif post.label and row is None:
            post = _renamed(connection, post, ids[key_of(post)])
        named.append(post)
    return named, _rows(connection, named)


def _rows(connection: Connection, posts: Sequence[Post]) -> dict[PostKey, Row]:
    keys = [key_of(post) for post in posts]
    wanted = select(_post).where(
        _post.c.platform.in_({platform for platform, _ in keys}),
        _post.c.native_id.in_([native_id for _, native_id in keys]),
    )
    rows = (dict(row) for row in connection.execute(wanted).mappings())
    return {(row["platform"], row["native_id"]): row for row in rows}


def _owners(connection: Connection, ids: set[int]) -> dict[int, str]:
    found = connection.execute(select(_account.c.id, _account.c.native_id).where(_account.c.id.in_(ids)))
    return {row.id: row.native_id for row in found}


def _renamed(connection: Connection, post: Post, account_id: int) -> Post:
    """A post of the same account, number and time is the same post under a former name."""
    number = post.native_id.rpartition("/")[2]
    same = (
        (_post.c.account_id == account_id)
        & (_post.c.published_at == post.published_at)
        & (_post.c.platform == post.platform)
    )
    for native_id in connection.scalars(select(_post.c.native_id).where(same)):
        label, _, stored = original(native_id).rpartition("/")
        if stored == number and label:
            return post.under(label)
    return post


def by_other_name(connection: Connection, platform: str, native_id: str) -> int | None:
    """The id of the post `name/123`, where its account had that name at some time."""
    label, _, number = native_id.rpartition("/")
    if not label or not number.isdecimal():
        return None
    snapshot = tables.account_snapshot
    named = (
        select(_account.c.id)
        .outerjoin(snapshot, snapshot.c.account_id == _account.c.id)
        .where(
            _account.c.platform == platform,
            or_(
                func.lower(_account.c.handle) == label.lower(), func.lower(snapshot.c.handle) == label.lower()
            ),
        )
    )
    wanted = select(_post.c.id).where(
        _post.c.account_id.in_(named), _post.c.native_id.endswith(f"/{number}", autoescape=True)
    )
    return connection.scalar(wanted.order_by(_post.c.id).limit(1))
