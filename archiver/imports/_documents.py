"""One large JSON document, item by item, in flat memory.

A streaming parser would do, but for two things: it gives up at the first fault, so that one broken message
would cost all that follow, and it does not say which bytes an item was, which is what we keep as evidence.
So the text is only cut here (by its brackets and strings, which a pattern finds at C's speed), and every item
is then read by the `json` module on its own.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from archiver.imports._parts import Record, parsed

LARGEST = 2**24  # bytes of an item
_BLOCK = 2**18
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\[^\n])*"|[{}\[\],:"]|[^\s{}\[\],:"]+')
_BRACKETS = re.compile(rb'"(?:[^"\\\n]|\\[^\n])*"|[{}\[\]"]')

Path = tuple[str | None, ...]  # keys; None: an element of a list
Facts = dict[Path, Any]  # the plain values on the way


class Document:
    """The items of the lists that `is_list(path)` names; everything else is passed over.

    `facts` holds the plain values (texts, numbers) that stand before the item at hand, by their path; those
    of an earlier element of a list give way to the next one's.
    """

    def __init__(self, file: BinaryIO, is_list: Callable[[Path], bool], *, skip: bytes = b"") -> None:
        self.facts: Facts = {}
        self._file, self._is_list, self._skip = file, is_list, skip
        self._buffer, self._at, self._kept = (
            b"",
            0,
            0,
        )  # what is read; the place in it; where the record begins
        self._stack: list[tuple[bytes, Path]] = []
        self._key: str | None = None
        self._number = 0
        self._line = 1
        self._ended = False

    def records(self) -> Iterator[Record]:
        """An item each, with what stands before it; then the rest of the document."""
        self._begin()
        while (token := self._token(_TOKEN)) is not None:
            if token in b"{[":
                path = (*self._stack[-1][1], self._step()) if self._stack else ()
                if self._stack and self._stack[-1][0] == b"[" and self._is_list(self._stack[-1][1]):
                    yield from self._item(token)
                    continue
                if path and path[-1] is None and self._at - 1 > self._kept:
                    self._at -= 1
                    yield self._record()  # what is told of one element of a list stands in its own records
                    self._at += 1
                self._stack.append((token, path))
                self._key = None
                self._forget(path)
            elif token in b"}]":
                # One that closes nothing is left over from a broken item.
                if self._stack and self._stack[-1][0] + token in (b"{}", b"[]"):
                    self._stack.pop()
                self._key = None
            elif token == b",":
                self._key = None
            elif token not in (b":", b'"'):
                self._plain(token)
            if self._at - self._kept > LARGEST:
                yield self._record()
        if self._stack or not self._number:
            why = "the file breaks off" if self._stack else "there is nothing in it that is looked for"
            yield self._record(place=f"line {self._lines()}", fault=f"{why} after {self._number} items")
        elif self._at > self._kept:
            yield self._record()

    @property
    def path(self) -> Path:
        """Of the list whose item is at hand."""
        return self._stack[-1][1] if self._stack else ()

    # -- the document's frame ---------------------------------------------------------------------------

    def _begin(self) -> None:
        self._more()
        if self._skip and self._skip in self._buffer:
            self._at = self._buffer.index(self._skip) + len(self._skip)

    def _step(self) -> str | None:
        return self._key if self._stack[-1][0] == b"{" else None

    def _plain(self, token: bytes) -> None:
        """A key, or a plain value under one."""
        value, fault = parsed(token)
        if fault or not self._stack:
            return
        kind, path = self._stack[-1]
        if kind == b"{" and self._key is None and isinstance(value, str):
            self._key = value
        elif kind == b"{" and self._key is not None:
            self.facts[(*path, self._key)] = value

    def _forget(self, path: Path) -> None:
        """Another element of a list begins: what was told of the one before it does not hold for it."""
        if path and path[-1] is None:
            self.facts = {at: fact for at, fact in self.facts.items() if at[: len(path)] != path}

    # -- items ------------------------------------------------------------------------------------------

    def _item(self, opening: bytes) -> Iterator[Record]:
        """The item whose first bracket was just read."""
        begin = self._at - 1 - self._kept  # places from here on count from the record's begin: it may move
        indent = self._indent(begin)
        depth, fault = 1, None
        while depth:
            token = self._token(_BRACKETS)
            if token is None:
                fault = "the file breaks off in it"
                break
            depth += (token in b"{[") - (token in b"}]")
            if self._at - self._kept - begin > LARGEST:
                fault = f"it does not end within {LARGEST} bytes"
                break
        self._number += 1
        raw = self._buffer[self._kept + begin : self._at]
        value = None
        if fault is None:
            value, fault = parsed(raw)
        if fault is None and not self._goes_on():
            value, fault = None, "no comma follows it"
        if fault is not None and indent:
            self._find(indent, begin + 1)
        line = self._lines(begin)
        yield self._record(place=f"item {self._number}, line {line}", value=value, fault=fault)

    def _indent(self, begin: int) -> bytes:
        """The line break and space before an item; empty where it does not begin its line."""
        before = self._buffer[self._kept : self._kept + begin]
        space = before[before.rfind(b"\n") :] if b"\n" in before else b""
        return space + b"{" if space and not space.strip() else b""

    def _goes_on(self) -> bool:
        """Whether what follows an item is what may follow one."""
        here = self._at - self._kept
        token = self._token(_TOKEN)
        self._at = self._kept + here
        return token in (b",", b"]", None)

    def _find(self, indent: bytes, start: int) -> None:
        """Go on at the next item: where a bracket or a quotation mark is missing or too many, it is told by
        being indented like the broken one."""
        while True:
            found = self._buffer.find(indent, self._kept + start)
            if found >= 0:
                self._at = found + 1
                return
            if self._ended or len(self._buffer) - self._kept > LARGEST:
                return
            self._more()

    # -- bytes ------------------------------------------------------------------------------------------

    def _token(self, pattern: re.Pattern[bytes]) -> bytes | None:
        """The next token; None at the end. A quotation mark that its line does not close is passed over
        together with the rest of the line."""
        while True:
            found = pattern.search(self._buffer, self._at)
            whole = found is not None and (found.end() < len(self._buffer) or self._ended)
            if found is not None and whole and found[0] == b'"':
                newline = self._buffer.find(b"\n", found.end())
                if newline < 0 and not self._ended and len(self._buffer) - found.start() < LARGEST:
                    whole = False
                else:
                    self._at = newline + 1 if newline >= 0 else len(self._buffer)
                    continue
            if found is not None and whole:
                self._at = found.end()
                return found[0]
            if self._ended:
                self._at = len(self._buffer)
                return None
            if found is None:  # nothing but space (within items: nothing but words)
                self._at = len(self._buffer)
                if self._at - self._kept > LARGEST:
                    return b" "
            self._more()

    def _more(self) -> None:
        block = self._file.read(_BLOCK)
        self._ended = not block
        self._buffer += block

    def _lines(self, begin: int = 0) -> int:
        return self._line + self._buffer.count(b"\n", self._kept, self._kept + begin)

    def _record(self, *, place: str = "", value: Any = None, fault: str | None = None) -> Record:
        """Everything from the last record on to here."""
        raw = self._buffer[self._kept : self._at]
        self._line += raw.count(b"\n")
        if self._at > _BLOCK:
            self._buffer, self._at = self._buffer[self._at :], 0
        self._kept = self._at
        return Record(raw=raw, place=place, value=value, fault=fault)
