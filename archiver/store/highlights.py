"""Where a found post says what was searched for: spans in the original text, not in the folded one."""

from collections.abc import Iterable, Iterator, Sequence

from archiver.store.expansion import Phrase, Spellings
from archiver.store.indexing import filter_token
from archiver.store.words import Word, hashtags, located, mentions, words

Span = tuple[int, int]


def highlights(text: str, language: str | None, wanted: Sequence[Spellings]) -> tuple[Span, ...]:
    """The spans of `text` (code points, in order, not overlapping) that match one of `wanted`."""
    if not text or not wanted:
        return ()
    # Words are quickly found, their places are not: texts that have none of them need no map.
    said = set(words(text, language))
    wanted = [there for spellings in wanted if (there := _there(spellings, said))]
    found = located(text, language) if any(spellings.phrases for spellings in wanted) else []
    spans: list[Span] = []
    for spellings in wanted:
        if spellings.filters:
            spans.extend(_marked(text, language, frozenset(spellings.filters)))
        else:
            spans.extend(_phrases(found, spellings))
    return tuple(_merged(spans))


def _there(spellings: Spellings, said: set[str]) -> Spellings | None:
    """What of the spellings a text with these words can have."""
    if spellings.filters:
        return spellings
    if spellings.distance is not None:  # each of its words is marked
        near = {word for phrase in spellings.phrases for word in phrase} & said
        return Spellings(phrases=tuple((word,) for word in sorted(near))) if near else None
    if spellings.prefix:
        return spellings if any(_begin(said, phrase[-1]) for phrase in spellings.phrases) else None
    phrases = tuple(phrase for phrase in spellings.phrases if said.issuperset(phrase))
    return Spellings(phrases=phrases) if phrases else None


def _begin(said: set[str], beginning: str) -> bool:
    return any(word.startswith(beginning) for word in said)


def _marked(text: str, language: str | None, filters: frozenset[str]) -> Iterator[Span]:
    for sign, found in (("#", hashtags(text, language)), ("@", mentions(text))):
        yield from ((w.start, w.end) for w in found if filter_token(sign + w.text) in filters)


def _phrases(found: Sequence[Word], spellings: Spellings) -> Iterator[Span]:
    plain = frozenset(p[0] for p in spellings.phrases if len(p) == 1 and not spellings.prefix)
    rest = [p for p in spellings.phrases if len(p) > 1 or spellings.prefix]
    for index, word in enumerate(found):
        if word.text in plain:
            yield word.start, word.end
        for phrase in rest:
            here = found[index : index + len(phrase)]
            if len(here) == len(phrase) and _matches(here, phrase, spellings.prefix):
                yield word.start, here[-1].end


def _matches(here: Sequence[Word], phrase: Phrase, prefix: bool) -> bool:
    *before, last = phrase
    if any(word.text != wanted for word, wanted in zip(here, before, strict=False)):
        return False
    return here[-1].text.startswith(last) if prefix else here[-1].text == last


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
