"""Rows as records: columns by the names of a record's fields, texts as they were before storing."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

from archiver.store.types import original

T = TypeVar("T")
Row = dict[str, Any]


def named(row: Any) -> Row:
    """A row by its columns' names."""
    return {name: as_written(value) for name, value in row._mapping.items()}


def made(kind: type[T], row: Row) -> T:
    """`kind` from the columns of its fields' names."""
    return kind(**facts(kind, row))


def facts(kind: Any, row: Row, but: Iterable[str] = ()) -> Row:
    left_out = set(but)
    return {field.name: row[field.name] for field in fields(kind) if field.name not in left_out}


def as_written(value: Any) -> Any:
    """Texts as they were before storing (see `types`), at any depth."""
    # Asked for every value of every row that is read, so by its type: patterns are several times slower.
    kind = type(value)
    if kind is str:
        return original(value)
    if kind is dict:
        return {as_written(key): as_written(item) for key, item in value.items()}
    if kind is list:
        return [as_written(item) for item in value]
    return value
