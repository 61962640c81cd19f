"""Which words the posts that match are made of, and which of them keep company with what was searched for.

Words are counted as the index holds them: folded by the rules of their language.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from sqlalchemy import Connection, select

from archiver.errors import Usage
from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.expansion import Spellings
from archiver.store.fields import Side
from archiver.store.filters import Filters
from archiver.store.query_language import terms
from archiver.store.search import Found, find

MOST = 100_000  # posts that are read, the newest of them
_BATCH = 2000
_doc = tables.search_doc.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """A word, how often it stands there, and in how many posts."""

    word: str
    count: int
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """The most frequent words of the `read` newest of `total` posts that match; `words` in all, `kinds`
    different ones."""

    total: int
    read: int
    words: int
    kinds: int
    frequencies: tuple[Frequency, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collocate:
    """A word near what was searched for: how often left and right of it, and in how many posts.

    `archived` is the number of posts of the whole archive that hold the word; `score` is logDice over
    posts: 14 when both always come together, 1 less when half as often.
    """

    word: str
    left: int
    right: int
    posts: int
    archived: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Collocates:
    total: int
    read: int
    also: tuple[str, ...]
    collocates: tuple[Collocate, ...]


def word_list(connection: Connection, filters: Filters, limit: int) -> WordList:
    """The frequency list of the posts that match, on the side that was asked for."""
    found = find(connection, filters)
    count, posts, read = Counter[str](), Counter[str](), 0
    for texts in _texts(connection, found):
        here = [word for text in texts for word in text]
        count.update(here)
        posts.update(set(here))
        read += 1
    most = sorted(count.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return WordList(
        total=found.answers.count(),
        read=read,
        words=count.total(),
        kinds=len(count),
        frequencies=tuple(Frequency(word=w, count=n, posts=posts[w]) for w, n in most),
    )


def collocates(
    connection: Connection, filters: Filters, *, window: int, at_least: int, limit: int
) -> Collocates:
    """Words at most `window` words away from what was searched for, in at least so many posts, by score."""
    found = find(connection, filters)
    nodes = [_apart(found.question.spellings[term]) for term in terms(found.question.node)]
    if not any(node.phrases for node in nodes):
        raise Usage('collocates are the neighbours of a word: write a word or a "phrase" to look for')
    is_first = _firsts(nodes)
    left, right, posts = Counter[str](), Counter[str](), Counter[str]()
    read = matched = 0
    for texts in _texts(connection, found):
        read += 1
        before, after, here = list[str](), list[str](), 0
        for text in texts:
            for start, end in _places(text, nodes, is_first):
                before += text[max(0, start - window) : start]
                after += text[end : end + window]
                here = 1
        left.update(before)
        right.update(after)
        posts.update({*before, *after})
        matched += here
    own = {phrase[0] for node in nodes for phrase in node.phrases if len(phrase) == 1 and not node.prefix}
    near = {word: n for word, n in posts.items() if n >= at_least and word not in own}
    archived = _archived(connection, list(near))
    ranked = sorted(
        (
            Collocate(
                word=word,
                left=left[word],
                right=right[word],
                posts=n,
                archived=archived[word],
                score=round(14 + log2(2 * n / (matched + archived[word])), 3),
            )
            for word, n in near.items()
        ),
        key=lambda c: (-c.score, -c.posts, c.word),
    )
    return Collocates(
        total=found.answers.count(), read=read, also=found.also, collocates=tuple(ranked[:limit])
    )


def _texts(connection: Connection, found: Found) -> Iterator[list[list[str]]]:
    """The words of the newest posts that match, side by side, with flat memory."""
    rows = found.answers.rows(limit=MOST)
    sides = _columns(found.question.side)
    columns = [_doc[side] for side in sides]
    query = select(*columns).join(rows, rows.c.id == _doc.id).execution_options(yield_per=_BATCH)
    for row in connection.execute(query):
        yield [text.split() for text in row if text]


def _columns(side: Side) -> tuple[str, ...]:
    return {"both": ("original", "translated"), "original": ("original",), "translation": ("translated",)}[
        side
    ]


def _firsts(nodes: Sequence[Spellings]) -> Callable[[str], bool]:
    """Whether what is searched for may begin with a word."""
    whole = {p[0] for node in nodes for p in node.phrases if len(p) > 1 or not node.prefix}
    begun = tuple(p[0] for node in nodes for p in node.phrases if len(p) == 1 and node.prefix)
    if not begun:
        return whole.__contains__
    return lambda word: word in whole or word.startswith(begun)


def _places(
    text: Sequence[str], nodes: Sequence[Spellings], is_first: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Where what was searched for stands, as places of words."""
    seen = 0
    for place, word in enumerate(text):
        if place < seen or not is_first(word):
            continue
        for node in nodes:
            length = max((len(p) for p in node.phrases if _stands(text, place, p, node)), default=0)
            if length:
                yield place, place + length
                seen = place + length
                break


def _apart(node: Spellings) -> Spellings:
    """Of words that are only near each other, each is a place of its own."""
    if node.distance is None:
        return node
    return Spellings(phrases=tuple(dict.fromkeys((word,) for phrase in node.phrases for word in phrase)))


def _stands(text: Sequence[str], place: int, phrase: Sequence[str], node: Spellings) -> bool:
    here = text[place : place + len(phrase)]
    if len(here) < len(phrase) or tuple(here[:-1]) != tuple(phrase[:-1]):
        return False
    return here[-1].startswith(phrase[-1]) if node.prefix else here[-1] == phrase[-1]


def _archived(connection: Connection, words: Sequence[str]) -> Mapping[str, int]:
    term = tables.search_term.c
    found: dict[str, int] = {}
    for batch in in_batches(words):
        rows = connection.execute(select(term.term, term.docs).where(term.term.in_(batch)))
        found.update((row.term, row.docs) for row in rows)
    return found
