"""X's API v1.1 as twarc1 and the streams of old keep it: a status a line."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.imports import _x
from archiver.imports._files import Opened
from archiver.imports._lines import json_lines
from archiver.imports._parts import Asked, Found, Head, Portion, Record, Refused, Thing, portions

SAYS = "JSONL of Twitter's API v1.1, a status a line"

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # for readers; nothing that they give depends on it
# What streams say between statuses.
_NOTICES = (
    "delete",
    "scrub_geo",
    "limit",
    "withheld",
    "status_withheld",
    "user_withheld",
    "disconnect",
    "warning",
)


def recognises(head: Head) -> bool:
    return any(
        "id_str" in row and "user" in row and ("full_text" in row or "text" in row) for row in head.rows[:5]
    )


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    with file.text() as lines:
        yield from portions(file.name, json_lines(lines), _row)


def _row(row: Mapping[str, Any], record: Record) -> Iterator[Thing]:
    notice = next((name for name in _NOTICES if name in row), None) if "id_str" not in row else None
    if notice:
        yield Refused(why=f'a notice of the stream ("{notice}"), no status')
        return
    # A status does not say when it was fetched.
    yield Found(post=_x.from_v1(row, seen_at=_UNKNOWN))
