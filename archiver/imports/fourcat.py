"""What 4CAT exports: CSV, a row a post, or the NDJSON of its data sets.

A CSV of 4CAT is its own reading of a post: links are shortened as the platform had them, pictures are lists
of addresses. So it adds posts that the archive lacks and counts as they were, but never a revision of a post
that the archive has from the platform itself.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.errors import PageChanged
from archiver.imports import _platforms, _x
from archiver.imports._files import Opened
from archiver.imports._lines import csv_rows, json_lines
from archiver.imports._parts import Asked, Found, Head, Portion, Record, Refused, Thing, portions
from archiver.posts import Account, Metric, Post, Reference
from spiders import facts

SAYS = "CSV or NDJSON of 4CAT"

Row = Mapping[str, Any]
_HOSTS = {
    "x.com": "x",
    "twitter.com": "x",
    "t.me": "telegram",
    "bsky.app": "bluesky",
    "instagram.com": "instagram",
    "threads.net": "threads",
    "threads.com": "threads",
    "tiktok.com": "tiktok",
    "facebook.com": "facebook",
    "linkedin.com": "linkedin",
    "reddit.com": "reddit",
    "youtube.com": "youtube",
    "gab.com": "gab",
    "vk.com": "vk",
}
_COUNTS = {
    "views": ("views", "impression_count", "plays", "view_count"),
    "replies": ("reply_count", "replies"),
    "comments": ("comments", "num_comments", "comment_count"),
    "reposts": ("retweet_count", "repost_count", "reposts", "shares", "share_count"),
    "quotes": ("quote_count", "quotes"),
    "likes": ("like_count", "likes", "num_likes"),
}
# Whose ids in 4CAT are those of our spiders.
_SAME_AUTHOR = ("x", "bluesky", "tiktok")


def recognises(head: Head) -> bool:
    return {"id", "thread_id", "body"} <= _columns(head.start) or any(
        "__import_meta" in row or "4CAT_metadata" in row or ("_chat" in row and "message" in row)
        for row in head.rows[:5]
    )


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    with file.text() as lines:
        if file.head.rows:
            yield from portions(file.name, json_lines(lines), _item)
        else:
            yield from portions(file.name, csv_rows(lines), _row)


def _columns(start: bytes) -> set[str]:
    line = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    try:
        return set(next(csv.reader([line.decode().rstrip("\r")]), []))
    except (UnicodeDecodeError, csv.Error):
        return set()


# -- CSV --------------------------------------------------------------------------------------------------


def _row(row: dict[str, str], record: Record) -> Iterator[Thing]:
    url = facts.first(row.get("url"), row.get("link"), row.get("post_url"), row.get("tiktok_url"))
    platform = _platform(row, url)
    if platform is None:
        yield Refused(why="rows that do not tell their platform by an address", owed=True)
        return
    native_id = facts.filled(row.get("id"))
    if native_id is None:
        raise PageChanged(record.place, "the post's id is missing")
    if platform == "telegram":
        chat = facts.first(row.get("chat"), row.get("thread_id"))
        native_id = native_id if "/" in native_id else f"{chat}/{native_id}"
        url = f"https://t.me/{native_id}"
    replied = facts.first(row.get("reply_to"))
    tags = facts.text(row.get("hashtags"))
    post = Post(
        platform=platform,
        native_id=native_id,
        author=_author(row, platform, native_id),
        kind="reply" if replied or row.get("is_reply") == "yes" else _KINDS.get(_told(row), "post"),
        url=_x_address(native_id) if platform == "x" else url,
        published_at=_when(row),
        edited_at=_second(row.get("unix_timestamp_edited")),
        title=facts.filled(row.get("subject")),
        text=facts.text(row.get("body")),
        languages=_languages(row),
        tags=None if tags is None else tuple(t.strip().lstrip("#") for t in tags.split(",") if t.strip()),
        references=_references(row, platform, native_id, replied),
        metrics=_metrics(row),
    )
    also = (url,) if url and platform in ("instagram", "threads", "facebook") else ()
    yield Found(post=post, at=facts.moment(row.get("collected_at")), also=also, retold=True)


_KINDS: Mapping[str | None, Any] = {"repost": "repost", "quote": "quote"}


def _told(row: Row) -> str | None:
    if row.get("is_retweet") == "yes" or row.get("author_forwarded_from_name"):
        return "repost"
    return "quote" if row.get("is_quote_tweet") == "yes" else None


def _platform(row: Row, url: str | None) -> str | None:
    if {"chat", "attachment_type"} <= set(row):
        return "telegram"
    if str(row.get("id")).startswith("at://"):
        return "bluesky"
    host = re.sub(r"^(www|m|mobile|old)\.", "", facts.host(url) or "")
    return _HOSTS.get(host)


def _author(row: Row, platform: str, native_id: str) -> Account:
    if platform == "telegram":  # 4CAT names the sender; what is posted in a channel is the channel's
        handle = native_id.partition("/")[0].lower()
        return Account(
            platform=platform,
            native_id=f"@{handle}",
            handle=handle,
            url=f"https://t.me/{native_id.partition('/')[0]}",
        )
    name = facts.first(row.get("author"), row.get("author_id"))
    if name is None:
        raise PageChanged("", "the author is missing")
    handle = name.lstrip("@") if platform in ("x", "bluesky", "tiktok") else name.lstrip("@").lower()
    number = facts.filled(row.get("author_id")) if platform in _SAME_AUTHOR else None
    return Account(
        platform=platform,
        native_id=number or f"@{handle}",
        handle=handle,
        name=facts.first(row.get("author_fullname"), row.get("author_display_name"), row.get("author_name")),
    )


def _x_address(native_id: str) -> str:
    return f"https://x.com/i/status/{native_id}"


def _second(value: Any) -> datetime | None:
    number = _x.whole_number(value.partition(".")[0] if isinstance(value, str) else value)
    return datetime.fromtimestamp(number, UTC) if number and number < 2**34 else None


def _when(row: Row) -> datetime | None:
    """4CAT writes both a number and a time of no zone, which is UTC."""
    if found := _second(row.get("unix_timestamp")) or _second(row.get("timestamp")):
        return found
    written = facts.first(row.get("timestamp"), row.get("created_at")) or ""
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


def _languages(row: Row) -> tuple[str, ...] | None:
    said = facts.first(row.get("language_guess"), row.get("languages"), row.get("lang"))
    return tuple(tag.strip() for tag in said.split(",")) if said and said != "N/A" else None


def _references(row: Row, platform: str, native_id: str, replied: str | None) -> tuple[Reference, ...] | None:
    found = []
    if name := facts.first(row.get("author_forwarded_from_name"), row.get("retweeted_user")):
        handle = facts.first(row.get("author_forwarded_from_username"), row.get("retweeted_user"))
        found.append(Reference(relation="repost", author_name=name, author_handle=handle))
    if replied:
        chat = native_id.partition("/")[0]
        found.append(
            Reference(relation="reply", native_id=f"{chat}/{replied}" if platform == "telegram" else replied)
        )
    return tuple(found) or None


def _metrics(row: Row) -> tuple[Metric, ...] | None:
    found = (
        (name, next((n for c in columns if (n := _x.whole_number(row.get(c))) is not None), None))
        for name, columns in _COUNTS.items()
    )
    return tuple(Metric(name=name, value=value) for name, value in found if value is not None) or None


# -- NDJSON -----------------------------------------------------------------------------------------------


def _item(row: Row, record: Record) -> Iterator[Thing]:
    if about := facts.table(row.get("__import_meta")):
        yield from _platforms.items(row, about)
    elif "_chat" in row:
        yield _telegram(row)
    elif "4CAT_metadata" in row and "record" in row:
        yield _bluesky(row)
    else:
        yield Refused(
            why="items of a data source of 4CAT that nobody here reads: export it as CSV", owed=True
        )


def _telegram(row: Row) -> Thing:
    chat = facts.table(row.get("_chat"))
    name = facts.filled(chat.get("username"))
    if name is None:
        return Refused(why="a message of a chat without a public name", private=True)
    number = row.get("id")
    if not isinstance(number, int):
        raise PageChanged("", "a message has no id")
    native_id = f"{name}/{number}"
    forwarded, reply = facts.table(row.get("fwd_from")), row.get("reply_to_msg_id")
    reply = facts.table(row.get("reply_to")).get("reply_to_msg_id") if reply is None else reply
    references = []
    if forwarded:
        references.append(Reference(relation="repost", author_name=facts.filled(forwarded.get("from_name"))))
    if isinstance(reply, int):
        references.append(Reference(relation="reply", native_id=f"{name}/{reply}"))
    counts = {"views": row.get("views")}
    channel = chat.get("id")
    post = Post(
        platform="telegram",
        native_id=native_id,
        author=Account(
            platform="telegram",
            native_id=f"-{channel}" if isinstance(channel, int) and channel > 0 else f"@{name.lower()}",
            handle=name.lower(),
            url=f"https://t.me/{name}",
            name=facts.filled(chat.get("title")),
        ),
        kind="post" if not references else "repost" if forwarded else "reply",
        url=f"https://t.me/{native_id}",
        published_at=_second(_whole(row.get("date"))),
        edited=row.get("edit_date") is not None,
        edited_at=_second(_whole(row.get("edit_date"))),
        text=facts.text(row.get("message")),
        references=tuple(references),
        metrics=_metrics(counts),
        signature=facts.filled(row.get("post_author")),
    )
    return Found(post=post)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value


def _bluesky(row: Row) -> Thing:
    author, record = facts.table(row.get("author")), facts.table(row.get("record"))
    uri, did = facts.filled(row.get("uri")), facts.filled(author.get("did"))
    if uri is None or did is None:
        raise PageChanged("", "the post's uri or its author is missing")
    langs = record.get("langs")
    reply = facts.table(facts.table(facts.table(record.get("reply")).get("parent")))
    post = Post(
        platform="bluesky",
        native_id=uri,
        author=Account(
            platform="bluesky",
            native_id=did,
            handle=facts.filled(author.get("handle")) or did,
            name=facts.text(author.get("display_name")),
        ),
        kind="reply" if reply else "post",
        url=f"https://bsky.app/profile/{did}/post/{uri.rpartition('/')[2]}",
        published_at=facts.moment(facts.first(record.get("created_at"), record.get("createdAt"))),
        text=facts.text(record.get("text")),
        languages=tuple(filter(None, map(facts.filled, langs))) if isinstance(langs, list) else None,
        references=(Reference(relation="reply", native_id=facts.filled(reply.get("uri"))),)
        if reply
        else None,
        metrics=_metrics(row),
    )
    told = facts.table(row.get("4CAT_metadata")).get("collected_at")
    return Found(post=post, at=_second(_whole(told)), retold=True)
