"""The few places where SQLite and PostgreSQL need other words for the same thing."""

from collections.abc import Collection, Iterator, Sequence
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


def insert_many(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows that have a value for every column, in the columns' order."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    if connection.dialect.name != "sqlite":
        connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])
        return
    # In the driver's own words: of many small rows, SQLAlchemy's part would cost more than SQLite's.
    bound = [column.type.dialect_impl(connection.dialect) for column in table.columns]
    ways = [each.bind_processor(connection.dialect) or _as_it_is for each in bound]
    columns, places = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) VALUES ({places})",
        [tuple(way(value) for way, value in zip(ways, row, strict=True)) for row in rows],
    )


def _as_it_is(value: Any) -> Any:
    return value


def in_batches(values: Collection[T]) -> Iterator[list[T]]:
    """`values` in lists short enough for one statement."""
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
