"""How many pairs a second each export writes, and in how much memory, against sqlite3 dumping rows as csv.

The plain dump reads source, target and package from one table that holds nothing else: no joins, no marks, no
data card. PAIRS=100000 in the environment for more than the default. Speeds are per second of CPU time, which
other programs on the machine do not change much.
"""

import csv
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

PAIRS = int(os.environ.get("PAIRS", "10000"))
FORMATS = ("tmx", "parquet", "moses")
NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
A_POST = 2  # segments
SENTENCES = (
    ("د هرات لاره د واورې له امله بنده ده.", "The Herat road is closed because of snow."),
    ("نن به په ټول ښار کې بازارونه خلاص وي.", "Markets will be open all over the city today."),
)


def fill(folder: Path) -> None:
    """An archive of posts with two segments each, through the archive's own writes; and the plain table."""
    from sqlalchemy import select

    from archiver.posts import Account, Capture, Harvest
    from archiver.store import tables, translating, watches, writes
    from archiver.store.database import Database
    from archiver.store.translating import SavedSegment, SavedTranslation

    account = Account(platform="telegram", native_id="1", handle="x")
    with Database.create(f"sqlite:///{folder / 'archive.db'}") as database:
        with database.write() as connection:
            watches.add(connection, platform="telegram", handle="x", at=NOON)
        for first in range(0, PAIRS // A_POST, 500):
            numbers = range(first, min(first + 500, PAIRS // A_POST))
            posts = tuple(_post(number, account) for number in numbers)
            seen = NOON + timedelta(seconds=first)
            capture = Capture(
                url="https://example.org/s/x",
                fetched_at=seen,
                status=200,
                sha256="0" * 64,
                size=1,
                warc="c.warc.gz",
                offset=first,
                length=1,
            )
            harvest = Harvest(
                platform="telegram",
                handle="x",
                capture=capture,
                cursor="{}",
                account=account,
                posts=posts,
                served=len(posts),
            )
            with database.write() as connection:
                writes.store_harvest(connection, harvest)
                revision = tables.revision.c
                ids = connection.scalars(select(revision.id).order_by(revision.id.desc()).limit(len(posts)))
                made = []
                for id, post in zip(reversed(ids.all()), posts, strict=True):
                    segments, end = [], 0
                    for index, (source, target) in enumerate(_sentences(int(post.native_id))):
                        start = post.body.index(source, end)
                        end = start + len(source)
                        segments.append(
                            SavedSegment(
                                index=index, start=start, end=end, source=source, target=target, score=-0.25
                            )
                        )
                    made.append(
                        SavedTranslation(
                            revision_id=id,
                            target="en",
                            engine="argos",
                            package_name="p",
                            package_version="1.0",
                            package_sha256="0" * 64,
                            options="beam=2",
                            flags=(),
                            segments=tuple(segments),
                        )
                    )
                translating.save_detections(
                    connection, [(row.revision_id, "ps", 0.97, "ngrams") for row in made], seen
                )
                translating.save_translations(connection, made, seen)
    with closing(sqlite3.connect(folder / "plain.db")) as plain, plain:
        plain.execute("CREATE TABLE pair (source, target, package)")
        plain.executemany(
            "INSERT INTO pair VALUES (?, ?, 'p')",
            (pair for number in range(PAIRS // A_POST) for pair in _sentences(number)),
        )


def _sentences(number: int) -> list[tuple[str, str]]:
    return [(f"{number} {source}", f"{number} {target}") for source, target in SENTENCES]


def _post(number: int, account: object) -> object:
    from archiver.posts import Post

    text = " ".join(source for source, _ in _sentences(number))
    url = f"https://example.org/x/{number}"
    return Post(
        platform="telegram", native_id=str(number), author=account, text=text, url=url, published_at=NOON
    )


def plain(folder: Path) -> tuple[float, int, int]:
    """Seconds of CPU time, and the peak of memory before and after, in MiB."""

    def dump() -> None:
        with closing(sqlite3.connect(folder / "plain.db")) as rows, (folder / "plain.csv").open("w") as file:
            csv.writer(file).writerows(rows.execute("SELECT * FROM pair"))

    return _timed(dump)


def exported(folder: Path, format: str) -> tuple[float, int, int]:
    from archiver import exports
    from archiver.config import Config
    from archiver.jobs.export import export
    from archiver.store.filters import Filters

    exports.named(format)

    def run() -> None:
        done = export(Config(folder=folder), format, Filters(), folder / f"{format}-corpus", folder=True)
        assert done.pairs == PAIRS, done

    return _timed(run)


def _timed(run: Callable[[], None]) -> tuple[float, int, int]:
    before, start = _peak(), time.process_time()
    run()
    return time.process_time() - start, before, _peak()


def _peak() -> int:
    """The most memory so far, in MiB. Not ru_maxrss, which a new process inherits from who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> None:
    """Print pairs a second and the peak of memory; every export runs in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        print(f"exporting {PAIRS} pairs of {PAIRS // A_POST} posts")
        base = 0.0
        for what in ("plain sqlite3 to csv", *FORMATS):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                job = alone.submit(exported, folder, what) if what in FORMATS else alone.submit(plain, folder)
                seconds, before, after = job.result()
            speed = PAIRS / seconds
            base = base or speed
            print(
                f"  {what:<22} {speed:>10,.0f} pairs/s   1/{base / speed:<6.1f}"
                f" peak {after} MiB ({after - before:+} while it ran)"
            )


if __name__ == "__main__":
    main()
