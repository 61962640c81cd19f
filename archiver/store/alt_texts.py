"""Descriptions of pictures (alt texts): which language they are in, their translations, and what is owed.

A description is a text of its own beside its post. Its translation belongs to the attachment and never
becomes part of what the post itself says: not in the post's text, nor in its translation, nor in aligned
pairs. Only the search index holds both, so that a post is found by what its pictures show.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, insert, select

from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.translating import SavedTranslation, engine_id, made_with

_attachment, _alt, _made = tables.attachment, tables.alt_text, tables.alt_translation
_post, _revision, _engine = tables.post, tables.revision, tables.engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """An alt text. `hint` is the platform's tag of the post's language, `language` what was detected."""

    id: int  # of its attachment, or of its row here once its language is known
    text: str
    hint: str | None = None
    language: str = "und"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A description as it is searched: with its newest translation, if there is one."""

    text: str
    language: str | None
    translation: str | None
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionTotals:
    """Descriptions in a language (None: not looked at yet), as the posts read now."""

    language: str | None
    texts: int
    translated: int


def undetected(connection: Connection, *, limit: int, after: int = 0) -> list[Description]:
    """Descriptions whose language nobody has told yet, by attachment."""
    known = exists().where(_alt.c.attachment_id == _attachment.c.id)
    query = _current(_attachment.c.id, _attachment.c.alt, _revision.c.languages).where(
        ~known, _attachment.c.id > after
    )
    return [
        Description(id=row.id, text=row.alt, hint=row.languages[0] if row.languages else None)
        for row in connection.execute(query.order_by(_attachment.c.id).limit(limit))
    ]


def save_languages(
    connection: Connection, found: Iterable[tuple[int, str, float, str]], at: datetime
) -> None:
    """Keep (attachment id, language, confidence, method)."""
    names = ("attachment_id", "language", "confidence", "method")
    rows = [{**dict(zip(names, each, strict=True)), "at": at} for each in found]
    if rows:
        connection.execute(insert(_alt), rows)


def untranslated(
    connection: Connection,
    *,
    language: str,
    target: str,
    engine: str | None,
    package_sha256: str | None,
    options: str,
    limit: int,
    after: int = 0,
    shard: tuple[int, int] | None = None,
) -> list[Description]:
    """Descriptions in `language` that this engine, package and options have not translated; where there is no
    package (None), those that nothing has."""
    made = exists().where(_made.c.alt_text_id == _alt.c.id, _made.c.engine_id == _engine.c.id)
    if engine is None or package_sha256 is None:
        made = made.where(_engine.c.target == target)
    else:
        made = made.where(made_with(engine, package_sha256, options, target))
    query = (
        _current(_alt.c.id, _attachment.c.alt, _alt.c.language, _alt.c.confidence)
        .join(_alt, _alt.c.attachment_id == _attachment.c.id)
        .where(_alt.c.language == language, _alt.c.id > after, ~made)
    )
    if shard is not None:
        query = query.where(_alt.c.id % shard[1] == shard[0] - 1)
    return [
        Description(id=row.id, text=row.alt, language=row.language, confidence=row.confidence)
        for row in connection.execute(query.order_by(_alt.c.id).limit(limit))
    ]


def save_translations(
    connection: Connection, made: Sequence[tuple[int, str, SavedTranslation]], at: datetime
) -> None:
    """Keep (row id of the description, text, what made it and its segments); one that is there stays."""
    engines: dict[tuple[str, str, str, str], int] = {}
    rows: list[dict[str, Any]] = []
    for alt_text_id, text, row in made:
        identity = (row.engine, row.package_sha256, row.options, row.target)
        if identity not in engines:
            engines[identity] = engine_id(connection, row)
        scores = [segment.score for segment in row.segments if segment.score is not None]
        segments = [
            {
                "start": segment.start,
                "end": segment.end,
                "source": segment.source,
                "target": segment.target,
                "score": segment.score,
                "flags": list(segment.flags),
            }
            for segment in row.segments
        ]
        rows.append(
            {
                "alt_text_id": alt_text_id,
                "engine_id": engines[identity],
                "text": text,
                "score": min(scores, default=None),
                "flags": list(row.flags),
                "segments": segments,
                "at": at,
            }
        )
    for ids in in_batches([row["alt_text_id"] for row in rows]):
        there = select(_made.c.alt_text_id, _made.c.engine_id).where(_made.c.alt_text_id.in_(ids))
        known = {(row.alt_text_id, row.engine_id) for row in connection.execute(there)}
        rows = [row for row in rows if (row["alt_text_id"], row["engine_id"]) not in known]
    if rows:
        connection.execute(insert(_made), rows)


def of_revisions(connection: Connection, revision_ids: Sequence[int]) -> dict[int, list[Told]]:
    """The descriptions of each revision's attachments, in their order."""
    found: dict[int, list[Told]] = {}
    for ids in in_batches(list(revision_ids)):
        for row in connection.execute(_TOLD, {"revisions": ids}):
            told = Told(text=row.alt, language=row.language, translation=row.text, target=row.target)
            found.setdefault(row.revision_id, []).append(told)
    return found


def rows_of(connection: Connection, attachment_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Language and translations of each attachment's description, oldest first, with what made them."""
    found: dict[int, list[Any]] = {}
    for ids in in_batches(list(attachment_ids)):
        query = (
            select(_alt.c.attachment_id, _alt.c.language, _alt.c.confidence, _alt.c.method)
            .add_columns(_made.c.id, _made.c.text, _made.c.score, _made.c.flags, _made.c.segments, _made.c.at)
            .add_columns(_engine.c.name, _engine.c.package_name, _engine.c.package_version)
            .add_columns(_engine.c.package_sha256, _engine.c.options, _engine.c.target)
            .outerjoin(_made, _made.c.alt_text_id == _alt.c.id)
            .outerjoin(_engine, _engine.c.id == _made.c.engine_id)
            .where(_alt.c.attachment_id.in_(ids))
            .order_by(_alt.c.attachment_id, _made.c.id)
        )
        for row in connection.execute(query):
            found.setdefault(row.attachment_id, []).append(row)
    return found


def newest_of_revision() -> Any:
    """The id of the newest translation of a description of `revision`: what the search index is made from."""
    attachment, alt, made = _attachment.alias("shown"), _alt.alias("described"), _made.alias("said")
    query = (
        select(func.max(made.c.id))
        .select_from(attachment)
        .join(alt, alt.c.attachment_id == attachment.c.id)
        .join(made, made.c.alt_text_id == alt.c.id)
        .where(attachment.c.revision_id == _revision.c.id)
    )
    return query.correlate(_revision).scalar_subquery()


def totals(connection: Connection) -> tuple[DescriptionTotals, ...]:
    has = exists().where(_made.c.alt_text_id == _alt.c.id)
    query = (
        _current(_alt.c.language, func.count().label("texts"), func.count().filter(has).label("translated"))
        .outerjoin(_alt, _alt.c.attachment_id == _attachment.c.id)
        .group_by(_alt.c.language)
    )
    rows = [DescriptionTotals(**row) for row in connection.execute(query).mappings()]
    return tuple(sorted(rows, key=lambda row: (-row.texts, row.language or "")))


def _current(*columns: Any) -> Select[Any]:
    """Of the descriptions that posts have now."""
    now = and_(_post.c.current_revision_id == _revision.c.id, _post.c.id == _revision.c.post_id)
    return (
        select(*columns)
        .select_from(_attachment)
        .join(_revision, _revision.c.id == _attachment.c.revision_id)
        .join(_post, now)
        .where(_attachment.c.alt.is_not(None), _attachment.c.alt != "")
    )


def _newest() -> Any:
    """The id of the translation of `alt_text` that is shown: the newest."""
    made = _made.alias("made")
    return (
        select(func.max(made.c.id)).where(made.c.alt_text_id == _alt.c.id).correlate(_alt).scalar_subquery()
    )


# Built once: every search reads by it.
_TOLD = (
    select(_attachment.c.revision_id, _attachment.c.alt, _alt.c.language)
    .add_columns(_made.c.text, _engine.c.target)
    .outerjoin(_alt, _alt.c.attachment_id == _attachment.c.id)
    .outerjoin(_made, _made.c.id == _newest())
    .outerjoin(_engine, _engine.c.id == _made.c.engine_id)
    .where(_attachment.c.revision_id.in_(bindparam("revisions", expanding=True)))
    .where(_attachment.c.alt.is_not(None), _attachment.c.alt != "")
    .order_by(_attachment.c.revision_id, _attachment.c.position)
)
