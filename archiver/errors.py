"""What can go wrong, as one tree. Only `cli.py` turns these into exit codes.

    ArchiverError                1   anything below, and what has no better name
    ├── Usage                    2   the command's words are off
    │   └── UnknownPlatform          names the platforms there are
    ├── DiskFull                 3   nothing more can be written; what is stored is safe
    ├── BadConfig                4   archiver.toml, or no archive at all
    │   └── NoArchive                says how to make one
    ├── ArchiveBusy              1   another crawl holds the archive
    ├── ReadOnlyArchive          1   the archive can be read and not written to
    ├── NewerDatabase            1   the database was written by a newer archiver
    ├── DamagedArchive           1   stored facts do not add up
    ├── PageError                1   one page could not be read; its capture is safe
    │   ├── PageChanged              it no longer looks as documented
    │   └── Truncated                it arrived incomplete
    ├── NotFound                 1   no such post, watch, package ...
    ├── NoStamp                  1   no authority stamped the ledger
    └── MissingExtra             1   a library that only some formats need is not installed

Exit codes that are verdicts, not errors, are in `Exit`.
"""

from enum import IntEnum


class Exit(IntEnum):
    """What the process says when it ends (the codes of Browsertrix, where they fit)."""

    OK = 0
    ERROR = 1
    USAGE = 2
    DISK_FULL = 3
    CONFIG = 4
    OWED = 10  # finished, but something is owed: failed fetches, unread posts, untranslated texts
    INTERRUPTED = 11
    RATE_LIMITED = 18


class ArchiverError(Exception):
    """Root of everything this package raises; its text is one line: the thing and the remedy."""

    exit = Exit.ERROR


class Usage(ArchiverError):
    exit = Exit.USAGE


class UnknownPlatform(Usage):
    """Nobody here reads that platform or address."""


class DiskFull(ArchiverError):
    exit = Exit.DISK_FULL


class BadConfig(ArchiverError):
    exit = Exit.CONFIG


class NoArchive(BadConfig):
    """No archiver.toml here or above."""


class ArchiveBusy(ArchiverError):
    """Another process is crawling into this archive."""


class ReadOnlyArchive(ArchiverError):
    """The archive's files or its database may not be written to."""


class NewerDatabase(ArchiverError):
    """The database knows migrations that this version does not."""


class DamagedArchive(ArchiverError):
    """Stored facts contradict each other."""


class NotFound(ArchiverError):
    """What was named is not in this archive."""


class NoStamp(ArchiverError):
    """An authority refused, was not reached, or answered with something that cannot be trusted."""


class MissingExtra(ArchiverError):
    """An extra of this package is not installed; the message names it."""


class PageError(ArchiverError):
    """One page could not be read. `url` names it; the capture is kept."""

    def __init__(self, url: str, what: str) -> None:
        super().__init__(f"{url}: {what}")
        self.url = url
        self.what = what


class PageChanged(PageError):
    """The page does not look as its platform documents it."""


class Truncated(PageError):
    """The body is shorter than its headers or its compression promise."""
