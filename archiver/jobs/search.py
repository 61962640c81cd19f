"""Search an archive, its index brought up first."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.config import Config
from archiver.errors import ArchiveBusy
from archiver.store import search as store
from archiver.store.database import Database
from archiver.store.filters import Filters, why_nothing
from archiver.store.search import Answer, Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`why` names the filter that left nothing; `behind` says that the newest posts are not in it yet."""

    answer: Answer
    why: str | None = None
    behind: bool = False


def search(
    config: Config,
    filters: Filters,
    *,
    sort: Sort = "newest",
    limit: int = 20,
    on_progress: Callable[[int], None] | None = None,
) -> Found:
    """The answer of the whole archive. Raises Usage when the query cannot be read."""
    database = Database.open(config.database_url)
    try:
        behind = not bring_up(database, on_progress)
        with database.read() as connection:
            answer = store.search(connection, filters, sort=sort, limit=limit)
            why = None if answer.total else why_nothing(connection, filters)
        return Found(answer=answer, why=why, behind=behind)
    finally:
        database.close()


def bring_up(database: Database, on_progress: Callable[[int], None] | None = None) -> bool:
    """Index what is new; False when another writer did not let us, and the index is as it was."""
    try:
        store.catch_up(database, on_progress)
    except ArchiveBusy:
        return False
    return True
