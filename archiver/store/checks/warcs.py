"""WARC files against the captures that point into them, byte by byte.

Every capture knows the digest of its records as they were written, and the digest of its file up to their
end; so a changed byte shows wherever it is, in a gzip header as well as in a body. Captures from before
these digests are held to their body's SHA-256 and to what the records say of themselves.

A crawl that was killed leaves half a record at the end of its file, which no capture points at: that is no
damage. Other bytes behind the last record are.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select

from archiver.store import tables
from archiver.store.captures import ELSEWHERE
from archiver.store.checks import Finding, Tally
from archiver.store.database import Database
from archiver.store.gzipped import Broken, Member, Torn, members
from archiver.store.types import original

_PAGE = 500
_BLOCK = 2**20
_capture, _revision, _post = tables.capture.c, tables.revision.c, tables.post.c


def check(database: Database, folder: Path, tally: Tally, *, quick: bool = False) -> Iterator[Finding]:
    """Every file that captures point into, then those that none points into. `quick` reads no file: it asks
    only whether they are there and long enough."""
    with database.read() as connection:
        every = list(connection.scalars(select(_capture.warc).distinct().order_by(_capture.warc)))
    named = [warc for warc in every if not warc.startswith(ELSEWHERE)]
    if len(every) > len(named):
        files = len(every) - len(named)
        tally.notes.append(f"{files} WARC files are in the archives that posts were imported from")
    for warc in named:
        path = folder / Path(warc).name
        if not path.is_file():
            yield _missing(database, warc, path)
        elif quick:
            yield from _lengths(database, warc, path, tally)
        else:
            yield from _File(database, warc, path, tally).check()
    known = {Path(warc).name for warc in named}
    for path in sorted(folder.glob("*.warc.gz")) if not quick else ():
        if path.name not in known:
            yield from _File(database, f"{folder.name}/{path.name}", path, tally).check()


def _missing(database: Database, warc: str, path: Path) -> Finding:
    with database.read() as connection:
        here = select(func.count()).select_from(tables.capture).where(_capture.warc == warc)
        count = connection.scalar(here)
        first = connection.scalar(
            select(_capture.id).where(_capture.warc == warc).order_by(_capture.offset).limit(1)
        )
    return Finding(
        where=str(path),
        what=f"the file is missing; it held {count} captures, the first {_about(database, int(first or 0))}",
    )


def _lengths(database: Database, warc: str, path: Path, tally: Tally) -> Iterator[Finding]:
    size = path.stat().st_size
    end = _capture.offset + func.coalesce(_capture.record_length, _capture.length)
    with database.read() as connection:
        cut = connection.execute(
            select(_capture.id, _capture.offset)
            .where(_capture.warc == warc, end > size)
            .order_by(_capture.offset)
        ).all()
    tally.count()
    for row in cut:
        yield Finding(
            where=f"{path} at {row.offset}",
            what=f"the file ends at {size}, before the end of {_about(database, row.id)}",
        )


class _File:
    """One file, from its first byte to its last."""

    def __init__(self, database: Database, warc: str, path: Path, tally: Tally) -> None:
        self.database, self.warc, self.path, self.tally = database, warc, path, tally
        with database.read() as connection:  # before the file is measured: a crawl may be writing
            self.newest = connection.scalar(select(func.max(_capture.id))) or 0
        self.size = path.stat().st_size
        self.read = 0  # as far as `self.digest` goes
        self.digest = hashlib.sha256()
        self.sound = True  # as far as was read
        self.head: bytes | None = None  # the gzip header of the file's first record; all are alike

    def check(self) -> Iterator[Finding]:
        try:
            with self.path.open("rb") as file:
                for capture in self._captures():
                    for finding in self._capture(file, capture):
                        self.sound = False
                        yield finding
                    self.tally.count()
                yield from self._between(file, self.size, last=True)
        except OSError as error:
            yield Finding(where=str(self.path), what=f"cannot be read: {error.strerror}")

    def _captures(self) -> Iterator[Any]:
        """In the order of their places. Those that were stored after we began are left to the next time."""
        after = -1
        while True:
            with self.database.read() as connection:
                some = connection.execute(
                    select(tables.capture)
                    .where(_capture.warc == self.warc, _capture.offset > after, _capture.id <= self.newest)
                    .order_by(_capture.offset)
                    .limit(_PAGE)
                ).all()
            yield from some
            if not some:
                return
            after = some[-1].offset

    def _capture(self, file: IO[bytes], row: Any) -> Iterator[Finding]:
        about = f"{self.path} at {row.offset}"
        if row.offset < self.read:
            yield Finding(where=about, what=f"overlaps another capture: {_about(self.database, row.id)}")
            return
        length = row.length if row.record_length is None else row.record_length
        end = row.offset + length
        if end > self.size:
            what = f"the file ends at {self.size}, before the end of {_about(self.database, row.id)}"
            yield Finding(where=about, what=what)
            self.read = self.size
            return
        between = list(self._between(file, row.offset))
        yield from between
        file.seek(row.offset)
        packed = file.read(length)
        self._saw(packed)
        as_written = row.record_sha256 is None or hashlib.sha256(packed).hexdigest() == row.record_sha256
        wrong = self._content(packed, row)
        if wrong is None and not as_written:
            wrong = "its bytes are not those that were written, though they unpack to the same"
        if wrong is not None:
            yield Finding(where=about, what=f"{wrong}: {_about(self.database, row.id)}")
        elif self.sound and not between and row.file_sha256 not in (None, self.digest.hexdigest()):
            what = "a byte before it, outside of any stored capture, is not what was written"
            yield Finding(where=about, what=f"{what}; before {_about(self.database, row.id)}")

    def _content(self, packed: bytes, row: Any) -> str | None:
        """What is wrong with a capture's records as they read."""
        try:
            found = list(members(packed))
        except (Broken, Torn) as error:
            return f"the record cannot be unpacked ({error})"
        if not found:
            return "here is no record"
        for member in found:
            if wrong := self._record(member):
                return wrong
        body = found[0].payload
        if hashlib.sha256(body).hexdigest() != row.sha256 or len(body) != row.size:
            return "the body is not the one that was captured"
        return None

    def _record(self, member: Member) -> str | None:
        self.head = self.head or member.head
        if member.head != self.head:
            return "the record's gzip header is not like that of the file's first record"
        return member.wrong()

    def _between(self, file: IO[bytes], end: int, *, last: bool = False) -> Iterator[Finding]:
        """Records that no capture points at: the file's first, robots.txt, redirects, failed tries."""
        start = self.read
        if start >= end:
            return
        file.seek(start)
        try:
            for member in members(_blocks(file, end - start)):
                if wrong := self._record(member):
                    self.sound = False
                    yield Finding(where=f"{self.path} at {start + member.offset}", what=f"{wrong}; {_NOBODY}")
        except Torn as error:
            if last:
                left = end - start - error.offset
                note = f"{self.path} ends in {left} bytes of a record that was never finished"
                self.tally.notes.append(f"{note}: a crawl was killed there, and nothing points at it")
            else:
                self.sound = False
                yield Finding(where=f"{self.path} at {start + error.offset}", what=f"a cut record; {_NOBODY}")
        except Broken as error:
            self.sound = False
            yield Finding(where=f"{self.path} at {start + error.offset}", what=f"{error}; {_NOBODY}")
        file.seek(start)
        for block in _blocks(file, end - start):
            self._saw(block)

    def _saw(self, content: bytes) -> None:
        self.digest.update(content)
        self.read += len(content)


_NOBODY = "no stored capture points at it"


def _blocks(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (block := file.read(min(_BLOCK, length))):
        length -= len(block)
        yield block


def _about(database: Database, capture_id: int) -> str:
    """A capture in words: its address, and a post that leads to it."""
    with database.read() as connection:
        url = connection.scalar(select(_capture.url).where(_capture.id == capture_id))
        shown = connection.execute(
            select(_post.platform, _post.native_id)
            .join(tables.revision, _revision.post_id == _post.id)
            .where(_revision.capture_id == capture_id)
            .order_by(_revision.id)
        ).all()
    names = [original(f"{row.platform}:{row.native_id}") for row in shown]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"the capture of {original(url or '')}" + (f", which shows {names[0]}{more}" if names else "")


__all__ = ["check"]
