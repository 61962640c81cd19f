"""What the XML formats share: elements, and the characters that XML cannot hold."""

import re
from collections import Counter
from typing import IO, Any

from lxml import etree

XML = "{http://www.w3.org/XML/1998/namespace}"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# A carriage return survives a parser only as a character reference, and lxml writes it as one.


def clean(text: str, counted: Counter[str]) -> str:
    """`text` without what XML cannot hold, which is counted."""
    kept, left_out = _ILLEGAL.subn("", text)
    if left_out:
        counted["characters left out"] += left_out
    return kept


_MARKUP = re.compile("[&<>\r]")
_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def escaped(text: str) -> str:
    """Clean text as it is written between tags."""
    return _MARKUP.sub(lambda found: _SIGNS[found[0]], text)


def quoted(text: str) -> str:
    """Clean text as it is written between quotation marks."""
    return re.sub('[&<>\r"\n\t]', lambda found: _SIGNS[found[0]], text)


def element(name: str, attributes: dict[str, str], *children: Any, text: str | None = None) -> Any:
    spaces: Any = {None: name[1 : name.index("}")]} if name[0] == "{" else None  # no prefix
    made = etree.Element(name, attributes, nsmap=spaces)
    made.text = text
    made.extend(children)
    return made


def write(xml: Any, made: Any) -> None:
    """An element and a line break."""
    xml.write(made)
    xml.write("\n")


def end(file: IO[bytes]) -> None:
    """Text files end in a line break."""
    file.write(b"\n")
