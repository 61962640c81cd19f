"""What the number of a row in the search index says: when, in which language, which post.

From the top: 33 bits for the second of publication (or of first sight), 1 for whether only first sight is
known, 3 for the language, 27 for the post. So rows lie in the order of time, and filters by time and by
language look at nothing but the number of each row that has the word: no second list is walked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, literal_column

LAYOUT = 2  # grows with every change of this module or of the filters that rows have
POST_BITS = 27  # of a row's number; 134 million posts, then two of one second might share a number
KIND_BITS = 4
_TIME_BITS = POST_BITS + KIND_BITS
_LANGUAGES = {"ur": 1, "ps": 2, "ar": 3, "fa": 4, "en": 5, "und": 6}  # 0 is every other
_UNDATED = 8
_LATEST = (1 << 32) - 2  # seconds; one more is still a number of 64 bits
FIRST, LAST = -(1 << 63), (1 << 63) - 1


def doc_id(post_id: int, published_at: datetime | None, first_seen_at: datetime, language: str | None) -> int:
    """The number of a post's row."""
    kind = _LANGUAGES.get(_primary(language or "und"), 0) | (0 if published_at else _UNDATED)
    below = kind << POST_BITS | post_id & (1 << POST_BITS) - 1
    return first_doc_id(published_at or first_seen_at) | below


def first_doc_id(moment: datetime) -> int:
    """The smallest number of a row of that second. Years before 1834 and after 2106 are as far as it goes."""
    return _second(moment) << _TIME_BITS


def behind_doc_id(moment: datetime) -> int:
    """The number that is behind all rows of that second."""
    return _second(moment) + 1 << _TIME_BITS


def kinds(demands: Sequence[Sequence[str]], *, dated: bool) -> int | None:
    """The kinds of rows that fit, as a set of bits: in one of the languages of every demand, and with a time
    where they have to be `dated`. None: the numbers do not tell, as they do not know such a language."""
    fit = 0xFF if dated else 0xFFFF
    for languages in demands:
        known = [_LANGUAGES.get(language.casefold()) for language in languages]
        if None in known:
            return None
        fit &= sum({1 << kind | 1 << kind + _UNDATED for kind in known if kind is not None})
    return fit


def day_of(number: Any) -> Any:
    """The day of a row, counted from 1970-01-01, as an expression of either database."""
    # Both databases divide towards 0: the days are moved behind it for that.
    # Written out: PostgreSQL takes a parameter for another expression each time.
    numbers = (_TIME_BITS, 86_400, _BEFORE, _BEFORE * 86_400)
    bits, day, before, seconds_before = (literal_column(str(value), Integer) for value in numbers)
    return (number.op(">>")(bits) + seconds_before) // day - before


_BEFORE = 200_000  # days; no row is older


def _second(moment: datetime) -> int:
    return max(-(1 << 32), min(int(moment.timestamp() // 1), _LATEST))


def _primary(language: str) -> str:
    """`fa` of `fa-AF`."""
    return language.casefold().replace("_", "-").partition("-")[0]
