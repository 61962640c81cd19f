"""Take a file in that somebody has: its bytes as evidence, its posts as a crawl would have stored them.

A piece of the file is one transaction, and a piece that is stored is recognised by its bytes: an import that
was interrupted is simply done again.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

import spiders
from archiver import imports
from archiver.config import Config
from archiver.errors import ArchiverError, DamagedArchive
from archiver.imports import Asked, Broken, Format, Found, Note, Opened, Portion, Refused, Whole
from archiver.posts import Account, Capture, Problem
from archiver.store import imported, restoring
from archiver.store.captures import Captures
from archiver.store.database import Database
from archiver.store.imported import Look
from archiver.store.seen import Seen
from archiver.store.writes import Stored, store_capture
from spiders.page import Target

_CONTENT = "application/octet-stream"


@dataclass(slots=True, kw_only=True)
class Imported:
    """What came of one file. `broken` names each record that could not be read; `owed` what nobody here can
    read, `refused` what is none of our business, each with its count."""

    file: str
    format: str
    read: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    gone: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    owed: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.broken and not self.owed


class _OnlyLooking(Exception):
    """Undoes a transaction whose outcome was only wanted to be known."""


def take(
    config: Config,
    path: Path,
    *,
    format: str | None = None,
    account: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Import a file. `account` says whose it is, where the file does not. With `dry_run` nothing is stored.

    Raises Usage for a file that cannot be unpacked, ArchiverError for one of no known format.
    """
    opened = Opened(path)
    found = imports.named(format) if format else recognised(opened)
    target = spiders.identify(account) if account else None
    with Database.open(config.database_url) as database, Captures(config.captures_dir) as captures:
        asked = _asked(database, target, account)
        done = Imported(file=opened.name, format=found.name)
        keeper = _Keeper(config, database, captures, dry_run)
        for portion in found.read(opened, asked):
            _count(done, portion, *keeper.keep(portion))
            if on_progress:
                on_progress(opened.read_so_far, opened.size)
    return done


def recognised(opened: Opened) -> Format:
    """The format of a file. Raises ArchiverError, which names what was looked for."""
    found = imports.recognised(opened.head)
    if found is None:
        looked_for = ", ".join(f.says for f in map(imports.named, imports.names()))
        raise ArchiverError(
            f"{opened.name} is nothing that can be imported; looked for {looked_for}, and corrected TMX,"
            " XLIFF 2 or TSV. `--format` says which it is"
        )
    return found


def _asked(database: Database, target: Target | None, words: str | None) -> Asked:
    def ask(
        look_up: Callable[[Connection, str, str], dict[str, Any] | None],
    ) -> Callable[[str, str], Account | None]:
        def answer(platform: str, name: str) -> Account | None:
            with database.read() as connection:
                row = look_up(connection, platform, name)
            if row is None:
                return None
            names = ("platform", "native_id", "handle", "url", "name")
            return Account(**{each: row[each] for each in names})

        return answer

    spelt = (words or "").rstrip("/").rpartition("/")[2].rpartition(":")[2].lstrip("@")
    return Asked(account=target, spelt=spelt, known=ask(imported.known), named=ask(imported.named))


class _Keeper:
    """Puts portions into the archive, one transaction each."""

    def __init__(self, config: Config, database: Database, captures: Captures, dry_run: bool) -> None:
        self._folder, self._database, self._captures = config.captures_dir, database, captures
        self._dry_run, self._unwritten = dry_run, 0
        with database.read() as connection:
            self._there = imported.pieces(connection)

    def keep(self, portion: Portion) -> tuple[Stored, list[str]]:
        """What became of a portion's posts, and what is broken in it."""
        broken = [thing for thing in portion.things if isinstance(thing, Broken)]
        if portion.piece is None:  # nothing of it may be kept
            return Stored(new=0, revised=0, unchanged=0), [_said(thing, "") for thing in broken]
        url, content = portion.piece.url, portion.piece.content
        capture = self._capture(url, content)
        looks = [_look(thing) for thing in portion.things if isinstance(thing, Found)]
        gone = self._gone(url, looks)
        with self._writing() as connection:
            restored, faults = self._restore(connection, portion, capture)
            told = [_said(thing, portion.piece.name) for thing in (*broken, *faults)]
            problems = [Problem(url=url, what=what) for what in told]
            return imported.store(connection, capture, looks, problems, restored=restored, gone=gone), told

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._database.write() as connection:
                yield connection
                if self._dry_run:
                    raise _OnlyLooking
        except _OnlyLooking:
            return

    def _capture(self, url: str, content: bytes) -> Capture:
        """These bytes among the captures: where an earlier import put them, or as the next record."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._there:
            now = datetime.now(UTC)
            if self._dry_run:
                self._unwritten += 1
                made = Capture(
                    url=url,
                    fetched_at=now,
                    status=0,
                    sha256=digest,
                    size=len(content),
                    warc="not written",
                    offset=self._unwritten,
                    length=0,
                )
            else:
                made = self._captures.append_file(url, content, _CONTENT, now)
            self._there[digest] = made
        return self._there[digest]

    def _gone(self, url: str, looks: Sequence[Look]) -> Capture | None:
        """What the file says is there no longer, as a capture of its own: each capture shows a post once."""
        lost = [look for look in looks if look.state]
        if not lost:
            return None
        lines = [
            json.dumps({"platform": look.post.platform, "id": look.post.native_id, "state": look.state})
            for look in lost
        ]
        return self._capture(f"{url}&gone", "\n".join(lines).encode() + b"\n")

    def _restore(
        self, connection: Connection, portion: Portion, capture: Capture
    ) -> tuple[Stored, list[Broken]]:
        counts: Counter[str] = Counter()
        faults = []
        wholes = [thing for thing in portion.things if isinstance(thing, Whole)]
        capture_id = store_capture(connection, capture) if wholes else 0
        seen = Seen(capture_id=capture_id, at=capture.fetched_at)
        for whole in wholes:
            try:
                with connection.begin_nested():
                    counts[restoring.restore(connection, whole.record, seen, self._is_here)] += 1
            except (LookupError, TypeError, ValueError, AttributeError, DamagedArchive, DBAPIError) as error:
                what = f"it is not what an archive exports: {type(error).__name__}: {error}"
                faults.append(Broken(place=whole.place, what=what))
        return Stored(new=counts["new"], revised=counts["revised"], unchanged=counts["unchanged"]), faults

    def _is_here(self, warc: str) -> bool:
        return (self._folder / Path(warc).name).is_file()


def _look(thing: Found) -> Look:
    return Look(post=thing.post, at=thing.at, state=thing.state, also=thing.also, retold=thing.retold)


def _said(thing: Broken, name: str) -> str:
    member = name.partition("!/")[2]
    return f"{member}, {thing.place}: {thing.what}" if member else f"{thing.place}: {thing.what}"


def _count(done: Imported, portion: Portion, stored: Stored, broken: Sequence[str]) -> None:
    done.read += stored.new + stored.revised + stored.unchanged
    done.new += stored.new
    done.revised += stored.revised
    done.unchanged += stored.unchanged
    done.broken += broken
    for thing in portion.things:
        match thing:
            case Found():
                done.gone += thing.state is not None
            case Refused(owed=True):
                done.owed[thing.why] += 1
            case Refused():
                done.refused[thing.why] += 1
            case Note():
                done.notes.append(thing.text)
