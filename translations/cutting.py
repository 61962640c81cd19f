"""A sentence longer than the model's window, cut at the best places inside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from translations.engines import Engine

# After a clause mark; else before a word that joins clauses; else between words.
_PLACES = (
    re.compile(r"[،,؛;:–—]\s+"),
    re.compile(r"\s(?=(?:اور|لیکن|مگر|کہ|او|خو|چې|و|ولكن|لكن|ثم|که|اما|ولی|and|but|that|which)\s)"),
    re.compile(r"\s+"),
)
# A part read by itself can have a piece or two more than it had inside the whole.
_MARGIN = 8


def cut(core: str, engine: Engine, keep: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Spans of `core` that the model reads whole, together all its words; none cuts through one of `keep`."""
    if len(engine.pieces(core)) <= engine.window:
        return [(0, len(core))]
    room = max(1, engine.window - _MARGIN)
    starts = engine.starts(core)
    borders = [0]
    while (first := bisect_right(starts, borders[-1] - 1)) + room < len(starts):
        borders.append(_border(core, borders[-1], starts[first + room], keep))
    return [_trim(core, start, end) for start, end in pairwise([*borders, len(core)])]


def _border(core: str, start: int, limit: int, keep: Sequence[tuple[int, int]]) -> int:
    """Where to cut between start and limit: at the best kind of place in the later half, late in it."""
    limit = max(limit, start + 1)
    for place in _PLACES:
        middle = start + (limit - start) // 2
        found = [match.end() for match in place.finditer(core, middle, limit)]
        if free := [at for at in found if at > start and not _within(at, keep)]:
            return free[-1]
    while limit > start + 1 and _within(limit, keep):
        limit -= 1
    return limit


def _within(at: int, keep: Sequence[tuple[int, int]]) -> bool:
    return any(start < at < end for start, end in keep)


def _trim(core: str, start: int, end: int) -> tuple[int, int]:
    while start < end and core[start].isspace():
        start += 1
    while end > start and core[end - 1].isspace():
        end -= 1
    return start, end
