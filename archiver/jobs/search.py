"""Search an archive, its index brought up first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from archiver.config import Config
from archiver.errors import ArchiveBusy, ReadOnlyArchive
from archiver.store import collocates as near
from archiver.store import counts
from archiver.store import search as store
from archiver.store.collocates import Collocates, WordList
from archiver.store.counts import By, Facets, Period
from archiver.store.database import Database
from archiver.store.filters import Filters, why_nothing
from archiver.store.search import Answer, Sort

Progress = Callable[[int], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`why` names the filter that left nothing; `behind` says how much is not in the answer, and why."""

    answer: Answer
    why: str | None = None
    behind: str | None = None


def search(
    config: Config,
    filters: Filters,
    *,
    sort: Sort = "newest",
    limit: int = 20,
    on_progress: Progress | None = None,
) -> Found:
    """The answer of the whole archive. Raises Usage when the query cannot be read."""
    with _index(config, on_progress) as (connection, behind):
        answer = store.search(connection, filters, sort=sort, limit=limit)
        why = None if answer.total else why_nothing(connection, filters)
        return Found(answer=answer, why=why, behind=behind)


def facets(
    config: Config,
    filters: Filters,
    on_progress: Progress | None = None,
    on_behind: Say | None = None,
) -> Facets:
    """How the posts that match are spread."""
    with _index(config, on_progress, on_behind) as (connection, _):
        return counts.facets(connection, store.find(connection, filters))


def trend(
    config: Config,
    filters: Filters,
    by: By,
    on_progress: Progress | None = None,
    on_behind: Say | None = None,
) -> tuple[Period, ...]:
    """How many posts match in each period, from the first to the last that has any."""
    with _index(config, on_progress, on_behind) as (connection, _):
        return counts.trend(connection, filters, by)


def word_list(
    config: Config,
    filters: Filters,
    *,
    limit: int,
    on_progress: Progress | None = None,
    on_behind: Say | None = None,
) -> WordList:
    """The most frequent words of the posts that match."""
    with _index(config, on_progress, on_behind) as (connection, _):
        return near.word_list(connection, filters, limit)


def collocates(
    config: Config,
    filters: Filters,
    *,
    window: int,
    at_least: int,
    limit: int,
    on_progress: Progress | None = None,
    on_behind: Say | None = None,
) -> Collocates:
    """The words that keep company with what is searched for. Raises Usage when that is no word."""
    with _index(config, on_progress, on_behind) as (connection, _):
        return near.collocates(connection, filters, window=window, at_least=at_least, limit=limit)


@contextmanager
def _index(
    config: Config, on_progress: Progress | None, on_behind: Say | None = None
) -> Iterator[tuple[Connection, str | None]]:
    """A connection to the index, brought up; and by how much, and why, it is behind all the same."""
    with Database.open(config.database_url) as database:
        behind = bring_up(database, on_progress)
        if behind and on_behind:
            on_behind(behind)
        with database.read() as connection:
            yield connection, behind


def bring_up(database: Database, on_progress: Callable[[int], None] | None = None) -> str | None:
    """Index what is new. Where nothing can be written, the index stays as it was: says what it then lacks.

    Raises ArchiveBusy or ReadOnlyArchive when it is of another version, so that it cannot answer at all.
    """
    try:
        store.catch_up(database, on_progress)
    except (ArchiveBusy, ReadOnlyArchive) as error:
        return _behind(database, error)
    return None


def _behind(database: Database, error: ArchiveBusy | ReadOnlyArchive) -> str | None:
    reason = "another process is storing"
    if isinstance(error, ReadOnlyArchive):
        reason = "the archive cannot be written to"
    with database.read() as connection:
        if store.is_outdated(connection):
            raise type(error)(
                f"{reason}, and its search index is of another version: search it once where it can be"
            ) from error
        lacking = store.owed(connection)
    if not lacking:
        return None
    posts = "1 post is" if lacking == 1 else f"{lacking} posts are"
    return f"{reason}: {posts} not indexed as now stored: not found yet, or by older words"
