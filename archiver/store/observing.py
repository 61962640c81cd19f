"""What captures showed of posts: a row where that differs from before, one a capture and post."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from archiver.store import tables
from archiver.store.seen import Seen

Row = dict[str, Any]

_observation = tables.observation


def last_observed(
    connection: Connection, post_ids: Sequence[int], seen: Seen | None, *which: Any
) -> dict[int, Row]:
    """The newest observation of each post up to this look, or (None) of all."""
    if not post_ids:
        return {}
    observed = _observation.c
    until = select(_observation).where(observed.post_id.in_(post_ids), *which)
    if seen is not None:
        until = until.where(observed.at <= seen.at)
    rows = connection.execute(until.order_by(observed.at, observed.id)).mappings()
    return {row["post_id"]: dict(row) for row in rows}


def observe(connection: Connection, rows: Sequence[Row], seen: Seen) -> None:
    """Add observations; a capture has one of each post."""
    if not rows:
        return
    ids = [row["post_id"] for row in rows]
    here = (_observation.c.capture_id == seen.capture_id) & _observation.c.post_id.in_(ids)
    there = set(connection.execute(select(_observation.c.post_id).where(here)).scalars())
    unknown = {"metrics": None, "poll": None, "revision_id": None}
    place = {"capture_id": seen.capture_id, "at": seen.at}
    fresh = [{**unknown, **row, **place} for row in rows if row["post_id"] not in there]
    if fresh:
        connection.execute(insert(_observation), fresh)
