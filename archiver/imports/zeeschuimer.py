"""What the browser extension Zeeschuimer collected: NDJSON, an item of some platform a line."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.errors import PageChanged
from archiver.imports import _platforms
from archiver.imports._files import Opened
from archiver.imports._lines import json_lines
from archiver.imports._parts import Asked, Head, Portion, Record, Thing, portions

SAYS = "NDJSON of Zeeschuimer"


def recognises(head: Head) -> bool:
    return any("source_platform" in row and isinstance(row.get("data"), dict) for row in head.rows[:5])


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    with file.text() as lines:
        yield from portions(file.name, json_lines(lines), _row)


def _row(row: Mapping[str, Any], record: Record) -> Iterator[Thing]:
    told = row.get("data")
    if not isinstance(told, dict):
        raise PageChanged(record.place, 'expected an item in "data"')
    yield from _platforms.items(told, row)
