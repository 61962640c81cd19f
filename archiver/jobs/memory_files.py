"""Translation memories as other tools write them: TMX and TSV, read one unit after the other.

A file is hostile until proven otherwise: entities are refused, nothing is fetched, and memory does not grow
with the file. Units that cannot be used are counted, each with its reason; only a broken file is an error.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from archiver.errors import Usage
from translations.languages import primary

LONGEST_LINE = 2**20  # bytes of a line of TSV
MOST_ELEMENTS = 5_000  # in one unit of TMX
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A sentence and its translation; `where` names its place in the file."""

    source: str
    target: str
    language: str
    target_language: str
    where: str
    author: str | None = None
    note: str | None = None


def read(path: Path, source: str | None, target: str, skipped: Counter[str]) -> Iterator[Unit]:
    """The units of a .tmx or .tsv file from `source` (None: any language) to `target`. Raises Usage."""
    if not path.is_file():
        raise Usage(f"there is no file {path}")
    readers = {".tmx": _tmx, ".tsv": _tsv, ".tab": _tsv, ".txt": _tsv}
    if path.suffix.lower() not in readers:
        raise Usage(f"{path.name} is no .tmx and no .tsv: translation memories are read from these")
    with path.open("rb") as file:
        yield from readers[path.suffix.lower()](file, path.name, source, target, skipped)


# -- TMX ------------------------------------------------------------------------------------------------


def _tmx(
    file: IO[bytes], name: str, source: str | None, target: str, skipped: Counter[str]
) -> Iterator[Unit]:
    from lxml import etree

    context = etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _units(context, name, source, target, skipped)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        raise Usage(f"{name}, line {line}: {str(error.msg).splitlines()[0]}; this is no TMX file") from None


def _units(context: Any, name: str, source: str | None, target: str, skipped: Counter[str]) -> Iterator[Unit]:
    open_elements: list[Any] = []
    in_unit = 0
    default = ""
    for event, element in context:
        tag = _tag(element)
        if event == "start":
            if not open_elements:
                _check_root(element, tag, name)
            open_elements.append(element)
            in_unit = 0 if tag == "tu" else in_unit + 1
            if in_unit > MOST_ELEMENTS:
                raise Usage(
                    f"{name}, line {element.sourceline}: a unit of more than {MOST_ELEMENTS} elements"
                )
            continue
        open_elements.pop()
        if tag == "header":
            default = element.get("srclang", "")
        elif tag == "tu":
            yield from _unit(element, name, default, source, target, skipped)
        if len(open_elements) <= 2:  # header, body, and what stands in them: read, and not needed again
            in_unit = 0
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]


def _check_root(element: Any, tag: str, name: str) -> None:
    if tag != "tmx":
        raise Usage(f"{name}: the file begins with <{tag[:40]}>, which is no TMX")
    definition = element.getroottree().docinfo.internalDTD
    if definition is not None and any(True for _ in definition.iterentities()):
        raise Usage(f"{name}: it defines entities of its own, which no translation memory needs: refused")


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _unit(
    unit: Any, name: str, default: str, source: str | None, target: str, skipped: Counter[str]
) -> Iterator[Unit]:
    where = f"{name}, line {unit.sourceline}"
    properties = {p.get("type"): p.text for p in unit if _tag(p) == "prop"}
    if properties.get("x-human") == "no":
        skipped["a machine's translation, not a person's"] += 1
        return
    texts: dict[str, tuple[str, Any]] = {}
    for variant in unit:
        if _tag(variant) == "tuv":
            language = variant.get(_XML_LANG) or variant.get("lang") or ""
            segment = next((child for child in variant if _tag(child) == "seg"), None)
            if segment is not None and language:
                texts.setdefault(primary(language), (language, segment))
    into = texts.get(primary(target))
    wanted = primary(source or unit.get("srclang") or default or "")
    others = [code for code in texts if code != primary(target)]
    out_of = wanted if wanted in others else (others[0] if not source and len(others) == 1 else None)
    if into is None or out_of is None:
        skipped["other languages"] += 1
        return
    note = next((n.text for n in unit if _tag(n) == "note"), None)
    yield Unit(
        source=_text(texts[out_of][1]),
        target=_text(into[1]),
        language=texts[out_of][0],
        target_language=into[0],
        where=where,
        author=unit.get("changeid") or unit.get("creationid"),
        note=note,
    )


def _text(segment: Any) -> str:
    """The words of a segment; the codes of a document's layout are not among them."""
    words = segment.text or ""
    for inline in segment:
        if _tag(inline) == "hi":
            words += _text(inline)
        words += inline.tail or ""
    return str(words)


# -- TSV ------------------------------------------------------------------------------------------------

_SIGNS = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})|\\.")


def _tsv(
    file: IO[bytes], name: str, source: str | None, target: str, skipped: Counter[str]
) -> Iterator[Unit]:
    """With a header that names the columns source and target, or else these two and nothing."""
    columns: list[str] | None = None
    for number, line in _lines(file, name):
        cells = line.split("\t")
        if columns is None:
            columns = [cell.strip().lower() for cell in cells]
            if {"source", "target"} <= set(columns):
                continue
            columns = ["source", "target"]
            if source is None:
                raise Usage(f"{name} has no header (source, target, language): name the language with --from")
        row = dict(zip(columns, cells, strict=False))
        if "target" not in row:
            skipped["a line without a translation"] += 1
            continue
        if row.get("made_by", "person") != "person":
            skipped["a machine's translation, not a person's"] += 1
            continue
        language = row.get("language") or source or ""
        into = row.get("target_language") or target
        if not language:
            raise Usage(
                f"{name}, line {number}: no column says the language of the source; name it with --from"
            )
        if (source and primary(language) != primary(source)) or primary(into) != primary(target):
            skipped["other languages"] += 1
            continue
        yield Unit(
            source=_unescaped(row["source"]),
            target=_unescaped(row["target"]),
            language=language,
            target_language=into,
            where=f"{name}, line {number}",
            author=row.get("author") or None,
            note=row.get("note") or None,
        )


def _lines(file: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise Usage(
                f"{name}, line {number}: longer than {LONGEST_LINE} bytes; this is no memory of sentences"
            )
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise Usage(f"{name}, line {number}: this is no UTF-8") from None
        if line.strip() and not line.startswith("#"):
            yield number, line


def _unescaped(cell: str) -> str:
    """A cell of ours as it was before writing; of others', where a backslash is just that, as it is."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else _SIGNS.get(m[0], m[0]), cell)
