"""Aligned pairs, one a line, tab-separated with a header: exact, for programs.

How tabs, line breaks and other control characters inside a text are written is said in `_cells`. Cells are
not defused for spreadsheets: that is what csv is for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from archiver.exports._cells import line
from archiver.exports._pairs import COLUMNS, Pair, cells
from archiver.exports._parts import Add, Part, Shape

SHAPE = Shape()


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open(f"{part.stem}.tsv")
    file.write(line(*COLUMNS))

    def add(pair: Pair) -> None:
        file.write(line(*cells(pair)))

    yield add
