"""Files as users hand them over, hostile until proven otherwise: plain, gzipped, zip or tar.

Nothing is ever unpacked to disk: members are read by name, as streams, within bounds.
"""

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from archiver.errors import Usage
from archiver.imports._parts import Head

START = 2**18  # bytes by which a file is recognised
MEMBERS = 500_000  # in an archive: pictures are members, too
_LARGEST = 2**36  # bytes that come out of anything packed
_RATIO = 400  # bytes out for a byte in: text of ours packs 20 to 1, made-up bombs 1000 to 1
_FREE = 2**24  # bytes before the ratio counts
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


class Opened:
    """A file of somebody's, whatever it is packed in. `read_so_far` counts bytes of the file itself."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.size = path.stat().st_size
        self.read_so_far = 0
        self.kind = self._kind()
        self.head = self._head()

    @contextmanager
    def text(self) -> Iterator[BinaryIO]:
        """The content of a plain or gzipped file."""
        with self.path.open("rb") as file:
            counted = _Counted(file, self)
            if self.kind == "gzip":
                yield _bounded(gzip.GzipFile(fileobj=counted), self.size, self.name)
            else:
                yield io.BufferedReader(counted, 2**18)

    def names(self, ending: str) -> list[str]:
        """The members whose path is `ending` or ends in it after a slash, in the archive's order."""
        return sorted(n for n in self.head.members if n == ending or n.endswith(f"/{ending}"))

    @contextmanager
    def member(self, name: str) -> Iterator[BinaryIO]:
        """A member's content. Raises Usage for one that is encrypted, is no plain file or is a bomb."""
        if self.kind == "zip":
            with zipfile.ZipFile(self.path) as archive, self._zipped(archive, name) as file:
                packed = archive.getinfo(name).compress_size
                yield _bounded(file, packed, f"{self.name}: {name}")
        else:
            with tarfile.open(self.path, "r|*") as tar:
                for info in tar:
                    if info.name == name and info.isreg() and (found := tar.extractfile(info)):
                        yield _bounded(cast(BinaryIO, found), self.size, f"{self.name}: {name}")
                        return
            raise Usage(f"{self.name}: {name} is no plain file")

    def content(self, name: str, most: int = 2**24) -> bytes:
        """A small member's content. Raises Usage where it is not small."""
        with self.member(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise Usage(f"{self.name}: {name} is larger than {most} bytes, which no such file is")
        return content

    # -- what it is ---------------------------------------------------------------------------------------

    def _kind(self) -> str:
        with self.path.open("rb") as file:
            magic = file.read(4)
        if magic == _ZIP:
            return "zip"
        if magic[:2] != _GZIP:
            return "tar" if self.size > 512 and tarfile.is_tarfile(self.path) else "plain"
        try:
            with gzip.open(self.path) as unpacked:
                block = unpacked.read(512)
            return "tar" if block[257:262] == b"ustar" else "gzip"
        except (OSError, EOFError, zlib.error):
            raise Usage(f"{self.name} is a gzip file that cannot be read: it is damaged") from None

    def _head(self) -> Head:
        try:
            if self.kind == "zip":
                with zipfile.ZipFile(self.path) as archive:
                    names = [info.filename for info in archive.infolist() if not info.is_dir()]
                return Head(start=b"", members=_safe(names, self.name))
            if self.kind == "tar":
                with tarfile.open(self.path, "r|*") as tar:
                    names = [info.name for info in tar if info.isreg()]
                return Head(start=b"", members=_safe(names, self.name))
            with self.text() as file:
                start = file.read(START)
                # A line of a page of posts may be longer than that.
                line = start if b"\n" in start or len(start) < START else start + file.readline(2**26)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, NotImplementedError) as error:
            raise Usage(f"{self.name} is an archive that cannot be read: {error}") from None
        finally:
            self.read_so_far = 0
        return Head(start=start, rows=_rows(line))

    def _zipped(self, archive: zipfile.ZipFile, name: str) -> BinaryIO:
        info = archive.getinfo(name)
        if info.flag_bits & 0x1:
            raise Usage(f"{self.name}: {name} is encrypted: unpack it with its password and import that")
        try:
            return cast(BinaryIO, archive.open(info))
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise Usage(f"{self.name}: {name} cannot be read: {error}") from None


def _safe(names: list[str], archive: str) -> frozenset[str]:
    """The names that stay inside the archive. Nothing is unpacked, so the others can do no harm, but are not
    what an export holds."""
    if len(names) > MEMBERS:
        raise Usage(f"{archive} has {len(names)} members; no export has more than {MEMBERS}")
    outside = [n for n in names if n.startswith(("/", "\\")) or ".." in n.replace("\\", "/").split("/")]
    return frozenset(names) - frozenset(outside)


def _rows(start: bytes) -> tuple[dict[str, object], ...]:
    """The objects on the first lines; the last line only if the file ends with it."""
    found = []
    for line in start.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:40]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return tuple(found)


class _Counted(io.RawIOBase):
    """A file that tells how far it has been read."""

    def __init__(self, file: BinaryIO, opened: Opened) -> None:
        self._file, self._opened = file, opened

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        self._opened.read_so_far += len(content)
        return len(content)

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._opened.read_so_far += len(content)
        return content


class _Bounded(io.RawIOBase):
    """What comes out of something packed, until it is more than can be meant."""

    def __init__(self, file: BinaryIO, packed: int, name: str) -> None:
        self._file, self._name, self._size = file, name, 0
        self._most = min(_LARGEST, max(_FREE, packed * _RATIO))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            content = self._file.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise Usage(f"{self._name} is damaged: {error}") from None
        self._size += len(content)
        if self._size > self._most:
            raise Usage(f"{self._name} unpacks to more than {self._most} bytes: it is not read")
        buffer[: len(content)] = content
        return len(content)


def _bounded(file: object, packed: int, name: str) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Bounded(cast(BinaryIO, file), packed, name), 2**18))
