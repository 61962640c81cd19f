"""Translation memory (TMX 1.4): aligned pairs for OmegaT and other tools, what machines made marked as such.

Every unit names its post, address, account and time, and the package or person that made it. Characters that
XML cannot hold are left out and counted. Corrected, the file comes back with `archiver import`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from lxml import etree

from archiver import __version__
from archiver.exports._pairs import COLUMNS, Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports._xml import clean, element, end, escaped, quoted, write

SHAPE = Shape()
# Names by which the properties were first published; the others are their columns' names with an x-.
_NAMES = {name: f"x-{name.replace('_', '-')}" for name in COLUMNS} | {
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
                xml.flush()  # what follows goes past it

                def add(pair: Pair) -> None:
                    file.write(_unit(pair, part).encode())

                yield add
    end(file)


def _unit(pair: Pair, part: Part) -> str:
    """Written out: building a tree of elements takes three times as long."""

    def text(value: str) -> str:
        return escaped(clean(value, part.counted))

    at = f' creationdate="{_stamp(pair.translated_at)}"' if pair.translated_at else ""
    by = f"{pair.made_by}: {pair.engine} {pair.package} {pair.version}"
    maker = clean(f"person: {pair.package}" if pair.made_by == "person" else by, part.counted)
    human = {"machine": "no", "person": "yes"}.get(pair.made_by, "partly")
    props = [
        f'<prop type="{_NAMES[name]}">{said}</prop>'
        for name, value in facts(pair)
        if name not in _SAID_ELSEWHERE and (said := text(value))
    ]
    return (
        f'<tu tuid="{quoted(pair.id)}" srclang="{quoted(pair.language)}"{at}>'
        f'<prop type="x-human">{human}</prop>{"".join(props)}'
        f'<tuv xml:lang="{quoted(pair.language)}"><seg>{text(pair.source)}</seg></tuv>'
        f'<tuv xml:lang="{quoted(pair.target_language)}" creationid="{quoted(maker)}">'
        f"<seg>{text(pair.target or '')}</seg></tuv></tu>\n"
    )


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
