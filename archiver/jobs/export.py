"""Write posts into a file of some format: the whole file or none."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archiver import exports
from archiver.config import Config
from archiver.errors import ArchiveBusy, Usage
from archiver.jobs.search import bring_up
from archiver.store import queries
from archiver.store.database import Database
from archiver.store.filters import Filters, why_nothing
from archiver.store.records import PostRecord

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How many posts were read and what was written of them; `why` names the filter that left nothing."""

    posts: int
    written: Counter[str]
    why: str | None = None


def export(
    config: Config,
    format: str,
    filters: Filters,
    to: Path | IO[bytes],
    *,
    on_progress: Progress | None = None,
) -> Exported:
    """Write all posts that fit, in one order and with flat memory. Raises Usage for an unknown format."""
    write = exports.writer(format)
    database = Database.open(config.database_url)
    try:
        if filters.query.strip() and not bring_up(database):
            raise ArchiveBusy(
                "another process is storing and the index cannot catch up: try later, or without a query"
            )
        total = queries.count(database, filters)
        read = _Counted(queries.records(database, filters), total, on_progress or (lambda done, total: None))
        with _file(to) if isinstance(to, Path) else _as_it_is(to) as file:
            written = write(read, file)
        with database.read() as connection:
            why = None if read.count else why_nothing(connection, filters)
        return Exported(posts=read.count, written=written, why=why)
    finally:
        database.close()


class _Counted:
    """Records on their way, counted."""

    def __init__(self, records: Iterable[PostRecord], total: int, told: Progress) -> None:
        self.records, self.total, self.told = records, total, told
        self.count = 0

    def __iter__(self) -> Iterator[PostRecord]:
        for record in self.records:
            yield record
            self.count += 1
            self.told(self.count, self.total)


@contextmanager
def _as_it_is(file: IO[bytes]) -> Iterator[IO[bytes]]:
    yield file


@contextmanager
def _file(path: Path) -> Iterator[IO[bytes]]:
    """A file that is called `path` once it is complete and on the disk; a failure leaves what was there."""
    if path.is_dir():
        raise Usage(f"{path} is a folder: name a file")
    if path.exists() and not path.is_file():  # a pipe or a device
        with path.open("wb") as file:
            yield file
        return
    if not path.parent.is_dir():
        raise Usage(f"there is no folder {path.parent}")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o666 & ~_umask())
            yield file
            file.flush()
            os.fsync(handle)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
