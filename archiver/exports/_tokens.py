"""Words and marks of a text, for the formats that hold one token a line.

Links, mentions, hashtags and emoji are one token each; vowel marks and joiners stay inside their words.
Tokens and the white space between them are the text again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from translations.protect import items

# Combining marks (harakat) and joiners sit inside words; \w has none of them.
_INSIDE = (
    r"\w\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"
    r"\u200c\u200d"
)
_NUMBER = r"\d+(?:[.,:٫٬/\-]\d+)*"
_TOKEN = re.compile(rf"{_NUMBER}|[{_INSIDE}]+(?:['’\-][^\W\d_]+)*|\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`glued`: no space between it and the next one."""

    form: str
    glued: bool


def tokens(text: str) -> Iterator[Token]:
    spans = list(_spans(text))
    for place, (start, end) in enumerate(spans):
        following = spans[place + 1][0] if place + 1 < len(spans) else None
        yield Token(form=text[start:end], glued=following == end)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    place = 0
    for item in items(text):
        yield from _plain(text, place, item.start)
        yield from _item(item.start, item.text)
        place = item.end
    yield from _plain(text, place, len(text))


def _plain(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in _TOKEN.finditer(text, start, end):
        yield found.span()


def _item(start: int, text: str) -> Iterator[tuple[int, int]]:
    """An item; "RT @name" has a space in it and is two tokens."""
    for found in re.finditer(r"\S+", text):
        yield start + found.start(), start + found.end()


_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


def one_line(text: str) -> str:
    """`text` on one line: white space and controls of any length as one space, nothing UTF-8 cannot hold."""
    return _BREAKS.sub(" ", text).strip()
