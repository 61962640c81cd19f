"""Search the archive on both sides: the originals, however they are spelled, and their translations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from archiver.store import tables
from archiver.store.expansion import Spellings, expand
from archiver.store.filters import Filters, Side, account_ids
from archiver.store.fulltext import Question, ask
from archiver.store.highlights import Span, highlights
from archiver.store.indexing import catch_up, filter_token, index, language_filters, remove
from archiver.store.query_language import excluded, parse, terms
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
    question, also = _question(connection, filters)
    answers = ask(connection, question)
    total = answers.count()
    if sort == "best" and total > AFFORDABLE:
        sort = "newest"
    found = answers.best(limit) if sort == "best" else answers.newest(limit)
    wanted = [question.spellings[term] for term in terms(question.node)]
    return Answer(
        total=total, hits=tuple(_hits(connection, found, wanted, filters.side)), also=also, sort=sort
    )


def matching(connection: Connection, filters: Filters) -> list[int]:
    """The ids of all posts that match, in their order."""
    question, _ = _question(connection, filters)
    return sorted(ask(connection, question).all())


def _question(connection: Connection, filters: Filters) -> tuple[Question, tuple[str, ...]]:
    node = parse(filters.query)
    expansion = expand(connection, list(terms(node)), list(excluded(node)), filters.languages)
    question = Question(
        node=node,
        spellings=expansion.spellings,
        side=filters.side,
        groups=_groups(connection, filters),
        since=filters.since,
        until=filters.until,
    )
    return question, expansion.also


def _groups(connection: Connection, filters: Filters) -> list[list[str]]:
    groups = []
    if filters.languages:
        groups.append([list(language_filters(language))[-1] for language in filters.languages])
    if filters.platform:
        groups.append([f"p:{filters.platform}"])
    if filters.account:
        groups.append([f"a:{number}" for number in account_ids(connection, filters.account)])
    if filters.since or filters.until:
        groups.append(["dated"])
    return [[filter_token(token) for token in group] for group in groups]


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


__all__ = ["Answer", "Hit", "Sort", "catch_up", "index", "matching", "remove", "search"]
