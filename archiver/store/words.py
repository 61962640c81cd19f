"""The words of a text as the search index knows them: folded, without accents and punctuation.

Splitting is done here and not by a database, so that SQLite and PostgreSQL index, find and count the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

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
