"""Search the archive on both sides: the originals, however they are spelled, and their translations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.exact import Exactly
from archiver.store.expansion import Spellings, expand
from archiver.store.fields import split
from archiver.store.filters import Filters, Side, account_ids
from archiver.store.fulltext import Answers, Question, ask
from archiver.store.highlights import Span, highlights
from archiver.store.indexing import catch_up, filter_token, index, language_filters, remove
from archiver.store.query_language import Both, Node, Query, Term, Without, excluded, parse, terms, values_of
from archiver.store.sure import SureEnough
from archiver.store.texts import current_detection, current_translation, translated_texts
from archiver.store.types import original

Sort = Literal["newest", "best"]
AFFORDABLE = 200_000  # more hits than these are not ranked: that would take seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A found post as it reads now. `highlights` are spans of code points in `original` and `translation`."""

    post: str
    url: str | None
    account: str
    platform: str
    published_at: datetime | None
    language: str | None
    confidence: float | None
    original: str
    translation: str | None
    highlights: Mapping[str, tuple[Span, ...]]
    kind: str
    state: str
    revision: int
    target: str | None
    package: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`total` posts match; `also` are spellings that were searched for besides what was typed.

    `sort` is how the hits are sorted: too many are not ranked, and come newest first.
    """

    total: int
    hits: tuple[Hit, ...]
    also: tuple[str, ...]
    sort: Sort


def search(connection: Connection, filters: Filters, *, sort: Sort = "newest", limit: int = 20) -> Answer:
    """Posts that match; the query's language is in `query_language`. Raises Usage, naming the character."""
    found = find(connection, filters)
    total = found.answers.count()
    if sort == "best" and total > AFFORDABLE:
        sort = "newest"
    posts = found.answers.best(limit) if sort == "best" else found.answers.newest(limit)
    return Answer(total=total, hits=hits(connection, posts, found.question), also=found.also, sort=sort)


def matching(connection: Connection, filters: Filters) -> list[int]:
    """The ids of all posts that match, in their order."""
    return sorted(find(connection, filters).answers.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A question and its answers, not fetched yet."""

    question: Question
    answers: Answers
    also: tuple[str, ...]


def find(connection: Connection, filters: Filters, *groups: Sequence[str]) -> Found:
    """Put a query and its filters to the index; every group of filters of the index narrows it further."""
    query = parse(filters.query)
    languages = filters.languages or tuple(split(next(values_of(query, "lang"), "")))
    node = _node(filters, query)
    expansion = expand(connection, list(terms(node)), list(excluded(node)), languages)
    question = Question(
        node=node,
        spellings=expansion.spellings,
        side=query.side or filters.side,
        groups=[*_groups(connection, filters, query), *groups],
        since=max(filter(None, (filters.since, query.since)), default=None),
        until=min(filter(None, (filters.until, query.until)), default=None),
    )
    answers = ask(connection, question)
    if query.exact or query.not_exact:
        answers = Exactly(connection, answers, question.side, query.exact, query.not_exact)
    if filters.min_score is not None or filters.min_confidence is not None:
        answers = SureEnough(connection, answers, filters)
    return Found(question=question, answers=answers, also=expansion.also)


def _node(filters: Filters, query: Query) -> Node | None:
    """What is asked, the flags among it: they are fields of the query as well."""
    asked: list[Node] = [query.node] if query.node else []
    asked += [_flag("flag", flag) for flag in filters.flags]
    asked += [Without(part=_flag("flag", flag)) for flag in filters.no_flags]
    if filters.corrected is not None:
        has = _flag("has", "correction")
        asked.append(has if filters.corrected else Without(part=has))
    return Both(parts=tuple(asked)) if len(asked) > 1 else next(iter(asked), None)


def _flag(field: str, value: str) -> Term:
    return Term(kind="field", text=value, at=0, field=field)


def _groups(connection: Connection, filters: Filters, query: Query) -> list[list[str]]:
    groups = []
    if filters.languages:
        groups.append([list(language_filters(language))[-1] for language in filters.languages])
    if filters.platform:
        groups.append([f"p:{filters.platform}"])
    if filters.account:
        groups.append([f"a:{number}" for number in account_ids(connection, filters.account)])
    if filters.since or filters.until or query.since or query.until:
        groups.append(["dated"])
    return [[filter_token(token) for token in group] for group in groups]


def hits(connection: Connection, post_ids: Sequence[int], question: Question) -> tuple[Hit, ...]:
    """Posts as they read now, in the given order, what was asked for marked."""
    wanted = [question.spellings[term] for term in terms(question.node)]
    return tuple(
        hit for batch in in_batches(post_ids) for hit in _hits(connection, batch, wanted, question.side)
    )


def _hits(
    connection: Connection, post_ids: Sequence[int], wanted: Sequence[Spellings], side: Side
) -> list[Hit]:
    rows = {row.id: row for row in connection.execute(_current(post_ids))}
    translated = translated_texts(
        connection, [row.translation_id for row in rows.values() if row.translation_id]
    )
    return [
        _hit(rows[id], translated.get(rows[id].translation_id), wanted, side) for id in post_ids if id in rows
    ]


def _current(post_ids: Sequence[int]) -> Any:
    """What posts say now, in which language, and which translation is shown."""
    post, revision, account = tables.post.c, tables.revision.c, tables.account.c
    detection, translation, engine = tables.detection.c, tables.translation.c, tables.engine.c
    return (
        select(
            post.id,
            post.platform,
            post.native_id,
            post.url,
            post.kind,
            post.state,
            post.published_at,
            account.handle,
            revision.seq,
            revision.body,
            detection.language,
            detection.confidence,
            translation.id.label("translation_id"),
            translation.target,
            translation.flags,
            engine.package_name,
            engine.package_version,
        )
        .select_from(tables.post)
        .join(tables.account, account.id == post.account_id)
        .join(tables.revision, revision.id == post.current_revision_id)
        .outerjoin(tables.detection, current_detection())
        .outerjoin(tables.translation, translation.id == current_translation())
        .outerjoin(tables.engine, engine.id == translation.engine_id)
        .where(post.id.in_(post_ids))
    )


def _hit(row: Any, translation: str | None, wanted: Sequence[Spellings], side: Side) -> Hit:
    on_original = wanted if side != "translation" else ()
    on_translation = wanted if side != "original" else ()
    return Hit(
        post=f"{row.platform}:{original(row.native_id)}",
        url=row.url and original(row.url),
        account=original(row.handle),
        platform=row.platform,
        published_at=row.published_at,
        language=row.language,
        confidence=row.confidence,
        original=original(row.body),
        translation=None if translation is None else original(translation),
        highlights={
            "original": highlights(row.body, row.language, on_original),
            "translation": highlights(translation or "", row.target, on_translation),
        },
        kind=row.kind,
        state=row.state,
        revision=row.seq,
        target=row.target,
        package=row.package_name and f"{row.package_name} {row.package_version}",
        flags=tuple(row.flags or ()),
    )


__all__ = [
    "Answer",
    "Found",
    "Hit",
    "Sort",
    "catch_up",
    "find",
    "hits",
    "index",
    "matching",
    "remove",
    "search",
]
