"""TEI P5: a <div> a post, an <ab> a pair with its two <seg>, which point at each other; facts in <fs>."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from lxml import etree

from archiver import __version__
from archiver.exports._pairs import Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports._xml import XML, clean, element, end, write

SHAPE = Shape()
_NAMESPACE = "http://www.tei-c.org/ns/1.0"
_TITLE = "Aligned pairs of public posts and their translations"
_TERMS = "The texts belong to those who wrote them; that they are public is no licence."
_PROJECT = (
    f"Made by bilingual-archiver {__version__}. Targets whose resp is #machine are machine translations that "
    "no person has checked; engine and package say which machine. What XML cannot hold is left out."
)


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open(f"{part.stem}.tei.xml")
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_t("TEI"), nsmap={None: _NAMESPACE}):
            write(xml, _header())
            with xml.element(_t("text")), xml.element(_t("body")):
                xml.write("\n")
                posts = _Posts(xml, part)
                yield posts.add
                posts.close()
    end(file)


class _Posts:
    """Opens and closes the <div> of each post."""

    def __init__(self, xml: Any, part: Part) -> None:
        self.xml, self.part = xml, part
        self.post: str | None = None
        self.open = ExitStack()
        self.any = False

    def add(self, pair: Pair) -> None:
        if pair.post != self.post:
            self.open.close()
            self.post, self.any = pair.post, True
            attributes = {"type": "post", "n": clean(pair.post, self.part.counted)}
            self.open.enter_context(self.xml.element(_t("div"), attributes))
            self.xml.write("\n")
        write(self.xml, _pair(pair, self.part))

    def close(self) -> None:
        self.open.close()
        if not self.any:  # a body holds something
            write(self.xml, element(_t("p"), {}, text="No pair fits."))


def _pair(pair: Pair, part: Part) -> Any:
    def text(side: str, other: str, language: str, text: str, **more: str) -> Any:
        attributes = {
            f"{XML}id": f"{pair.id}.{side}",
            f"{XML}lang": language,
            "type": side,
            "corresp": f"#{pair.id}.{other}",
            **more,
        }
        return element(_t("seg"), attributes, text=clean(text, part.counted))

    told = [
        element(_t("f"), {"name": name}, element(_t("string"), {}, text=clean(value, part.counted)))
        for name, value in facts(pair)
    ]
    return element(
        _t("ab"),
        {f"{XML}id": pair.id, "type": "pair"},
        text("source", "target", pair.language, pair.source),
        text("target", "source", pair.target_language, pair.target or "", resp=f"#{pair.made_by}"),
        element(_t("fs"), {"type": "facts"}, *told),
    )


def _header() -> Any:
    def e(name: str, *children: Any, text: str | None = None, **attributes: str) -> Any:
        return element(_t(name), attributes, *children, text=text)

    def by(id: str, what: str, who: str) -> Any:
        statement = e("respStmt", e("resp", text=what), e("name", text=who))
        statement.set(f"{XML}id", id)
        return statement

    return e(
        "teiHeader",
        e(
            "fileDesc",
            e(
                "titleStmt",
                e("title", text=_TITLE),
                by("machine", "machine translation", "the package that the pair names"),
                by("person", "correction", "a person"),
                by("both", "machine translation, corrected in part", "the package and a person"),
            ),
            e(
                "publicationStmt",
                e("publisher", text="The keepers of the archive"),
                e("availability", e("p", text=_TERMS)),
            ),
            e("sourceDesc", e("p", text="Public posts; every pair names its address.")),
        ),
        e("encodingDesc", e("projectDesc", e("p", text=_PROJECT))),
    )


def _t(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
