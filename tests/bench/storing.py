"""How many posts a second the archive stores, against raw sqlite3 inserting the same into one plain table.

Both write pages of 100, one transaction a page, with the same journal and the same syncs to the disk. The raw
table has one index (the post's id) and no accounts, revisions, observations, attachments or references.
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from archiver.posts import Account, Attachment, Capture, Harvest, Metric, Post, Reference
from archiver.store import watches, writes
from archiver.store.database import Database, wal_is_safe

PAGES, SIZE, ROUNDS = 40, 100, 3
NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
SENTENCES = (
    "د هرات لاره د واورې له امله بنده ده.",
    "آج شہر میں بازار کھلے رہیں گے۔",
    "الطريق إلى الجبل مفتوح منذ الصباح.",
    "فردا هوا آفتابی خواهد بود.",
)
COLUMNS = (
    "platform, native_id, author, kind, url, published_at, text, html, digest, links, tags, metrics, "
    "attachments, reference, seen_at"
)


def harvests(moment: datetime) -> Iterator[Harvest]:
    """Pages of posts of the usual size: 200 characters, links, tags, counts, some pictures and replies."""
    account = Account(platform="telegram", native_id="1", handle="x", name="خبرونه")
    for page in range(PAGES):
        first = page * SIZE
        capture = Capture(
            url="https://example.org/s/x",
            fetched_at=moment + timedelta(seconds=page),
            status=200,
            sha256="0" * 64,
            size=50_000,
            warc=f"{moment:%H%M}.warc.gz",
            offset=page * 9000,
            length=9000,
        )
        posts = tuple(_post(number, account) for number in range(first, first + SIZE))
        yield Harvest(
            platform="telegram",
            handle="x",
            capture=capture,
            cursor=f'{{"before":{first}}}',
            account=account,
            posts=posts,
            served=SIZE,
        )


def _post(number: int, account: Account) -> Post:
    text = f"{number}: " + " ".join(SENTENCES[(number + k) % len(SENTENCES)] for k in range(6))
    url = f"https://example.org/x/{number}"
    return Post(
        platform="telegram",
        native_id=f"x/{number}",
        author=account,
        url=url,
        published_at=NOON + timedelta(minutes=number),
        text=text,
        html=f'<div dir="auto">{text}</div>',
        links=(url,),
        tags=("هرات",),
        metrics=(Metric(name="views", value=number), Metric(name="reaction:👍", value=number % 7)),
        attachments=(Attachment(kind="image", key=f"{number}.jpg"),) if number % 3 == 0 else (),
        references=(Reference(relation="reply", native_id=f"x/{number - 1}"),) if number % 4 == 0 else (),
    )


def raw_row(post: Post, seen: datetime) -> tuple[object, ...]:
    """The same facts as one flat row."""
    return (
        post.platform,
        post.native_id,
        post.author.native_id,
        post.kind,
        post.url,
        str(post.published_at),
        post.text,
        post.html,
        post.digest(),
        json.dumps(post.links),
        json.dumps(post.tags, ensure_ascii=False),
        json.dumps({metric.name: metric.value for metric in post.metrics or ()}, ensure_ascii=False),
        json.dumps([attachment.key for attachment in post.attachments or ()]),
        json.dumps([reference.native_id for reference in post.references or ()]),
        str(seen),
    )


def seconds_stored(database: Database, pages: Sequence[Harvest]) -> float:
    start = time.perf_counter()
    for harvest in pages:
        with database.write() as connection:
            writes.store_harvest(connection, harvest)
    return time.perf_counter() - start


def seconds_raw(path: Path, pages: Sequence[Harvest]) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {'WAL' if wal_is_safe() else 'TRUNCATE'}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute(f"CREATE TABLE post ({COLUMNS}, UNIQUE (platform, native_id))")
        insert = f"INSERT INTO post VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"
        start = time.perf_counter()
        for harvest in pages:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                insert, [raw_row(post, harvest.capture.fetched_at) for post in harvest.posts]
            )
            connection.execute("COMMIT")
        return time.perf_counter() - start


def main() -> None:
    """Print posts a second: first stored, seen again unchanged, raw; and what the archive costs more."""
    new, again, raw = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            first, second = list(harvests(NOON)), list(harvests(NOON + timedelta(days=1, minutes=1)))
            raw.append(PAGES * SIZE / seconds_raw(Path(folder) / "raw.db", first))
            with Database.create(f"sqlite:///{Path(folder) / 'archive.db'}") as database:
                with database.write() as connection:
                    watches.add(connection, platform="telegram", handle="x", at=NOON)
                new.append(PAGES * SIZE / seconds_stored(database, first))
                again.append(PAGES * SIZE / seconds_stored(database, second))
    speeds = {"stored": median(new), "seen again": median(again), "raw sqlite3": median(raw)}
    print(f"storing: pages of {SIZE}, {PAGES * SIZE} posts, median of {ROUNDS} rounds")
    for name, speed in speeds.items():
        print(f"  {name:<12} {speed:>9,.0f} posts/s   {speed / speeds['raw sqlite3']:.2f} of raw")


if __name__ == "__main__":
    main()
