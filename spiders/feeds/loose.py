"""Feeds that are no XML, read by feedparser's forgiving parser."""

import io
import re
from typing import Any

import feedparser

from archiver.posts import Attachment, Reference
from spiders.feeds.document import Entry, Feed, Unread, media_kind, merged, number, when
from spiders.html import absolute, text_of


def read(text: str, base: str) -> Feed:
    """What feedparser makes of it. Entries that were begun and lost are one Unread. Raises ValueError where
    there is no entry at all: a broken document does not say that there are none."""
    # A stream: feedparser takes a plain string for an address or a file's name.
    said = feedparser.parse(
        io.BytesIO(text.encode("utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    begun = len(re.findall(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", text))
    entries: list[Entry | Unread] = [_entry(entry, said.feed, base) for entry in said.entries]
    if begun > len(entries):
        entries.append(Unread(what=f"{begun - len(entries)} of {begun} posts of a broken feed are lost"))
    if not entries:
        raise ValueError("a broken feed without a single post in it")
    links = {link.get("rel"): link.get("href") for link in reversed(said.feed.get("links", []))}
    return Feed(
        native_id=said.feed.get("id") or links.get("self"),
        title=_plain(said.feed.get("title_detail")),
        description=_plain(said.feed.get("subtitle_detail")),
        link=absolute(said.feed.get("link"), base),
        image=absolute((said.feed.get("image") or {}).get("href"), base),
        next=absolute(links.get("next"), base),
        generator=said.feed.get("generator") or "",
        entries=tuple(entries),
    )


def _entry(entry: Any, feed: Any, base: str) -> Entry:
    # Only HTML content is the post's: media:description ends up among the contents as plain text.
    contents = [each for each in entry.get("content", ()) if each.get("type") != "text/plain"]
    body = contents[0] if contents else entry.get("summary_detail") or {}
    value = body.get("value")
    is_html = value is not None and body.get("type") != "text/plain"
    answered = entry.get("thr_in-reply-to") or {}
    return Entry(
        guid=entry.get("id"),
        link=absolute(entry.get("link"), base),
        title=_plain(entry.get("title_detail")),
        html=value if is_html else None,
        text=None if is_html else value,
        base=absolute(entry.get("link"), base) or base,
        author=", ".join(a["name"] for a in entry.get("authors", ()) if a.get("name")) or None,
        # `in`, not get(): feedparser answers one with the other.
        published=when(entry.get("published") if dict.__contains__(entry, "published") else None),
        updated=when(entry.get("updated") if dict.__contains__(entry, "updated") else None),
        language=body.get("language") or feed.get("language"),
        tags=tuple(dict.fromkeys(t for each in entry.get("tags", ()) if (t := each.get("term")))),
        comments=number(entry.get("slash_comments")),
        reply=None if not answered else _reply(answered),
        attachments=merged([a for each in entry.get("enclosures", ()) for a in _enclosure(each, base)]),
    )


def _plain(detail: Any) -> str | None:
    if not detail or detail.get("value") is None:
        return None
    value: str = detail["value"]
    return value.strip() if detail.get("type") == "text/plain" else text_of(value)


def _reply(answered: Any) -> Reference:
    return Reference(relation="reply", native_id=answered.get("ref"), url=answered.get("href"))


def _enclosure(each: Any, base: str) -> list[Attachment]:
    url = absolute(each.get("href"), base)
    kind, size = media_kind(each.get("type"), url), number(each.get("length")) or None
    named = Attachment(kind=kind, key=url, url=url, content_type=each.get("type"), size_bytes=size)
    return [named] if url else []
