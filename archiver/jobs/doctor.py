"""Whether this machine and this archive are fit, check by check, each with what would help."""

import importlib.util
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from sqlalchemy import text

import archiver
from archiver import config as settings
from archiver.config import Config
from archiver.errors import ArchiverError

DISTRIBUTION = "bilingual-archiver"
OURS = ("archiver", "spiders", "translations")
UNWANTED = ("torch", "stanza", "spacy")
PYTHON = (3, 11)
ROOM = 2**30  # bytes free below which a crawl may soon have to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at; `remedy` stands where it is not as it should be."""

    name: str
    said: str
    remedy: str | None = None

    @property
    def ok(self) -> bool:
        return self.remedy is None


def doctor(folder: Path | None) -> Iterator[Check]:
    """Every check, the archive's only where there is one. Nothing raises: what fails is a finding."""
    yield python()
    yield from requirements()
    yield sqlite()
    yield from modules()
    yield heavy()
    if folder is None:
        yield Check(name="archive", said="none here; `archiver init DIR` makes one")
        return
    try:
        config = settings.load(folder)
    except ArchiverError as error:
        yield Check(name="archive", said=str(error), remedy="correct archiver.toml")
        return
    yield Check(name="archive", said=str(config.folder))
    for look in (database, captures, packages):
        yield from _safely(look, config)


def python() -> Check:
    said = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, PYTHON))
    return Check(
        name="Python",
        said=said,
        remedy=None if sys.version_info >= PYTHON else f"use Python {wanted} or newer",
    )


def requirements() -> Iterator[Check]:
    """The distributions that ours asks for, in the versions that are installed."""
    try:
        needed = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Check(name=DISTRIBUTION, said="is not installed", remedy="run `make setup` or `pip install .`")
        return
    for line in needed:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        yield _requirement(requirement)


def _requirement(requirement: Requirement) -> Check:
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Check(name=requirement.name, said="is missing", remedy=f"pip install '{requirement}'")
    fits = requirement.specifier.contains(version, prereleases=True)
    return Check(
        name=requirement.name,
        said=version,
        remedy=None if fits else f"needs {requirement.specifier}: pip install '{requirement}'",
    )


def sqlite() -> Check:
    from archiver.store.database import wal_is_safe

    journal = "WAL" if wal_is_safe() else "rollback journal, since this SQLite can lose commits under WAL"
    name = "full_text_is_there"
    try:
        with sqlite3.connect(":memory:") as connection:
            connection.execute(f"CREATE VIRTUAL TABLE {name} USING fts5(word)")
    except sqlite3.OperationalError as error:
        return Check(name="SQLite", said=str(error), remedy="use a Python whose sqlite3 has FTS5")
    return Check(name="SQLite", said=f"{sqlite3.sqlite_version}, {journal}")


def modules() -> Iterator[Check]:
    """Other distributions also bring modules of these names; whose is imported depends on the path."""
    home = Path(archiver.__file__).resolve().parent.parent
    for name in OURS:
        spec = importlib.util.find_spec(name)
        place = Path(spec.origin).resolve().parent.parent if spec and spec.origin else None
        if place == home:
            yield Check(name=f"module {name}", said="ours")
        else:
            said = f"comes from {place or 'nowhere'}, not from {home}"
            yield Check(
                name=f"module {name}", said=said, remedy=f"uninstall the other distribution with '{name}'"
            )


def heavy() -> Check:
    """The translation engine must work without torch and what needs it (3 GB, and they ask the network)."""
    import ctranslate2
    import sentencepiece

    there = [name for name in UNWANTED if name in sys.modules]
    versions = f"ctranslate2 {ctranslate2.__version__}, sentencepiece {sentencepiece.__version__}"
    if there:
        return Check(
            name="engine", said=f"{', '.join(there)} got imported", remedy=f"pip uninstall {' '.join(there)}"
        )
    return Check(name="engine", said=f"{versions}, without torch, stanza and spaCy")


def _safely(look: Callable[[Config], Iterator[Check]], config: Config) -> Iterator[Check]:
    try:
        yield from look(config)
    except (ArchiverError, OSError) as error:
        yield Check(
            name=look.__name__, said=str(error), remedy="put this right and run `archiver doctor` again"
        )


def database(config: Config) -> Iterator[Check]:
    """It opens, which also brings it to the newest version, and its full-text index is sound."""
    from archiver.store import migrations
    from archiver.store.database import Database

    with Database.open(config.database_url) as opened:
        with opened.read() as connection:
            kind = connection.dialect.name
            if kind == "sqlite":
                version = f"SQLite, journal {connection.scalar(text('PRAGMA journal_mode'))}"
            else:
                version = f"PostgreSQL {connection.scalar(text('SHOW server_version'))}"
        yield Check(name="database", said=f"{opened.name}, {version}, tables {migrations.HEAD} (newest)")


def captures(config: Config) -> Iterator[Check]:
    folder = config.captures_dir
    if not folder.is_dir():
        yield Check(name="captures", said=f"there is no folder {folder}", remedy=f"mkdir {folder}")
        return
    free = shutil.disk_usage(folder).free
    said = f"{folder}, {free / 2**30:.1f} GiB free"
    if not os.access(folder, os.W_OK):
        yield Check(name="captures", said=f"{folder} cannot be written", remedy=f"chmod u+w {folder}")
    else:
        yield Check(name="captures", said=said, remedy=None if free >= ROOM else "make room on this disk")


def packages(config: Config) -> Iterator[Check]:
    """Every installed translation package is still as it was when it was installed."""
    from translations import packages as installing
    from translations.errors import PackageError

    found = installing.installed(config.packages_dir)
    if not found:
        yield Check(name="packages", said="none installed; `archiver packages install ur` brings one")
    for package in found:
        name = f"package {package.name}"
        try:
            installing.verify(package)
        except PackageError as error:
            remedy = f"archiver packages remove {package.name}, then install it again"
            yield Check(name=name, said=str(error), remedy=remedy)
        else:
            demo = ", a demonstration" if package.demo else ""
            yield Check(name=name, said=f"{package.version}, as installed{demo}")
