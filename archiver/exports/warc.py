"""WARC: the captured responses behind the chosen posts, byte for byte, for replay and as evidence.

A capture is a whole page: it shows posts that were not chosen as well.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from archiver.exports._captures import CaptureReader, warcinfo
from archiver.exports._parts import Add, Part, Shape
from archiver.store.records import PostRecord

SHAPE = Shape(of="posts", native=True)
_NAME = "captures.warc.gz"


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    assert part.captures
    file = part.open(_NAME)
    with closing(CaptureReader(part.captures)) as captures:

        def add(record: PostRecord) -> None:
            for kept in captures.of(record):
                if not part.counted["captures"]:
                    file.write(warcinfo(_NAME, kept.capture.fetched_at))
                file.write(kept.response + kept.request)
                part.counted["captures"] += 1

        yield add
