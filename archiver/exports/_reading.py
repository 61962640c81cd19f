"""What comes back: the pairs of a TMX, XLIFF 2 or TSV file that people worked on, one after the other.

Files are hostile until proven otherwise: nothing is fetched, no entity is expanded, memory stays flat.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from archiver.errors import Usage
from archiver.exports._xml import XML

_XLIFF = re.compile(r"urn:oasis:names:tc:xliff:document:2\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A pair as the file has it. `segment_id` None: it is not by this program, or not by segment."""

    name: str  # by which messages name it
    segment_id: int | None
    source: str
    text: str
    language: str
    target: str
    author: str | None = None


def read(path: Path) -> Iterator[Read]:
    """The pairs of a file, of a kind that its content tells. Raises Usage for a file that cannot be read."""
    with path.open("rb") as file:
        start = file.read(512).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        file.seek(0)
        if start.startswith((b"<", b"\x00<")):
            yield from _xml(path, file)
        else:
            yield from _tsv(path, file)


def is_pairs(path: Path) -> bool:
    """Whether a file's content is one that `read` is for: TMX, XLIFF or a TSV with our columns."""
    with path.open("rb") as file:
        start = file.read(2**14).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith((b"<", b"\x00<")):
        return bool(re.search(rb"<(!DOCTYPE\s+)?(\w+:)?(tmx|xliff)\b", start.replace(b"\x00", b"")))
    return set(_NEEDED) <= set(start.partition(b"\n")[0].decode("utf-8", "replace").strip("\r").split("\t"))


def segment_id(name: str) -> int | None:
    """The number behind the `s` of a segment's name."""
    found = re.fullmatch(r"s(\d{1,18})", name)
    return int(found[1]) if found else None


# -- XML ------------------------------------------------------------------------------------------


def _xml(path: Path, file: BinaryIO) -> Iterator[Read]:
    safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
    try:
        events = etree.iterparse(file, events=("start", "end"), **safe)
        _, root = next(events)
        if _entities(root):
            raise Usage(f"{path} declares entities, which no export of ours does: it is not read")
        kind = etree.QName(root)
        if kind.localname == "tmx":
            yield from _pairs(events, root, "tu", _unit_of_tmx)
        elif kind.localname == "xliff" and _XLIFF.fullmatch(kind.namespace or ""):
            languages = (root.get("srcLang") or "", root.get("trgLang") or "")
            tag = f"{{{kind.namespace}}}unit"
            yield from _pairs(events, root, tag, lambda unit: _unit_of_xliff(unit, languages))
        else:
            raise Usage(f"{path} is {kind.localname}: there are readers for TMX, XLIFF 2 and TSV")
    except etree.XMLSyntaxError as error:
        raise Usage(f"{path}: {error.msg or 'it is no XML'}") from None


def _entities(root: Any) -> bool:
    dtd = root.getroottree().docinfo.internalDTD
    return dtd is not None and any(True for _ in dtd.iterentities())


def _pairs(events: Any, root: Any, tag: str, made: Any) -> Iterator[Read]:
    for event, element in events:
        if event == "end" and element.tag == tag:
            pair = made(element)
            if pair is not None:
                yield pair
            element.clear()
            while element.getprevious() is not None:  # what was read before it
                del element.getparent()[0]
    root.clear()


def _unit_of_tmx(unit: Any) -> Read | None:
    variants = [(v.get(f"{XML}lang") or v.get("lang") or "", v) for v in unit.findall("tuv")]
    wanted = (unit.get("srclang") or "").casefold()
    sources = [v for v in variants if v[0].casefold() == wanted] or variants[:1]
    targets = [v for v in variants if v is not sources[0]] if sources else []
    if not targets:
        return None
    (language, source), (target, translated) = sources[0], targets[0]
    changed = translated.get("changeid") or unit.get("changeid")
    name = unit.get("tuid") or ""
    return Read(
        name=name or f"line {unit.sourceline}",
        segment_id=segment_id(name),
        source=_segment(source),
        text=_segment(translated),
        language=language,
        target=target,
        author=changed or None,
    )


# Their text is other programs' markup, not the sentence's.
_CODES = frozenset({"bpt", "ept", "ph", "it", "ut"})


def _segment(variant: Any) -> str:
    found = variant.find("seg")
    return "" if found is None else "".join(_words(found))


def _unit_of_xliff(unit: Any, languages: tuple[str, str]) -> Read | None:
    """A unit's segments, put together again where a tool has cut them."""
    space = f"{{{etree.QName(unit).namespace}}}"
    sources, targets = [], []
    for part in unit.iter(f"{space}segment", f"{space}ignorable"):
        source, target = part.find(f"{space}source"), part.find(f"{space}target")
        said = "" if source is None else "".join(_words(source))
        sources.append(said)
        if target is not None:
            targets.append("".join(_words(target)))
        elif part.tag == f"{space}ignorable":
            targets.append(said)
    if len(targets) != len(sources) or not targets:
        return None
    name = unit.get("id") or ""
    return Read(
        name=name or f"line {unit.sourceline}",
        segment_id=segment_id(name),
        source="".join(sources),
        text="".join(targets),
        language=languages[0],
        target=languages[1],
    )


def _words(element: Any) -> Iterator[str]:
    """The text of an element without codes; <cp hex="..."/> is the character that it stands for."""
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            name = etree.QName(child).localname
            if name == "cp":
                yield _character(child.get("hex") or "")
            elif name not in _CODES:
                yield from _words(child)
        yield child.tail or ""


def _character(code: str) -> str:
    found = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,6}", code) else 0x110000
    return chr(found) if found < 0x110000 else ""


# -- TSV ------------------------------------------------------------------------------------------

_NEEDED = ("id", "source", "target", "language", "target_language")
_SIGNS = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})|\\[\\tnr]")


def _tsv(path: Path, file: BinaryIO) -> Iterator[Read]:
    rows = _rows(path, file)
    header = next(rows, [])
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise Usage(f"{path} has no column '{missing[0]}': it is no TSV of ours, and neither TMX nor XLIFF")
    for number, cells in enumerate(rows, 2):
        if len(cells) != len(header):
            raise Usage(f"{path}, line {number}: {len(cells)} cells under {len(header)} columns")
        row = dict(zip(header, map(unescaped, cells), strict=True))
        yield Read(
            name=row["id"],
            segment_id=segment_id(row["id"]),
            source=row["source"],
            text=row["target"],
            language=row["language"],
            target=row["target_language"],
        )


_LONGEST = 2**22  # bytes of a line: a post with its translation is far shorter


def _rows(path: Path, file: BinaryIO) -> Iterator[list[str]]:
    for number, line in enumerate(_lines(file), 1):
        if len(line) > _LONGEST:
            raise Usage(f"{path}, line {number}: the line is longer than any of ours")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise Usage(f"{path}, line {number}: it is not UTF-8") from None
        yield text.rstrip("\r\n").split("\t")


def _lines(file: BinaryIO) -> Iterable[bytes]:
    while line := file.readline(_LONGEST + 1):
        yield line


def unescaped(cell: str) -> str:
    """The text that `_cells.cell` wrote."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else _SIGNS[m[0]], cell)
