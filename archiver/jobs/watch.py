"""The watch list: which accounts this archive follows, how often, and what was decided when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import spiders
from archiver.config import Config
from archiver.errors import NotFound
from archiver.store import watches
from archiver.store.database import Database
from archiver.store.watches import Change, Media, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An account that somebody wants watched, as they named it. `every` and `revisit` are in
    seconds."""

    named: str
    since: datetime | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    revisit: int | None = None
    every: int | None = None
    media: Media | None = None
    paused: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A watch, and how many pages and posts of it could not be had or read."""

    watch: Watch
    owed: int


def add(config: Config, wishes: Iterable[Wish]) -> list[tuple[Watch, bool]]:
    """Put accounts on the list: all of them, or none when one cannot be understood.

    The bool says whether the watch is new; adding twice changes nothing.
    """
    targets = [(wish, spiders.identify(wish.named)) for wish in wishes]
    now = datetime.now(UTC)
    database = Database.open(config.database_url)
    with database.write() as connection:
        added = []
        for wish, target in targets:
            watch, new = watches.add(
                connection,
                platform=target.platform,
                handle=target.handle,
                since=wish.since,
                note=wish.note,
                tags=wish.tags,
                revisit=wish.revisit,
                every=wish.every,
                media=wish.media,
                at=now,
            )
            if wish.paused is not None and wish.paused != watch.paused:
                watches.change(connection, watch, {"paused": wish.paused}, now)
            added.append((watch, new))
        return added


def listed(config: Config, *, tag: str | None = None) -> list[Watch]:
    with Database.open(config.database_url).read() as connection:
        return watches.listed(connection, tag=tag)


def health(config: Config, *, tag: str | None = None) -> list[Health]:
    """The watch list with what each watch owes."""
    with Database.open(config.database_url) as database, database.read() as connection:
        owed = watches.owed(connection)
        return [
            Health(watch=watch, owed=max(owed.get(watch.id, 0), 1 if watch.last_error else 0))
            for watch in watches.listed(connection, tag=tag)
        ]


def change(config: Config, named: Sequence[str], verb: str) -> list[Watch]:
    """`pause`, `resume` or `remove` watches, all or none; removing one keeps its posts. Raises NotFound."""
    act = {"pause": watches.pause, "resume": watches.resume, "remove": watches.remove}[verb]
    database = Database.open(config.database_url)
    with database.write() as connection:
        found = [_found(connection, name) for name in named]
        for watch in found:
            act(connection, watch.id)
    return found


def decide(
    config: Config,
    named: Sequence[str],
    values: Mapping[str, Any],
    *,
    tag: Sequence[str] = (),
    untag: Sequence[str] = (),
) -> list[Watch]:
    """Change what was decided about watches: `values` by name (since, note, every, revisit, media), tags
    put on and taken off. All or none. Raises NotFound."""
    now = datetime.now(UTC)
    with Database.open(config.database_url) as database, database.write() as connection:
        found = [_found(connection, name) for name in named]
        for watch in found:
            tags = sorted({*watch.tags, *tag} - set(untag))
            watches.change(connection, watch, {**values, "tags": tags}, now)
    return found


def history(config: Config, named: str) -> list[Change]:
    """What was decided about a watch, oldest first, also when it is watched no longer. Raises NotFound."""
    target = spiders.identify(named)
    with Database.open(config.database_url) as database, database.read() as connection:
        found = watches.history(connection, target.platform, target.handle)
        if not found and watches.find(connection, target.platform, target.handle) is None:
            raise NotFound(f"{target} was never watched; `archiver watch list` shows what is")
    return found


def _found(connection: Any, name: str) -> Watch:
    target = spiders.identify(name)
    watch = watches.find(connection, target.platform, target.handle)
    if watch is None:
        raise NotFound(f"{target} is not watched; `archiver watch list` shows what is")
    return watch
