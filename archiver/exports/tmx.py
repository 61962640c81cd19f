"""Translation memory (TMX 1.4): aligned pairs for OmegaT and other tools, what machines made marked as such.

Every unit names its post, address, account and time, and the package or person that made it. Characters that
XML cannot hold are left out and counted. Corrected, the file comes back with `archiver import`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from archiver import __version__
from archiver.exports._pairs import Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports._xml import XML, clean, element, end, write

SHAPE = Shape()
# Names by which the properties were first published; the others are their columns' names with an x-.
_NAMES = {
    "confidence": "x-language-confidence",
    "published_at": "x-published",
    "version": "x-package-version",
    "sha256": "x-package-sha256",
}
_SAID_ELSEWHERE = {"language", "target_language", "translated_at", "made_by"}
_HEADER = {
    "creationtool": "bilingual-archiver",
    "creationtoolversion": __version__,
    "o-tmf": "bilingual-archiver",
    "adminlang": "en",
    "srclang": "*all*",
    "datatype": "plaintext",
}
_NOTE = (
    "Targets are machine translations that no person has checked, unless x-human is yes; "
    "x-engine and x-package say which machine."
)


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open(f"{part.stem}.tmx")
    header = {**_HEADER, "segtype": "sentence" if part.by == "segment" else "block"}
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        xml.write_doctype('<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
        with xml.element("tmx", {"version": "1.4"}):
            write(xml, element("header", header, element("note", {}, text=_NOTE)))
            with xml.element("body"):
                xml.write("\n")
                yield lambda pair: write(xml, _unit(pair, part))
    end(file)


def _unit(pair: Pair, part: Part) -> Any:
    def cleaned(text: str) -> str:
        return clean(text, part.counted)

    attributes = {"tuid": pair.id, "srclang": pair.language}
    if pair.translated_at:
        attributes["creationdate"] = _stamp(pair.translated_at)
    by = f"{pair.made_by}: {pair.engine} {pair.package} {pair.version}"
    maker = cleaned(f"person: {pair.package}" if pair.made_by == "person" else by)
    return element(
        "tu",
        attributes,
        element(
            "prop", {"type": "x-human"}, text={"machine": "no", "person": "yes"}.get(pair.made_by, "partly")
        ),
        *(
            element("prop", {"type": _NAMES.get(name, f"x-{name.replace('_', '-')}")}, text=text)
            for name, value in facts(pair)
            if name not in _SAID_ELSEWHERE and (text := cleaned(value))
        ),
        _variant(pair.language, cleaned(pair.source)),
        _variant(pair.target_language, cleaned(pair.target or ""), creationid=maker),
    )


def _variant(language: str, text: str, **more: str) -> Any:
    return element("tuv", {f"{XML}lang": language, **more}, element("seg", {}, text=text))


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
