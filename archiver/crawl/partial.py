"""A body on its way to disk: never more of it in memory than came at once, and what came stays for next time.

The partial file is named after its address; beside it lies what the server called that version of it (ETag,
Last-Modified), so that a later try asks for the rest of the same bytes, or begins again.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from archiver.addresses import without_secrets

_KEPT = frozenset({200, 206})  # answers whose body is the file
CHUNK = 2**20
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Budget:
    """Bytes that may still come in this run."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, size: int) -> bool:
        if size > self.left:
            return False
        self.left -= size
        return True


class Partial:
    """The file of one address while it is being downloaded into `folder`: at most `most` bytes of it, and no
    more than the run's budget has.

    `begin` is told of each answer, `write` gets its body. What went wrong stands in `error` (the disk) or
    `refused` (the answer), and the connection can then be closed.
    """

    def __init__(self, folder: Path, url: str, kind: str, most: int, budget: Budget) -> None:
        # One address can be posted as a picture and as a document, and is then judged twice.
        name = hashlib.sha256(f"{kind} {url}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self.path = folder / f"{name}.part"
        self._note = folder / f"{name}.json"
        self._url = without_secrets(url)
        self._file: IO[bytes] | None = None
        self.most = most
        self.size = 0
        self.total: int | None = None  # bytes of the whole, where the server says
        self.status: int | None = None
        self.error: OSError | None = None
        self.refused: str | None = None
        self.too_large = False
        self.spent = False  # the budget is
        self._budget = budget

    @property
    def takes(self) -> bool:
        """Whether the body that is coming is the file (and no error page or redirect)."""
        return self._file is not None

    def asks(self) -> Mapping[str, str]:
        """The request's headers: for the rest of what is there, as long as it is still the same file."""
        self.status, self.refused, self.error, self.too_large = None, None, None, False
        note = self._noted()
        same = note.get("etag") or note.get("last_modified")
        self.size = self.path.stat().st_size if self.path.exists() else 0
        if not self.size or not same or same.startswith("W/"):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": same}

    def begin(self, status: int, headers: Mapping[str, str], length: int | None) -> None:
        """An answer's head came, its `headers` in lower case. Nothing is raised."""
        self.close()
        self.status, self.total = status, None
        if status not in _KEPT:
            return
        if coding := headers.get("content-encoding", "").strip().lower().replace("identity", ""):
            self.refused = f"sent as {coding}, though it was asked for as it is"
            return
        start = 0
        if status == 206:
            told = _RANGE.match(headers.get("content-range", ""))
            if told is None or int(told[1]) != self.size:
                self.refused = "sent another part than was asked for"
                self.forget()
                return
            start = self.size
        self.total = None if length is None else start + length
        if self.total is not None and self.total > self.most:
            self.too_large = True
            return
        if self.total is not None and self.total - start > self._budget.left:
            self.spent = True
            return
        try:
            self._note.parent.mkdir(parents=True, exist_ok=True)
            note = {
                "url": self._url,
                "etag": headers.get("etag"),
                "last_modified": headers.get("last-modified"),
            }
            if not start:
                self._note.write_text(json.dumps(note), encoding="utf-8")
            self._file = self.path.open("r+b" if start else "wb")
            self._file.seek(start)
            self._file.truncate()
            self.size = start
        except OSError as error:
            self.error = error

    def write(self, data: bytes) -> int:
        """Take what came. Raises nothing: see `error` and `too_large`."""
        if self._file is None or self.unwanted:
            return len(data)
        if self.size + len(data) > self.most:
            self.too_large = True
            return len(data)
        if not self._budget.take(len(data)):
            self.spent = True
            return len(data)
        try:
            self._file.write(data)
            self.size += len(data)
        except OSError as error:
            self.error = error
        return len(data)

    @property
    def unwanted(self) -> bool:
        """Whether the rest of the body need not come."""
        return bool(self.error or self.too_large or self.refused or self.spent)

    def close(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:  # what was still in the buffer
                self.error = self.error or error
            self._file = None

    def forget(self) -> None:
        """Begin from nothing next time."""
        self.close()
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.size = 0

    def _noted(self) -> dict[str, str]:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        mine = isinstance(note, dict) and note.get("url") == self._url
        return {name: value for name, value in note.items() if isinstance(value, str)} if mine else {}
