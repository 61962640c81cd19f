"""Files with one record a line, and files of comma-separated values."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

from archiver.imports._parts import Record, parsed

LONGEST = 2**26  # bytes of a line: a page of 500 posts with all that comes along has a tenth of that
_BOM = b"\xef\xbb\xbf"
_ROW = 2**22  # bytes of a row of a table
_ROW_LINES = 5000


def json_lines(file: BinaryIO) -> Iterator[Record]:
    """A record a line. Empty lines are nothing; one that is no object is broken."""
    for number, raw, whole in _lines(file):
        place = f"line {number}"
        bare = raw.removeprefix(_BOM).strip() if number == 1 else raw.strip()
        if not whole:
            yield Record(raw=raw, place=place, fault=f"it is longer than {LONGEST} bytes")
        elif not bare:
            yield Record(raw=raw)
        else:
            value, fault = parsed(bare)
            if fault is None and not isinstance(value, dict):
                value, fault = None, f"expected an object, got {type(value).__name__}"
            yield Record(raw=raw, place=place, value=value, fault=fault)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes and whether these are the whole line. Of a line without an end, in parts, only the first
    counts as one."""
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if len(line) < LONGEST or line.endswith(b"\n"):
            yield number, line, True
            continue
        yield number, line, False
        while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
            yield number, rest, False
        if rest:
            yield number, rest, False


def csv_rows(file: BinaryIO) -> Iterator[Record]:
    """A record a row, as a mapping from the header's names to cells; the first record is the header itself.

    A cell may hold line breaks. A quotation mark that is never closed costs its own line.
    """
    header: list[str] | None = None
    for number, raw in _rows(file):
        place = f"line {number}"
        if not raw.strip():
            yield Record(raw=raw)
            continue
        try:
            [cells] = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        except UnicodeDecodeError:
            yield Record(raw=raw, place=place, fault="it is not UTF-8")
            continue
        except (csv.Error, ValueError) as error:
            yield Record(raw=raw, place=place, fault=f"it is no row of a table: {error}")
            continue
        if header is None:
            header = cells
            yield Record(raw=raw)
        elif len(cells) != len(header):
            yield Record(raw=raw, place=place, fault=f"{len(cells)} cells under {len(header)} columns")
        else:
            row: dict[str, Any] = dict(zip(header, cells, strict=True))
            yield Record(raw=raw, place=place, value=row)


def _rows(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The number of a row's first line, and its bytes: lines until the quotation marks are even."""
    lines = ((number, raw) for number, raw, _ in _lines(file))
    again: deque[tuple[int, bytes]] = deque()
    waiting: list[tuple[int, bytes]] = []
    marks = size = 0
    while True:
        line = again.popleft() if again else next(lines, None)
        if line is not None:
            waiting.append(line)
            marks, size = marks + line[1].count(b'"'), size + len(line[1])
            if marks % 2 and len(waiting) < _ROW_LINES and size < _ROW:
                continue
        if not waiting:
            return
        if marks % 2:  # never closed: the first line is broken, the others may be rows
            yield waiting[0]
            again.extendleft(reversed(waiting[1:]))
        else:
            yield waiting[0][0], b"".join(raw for _, raw in waiting)
        waiting, marks, size = [], 0, 0
