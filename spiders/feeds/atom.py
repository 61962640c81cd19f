"""Atom 1.0 and 0.3."""

from spiders.feeds.document import Entry, Feed, merged, number
from spiders.feeds.elements import (
    Children,
    Element,
    children,
    creators,
    deeper,
    each_of,
    first_date,
    generator_in,
    html_or_text,
    language_of,
    links_in,
    plain,
    reply_in,
    said_in,
    text_in,
)
from spiders.feeds.media import enclosures, media_in
from spiders.html import absolute, text_of


def feed_of(root: Element, base: str) -> Feed:
    said = children(root)
    links = links_in(said)
    return Feed(
        native_id=text_in(said, "atom:id") or links.get("self"),
        title=plain(construct_text(said, "atom:title")),
        description=plain(construct_text(said, "atom:subtitle", "atom:tagline")),
        link=absolute(links.get("alternate"), root.base or base),
        image=absolute(text_in(said, "atom:icon", "atom:logo"), root.base or base),
        next=absolute(links.get("next"), root.base or base),
        generator=generator_in(root, said),
        entries=tuple(entry_of(entry, base) for entry in said.get("atom:entry", ())),
    )


def entry_of(entry: Element, base: str) -> Entry:
    said = children(entry)
    links = links_in(said)
    here = entry.base or base
    content = next(iter(each_of(said, "atom:content")), None)
    chosen, html, text = content, *construct(content)
    if not (html or text):
        summary = next(iter(each_of(said, "atom:summary")), None)
        chosen, html, text = (summary, *construct(summary)) if summary is not None else (chosen, html, text)
    if html is None and text is None:
        html, text = html_or_text(text_in(deeper(said, "media:group"), "media:description"))
    source = content.get("src") if content is not None else None
    link = links.get("alternate") or source or links.get("self") or links.get("")
    return Entry(
        guid=text_in(said, "atom:id"),
        link=absolute(text_in(said, "feedburner:origLink") or link, here),
        title=plain(construct_text(said, "atom:title")),
        html=html,
        text=text,
        base=(chosen.base if chosen is not None else None) or here,
        author=creators(said),
        published=first_date(said, "atom:published", "atom:issued", "atom:created", "dc:date"),
        updated=first_date(said, "atom:updated", "atom:modified"),
        language=language_of(chosen if chosen is not None else entry),
        tags=_tags(said),
        comments=number(text_in(said, "slash:comments", "thr:total")),
        reply=reply_in(said),
        attachments=merged([*enclosures(said, here), *media_in(entry, here)]),
    )


def _tags(said: Children) -> tuple[str, ...]:
    names = (each.get("label") or each.get("term") for each in each_of(said, "atom:category"))
    return tuple(dict.fromkeys(name for name in names if name))


def construct(element: Element | None) -> tuple[str | None, str | None]:
    """An Atom text construct: (HTML, None) or (None, plain text)."""
    if element is None:
        return None, None
    kind = (element.get("type") or "text").lower()
    if kind in ("html", "text/html"):
        return said_in(element).strip(), None
    if kind in ("xhtml", "application/xhtml+xml") or len(element):
        return said_in(element).strip(), None
    if kind == "text" or kind.startswith("text/"):
        return None, said_in(element).strip()
    return None, None  # a picture in base64, say


def construct_text(said: Children, *names: str) -> str | None:
    element = next(each_of(said, *names), None)
    html, text = construct(element)
    return text if html is None else text_of(html)
