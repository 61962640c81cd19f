"""RSS and Atom as XML: whole, slightly broken, or cut off.

Elements are read one by one. feedparser would let a picture's `media:description` or an `itunes:summary` take
the place of the post's own text, so that it reads only what is no XML at all (`loose`).
"""

import re
from dataclasses import replace
from html.entities import html5

from lxml import etree

from spiders.feeds import atom, rss
from spiders.feeds.document import Feed, Unread
from spiders.feeds.elements import Element, name_of

# References to characters that XML does not have.
CONTROL = re.compile(r"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2\d|3[01]));")


def read(text: str, base: str) -> Feed | None:
    """The feed in `text`, or None where it is no XML even after the usual repairs. A document that is cut off
    gives its complete entries and one Unread. Raises ValueError for XML that is hostile or no feed."""
    root = _parsed(text, base)
    if root is not None:
        return feed_of(root, base)
    repaired = _repaired(text)
    root = _parsed(repaired, base)
    if root is not None:
        return feed_of(root, base)
    whole, entries = _completed(repaired)
    root = _parsed(whole, base) if whole else None
    if root is None:
        return None
    feed = feed_of(root, base)
    return replace(feed, entries=(*feed.entries, Unread(what=f"the feed is cut off after {entries} posts")))


def _parsed(text: str, base: str) -> Element | None:
    # No entities, no network, and no trees deeper than 256 or texts longer than 10 million characters.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        return etree.fromstring(text.encode("utf-8"), parser, base_url=base)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise ValueError("the XML is nested too deep") from None
        return None


def _repaired(text: str) -> str:
    """Outside CDATA, HTML's entities as characters and "&" alone as itself: the commonest faults by far."""
    parts = re.split(r"(<!\[CDATA\[.*?\]\]>)", text, flags=re.DOTALL)
    for at in range(0, len(parts), 2):
        parts[at] = re.sub(r"&(?:(\w+);|(?!#))", _entity, parts[at])
        parts[at] = re.sub(r"&#(?!\d+;|x[0-9a-fA-F]+;)", "&amp;#", parts[at])
        parts[at] = CONTROL.sub("\ufffd", parts[at])
    return "".join(parts)


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return match[0]
    if name and f"{name};" in html5:
        return html5[f"{name};"]
    return "&amp;" + match[0][1:]


def _completed(text: str) -> tuple[str | None, int]:
    """A document that ends too early, closed after its last complete entry, and how many there are."""
    start = re.match(r"<((?:[\w.-]+:)?)(rss|feed|RDF)\b", text)
    ends = list(re.finditer(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", text))
    if start is None or re.search(rf"</{start[1]}{start[2]}\s*>\s*$", text):
        return None, 0
    closing = f"</{start[1]}{start[2]}>"
    if ends:
        inside = start[2] == "rss"
        return text[: ends[-1].end()] + ("</channel>" if inside else "") + closing, len(ends)
    first = re.search(r"<(?:[\w.-]+:)?(?:item|entry)\b", text)
    if first is None:
        return None, 0
    return text[: first.start()] + ("</channel>" if start[2] == "rss" else "") + closing, 0


def feed_of(root: Element, base: str) -> Feed:
    """Everything a well-formed feed says. Raises ValueError where the root is no feed's."""
    kind = name_of(root)
    if kind == "atom:feed":
        return atom.feed_of(root, base)
    if kind in ("rss", "rdf:RDF", "channel"):
        return rss.feed_of(root, base)
    raise ValueError(f"<{kind}> is no feed")
