"""One crawl at a time into an archive, or one a shard. The lock dies with its process, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveBusy, ArchiverError

FILE = "crawl.lock"


@contextmanager
def locked(folder: Path, shard: tuple[int, int] | None = None) -> Iterator[None]:
    """Hold the archive in `folder`, or one shard of it. Raises ArchiveBusy, which names the other process."""
    with ExitStack() as held:
        if shard is None:
            _take(held, folder / FILE, fcntl.LOCK_EX)
        else:
            # Shards keep out a whole crawl and their own double, but not each other.
            _take(held, folder / FILE, fcntl.LOCK_SH)
            _take(held, folder / f"crawl.{shard[0]}-of-{shard[1]}.lock", fcntl.LOCK_EX)
        yield


def _take(held: ExitStack, path: Path, how: int) -> None:
    try:
        file: IO[str] = held.enter_context(path.open("a+"))
    except OSError as error:
        raise ArchiverError(f"cannot write {path}: {error.strerror}") from error
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read().strip()
        who = f"process {pid}" if pid else "another process"
        raise ArchiveBusy(f"{who} is crawling into {path.parent}: wait for it, or stop it") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
