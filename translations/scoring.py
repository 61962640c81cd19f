"""Score texts by langdetect's n-gram probabilities: exactly, many texts at once, the same answer every time.

langdetect draws n-grams at random until it believes an answer. Here every 1-, 2- and 3-gram of the text
counts, so nothing depends on chance, order or batch. The probabilities are langdetect's, read by its own
`DetectorFactory.load_json_profile` from its own profiles and from ours, which have the same format. Whole
words (`vocabulary`) are counted beside them: "نوں" is Punjabi and "کو" Urdu, which three letters do not say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from langdetect.detector_factory import DetectorFactory
from langdetect.utils.ngram import NGram
from numpy.typing import NDArray

from translations.cleaning import Cleaned
from translations.letters import ALPHABETS, BEYOND
from translations.vocabulary import NO_WORDS, KnownWords, Vocabulary, hashes_of

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
    ngrams: NDArray[np.str_]
    chances: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What every n-gram says for each language. Row 0 says nothing and stands for an unknown n-gram."""

    languages: tuple[str, ...]
    ngrams: NDArray[np.str_]  # ngrams[i] is row i + 1
    weights: Floats  # [row, language]
    letters: NDArray[np.uint8]  # code point -> letter number
    alphabet: int
    lookup: Rows  # [first, second, third letter] -> row

    def rows(self, texts: Cleaned) -> tuple[Rows, Counts]:
        """For each letter of each text the rows of four n-grams; and how many such letters each text has.

        The n-grams: the letter itself, the pair it ends, the triple around it, and the pair with which its
        word ends. Together they are what langdetect's `NGram` gives. A letter between the same neighbours
        counts once: a phrase said sixty times is no better evidence than the phrase.
        """
        numbers = self.letters.take(texts.codes, mode="clip")
        at = np.flatnonzero(numbers)
        text = np.searchsorted(texts.bounds, at) - 1
        near = numbers.astype(np.int64)
        keys = ((text * self.alphabet + near[at - 1]) * self.alphabet + near[at]) * self.alphabet + near[
            at + 1
        ]
        once = np.sort(np.unique(keys, return_index=True)[1])
        at, text = at[once], text[once]
        before, letter, after = numbers[at - 1], numbers[at], numbers[at + 1]
        pad = self.alphabet - 1
        rows = np.zeros((len(at), 4), np.uint16)
        rows[:, 0] = self.lookup[pad, pad, letter]
        rows[:, 1] = self.lookup[pad, before, letter]
        rows[:, 2] = self.lookup[before, letter, after]
        rows[:, 3] = np.where(after == _SPACE, self.lookup[pad, letter, _SPACE], 0)
        return rows, np.bincount(text, minlength=len(texts.bounds) - 1)

    def corrected(self, scale: float, correction: Floats) -> "Weights":
        """The same n-grams with their weights scaled and a learnt correction added."""
        return replace(self, weights=self.weights * np.float32(scale) + correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """What every letter says between its neighbours (the four n-grams that it brings) and every word.

    Whole numbers of steps are added, so the sum is the same in any order.
    """

    languages: tuple[str, ...]
    letters: NDArray[np.uint8]  # code point -> letter number
    alphabet: int
    cells: Rows  # (first * alphabet + second) * alphabet + third -> row of `steps`
    words: KnownWords  # word i is row `first_word + i` of `steps`
    first_word: int
    steps: NDArray[np.int16]  # [cell or word, language]

    def score(self, texts: Cleaned) -> tuple[NDArray[np.float64], Counts]:
        """Per text and language what it says, summed, over the root of its length; and the lengths.

        A length counts letters of this script, those between the same neighbours once. More text is more
        evidence, but neighbouring n-grams repeat each other, hence the root.
        """
        numbers = self.letters.take(texts.codes, mode="clip")
        at = np.flatnonzero(numbers)
        near = numbers.astype(np.int32)
        triples = (near[:-2] * self.alphabet + near[1:-1]) * self.alphabet + near[2:]
        said = self.cells.take(triples.take(at - 1))
        count, bits = len(texts.bounds) - 1, len(self.steps).bit_length()
        narrow = count < 1 << (31 - bits)  # half as much to sort
        texts_first = (np.arange(count) << bits).astype(np.int32 if narrow else np.int64)
        # Sorted, every text is together, and in it what says the same.
        of = np.repeat(texts_first, np.diff(np.searchsorted(at, texts.bounds)))
        keys = of + said
        if len(self.words.hashes):
            hashes, first = hashes_of(numbers, at)
            rows, known = self.words.rows(hashes)
            keys = np.concatenate((keys, of[first[known]] + (self.first_word + rows).astype(of.dtype)))
        keys.sort()
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
        starts = np.searchsorted(keys, texts_first)
        lengths = np.searchsorted(keys, texts_first + self.first_word) - starts
        totals = np.zeros((count, len(self.languages)))
        present = np.flatnonzero(lengths)
        if len(present):
            steps = self.steps.take(keys & ((1 << bits) - 1), axis=0)
            totals[present] = np.add.reduceat(steps, starts[present], axis=0, dtype=np.int32)
        return totals / (STEPS * np.sqrt(np.maximum(lengths, 1)))[:, None], lengths


def compiled(weights: Weights, vocabulary: Vocabulary = NO_WORDS) -> Scorer:
    """The scorer that says what these weights and words say, at one look-up a letter and one a word."""
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
    alone = weights.weights[lookup[pad, pad, letter]]
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
    first_word = 2 * len(letter) + len(full)
    if first_word > np.iinfo(np.uint16).max:
        raise ValueError(f"{first_word} cells do not fit the table")
    steps = np.empty((first_word + len(vocabulary.weights), len(weights.languages)), np.int16)
    parts = ((0, alone), (len(letter), last), (2 * len(letter), full), (first_word, vocabulary.weights))
    for start, said in parts:
        if not len(said):
            continue
        if np.abs(said).max() * STEPS > np.iinfo(np.int16).max:
            raise ValueError(f"a weight of {np.abs(said).max()} does not fit the table")
        for column, weight in enumerate(said.T):  # one by one: less memory
            steps[start : start + len(said), column] = np.round(weight * np.float32(STEPS))
    return Scorer(
        languages=weights.languages,
        letters=weights.letters,
        alphabet=n,
        cells=cells.ravel(),
        words=vocabulary.words,
        first_word=first_word,
        steps=steps,
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
    allowed = np.zeros(BEYOND + 1, bool)
    allowed[[0, ord(" "), *ALPHABETS[script]]] = True
    languages: list[str] = []
    found: list[Counts] = []
    chances: list[NDArray[np.float64]] = []
    for profile in profiles:  # one at a time (and one, for it asks for two): less memory
        factory = DetectorFactory()
        factory.load_json_profile([profile, _EMPTY])
        languages.append(factory.langlist[0])
        seen = factory.word_lang_prob_map
        # Four, to see which are longer than three: "İ" is two letters in lower case.
        codes = _codes_of(np.array("\n".join(seen).lower().split("\n"), "U4"))
        fits = allowed.take(codes, mode="clip").all(axis=1) & (codes[:, 3] == 0)
        found.append(_packed(codes[fits]))
        chances.append(np.fromiter((chance for chance, _ in seen.values()), float, len(seen))[fits])
    keys = _different(found)
    table = np.zeros((len(keys), len(found)), np.float32)
    for column, (some, each) in enumerate(zip(found, chances, strict=True)):
        table[:, column] = np.bincount(np.searchsorted(keys, some), each, len(keys))
    return Profiles(languages=tuple(languages), ngrams=_unpacked(keys), chances=table)


_EMPTY = '{"freq": {}, "n_words": [0, 0, 0], "name": "none"}'


def _codes_of(ngrams: NDArray[np.str_]) -> NDArray[np.uint32]:
    """The code points of n-grams, a row each, 0 where one is shorter."""
    return ngrams.view(np.uint32).reshape(len(ngrams), -1)


def _packed(codes: NDArray[np.uint32]) -> Counts:
    """One number an n-gram, in the order of the n-grams."""
    wide = codes.astype(np.int64)
    return (wide[:, 0] << 42) + (wide[:, 1] << 21) + wide[:, 2]


def _different(several: Sequence[Counts]) -> Counts:
    """What is in any of several arrays, in order and once; `np.unique` would import half of numpy."""
    ordered = np.sort(np.concatenate(several))
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def _unpacked(keys: Counts) -> NDArray[np.str_]:
    codes = (keys[:, None] >> np.array([42, 21, 0])) & ((1 << 21) - 1)
    return np.ascontiguousarray(codes, np.uint32).view("U3").ravel()


def blend(ours: Profiles, stock: Profiles) -> Profiles:
    """Both sets of languages; one that is in both gets half of each.

    langdetect's profiles know encyclopaedias, ours know what people write.
    """
    languages = (
        *ours.languages,
        *(language for language in stock.languages if language not in ours.languages),
    )
    packed = [_packed(_codes_of(profiles.ngrams)) for profiles in (ours, stock)]
    keys = _different(packed)
    chances = np.zeros((len(keys), len(languages)), np.float32)
    for profiles, some in zip((ours, stock), packed, strict=True):
        rows = np.searchsorted(keys, some)
        for column, language in enumerate(profiles.languages):
            shared = language in ours.languages and language in stock.languages
            chances[rows, languages.index(language)] += profiles.chances[:, column] * (0.5 if shared else 1.0)
    return Profiles(languages=languages, ngrams=_unpacked(keys), chances=chances)


def weigh(profiles: Profiles, script: str) -> Weights:
    """The weights of exactly these n-grams."""
    codes = _codes_of(profiles.ngrams)
    used = np.zeros(BEYOND + 1, bool)
    used[codes] = True
    used[[0, ord(" ")]] = False
    alphabet = np.flatnonzero(used)
    numbers = np.zeros(BEYOND + 1, np.uint8)
    numbers[alphabet] = np.arange(2, 2 + len(alphabet))
    size = len(alphabet) + 4  # with a blank, one for strange letters, and one to pad 1- and 2-grams with
    pad = size - 1
    short = 3 - np.count_nonzero(codes, axis=1)
    places = np.arange(3) - short[:, None]
    padded = np.where(places < 0, pad, np.take_along_axis(numbers[codes], np.maximum(places, 0), axis=1))
    keys = padded.astype(np.int64) @ np.array([size * size, size, 1])
    lookup = np.zeros(size**3, np.uint16)
    lookup[keys] = np.arange(1, len(keys) + 1)
    weights = np.zeros((1 + len(keys), len(profiles.languages)), np.float32)
    np.log1p(profiles.chances / np.float32(FLOOR), out=weights[1:])
    weights[1:] *= np.array(WEIGHTS, np.float32)[2 - short, None]
    return Weights(
        languages=profiles.languages,
        ngrams=profiles.ngrams,
        weights=weights,
        letters=_letter_numbers(numbers, script),
        alphabet=size,
        lookup=lookup.reshape(size, size, size),
    )


def _letter_numbers(numbers: NDArray[np.uint8], script: str) -> NDArray[np.uint8]:
    """Code point -> letter number, after langdetect's own normalisation; all else is a space."""
    found = np.zeros(BEYOND + 1, np.uint8)
    for code in ALPHABETS[script]:
        letter = NGram.normalize(chr(code).lower()[:1])
        found[code] = _SPACE if letter == " " else numbers[ord(letter)] or _STRANGE
    return found
