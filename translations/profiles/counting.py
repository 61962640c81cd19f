"""Count the words of languages: which are frequent enough to know, and what each says for each language."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from translations.cleaning import clean_all
from translations.profiles.training import Example
from translations.scoring import Weights
from translations.vocabulary import FLOOR, WEIGHT, hashes_of

WORDS = 30_000
LINES = 2  # a word is known that so many different lines of one language have


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What `vocabulary.Vocabulary` is read from: a weight is `steps * size`."""

    hashes: NDArray[np.uint32]
    steps: NDArray[np.uint8]  # [word, language]
    size: np.float32


def count_words(weights: Weights, lines: Sequence[Example], languages: Sequence[str]) -> Words:
    """The words that the lines have in common: the likelier one is in its language, the sooner it is known.

    The lines are in these languages; `weights` numbers the letters.
    """
    counts: dict[str, Counter[int]] = {language: Counter() for language in languages}
    different: dict[str, Counter[int]] = {language: Counter() for language in languages}
    totals = Counter[str]()
    seen: set[Example] = set()
    for line, words in zip(lines, _words(weights, lines), strict=True):
        counts[line.language].update(words)
        totals[line.language] += len(words)
        if line not in seen:
            seen.add(line)
            different[line.language].update(words)
    shares = Counter[int]()
    for language, found in different.items():
        for word, times in found.items():
            if times >= LINES:
                shares[word] += times / totals[language]  # type: ignore[assignment]
    chosen = sorted(sorted(shares, key=lambda word: (-shares[word], word))[:WORDS])
    seen_in = np.array([[counts[language][word] for language in counts] for word in chosen])
    said = WEIGHT * np.log1p(seen_in / (1 + np.array([totals[language] for language in counts])) / FLOOR)
    size = np.float32(said.max() / 255)
    return Words(hashes=np.array(chosen, np.uint32), steps=np.round(said / size).astype(np.uint8), size=size)


def _words(weights: Weights, lines: Sequence[Example]) -> Iterator[set[int]]:
    """The different words of each line, by their hashes."""
    for start in range(0, len(lines), 4096):
        texts = clean_all([line.text for line in lines[start : start + 4096]])
        numbers = weights.letters.take(texts.codes, mode="clip")
        at = np.flatnonzero(numbers)
        hashes, first = hashes_of(numbers, at)
        ends = np.searchsorted(at[first], texts.bounds[1:])
        for words in np.split(hashes, ends[:-1]):
            yield set(words.tolist())
