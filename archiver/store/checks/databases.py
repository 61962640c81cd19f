"""The database itself: its pages, the rows that point at others, and the search index."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, func, select

from archiver.store import rebuilding, tables
from archiver.store.checks import Finding, Tally
from archiver.store.database import Database
from archiver.store.types import original

_post, _revision, _observation = tables.post.c, tables.revision.c, tables.observation.c
_account, _snapshot = tables.account.c, tables.account_snapshot.c


def check(database: Database, tally: Tally, *, quick: bool = False) -> Iterator[Finding]:
    """`quick` leaves out what reads every page and every word."""
    yield from _pages(database, tally, quick)
    yield from _newest(database, tally)
    if not quick:
        for wrong in rebuilding.check(database):
            yield Finding(where="search index", what=f"{wrong}: run `archiver index rebuild`")
        tally.count()


def _pages(database: Database, tally: Tally, quick: bool) -> Iterator[Finding]:
    with database.read() as connection:
        if connection.dialect.name != "sqlite":
            return  # PostgreSQL verifies its pages' checksums and foreign keys by itself
        pragma = "quick_check" if quick else "integrity_check"
        said = [row[0] for row in connection.exec_driver_sql(f"PRAGMA {pragma}(20)")]
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
    tally.count()
    for line in said:
        if line != "ok":
            yield Finding(where=database.name, what=line)
    for table, row, parent, _ in dangling:
        yield Finding(where=f"{table} row {row}", what=f"it points at a row of {parent} that is not there")


def _newest(database: Database, tally: Tally) -> Iterator[Finding]:
    """Posts and accounts repeat what their history holds: do they?"""
    named = (_post.id, _post.platform, _post.native_id)
    current = and_(_revision.id == _post.current_revision_id, _revision.post_id == _post.id)
    lost = select(*named).outerjoin(tables.revision, current).where(_revision.id.is_(None))
    seen = select(_observation.id).where(_observation.post_id == _post.id, _observation.state == _post.state)
    state = select(*named).where(~seen.exists())
    yield from _each(database, lost, "post", "it has no text: its current revision is not one of its own")
    yield from _each(database, state, "post", "its state is not what any look at it showed")
    called = func.lower(_snapshot.handle) == func.lower(_account.handle)
    shown = select(_snapshot.id).where(_snapshot.account_id == _account.id, called)
    unseen = select(_account.id, _account.platform, _account.native_id).where(~shown.exists())
    yield from _each(database, unseen, "account", "its handle was never seen on any page")
    with database.read() as connection:
        tally.count(connection.scalar(select(func.count()).select_from(tables.post)) or 0)


def _each(database: Database, wanted: Select[Any], kind: str, what: str) -> Iterator[Finding]:
    with database.read() as connection:
        rows = connection.execute(wanted.order_by(wanted.selected_columns[0])).all()
    for row in rows:
        yield Finding(where=f"{kind} {original(f'{row.platform}:{row.native_id}')}", what=what)
