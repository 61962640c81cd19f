"""The words of a text as the search index knows them: folded, without accents and punctuation.

Splitting is done here and not by a database, so that SQLite and PostgreSQL index, find and count the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from translations.fold import fold, fold_map

LONGEST = 200  # code points of a word; an index takes no more than 2,704 bytes, and nobody searches for more


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and where it stands in the original text, its trailing marks included."""

    text: str
    start: int
    end: int


def words(text: str, language: str | None) -> list[str]:
    """The words of `text`, folded by the rules of its language."""
    return [word[:LONGEST] for word in fold(text, language).translate(_LETTERS).split()]


def located(text: str, language: str | None) -> list[Word]:
    """`words`, each with its span in code points of `text` itself."""
    shape = text.translate(_shapes(language))
    if _MIXED in shape:
        return _located_by_letter(text, language)
    spans = (found.span() for found in _SHAPE_OF_A_WORD.finditer(shape))
    said = words(text, language)
    return [Word(w, start, _past_marks(text, end)) for w, (start, end) in zip(said, spans, strict=True)]


def _located_by_letter(text: str, language: str | None) -> list[Word]:
    """`located` for texts with signs that stand for several words."""
    folded, origins = fold_map(text, language)
    letters: list[str] = []
    places: list[int] = []
    for letter, origin in zip(folded, origins, strict=True):
        if piece := _LETTERS[ord(letter)]:
            letters.append(piece)
            places.append(origin)
    found = re.finditer(r"[^ ]+", "".join(letters))
    return [
        Word(m[0][:LONGEST], places[m.start()], _past_marks(text, places[m.end() - 1] + 1)) for m in found
    ]


def hashtags(text: str, language: str | None) -> Iterator[Word]:
    """The #hashtags of `text`, folded, without their #."""
    return _marked(_HASHTAG, text, language)


def mentions(text: str) -> Iterator[Word]:
    """The @handles of `text`, in small letters, without their @."""
    return _marked(_MENTION, text, None)


def tag_of(text: str, language: str | None) -> str:
    """A hashtag as the index spells it; a joiner inside it counts as _."""
    tag = fold(text.removeprefix("#").replace("\u200c", "_"), language).translate(_TAG_LETTERS)
    return re.sub("_+", "_", tag).strip("_")[:LONGEST]


def handle_of(text: str) -> str:
    """A handle as the index spells it."""
    return text.removeprefix("@").casefold().rstrip(".-")[:LONGEST]


# The full-width forms come from keyboards; what follows a letter or / is part of an address.
_HASHTAG = re.compile(r"(?<![\w/&])[#＃]([\w\u200c\u0610-\u061a\u064b-\u065f\u0670]*\w)")
_MENTION = re.compile(r"(?<![\w/@.])[@＠](\w(?:[\w.-]*\w)?(?:@[\w.-]*\w)?)")


def _marked(pattern: re.Pattern[str], text: str, language: str | None) -> Iterator[Word]:
    for found in pattern.finditer(text):
        spelled = tag_of(found[1], language) if pattern is _HASHTAG else handle_of(found[1])
        if spelled:
            yield Word(spelled, found.start(), _past_marks(text, found.end()))


def _past_marks(text: str, end: int) -> int:
    """`end`, moved behind the vowel marks and stretching that belong to the letter before it."""
    while end < len(text) and (unicodedata.combining(text[end]) or text[end] == "ـ"):
        end += 1
    return end


_KEPT, _GONE, _PARTING, _MIXED = "w", "-", " ", "?"
_SHAPE_OF_A_WORD = re.compile(f"{_KEPT}(?:[{_KEPT}{_GONE}]*{_KEPT})?")


class _Shapes(dict[int, str]):
    """Whether a character becomes a piece of a word, nothing, what parts words, or several of them."""

    def __init__(self, language: str | None) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, code: int) -> str:
        kept = fold(chr(code), self.language).translate(_LETTERS)
        parts = len(kept.split())
        if not kept:
            shape = _GONE
        elif not parts:
            shape = _PARTING
        else:
            shape = _KEPT if parts == 1 and " " not in kept else _MIXED
        self[code] = shape
        return shape


@lru_cache(maxsize=64)
def _shapes(language: str | None) -> _Shapes:
    return _Shapes(language)


class _Letters(dict[int, str]):
    """What the index keeps of a character: letters, digits and the marks of scripts that need them.

    Accents of Latin, Greek and Cyrillic letters go, composed or not. Everything else parts words.
    """

    def __init__(self, also: str = "") -> None:
        super().__init__({ord(letter): letter for letter in also})

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        kind = unicodedata.category(letter)[0]
        if 0x0300 <= code <= 0x036F:
            kept = ""
        elif kind in "LN":
            base = unicodedata.normalize("NFD", letter)
            accented = all(0x0300 <= ord(mark) <= 0x036F for mark in base[1:])
            kept = base[0] if accented else letter
        else:
            kept = letter if kind == "M" else " "
        self[code] = kept
        return kept


_LETTERS = _Letters()
_TAG_LETTERS = _Letters("_")
