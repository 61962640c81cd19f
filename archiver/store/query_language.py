"""What a reader may type into the search: a small language of our own, never a database's.

    کتاب خانه          both words                "کتاب خانه"       the words in this order, exactly so spelled
    کتاب OR قلم        one of them               کتا*              words that begin so
    کتاب -خانه         without (also: NOT خانه)   (a OR b) c        parentheses
    #کابل  @name       a hashtag, a mention

An unquoted word also finds its look-alike spellings. Errors name the character, counted from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from archiver.errors import Usage
from archiver.store.words import handle_of, tag_of, words

LONGEST = 10_000  # characters of a query
MOST_TERMS = 100
DEEPEST = 20  # parentheses in parentheses

Kind = Literal["word", "prefix", "phrase", "phrase_prefix", "tag", "mention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Something to look for, as it was typed (a tag and a mention without their sign)."""

    kind: Kind
    text: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """Every part must be there."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """One of the parts must be there."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """The part must not be there."""

    part: "Node"


Node = Term | Both | Either | Without


def parse(query: str) -> Node | None:
    """What `query` asks for; None when it is empty: everything. Raises Usage."""
    if len(query) > LONGEST:
        raise Usage(f"the query has {len(query)} characters; at most {LONGEST} can be searched")
    signs = list(_signs(query))
    if not signs:
        if query.strip(_IGNORED + " \t\n\x00"):
            raise Usage(f"query: nothing in '{query.strip()[:60]}' can be searched; write letters or digits")
        return None
    if (count := sum(sign.name == "term" for sign in signs)) > MOST_TERMS:
        raise Usage(f"the query has {count} words; at most {MOST_TERMS} can be searched")
    return _Parser(query, signs).whole()


def terms(node: Node | None) -> Iterator[Term]:
    """The terms that a found post may be found by: those that are not excluded."""
    match node:
        case Term():
            yield node
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from terms(part)


def excluded(node: Node | None, inside: bool = False) -> Iterator[Term]:
    """The other terms: those that a NOT stands before."""
    match node:
        case Term() if inside:
            yield node
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from excluded(part, inside)
        case Without(part=part):
            yield from excluded(part, True)


@dataclass(frozen=True, slots=True)
class _Sign:
    name: Literal["term", "(", ")", "OR", "AND", "NOT"]
    at: int
    term: Term | None = None


# Invisible characters that keyboards for right-to-left text leave around operators.
_IGNORED = "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_QUOTES = '"“”„‟＂'
_TOKEN = re.compile(
    rf"""[\s{_IGNORED}]*(?:
        (?P<open>\()
      | (?P<close>\))
      | (?P<minus>-)(?=[^\s-])
      | [{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<end>[{_QUOTES}]?)(?P<star>\*?)
      | (?P<word>[^\s(){_QUOTES}]+)
    )""",
    re.VERBOSE,
)
_WORDS = {"OR": "OR", "AND": "AND", "NOT": "NOT"}


def _signs(query: str) -> Iterator[_Sign]:
    place = 0
    while found := _TOKEN.match(query, place):
        place = found.end()
        kind = found.lastgroup if found["phrase"] is None else "phrase"
        at = (found.start("phrase") - 1 if kind == "phrase" else found.start(str(kind))) + 1
        if kind == "open":
            yield _Sign("(", at)
        elif kind == "close":
            yield _Sign(")", at)
        elif kind == "minus":
            yield _Sign("NOT", at)
        elif kind == "phrase":
            if not found["end"]:
                raise _at(at, "this quotation mark is never closed; add a second one")
            yield from _term("phrase_prefix" if found["star"] else "phrase", found["phrase"], at)
        elif (word := found["word"].strip(_IGNORED)) in _WORDS:
            yield _Sign(_WORDS[word], at)  # type: ignore[arg-type]
        else:
            yield from _word(word, at)


def _word(word: str, at: int) -> Iterator[_Sign]:
    if word[:1] in "#＃" and tag_of(word[1:], None):
        yield from _term("tag", word[1:], at)
    elif word[:1] in "@＠" and handle_of(word[1:]):
        yield from _term("mention", word[1:], at)
    elif word.endswith("*"):
        stem = word.rstrip("*")
        if not words(stem, None):
            raise _at(at, "a * stands for the rest of a word and needs its beginning: write کتا*")
        yield from _term("prefix", stem, at)
    else:
        yield from _term("word", word, at)


def _term(kind: Kind, text: str, at: int) -> Iterator[_Sign]:
    # Punctuation between words is no word; it is left out, as it is in the index.
    if kind in ("tag", "mention") or words(text, None):
        yield _Sign("term", at, Term(kind=kind, text=text, at=at))


class _Parser:
    """either := both (OR both)*; both := single (AND? single)*; single := NOT single | ( either ) | term"""

    def __init__(self, query: str, signs: list[_Sign]) -> None:
        self.end = len(query)
        self.signs = signs
        self.place = 0

    def whole(self) -> Node:
        node = self.either(0)
        if left := self.now():
            raise _at(left.at, "this parenthesis was never opened")
        return node

    def either(self, depth: int) -> Node:
        parts = [self.both(depth)]
        while sign := self.take("OR"):
            if not self.starts():
                raise _at(sign.at, "OR stands between two words; the second is missing")
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Either(parts=tuple(parts))

    def both(self, depth: int) -> Node:
        parts = [self.single(depth)]
        while True:
            if sign := self.take("AND"):
                if not self.starts():
                    raise _at(sign.at, "AND stands between two words; the second is missing")
            elif not self.starts():
                break
            parts.append(self.single(depth))
        return parts[0] if len(parts) == 1 else Both(parts=tuple(parts))

    def single(self, depth: int) -> Node:
        sign = self.now()
        if sign is None:
            raise _at(self.end, "something to search for is missing here")
        self.place += 1
        if sign.term:
            return sign.term
        if sign.name == "NOT":
            return self.negated(sign, depth)
        if sign.name == "(":
            if depth == DEEPEST:
                raise _at(sign.at, f"more than {DEEPEST} parentheses in one another")
            if self.take(")"):
                raise _at(sign.at, "there is nothing between these parentheses")
            node = self.either(depth + 1)
            if not self.take(")"):
                raise _at(sign.at, "this parenthesis is never closed; add a )")
            return node
        if sign.name == ")":
            raise _at(sign.at, "this parenthesis was never opened")
        raise _at(sign.at, f"{sign.name} stands between two words; the first is missing")

    def negated(self, sign: _Sign, depth: int) -> Node:
        without = True
        while again := self.take("NOT"):
            sign, without = again, not without
        if not self.starts():
            raise _at(sign.at, "NOT stands before a word; it is missing")
        part = self.single(depth)
        return Without(part=part) if without else part

    def now(self) -> _Sign | None:
        return self.signs[self.place] if self.place < len(self.signs) else None

    def take(self, name: str) -> _Sign | None:
        sign = self.now()
        if sign and sign.name == name:
            self.place += 1
            return sign
        return None

    def starts(self) -> bool:
        """Whether something that can be searched for begins here."""
        sign = self.now()
        return sign is not None and sign.name in ("term", "NOT", "(")


def _at(character: int, what: str) -> Usage:
    return Usage(f"query, character {character}: {what}")
