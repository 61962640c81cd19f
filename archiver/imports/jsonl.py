"""Our own JSONL: posts with all that an archive knew of them, by `archiver export jsonl`."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.imports._files import Opened
from archiver.imports._lines import json_lines
from archiver.imports._parts import Asked, Head, Portion, Record, Thing, Whole, portions

SAYS = "our own `archiver export jsonl`"


def recognises(head: Head) -> bool:
    return any({"post", "native_id", "revisions", "observations"} <= set(row) for row in head.rows[:5])


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    with file.text() as lines:
        yield from portions(file.name, json_lines(lines), _row)


def _row(row: Mapping[str, Any], record: Record) -> Iterator[Thing]:
    yield Whole(record=row, place=record.place)
