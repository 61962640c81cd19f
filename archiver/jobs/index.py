"""The search index: is it sound, and make it anew."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.config import Config
from archiver.store import rebuilding
from archiver.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with the index, and how many posts are not in it yet as they are now."""

    wrong: tuple[str, ...]
    waiting: int


def check(config: Config) -> Checked:
    with Database.open(config.database_url) as database:
        return Checked(wrong=tuple(rebuilding.check(database)), waiting=rebuilding.waiting(database))


def rebuild(config: Config, on_progress: Callable[[int], None] | None = None) -> int:
    """Returns how many posts were indexed."""
    with Database.open(config.database_url) as database:
        return rebuilding.rebuild(database, on_progress)
