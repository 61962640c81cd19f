"""Downloaded media against the digests that they are named by."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from archiver.store import media
from archiver.store.checks import Finding, Tally
from archiver.store.database import Database


def check(database: Database, folder: Path, tally: Tally, *, quick: bool = False) -> Iterator[Finding]:
    """Every file below the archive's `folder`. `quick` reads none: it compares their sizes."""
    with database.read() as connection:
        for kept in media.media_files(connection):
            path = folder / kept.path
            if not path.is_file():
                yield Finding(where=str(path), what="the file is missing")
            elif path.stat().st_size != kept.size:
                what = f"it has {path.stat().st_size} bytes, and had {kept.size} when it was downloaded"
                yield Finding(where=str(path), what=what)
            elif not quick and _sha256(path) != kept.sha256:
                yield Finding(where=str(path), what="its bytes are not those that were downloaded")
            tally.count()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
