"""Column types that mean the same on SQLite and on PostgreSQL.

Text from outside may hold what a database cannot: NUL (PostgreSQL refuses it, SQLite's functions stop at it)
and lone surrogates (no encoding takes them). Each such character is stored as one private-use character
of plane 16: U+0000 as U+10E000, U+D800..U+DFFF as U+10D800..U+10DFFF. The number of code points stays the
same, so spans fit both forms, and `original()` leads back. Nobody assigns these characters; should a text
hold one itself, its revision's digest, taken before this exchange, and the capture's bytes tell.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
LONGEST_ID = 512  # PostgreSQL's B-trees take 2,704 bytes a row; a character may need four

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_STAND_IN = re.compile("[\U0010d800-\U0010e000]")
_ESCAPED_NUL = "\\u0000"

# A plain INTEGER PRIMARY KEY is SQLite's rowid, which the full-text index points at.
Key = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def storable(text: str) -> str:
    """`text` with stand-ins for the characters that a database cannot hold; as long as before."""
    return _UNSTORABLE.sub(_stand_in, text) if _UNSTORABLE.search(text) else text


def original(text: str) -> str:
    """What `storable` was given. It may hold lone surrogates, which files refuse."""
    if text.isascii():  # most ids and addresses, and looked at for every value that is read
        return text
    return _STAND_IN.sub(lambda found: chr((ord(found[0]) - 0x100000) % 0xE000), text)


def json_text(value: Any) -> str:
    """Compact JSON that both databases take; numbers that are none (NaN, infinities) become null."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        text = _ESCAPED_NUL
    if _ESCAPED_NUL in text or _UNSTORABLE.search(text):
        text = json.dumps(_storable_json(value), ensure_ascii=False, separators=(",", ":"))
    return text


def from_json_text(text: str) -> Any:
    """What `json_text` was given."""
    return [] if text == "[]" else json.loads(text)  # most lists are empty, and there are many


def storable_id(native_id: str) -> str:
    """An id that an index can hold: a longer one than any platform's keeps its head and its digest."""
    native_id = storable(native_id)
    if len(native_id) <= LONGEST_ID:
        return native_id
    digest = hashlib.sha256(native_id.encode()).hexdigest()
    return f"{native_id[: LONGEST_ID - 72]}#sha256:{digest}"


def stored_form(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` as a database gives them back, for comparing the two."""
    return {name: _storable_json(fact) for name, fact in facts.items()}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time. timestamptz on PostgreSQL; on SQLite, which has no time zones, microseconds since 1970.

    Naive times are refused: they would be stored as if they were UTC.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: every time in the archive is UTC and aware")
        value = _utc(value)
        return value if dialect.name == "postgresql" else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _utc(value) if isinstance(value, datetime) else EPOCH + value * MICROSECOND


class Words(TypeDecorator[str]):
    """Text of any length and content, with stand-ins for what a database cannot hold (see above)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class NativeId(TypeDecorator[str]):
    """A platform's own id or handle: always text, since some exceed 2^63."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable_id(value)


class Count(TypeDecorator[int]):
    """A number that somebody else reported; one that does not fit into 64 bits is unknown."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return value if value is not None and -(2**63) <= value < 2**63 else None


def _utc(value: datetime) -> datetime:
    """`value` in UTC; at the ends of the calendar, where UTC has no such date, the calendar's end."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return _FIRST if value.year == 1 else _LAST


def _stand_in(found: re.Match[str]) -> str:
    return chr((ord(found[0]) or 0xE000) + 0x100000)


def _storable_json(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case float() if value != value or value in (float("inf"), float("-inf")):
            return None
        case Mapping():
            return {storable(str(key)): _storable_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_storable_json(item) for item in value]
        case _:
            return value
