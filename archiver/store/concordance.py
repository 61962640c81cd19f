"""Key words in context: every place where a found post says what was searched for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archiver.store.search import Hit
from archiver.store.words import Word, located

Order = Literal["left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A place in a post: what stands before it, itself, and what stands after, as they were written."""

    hit: Hit
    side: Literal["original", "translation"]
    left: str
    match: str
    right: str
    before: tuple[str, ...]  # folded, the nearest first
    after: tuple[str, ...]


def concordance(hits: Iterable[Hit], width: int, order: Order | None = None) -> list[Line]:
    """The lines of `hits` with `width` words on each side, in their order or sorted by their context."""
    lines = [line for hit in hits for line in _lines(hit, width)]
    if order == "left":
        lines.sort(key=lambda line: (line.before, line.after))
    elif order == "right":
        lines.sort(key=lambda line: (line.after, line.before))
    return lines


def _lines(hit: Hit, width: int) -> Iterator[Line]:
    if spans := hit.highlights["original"]:
        found = located(hit.original, hit.language)
        for span in spans:
            yield _line(hit, "original", hit.original, found, span, width)
    if hit.translation and (spans := hit.highlights["translation"]):
        found = located(hit.translation, hit.target)
        for span in spans:
            yield _line(hit, "translation", hit.translation, found, span, width)


def _line(
    hit: Hit,
    side: Literal["original", "translation"],
    text: str,
    found: Sequence[Word],
    span: tuple[int, int],
    width: int,
) -> Line:
    start, end = span
    before = [word for word in found if word.end <= start][-width:] if width else []
    after = [word for word in found if word.start >= end][:width]
    return Line(
        hit=hit,
        side=side,
        left=_one_line(text[before[0].start : start]) if before else "",
        match=_one_line(text[start:end]),
        right=_one_line(text[end : after[-1].end]) if after else "",
        before=tuple(word.text for word in reversed(before)),
        after=tuple(word.text for word in after),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
