"""X's API v2 as twarc2 and its like keep it: a page a line, or a post a line ("flattened")."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.errors import PageChanged
from archiver.imports import _x
from archiver.imports._files import Opened
from archiver.imports._lines import json_lines
from archiver.imports._parts import Asked, Broken, Found, Head, Portion, Record, Thing, portions
from spiders import facts, x_post

SAYS = "JSONL of X's API v2, a page or a post a line"

Row = Mapping[str, Any]
_TIMELINE = re.compile(r"/2/users/(\d+)/tweets")  # whose posts the answer is
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # for readers; nothing that they give depends on it


def recognises(head: Head) -> bool:
    return any(_is_page(row) or _is_post(row) for row in head.rows[:3])


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    with file.text() as lines:
        yield from portions(file.name, json_lines(lines), _row)


def _is_page(row: Row) -> bool:
    beside = {"__twarc", "includes", "meta", "errors"} & set(row)
    data = row.get("data")
    posts = [data] if isinstance(data, dict) else facts.tables(data) or ()
    if not posts:  # an empty page
        return "result_count" in facts.table(row.get("meta")) or "__twarc" in row
    return bool(beside) and any("text" in post for post in posts)


def _is_post(row: Row) -> bool:
    return isinstance(row.get("id"), str) and "author_id" in row and "text" in row


def _row(row: Row, record: Record) -> Iterator[Thing]:
    told = facts.table(row.get("__twarc"))
    at = facts.moment(told.get("retrieved_at"))
    url = facts.filled(told.get("url")) or "https://api.x.com/2/tweets"
    if _is_post(row):
        yield Found(post=_x.post(row, _along(row), seen_at=at or _UNKNOWN, url=url), at=at)
        return
    timeline = _TIMELINE.search(url)
    owner = timeline[1] if timeline else None
    data = row.get("data")
    if data is None and (facts.table(row.get("meta")).get("result_count") == 0 or "errors" in row):
        return  # an empty page, or one that only says what cannot be shown
    posts = data if isinstance(data, list) else [data]
    if not all(isinstance(raw, dict) for raw in posts):
        raise PageChanged(record.place, 'expected posts in "data"')
    included = x_post.Included.of(row)
    for number, raw in enumerate(posts, 1):
        try:
            yield Found(post=_x.post(raw, included, seen_at=at or _UNKNOWN, url=url, owner=owner), at=at)
        except PageChanged as error:
            yield Broken(place=f"{record.place}, post {number}", what=error.what)


def _along(row: Row) -> x_post.Included:
    """What flattening has put into the post itself."""
    posts: dict[str, Row] = {}
    users: dict[str, Row] = {}
    media: dict[str, Row] = {}
    polls: dict[str, Row] = {}
    _collect(row, users, media, polls)
    for other in facts.tables(row.get("referenced_tweets")) or ():
        native_id = facts.filled(other.get("id"))
        if native_id and "text" in other:
            posts[native_id] = other
            _collect(other, users, media, polls)
    return x_post.Included(posts=posts, users=users, media=media, polls=polls, missing=frozenset())


def _collect(row: Row, users: dict[str, Row], media: dict[str, Row], polls: dict[str, Row]) -> None:
    for name in ("author", "in_reply_to_user"):
        user = facts.table(row.get(name))
        if native_id := facts.filled(user.get("id")):
            users[native_id] = user
    attached = facts.table(row.get("attachments"))
    for medium in facts.tables(attached.get("media")) or ():
        if key := facts.filled(medium.get("media_key")):
            media[key] = medium
    for poll in (facts.table(attached.get("poll")), *(facts.tables(attached.get("polls")) or ())):
        if native_id := facts.filled(poll.get("id")):
            polls[native_id] = poll
