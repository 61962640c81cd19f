"""Every stored fact is in the ledger with it, whoever wrote it, and the ledger is only ever added to."""

import hashlib
import json
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from archiver.posts import Account, Capture, Harvest, Metric, Post
from archiver.store import ledger, migrations, tables, watches, writes
from archiver.store.checks import Tally, chain
from archiver.store.database import Database
from archiver.store.ledger import Entry

F = "f" * 64
NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
ROAD = "د هرات لاره د واورې له امله بنده ده."
AUTHOR = Account(platform="telegram", native_id="7", handle="herat_roads", name="د هرات لارې")


def capture(number: int, at: datetime | None = None) -> Capture:
    return Capture(
        url=f"https://example.org/s/{number}",
        fetched_at=at or NOON + timedelta(minutes=number),
        status=200,
        sha256=f"{number:064x}",
        size=900,
        warc="captures/a.warc.gz",
        offset=1000 * number,
        length=500,
    )


def store(database: Database, number: int, *posts: Post, author: Account = AUTHOR, **facts: Any) -> None:
    harvest = Harvest(
        platform="telegram",
        handle="herat_roads",
        capture=capture(number, **facts),
        cursor="{}",
        account=author,
        posts=posts,
        served=len(posts),
    )
    with database.write() as connection:
        watches.add(connection, platform="telegram", handle="herat_roads", at=NOON)
        writes.store_harvest(connection, harvest)


def post(number: int, said: str = ROAD, **facts: Any) -> Post:
    told = {"author": AUTHOR, "published_at": NOON}
    return Post(platform="telegram", native_id=f"herat_roads/{number}", text=said, **{**told, **facts})


def rows(database: Database) -> list[Entry]:
    with database.read() as connection:
        return ledger.entries(connection)


def kinds(database: Database, after: int = 0) -> list[tuple[str, str]]:
    return [(row.kind, row.ref) for row in rows(database) if row.seq > after]


def wrong(database: Database) -> list[str]:
    return [f"{f.where}: {f.what}" for f in chain.check(database, Tally(unit=""))]


def tamper(database: Database, *statements: Any) -> None:
    """As somebody with a key to the database would, past this program and its triggers."""
    with database.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS ledger_no_update")
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS ledger_no_delete")
        else:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS ledger_no_change ON ledger")
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)


# -- what gets in -----------------------------------------------------------------------------------------


def test_a_row_is_the_hash_of_its_canonical_json_and_names_the_row_before(database: Database) -> None:
    store(database, 1, post(1), post(2, 'A "quoted" line\n\u2028'))
    prev = "0" * 64
    for number, row in enumerate(rows(database), start=1):
        told = {
            "seq": number,
            "prev": prev,
            "kind": row.kind,
            "ref": row.ref,
            "payload_sha256": row.payload_sha256,
            "at": row.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        spelled = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert row.text() == spelled == ledger.canonical(told)
        prev = hashlib.sha256(spelled).hexdigest()
        assert row.hash == prev
    assert kinds(database) == [
        ("begun", "nothing was stored before"),
        ("capture", "captures/a.warc.gz@1000"),
        ("account", "telegram:herat_roads captures/a.warc.gz@1000"),
        ("revision", "telegram:herat_roads/1#1"),
        ("revision", "telegram:herat_roads/2#1"),
    ]
    assert wrong(database) == []


def test_the_same_page_again_adds_its_capture_and_nothing_else(database: Database) -> None:
    store(database, 1, post(1))
    before = len(rows(database))
    store(database, 1, post(1))
    assert len(rows(database)) == before
    store(database, 2, post(1))
    assert kinds(database, before) == [("capture", "captures/a.warc.gz@2000")]


def test_an_edit_a_tombstone_and_a_return_are_in_it_and_usual_looks_are_not(database: Database) -> None:
    store(database, 1, post(1), post(2))
    before = len(rows(database))
    store(database, 2, post(1, f"{ROAD}!"), post(2, metrics=(Metric(name="views", value=5),)))
    with database.write() as connection:
        writes.record_gone(connection, platform="telegram", native_id="herat_roads/2", capture=capture(3))
    store(database, 4, post(1, f"{ROAD}!"), post(2))
    assert [ref for kind, ref in kinds(database, before) if kind == "revision"] == [
        "telegram:herat_roads/1#2"
    ]
    seen = [ref for kind, ref in kinds(database, before) if kind == "observation"]
    assert seen == [f"telegram:herat_roads/2 captures/a.warc.gz@{at}" for at in (3000, 4000)]
    assert wrong(database) == []


def test_what_a_transaction_undoes_is_not_in_it(database: Database) -> None:
    store(database, 1, post(1))
    before = rows(database)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        writes.record_gone(connection, platform="telegram", native_id="herat_roads/1", capture=capture(3))
        raise ZeroDivisionError
    assert rows(database) == before


def test_what_is_learned_later_is_said_again(database: Database) -> None:
    unknown = replace(AUTHOR, native_id="@herat_roads")
    store(database, 5, post(1, author=unknown, published_at=None), author=unknown)
    before = len(rows(database))
    store(database, 6, post(1))  # tells the account's own id, and when it was published
    assert ("revision", "telegram:herat_roads/1#1") in kinds(database, before)
    before = len(rows(database))
    store(database, 2, post(1))  # an older look
    assert ("revision", "telegram:herat_roads/1#1") in kinds(database, before)
    assert wrong(database) == []


def test_two_accounts_that_turn_out_to_be_one_leave_a_ledger_that_adds_up(database: Database) -> None:
    """One was known by its handle, the other by its id, and one page showed both."""
    unknown = replace(AUTHOR, native_id="@herat_roads", name="Herat Roads")
    store(database, 1, post(1, author=unknown), author=unknown)
    renamed = replace(AUTHOR, handle="elsewhere")
    store(database, 2, post(2, author=renamed), post(1, author=unknown), author=unknown)
    store(database, 3, post(3))  # tells that they are one
    with database.read() as connection:
        assert len(connection.execute(select(tables.account)).all()) == 1
    assert ("revision", "telegram:herat_roads/1#1") in kinds(database)[-4:]
    assert wrong(database) == []


BEFORE = "0007"  # the version before the ledger's


def test_an_archive_from_before_the_ledger_gets_its_facts_into_it(database_url: str) -> None:
    with Database.create(database_url) as new:
        store(new, 1, post(1), post(2))
        tamper(new, "DROP TABLE ledger", "DROP TABLE stamp")
        columns = ("record_length", "record_sha256", "file_sha256")
        tamper_free = [f"ALTER TABLE capture DROP COLUMN {name}" for name in columns]
        with new.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                tamper_free.append("DROP FUNCTION only_added_to CASCADE")
            for statement in (*tamper_free, f"UPDATE alembic_version SET version_num = '{BEFORE}'"):
                connection.execute(text(statement))
    with Database.open(database_url) as old:
        assert rows(old)[0].ref == (
            "the next rows are of older facts: 1 capture facts, 1 account facts, 2 revision facts"
        )
        assert len(rows(old)) == 5
        store(old, 2, post(3))
        assert wrong(old) == []
    assert migrations.HEAD in migrations.REVISIONS


# -- only ever added to -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ledger", "stamp"])
def test_the_database_refuses_to_change_or_delete_a_row(database: Database, name: str) -> None:
    store(database, 1, post(1))
    row = {"seq": 1, "hash": "0" * 64, "at": NOON, "authority": "", "token": b"", "certificates": ""}
    with database.write() as connection:
        connection.execute(tables.stamp.insert(), row)
    table = tables.metadata.tables[name]
    for statement in (update(table).values(hash=F), delete(table)):
        with pytest.raises(DBAPIError, match="only ever added to"), database.write() as connection:
            connection.execute(statement)


# -- what shows -------------------------------------------------------------------------------------------


@pytest.fixture
def filled(sqlite_url: str) -> Iterator[Database]:
    with Database.create(sqlite_url) as database:
        store(database, 1, post(1), post(2))
        store(database, 2, post(3))
        assert wrong(database) == []
        yield database


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE capture SET url = 'https://example.org/x' WHERE \"offset\" = 1000",
            "capture captures/a.warc.gz@1000: was altered",
        ),
        (
            f"UPDATE capture SET sha256 = '{F}' WHERE \"offset\" = 2000",
            "capture captures/a.warc.gz@2000: was altered",
        ),
        (
            f"UPDATE revision SET digest = '{F}' WHERE id = 2",
            "revision telegram:herat_roads/2#1: was altered",
        ),
        ("UPDATE post SET published_at = NULL", "revision telegram:herat_roads/1#1: was altered"),
        ("UPDATE account SET native_id = '8'", "revision telegram:herat_roads/1#1: was altered"),
        (
            "UPDATE account_snapshot SET name = 'x'",
            "account telegram:herat_roads captures/a.warc.gz@1000: was altered",
        ),
        (
            "UPDATE post SET native_id = 'herat_roads/9' WHERE id = 1",
            "revision telegram:herat_roads/9#1: is not in the ledger",
        ),
        ("UPDATE ledger SET ref = 'x' WHERE seq = 3", "ledger row 3: its hash is not that of what it says"),
        ("UPDATE ledger SET seq = 9999 WHERE seq = 3", "ledger row 4: row 3 is missing before it"),
        ("DELETE FROM ledger WHERE seq = 4", "ledger row 5: row 4 is missing before it"),
        ("DELETE FROM ledger WHERE seq = 7", "revision telegram:herat_roads/3#1: is not in the ledger"),
    ],
)
def test_an_altered_fact_or_row_is_named(filled: Database, statement: str, said: str) -> None:
    tamper(filled, statement)
    assert any(line.startswith(said) for line in wrong(filled)), wrong(filled)


def test_rows_that_changed_places_are_named(filled: Database) -> None:
    tamper(
        filled,
        "UPDATE ledger SET seq = 1000 WHERE seq = 4",
        "UPDATE ledger SET seq = 4 WHERE seq = 5",
        "UPDATE ledger SET seq = 5 WHERE seq = 1000",
    )
    assert wrong(filled)[0].partition(":")[0] == "ledger row 4"


def test_a_deleted_post_is_named_though_its_row_is_gone(filled: Database) -> None:
    tamper(
        filled,
        "UPDATE post SET current_revision_id = NULL WHERE id = 2",
        "DELETE FROM observation WHERE post_id = 2",
        "DELETE FROM revision WHERE post_id = 2",
        "DELETE FROM post WHERE id = 2",
    )
    [line] = wrong(filled)
    assert line == "ledger row 5: the revision telegram:herat_roads/2#1 is no longer in the archive"


# -- several writers --------------------------------------------------------------------------------------


def _store_many(url: str, first: int) -> None:
    with Database.open(url) as database:
        for number in range(first, first + 25):
            store(database, number, post(number), post(first))
            time.sleep(0.005)  # the other one's turn


def test_two_processes_write_one_chain(database_url: str) -> None:
    with Database.create(database_url) as database:
        store(database, 1, post(1))
        start = multiprocessing.get_context("fork")
        writers = [start.Process(target=_store_many, args=(database_url, first)) for first in (100, 200)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
            assert writer.exitcode == 0
        found = rows(database)
        assert [row.seq for row in found] == list(range(1, len(found) + 1))
        captures = [row.ref for row in found if row.kind == "capture"]
        places = [int(ref.rpartition("@")[2]) // 1000 >= 200 for ref in captures]
        assert len(captures) == 51 and places != sorted(places), "the two took turns"
        assert wrong(database) == []
