"""One question to the full-text index, in SQLite's words or in PostgreSQL's, with the same answer.

No text of a reader reaches the engine as syntax: every word is quoted, and words hold nothing but letters.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    and_,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from archiver.store import tables
from archiver.store.doc_ids import FIRST, LAST, POST_BITS, behind_doc_id, first_doc_id, kinds
from archiver.store.expansion import Phrase, Spellings
from archiver.store.filters import Side
from archiver.store.indexing import filter_token, language_filters
from archiver.store.query_language import Both, Either, Node, Term, Without, terms
from archiver.store.types import Key

RANKED = 20_000  # PostgreSQL ranks only so many of the newest hits: it has to fetch each of them

_doc = tables.search_doc.c
_SIDES: Mapping[Side, tuple[str, ...]] = {
    "both": ("original", "translated"),
    "original": ("original",),
    "translation": ("translated",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Posts that match `node` on a side, have one filter of every group, are in one of the languages of every
    demand, and lie in a span of time; `dated` leaves out those without a time, as a span does."""

    node: Node | None
    spellings: Mapping[Term, Spellings]
    side: Side
    groups: Sequence[Sequence[str]] = ()
    languages: Sequence[Sequence[str]] = ()
    dated: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def never(self) -> bool:
        """Whether a filter leaves nothing over, such as an account that is not here."""
        return not all(self.groups)

    @property
    def span(self) -> tuple[int, int]:
        """The ids of rows that lie in the span: from the first to before the last."""
        first = first_doc_id(self.since) if self.since else FIRST
        return first, behind_doc_id(self.until) if self.until else LAST

    @property
    def in_languages(self) -> list[list[str]]:
        """The demands for languages as groups of filters."""
        return [
            [filter_token(list(language_filters(language))[-1]) for language in demand]
            for demand in self.languages
        ]


class Answers(Protocol):
    def count(self) -> int:
        """How many posts match."""

    def newest(self, limit: int) -> list[int]:
        """The newest of them, as ids of posts."""

    def best(self, limit: int) -> list[int]:
        """Those that match best, the newer first among equals."""

    def all(self) -> "array[int]":
        """All of them, in the order of their ids, with 8 bytes each."""

    def rows(self, limit: int | None = None) -> Any:
        """The `id`s of their rows in `search_doc`, or of the newest of them, to be joined with."""


def ask(connection: Connection, question: Question) -> Answers:
    """The question, put to the database's own full-text index."""
    return (_Sqlite if connection.dialect.name == "sqlite" else _Postgres)(connection, question)


class _Sqlite:
    """FTS5. Rows come in the order of their ids, which is that of time, so the newest cost almost nothing."""

    def __init__(self, connection: Connection, question: Question) -> None:
        first, last = question.span
        self.connection = connection
        self.never = question.never
        self.values: dict[str, Any] = {"first": first, "last": last}
        groups, fit = [*question.groups], kinds(question.languages, dated=question.dated)
        # Without words, the posts of a language are fewer than all posts.
        if fit is None or not (question.node or groups):
            groups += question.in_languages
            fit = kinds((), dated=question.dated)
        self.where = _MATCHING
        if fit != kinds((), dated=False):
            self.where += _OF_KINDS
            self.values["kinds"] = fit
        self.values["match"] = _match(question, groups)

    def count(self) -> int:
        return 0 if self.never else int(self._run("SELECT count(*) FROM", "").scalar_one())

    def newest(self, limit: int) -> list[int]:
        return self._posts("0", limit)

    def best(self, limit: int) -> list[int]:
        # The filters' column has no part in it.
        return self._posts("bm25(search_fts, 1.0, 1.0, 0.0)", limit)

    def all(self) -> "array[int]":
        # Not a join: SQLite would walk the archive and ask the index for every row.
        select_posts = "SELECT post_id FROM search_doc WHERE id IN (SELECT rowid FROM"
        return array("q", () if self.never else self._run(select_posts, ") ORDER BY post_id").scalars())

    def rows(self, limit: int | None = None) -> Any:
        newest = "" if limit is None else f" ORDER BY rowid DESC LIMIT {limit:d}"
        # Materialised: SQLite would otherwise walk the archive and ask the index for every row.
        return (
            sql(f"SELECT rowid AS id FROM {self.where}{newest}")
            .bindparams(**self.values)
            .columns(column("id", Key))
            .cte("hits")
            .prefix_with("MATERIALIZED")
        )

    def _posts(self, rank: str, limit: int) -> list[int]:
        """The first posts by rank; among equals, or without one, the newest."""
        if self.never:
            return []
        by = "rowid DESC" if rank == "0" else "place, rowid DESC"
        # Materialised: SQLite would otherwise walk the archive and ask the index for every row.
        first = f"WITH hits AS MATERIALIZED (SELECT rowid AS id, {rank} AS place FROM"
        posts = (
            f"ORDER BY {by} LIMIT :limit) SELECT doc.post_id FROM hits "
            "JOIN search_doc doc ON doc.id = hits.id ORDER BY hits.place, hits.id DESC"
        )
        return list(self._run(first, posts, limit=limit).scalars().all())

    def _run(self, before: str, after: str, **values: Any) -> Any:
        statement = _statement(f"{before} {self.where} {after}")
        return self.connection.execute(statement, {**self.values, **values})


_statement = lru_cache(maxsize=32)(sql)


_MATCHING = "search_fts WHERE search_fts MATCH :match AND rowid >= :first AND rowid < :last"
_OF_KINDS = f" AND (:kinds >> ((rowid >> {POST_BITS}) & 15)) & 1"


def _match(question: Question, groups: Sequence[Sequence[str]]) -> str:
    """The question's words and filters in FTS5's language."""
    asked = [_filters(group or _NOBODY) for group in groups]
    if question.node:
        asked.insert(0, _expression(question.node, question))
    return " AND ".join(f"({part})" for part in asked) or _ANY


_ANY = '{filters} : "any"'
_NOBODY = ("a:0",)  # no account has this number


def _expression(node: Node, question: Question) -> str:
    match node:
        case Term():
            spellings = question.spellings[node]
            if spellings.filters:
                return _filters(spellings.filters)
            star = " *" if spellings.prefix else ""
            if spellings.distance is None:
                phrases = " OR ".join(f'"{" ".join(phrase)}"{star}' for phrase in spellings.phrases)
            else:
                phrases = " OR ".join(_near(phrase, spellings.distance) for phrase in spellings.phrases)
            return f"{{{' '.join(_SIDES[question.side])}}} : ({phrases})"
        case Either(parts=parts):
            return " OR ".join(f"({_expression(part, question)})" for part in parts)
        case Both(parts=parts):
            wanted = [f"({_expression(p, question)})" for p in parts if not isinstance(p, Without)]
            unwanted = [f"({_expression(p.part, question)})" for p in parts if isinstance(p, Without)]
            return _but_not(" AND ".join(wanted) or _ANY, unwanted)
        case Without(part=part):
            return _but_not(_ANY, [f"({_expression(part, question)})"])


def _near(phrase: Phrase, distance: int) -> str:
    return f"NEAR({' '.join(map(_double, dict.fromkeys(phrase)))}, {distance})"


def _double(word: str) -> str:
    return f'"{word}"'


def _but_not(wanted: str, unwanted: Sequence[str]) -> str:
    return f"({wanted}) NOT ({' OR '.join(unwanted)})" if unwanted else wanted


def _filters(group: Iterable[str]) -> str:
    return "{filters} : (" + " OR ".join(f'"{token}"' for token in group) + ")"


class _Postgres:
    """GIN indexes over vectors that we wrote ourselves (see `indexing`)."""

    def __init__(self, connection: Connection, question: Question) -> None:
        first, last = question.span
        self.connection = connection
        self.question = question
        groups = [
            _has("filters", " | ".join(map(_quoted, group))) if group else false()
            for group in (*question.groups, *question.in_languages)
        ]
        asked = [_condition(question.node, question)] if question.node else []
        if question.dated:
            asked.append(_doc.published_at.is_not(None))
        self.where = and_(_doc.id >= first, _doc.id < last, *groups, *asked)

    def count(self) -> int:
        return int(self.connection.scalar(select(func.count()).where(self.where)) or 0)

    def newest(self, limit: int) -> list[int]:
        rows = select(_doc.post_id).where(self.where).order_by(_doc.id.desc()).limit(limit)
        return list(self.connection.scalars(rows))

    def best(self, limit: int) -> list[int]:
        found_by = (self.question.spellings[term] for term in terms(self.question.node))
        wanted = " | ".join(_any_of(spellings) for spellings in found_by if spellings.phrases)
        if not wanted:
            return self.newest(limit)
        newest = select(_doc.id).where(self.where).order_by(_doc.id.desc()).limit(RANKED).cte("newest")
        ranks = [
            func.ts_rank_cd(_vector(side), cast(literal(wanted), TSQUERY), 1)
            for side in _SIDES[self.question.side]
        ]
        rank = ranks[0] if len(ranks) == 1 else ranks[0] + ranks[1]
        rows = select(_doc.post_id).join(newest, newest.c.id == _doc.id).order_by(rank.desc(), _doc.id.desc())
        return list(self.connection.scalars(rows.limit(limit)))

    def all(self) -> "array[int]":
        posts = select(_doc.post_id).where(self.where).order_by(_doc.post_id)
        return array("q", self.connection.scalars(posts.execution_options(yield_per=10_000)))

    def rows(self, limit: int | None = None) -> Any:
        rows = select(_doc.id).where(self.where)
        return (rows if limit is None else rows.order_by(_doc.id.desc()).limit(limit)).cte("hits")


def _condition(node: Node, question: Question) -> ColumnElement[bool]:
    match node:
        case Term():
            spellings = question.spellings[node]
            if spellings.filters:
                return _has("filters", " | ".join(map(_quoted, spellings.filters)))
            if spellings.distance is not None:
                return or_(*(_is_near(s, spellings) for s in _SIDES[question.side]))
            return or_(*(_has(side, _any_of(spellings)) for side in _SIDES[question.side]))
        case Either(parts=parts):
            return or_(*(_condition(part, question) for part in parts))
        case Both(parts=parts):
            return and_(*(_condition(part, question) for part in parts))
        case Without(part=part):
            return not_(_condition(part, question))


def _is_near(side: str, spellings: Spellings) -> ColumnElement[bool]:
    """PostgreSQL knows exact distances only: of the texts that hold all words, the places are compared."""
    ways = []
    for phrase in spellings.phrases:
        wanted = list(dict.fromkeys(phrase))
        seen = ", ".join(
            f"bool_or(u.lexeme = {_quoted(word)}) OVER near AS h{i}" for i, word in enumerate(wanted)
        )
        within = literal_column(
            f"EXISTS (SELECT 1 FROM (SELECT {seen} FROM unnest(search_doc.{side}_tsv) u, "
            f"unnest(u.positions) AS at(place) WHERE u.lexeme IN ({', '.join(map(_quoted, wanted))}) "
            "WINDOW near AS (ORDER BY at.place::int "
            f"RANGE BETWEEN {(spellings.distance or 0) + 1:d} PRECEDING AND CURRENT ROW)) h "
            f"WHERE {' AND '.join(f'h{i}' for i in range(len(wanted)))})",
            Boolean,
        )
        ways.append(and_(_has(side, " & ".join(map(_quoted, wanted))), within))
    return or_(*ways)


def _any_of(spellings: Spellings) -> str:
    if spellings.distance is not None:
        return " | ".join(" & ".join(map(_quoted, phrase)) for phrase in spellings.phrases)
    return " | ".join(f"({_phrase(phrase, spellings.prefix)})" for phrase in spellings.phrases)


def _phrase(phrase: Phrase, prefix: bool) -> str:
    return " <-> ".join(map(_quoted, phrase)) + (":*" if prefix else "")


def _quoted(word: str) -> str:
    return f"'{word}'"


def _has(side: str, query: str) -> ColumnElement[bool]:
    return _vector(side).bool_op("@@")(cast(literal(query), TSQUERY))


def _vector(side: str) -> ColumnElement[Any]:
    return literal_column(f"search_doc.{side}_tsv", TSVECTOR)
