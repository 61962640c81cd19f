"""Where one sentence ends and the next begins in Urdu, Pashto, Arabic, Persian and English posts.

Rules, no model: a splitter that must be downloaded would need the network, and none exists for Pashto.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from translations.protect import items


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The smallest unit translated on its own: `text == whole[start:end]`, counted in code points."""

    index: int
    start: int
    end: int
    text: str


def split(text: str, language: str | None = None) -> tuple[Segment, ...]:
    """The segments of `text`; what lies between them (spaces, line ends, list markers) is not translated."""
    protected = [(item.start, item.end) for item in items(text, language)]
    spans = [span for line in _lines(text) for span in _sentences(text, *line, protected, language)]
    return tuple(
        Segment(index=index, start=start, end=end, text=text[start:end])
        for index, (start, end) in enumerate(spans)
    )


def join(texts: Sequence[str], segments: Sequence[Segment], original: str) -> str:
    """`original` with its segments replaced by `texts`; unchanged texts give `original` back, always."""
    if len(texts) != len(segments):
        raise ValueError(f"{len(texts)} texts for {len(segments)} segments")
    parts: list[str] = []
    end = 0
    changed = False
    for new, segment in zip(texts, segments, strict=True):
        gap = original[end : segment.start]
        change = new != segment.text
        # "آیا۔گیا" has no space after its mark; its translations get one.
        if not gap and (change or changed) and new and parts and parts[-1][-1:].strip():
            gap = " "
        parts += [gap, new]
        end, changed = segment.end, change
    return "".join([*parts, original[end:]])


_LINE_END = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LIST_MARKER = re.compile(
    r"\s*(?:[•●▪◦‣·∙○■□◆►]\s*|[-–—*+>]\s+|\(?(?:[0-9]{1,2}|[۰-۹]{1,2}|[٠-٩]{1,2})[.)۔\-:]\s+)(?=\S)"
)
_MARKS = re.compile(r"[.!?؟۔؛…]+(?:\s+[!?؟۔…]+)*")
# Urdu also writes ”quotes“ and ’quotes‘ that close with the mark that opens English ones.
_CLOSERS = re.compile(r"(?:[\"'”’»›)\]}]|[“‘](?!\w))+")

Span = tuple[int, int]


def _lines(text: str) -> Iterator[Span]:
    """The lines, without the space and the list marker they begin with."""
    start = 0
    ends = [*_LINE_END.finditer(text), None]
    for line_end in ends:
        end = line_end.start() if line_end else len(text)
        if marker := _LIST_MARKER.match(text, start, end):
            start = marker.end()
        yield start, end
        start = line_end.end() if line_end else end


def _sentences(
    text: str, start: int, end: int, protected: Sequence[Span], language: str | None
) -> Iterator[Span]:
    pieces: list[Span] = []
    for cut in [*_cuts(text, start, end, protected, language), end]:
        piece = _trimmed(text, start, cut)
        start = cut
        if piece is None:
            continue
        if pieces and not _says_something(text, piece, protected):
            pieces[-1] = (pieces[-1][0], piece[1])  # a stray quote or dash stays with its sentence
        else:
            pieces.append(piece)
    yield from pieces


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None


def _says_something(text: str, piece: Span, protected: Sequence[Span]) -> bool:
    return any(map(str.isalnum, text[slice(*piece)])) or _inside(*piece, protected)


def _inside(start: int, end: int, protected: Sequence[Span]) -> bool:
    """Whether a protected item overlaps start..end."""
    at = bisect_right(protected, (start, end))
    around = protected[max(0, at - 1) : at + 1]
    return any(item_start < end and start < item_end for item_start, item_end in around)


def _cuts(text: str, start: int, end: int, protected: Sequence[Span], language: str | None) -> Iterator[int]:
    """Where sentences end between start and end (the end itself is not told)."""
    sentence = start
    for marks in _MARKS.finditer(text, start, end):
        if _inside(marks.start(), marks.end(), protected):
            continue
        closers = _CLOSERS.match(text, marks.end(), end)
        cut = closers.end() if closers else marks.end()
        if _inside(marks.end(), cut, protected):
            cut = marks.end()  # a quote opens there and closes nothing
        if cut < end and _ends_sentence(text, sentence, marks, cut, end, language, quoted=cut > marks.end()):
            yield cut
            sentence = cut


_WORD_BEFORE = re.compile(r"[^\s.!?؟۔؛…،,:()\[\]{}\"'«»“”/\-]{1,40}$")
_WORD_AFTER = re.compile(r"[\s\"'«“(\[{]*([^\s.!?؟۔؛…،,:()\[\]{}\"'«»“”/\-]{0,40})")


def _ends_sentence(
    text: str,
    sentence: int,
    marks: re.Match[str],
    cut: int,
    end: int,
    language: str | None,
    *,
    quoted: bool,
) -> bool:
    run = marks.group()
    found = _WORD_BEFORE.search(text, max(sentence, marks.start() - 40), marks.start())
    before = found.group() if found else ""
    after_match = _WORD_AFTER.match(text, cut, end)
    after = after_match.group(1) if after_match else ""
    spaced = text[cut].isspace()
    if not after and not spaced:
        return False  # "؟،" or a mark before a bracket: the sentence goes on
    if quoted and after[:1].islower():
        return False  # "Why?" he asked
    if run in (".", "۔") and before.isdigit() and text[sentence : marks.start()].split() == [before]:
        return False  # "۱۔ پہلا۔ ۲۔ دوسرا": the number of what follows
    if run == ".":
        return _full_stop_ends(text, marks.start(), before, after, spaced, language)
    if run == "۔":
        return _urdu_stop_ends(before, after, spaced)
    if not set(run) - set(".…"):
        # An ellipsis is a pause after a word or two, and an end after a sentence.
        words = text[max(sentence, marks.start() - 60) : marks.start()].split()
        return len(words) >= 3 and not after[:1].islower()
    if run == "?" and not spaced:
        return after[:1].isalpha()
    return True


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Urdu writes foreign initials as the letters' names: "پی۔ٹی۔آئی", "ایم۔کیو۔ایم".
_LETTER_NAMES = _words(
    "اے بی سی ڈی ای ایف جی ایچ آئی جے کے ایل ایم این او پی کیو آر ایس ٹی یو وی ڈبلیو ایکس وائی زیڈ"
)
# Titles, months, page, telephone, Hijri, solar, AD, BC, blessings and the like.
ABBREVIATIONS = _words(
    "dr mr mrs ms mt ft prof gen col lt maj capt sgt gov sen rep st no vs etc inc ltd co jr sr fig vol "
    "approx al jan feb mar apr jun jul aug sep sept oct nov dec "
    "دکتر ډاکتر ډاکټر انجنیر مهندس پوهاند پوهنوال تل ص تلف هـ هش هق م ق د أ الخ وغ رض رح"
)
# One-letter words that end Pashto and Arabic-script sentences: و "was".
_ONE_LETTER_WORDS = _words("و")


def _full_stop_ends(
    text: str, mark: int, before: str, after: str, spaced: bool, language: str | None
) -> bool:
    if not before:
        return spaced
    if before.isdigit() and after[:1].isdigit():
        return False  # 3.5, ۱۲.۵, 12.05.2024, "No. 3. 4"
    if len(before) == 1 and before.isalpha() and not (before in _ONE_LETTER_WORDS and spaced):
        return False  # initials: U.S., د. محمد, ه.ش
    if before.lower() in ABBREVIATIONS and not (language == "en" and after[:1].isupper() and len(before) > 4):
        return False
    if spaced:
        return not after[:1].islower()
    if before[-1].isascii() and after[:1].isascii():
        return before[-1].islower() and after[:1].isupper() and len(before) > 1 and after[1:2].islower()
    return len(before) > 1 and len(after) > 1 and before[-1].isalpha() and after[0].isalpha()


def _urdu_stop_ends(before: str, after: str, spaced: bool) -> bool:
    if before.isdigit() and after[:1].isdigit() and not spaced:
        return False  # ۳۔۵
    if before in _LETTER_NAMES and (after in _LETTER_NAMES or not spaced):
        return False
    return bool(len(before) != 1 or spaced or not after[:1].isalpha())
