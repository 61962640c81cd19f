"""From what was typed to the words in the index: every spelling that a term should find.

A term is folded by the rules of each language that may be meant, since the index holds every post folded by
its own. An unquoted word finds its look-alikes as well, as long as there are few of them. A field becomes the
filters that its values stand for.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, collate, func, select

from archiver.errors import Usage
from archiver.store import tables
from archiver.store.doubts import meant
from archiver.store.fields import split
from archiver.store.filters import account_ids
from archiver.store.indexing import filter_token, language_filters
from archiver.store.query_language import Term
from archiver.store.words import LONGEST, handle_of, tag_of, words
from translations.fold import loose

MOST_BEGUN = 20_000  # words of the archive that a prefix may stand for
FEW = 40  # more look-alikes than these say that the word is too short to be meant so
LANGUAGES = ("ar", "fa", "ur", "ps", None)
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """What a term stands for: one of the phrases (whose last word may go on), or one of the filters.

    With a `distance`, the words of a phrase may stand in any order, with so many words between them.
    """

    phrases: tuple[Phrase, ...] = ()
    prefix: bool = False
    distance: int | None = None
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The spellings of every term; `also` are the words of the archive that were not typed like this."""

    spellings: Mapping[Term, Spellings]
    also: tuple[str, ...]


def expand(
    connection: Connection, terms: Sequence[Term], excluded: Sequence[Term], languages: Sequence[str]
) -> Expansion:
    """Look the terms up: by the rules of `languages`, or of all that there are.

    What is excluded keeps to its own spelling, so that no look-alike takes a wanted post along.
    """
    rules = (*languages, None) if languages else LANGUAGES
    folded = {term: _folded(connection, term, rules) for term in (*terms, *excluded)}
    for term, spelled in folded.items():
        if spelled.prefix:
            _bounded(connection, term, spelled)
    single = {
        term: {phrase[0] for phrase in folded[term].phrases if len(phrase) == 1}
        for term in terms
        if term.kind == "word"
    }
    lookalikes = _lookalikes(connection, {word for found in single.values() for word in found})
    spellings = dict(folded)
    also: dict[str, None] = {}
    for term, found in single.items():
        more = {known for word in found for known in lookalikes.get(loose(word), ())}
        if len(more) > FEW:
            continue
        phrases = dict.fromkeys((*folded[term].phrases, *((word,) for word in sorted(more))))
        spellings[term] = Spellings(phrases=tuple(phrases))
        also |= dict.fromkeys(sorted(more - set(words(term.text, None))))
    return Expansion(spellings=spellings, also=tuple(also))


def _folded(connection: Connection, term: Term, languages: Iterable[str | None]) -> Spellings:
    if term.kind == "field":
        return Spellings(filters=tuple(map(filter_token, _values(connection, term))) or (_NOBODY,))
    if term.kind == "mention":
        return Spellings(filters=(filter_token(f"@{handle_of(term.text)}"),))
    if term.kind == "tag":
        tags = dict.fromkeys(filter_token(f"#{tag_of(term.text, language)}") for language in languages)
        return Spellings(filters=tuple(tags))
    phrases: dict[Phrase, None] = {}
    for language in languages:
        phrases |= dict.fromkeys(_joined_and_split(term, language))
    return Spellings(
        phrases=tuple(filter(None, phrases)),
        prefix=term.kind in ("prefix", "phrase_prefix"),
        distance=term.distance if term.kind == "near" else None,
    )


_NOBODY = "a:0"  # the filter that no post has


def _values(connection: Connection, term: Term) -> Iterable[str]:
    """The filters that a field's values stand for."""
    match term.field:
        case "lang":
            return [list(language_filters(tag))[-1] for tag in split(term.text)]
        case "account":
            return [f"a:{number}" for number in account_ids(connection, term.text)]
        case "platform":
            return [f"p:{name.lower()}" for name in split(term.text)]
        case "flag":
            return [f"flag:{flag}" for name in split(term.text) for flag in meant(name)]
        case _:
            return [f"has:{term.text.lower()}"]


def _bounded(connection: Connection, term: Term, spelled: Spellings) -> None:
    """Refuse a beginning that so many words have that the answer would say nothing, and take long."""
    beginnings = dict.fromkeys(phrase[-1] for phrase in spelled.phrases)
    if any(_begun(connection, beginning) > MOST_BEGUN for beginning in beginnings):
        raise Usage(
            f"query, character {term.at}: more than {MOST_BEGUN:,} words begin with '{term.text}'; "
            "write more of its letters"
        )


def _begun(connection: Connection, beginning: str) -> int:
    """How many words of the archive begin so, up to one more than the bound."""
    word: ColumnElement[str] = tables.search_term.c.term
    if connection.dialect.name == "postgresql":
        word = collate(word, "C")
    # No code point is larger than the last one.
    begun = select(word).where(word >= beginning, word < beginning + "\U0010ffff").limit(MOST_BEGUN + 1)
    return int(connection.scalar(select(func.count()).select_from(begun.subquery())) or 0)


_PERSIAN_PREFIXES = ("نمی", "می")
_PERSIAN_PLURAL = "ها"


def _joined_and_split(term: Term, language: str | None) -> Iterable[Phrase]:
    """The term's words; where writers put a joiner, a space or nothing, all three."""
    yield tuple(words(term.text, language))
    if "\u200c" in term.text:
        yield tuple(words(term.text.replace("\u200c", ""), language))
    elif term.kind == "word" and _is_persian(language) and len(found := words(term.text, language)) == 1:
        word = found[0]
        for prefix in _PERSIAN_PREFIXES:
            if word.startswith(prefix) and len(word) > len(prefix) + 1:
                yield (prefix, word[len(prefix) :])
                break
        if word.endswith(_PERSIAN_PLURAL) and len(word) > len(_PERSIAN_PLURAL) + 1:
            yield (word[: -len(_PERSIAN_PLURAL)], _PERSIAN_PLURAL)


def _is_persian(language: str | None) -> bool:
    return language is not None and language.casefold().split("-")[0] in ("fa", "prs", "pes")


def _lookalikes(connection: Connection, found: Iterable[str]) -> Mapping[str, set[str]]:
    """The archive's words by loose key, for the keys of `found`."""
    keys = sorted({loose(word)[:LONGEST] for word in found})
    known: dict[str, set[str]] = defaultdict(set)
    if keys:
        for key, word in connection.execute(_OF_KEYS, {"keys": keys}):
            known[key].add(word)
    return known


_term = tables.search_term.c
_OF_KEYS = select(_term.loose, _term.term).where(
    _term.loose.in_(bindparam("keys", expanding=True)), _term.docs > 0
)
