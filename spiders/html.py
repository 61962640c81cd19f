"""HTML as plain text: paragraphs stay paragraphs, links stay whole; shared by every platform that sends HTML.

Nothing here recurses over a document, so that a hostile one cannot exhaust the stack.
"""

import re
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Around these a browser leaves a blank line ...
PARAGRAPHS = _tags(
    "address article aside blockquote details dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr"
    " main nav ol p pre section table ul"
)
# ... and before these it begins a line.
LINES = _tags("body caption center dd div dt figcaption html li summary tbody tfoot thead tr")
CELLS = _tags("td th")
# What a reader never sees, or sees as something else than text.
HIDDEN = _tags(
    "applet audio canvas datalist embed head iframe noscript object script select style svg template"
    " textarea title video"
)
WHITE = " \t\n\r\f"  # what HTML collapses; a no-break space or ZWNJ is the author's and stays
COLLAPSED = re.compile(f"[{WHITE}]+")
_HAS_CLASS = "contains(concat(' ', normalize-space(@class), ' '), concat(' ', $name, ' '))"
_with_class = etree.XPath(f"descendant::*[{_HAS_CLASS}]")
_around = etree.XPath(f"ancestor::*[{_HAS_CLASS}]")
SCRIPTS = ("javascript:", "data:", "vbscript:")


_LONE = re.compile("[\ud800-\udfff]")


def parse(html: str | bytes, encoding: str = "utf-8") -> HtmlElement | None:
    """The document's root, or None when there is nothing in it. Bytes that are not `encoding` and lone
    surrogates become U+FFFD.

    Raises ValueError where tags are nested so deep (2048) that the parser gives up: the rest would be lost.
    """
    body = _LONE.sub("\ufffd", html).encode() if isinstance(html, str) else html
    parser = HTMLParser(encoding="utf-8" if isinstance(html, str) else encoding, huge_tree=True)
    if not body.strip():
        return None
    root: HtmlElement | None = etree.fromstring(body, parser)
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise ValueError("the HTML is nested too deep to be read whole")
    return root


def text_of(html: str | HtmlElement, *, verbatim: bool = False) -> str:
    """What a reader sees: paragraphs apart by a blank line, <br> as a line break, list items after "- ".

    A link is its visible text; where that is a shortened form of the address ("example.org/a/lo…"), it is
    the address in full. `verbatim` keeps the source's spaces and breaks, for text that a site puts into its
    pages as it was typed; blocks then only begin a line of their own.
    """
    root = parse(html) if isinstance(html, str) else html
    if root is None:
        return ""
    writer = _Writer(verbatim)
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else None
        if event == "start":
            hidden += tag in HIDDEN
            if not hidden:
                writer.open(tag or "", element)
                writer.text(element.text)
            continue
        if event == "end":
            if not hidden:
                writer.close(tag or "", element)
            hidden -= tag in HIDDEN
        if not hidden and element is not root:
            writer.text(element.tail)
    return writer.result()


def links_of(html: str | HtmlElement, base: str | None = None) -> tuple[str, ...]:
    """The addresses that the links point to, in order and once; relative ones only if `base` is given."""
    root = parse(html) if isinstance(html, str) else html
    if root is None:
        return ()
    found: dict[str, None] = {}
    for anchor in root.iter("a"):
        address = absolute(anchor.get("href"), base)
        if address:
            found[address] = None
    return tuple(found)


def absolute(href: str | None, base: str | None = None) -> str | None:
    """`href` as a whole address, or None where it is none (a fragment, a script, a path alone)."""
    href = (href or "").strip()
    if not href or href.startswith("#") or href.lower().startswith(SCRIPTS):
        return None
    try:
        address = urljoin(base, href) if base else href
        return address if urlsplit(address).scheme else None
    except ValueError:  # "http://[" and the like
        return None


def within(element: HtmlElement, name: str) -> list[HtmlElement]:
    """The elements below that have the class `name`, in the page's order."""
    return cast(list[HtmlElement], _with_class(element, name=name))


def is_within(element: HtmlElement, name: str) -> bool:
    """Whether an element around this one has the class `name`."""
    return bool(_around(element, name=name))


def first_within(element: HtmlElement, name: str) -> HtmlElement | None:
    return next(iter(within(element, name)), None)


def text_within(element: HtmlElement, name: str) -> str:
    """What the first element below with the class `name` says; empty where there is none."""
    found = first_within(element, name)
    return "" if found is None else text_of(found)


def inner_html(element: HtmlElement) -> str:
    """The markup inside an element, as the page had it (normalised by the parser)."""
    whole = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    start, end = whole.find(">") + 1, whole.rfind("</")
    return whole[start:end].strip() if end >= start else ""


class _Writer:
    """Plain text in the making. Breaks and spaces wait until a word follows: none ends a text."""

    def __init__(self, verbatim: bool) -> None:
        self.parts: list[str] = []
        self.trail = 0  # line breaks at the end of `parts`
        self.breaks = 0  # line breaks wanted before the next word
        self.space = ""  # what stands between the last word and the next
        self.marker = ""  # of the list item that the next word begins
        self.lists: list[int | None] = []  # the next number of each open list; None for bullets
        self.anchors: list[int] = []  # where the open links began
        self.verbatim = verbatim
        self.pre = 0

    def open(self, tag: str, element: HtmlElement) -> None:
        self._block(tag)
        if tag == "a":
            self.anchors.append(len(self.parts))
        elif tag in ("ul", "ol"):
            self.lists.append(_start(element) if tag == "ol" else None)
            if len(self.lists) > 1:
                self.breaks = min(self.breaks, 1)
        elif tag == "li":
            self.marker = self._marker()
        elif tag in CELLS and self.parts and not self.trail and not self.breaks:
            self.space = "\t"
        elif tag == "pre":
            self.pre += 1
        elif tag == "img" and is_emoji(element):
            self.text(element.get("alt"))

    def close(self, tag: str, element: HtmlElement) -> None:
        if tag == "br":
            if self.verbatim:  # the break after a quotation is the one that ends it
                self.breaks = 0
            self._write("\n", word=False)
        elif tag == "a" and self.anchors:
            self._whole_link(self.anchors.pop(), element)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "li":
            self.marker = ""
        elif tag == "pre":
            self.pre -= 1
        self._block(tag)

    def text(self, text: str | None) -> None:
        if not text:
            return
        if self.verbatim or self.pre:
            self._write(text)
            return
        words = text.strip(WHITE)
        if text[0] in WHITE:
            self.space = self.space or " "
        if words:
            self._write(COLLAPSED.sub(" ", words))
            self.space = " " if text[-1] in WHITE else ""

    def result(self) -> str:
        lines = "".join(self.parts).strip("\n \t").split("\n")
        return "\n".join(line if self.verbatim else line.rstrip(" \t") for line in lines)

    def _block(self, tag: str) -> None:
        nested = self.verbatim or (tag in ("ul", "ol") and self.lists)
        if tag in PARAGRAPHS and not nested:
            self.breaks = 2
        elif tag in PARAGRAPHS or tag in LINES:
            self.breaks = max(self.breaks, 1)

    def _marker(self) -> str:
        number = self.lists[-1] if self.lists else None
        if number is not None:
            self.lists[-1] = number + 1
        return "  " * (len(self.lists) - 1) + ("- " if number is None else f"{number}. ")

    def _write(self, text: str, word: bool = True) -> None:
        if self.breaks:
            if self.parts:
                missing = max(0, self.breaks - self.trail)
                self.parts.append("\n" * missing)
                self.trail += missing
            self.breaks, self.space = 0, ""
        if word:
            if self.space and self.parts and not self.trail and not self.marker:
                self.parts.append(self.space)
            self.parts.append(self.marker)
            self.marker = ""
        self.space = ""
        self.parts.append(text)
        bare = text.rstrip("\n")
        self.trail = len(text) - len(bare) + (0 if bare else self.trail)

    def _whole_link(self, start: int, element: HtmlElement) -> None:
        shown = "".join(self.parts[start:])
        href = absolute(element.get("href"))
        if href and _is_short_for(shown.strip(), href):
            lead = shown[: len(shown) - len(shown.lstrip())]
            self.parts[start:] = [lead + href]


def _is_short_for(shown: str, href: str) -> bool:
    """Whether a link shows the beginning of its own address and an ellipsis."""
    for ellipsis in ("…", "..."):
        if shown.endswith(ellipsis):
            head = _bare(shown.removesuffix(ellipsis))
            return len(head) > 3 and (_bare(href).startswith(head) or _bare(unquote(href)).startswith(head))
    return False


def _bare(address: str) -> str:
    return address.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")


def is_emoji(image: HtmlElement) -> bool:
    """Emoji as pictures (WordPress, Twemoji) carry the character itself as their alternative text."""
    classes = f" {image.get('class') or ''} "
    return any(
        f" {name} " in classes for name in ("emoji", "wp-smiley", "emojione", "custom-emoji", "twemoji")
    )


def _start(element: HtmlElement) -> int:
    start = element.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
