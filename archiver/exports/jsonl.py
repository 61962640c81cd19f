"""One JSON object a line: a post with all there is of it, or, by segment or by post, one aligned pair."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from archiver.exports._pairs import Pair
from archiver.exports._parts import Add, Part, Shape
from archiver.store.records import PostRecord, as_json

SHAPE = Shape(of="either")


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open(f"{part.stem}.jsonl")

    def add(thing: PostRecord | Pair) -> None:
        file.write(json_line(as_json(thing)))

    yield add


def json_line(thing: object) -> bytes:
    try:
        return json.dumps(thing, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it in ASCII, UTF-8 cannot
        return json.dumps(thing, ensure_ascii=True).encode("ascii") + b"\n"
