"""Translation memory (TMX 1.4): aligned pairs for OmegaT and other tools, marked as machine translations.

Every unit names its post, address, account and time, and the package that made it. Characters that XML cannot
hold are left out and counted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, Any

from lxml import etree

from archiver import __version__
from archiver.exports._pairs import Pair, decimal, moment, pairs
from archiver.store.records import PostRecord

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
_NOTE = (
    "Targets are machine translations that no person has checked, unless x-human is yes; x-engine and "
    "x-package say which machine, or who."
)


def write(records: Iterable[PostRecord], file: IO[bytes]) -> Counter[str]:
    counted = Counter[str]()
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        xml.write_doctype('<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
        with xml.element("tmx", {"version": "1.4"}):
            _write(xml, _element("header", _HEADER, _element("note", {}, text=_NOTE)))
            with xml.element("body"):
                xml.write("\n")
                for pair in pairs(records):
                    _write(xml, _unit(pair, counted))
                    counted["pairs"] += 1
    file.write(b"\n")
    return counted


def _write(xml: Any, element: Any) -> None:
    xml.write(element)
    xml.write("\n")


def _unit(pair: Pair, counted: Counter[str]) -> Any:
    def clean(text: str) -> str:
        kept, left_out = _ILLEGAL.subn("", text)
        if left_out:
            counted["characters left out"] += left_out
        return kept

    translation, segment = pair.translation, pair.segment
    maker = clean(_maker(pair))
    properties = [
        _element("prop", {"type": name}, text=text)
        for name, value in _properties(pair)
        if (text := clean(value))
    ]
    source = _element("seg", {}, text=clean(segment.source))
    target = _element("seg", {}, text=clean(segment.target))
    return _element(
        "tu",
        {"tuid": f"s{segment.id}", "srclang": translation.language, "creationdate": _stamp(translation.at)},
        *properties,
        _element("tuv", {_XML_LANG: translation.language}, source),
        _element("tuv", {_XML_LANG: translation.target, "creationid": maker}, target),
    )


def _maker(pair: Pair) -> str:
    made = pair.translation
    if pair.segment.correction is not None:
        return f"person: {pair.segment.correction.author or 'unnamed'}"
    if made.engine == "person":  # a machine's words beside a person's: `options` says which machine
        return f"machine: {made.options.removeprefix('on ')}"
    return f"machine: {made.engine} {made.package} {made.version}"


def _properties(pair: Pair) -> Iterator[tuple[str, str]]:
    post, translation, segment = pair.post, pair.translation, pair.segment
    yield "x-post", post.post
    yield "x-revision", str(pair.revision.seq)
    yield "x-segment", str(segment.index)
    yield "x-url", post.url or ""
    yield "x-platform", post.platform
    yield "x-account", post.account.handle
    yield "x-published", moment(post.published_at)
    yield "x-language-confidence", decimal(pair.confidence)
    yield "x-human", "yes" if segment.made_by == "person" else "no"
    yield "x-engine", translation.engine
    yield "x-package", translation.package
    yield "x-package-version", translation.version
    yield "x-package-sha256", translation.sha256
    yield "x-options", translation.options
    yield "x-score", decimal(segment.score)
    yield "x-flags", " ".join(pair.flags)


def _element(name: str, attributes: dict[str, str], *children: Any, text: str | None = None) -> Any:
    made = etree.Element(name, attributes)
    made.text = text
    made.extend(children)
    return made


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
