"""The languages within a mixed post: a quotation in another language, a post that is half English.

A text is cut at line breaks, quotation marks, ends of sentences and where the script changes. A piece counts
as another language only where it is long and sure enough; what is not belongs to what surrounds it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from translations.cleaning import LONGEST
from translations.detect import Detection, detect_all


class Span(NamedTuple):
    """`text[start:end]` is in a language; positions count code points."""

    start: int
    end: int
    language: str
    confidence: float


def segments(text: str) -> tuple[Span, ...]:
    """The languages of a mixed text, in its order; nothing for a text in one language."""
    return segments_all([text])[0]


def segments_all(texts: Sequence[str], whole: Sequence[Detection] | None = None) -> list[tuple[Span, ...]]:
    """`segments` of each. `whole` is what `detect_all` says of the texts, where somebody knows already."""
    cut = [list(_pieces(text[:LONGEST])) for text in texts]
    some = [index for index, pieces in enumerate(cut) if len(pieces) > 1]
    mains = {index: whole[index] for index in some} if whole else {}
    if not whole:
        mains = dict(zip(some, detect_all([texts[index] for index in some]), strict=True))
    asked = [(index, piece) for index in some for piece in cut[index]]
    said = detect_all([texts[index][piece.start : piece.end] for index, piece in asked])
    told: dict[int, list[tuple[_Piece, Detection]]] = {index: [] for index in some}
    for (index, piece), detection in zip(asked, said, strict=True):
        told[index].append((piece, detection))
    return [_joined(told[i], mains[i]) if i in told else () for i in range(len(texts))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A run of words in one script, of one sentence, line or quotation."""

    start: int
    end: int
    latin: bool
    letters: int
    words: int


# A piece in the script of its neighbours must be long and sure to be another language; the script itself
# says much, but a name or two in Latin letters is no English.
LEAST_LETTERS, SURE = 25, 0.95
LEAST_WORDS_OF_ANOTHER_SCRIPT, LEAST_LETTERS_OF_ANOTHER_SCRIPT, SURE_OF_ANOTHER_SCRIPT = 3, 10, 0.6


def _joined(told: Sequence[tuple[_Piece, Detection]], main: Detection) -> tuple[Span, ...]:
    most_latin = sum(p.letters if p.latin else -p.letters for p, _ in told) > 0
    if main.language != "und":
        most_latin = main.language in {d.language for p, d in told if p.latin}
    spans: list[Span] = []
    for piece, detection in told:
        if not _stands_alone(piece, detection, other_script=piece.latin != most_latin):
            detection = main
        last = spans[-1] if spans else None
        if last and last.language == detection.language:
            spans[-1] = Span(last.start, piece.end, last.language, max(last.confidence, detection.confidence))
        else:
            spans.append(Span(piece.start, piece.end, detection.language, detection.confidence))
    return tuple(spans) if len(spans) > 1 else ()


def _stands_alone(piece: _Piece, detection: Detection, *, other_script: bool) -> bool:
    if detection.language == "und":
        return False
    if other_script:
        long = (
            piece.words >= LEAST_WORDS_OF_ANOTHER_SCRIPT and piece.letters >= LEAST_LETTERS_OF_ANOTHER_SCRIPT
        )
        return long and detection.confidence >= SURE_OF_ANOTHER_SCRIPT
    return piece.letters >= LEAST_LETTERS and detection.confidence >= SURE


_UNIT = re.compile(r"[^\n«»“”„\"]+?(?:[.!?؟۔…]+(?=\s|$)|(?=[\n«»“”„\"])|$)")
_WORD = re.compile(r"\S+")
_NAME = re.compile(r"://|@|^[#]|^www\.")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_NOT_LATIN = re.compile(r"[^\W\d_A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def _pieces(text: str) -> Iterator[_Piece]:
    """Runs of words of one script within a sentence, line or quotation; links and names belong to none."""
    for unit in _UNIT.finditer(text):
        latin, other = _LATIN.search(unit[0]), _NOT_LATIN.search(unit[0])
        if latin and other:
            yield from _runs(text, unit.start(), unit.end())
        elif first := latin or other:
            yield _Piece(
                start=unit.start() + first.start(),
                end=unit.start() + len(unit[0].rstrip()),
                latin=latin is not None,
                letters=sum(map(str.isalpha, unit[0])),
                words=len(unit[0].split()),
            )


def _runs(text: str, start: int, end: int) -> Iterator[_Piece]:
    """A unit of two scripts, cut where the script changes."""
    run: _Piece | None = None
    for word in _WORD.finditer(text, start, end):
        letters = sum(map(str.isalpha, word[0]))
        if not letters or _NAME.search(word[0]):
            continue
        latin = 2 * len(_LATIN.findall(word[0])) > letters
        if run and run.latin == latin:
            run = replace(run, end=word.end(), letters=run.letters + letters, words=run.words + 1)
            continue
        if run:
            yield run
        run = _Piece(start=word.start(), end=word.end(), latin=latin, letters=letters, words=1)
    if run:
        yield run
