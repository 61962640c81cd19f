"""Which code points are letters, and of which script."""

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

NO_LETTER, ARABIC, LATIN, OTHER = range(4)
BEYOND = 0x10000  # stands for every code point outside the basic plane: none of them is a letter to us

# What n-grams are made of; Kashmiri writes its vowels with U+0654-065F.
ALPHABETS = {
    "Arab": tuple(
        code
        for code in (
            *range(0x0620, 0x0700),
            *range(0x0750, 0x0780),
        )  # Saraiki's own letters are in the second
        if chr(code).isalpha() or 0x0654 <= code <= 0x065F
    ),
    "Latn": tuple(code for code in (*range(0x0250), *range(0x1E00, 0x1F00)) if chr(code).isalpha()),
}


def kinds_of(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """For each code point NO_LETTER, ARABIC, LATIN or OTHER."""
    return _kinds().take(codes, mode="clip")


@cache
def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(BEYOND + 1, np.uint8)
    for first, last in ((0x0370, 0x0620), (0x0700, 0x3400), (0xF900, 0xFB50)):
        kinds[first:last] = [OTHER if chr(code).isalpha() else NO_LETTER for code in range(first, last)]
    for first, last in ((0x3400, 0x4DC0), (0x4E00, 0xA48D), (0xAC00, 0xD7A4)):  # one by one they cost time
        kinds[first:last] = OTHER
    kinds[0xA490:0xAC00] = [OTHER if chr(code).isalpha() else NO_LETTER for code in range(0xA490, 0xAC00)]
    kinds[list(_letters(ALPHABETS["Arab"], 0x0750, 0x08FF))] = ARABIC
    kinds[list(_letters(ALPHABETS["Latn"], 0x2C60, 0x2C7F))] = LATIN
    return kinds


def _letters(alphabet: Iterable[int], first: int, last: int) -> set[int]:
    more = {code for code in range(first, last + 1) if chr(code).isalpha()}
    return set(alphabet) | {code for code in more if not (0x0780 <= code < 0x0870)}
