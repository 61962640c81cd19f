"""Search the archive on both sides: the originals, however they are spelled, and their translations."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, case, select

from archiver.store import alt_texts, tables
from archiver.store.alt_texts import Told
from archiver.store.dialects import in_batches
from archiver.store.exact import Exactly
from archiver.store.expansion import expand
from archiver.store.fields import split
from archiver.store.filters import Filters, account_ids
from archiver.store.fulltext import Answers, Question, ask
from archiver.store.highlights import Marker, Span
from archiver.store.indexing import catch_up, filter_token, index, is_outdated, owed, remove, version
from archiver.store.query_language import (
    Both,
    Node,
    Query,
    Term,
    Without,
    excluded,
    parse,
    terms,
    values_of,
    without,
)
from archiver.store.sure import SureEnough
from archiver.store.texts import current_detection, current_translation, texts_of
from archiver.store.types import original

Sort = Literal["newest", "best"]
AFFORDABLE = 200_000  # more hits than these are not ranked: that would take seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a picture of a post is described as; `found`: what was searched for stands there."""

    text: str
    translation: str | None
    found: bool


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
    descriptions: tuple[Described, ...] = ()


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
    if sort == "best" and found.answers.count() > AFFORDABLE:
        sort = "newest"
    posts = found.answers.best(limit) if sort == "best" else found.answers.newest(limit)
    total = found.answers.count() if len(posts) == limit else len(posts)
    return Answer(total=total, hits=hits(connection, posts, found.question), also=found.also, sort=sort)


def matching(connection: Connection, filters: Filters) -> "array[int]":
    """The ids of all posts that match, in their order."""
    return find(connection, filters).answers.all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A question and its answers, not fetched yet."""

    question: Question
    answers: Answers
    also: tuple[str, ...]


def find(connection: Connection, filters: Filters, *, dated: bool = False) -> Found:
    """Put a query and its filters to the index; `dated` leaves out posts without a time."""
    query = parse(filters.query)
    languages = [tuple(split(value)) for value in values_of(query, "lang")]
    if filters.languages:
        languages.insert(0, filters.languages)
    node = _node(filters, query)
    expansion = expand(connection, list(terms(node)), list(excluded(node)), languages[0] if languages else ())
    since = max(filter(None, (filters.since, query.since)), default=None)
    until = min(filter(None, (filters.until, query.until)), default=None)
    question = Question(
        node=node,
        spellings=expansion.spellings,
        side=query.side or filters.side,
        groups=_groups(connection, filters),
        languages=languages,
        dated=dated or bool(since or until),
        since=since,
        until=until,
    )
    answers = ask(connection, question)
    if query.exact or query.not_exact:
        answers = Exactly(connection, answers, question.side, query.exact, query.not_exact)
    if filters.min_score is not None or filters.min_confidence is not None:
        answers = SureEnough(connection, answers, filters)
    return Found(question=question, answers=answers, also=expansion.also)


def _node(filters: Filters, query: Query) -> Node | None:
    """What is asked of words and fields, the flags among them; languages are asked for apart."""
    said = without(query.node, "lang")
    asked: list[Node] = [said] if said else []
    asked += [_flag("flag", flag) for flag in filters.flags]
    asked += [Without(part=_flag("flag", flag)) for flag in filters.no_flags]
    if filters.corrected is not None:
        has = _flag("has", "correction")
        asked.append(has if filters.corrected else Without(part=has))
    return Both(parts=tuple(asked)) if len(asked) > 1 else next(iter(asked), None)


def _flag(field: str, value: str) -> Term:
    return Term(kind="field", text=value, at=0, field=field)


def _groups(connection: Connection, filters: Filters) -> list[list[str]]:
    groups = []
    if filters.platform:
        groups.append([f"p:{filters.platform}"])
    if filters.account:
        groups.append([f"a:{number}" for number in account_ids(connection, filters.account)])
    return [[filter_token(token) for token in group] for group in groups]


def hits(connection: Connection, post_ids: Sequence[int], question: Question) -> tuple[Hit, ...]:
    """Posts as they read now, in the given order, what was asked for marked."""
    wanted, nothing = Marker([question.spellings[term] for term in terms(question.node)]), Marker(())
    on_original = wanted if question.side != "translation" else nothing
    on_translation = wanted if question.side != "original" else nothing
    return tuple(
        hit for batch in in_batches(post_ids) for hit in _hits(connection, batch, on_original, on_translation)
    )


def _hits(
    connection: Connection, post_ids: Sequence[int], on_original: Marker, on_translation: Marker
) -> list[Hit]:
    rows = {row.id: row for row in connection.execute(_CURRENT, {"posts": post_ids}).all()}
    translated = texts_of(
        connection, {row.translation_id: row.body for row in rows.values() if row.translation_id}
    )
    described = alt_texts.of_revisions(connection, [row.revision_id for row in rows.values()])
    return [
        _hit(
            rows[id],
            translated.get(rows[id].translation_id),
            described.get(rows[id].revision_id, ()),
            on_original,
            on_translation,
        )
        for id in post_ids
        if id in rows
    ]


def _current() -> Any:
    """What posts say now, in which language, which translation is shown, and the words that they were indexed
    with when they said just that."""
    post, revision, account, doc = tables.post.c, tables.revision.c, tables.account.c, tables.search_doc.c
    detection, translation, engine = tables.detection.c, tables.translation.c, tables.engine.c
    as_indexed = (
        (doc.post_id == post.id)
        & (doc.revision_id == revision.id)
        & (doc.detection_id == detection.id)
        & (doc.fold_version == version())
    )
    same_translation = doc.translation_id == translation.id
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
            revision.id.label("revision_id"),
            revision.seq,
            revision.body,
            detection.language,
            detection.confidence,
            translation.id.label("translation_id"),
            translation.target,
            translation.flags,
            engine.package_name,
            engine.package_version,
            doc.original.label("said"),
            case((same_translation, doc.translated)).label("said_in_translation"),
        )
        .select_from(tables.post)
        .join(tables.account, account.id == post.account_id)
        .join(tables.revision, revision.id == post.current_revision_id)
        .outerjoin(tables.detection, current_detection())
        .outerjoin(tables.translation, translation.id == current_translation())
        .outerjoin(tables.engine, engine.id == translation.engine_id)
        .outerjoin(tables.search_doc, as_indexed)
        .where(post.id.in_(bindparam("posts", expanding=True)))
    )


_CURRENT = _current()


def _hit(
    row: Any, translation: str | None, described: Sequence[Told], on_original: Marker, on_translation: Marker
) -> Hit:
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
            "original": on_original.spans(row.body, row.language, row.said),
            "translation": on_translation.spans(translation or "", row.target, row.said_in_translation),
        },
        kind=row.kind,
        state=row.state,
        revision=row.seq,
        target=row.target,
        package=row.package_name and f"{row.package_name} {row.package_version}",
        flags=tuple(row.flags or ()),
        descriptions=tuple(
            Described(
                text=original(told.text),
                translation=told.translation and original(told.translation),
                found=bool(
                    on_original.spans(told.text, told.language or row.language)
                    or on_translation.spans(told.translation or "", told.target)
                ),
            )
            for told in described
        ),
    )


__all__ = [
    "Answer",
    "Described",
    "Found",
    "Hit",
    "Sort",
    "catch_up",
    "find",
    "hits",
    "index",
    "is_outdated",
    "matching",
    "owed",
    "remove",
    "search",
]
