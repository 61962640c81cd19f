"""Where a found post says what was searched for: spans in the original text, not in the folded one.

Most words stand in a text as the index spells them, between spaces or punctuation: those are found as they
are. Only a text that spells one of them otherwise is mapped letter by letter, which takes a hundred times as
long.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from archiver.store.expansion import Phrase, Spellings
from archiver.store.indexing import filter_token
from archiver.store.words import Word, hashtags, located, mentions, words

Span = tuple[int, int]


class Marker:
    """Finds what was asked for in one text after the other."""

    def __init__(self, wanted: Sequence[Spellings]) -> None:
        self.filters = frozenset(name for spellings in wanted for name in spellings.filters)
        self.phrases = [
            (phrase, spellings.prefix) for spellings in map(_apart, wanted) for phrase in spellings.phrases
        ]
        self._needles = [
            (f" {_SPACE.join(phrase)}{'' if prefix else ' '}", " ".join(phrase), prefix)
            for phrase, prefix in self.phrases
        ]

    def spans(self, text: str, language: str | None, said: str | None = None) -> tuple[Span, ...]:
        """The spans of `text` (code points, in order, not overlapping) that match.

        `said` are the words of the text with a space between two, where they are known.
        """
        if not text or not (self.phrases or self.filters):
            return ()
        if said is None:
            said = " ".join(words(text, language))
        spans = self._as_indexed(text, said)
        if spans is None:
            spans = list(self._however_spelled(located(text, language)))
        if self.filters:
            spans += _marked(text, language, self.filters)
        return tuple(_merged(spans)) if len(spans) > 1 else tuple(spans)

    def _as_indexed(self, text: str, said: str) -> list[Span] | None:
        """The spans, where the text spells all that matches as the index does; None: it does not.

        What stands so between two parting characters is surely one of the words that are said; when it is
        there as often, nothing is missing.
        """
        padded = f" {said.replace(' ', _SPACE)} "
        lowered = text.lower() if text.isascii() else text
        spans: list[Span] = []
        for needle, literal, prefix in self._needles:
            if needle in padded:
                found = list(_standing(lowered, literal, prefix))
                if len(found) != _times(padded, needle):
                    return None
                spans += found
        return spans

    def _however_spelled(self, found: Sequence[Word]) -> Iterator[Span]:
        said = [word.text for word in found]
        for phrase, prefix in self.phrases:
            length = len(phrase)
            for place in range(len(said) - length + 1):
                if _matches(said[place : place + length], phrase, prefix):
                    yield found[place].start, found[place + length - 1].end


_SPACE = "  "  # between two words, so that each has its own on either side


def _apart(spellings: Spellings) -> Spellings:
    """Of words that are only near each other, each is marked."""
    if spellings.distance is None:
        return spellings
    return Spellings(phrases=tuple({(word,): None for phrase in spellings.phrases for word in phrase}))


_PARTS = frozenset(" \n\t.,;:!?()[]{}\"'«»،؛؟۔-/#…“”")  # part words in every language
_GO_ON = re.compile("[0-9A-Za-z\u0620-\u063f\u0641-\u064a\u0671-\u06d3]*")  # go on with one in every language


def _standing(text: str, phrase: str, prefix: bool) -> Iterator[Span]:
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if prefix and (more := _GO_ON.match(text, end)):
            end = more.end()
        if (not start or text[start - 1] in _PARTS) and (end == len(text) or text[end] in _PARTS):
            yield start, end
        start = text.find(phrase, start + 1)


def _times(text: str, wanted: str) -> int:
    """How often, overlaps counted."""
    count, place = 0, text.find(wanted)
    while place >= 0:
        count += 1
        place = text.find(wanted, place + 1)
    return count


def _matches(here: Sequence[str], phrase: Phrase, prefix: bool) -> bool:
    *before, last = phrase
    return here[:-1] == before and (here[-1].startswith(last) if prefix else here[-1] == last)


def _marked(text: str, language: str | None, filters: frozenset[str]) -> Iterator[Span]:
    for sign, found in (("#", hashtags(text, language)), ("@", mentions(text))):
        if any(wanted[0] == sign for wanted in filters):
            yield from ((w.start, w.end) for w in found if filter_token(sign + w.text) in filters)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    current: Span | None = None
    for start, end in sorted(spans):
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (start, end)
    if current:
        yield current
