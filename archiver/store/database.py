"""One archive's database: opened, migrated, and written to by one writer at a time.

Both databases behave alike: a write is one transaction that excludes other writers from its start, waits for
them `PATIENCE` seconds, and is stored completely or not at all. On SQLite everybody but the writer should
keep reads short: without WAL a reader delays the writer's commit.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from archiver.errors import (
    ArchiveBusy,
    ArchiverError,
    BadConfig,
    DamagedArchive,
    DiskFull,
    NewerDatabase,
    NoArchive,
    ReadOnlyArchive,
)
from archiver.store import ledger, migrations
from archiver.store.types import from_json_text, json_text

PATIENCE = 30  # seconds to wait for another writer
_WRITES = {"archiver_writes": True}
_WRITER_LOCK = 0x61726368  # PostgreSQL's advisory lock of whoever writes; one number a database
# Of SQLite, in KiB. Indexing writes all over a vocabulary; readers find most pages in the system's own cache.
_CACHE_TO_WRITE, _CACHE_TO_READ = 65_536, 8_192
_ROOM = 2**20  # bytes free below which a failed write is put down to the disk


class Database:
    """An open archive, closed at the end of a `with`. `read` and `write` give connections."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._is_archive = False  # its tables are there and the newest

    @classmethod
    def create(cls, url: str) -> "Database":
        """Make the tables, or bring an existing archive forward. Raises BadConfig for a database that holds
        something else or cannot hold an archive."""
        return cls(_engine(url))._prepared(may_create=True)

    @staticmethod
    def is_missing(url: str) -> bool:
        """Whether it would be a file that is not there."""
        path = _file(_engine(url).url)
        return path is not None and not path.is_file()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open an archive, bringing it forward. Raises NoArchive, NewerDatabase, DamagedArchive."""
        engine = _engine(url)
        if (path := _file(engine.url)) and not path.is_file():
            raise NoArchive(
                f"no database {path}: put it back from a copy, or run `archiver init {path.parent}`"
                " for an empty one"
            )
        return cls(engine)._prepared(may_create=False)

    @property
    def name(self) -> str:
        """How messages name it: its file, or its URL without the password."""
        return _name(self.engine.url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the archive. Changes made on it are not kept."""
        with self._plainly(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: kept when the block ends, undone when it raises. Facts that it adds get into the
        ledger with it.

        Raises DiskFull, ArchiveBusy when another writer does not finish, DamagedArchive.
        """
        with (
            self._plainly(),
            self.engine.connect().execution_options(**_WRITES) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
            before = ledger.marks(connection) if self._is_archive else None
            yield connection
            if before is not None:
                ledger.seal(connection, before)

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepared(self, *, may_create: bool) -> "Database":
        try:
            self._prepare(may_create=may_create)
        except BaseException:
            self.close()
            raise
        return self

    def _prepare(self, *, may_create: bool) -> None:
        with self.read() as connection:
            known = self._version(connection, may_create=may_create)
        if known != migrations.HEAD:
            with self.write() as connection:
                # Somebody else may have done it while we waited for our turn.
                if self._version(connection, may_create=may_create) != migrations.HEAD:
                    migrations.migrate(connection)
                if self._version(connection, may_create=may_create) == migrations.HEAD:
                    ledger.begin(connection)
        self._is_archive = True

    def _version(self, connection: Connection, *, may_create: bool) -> str | None:
        """The database's version, or None where it is empty and may be filled."""
        tables = inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            if tables:
                raise BadConfig(f"{self.name} holds something else ({tables[0]} ...): name an empty database")
            if not may_create:
                raise NoArchive(f"{self.name} holds no archive: run `archiver init`")
            _check_fitness(connection, self.name)
            return None
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if version is not None and version not in migrations.REVISIONS:
            raise NewerDatabase(
                f"{self.name} is of version {version}, this archiver knows {migrations.HEAD}: update archiver"
            )
        return None if version is None else str(version)

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            _raise_plainly(error, self.engine.url)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise BadConfig(
                f"no database {_name(parsed)}: there are sqlite:///FILE and postgresql://HOST/NAME"
            )
        engine = create_engine(
            parsed,
            json_serializer=json_text,
            json_deserializer=from_json_text,
            hide_parameters=True,  # posts do not belong into error messages
            connect_args=_connect_args(parsed),
        )
    except (ArgumentError, NoSuchModuleError) as error:
        raise BadConfig(f"database URL not understood: {error}") from None
    except ModuleNotFoundError as error:
        raise BadConfig(
            f"PostgreSQL needs {error.name}: run `pip install 'bilingual-archiver[postgres]'`"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_args(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": PATIENCE}
    # Years near 9999 do not fit into local time.
    return {} if "options" in url.query else {"options": "-c timezone=UTC"}


# -- SQLite -----------------------------------------------------------------------------------------------


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info[:3]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug, by which a commit can be lost while another
    connection writes the log back (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
    fixed = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}.get(version[:2], (3, 51, 3))
    return version >= fixed


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not guessed by the driver
    connection.execute("PRAGMA foreign_keys = ON")
    mode, synchronous = ("WAL", "FULL") if wal_is_safe() else ("TRUNCATE", "FULL")
    [(got,)] = connection.execute(f"PRAGMA journal_mode = {mode}").fetchall()
    if got == "wal" and not wal_is_safe():
        raise sqlite3.OperationalError("database is locked")  # in use as WAL: we must not join
    connection.execute(f"PRAGMA synchronous = {synchronous}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that has read cannot wait its turn to write: it fails at once.
    writes = connection.get_execution_options().get("archiver_writes")
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_TO_WRITE if writes else _CACHE_TO_READ}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# -- what went wrong --------------------------------------------------------------------------------------


def _raise_plainly(error: DBAPIError, url: URL) -> NoReturn:
    """`error` as one of ours, where it is about the database and not about our statement."""
    cause = error.orig
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    said = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    name, path = _name(url), _file(url)
    if code in ("SQLITE_FULL", "53100"):
        raise DiskFull(f"{name}: no room left on the disk; what was stored before is safe") from error
    if code.startswith("SQLITE_IOERR") and path and _is_full(path):
        raise DiskFull(f"{name}: no room left on the disk; what was stored before is safe") from error
    if code.startswith("SQLITE_BUSY") or "database is locked" in said or code == "55P03":
        raise ArchiveBusy(
            f"{name} was in use by another process for more than {PATIENCE} s: try later"
        ) from error
    if code.startswith("SQLITE_READONLY") or code in ("25006", "42501"):
        raise ReadOnlyArchive(
            f"{name} cannot be written to ({said}): check the file, its folder and their permissions"
        ) from error
    if code in ("SQLITE_NOTADB", "SQLITE_CORRUPT", "XX001", "XX002") or code.startswith("SQLITE_CORRUPT"):
        raise DamagedArchive(f"{name} is damaged ({said}): restore it from a copy") from error
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM", "SQLITE_AUTH")):
        raise ArchiverError(f"{name}: {said}: check the file, its folder and their permissions") from error
    if (
        error.connection_invalidated
        or code.startswith(("08", "28", "3D", "57P", "53"))
        or (not code and not path)
    ):
        raise ArchiverError(
            f"{name}: {said}: check the server, the database's name and the password"
        ) from error
    raise error


def _is_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < _ROOM


def _file(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _name(url: URL) -> str:
    return str(_file(url) or url.render_as_string(hide_password=True))


def _check_fitness(connection: Connection, name: str) -> None:
    """Refuse a PostgreSQL database that glues Arabic punctuation to words, or cannot hold all letters."""
    if connection.dialect.name != "postgresql":
        return
    remedy = "CREATE DATABASE archive TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8'"
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise BadConfig(f"{name} is encoded as {encoding}: make one with {remedy}")
    finds = text("SELECT to_tsvector('simple', 'آب، نان۔') @@ plainto_tsquery('simple', 'نان')")
    if not connection.scalar(finds):
        raise BadConfig(f"{name} takes '۔' and '،' for letters (its ctype is C): make one with {remedy}")
