"""The ledger from its first row to its head, and every fact against it: none altered, missing or added."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection, func, select

from archiver.store import ledger, tables
from archiver.store.checks import Finding, Tally
from archiver.store.database import Database
from archiver.store.facts import KINDS, Fact, Kind
from archiver.store.ledger import BEGUN, FIRST, WITHDRAWN, Entry
from archiver.store.types import original

_PAGE = 1000


def check(database: Database, tally: Tally) -> Iterator[Finding]:
    """Rows that do not follow from the one before, then facts that are not what the ledger says of them."""
    with closing(_Attested()) as attested:
        with database.read() as connection:
            head = ledger.head(connection)
            newest = {kind.name: _newest(connection, kind) for kind in KINDS}
        yield from _chain(database, head.seq if head else 0, attested, tally)
        for kind in KINDS:
            yield from _facts(database, kind, newest[kind.name], attested, tally)
        for name, ref, seq in attested.left():
            where = f"ledger row {seq}"
            yield Finding(where=where, what=f"the {name} {original(ref)} is no longer in the archive")


def _newest(connection: Connection, kind: Kind) -> int:
    return int(connection.scalar(select(func.max(kind.table.c.id))) or 0)


def _chain(database: Database, last: int, attested: "_Attested", tally: Tally) -> Iterator[Finding]:
    seq, prev = 0, FIRST
    while True:
        with database.read() as connection:
            rows = ledger.entries(connection, tables.ledger.c.seq <= last, after=seq, limit=_PAGE)
        if not rows:
            return
        for row in rows:
            if row.seq != seq + 1:
                gone = f"row {seq + 1} is" if row.seq == seq + 2 else f"rows {seq + 1} to {row.seq - 1} are"
                yield Finding(where=f"ledger row {row.seq}", what=f"{gone} missing before it")
            elif row.prev != prev:
                what = "it does not follow from the row before: one of the two was altered or put elsewhere"
                yield Finding(where=f"ledger row {row.seq}", what=f"{what} ({_named(row)})")
            if hashlib.sha256(row.text()).hexdigest() != row.hash:
                what = f"its hash is not that of what it says ({_named(row)})"
                yield Finding(where=f"ledger row {row.seq}", what=what)
            seq, prev = row.seq, row.hash
        attested.add(rows)
        tally.count(len(rows))


def _named(row: Entry) -> str:
    return f"{row.kind} {original(row.ref)}"


def _facts(
    database: Database, kind: Kind, newest: int, attested: "_Attested", tally: Tally
) -> Iterator[Finding]:
    number = kind.table.c.id
    for start in range(0, newest, _PAGE):
        with database.read() as connection:
            facts = list(kind.facts(connection, number > start, number <= min(start + _PAGE, newest)))
        for fact in facts:
            wrong = attested.take(fact)
            if wrong is not None and not _said_since(database, fact):
                yield Finding(where=f"{kind.name} {original(fact.ref)}", what=wrong)
        tally.count(len(facts))


def _said_since(database: Database, fact: Fact) -> bool:
    """Whether a newer row says it: a crawl may be storing while we look."""
    here = tables.ledger.c
    with database.read() as connection:
        newest = select(here.payload_sha256).where(here.kind == fact.kind, here.ref == fact.ref)
        told = connection.scalar(newest.order_by(here.seq.desc()).limit(1))
    return told == ledger.payload_sha256(fact)


class _Attested:
    """What the ledger says last of every ref, on the disk: memory stays flat."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;"
            "CREATE TABLE attested (kind TEXT, ref TEXT, payload TEXT, seq INTEGER, PRIMARY KEY (kind, ref))"
            " WITHOUT ROWID; BEGIN"
        )

    def add(self, entries: list[Entry]) -> None:
        for e in entries:  # in their order: what was withdrawn may come again
            if e.kind == WITHDRAWN:
                gone = e.ref.partition(" ")[::2]
                self._rows.execute("DELETE FROM attested WHERE kind = ? AND ref = ?", gone)
            elif e.kind != BEGUN:
                row = (e.kind, e.ref, e.payload_sha256, e.seq)
                self._rows.execute("INSERT OR REPLACE INTO attested VALUES (?, ?, ?, ?)", row)

    def take(self, fact: Fact) -> str | None:
        """What is wrong with a fact; it does not count as missing."""
        key = (fact.kind, fact.ref)
        row = self._rows.execute(
            "SELECT payload, seq FROM attested WHERE kind = ? AND ref = ?", key
        ).fetchone()
        if row is None:
            return "is not in the ledger: something else than this program stored or altered it"
        self._rows.execute("DELETE FROM attested WHERE kind = ? AND ref = ?", key)
        if row[0] != ledger.payload_sha256(fact):
            return f"was altered: it is not what ledger row {row[1]} vouches for"
        return None

    def left(self) -> Iterator[tuple[str, str, int]]:
        """What the ledger vouches for and nobody took."""
        yield from self._rows.execute("SELECT kind, ref, seq FROM attested ORDER BY seq")

    def close(self) -> None:
        self._rows.close()
