"""PLATFORM<TAB>NATIVE_ID a line: a corpus without its texts, to be fetched again by others."""

from collections.abc import Iterator
from contextlib import contextmanager

from archiver.exports._cells import line
from archiver.exports._parts import Add, Part, Shape
from archiver.store.records import PostRecord

SHAPE = Shape(of="posts", native=True)


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open("ids.txt")

    def add(record: PostRecord) -> None:
        file.write(line(record.platform, record.native_id))

    yield add
