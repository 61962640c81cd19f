"""RSS and Atom as XML: whole, slightly broken, cut off, or with entries that are no XML.

An entry is read whole or not at all. Forgiving parsers (feedparser, libxml2's recovery) let an unclosed tag
swallow the next post, and feedparser lets a picture's `media:description` or an `itunes:summary` take the
place of a post's own text; here a broken entry is named and costs nothing but itself.
"""

from dataclasses import replace

from lxml import etree

from spiders.feeds import atom, repair, rss
from spiders.feeds.document import Entry, Feed, Unread
from spiders.feeds.elements import Element, name_of


def read(text: str, base: str) -> Feed:
    """The feed in `text`. Raises ValueError for XML that is hostile, no feed, or broken without entries."""
    root = _parsed(text, base)
    if root is None:
        text = repair.mended(text)
        root = _parsed(text, base)
    return _salvaged(text, base) if root is None else _feed_of(root, base)


def _parsed(text: str, base: str) -> Element | None:
    # No entities, no network, no trees deeper than 256, no texts longer than 10 million characters.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        return etree.fromstring(text.encode("utf-8"), parser, base_url=base)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise ValueError("the XML is nested too deep") from None
        return None


def _feed_of(root: Element, base: str) -> Feed:
    kind = name_of(root)
    if kind == "atom:feed":
        return atom.feed_of(root, base)
    if kind in ("rss", "rdf:RDF", "channel"):
        return rss.feed_of(root, base)
    raise ValueError(f"<{kind}> is no feed")


def _salvaged(text: str, base: str) -> Feed:
    """Entry by entry, each as a document of its own."""
    parts = repair.parted(text)
    if parts is None:
        raise ValueError("a broken feed without a single post in it")
    head = _parsed(parts.alone(""), base)
    entries: list[Entry | Unread] = []
    for number, written in enumerate(parts.entries, 1):
        root = _parsed(parts.alone(written), base)
        if root is None:
            root = _parsed(parts.alone(repair.as_character_data(written)), base)
        found = () if root is None else _feed_of(root, base).entries
        entries.extend(found or [Unread(what=f"post {number} of the feed is no XML")])
    if parts.cut_off:
        entries.append(Unread(what=f"the feed is cut off after {len(parts.entries)} posts"))
    feed = Feed() if head is None else _feed_of(head, base)
    return replace(feed, entries=tuple(entries))
