"""XLIFF 2.1: one pair of languages a file, for translation tools; comes back with `archiver import`.

The state of a machine's translation is `translated`, of a person's `reviewed`. Facts are the unit's metadata.
Characters that XML cannot hold are written as <cp hex="..."/> in texts, so that nothing is lost.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lxml import etree

from archiver import __version__
from archiver.exports._pairs import Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports._xml import XML, clean, element, end, write

SHAPE = Shape(a_language=True)
NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_METADATA = "urn:oasis:names:tc:xliff:metadata:2.0"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOTE = (
    "Targets are machine translations that no person has checked, unless made_by is person; engine and "
    f"package say which machine. Made by bilingual-archiver {__version__}."
)


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    assert part.languages
    source, target = part.languages
    root = {"version": "2.1", "srcLang": source, "trgLang": target}
    file = part.open(f"{part.stem}.xlf")
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_x("xliff"), root, nsmap={None: NAMESPACE}):
            xml.write("\n")
            with xml.element(_x("file"), {"id": "f1", "original": f"archive {part.stem}"}):
                xml.write("\n")
                note = element(_x("note"), {"category": "provenance"}, text=_NOTE)
                write(xml, element(_x("notes"), {}, note))
                yield lambda pair: write(xml, _unit(pair, part))
            xml.write("\n")
    end(file)


def _unit(pair: Pair, part: Part) -> Any:
    told = (
        element(_m("meta"), {"type": name}, text=clean(value, part.counted)) for name, value in facts(pair)
    )
    metadata = element(_m("metadata"), {}, element(_m("metaGroup"), {"category": "archiver"}, *told))
    human = pair.made_by == "person"
    state = {
        "state": "reviewed" if human else "translated",
        "subState": f"archiver:{pair.made_by}",
    }
    segment = element(
        _x("segment"),
        {"id": "1", **state},
        _text("source", pair.source, pair.language),
        _text("target", pair.target or "", pair.target_language),
    )
    return element(_x("unit"), {"id": pair.id, f"{XML}space": "preserve"}, metadata, segment)


def _text(name: str, text: str, language: str) -> Any:
    """A text, with <cp/> for what XML cannot hold."""
    made = element(_x(name), {f"{XML}lang": language, f"{XML}space": "preserve"})
    place = 0
    for found in _ILLEGAL.finditer(text):
        _append(made, text[place : found.start()])
        made.append(element(_x("cp"), {"hex": f"{ord(found[0]):04X}"}))
        place = found.end()
    _append(made, text[place:])
    return made


def _append(made: Any, text: str) -> None:
    if len(made):
        made[-1].tail = text or None
    else:
        made.text = text


def _x(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _m(name: str) -> str:
    return f"{{{_METADATA}}}{name}"
