"""Whole words beside n-grams: what each says for each language, found by a hash of its letters.

The words themselves do not ship, and need not: 32 bits of hash take an unknown word for a known one about
seven times in a million.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHT = 1.2  # how much a word says, beside the 0.3, 0.7 and 1 of n-grams
FLOOR = 1e-5  # a word seen once in so many lines is as good as unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWords:
    """Words by their hashes, in order: the first has row 0."""

    hashes: NDArray[np.uint32]
    # Where the hashes begin with each 16 bits, and how many do at most: a search takes as many steps.
    starts: NDArray[np.int32]
    steps: int

    def rows(self, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows of those that are known, and which those are."""
        rows = self.starts.take(hashes >> np.uint32(16))
        for _ in range(self.steps):
            rows += self.hashes.take(rows, mode="clip") < hashes
        known = np.flatnonzero(self.hashes.take(rows, mode="clip") == hashes)
        return rows[known], known


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Known words, and what each says: a row a word, a column a language."""

    words: KnownWords
    weights: NDArray[np.float32]


def vocabulary(hashes: NDArray[np.uint32], weights: NDArray[np.float32]) -> Vocabulary:
    """Words by their hashes, which must be in order, and their weights."""
    starts = np.searchsorted(hashes >> np.uint32(16), np.arange(1 << 16)).astype(np.int32)
    most = int(np.diff(starts, append=len(hashes)).max())
    return Vocabulary(words=KnownWords(hashes=hashes, starts=starts, steps=most), weights=weights)


NO_WORDS = vocabulary(np.zeros(0, np.uint32), np.zeros((0, 0), np.float32))

# A random odd multiplier for each place in a word, so that the same letters in another order differ.
_MULTIPLIERS = np.array(
    [pow(0x9E3779B97F4A7C15, place + 1, 1 << 64) | 1 for place in range(32)], dtype=np.uint64
)


def hashes_of(
    numbers: NDArray[np.uint8], at: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """A hash of each word, and which of `at` is its first letter.

    `numbers` are letters, 0 between words; `at` is where the letters are.
    """
    first = np.flatnonzero(numbers.take(at - 1) == 0)
    if not len(first):
        return np.zeros(0, np.uint32), first
    lengths = np.diff(first, append=len(at))
    place = np.arange(len(at)) - np.repeat(first, lengths)
    said = _MULTIPLIERS.take(place, mode="clip") * numbers.take(at)
    return (np.add.reduceat(said, first) >> np.uint64(32)).astype(np.uint32), first
