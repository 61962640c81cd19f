"""Where a corpus goes: standard output, one file, or a folder. It is there when complete, or not at all."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from archiver.errors import Usage

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of a corpus."""

    name: str
    size: int
    sha256: str


class Place(ABC):
    """Files are opened by name, and all of them closed before `written` is asked."""

    beside = True  # whether a data card can lie beside the corpus
    several = True  # whether it takes more than one file

    def __init__(self) -> None:
        self._files: dict[str, _Digested] = {}

    def open(self, name: str) -> IO[bytes]:
        if name in self._files:
            raise AssertionError(f"{name} is opened twice")
        self._files[name] = file = _Digested(self._open(name))
        return file  # type: ignore[return-value]  # writing is all that formats do

    @abstractmethod
    def write(self, name: str, text: str) -> None:
        """A small file that stands beside the corpus; only asked for where `beside` says that one can."""

    def close(self) -> None:
        """Close all files, even where the last bytes of one find no room."""
        with contextlib.ExitStack() as closing:
            for file in self._files.values():
                closing.callback(file.close)

    def written(self) -> list[Written]:
        """The corpus's files, by name."""
        return [
            Written(name=name, size=file.size, sha256=file.digest.hexdigest())
            for name, file in sorted(self._files.items())
        ]

    @abstractmethod
    def _open(self, name: str) -> IO[bytes]:
        """A file of the corpus, to be written from its beginning."""


class Stream(Place):
    """Standard output, a pipe or a device: one file, nothing beside it, and nothing to take back."""

    beside = several = False

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def write(self, name: str, text: str) -> None:
        raise AssertionError(f"{name} cannot stand beside a stream")

    def _open(self, name: str) -> IO[bytes]:
        _only_one(self._files, name)
        return self._file

    def close(self) -> None:
        self._file.flush()  # it is not ours to close


class OneFile(Place):
    """A file, and its card beside it under names that begin with its own."""

    several = False

    def __init__(self, path: Path, part: Path) -> None:
        super().__init__()
        self.path, self.part = path, part

    def _open(self, name: str) -> IO[bytes]:
        _only_one(self._files, name)
        return self.part.joinpath(self.path.name).open("wb")

    def write(self, name: str, text: str) -> None:
        self.part.joinpath(f"{self.path.name}.{name}").write_text(text, encoding="utf-8")

    def written(self) -> list[Written]:
        return [
            Written(name=self.path.name, size=file.size, sha256=file.sha256) for file in super().written()
        ]

    def appear(self) -> None:
        """The card first, the file last: where the file is new, so is its card."""
        for made in sorted(self.part.iterdir(), key=lambda path: path.name == self.path.name):
            _sync(made)
            made.replace(self.path.parent / made.name)


class Folder(Place):
    """A folder that holds the corpus and its card."""

    def __init__(self, path: Path, part: Path) -> None:
        super().__init__()
        self.path, self.part = path, part

    def _open(self, name: str) -> IO[bytes]:
        path = self.part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")

    def write(self, name: str, text: str) -> None:
        self.part.joinpath(name).write_text(text, encoding="utf-8")

    def appear(self) -> None:
        for path in self.part.rglob("*"):
            if path.is_file():
                _sync(path)
        self.part.chmod(0o777 & ~_umask())
        if self.path.is_dir():
            older = Path(tempfile.mkdtemp(dir=self.path.parent, prefix=f".{self.path.name}.", suffix=".old"))
            self.path.replace(older)
            try:
                self.part.replace(self.path)
            except OSError:
                older.replace(self.path)
                raise
            shutil.rmtree(older)
        else:
            self.part.replace(self.path)


@contextmanager
def place(to: Path | IO[bytes], *, folder: bool) -> Iterator[Place]:
    """The place that `to` names; `folder` says that it has to be one. A failure leaves what was there.

    Raises Usage for a path where the corpus cannot go.
    """
    if not isinstance(to, Path):
        yield _single(to, folder)
    elif to.exists() and not to.is_file() and not to.is_dir():  # a pipe or a device
        with to.open("wb") as file:
            yield _single(file, folder)
    else:
        yield from _appearing(to, folder=folder or to.is_dir())


def _single(file: IO[bytes], folder: bool) -> Place:
    if folder:
        raise Usage("this makes several files: name a folder with -o")
    return Stream(file)


def _appearing(path: Path, *, folder: bool) -> Iterator[Place]:
    path = path.absolute()
    if not path.parent.is_dir():
        raise Usage(f"there is no folder {path.parent}")
    if folder:
        _check_replaceable(path)
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    made = Folder(path, part) if folder else OneFile(path, part)
    try:
        yield made
        made.close()
        made.appear()
        _sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):  # what failed is already on its way; a full disk may refuse twice
            made.close()
        shutil.rmtree(part, ignore_errors=True)


def _check_replaceable(path: Path) -> None:
    """A folder is only ever replaced by a newer export."""
    if path.is_file():
        raise Usage(f"{path} is a file: this makes a folder")
    if path.is_dir() and any(path.iterdir()) and not is_export(path):
        raise Usage(f"{path} holds something else: name a new folder")


def is_export(folder: Path) -> bool:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("software") == "bilingual-archiver"


def _only_one(files: dict[str, Any], name: str) -> None:
    if files:
        [first] = files
        raise Usage(f"{first} and {name} cannot be one file: name a folder with -o (such as corpus/)")


class _Digested:
    """A file to write to, and the digest of what was written. It cannot be sought in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, content: Any) -> int:
        self._file.write(content)
        self.digest.update(content)
        self.size += len(content)
        return len(content)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError(errno.ESPIPE, "files of a corpus are written from front to back")

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._file.close()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
