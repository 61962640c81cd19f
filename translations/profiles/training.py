"""Learn a linear correction to n-gram scores, and how sure the corrected scores are.

The probabilities of n-grams are counted for each language alone. Telling close neighbours apart (Urdu and
Punjabi, Persian and Azerbaijani) asks which n-grams differ between them: that is a logistic regression on
the same n-grams, started at langdetect's answer. Everything is drawn by digest, so the same texts give the
same correction.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from translations.cleaning import clean_all
from translations.scoring import Counts, Floats, Weights, compiled, sums
from translations.vocabulary import Vocabulary

EPOCHS, BATCH, RATE, PULL = 3, 1024, 0.02, 3e-6
SCALE = 0.5  # how much of langdetect's own score the regression starts from
LINES = 9_000  # lines a language at most
COPIES_BELOW = 3_000  # a language with fewer lines is seen up to four times, cut and spelt differently
# Posts are short: every line is also learnt as pieces of so many characters, from one number to the other.
CUTS = ((40, 40), (20, 20), (8, 60))
MISTAKEN = 0.02  # labels are wrong about so often; without it they decide how sure an answer may be
# Neighbours count so that they are known, but little: a Persian post is far likelier than a Gilaki one.
SHARES = {"pnb": 2.0, "ks": 0.3, "skr": 0.3, **dict.fromkeys(("bal", "glk", "hac", "kmr-Arab", "sdh"), 0.05)}
# Wrong keyboards: one line in seven is typed on the keyboard of another language.
KEYBOARDS = tuple(str.maketrans(*pair) for pair in (("كيى", "کیی"), ("کی", "كي"), ("ہۂ", "هۀ")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A line whose language is known."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A weight is `steps * sizes`: one byte an n-gram and language, one step size a language."""

    steps: NDArray[np.int8]
    sizes: Floats
    scale: float


def learn(weights: Weights, words: Vocabulary, lines: Sequence[Example]) -> Correction:
    """The correction of `weights` that makes them, with `words`, answer the language of each line."""
    pieces = list(_pieces(lines))
    uncorrected = compiled(weights.corrected(SCALE, np.zeros_like(weights.weights)), words)
    held, found, counts = [], [], []
    for first in range(0, len(pieces), 4096):
        texts = clean_all([piece.text for piece in pieces[first : first + 4096]])
        some_rows, some_lengths = weights.rows(texts)
        held.append(uncorrected.score(texts)[0])
        found.append(some_rows)
        counts.append(some_lengths)
    base, rows, lengths = np.concatenate(held), np.concatenate(found), np.concatenate(counts)
    starts = np.cumsum(lengths) - lengths
    gold = np.array([weights.languages.index(piece.language) for piece in pieces])
    shares = _shares(weights.languages, gold)
    delta, mean, square = (np.zeros(weights.weights.shape) for _ in range(3))
    chosen = np.flatnonzero(lengths > 2)
    draw = random.Random(0)
    steps = EPOCHS * (len(chosen) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = chosen[np.argsort(np.array([draw.random() for _ in chosen]), kind="stable")]
        for first in range(0, len(order) - BATCH + 1, BATCH):
            batch = np.sort(order[first : first + BATCH])
            spans = lengths[batch]
            at = np.repeat(starts[batch] - (np.cumsum(spans) - spans), spans) + np.arange(spans.sum())
            error = probabilities(base[batch] + sums(delta, rows[at], spans))
            error[np.arange(BATCH), gold[batch]] -= 1
            error *= (shares[gold[batch]] / np.sqrt(spans))[:, None] / BATCH
            slope = _slope(rows[at], np.repeat(error, spans, axis=0), len(delta)) + PULL * delta
            slope[0] = 0  # an unknown n-gram says nothing
            step += 1
            mean = 0.9 * mean + 0.1 * slope
            square = 0.999 * square + 0.001 * slope * slope
            rate = RATE * (1 - step / (steps + 1))
            delta -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-6)
    sizes = np.maximum(np.abs(delta).max(axis=0) / 127, 1e-9).astype(np.float32)
    return Correction(steps=np.round(delta / sizes).astype(np.int8), sizes=sizes, scale=SCALE)


def probabilities(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Softmax over languages."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True), dtype=np.float64)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def certainty(scores: NDArray[np.float64], lengths: Counts, gold: Sequence[int]) -> tuple[float, float]:
    """The (flat, short) for which `softmax(scores / (flat + short / sqrt(length)))` is as sure as right."""
    answers = np.array(gold)
    rows = np.arange(len(answers))
    root = np.sqrt(np.maximum(lengths, 1))[:, None]

    def surprise(pair: tuple[float, float]) -> float:
        chances = probabilities(scores / (pair[0] + pair[1] / root))[rows, answers]
        return float(-np.log(MISTAKEN + (1 - MISTAKEN) * chances).mean())

    # An n-gram score of even a one-letter text is divided by something positive.
    grid = [(flat / 10, short / 2) for flat in range(2, 41) for short in range(-4, 13)]
    grid = [(flat, short) for flat, short in grid if flat + short > 0.1]
    return min(grid, key=surprise)


def curve(chances: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """How often answers of a chance are right: (chance, share), rising, by isotonic regression."""
    order = sorted(zip(chances, right, strict=True))
    size = max(25, len(order) // 60)
    blocks: list[list[float]] = []  # sum of chances, of right ones, and how many
    for first in range(0, len(order), size):
        some = order[first : first + size]
        # Half an error more than seen: nothing is right for certain.
        blocks.append([sum(c for c, _ in some), max(0.0, sum(r for _, r in some) - 0.5), len(some)])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [mine + its for mine, its in zip(blocks[-1], last, strict=True)]
    return [(round(c / n, 4), round(max(r / n, 0.01), 4)) for c, r, n in blocks]


def drawn(text: str, purpose: str) -> int:
    """A number that is random but the same for the same text and purpose, on every machine."""
    return int.from_bytes(hashlib.sha256(f"{purpose}\n{text}".encode("utf-8", "surrogatepass")).digest()[:6])


def _pieces(lines: Sequence[Example]) -> Iterator[Example]:
    by_language: dict[str, list[Example]] = {}
    for line in lines:
        by_language.setdefault(line.language, []).append(line)
    for language in sorted(by_language):
        some = sorted(by_language[language], key=lambda line: (drawn(line.text, "order"), line.text))[:LINES]
        for copy in range(max(1, min(4, round(COPIES_BELOW / len(some))))):
            for line in some:
                yield from _variants(line, copy)


def _variants(line: Example, copy: int) -> Iterator[Example]:
    text = line.text
    keyboard = drawn(text, f"keyboard {copy}") % (7 * len(KEYBOARDS))
    if keyboard < len(KEYBOARDS):
        text = text.translate(KEYBOARDS[keyboard])
    yield Example(language=line.language, text=text[:200])
    words = text.split()
    for shortest, longest in CUTS:
        size = shortest + drawn(text, f"size {shortest} {longest} {copy}") % (longest - shortest + 1)
        start = drawn(text, f"cut {shortest} {longest} {copy}") % len(words)
        yield Example(language=line.language, text=cut(" ".join(words[start:]), size))


def cut(text: str, size: int) -> str:
    """The first `size` characters, ending with a word where that costs less than half of them."""
    if len(text) <= size:
        return text
    space = text[:size].rfind(" ")
    return text[:space] if space > size // 2 else text[:size]


def _shares(languages: Sequence[str], gold: Counts) -> NDArray[np.float64]:
    """How much an example of each language counts: more of them count more, but each counts less."""
    counts = np.maximum(np.bincount(gold, minlength=len(languages)), 1)
    shares = np.array([SHARES.get(language, 1.0) for language in languages]) / np.sqrt(counts)
    return np.asarray(shares / shares[gold].mean())


def _slope(rows: NDArray[np.uint16], errors: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    flat = rows.ravel()
    width = rows.shape[1]
    columns = [np.bincount(flat, np.repeat(errors[:, k], width), size) for k in range(errors.shape[1])]
    return np.stack(columns, axis=1)
