"""Archives of made-up posts, filled and indexed once and kept in the folder for temporary files.

They are made anew when what made them has changed: the made-up posts, the tables, the index.
"""

import hashlib
import json
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from made_up_posts import fill
from sqlalchemy import text

from archiver.store import indexing, migrations
from archiver.store.database import Database

ROOT = Path(__file__).parents[2]
MADE_BY = (
    "tests/bench/made_up_posts.py",
    "archiver/store/doc_ids.py",
    "archiver/store/indexing.py",
    "archiver/store/words.py",
    "translations/fold.py",
)
KEPT = Path(tempfile.gettempdir()) / "archiver-bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """How the index was built: seconds of wall clock and of CPU time; sizes in bytes."""

    posts: int
    took: float
    cpu: float
    before: int
    index: int

    def __str__(self) -> str:
        return (
            f"{self.posts:,} posts ({self.before / 1e6:,.0f} MB) indexed in {self.took:,.1f} s, "
            f"{self.cpu:,.1f} s of CPU time here ({self.posts / self.took:,.0f} posts/s), "
            f"{self.index / 1e6:,.0f} MB of index"
        )


def archive(count: int) -> tuple[Path, Built]:
    """The folder of an archive with `count` posts, and how it was built."""
    made_by = b"".join((ROOT / name).read_bytes() for name in MADE_BY) + migrations.HEAD.encode()
    folder = KEPT / f"{count}-{hashlib.sha256(made_by).hexdigest()[:12]}"
    if not folder.is_dir():
        for older in KEPT.glob(f"{count}-*"):
            shutil.rmtree(older)
        part = folder.with_suffix(".part")
        part.mkdir(parents=True)
        part.joinpath("archiver.toml").touch()
        with Database.create(f"sqlite:///{part / 'archive.db'}") as database:
            part.joinpath("built.json").write_text(json.dumps(asdict(built(database, count))))
        part.rename(folder)
    return folder, Built(**json.loads(folder.joinpath("built.json").read_text()))


def built(database: Database, count: int) -> Built:
    """Fill an empty archive and index it."""
    fill(database, count)
    before, start, cpu = size(database), time.perf_counter(), time.process_time()
    indexing.catch_up(database)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    return Built(posts=count, took=took, cpu=cpu, before=before, index=size(database) - before)


def size(database: Database) -> int:
    with database.read() as connection:
        if connection.dialect.name == "sqlite":
            pages = connection.scalar(text("PRAGMA page_count")) or 0
            return int(pages) * int(connection.scalar(text("PRAGMA page_size")) or 0)
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
