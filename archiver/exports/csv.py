"""Aligned pairs for a spreadsheet: UTF-8 with a mark, every cell quoted, nothing that runs as a formula.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, and its column is named in
`escaped`: take the first character of that cell away again and it is as it was.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from archiver.exports._pairs import COLUMNS, Pair, cells
from archiver.exports._parts import Add, Part, Shape

SHAPE = Shape()
# What spreadsheets begin a formula with, also full-width and behind what nobody sees.
_FORMULA = re.compile(
    "[\\s\u00a0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]*[=+\\-@|%＝＋－＠−]|[\\t\\r\\n]"
)
_NUMBERS = frozenset({"confidence", "score", "revision", "segment"})  # ours: -0.25 is a number
_LEFT_OUT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST = 32_767  # characters that a spreadsheet keeps of a cell


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open(f"{part.stem}.csv")
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")

    def write(cells: list[str]) -> None:
        writer.writerow(cells)
        file.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()

    def add(pair: Pair) -> None:
        written, escaped = [], []
        for name, value in zip(COLUMNS, cells(pair), strict=True):
            kept, left_out = _LEFT_OUT.subn("", value)
            if left_out:
                part.counted["characters left out"] += left_out
            if name not in _NUMBERS and _FORMULA.match(kept):
                kept = f"'{kept}"
                escaped.append(name)
            if len(kept) > _LONGEST:
                part.counted["cells longer than a spreadsheet keeps"] += 1
            written.append(kept)
        write([*written, " ".join(escaped)])

    file.write("\ufeff".encode())
    write([*COLUMNS, "escaped"])
    yield add
