"""Our sentence marks as the model that argostranslate asks where sentences end: minisbd/<language>.onnx.

Without such a file in a package, stock argostranslate fetches a trained model from the network, and for
Pashto, which has none, the English one. Ours is written, not trained: characters become features (a mark, a
space, a digit, the letters of abbreviations), one convolution finds the patterns of `translations.segments`
around each mark, and one more adds up what speaks for an end and against it. Not in it, since no window
shows them: how many words stand before an ellipsis, and letters spelt by name (پی۔ٹی۔آئی).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from translations import segments
from translations.doubt import written_in_arabic
from translations.packages import onnx
from translations.packages.vocabulary import LATIN

FOLDER = "minisbd"
_FEATURES = (
    *("mark", "strong", "stop", "urdu", "again", "closer"),
    *("space", "letter", "arabic", "digit", "word", "lower"),
)
_LEFT, _RIGHT = 10, 4
_AGAINST = -100.0

# What stands at an offset from the character in question: its feature, or its absence.
Pattern = Sequence[tuple[int, str, bool]]


def write(folder: Path, language: str) -> str | None:
    """Write the splitter of the package in `folder`; returns its name.

    None where the package has its own, or our marks are not those of its language.
    """
    if any((folder / FOLDER).glob("*.onnx")) or not (written_in_arabic(language) or language in LATIN):
        return None
    name = f"{FOLDER}/{language}.onnx"
    (folder / FOLDER).mkdir(exist_ok=True)
    (folder / name).write_bytes(model(language))
    return name


@cache
def model(language: str) -> bytes:
    """The splitter as an ONNX file, the same bytes each time."""
    features = [*_FEATURES, *sorted({f"={letter}" for word in segments.ABBREVIATIONS for letter in word})]
    units = ["<PAD>", "<UNK>", *_characters()]
    embedding = np.zeros((len(units), len(features)), dtype=np.float32)
    for row, unit in enumerate(units[2:], 2):
        for name in _of(unit) & {*features}:
            embedding[row, features.index(name)] = 1
    patterns = [*((pattern, 1.0) for pattern in _ends()), *((pattern, _AGAINST) for pattern in _vetoes())]
    detect = np.zeros((len(patterns), len(features), _LEFT + 1 + _RIGHT), dtype=np.float32)
    needed = np.zeros(len(patterns), dtype=np.float32)
    decide = np.zeros((3, len(patterns), 1), dtype=np.float32)
    for row, (pattern, weight) in enumerate(patterns):
        for offset, name, there in pattern:
            detect[row, features.index(name), _LEFT + offset] = 1 if there else -1
        needed[row] = 1 - sum(there for _, _, there in pattern)
        decide[2, row, 0] = weight
    weights: dict[str, NDArray[np.float32]] = {
        "embedding": embedding,
        "detect": detect,
        "needed": needed,
        "decide": decide,
        # Where nothing speaks for an end, there is none; between two ends all is one token.
        "usual": np.array([0.5, -1, 0], dtype=np.float32),
    }
    vocabulary = {"lang": language, "_id2unit": units, "_unit2id": {u: n for n, u in enumerate(units)}}
    described = {
        "lang_code": language,
        "config": json.dumps({"batch_size": 1}),
        "vocab": json.dumps(vocabulary),
        "lexicon": "null",
    }
    return onnx.convolutions(weights, left=_LEFT, right=_RIGHT, described=described)


def _characters() -> Iterable[str]:
    """Every character with a feature: the Latin and Arabic blocks, and the marks of segments."""
    spans = ((0x20, 0x24F), (0x600, 0x6FF), (0x750, 0x77F), (0x2018, 0x203A), (0xFB50, 0xFEFC))
    return (chr(code) for start, end in spans for code in range(start, end + 1) if _of(chr(code)))


def _of(character: str) -> set[str]:
    """The features of a character."""
    found = {f"={character.lower()}"} if character.isalpha() else set()
    marks = {
        "mark": ".!?؟۔؛…",
        "strong": "!?؟۔؛",
        "stop": ".",
        "urdu": "۔",
        "again": "!?؟۔…",
        "closer": "\"'”’»›)]}",
    }
    found |= {name for name, those in marks.items() if character in those}
    found |= {"space"} if character == " " else set()
    found |= {"letter", "word"} if character.isalpha() else set()
    found |= {"arabic"} if character.isalpha() and ord(character) >= 0x600 else set()
    found |= {"digit", "word"} if character.isdecimal() else set()
    found |= {"lower"} if character.islower() else set()
    return found


def _ends() -> Iterable[Pattern]:
    """What speaks for an end behind the character at 0."""
    yield [(0, "mark", True), (1, "space", True)]
    for closers in (1, 2, 3):
        quoted = [(-at, "closer", True) for at in range(closers)]
        yield [(-closers, "mark", True), *quoted, (1, "space", True)]
    yield [(0, "strong", True), (1, "word", True)]  # "آیا۔گیا"
    letters = [(at, "letter", True) for at in (-2, 2)]
    yield [*letters, (-1, "arabic", True), (0, "stop", True), (1, "letter", True)]


def _vetoes() -> Iterable[Pattern]:
    """What speaks against it, and outweighs everything."""
    yield [(0, "mark", True), (1, "space", True), (2, "again", True)]
    yield [(0, "stop", True), (1, "space", True), (2, "lower", True)]
    yield [(-1, "digit", True), (0, "stop", True), (1, "space", True), (2, "digit", True)]
    yield [(-1, "digit", True), (0, "urdu", True), (1, "digit", True)]
    yield [(-2, "word", False), (-1, "letter", True), (0, "urdu", True), (1, "letter", True)]
    initial: Pattern = [(-2, "word", False), (-1, "letter", True), (0, "stop", True)]
    yield [*initial, (1, "letter", True)]
    # و is a word of its own, and may be a sentence's last.
    yield [*initial, (1, "space", True), (-1, "=و", False)]
    for word in segments.ABBREVIATIONS:
        spelt = [(at - len(word), f"={letter}", True) for at, letter in enumerate(word)]
        yield [(-len(word) - 1, "word", False), *spelt, (0, "stop", True)]
