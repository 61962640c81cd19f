"""Opening, migrating, sharing and breaking a database."""

import contextlib
import logging
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from archiver.errors import (
    ArchiveBusy,
    ArchiverError,
    BadConfig,
    DamagedArchive,
    DiskFull,
    NewerDatabase,
    NoArchive,
)
from archiver.posts import Account, Capture, Harvest, Post
from archiver.store import database as database_module
from archiver.store import migrations, tables, watches, writes
from archiver.store.database import Database, wal_is_safe

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)


def add_watch(database: Database, handle: str) -> None:
    with database.write() as connection:
        watches.add(connection, platform="telegram", handle=handle, at=NOON)


def handles_in(url: str) -> list[str]:
    with Database.open(url) as database:
        return handles(database)


def handles(database: Database) -> list[str]:
    with database.read() as connection:
        return [watch.handle for watch in watches.listed(connection)]


# -- opening ---------------------------------------------------------------------------------------


def test_what_was_written_is_there_when_opened_again(database_url: str) -> None:
    with Database.create(database_url) as database:
        add_watch(database, "kabul_weather")
    assert handles_in(database_url) == ["kabul_weather"]
    with Database.create(database_url) as database:  # init twice changes nothing
        assert handles(database) == ["kabul_weather"]


def test_opening_what_is_not_there_says_how_to_make_it(tmp_path: Path, postgresql_url: str) -> None:
    with pytest.raises(NoArchive, match="archiver init"):
        Database.open(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(NoArchive, match="archiver init"):
        Database.open(postgresql_url)


def test_a_database_of_somebody_else_is_left_alone(database_url: str) -> None:
    with Database(database_module._engine(database_url)) as stranger:
        with stranger.write() as connection:
            connection.execute(text("CREATE TABLE recipes (id INTEGER PRIMARY KEY)"))
        for start in (Database.create, Database.open):
            with pytest.raises(BadConfig, match=r"holds something else \(recipes"):
                start(database_url)
        with stranger.read() as connection:
            assert inspect(connection).get_table_names() == ["recipes"]


def test_a_newer_database_is_refused_untouched(database_url: str) -> None:
    with Database.create(database_url) as newer, newer.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9876'"))
    for start in (Database.create, Database.open):
        with pytest.raises(NewerDatabase, match=r"version 9876.*update archiver"):
            start(database_url)


def test_an_interrupted_first_start_leaves_nothing_half_made(database_url: str) -> None:
    with Database(database_module._engine(database_url)) as database:
        with pytest.raises(KeyboardInterrupt), database.write() as connection:
            migrations.migrate(connection)
            raise KeyboardInterrupt
        with database.read() as connection:
            assert inspect(connection).get_table_names() == []
    with Database.create(database_url) as database:
        add_watch(database, "kabul_weather")


def test_the_address_of_a_database_is_explained_when_it_is_wrong(tmp_path: Path) -> None:
    for url in ("mysql://localhost/x", "archive.db", "nonsense://x"):
        with pytest.raises(BadConfig):
            Database.open(url)
    with pytest.raises(Exception, match="localhost:1/x") as caught:
        Database.open("postgresql://me:hush@localhost:1/x?connect_timeout=2")
    assert "hush" not in str(caught.value)


def test_a_postgresql_that_takes_punctuation_for_letters_is_refused(postgresql_server: str) -> None:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE c_only TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        connection.execute(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    for name in ("c_only", "latin"):
        with pytest.raises(BadConfig, match=r"CREATE DATABASE .* LC_CTYPE 'C\.UTF-8'"):
            Database.create(postgresql_server.replace("/postgres?", f"/{name}?"))


def test_a_damaged_file_is_named_and_not_repaired_behind_our_back(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(b"This is no database, but it is long enough to be taken for one. " * 100)
    with pytest.raises(DamagedArchive, match=r"archive\.db is damaged .*restore it from a copy"):
        Database.open(f"sqlite:///{path}")
    with Database.create(f"sqlite:///{tmp_path / 'good.db'}") as good, good.write() as connection:
        for number in range(200):
            watches.add(connection, platform="telegram", handle=f"account_{number}", at=NOON)
    content = bytearray((tmp_path / "good.db").read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    (tmp_path / "bad.db").write_bytes(content)
    with pytest.raises(DamagedArchive, match=r"bad\.db is damaged"):
        handles_in(f"sqlite:///{tmp_path / 'bad.db'}")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiverError, match=r"none/archive\.db: unable to open .*check the file") as caught:
        Database.create(f"sqlite:///{tmp_path / 'none' / 'archive.db'}")
    assert "\n" not in str(caught.value)


def test_an_error_message_does_not_repeat_what_was_to_be_stored(sqlite_url: str) -> None:
    row = {"platform": "telegram", "handle": "x", "note": "د هرات لاره", "tags": [], "paused": None}
    refused = pytest.raises(Exception, match="paused")
    with Database.create(sqlite_url) as database, refused as caught, database.write() as connection:
        connection.execute(tables.watch.insert(), {**row, "added_at": NOON})
    assert "هرات" not in str(caught.value)


# -- migrations ------------------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_that_the_code_describes(database: Database) -> None:
    with database.read() as connection:
        options = {
            "include_object": migrations.include_object,
            "compare_type": True,
            "compare_server_default": True,
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []


def test_the_comparison_would_notice_a_missing_column(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE watch DROP COLUMN note"))
        options = {"include_object": migrations.include_object}
        diff = compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata)
    assert [(change[0], change[3].name) for change in diff] == [("add_column", "note")]


def test_the_known_versions_are_the_scripts_there_are() -> None:
    script = ScriptDirectory.from_config(migrations.config())
    assert script.get_current_head() == migrations.HEAD
    assert tuple(reversed([found.revision for found in script.walk_revisions()])) == migrations.REVISIONS


def test_opening_an_up_to_date_archive_does_not_import_alembic(sqlite_url: str) -> None:
    Database.create(sqlite_url)
    code = (
        "import sys; from archiver.store.database import Database; "
        f"Database.open({sqlite_url!r}); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_migrating_prints_nothing_and_leaves_logging_alone(
    sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = list(logging.getLogger().handlers)
    Database.create(sqlite_url)
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger().handlers == before


def test_the_migrations_work_from_an_installed_wheel(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=root, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = (
        "import archiver, sys; from archiver.store.database import Database; "
        "assert archiver.__file__.startswith(sys.argv[1]), archiver.__file__; "
        "Database.create('sqlite:///' + sys.argv[1] + '/a.db')"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    made = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "installed")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


# -- transactions ----------------------------------------------------------------------------------


def test_a_write_that_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        watches.add(connection, platform="telegram", handle="x", at=NOON)
        raise ZeroDivisionError
    assert handles(database) == []


def test_two_writers_wait_for_each_other(database_url: str) -> None:
    one, two = Database.create(database_url), Database.open(database_url)
    inside, order = threading.Event(), []

    def second() -> None:
        inside.wait()
        with two.write() as connection:
            order.append("second")
            # Reads what the first wrote: it waited, and it does not fail for having waited.
            assert watches.find(connection, "telegram", "x") is not None
            watches.add(connection, platform="telegram", handle="y", at=NOON)

    thread = threading.Thread(target=second)
    thread.start()
    with one.write() as connection:
        inside.set()
        watches.add(connection, platform="telegram", handle="x", at=NOON)
        time.sleep(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert handles(one) == ["x", "y"]
    one.close()
    two.close()


def test_a_writer_that_waited_too_long_says_who_is_in_the_way(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.create(database_url) as one:
        monkeypatch.setattr(database_module, "PATIENCE", 1)
        with Database.open(database_url) as two:
            with one.write(), pytest.raises(ArchiveBusy, match="in use by another process"), two.write():
                pass
            add_watch(two, "x")  # and works again once the way is free


def test_a_reader_sees_one_moment(database: Database) -> None:
    add_watch(database, "x")
    with database.read() as connection:
        assert [watch.handle for watch in watches.listed(connection)] == ["x"]
        with contextlib.suppress(ArchiveBusy):
            connection.execute(tables.watch.delete())
    assert handles(database) == ["x"]  # nothing that happens in a read is kept


def test_foreign_keys_are_enforced(database: Database) -> None:
    row = {"revision_id": 77, "language": "ps", "confidence": 1.0, "method": "test", "at": NOON}
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.write() as connection:
        connection.execute(tables.detection.insert(), row)


def test_wal_is_used_only_where_sqlite_is_free_of_its_bug(sqlite_url: str) -> None:
    safe = {(3, 53, 0), (3, 51, 3), (3, 50, 7), (3, 44, 6), (3, 52, 0)}
    affected = {(3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 44, 5), (3, 45, 3), (3, 46, 1), (3, 49, 0)}
    assert {version for version in safe | affected if wal_is_safe(version)} == safe
    with Database.create(sqlite_url).read() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    assert (mode, synchronous) == ("wal" if wal_is_safe() else "truncate", 2)


def test_a_full_disk_is_named_and_what_was_stored_is_safe(sqlite_url: str) -> None:
    database = Database.create(sqlite_url)
    add_watch(database, "x")
    with pytest.raises(DiskFull, match="no room left"), database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            watches.add(connection, platform="telegram", handle=f"account_{number}", at=NOON)
    assert handles(Database.open(sqlite_url)) == ["x"]


# -- kill -9 ------------------------------------------------------------------------------------------------


def _write_pages(url: str) -> None:
    database = Database.open(url)
    account = Account(platform="telegram", native_id="1", handle="x")
    for number in range(1_000_000):
        posts = tuple(
            Post(platform="telegram", native_id=f"{number}/{position}", author=account, text="لاره خلاصه ده")
            for position in range(20)
        )
        capture = Capture(
            url="u",
            fetched_at=NOON,
            status=200,
            sha256="0" * 64,
            size=1,
            warc="a.warc",
            offset=number,
            length=1,
        )
        harvest = Harvest(
            platform="telegram",
            handle="x",
            capture=capture,
            cursor=str(number),
            account=account,
            posts=posts,
            served=20,
        )
        with database.write() as connection:
            writes.store_harvest(connection, harvest)


def _pages(path: str) -> int:
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
        return int(connection.execute("SELECT count(*) FROM page").fetchone()[0])


def test_a_process_killed_while_writing_leaves_whole_pages(sqlite_url: str) -> None:
    with Database.create(sqlite_url) as database:
        add_watch(database, "x")
    path = sqlite_url.removeprefix("sqlite:///")
    for extra in (0.011, 0.023, 0.037):
        before = _pages(path)
        writer = multiprocessing.get_context("fork").Process(target=_write_pages, args=(sqlite_url,))
        writer.start()
        while _pages(path) <= before + 2:
            assert writer.is_alive()
        time.sleep(extra)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        with Database.open(sqlite_url) as database, database.read() as connection:
            pages = connection.execute(select(tables.page.c.served)).scalars().all()
            posts = connection.execute(select(tables.post.c.current_revision_id)).scalars().all()
            [watch] = watches.listed(connection)
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert len(posts) == 20 * len(pages)
        assert None not in posts
        assert watch.cursor == str(len(pages) - 1)


def test_no_lock_of_a_dead_process_stays(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    Database.create(sqlite_url).close()
    code = (
        "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); c.execute('DELETE FROM watch'); os.kill(os.getpid(), 9)"
    )
    dead = subprocess.run([sys.executable, "-c", code, path])
    assert dead.returncode == -signal.SIGKILL
    add_watch(Database.open(sqlite_url), "x")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM watch").fetchone() == (1,)
