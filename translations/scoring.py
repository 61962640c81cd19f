"""Score texts by langdetect's n-gram probabilities: exactly, many texts at once, the same answer every time.

langdetect draws n-grams at random until it believes an answer. Here every 1-, 2- and 3-gram of the text
counts, so nothing depends on chance, order or batch. The probabilities are langdetect's, read by its own
`DetectorFactory.load_json_profile` from its own profiles and from ours, which have the same format.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from langdetect.detector_factory import DetectorFactory
from langdetect.utils.ngram import NGram
from numpy.typing import NDArray

from translations.cleaning import LONGEST, Cleaned
from translations.letters import ALPHABETS, BEYOND

Floats = NDArray[np.float32]
Rows = NDArray[np.uint16]
Counts = NDArray[np.int64]

# langdetect's smoothing (alpha / BASE_FREQ), and how much a 1-, 2- and 3-gram says.
FLOOR = 0.1 / 10_000
WEIGHTS = (0.3, 0.7, 1.0)
STEPS = 1024  # a weight of 1 is so many steps

_SPACE, _STRANGE = 0, 1  # letter numbers: between words, and a letter that no profile knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """How often each n-gram is seen in each language: n-grams in order, a column a language."""

    languages: tuple[str, ...]
    ngrams: tuple[str, ...]
    chances: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What every n-gram says for each language. Row 0 says nothing and stands for an unknown n-gram."""

    languages: tuple[str, ...]
    ngrams: tuple[str, ...]  # ngrams[i] is row i + 1
    weights: Floats  # [row, language]
    letters: NDArray[np.uint8]  # code point -> letter number
    alphabet: int
    lookup: Rows  # [first, second, third letter] -> row

    def rows(self, texts: Cleaned) -> tuple[Rows, Counts]:
        """For each letter of each text the rows of four n-grams; and how many letters each text has.

        The n-grams: the letter itself, the pair it ends, the triple around it, and the pair with which its
        word ends. Together they are what langdetect's `NGram` gives.
        """
        numbers = self.letters.take(texts.codes, mode="clip")
        at = np.flatnonzero(numbers)
        before, letter, after = numbers[at - 1], numbers[at], numbers[at + 1]
        pad = self.alphabet - 1
        rows = np.zeros((len(at), 4), np.uint16)
        rows[:, 0] = self.lookup[pad, pad, letter]
        rows[:, 1] = self.lookup[pad, before, letter]
        rows[:, 2] = self.lookup[before, letter, after]
        rows[:, 3] = np.where(after == _SPACE, self.lookup[pad, letter, _SPACE], 0)
        return rows, np.diff(np.searchsorted(at, texts.bounds))

    def corrected(self, scale: float, correction: Floats) -> "Weights":
        """The same n-grams with their weights scaled and a learnt correction added."""
        return replace(self, weights=self.weights * np.float32(scale) + correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """What every letter says between its neighbours: the four n-grams that it brings, added up beforehand.

    Whole numbers of steps are added, so the sum is the same in any order.
    """

    languages: tuple[str, ...]
    letters: NDArray[np.uint8]  # code point -> letter number
    alphabet: int
    cells: Rows  # (first * alphabet + second) * alphabet + third -> column of `steps`
    steps: NDArray[np.int32]  # [language, cell]

    def score(self, texts: Cleaned) -> tuple[NDArray[np.float64], Counts]:
        """Per text and language what its n-grams say, summed, over the root of its length; and the lengths.

        A length counts letters of this script. More text is more evidence, but neighbouring n-grams repeat
        each other, hence the root.
        """
        numbers = self.letters.take(texts.codes, mode="clip").astype(np.int32)
        at = np.flatnonzero(numbers)
        triples = (numbers[:-2] * self.alphabet + numbers[1:-1]) * self.alphabet + numbers[2:]
        said = self.cells.take(triples.take(at - 1)).astype(np.intp)
        ends = np.searchsorted(at, texts.bounds)
        lengths = np.diff(ends)
        totals = np.zeros((len(self.languages), len(lengths)))
        present = np.flatnonzero(lengths)
        if len(present):
            starts = ends[present]
            for language, steps in enumerate(self.steps):
                totals[language, present] = np.add.reduceat(steps.take(said), starts)
        return totals.T / (STEPS * np.sqrt(np.maximum(lengths, 1)))[:, None], lengths


def compiled(weights: Weights) -> Scorer:
    """The scorer that says what these weights say, at one look-up a letter."""
    n, pad = weights.alphabet, weights.alphabet - 1
    lookup = weights.lookup
    # Below n: a letter after one it is never seen after; above: a pair.
    pair = np.broadcast_to(np.arange(n, dtype=np.uint16), (n, n)).copy()
    known = (lookup[pad] > 0) | (lookup > 0).any(axis=2)
    known[pad] = known[:, pad] = False
    known[:, _SPACE] = False
    first, second = np.nonzero(known)
    pair[first, second] = n + np.arange(len(first))
    letter = np.concatenate([np.arange(n), second])
    alone = weights.weights[lookup[pad, pad, letter]].astype(np.float64)
    alone[n:] += weights.weights[lookup[pad, first, second]]
    last = alone + weights.weights[lookup[pad, letter, _SPACE]]
    cells = np.repeat(pair[:, :, None], n, axis=2)
    cells[:, :, _SPACE] += len(letter)
    triples = lookup.copy()
    triples[pad] = 0
    at = np.nonzero(triples)
    full = np.where((at[2] == _SPACE)[:, None], last[pair[at[:2]]], alone[pair[at[:2]]])
    full += weights.weights[lookup[at]]
    cells[at] = 2 * len(letter) + np.arange(len(at[0]))
    said = np.round(np.concatenate([alone, last, full]) * STEPS)
    if len(said) > np.iinfo(np.uint16).max or np.abs(said).max() * LONGEST > np.iinfo(np.int32).max:
        raise ValueError(f"{len(said)} cells with weights up to {np.abs(said).max()} do not fit the table")
    return Scorer(
        languages=weights.languages,
        letters=weights.letters,
        alphabet=n,
        cells=cells.ravel(),
        steps=np.ascontiguousarray(said.T.astype(np.int32)),
    )


def sums(weights: NDArray[np.floating], rows: Rows, lengths: Counts) -> NDArray[np.floating]:
    """Add up the weights of the rows of each text, and divide by the root of its length."""
    totals = np.zeros((len(lengths), weights.shape[1]), weights.dtype)
    said = weights[rows[:, 0]]
    for column in range(1, rows.shape[1]):
        said += weights[rows[:, column]]
    present = np.flatnonzero(lengths)
    if len(present):
        spoken = lengths[present]
        totals[present] = np.add.reduceat(said, np.cumsum(spoken) - spoken, axis=0)
        totals[present] /= np.sqrt(spoken[:, None]).astype(weights.dtype)
    return totals


def read_profiles(profiles: Sequence[str], script: str) -> Profiles:
    """langdetect's reading of JSON profiles: n-grams of one script, without regard to case."""
    allowed = {chr(code) for code in ALPHABETS[script]} | {" "}
    languages: list[str] = []
    found: list[dict[str, float]] = []
    for profile in profiles:  # one at a time (and one, for it asks for two): less memory
        factory = DetectorFactory()
        factory.load_json_profile([profile, _EMPTY])
        languages.append(factory.langlist[0])
        chances: dict[str, float] = {}
        for ngram, (chance, _) in factory.word_lang_prob_map.items():
            small = ngram.lower()
            if len(small) <= 3 and allowed.issuperset(small):
                chances[small] = chances.get(small, 0.0) + chance
        found.append(chances)
    ngrams = sorted(set().union(*found))
    index = {ngram: row for row, ngram in enumerate(ngrams)}
    table = np.zeros((len(ngrams), len(found)))
    for column, chances in enumerate(found):
        table[[index[ngram] for ngram in chances], column] = list(chances.values())
    return Profiles(languages=tuple(languages), ngrams=tuple(ngrams), chances=table)


_EMPTY = '{"freq": {}, "n_words": [0, 0, 0], "name": "none"}'


def blend(ours: Profiles, stock: Profiles) -> Profiles:
    """Both sets of languages; one that is in both gets half of each.

    langdetect's profiles know encyclopaedias, ours know what people write.
    """
    languages = (
        *ours.languages,
        *(language for language in stock.languages if language not in ours.languages),
    )
    ngrams = tuple(sorted({*ours.ngrams, *stock.ngrams}))
    index = {ngram: row for row, ngram in enumerate(ngrams)}
    chances = np.zeros((len(ngrams), len(languages)))
    for profiles in (ours, stock):
        rows = np.array([index[ngram] for ngram in profiles.ngrams])
        for column, language in enumerate(profiles.languages):
            shared = language in ours.languages and language in stock.languages
            chances[rows, languages.index(language)] += profiles.chances[:, column] * (0.5 if shared else 1.0)
    return Profiles(languages=languages, ngrams=ngrams, chances=chances)


def weigh(profiles: Profiles, script: str) -> Weights:
    """The weights of exactly these n-grams."""
    alphabet = sorted({letter for ngram in profiles.ngrams for letter in ngram} - {" "})
    numbers = {" ": _SPACE} | {letter: number for number, letter in enumerate(alphabet, start=2)}
    size = len(numbers) + 2  # and one for strange letters, and one to pad 1- and 2-grams with
    pad = size - 1
    padded = [[pad] * (3 - len(ngram)) + [numbers[letter] for letter in ngram] for ngram in profiles.ngrams]
    keys = np.array(padded, np.int64) @ np.array([size * size, size, 1])
    lookup = np.zeros(size**3, np.uint16)
    lookup[keys] = np.arange(1, len(keys) + 1)
    scale = np.array([WEIGHTS[len(ngram) - 1] for ngram in profiles.ngrams])
    said = scale[:, None] * np.log1p(profiles.chances / FLOOR)
    nothing = np.zeros((1, len(profiles.languages)))
    return Weights(
        languages=profiles.languages,
        ngrams=profiles.ngrams,
        weights=np.concatenate([nothing, said]).astype(np.float32),
        letters=_letter_numbers(numbers, script),
        alphabet=size,
        lookup=lookup.reshape(size, size, size),
    )


def _letter_numbers(numbers: dict[str, int], script: str) -> NDArray[np.uint8]:
    """Code point -> letter number, after langdetect's own normalisation; all else is a space."""
    found = np.zeros(BEYOND + 1, np.uint8)
    for code in ALPHABETS[script]:
        letter = NGram.normalize(chr(code).lower()[:1])
        found[code] = numbers.get(letter, _SPACE if letter == " " else _STRANGE)
    return found
