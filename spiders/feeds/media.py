"""What hangs on a feed's entry: enclosures and Media RSS."""

import re
from collections.abc import Iterator
from dataclasses import replace

from archiver.posts import Attachment
from spiders.feeds.document import media_kind, number
from spiders.feeds.elements import Children, Element, children, each_of, name_of, plain, text_in
from spiders.html import absolute


def enclosures(said: Children, base: str) -> Iterator[Attachment]:
    links = (link for link in said.get("atom:link", ()) if link.get("rel") == "enclosure")
    for each in (*said.get("enclosure", ()), *links):
        url = absolute(each.get("url") or each.get("href"), base)
        if url:
            yield Attachment(
                kind=media_kind(each.get("type"), url),
                key=url,
                url=url,
                content_type=each.get("type"),
                title=each.get("title"),
                size_bytes=number(each.get("length")) or None,  # 0 is what generators write for unknown
            )


def media_in(item: Element, base: str) -> list[Attachment]:
    """Media RSS: contents with the title, description and thumbnail nearest to them."""
    found: list[Attachment] = []
    thumbnails: list[str] = []
    for each in item.iter():
        name = name_of(each)
        url = absolute(each.get("url"), base) if name.startswith("media:") else None
        if name == "media:content" and url:
            found.append(_media_content(each, url))
        elif name == "media:thumbnail" and url:
            thumbnails.append(url)
    if not found:
        return [Attachment(kind="image", key=url, url=url) for url in thumbnails]
    if thumbnails and not found[0].preview_url:
        found[0] = replace(found[0], preview_url=thumbnails[0])
    return found


def _media_content(each: Element, url: str) -> Attachment:
    around = each.getparent()
    own = children(each)
    group = children(around) if around is not None and name_of(around) == "media:group" else {}
    medium, mime = each.get("medium"), each.get("type")
    shared = text_in(group, "media:description")
    thumbnail = next(each_of(own, "media:thumbnail"), None)
    seconds = each.get("duration", "")
    return Attachment(
        kind=medium if medium in ("image", "video", "audio") else media_kind(mime, url),  # type: ignore[arg-type]
        key=url,
        url=url,
        preview_url=None if thumbnail is None else absolute(thumbnail.get("url")),
        alt=plain(text_in(own, "media:description", "media:text") or shared) or None,
        content_type=mime,
        width=number(each.get("width")),
        height=number(each.get("height")),
        duration_seconds=float(seconds) if re.fullmatch(r"\d+(\.\d+)?", seconds) else None,
        size_bytes=number(each.get("fileSize")),
        title=plain(text_in(own, "media:title") or text_in(group, "media:title")) or None,
    )
