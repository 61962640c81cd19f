"""How long the commands take that read or count all that matches, at a tenth of ARCHIVER_BENCH_POSTS and all.

`kwic` is the concordance of 1,000 hits. Each runs in a process of its own, imports included; memory is the
peak of that process. The query is the most frequent Urdu word, unless another is named.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from _alone import alone
from archives import archive

POSTS = int(os.environ.get("ARCHIVER_BENCH_POSTS", "100000"))
WORD = "کے"


def searched(folder: Path) -> Any:
    from archiver.jobs import search

    return search.search(_config(folder), _filters(WORD)).answer.total


def facets(folder: Path) -> Any:
    from archiver.jobs import search

    return len(search.facets(_config(folder), _filters(WORD)).accounts)


def trend(folder: Path) -> Any:
    from archiver.jobs import search

    return len(search.trend(_config(folder), _filters(WORD), "month"))


def words(folder: Path) -> Any:
    from archiver.jobs import search

    return search.word_list(_config(folder), _filters(WORD), limit=50).read


def words_of_all(folder: Path) -> Any:
    from archiver.jobs import search

    return search.word_list(_config(folder), _filters(""), limit=50).read


def collocates(folder: Path) -> Any:
    from archiver.jobs import search

    found = search.collocates(_config(folder), _filters(WORD), window=5, at_least=5, limit=50)
    return found.read


def kwic(folder: Path) -> Any:
    from archiver.jobs import search
    from archiver.store.concordance import concordance

    found = search.search(_config(folder), _filters(WORD), limit=1000)
    return len(concordance(found.answer.hits, 8, "left"))


def alerts(folder: Path) -> Any:
    """A search is saved and asked for news, of which there are none."""
    from archiver.jobs import alerts

    known = alerts.keep(_config(folder), "bench", _filters(WORD))
    assert [len(news.posts) for news in alerts.alerts(_config(folder), ["bench"])] == [0]
    alerts.remove(_config(folder), ["bench"])
    return known


def status(folder: Path) -> Any:
    from archiver.store.database import Database
    from archiver.store.totals import totals

    with Database.open(_config(folder).database_url) as database, database.read() as connection:
        return totals(connection).posts


def check(folder: Path) -> Any:
    from archiver.jobs.index import check

    found = check(_config(folder))
    assert found.wrong == ()
    return found.waiting


def _config(folder: Path) -> Any:
    from archiver.config import Config

    return Config(folder=folder)


def _filters(query: str) -> Any:
    from archiver.store.filters import Filters

    return Filters(query=query)


TIMED: tuple[tuple[str, Callable[[Path], Any]], ...] = (
    ("search", searched),
    ("search --facets", facets),
    ("trends", trend),
    ("words QUERY", words),
    ("words", words_of_all),
    ("collocates", collocates),
    ("search --kwic", kwic),
    ("--save and alerts", alerts),
    ("status", status),
    ("index check", check),
)


def main() -> None:
    """Print seconds and memory of each command at two sizes."""
    for count in (POSTS // 10, POSTS):
        folder, _ = archive(count)
        print(f"{count:,} posts", flush=True)
        for name, run in TIMED:
            took = alone(run, folder)
            print(
                f"  {name:<20}{took.wall:>8.2f} s{took.cpu:>8.2f} s CPU{took.peak:>7} MiB   {took.answer:,}",
                flush=True,
            )


if __name__ == "__main__":
    main()
