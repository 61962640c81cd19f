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

Floats = NDArray[np.float32]
Rows = NDArray[np.uint16]
Counts = NDArray[np.int64]

# langdetect's smoothing (alpha / BASE_FREQ), and how much a 1-, 2- and 3-gram says.
FLOOR = 0.1 / 10_000
WEIGHTS = (0.3, 0.7, 1.0)

_BMP = 0x10000  # n-grams of ours hold nothing beyond it
_SPACE, _STRANGE = 0, 1  # letter numbers: between words, and a letter that no profile knows
ALPHABETS = {
    "Arab": tuple(code for code in range(0x0620, 0x0700) if chr(code).isalpha() or 0x0654 <= code <= 0x065F),
    "Latn": tuple(code for code in (*range(0x0250), *range(0x1E00, 0x1F00)) if chr(code).isalpha()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """How often each n-gram is seen in each language: n-grams in order, a column a language."""

    languages: tuple[str, ...]
    ngrams: tuple[str, ...]
    chances: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """What every n-gram says for each language. Row 0 says nothing and stands for an unknown n-gram."""

    languages: tuple[str, ...]
    ngrams: tuple[str, ...]  # ngrams[i] is row i + 1
    weights: Floats  # [row, language]
    letters: NDArray[np.uint8]  # code point -> letter number
    alphabet: int
    lookup: Rows  # (first * alphabet + second) * alphabet + third -> row

    def score(self, texts: Sequence[str]) -> tuple[Floats, Counts]:
        """Per text and language what its n-grams say, summed, over the root of its length; and the lengths.

        A length counts letters of this script. More text is more evidence, but neighbouring n-grams repeat
        each other, hence the root.
        """
        rows, owners = self.rows(texts)
        lengths = np.bincount(owners, minlength=len(texts))
        return sums(self.weights, rows, lengths), lengths

    def rows(self, texts: Sequence[str]) -> tuple[Rows, Counts]:
        """For each letter of each text the rows of four n-grams, and the text it belongs to.

        The n-grams: the letter itself, the pair it ends, the triple around it, and the pair with which its
        word ends. Together they are what langdetect's `NGram` gives.
        """
        joined = "\n" + "\n".join(texts) + "\n"
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        numbers = self.letters[np.where(codes < _BMP, codes, 0)].astype(np.int64)
        at = np.flatnonzero(numbers)
        before, letter, after = numbers[at - 1], numbers[at], numbers[at + 1]
        n = self.alphabet
        pad = n - 1
        keys = np.empty((len(at), 4), np.int64)
        keys[:, 0] = (pad * n + pad) * n + letter
        keys[:, 1] = (pad * n + before) * n + letter
        keys[:, 2] = (before * n + letter) * n + after
        keys[:, 3] = np.where(after == _SPACE, (pad * n + letter) * n, 0)
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        return self.lookup[keys], np.searchsorted(ends, at, side="left")

    def corrected(self, scale: float, correction: Floats) -> "Scorer":
        """The same n-grams with their weights scaled and a learnt correction added."""
        return replace(self, weights=self.weights * np.float32(scale) + correction)


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
    factory = DetectorFactory()
    factory.load_json_profile(profiles)
    allowed = {chr(code) for code in ALPHABETS[script]} | {" "}
    spelled = [(ngram, ngram.lower()) for ngram in factory.word_lang_prob_map]
    kept = [(ngram, small) for ngram, small in spelled if len(small) <= 3 and allowed.issuperset(small)]
    ngrams = sorted({small for _, small in kept})
    index = {small: row for row, small in enumerate(ngrams)}
    chances = np.zeros((len(ngrams), len(factory.langlist)))
    found = np.array([factory.word_lang_prob_map[ngram] for ngram, _ in kept])
    np.add.at(chances, [index[small] for _, small in kept], found)
    return Profiles(languages=tuple(factory.langlist), ngrams=tuple(ngrams), chances=chances)


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


def build_scorer(profiles: Profiles, script: str) -> Scorer:
    """A scorer of exactly these n-grams."""
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
    return Scorer(
        languages=profiles.languages,
        ngrams=profiles.ngrams,
        weights=np.concatenate([nothing, said]).astype(np.float32),
        letters=_letter_numbers(numbers, script),
        alphabet=size,
        lookup=lookup,
    )


def _letter_numbers(numbers: dict[str, int], script: str) -> NDArray[np.uint8]:
    """Code point -> letter number, after langdetect's own normalisation; all else is a space."""
    found = np.zeros(_BMP, np.uint8)
    for code in ALPHABETS[script]:
        letter = NGram.normalize(chr(code).lower()[:1])
        found[code] = numbers.get(letter, _SPACE if letter == " " else _STRANGE)
    return found
