"""The two identities by which nothing is lost without a row that says so, each side counted on its own.

served <= new + revised + unchanged + unread     per watch, as its pages counted (they may show more)
posts counted as new = posts that are there      in the whole archive
translatable = translated + failed + pending     per language
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, select

from archiver.store import tables
from archiver.store.checks import Finding, Tally
from archiver.store.database import Database
from archiver.store.types import original

_page, _watch, _post, _revision = tables.page.c, tables.watch.c, tables.post.c, tables.revision.c
_detection, _translation, _attempt = tables.detection.c, tables.translation.c, tables.attempt.c


def check(database: Database, tally: Tally, *, target: str, languages: Sequence[str]) -> Iterator[Finding]:
    with database.read() as connection:
        yield from _served(connection, tally)
        yield from _posts(connection, tally)
        for language in languages:
            yield from _texts(connection, tally, language, target)


def _served(connection: Connection, tally: Tally) -> Iterator[Finding]:
    told = func.sum(_page.new + _page.revised + _page.unchanged + _page.unread)
    rows = (
        select(_watch.platform, _watch.handle, func.sum(_page.served).label("served"), told.label("told"))
        .select_from(tables.page)
        .outerjoin(tables.watch, _watch.id == _page.watch_id)
        .group_by(_watch.platform, _watch.handle)
    )
    for row in connection.execute(rows):
        tally.count()
        name = (
            "watches that were removed" if row.platform is None else f"{row.platform}:{original(row.handle)}"
        )
        if row.served > row.told:
            what = f"{row.served} posts were served, but {row.told} were stored, known or unreadable"
            yield Finding(where=name, what=what)


def _posts(connection: Connection, tally: Tally) -> Iterator[Finding]:
    new = connection.scalar(select(func.coalesce(func.sum(_page.new), 0))) or 0
    there = connection.scalar(select(func.count()).select_from(tables.post)) or 0
    tally.count()
    if there < new:
        yield Finding(where="posts", what=f"{new} were stored as new, and {there} are there")


def _texts(connection: Connection, tally: Tally, language: str, target: str) -> Iterator[Finding]:
    is_translated = (
        select(_translation.id)
        .where(_translation.revision_id == _revision.id, _translation.target == target)
        .exists()
    )
    is_failed = (
        select(_attempt.id)
        .where(_attempt.revision_id == _revision.id, _attempt.target == target)
        .where(_attempt.closed_at.is_(None))
        .exists()
    )
    every = _count(connection, language)
    translated = _count(connection, language, is_translated)
    failed = _count(connection, language, ~is_translated, is_failed)
    pending = _count(connection, language, ~is_translated, ~is_failed)
    tally.count(every)
    if every != translated + failed + pending:
        what = f"{every} to translate, but {translated} translated, {failed} failed and {pending} pending"
        yield Finding(where=f"texts in {language}", what=what)


def _count(connection: Connection, language: str, *which: ColumnElement[bool]) -> int:
    """Texts in that language, as posts read now."""
    texts = (
        select(func.count(_revision.id))
        .select_from(tables.post)
        .join(tables.revision, _revision.id == _post.current_revision_id)
        .join(
            tables.detection,
            and_(_detection.revision_id == _revision.id, _detection.superseded_at.is_(None)),
        )
        .where(_detection.language == language, _revision.body != "", *which)
    )
    return int(connection.scalar(texts) or 0)
