"""The translation memory as a file: TMX 1.4 or tab-separated, both read back by `archiver memory import`."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import IO, Any

from lxml import etree

from archiver import __version__
from archiver.exports._cells import line
from archiver.store.corrected import Correction

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_HEADER = {
    "creationtool": "bilingual-archiver",
    "creationtoolversion": __version__,
    "segtype": "sentence",
    "o-tmf": "bilingual-archiver",
    "adminlang": "en",
    "srclang": "*all*",
    "datatype": "plaintext",
}
COLUMNS = ("source", "target", "language", "target_language", "author", "note", "at")


def write_tsv(corrections: Iterable[Correction], file: IO[bytes]) -> int:
    """With a header; how control characters are written is said in `_cells`. Returns how many lines."""
    file.write(line(*COLUMNS))
    count = 0
    for c in corrections:
        count += 1
        at = c.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        file.write(line(c.source, c.text, c.language, c.target, c.author, c.note, at))
    return count


def write_tmx(corrections: Iterable[Correction], file: IO[bytes]) -> int:
    """Characters that XML cannot hold are left out. Returns how many units."""
    count = 0
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        xml.write_doctype('<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
        with xml.element("tmx", {"version": "1.4"}):
            xml.write(_element("header", _HEADER))
            with xml.element("body"):
                for unit in map(_unit, corrections):
                    xml.write("\n")
                    xml.write(unit)
                    count += 1
    file.write(b"\n")
    return count


def _unit(c: Correction) -> Any:
    made = _element("tu", {"srclang": c.language, **dict(_who(c))})
    if c.note:
        made.append(_element("note", {}, c.note))
    made.append(_element("prop", {"type": "x-human"}, "yes"))
    for language, text in ((c.language, c.source), (c.target, c.text)):
        variant = _element("tuv", {_XML_LANG: language})
        variant.append(_element("seg", {}, text))
        made.append(variant)
    return made


def _who(c: Correction) -> Iterator[tuple[str, str]]:
    yield "tuid", f"c{c.id}"
    yield "creationdate", c.at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    if c.author:
        yield "creationid", _ILLEGAL.sub("", c.author)


def _element(name: str, attributes: dict[str, str], text: str | None = None) -> Any:
    made = etree.Element(name, attributes)
    made.text = text and _ILLEGAL.sub("", text)
    return made
