"""What a reader may type into the search: a small language of our own, never a database's.

    کتاب خانه          both words                "کتاب خانه"       the words in this order, exactly so spelled
    کتاب OR قلم        one of them               کتا*              words that begin so
    کتاب -خانه         without (also: NOT خانه)   (a OR b) c        parentheses
    #کابل  @name       a hashtag, a mention      "a b"~5           at most 5 words between them
    lang:ps has:media  fields (see `fields`)     exact:كِتاب        letter by letter as typed

An unquoted word also finds its look-alike spellings. Errors name the character, counted from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archiver.errors import Usage
from archiver.store import fields
from archiver.store.fields import Side
from archiver.store.words import handle_of, tag_of, words

LONGEST = 10_000  # characters of a query
MOST_TERMS = 100
DEEPEST = 20  # parentheses in parentheses
FARTHEST = 1000  # words between two that are near each other
MOST_NEAR = 8  # words of which each is near the others

Kind = Literal["word", "prefix", "phrase", "phrase_prefix", "near", "tag", "mention", "field", "exact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Something to look for, as it was typed (a tag and a mention without their sign).

    `field` is the name of a field, `text` then its value; `distance` is how far words may be apart.
    """

    kind: Kind
    text: str
    at: int
    field: str = ""
    distance: int = 0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`node` is what a post must match (None: anything); the rest holds for the query as a whole.

    `exact` and `not_exact` are texts that must and must not stand in a post as they were typed.
    """

    node: Node | None = None
    side: Side | None = None
    since: datetime | None = None
    until: datetime | None = None
    exact: tuple[str, ...] = ()
    not_exact: tuple[str, ...] = ()


def parse(query: str) -> Query:
    """What `query` asks for. Raises Usage."""
    if len(query) > LONGEST:
        raise Usage(f"the query has {len(query)} characters; at most {LONGEST} can be searched")
    signs = list(_signs(query))
    if not signs:
        if query.strip(_IGNORED + " \t\n\x00"):
            raise Usage(f"query: nothing in '{query.strip()[:60]}' can be searched; write letters or digits")
        return Query()
    if (count := sum(sign.name == "term" for sign in signs)) > MOST_TERMS:
        raise Usage(f"the query has {count} words; at most {MOST_TERMS} can be searched")
    return _lifted(_Parser(query, signs).whole())


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


def values_of(query: Query, field: str) -> Iterator[str]:
    """The values of a field that every found post has to have."""
    for part in _conjuncts(query.node) if query.node else ():
        if isinstance(part, Term) and part.field == field:
            yield part.text


def without(node: Node | None, field: str) -> Node | None:
    """`node` without a field that every found post has to have, to be asked for by other means."""
    if node is None:
        return None
    left = [part for part in _conjuncts(node) if not (isinstance(part, Term) and part.field == field)]
    return Both(parts=tuple(left)) if len(left) > 1 else left[0] if left else None


def fields_of(query: Query) -> str:
    """A query of the fields alone that every found post has to have, and of none of the words."""
    parts = _conjuncts(query.node) if query.node else ()
    given = [f'{part.field}:"{part.text}"' for part in parts if isinstance(part, Term) and part.field]
    if query.since:
        given.append(f"since:{query.since.isoformat()}")
    if query.until:
        given.append(f"until:{query.until.isoformat()}")
    return " ".join(given)


@dataclass(frozen=True, slots=True)
class _Sign:
    name: Literal["term", "(", ")", "OR", "AND", "NOT"]
    at: int
    term: Term | None = None


# Invisible characters that keyboards for right-to-left text leave around operators.
_IGNORED = "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_QUOTES = '"“”„‟＂'
_MARKS = (
    "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670"  # typed after a quotation mark, they belong to nothing
)
_FIELD = re.compile(r"([A-Za-z_]+):(?!//)(.+)", re.DOTALL)
_TOKEN = re.compile(
    rf"""[\s{_IGNORED}]*(?:
        (?P<open>\()
      | (?P<close>\))
      | (?P<minus>-)(?=[^\s-])
      | (?P<field>(?:[A-Za-z_]+:)?)[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<end>[{_QUOTES}]?)
        [{_MARKS}]*(?P<star>\*?)(?:~(?P<distance>\d*))?[{_MARKS}]*
      | (?P<word>[^\s(){_QUOTES}]+)
    )""",
    re.VERBOSE,
)
_WORDS = {"OR": "OR", "AND": "AND", "NOT": "NOT"}


def _signs(query: str) -> Iterator[_Sign]:
    place = 0
    while found := _TOKEN.match(query, place):
        place = found.end()
        kind = "phrase" if found["phrase"] is not None else str(found.lastgroup)
        at = found.start("field" if kind == "phrase" else kind) + 1
        if kind == "open":
            yield _Sign("(", at)
        elif kind == "close":
            yield _Sign(")", at)
        elif kind == "minus":
            yield _Sign("NOT", at)
        elif kind == "phrase":
            yield from _phrase(found, at)
        elif (word := found["word"].strip(_IGNORED)) in _WORDS:
            yield _Sign(_WORDS[word], at)  # type: ignore[arg-type]
        else:
            yield from _word(word, at)


def _phrase(found: re.Match[str], at: int) -> Iterator[_Sign]:
    phrase = found["phrase"]
    if not found["end"]:
        raise _at(found.start("phrase"), "this quotation mark is never closed; add a second one")
    if found["field"]:
        yield _Sign("term", at, _field(found["field"][:-1], phrase, at, found.start("phrase")))
    elif found["distance"] is not None:
        yield _Sign("term", at, _near(phrase, found["distance"], at, found.start("distance")))
    else:
        yield from _term("phrase_prefix" if found["star"] else "phrase", phrase, at)


def _near(phrase: str, distance: str, at: int, here: int) -> Term:
    if not distance or int(distance[:9]) > FARTHEST:
        raise _at(here, f'~ says how many words may lie between, at most {FARTHEST}: write "road snow"~5')
    if not 2 <= (count := len(words(phrase, None))) <= MOST_NEAR:
        raise _at(at, f"~ needs 2 to {MOST_NEAR} words between the quotation marks; there are {count}")
    return Term(kind="near", text=phrase, at=at, distance=int(distance))


def _word(word: str, at: int) -> Iterator[_Sign]:
    if word[:1] in "#＃" and tag_of(word[1:], None):
        yield from _term("tag", word[1:], at)
    elif word[:1] in "@＠" and handle_of(word[1:]):
        yield from _term("mention", word[1:], at)
    elif given := _FIELD.fullmatch(word):
        yield _Sign("term", at, _field(given[1], given[2], at, at + given.start(2)))
    elif word.endswith(":") and word[:-1].lower() in fields.NAMES:
        raise _at(at + len(word), f"{word} stands right before what it asks for, without a space between")
    elif word.endswith("*"):
        stem = word.rstrip("*")
        if not words(stem, None):
            raise _at(at, "a * stands for the rest of a word and needs its beginning: write کتا*")
        yield from _term("prefix", stem, at)
    else:
        yield from _term("word", word, at)


def _field(name: str, value: str, at: int, value_at: int) -> Term:
    if problem := fields.problem(name):
        raise _at(at, problem)
    if problem := fields.problem_with(name.lower(), value):
        raise _at(value_at, problem)
    if name.lower() == "tag":
        return Term(kind="tag", text=value, at=at)
    return Term(kind="exact" if name.lower() == "exact" else "field", text=value, at=at, field=name.lower())


def _term(kind: Kind, text: str, at: int) -> Iterator[_Sign]:
    # Punctuation between words is no word; it is left out, as it is in the index.
    if kind in ("tag", "mention") or words(text, None):
        yield _Sign("term", at, Term(kind=kind, text=text, at=at))


def _lifted(node: Node) -> Query:
    """The query with what holds for the whole of it taken out of its tree."""
    kept: list[Node] = []
    whole: dict[str, list[str]] = {name: [] for name in (*fields.OF_THE_WHOLE, "not_exact")}
    for part in _conjuncts(node):
        match part:
            case Term(field=name, text=value) if name in fields.OF_THE_WHOLE:
                whole[name].append(value)
                if name == "exact":  # found by its words, then read letter by letter
                    kept.append(Term(kind="phrase", text=value, at=part.at))
            case Without(part=Term(field="exact", text=value)):
                whole["not_exact"].append(value)
            case _:
                _stay_inside(part)
                kept.append(part)
    return Query(
        node=Both(parts=tuple(kept)) if len(kept) > 1 else next(iter(kept), None),
        side=fields.side(whole["side"][-1]) if whole["side"] else None,
        since=max(map(fields.first_moment, whole["since"]), default=None),
        until=min(map(fields.last_moment, whole["until"]), default=None),
        exact=tuple(whole["exact"]),
        not_exact=tuple(whole["not_exact"]),
    )


def _conjuncts(node: Node) -> Iterator[Node]:
    if isinstance(node, Both):
        for part in node.parts:
            yield from _conjuncts(part)
    else:
        yield node


def _stay_inside(node: Node) -> None:
    for term in (*terms(node), *excluded(node)):
        if term.field in fields.OF_THE_WHOLE:
            raise _at(term.at, f"{term.field}: holds for the whole query; it cannot stand in OR or NOT ( )")


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
