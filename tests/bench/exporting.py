"""How many pairs a second each export writes, and in how much memory, against sqlite3 dumping rows as csv.

Memory is measured at 10,000 posts, at ARCHIVER_BENCH_POSTS and where that is larger at 100,000: it must not
grow. The plain dump reads source, target and package from one table that holds nothing else: no joins, no
marks, no data card. Speeds are per second of CPU time, which other programs on the machine change less.
"""

import csv
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _alone import alone
from archives import archive

POSTS = int(os.environ.get("ARCHIVER_BENCH_POSTS", "100000"))
SMALL = 10_000
FORMATS = ("tsv", "moses", "jsonl", "parquet", "tmx")


def plain_table(folder: Path, to: Path) -> None:
    """The pairs of an archive in a table of three columns."""
    with closing(sqlite3.connect(to)) as plain, plain:
        plain.execute("ATTACH ? AS archive", (str(folder / "archive.db"),))
        plain.execute(
            "CREATE TABLE pair AS SELECT s.source, t.text AS target, 'made-up' AS package "
            "FROM archive.segment s JOIN archive.translated_segment t ON t.segment_id = s.id"
        )


def dump(table: Path, to: Path) -> int:
    """Rows written."""
    with closing(sqlite3.connect(table)) as rows, to.open("w") as file:
        csv.writer(file).writerows(rows.execute("SELECT * FROM pair"))
        return int(rows.execute("SELECT count(*) FROM pair").fetchone()[0])


def exported(folder: Path, format: str, to: Path, dedup: bool = False) -> int:
    """Pairs written, or kept out as repeated."""
    from archiver.config import Config
    from archiver.exports._choices import Choices
    from archiver.jobs.export import export
    from archiver.store.filters import Filters

    choices = Choices(by="segment", dedup="folded" if dedup else None)
    done = export(Config(folder=folder), format, Filters(), to, choices=choices, folder=True)
    return done.pairs + done.left_out.total()


def main() -> None:
    """Print pairs a second and the peak of memory; every export runs in a process of its own."""
    sizes = sorted({SMALL, POSTS, *((100_000,) if POSTS > 100_000 else ())})
    least: dict[str, int] = {}
    for count in sizes:
        folder, _ = archive(count)
        with tempfile.TemporaryDirectory() as name:
            to = Path(name)
            plain_table(folder, to / "plain.db")
            base = alone(dump, to / "plain.db", to / "plain.csv")
            speed = base.answer / base.cpu
            print(f"{count:,} posts, {base.answer:,} pairs; sqlite3 to csv {speed:,.0f} pairs/s", flush=True)
            for format in (*FORMATS, "tsv --dedup folded"):
                kind, _, dedup = format.partition(" ")
                took = alone(exported, folder, kind, to / f"{kind}{len(dedup)}", bool(dedup))
                first = least.setdefault(format, took.peak)
                here = took.answer / took.cpu
                print(
                    f"  {format:<20}{here:>9,.0f} pairs/s   1/{speed / here:<6.1f}"
                    f"peak {took.peak} MiB, {took.peak / first:.2f} of that at {sizes[0]:,}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
