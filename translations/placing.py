"""Where in a translation the things belong that were taken out of the middle of its sentence.

The model's attention says which source piece a target piece comes from; so an item goes back beside the
translation of the word it stood beside, and a hashtag takes the place of the translation of its words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from translations.engines import Engine, Output
from translations.protect import Inner

# Below this share of a target word's attention its origin is a guess. Measured on the demonstration packages:
# tests/bench/placing.py prints how often the place is right above and below.
SURE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A translation with the items in it; `moved` of them found no place and stand at its end."""

    text: str
    moved: int


def place(core: str, inner: Sequence[Inner], output: Output, engine: Engine) -> Placed:
    """`output.text` with each of `inner` in it exactly once."""
    if not inner:
        return Placed(text=output.text, moved=0)
    words = _target_words(output, engine)
    starts = engine.starts(core)
    text = output.text
    spots: list[tuple[tuple[int, int], int, str]] = []
    homeless: list[str] = []
    for item in inner:
        spot = _spot(core, item, words, starts, output)
        if spot is None or any(spot[0] < end and start < spot[1] for (start, end), _, _ in spots):
            homeless.append(item.text)
        else:
            spots.append((spot, len(spots), item.text))
    # From the right, so that what is left to place keeps its offsets.
    for (start, end), _, item_text in sorted(spots, reverse=True):
        text = _insert(text, start, end, item_text)
    for item_text in homeless:
        text = f"{text} {item_text}" if text else item_text
    return Placed(text=text, moved=len(homeless))


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the translation: text[start:end], made by the pieces first..last-1."""

    start: int
    end: int
    first: int
    last: int


def _target_words(output: Output, engine: Engine) -> list[_Word]:
    pieces = output.pieces
    ends = [(index, len(engine.text(pieces[:index]))) for index in range(len(pieces) + 1)]
    borders = [
        (index, at)
        for index, at in ends
        if index in (0, len(pieces)) or (0 < at < len(output.text) and output.text[at] == " ")
    ]
    words = []
    for (first, start), (last, end) in pairwise(borders):
        start += len(output.text[start:end]) - len(output.text[start:end].lstrip())
        if start < end:
            words.append(_Word(start, end, first, last))
    return words


def _spot(
    core: str, item: Inner, words: Sequence[_Word], starts: Sequence[int], output: Output
) -> tuple[int, int] | None:
    """What to replace in the translation (nothing, at a place, for an item without words)."""
    if not words or not output.attention:
        return None
    if item.start < item.end:
        return _spot_of_words(item, words, starts, output)
    left = _shares(_word_before(core, item.start), words, starts, output)
    right = _shares(_word_after(core, item.start), words, starts, output)
    before, after = _best(left), _best(right)
    if max(left[before], right[after]) < SURE:
        return None
    at = words[before].end if left[before] >= right[after] else words[after].start
    return at, at


def _spot_of_words(
    item: Inner, words: Sequence[_Word], starts: Sequence[int], output: Output
) -> tuple[int, int] | None:
    shares = _shares((item.start, item.end), words, starts, output)
    best = _best(shares)
    if shares[best] < SURE:
        return None
    first = last = best
    while first > 0 and shares[first - 1] >= SURE:
        first -= 1
    while last + 1 < len(words) and shares[last + 1] >= SURE:
        last += 1
    end = words[last].end
    while end > words[first].start + 1 and output.text[end - 1] in ".,;:!?":
        end -= 1  # the sentence's mark is not the hashtag's
    return words[first].start, end


def _best(shares: Sequence[float]) -> int:
    return max(range(len(shares)), key=shares.__getitem__)


def _shares(
    span: tuple[int, int], words: Sequence[_Word], starts: Sequence[int], output: Output
) -> list[float]:
    """How much of each target word's attention lies on core[span]."""
    # A piece begins at the space before its word, and some characters are several pieces at one place.
    first = bisect_left(starts, starts[max(0, bisect_right(starts, span[0]) - 1)])
    last = bisect_left(starts, span[1])
    return [
        sum(sum(output.attention[piece][first:last]) for piece in range(word.first, word.last))
        / max(1, word.last - word.first)
        for word in words
    ]


def _word_before(core: str, at: int) -> tuple[int, int]:
    end = len(core[:at].rstrip())
    return core.rfind(" ", 0, end) + 1, end


def _word_after(core: str, at: int) -> tuple[int, int]:
    start = at + len(core[at:]) - len(core[at:].lstrip())
    end = core.find(" ", start)
    return start, end if end >= 0 else len(core)


def _insert(text: str, start: int, end: int, item: str) -> str:
    before, after = text[:start].rstrip(), text[end:].lstrip()
    if before and before[-1] not in "([{«“":
        before += " "
    if after and after[0] not in ".,;:!?)]}»”…":
        item += " "
    return before + item + after
