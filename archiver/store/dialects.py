"""The few places where SQLite and PostgreSQL need other words for the same thing."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
BATCH = 500  # values in one `IN (...)`: SQLite takes 32,766 parameters, planners prefer fewer


def upsert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows `on_conflict_do_update` and `excluded`, alike on both."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def in_batches(values: Collection[T]) -> Iterator[list[T]]:
    """`values` in lists short enough for one statement."""
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
