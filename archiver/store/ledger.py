"""The ledger: a chain of hashes over the facts that were stored, in the order of storing.

`Database.write` ends every transaction with `seal`, so what the transaction added is in the ledger, or it is
not stored. A row's hash is SHA-256 over canonical JSON of its seq, prev, kind, ref, payload_sha256 and at;
`prev` is the hash of the row before. So the newest hash, the *head*, vouches for every fact up to it.

A few facts may change: a revision is first told without its author's id, or turns out to have been seen
earlier. Then its row comes again, and the newest row of a ref counts. A fact dropped for good is *withdrawn*.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from archiver.store import tables
from archiver.store.dialects import in_batches, insert_many
from archiver.store.facts import KINDS, REVISION, Fact, Kind, moment

FIRST = "0" * 64
"""What the first row has for the hash before it."""
BEGUN, WITHDRAWN = "begun", "withdrawn"
_BATCH = 1000
_CHANGED = "changed posts"  # in Connection.info

_ledger = tables.ledger.c
_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest row: how many there are, and its hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the ledger."""

    seq: int
    prev: str
    kind: str
    ref: str
    payload_sha256: str
    at: datetime
    hash: str

    def text(self) -> bytes:
        """What its hash is over."""
        return entry_text(self.seq, self.prev, self.kind, self.ref, self.payload_sha256, self.at)


Marks = Mapping[str, int]
"""The highest row number of each kind's table."""


def canonical(value: Any) -> bytes:
    """JSON in the one spelling that is hashed: sorted keys, no spaces, UTF-8."""
    return _json(value).encode()


def payload_sha256(fact: Fact) -> str:
    return hashlib.sha256(canonical(fact.payload)).hexdigest()


def entry_text(seq: int, prev: str, kind: str, ref: str, payload: str, at: datetime | str) -> bytes:
    """Canonical JSON of a row, as `canonical` writes it and several times as fast."""
    when = at if isinstance(at, str) else moment(at)
    return (
        f'{{"at":"{when}","kind":"{kind}","payload_sha256":"{payload}",'
        f'"prev":"{prev}","ref":{_json(ref)},"seq":{seq}}}'
    ).encode()


def head(connection: Connection) -> Head | None:
    """The newest row, or None in an archive without any."""
    newest = select(_ledger.seq, _ledger.hash).order_by(_ledger.seq.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else Head(seq=row.seq, hash=row.hash)


def entries(
    connection: Connection, *where: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> list[Entry]:
    """Rows behind `after` that fit, in their order."""
    wanted = select(tables.ledger).where(_ledger.seq > after, *where).order_by(_ledger.seq)
    return [Entry(**row) for row in connection.execute(wanted.limit(limit)).mappings()]


# -- writing ------------------------------------------------------------------------------------------------


_MARKS = select(*(select(func.max(kind.table.c.id)).scalar_subquery().label(kind.name) for kind in KINDS))


def marks(connection: Connection) -> Marks:
    """How far every table goes. Asked when a transaction begins, it tells later what the transaction added:
    one writer at a time gives out rising numbers."""
    connection.info.pop(_CHANGED, None)
    return _now(connection)


def changed(connection: Connection, post_ids: Iterable[int]) -> None:
    """What the ledger says of these posts' revisions changes in this transaction (see above)."""
    connection.info.setdefault(_CHANGED, set()).update(post_ids)


def seal(connection: Connection, before: Marks) -> None:
    """Enter what the transaction added since `before`."""
    now, touched = _now(connection), connection.info.pop(_CHANGED, ())
    if now != before or touched:
        _append(connection, [*_added(connection, before, now), *_again(connection, touched, before)])


def begin(connection: Connection) -> None:
    """The first rows, where there are none: one that says what was stored before, then all of that."""
    if head(connection) is not None:
        return
    counts = {kind.name: _count(connection, kind) for kind in KINDS}
    said = ", ".join(f"{number} {name} facts" for name, number in counts.items() if number)
    ref = f"the next rows are of older facts: {said}" if said else "nothing was stored before"
    _append(connection, [(BEGUN, ref, hashlib.sha256(canonical(counts)).hexdigest())])
    for kind in KINDS:
        number, last = kind.table.c.id, _now(connection)[kind.name]
        for start in range(0, last, _BATCH):
            _append(connection, _rows(kind.facts(connection, number > start, number <= start + _BATCH)))


def withdraw(connection: Connection, facts: Iterable[Fact]) -> None:
    """Say that these facts are no longer in the archive: they are about to be dropped, and that is right."""
    _append(connection, ((WITHDRAWN, f"{fact.kind} {fact.ref}", payload_sha256(fact)) for fact in facts))


def again(connection: Connection, facts: Iterable[Fact]) -> None:
    """Enter facts that are there once more: one of the same name was withdrawn."""
    _append(connection, _rows(facts))


Row = tuple[str, str, str]  # kind, ref, payload_sha256


def _now(connection: Connection) -> Marks:
    row = connection.execute(_MARKS).one()._mapping
    return {name: number or 0 for name, number in row.items()}


def _added(connection: Connection, before: Marks, now: Marks) -> Iterator[Row]:
    for kind in KINDS:
        if now[kind.name] > before[kind.name]:
            yield from _rows(kind.facts(connection, kind.table.c.id > before[kind.name]))


def _again(connection: Connection, post_ids: Iterable[int], before: Marks) -> Iterator[Row]:
    """The older revisions of these posts."""
    old = tables.revision.c.id <= before[REVISION.name]
    for some in in_batches(sorted(post_ids)):
        yield from _rows(REVISION.facts(connection, old, tables.revision.c.post_id.in_(some)))


def _count(connection: Connection, kind: Kind) -> int:
    wanted = select(func.count()).select_from(kind.table)
    return int(connection.scalar(wanted if kind.chosen is None else wanted.where(kind.chosen)) or 0)


def _rows(facts: Iterable[Fact]) -> Iterator[Row]:
    return ((fact.kind, fact.ref, payload_sha256(fact)) for fact in facts)


def _append(connection: Connection, rows: Iterable[Row]) -> None:
    newest = head(connection) or Head(seq=0, hash=FIRST)
    seq, prev, at = newest.seq, newest.hash, datetime.now(UTC)
    when = str(moment(at))
    made = []
    for kind, ref, payload in rows:
        seq += 1
        hash = hashlib.sha256(entry_text(seq, prev, kind, ref, payload, when)).hexdigest()
        made.append((seq, prev, kind, ref, payload, at, hash))
        prev = hash
    insert_many(connection, tables.ledger, made)
