"""SQLite and PostgreSQL answer every query alike, and as plain Python would."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from archiver.store import indexing
from archiver.store.database import Database
from archiver.store.filters import Filters, Side
from archiver.store.query_language import Both, Either, Node, Term, Without, parse
from archiver.store.search import Answer, Sort, search
from archiver.store.words import words

WORDS = ("واوره", "لاره", "هرات", "کتاب", "كتاب", "کابل", "نوی", "باران", "۱۲", "12", "می‌کنم", "snow", "Road")
ENGLISH = ("snow", "road", "Herat", "book", "new", "rain", "twelve", "12", "café")
SIDES: tuple[Side, ...] = ("both", "original", "translation")
QUERIES = 120
Posts = dict[str, tuple[str, str]]


@pytest.fixture
def archives(sqlite_tell: Any, postgresql_url: str) -> Iterator[tuple[Database, Database]]:
    """The same sixty posts in both."""
    other = Database.create(postgresql_url)
    for teller in (sqlite_tell, type(sqlite_tell)(other)):
        for number, (text, language, english, minutes) in enumerate(posts()):
            teller.post(number, text, language, [(text, english)] if english else [], minutes=minutes)
        indexing.catch_up(teller.database)
    yield sqlite_tell.database, other
    other.close()


def posts() -> Iterator[tuple[str, str | None, str, int]]:
    chance = random.Random(1405)
    for _ in range(60):
        text = " ".join(chance.choices(WORDS, k=chance.randint(1, 8)))
        english = " ".join(chance.choices(ENGLISH, k=chance.randint(1, 8))) if chance.random() < 0.7 else ""
        yield text, chance.choice(("ps", "ps", "ur", "ar", "fa", None)), english, chance.randrange(1000)


def query(chance: random.Random, *, exact: bool, depth: int = 0) -> str:
    """A random query; an exact one has no word that its look-alikes are searched for."""

    def more() -> str:
        return query(chance, exact=exact, depth=depth + 1)

    word, kind = chance.choice(WORDS + ENGLISH), chance.random()
    if not exact and kind < 0.05:
        return chance.choice(("lang:ps,ur", "has:translation", "-lang:fa", "has:edit", "tag:هرات"))
    if depth < 3 and kind < 0.2:
        return f"({more()} OR {more()})"
    if depth < 3 and kind < 0.45:
        return f"{more()} {more()}"
    if depth < 3 and kind < 0.6:
        return f"-({more()})"
    if kind < 0.7:
        return f'"{word} {chance.choice(WORDS + ENGLISH)}"'
    if kind < 0.8:
        return f"{word[:2]}*"
    if kind < 0.85:
        return f'"{word} {chance.choice(WORDS + ENGLISH)}"~{chance.randrange(4)}'
    return f'"{word}"' if exact or kind < 0.9 else word


def answers(
    archives: tuple[Database, Database], asked: str, sort: Sort = "newest", **wanted: Any
) -> list[Answer]:
    found = []
    for archive in archives:
        with archive.read() as connection:
            found.append(search(connection, Filters(query=asked, **wanted), sort=sort, limit=100))
    return found


def test_both_databases_give_the_same_answer(archives: tuple[Database, Database]) -> None:
    chance = random.Random(7)
    with_hits = 0
    for _ in range(QUERIES):
        asked, side = query(chance, exact=False), chance.choice(SIDES)
        one, other = answers(
            archives, asked, side=side, languages=chance.choice(((), (), ("ps",), ("fa", "ur")))
        )
        assert one == other, asked
        assert one.total == len(one.hits), asked
        best = answers(archives, asked, side=side, sort="best")
        assert len({tuple(sorted(hit.post for hit in answer.hits)) for answer in best}) == 1, asked
        with_hits += bool(one.total)
    assert with_hits > QUERIES / 3


def test_an_exact_query_finds_what_plain_python_finds(archives: tuple[Database, Database]) -> None:
    chance = random.Random(8)
    pashto = [
        (f"telegram:{number}", (words(text, "ps"), words(english, "en")))
        for number, (text, language, english, _) in enumerate(posts())
        if language == "ps"
    ]
    assert len(pashto) > 10
    with_hits = 0
    for _ in range(QUERIES):
        asked = query(chance, exact=True)
        node = parse(asked).node
        assert node is not None
        expected = {name for name, sides in pashto if says(node, sides)}
        for answer in answers(archives, asked, languages=("ps",)):
            assert {hit.post for hit in answer.hits} == expected, asked
        with_hits += bool(expected)
    assert with_hits > QUERIES / 3


def says(node: Node, sides: tuple[list[str], list[str]]) -> bool:
    match node:
        case Both(parts=parts):
            return all(says(part, sides) for part in parts)
        case Either(parts=parts):
            return any(says(part, sides) for part in parts)
        case Without(part=part):
            return not says(part, sides)
        case Term():
            if node.kind == "near":
                return any(near(side, phrase, node.distance) for side in sides for phrase in spellings(node))
            return any(
                holds(side, phrase, node.kind == "prefix") for side in sides for phrase in spellings(node)
            )


def spellings(term: Term) -> list[list[str]]:
    typed = (term.text, term.text.replace("\u200c", ""))
    return [words(text, language) for text in typed for language in ("ps", None)]


def near(side: list[str], phrase: list[str], distance: int) -> bool:
    """Whether all words stand in a stretch with at most so many words between the first and the last."""
    return any(set(phrase) <= set(side[start : start + distance + 2]) for start in range(len(side)))


def holds(side: list[str], phrase: list[str], prefix: bool) -> bool:
    *before, last = phrase
    for start in range(len(side) - len(before)):
        end = side[start + len(before)]
        if side[start : start + len(before)] == before and (end.startswith(last) if prefix else end == last):
            return True
    return False
