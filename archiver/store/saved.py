"""Saved searches: a query with its filters under a name, and which of its posts have been told already."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from archiver.errors import NotFound
from archiver.store import tables
from archiver.store.dialects import in_batches
from archiver.store.filters import Filters
from archiver.store.search import Hit, find, hits

_search, _told, _doc = tables.saved_search.c, tables.saved_search_post.c, tables.search_doc.c


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    id: int
    name: str
    filters: Filters
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Posts that match a saved search and were not told before: new ones, and old ones that have been
    translated or edited since. `hits` are the newest of `posts`."""

    search: SavedSearch
    posts: tuple[int, ...]
    hits: tuple[Hit, ...]


def save(connection: Connection, name: str, filters: Filters, at: datetime) -> int:
    """Keep a search; whatever matches now counts as told. One of the same name is replaced.

    Returns how many posts match now. Raises Usage when the query cannot be read.
    """
    matching = find(connection, filters).answers.all()
    forget(connection, name)
    row = {"name": name, "filters": as_json(filters), "saved_at": at}
    made = connection.execute(insert(tables.saved_search).returning(_search.id), row).scalar_one()
    _tell(connection, int(made), matching)
    return len(matching)


def listed(connection: Connection, names: Sequence[str] = ()) -> list[SavedSearch]:
    """All of them, or those of the names. Raises NotFound."""
    rows = connection.execute(select(tables.saved_search).order_by(_search.name)).all()
    known = {row.name: row for row in rows}
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none; `archiver search QUERY --save NAME` makes one"
            raise NotFound(f"no saved search '{name}'; there are {there}")
    return [
        SavedSearch(id=row.id, name=row.name, filters=_from_json(row.filters), saved_at=row.saved_at)
        for name, row in known.items()
        if not names or name in names
    ]


def news(connection: Connection, search: SavedSearch, limit: int) -> News:
    """What matches now and has not been told."""
    found = find(connection, search.filters)
    rows = found.answers.rows()
    told = (_told.saved_search_id == search.id) & (_told.post_id == _doc.post_id)
    untold = (
        select(_doc.post_id)
        .join(rows, rows.c.id == _doc.id)
        .where(~select(_told.post_id).where(told).exists())
    )
    posts = list(connection.scalars(untold.order_by(_doc.id.desc())))
    return News(search=search, posts=tuple(posts), hits=hits(connection, posts[:limit], found.question))


def told(connection: Connection, search: SavedSearch, posts: Sequence[int]) -> None:
    """Posts that were printed; posts and searches that have gone in the meantime are left out."""
    if connection.scalar(select(_search.id).where(_search.id == search.id)) is None:
        return
    known = set(connection.scalars(select(_told.post_id).where(_told.saved_search_id == search.id)))
    for batch in in_batches(posts):
        there = connection.scalars(select(tables.post.c.id).where(tables.post.c.id.in_(batch)))
        _tell(connection, search.id, [post for post in there if post not in known])


def forget(connection: Connection, name: str) -> bool:
    """Whether there was one of that name."""
    named = select(_search.id).where(_search.name == name)
    connection.execute(delete(tables.saved_search_post).where(_told.saved_search_id.in_(named)))
    return connection.execute(delete(tables.saved_search).where(_search.name == name)).rowcount > 0


def _tell(connection: Connection, search_id: int, posts: Sequence[int]) -> None:
    for batch in in_batches(posts):
        rows = [{"saved_search_id": search_id, "post_id": post} for post in batch]
        connection.execute(insert(tables.saved_search_post), rows)


def as_json(filters: Filters) -> dict[str, Any]:
    """What is not as it is anyway, times in ISO 8601."""
    given = {name: value for name, value in asdict(filters).items() if value != getattr(Filters(), name)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()
    }


def _from_json(stored: dict[str, Any]) -> Filters:
    known = {field.name for field in fields(Filters)}
    given: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
    given |= {name: tuple(given[name]) for name in ("languages", "flags", "no_flags") if name in given}
    given |= {name: datetime.fromisoformat(given[name]) for name in ("since", "until") if name in given}
    return replace(Filters(), **given)
