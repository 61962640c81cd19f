"""Saved searches, and what is new in them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from archiver.config import Config
from archiver.errors import NotFound
from archiver.jobs.search import Progress, Say, bring_up
from archiver.store import saved
from archiver.store.database import Database
from archiver.store.filters import Filters
from archiver.store.saved import News, SavedSearch


def keep(config: Config, name: str, filters: Filters, on_progress: Progress | None = None) -> int:
    """Save a search under a name; returns how many posts match now, which are not news."""
    with Database.open(config.database_url) as database:
        bring_up(database, on_progress)
        with database.write() as connection:
            return saved.save(connection, name, filters, datetime.now(UTC))


def alerts(
    config: Config,
    names: Sequence[str] = (),
    *,
    limit: int = 20,
    peek: bool = False,
    on_progress: Progress | None = None,
    on_behind: Say | None = None,
) -> Iterator[News]:
    """What is new in every saved search. A search's news count as told once the next is asked for, so that
    whoever is interrupted while printing gets them again; with `peek`, never. Raises NotFound."""
    with Database.open(config.database_url) as database:
        behind = bring_up(database, on_progress)
        if behind and on_behind:
            on_behind(behind)
        with database.read() as connection:
            searches = saved.listed(connection, names)
        for search in searches:
            with database.read() as connection:
                news = saved.news(connection, search, limit)
            yield news
            if news.posts and not peek:
                with database.write() as connection:
                    saved.told(connection, search, news.posts)


def listed(config: Config, names: Sequence[str] = ()) -> list[SavedSearch]:
    with Database.open(config.database_url) as database, database.read() as connection:
        return saved.listed(connection, names)


def remove(config: Config, names: Sequence[str]) -> None:
    """Raises NotFound, and then removes none."""
    with Database.open(config.database_url) as database, database.write() as connection:
        saved.listed(connection, names)
        for name in names:
            if not saved.forget(connection, name):
                raise NotFound(f"no saved search '{name}'")
