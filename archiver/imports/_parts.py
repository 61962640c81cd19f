"""What importing consists of: a file opened with care, pieces of its bytes, and what was found in each.

A piece is what is kept as evidence: consecutive bytes of the file that end where a record ends, so that every
post leads to one piece which holds the whole of its record. The pieces of a file, put together, are the file.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from archiver.errors import PageError
from archiver.posts import Account, Post
from spiders.page import Target
from spiders.platform import SURPRISES

PIECE = 2**20  # bytes after which a piece ends with the record at hand
RECORDS = 500  # records after which it ends in any case: a piece is a transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Some bytes of a file and the value in them. `place` is how messages name it: "line 17".

    `fault` says why there is no value; neither value nor fault: nothing is to be read here (a header, space).
    What is `private` is not kept.
    """

    raw: bytes
    place: str = ""
    value: Any = None
    fault: str | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Consecutive bytes of a file (`archive.zip!/member` within an archive), from byte `start`."""

    name: str
    start: int
    content: bytes

    @property
    def url(self) -> str:
        """Its address among the captures."""
        return f"import:{quote(self.name, safe='/!')}#bytes={self.start}-{self.start + len(self.content) - 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A post. `at`: when the file says that it was seen; None: it does not say.

    `state` is what the file says has become of it ("deleted"); None: it was there. `also` are addresses at
    which a crawl may have found it under another id. `retold`: in another program's words, which are no
    evidence of an edit.
    """

    post: Post
    at: datetime | None = None
    state: str | None = None
    also: tuple[str, ...] = ()
    retold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A post as an archive of ours exported it, with its history, detections and translations."""

    record: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A record that should have been a post and cannot be read."""

    place: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A record that is left out. `owed`: nobody here can read it. `private`: it was not public, so that its
    bytes are not kept either."""

    why: str
    owed: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the person who imports should know of the file."""

    text: str


Thing = Found | Whole | Broken | Refused | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A piece with what was found in it, in the file's order. Without a piece: nothing of it may be kept."""

    piece: Piece | None
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a file shows at first sight. `members` are the names in it where it is a zip or tar file;
    `rows` the objects on its first lines where these are JSON."""

    start: bytes = field(repr=False)
    members: frozenset[str] = frozenset()
    rows: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def row(self) -> Mapping[str, Any]:
        """The first object, or an empty one."""
        return self.rows[0] if self.rows else {}

    def has(self, ending: str) -> bool:
        """Whether a member's path is `ending` or ends in it after a slash."""
        return any(name == ending or name.endswith(f"/{ending}") for name in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader may know beyond the file: whose it is, in the user's words, and who is stored already."""

    account: Target | None = None
    spelt: str = ""  # its handle as the user wrote it
    known: Callable[[str, str], Account | None] = lambda platform, native_id: None
    named: Callable[[str, str], Account | None] = lambda platform, handle: None


def portions(
    name: str, records: Iterable[Record], read: Callable[[Any, Record], Iterable[Thing]]
) -> Iterator[Portion]:
    """Records cut into pieces, and what `read(value, record)` finds in each. A record that it stumbles over
    is broken and costs only itself."""
    cut = _Cutter(name)
    for record in records:
        things = _things(record, read)
        if record.private or any(isinstance(thing, Refused) and thing.private for thing in things):
            yield from cut.end()
            cut.leave_out(record.raw, things)
        else:
            cut.take(record.raw, things)
        if cut.size >= PIECE or cut.count >= RECORDS:
            yield from cut.end()
    yield from cut.end()


class _Cutter:
    """The piece that is growing."""

    def __init__(self, name: str) -> None:
        self.name, self.start, self.size, self.count = name, 0, 0, 0
        self._raw: list[bytes] = []
        self._things: list[Thing] = []

    def take(self, raw: bytes, things: Sequence[Thing]) -> None:
        self._raw.append(raw)
        self._things += things
        self.size, self.count = self.size + len(raw), self.count + 1 if things else self.count

    def leave_out(self, raw: bytes, things: Iterable[Thing]) -> None:
        self._things += things
        self.start, self.count = self.start + len(raw), self.count + 1

    def end(self) -> Iterator[Portion]:
        content = b"".join(self._raw)
        if content or self._things:
            piece = Piece(name=self.name, start=self.start, content=content) if content else None
            yield Portion(piece=piece, things=tuple(self._things))
        self.start, self.size, self.count = self.start + self.size, 0, 0
        self._raw, self._things = [], []


def _things(record: Record, read: Callable[[Any, Record], Iterable[Thing]]) -> list[Thing]:
    if record.fault is not None:
        return [Broken(place=record.place, what=record.fault)]
    if record.value is None:
        return []
    try:
        return list(read(record.value, record))
    except PageError as error:
        return [Broken(place=record.place, what=error.what)]
    except SURPRISES as error:
        return [Broken(place=record.place, what=f"not as documented: {type(error).__name__}: {error}")]


def parsed(raw: bytes) -> tuple[Any, str | None]:
    """The JSON value in `raw`, or None and why there is none."""
    try:
        return json.loads(raw), None
    except UnicodeDecodeError:
        return None, "it is not UTF-8"
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        return None, f"it is no JSON: {what} at character {error.pos + 1}"
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, brackets by the thousand
        return None, f"it is no JSON that can be read: {error}"
