"""RSS 0.9x, 1.0 and 2.0 with the modules that news sites use."""

from spiders.feeds.document import Entry, Feed, merged, number
from spiders.feeds.elements import (
    RDF,
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
    name_of,
    plain,
    reply_in,
    said_in,
    text_in,
)
from spiders.feeds.media import enclosures, media_in
from spiders.html import absolute


def feed_of(root: Element, base: str) -> Feed:
    channel = root if name_of(root) == "channel" else next((c for c in root if name_of(c) == "channel"), None)
    if channel is None:
        raise ValueError("no <channel> in the feed")
    # RSS 1.0 has its items beside the channel, the others inside.
    items = [each for each in root.iter() if name_of(each) == "item"]
    said = children(channel)
    links = links_in(said)
    language = text_in(said, "language", "dc:language") or language_of(channel)
    image = children(said["image"][0]) if "image" in said else {}
    icon = said.get("itunes:image")
    return Feed(
        native_id=links.get("self") or channel.get(RDF + "about"),
        title=plain(text_in(said, "title")),
        description=plain(text_in(said, "description")),
        link=absolute(text_in(said, "link") or links.get("alternate"), base),
        image=absolute(text_in(image, "url") or (icon[0].get("href") if icon else None), base),
        next=absolute(links.get("next"), base),
        generator=generator_in(root, said),
        entries=tuple(entry_of(item, language, base) for item in items),
    )


def entry_of(item: Element, language: str | None, base: str) -> Entry:
    said = children(item)
    links = links_in(said)
    guid = text_in(said, "guid") or text_in(said, "atom:id") or item.get(RDF + "about")
    permalink = "guid" in said and said["guid"][0].get("isPermaLink", "true").lower() != "false"
    address = text_in(said, "feedburner:origLink", "link") or links.get("alternate")
    body = text_in(said, "content:encoded", "xhtml:body", "description", "atom:content", "atom:summary")
    if body is None:
        body = text_in(said, "itunes:summary") or text_in(deeper(said, "media:group"), "media:description")
    html, text = html_or_text(body)
    return Entry(
        guid=guid or None,
        link=absolute(address or (guid if permalink else None), item.base or base),
        title=plain(text_in(said, "title", "dc:title")),
        html=html,
        text=text,
        base=absolute(address, item.base or base) or base,
        author=creators(said),
        published=first_date(said, "pubDate", "dc:date", "dcterms:issued", "atom:published"),
        updated=first_date(said, "dcterms:modified", "atom:updated"),
        language=text_in(said, "dc:language") or language_of(item) or language,
        tags=_tags(said),
        comments=number(text_in(said, "slash:comments", "thr:total")),
        reply=reply_in(said),
        attachments=merged([*enclosures(said, base), *media_in(item, base)]),
    )


def _tags(said: Children) -> tuple[str, ...]:
    names = (said_in(each).strip() for each in each_of(said, "category", "dc:subject"))
    return tuple(dict.fromkeys(name for name in names if name))
