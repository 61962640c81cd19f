"""Translations that are owed: why, since when, how often tried, and what would help."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, update

from archiver.store import tables
from archiver.store.dialects import in_batches, upsert
from archiver.store.types import storable

_attempt = tables.attempt
LONGEST_REASON = 255


def save_attempts(
    connection: Connection, attempts: Iterable[tuple[int, str, str, str | None]], at: datetime
) -> None:
    """Note (revision id, target, reason, remedy) where a translation is owed: one row a reason, counted.

    A revision's earlier reasons are closed: the last attempt knows best.
    """
    told = {
        (key, target, storable(reason)[:LONGEST_REASON]): remedy for key, target, reason, remedy in attempts
    }
    if not told:
        return
    rows = [
        {
            "revision_id": key,
            "target": target,
            "reason": reason,
            "remedy": remedy,
            "tries": 1,
            "first_at": at,
            "last_at": at,
        }
        for (key, target, reason), remedy in told.items()
    ]
    new = upsert(connection, _attempt)
    again = {
        "tries": _attempt.c.tries + 1,
        "last_at": new.excluded.last_at,
        "remedy": new.excluded.remedy,
        "closed_at": None,
    }
    same = [_attempt.c.revision_id, _attempt.c.target, _attempt.c.reason]
    connection.execute(new.on_conflict_do_update(index_elements=same, set_=again), rows)
    for target in {target for _, target, _ in told}:
        ids = [key for key, wanted, _ in told if wanted == target]
        close_attempts(connection, ids, target, at, _attempt.c.last_at < at)


def close_attempts(
    connection: Connection,
    revision_ids: Sequence[int],
    target: str,
    at: datetime,
    *which: ColumnElement[bool],
) -> None:
    """Nothing is owed for these revisions any more (or only what `which` leaves out)."""
    for ids in in_batches(revision_ids):
        owed = (
            (_attempt.c.target == target) & _attempt.c.closed_at.is_(None) & _attempt.c.revision_id.in_(ids)
        )
        connection.execute(update(_attempt).where(owed, *which).values(closed_at=at))
