"""JSON Feed 1.0 and 1.1."""

import json
import re
from typing import Any

from archiver.posts import Attachment
from spiders.feeds.document import Entry, Feed, Unread, media_kind, merged, when
from spiders.html import absolute

VERSION = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org')


def is_json_feed(body: bytes) -> bool:
    return bool(VERSION.search(body)) and body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read(body: bytes, base: str) -> Feed:
    """Raises ValueError where it is no JSON Feed."""
    try:
        said = json.loads(body.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None
    if not isinstance(said, dict) or not isinstance(said.get("items"), list):
        raise ValueError("a JSON Feed has a list of items; this has none")
    return Feed(
        native_id=_text(said, "feed_url"),
        title=_text(said, "title"),
        description=_text(said, "description"),
        link=absolute(_text(said, "home_page_url"), base),
        image=absolute(_text(said, "icon") or _text(said, "favicon"), base),
        next=absolute(_text(said, "next_url"), base),
        entries=tuple(_read_entry(item, said, base) for item in said["items"]),
    )


def _read_entry(item: Any, feed: dict[str, Any], base: str) -> Entry | Unread:
    try:
        return _entry(item, feed, base)
    except (AttributeError, TypeError, ValueError) as error:
        return Unread(what=f"an item is not as JSON Feed describes it: {error}")


def _entry(item: dict[str, Any], feed: dict[str, Any], base: str) -> Entry:
    identity = item.get("id")
    html = _text(item, "content_html")
    plain = _text(item, "content_text")
    if html is None and plain is None:
        plain = _text(item, "summary")
    return Entry(
        guid=str(identity) if isinstance(identity, str | int | float) and identity != "" else None,
        link=absolute(_text(item, "url") or _text(item, "external_url"), base),
        title=_text(item, "title"),
        html=html,
        text=plain,
        base=_text(item, "url") or base,
        author=_authors(item),
        published=when(_text(item, "date_published")),
        updated=when(_text(item, "date_modified")),
        language=_text(item, "language") or _text(feed, "language"),
        tags=_tags(item.get("tags")),
        attachments=_attachments(item, base),
    )


def _tags(said: Any) -> tuple[str, ...] | None:
    return tuple(tag for tag in said if isinstance(tag, str)) if isinstance(said, list) else None


def _authors(item: dict[str, Any]) -> str | None:
    people = item.get("authors") or [item.get("author")]  # 1.1, 1.0
    names = [_text(person, "name") for person in people if isinstance(person, dict)]
    return ", ".join(name for name in names if name) or None


def _attachments(item: dict[str, Any], base: str) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for each in item.get("attachments") or ():
        url = absolute(_text(each, "url"), base)
        mime = _text(each, "mime_type")
        size, seconds = each.get("size_in_bytes"), each.get("duration_in_seconds")
        found.append(
            Attachment(
                kind=media_kind(mime, url),
                key=url,
                url=url,
                content_type=mime,
                title=_text(each, "title"),
                size_bytes=size if isinstance(size, int) else None,
                duration_seconds=float(seconds) if isinstance(seconds, int | float) else None,
            )
        )
    for name in ("image", "banner_image"):
        url = absolute(_text(item, name), base)
        if url:
            found.append(Attachment(kind="image", key=url, url=url))
    return merged(found)


def _text(said: dict[str, Any], key: str) -> str | None:
    value = said.get(key)
    return value if isinstance(value, str) else None
