"""The commonest faults of feeds that are not quite XML, put right in their text.

Feeds are hostile until proven otherwise: no pattern here looks at a stretch of text more than a few times.
"""

import re
from dataclasses import dataclass
from html.entities import html5

# References to characters that XML does not have.
CONTROL = re.compile(r"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2\d|3[01]));")
CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
START = re.compile(r"<((?:[\w.-]+:)?(rss|feed|RDF|channel))\b[^>]*>")
ENTRY = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))(?:\s[^<>]*)?>")
TEXT = re.compile(r"<(title|description|summary|content|content:encoded)(?:\s[^<>]*)?>(?!\s*<!\[CDATA\[)")
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
}


def mended(text: str) -> str:
    """HTML's entities as characters, a lone "&" as itself, prefixes declared: all outside CDATA. Nothing
    follows the root element."""
    if start := START.match(text):
        last = text.rfind(f"</{start[1]}>")
        text = text if last < 0 else text[: last + len(start[1]) + 3]
    parts = CDATA.split(text)
    for at in range(0, len(parts), 2):
        part = re.sub(r"&(?:(\w+);|(?!#))", _entity, parts[at])
        part = re.sub(r"&#(?!\d+;|x[0-9a-fA-F]+;)", "&amp;#", part)
        parts[at] = CONTROL.sub("\ufffd", part)
    return _declared("".join(parts), "".join(parts[::2]))


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return match[0]
    if name and f"{name};" in html5:
        return html5[f"{name};"]
    return "&amp;" + match[0][1:]


def _declared(text: str, markup: str) -> str:
    """Every prefix that is used has a namespace, as many as the root element forgot."""
    start = START.match(text)
    if start is None:
        return text
    used = set(re.findall(r"</?([A-Za-z][\w.-]*):[A-Za-z]", markup))
    missing = sorted(used - set(re.findall(r"xmlns:([\w.-]+)\s*=", markup)) - {"xml"})
    added = "".join(f' xmlns:{each}="{NAMESPACES.get(each, f"urn:undeclared:{each}")}"' for each in missing)
    at = start.end() - (2 if start[0].endswith("/>") else 1)
    return text[:at] + added + text[at:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A feed's text in pieces. `cut_off`: it ends before its root element does."""

    opening: str  # all before the first entry
    closing: str
    entries: tuple[str, ...]
    cut_off: bool

    def alone(self, entry: str) -> str:
        """A document with this entry only."""
        return self.opening + entry + self.closing


def parted(text: str) -> Parts | None:
    """None where there is no entry, not even the beginning of one."""
    start, first = START.match(text), ENTRY.search(text)
    if start is None or first is None:
        return None
    inside = re.search(r"<((?:[\w.-]+:)?channel)\b[^<>]*>", text[: first.start()])
    in_channel = start[2] == "rss" and inside is not None
    closing = (f"</{inside[1]}>" if in_channel and inside else "") + f"</{start[1]}>"
    ended = text.endswith(f"</{start[1]}>")
    entries = []
    at = first.start()
    while opened := ENTRY.search(text, at):
        end, next_one = _end_of(text, opened)
        if end is None and next_one is None and not ended:
            break  # the entry in which the document breaks off
        at = end or next_one or len(text)
        entries.append(text[opened.start() : at])
    return Parts(opening=text[: first.start()], closing=closing, entries=tuple(entries), cut_off=not ended)


def _end_of(text: str, opened: re.Match[str]) -> tuple[int | None, int | None]:
    """Where an entry ends, and where the next one begins if that comes first; CDATA is passed over."""
    ending = rf"(</{re.escape(opened[1])}\s*>)"
    seeking = re.compile(rf"{CDATA.pattern}|{ending}|({ENTRY.pattern})", re.DOTALL)
    for found in seeking.finditer(text, opened.end()):
        if found[2]:
            return found.end(), None
        if found[3]:
            return None, found.start()
    return None, None


def as_character_data(entry: str) -> str:
    """Markup that stands unescaped in an entry's texts, as text. What is not closed stays broken."""
    parts, at = [], 0
    for opened in TEXT.finditer(entry):
        if opened.start() < at:  # inside the text before
            continue
        end = entry.find(f"</{opened[1]}>", opened.end())
        if end < 0:
            break
        inside = entry[opened.end() : end].replace("]]>", "]]&gt;")
        parts += [entry[at : opened.end()], "<![CDATA[", inside, "]]>"]
        at = end
    return "".join([*parts, entry[at:]])
