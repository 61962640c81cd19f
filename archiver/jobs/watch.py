"""The watch list: which accounts this archive follows."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import spiders
from archiver.config import Config
from archiver.errors import NotFound, Usage
from archiver.store import watches
from archiver.store.database import Database
from archiver.store.watches import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An account that somebody wants watched, as they named it."""

    named: str
    since: datetime | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    revisit: str | None = None


def add(config: Config, wishes: Iterable[Wish]) -> list[tuple[Watch, bool]]:
    """Put accounts on the list: all of them, or none when one cannot be understood.

    The bool says whether the watch is new; adding twice changes nothing.
    """
    targets = [(wish, spiders.identify(wish.named)) for wish in wishes]
    now = datetime.now(UTC)
    database = Database.open(config.database_url)
    with database.write() as connection:
        return [
            watches.add(
                connection,
                platform=target.platform,
                handle=target.handle,
                since=wish.since,
                note=wish.note,
                tags=wish.tags,
                revisit=wish.revisit,
                at=now,
            )
            for wish, target in targets
        ]


def listed(config: Config, *, tag: str | None = None) -> list[Watch]:
    with Database.open(config.database_url).read() as connection:
        return watches.listed(connection, tag=tag)


def change(config: Config, named: Sequence[str], verb: str) -> list[Watch]:
    """`pause`, `resume` or `remove` watches, all or none; removing one keeps its posts. Raises NotFound."""
    act = {"pause": watches.pause, "resume": watches.resume, "remove": watches.remove}[verb]
    database = Database.open(config.database_url)
    with database.write() as connection:
        found = []
        for name in named:
            target = spiders.identify(name)
            watch = watches.find(connection, target.platform, target.handle)
            if watch is None:
                raise NotFound(f"{target} is not watched; `archiver watch list` shows what is")
            found.append(watch)
        for watch in found:
            act(connection, watch.id)
    return found


def read_csv(path: Path) -> list[Wish]:
    """Wishes from a CSV file whose header names `watch` (or url, account) and perhaps since, note, tags
    (split at ;)."""
    try:
        return _wishes(path)
    except UnicodeDecodeError:
        raise Usage(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    except csv.Error as error:
        raise Usage(f"{path} is no CSV file: {error}") from None


def _wishes(path: Path) -> list[Wish]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        names = {name.strip().lower(): name for name in rows.fieldnames or () if name}
        key = next((names[n] for n in ("watch", "url", "account") if n in names), None)
        if key is None:
            raise Usage(f"{path}: its first line must name a column 'watch', 'url' or 'account'")
        return [_wish(path, rows.line_num, row, key, names) for row in rows if (row.get(key) or "").strip()]


def _wish(path: Path, line: int, row: dict[str, str], key: str, names: dict[str, str]) -> Wish:
    def cell(name: str) -> str:
        return (row.get(names.get(name, "")) or "").strip()

    try:
        since = datetime.fromisoformat(cell("since")) if cell("since") else None
    except ValueError:
        raise Usage(f"{path}, line {line}: '{cell('since')}' is no date; write 2026-11-22") from None
    return Wish(
        named=row[key].strip(),
        since=since.replace(tzinfo=since.tzinfo or UTC) if since else None,
        note=cell("note") or None,
        tags=tuple(t.strip() for t in cell("tags").split(";") if t.strip()),
    )
