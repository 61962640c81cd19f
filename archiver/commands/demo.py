"""archiver demo"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import progress, say

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.demo.tour import Day


@click.command(epilog="Example:  archiver demo && archiver --archive demo-archive search بازار")
@click.argument("folder", metavar="[DIR]", default="demo-archive", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Show the whole way on a small made-up world, offline, in under a minute."""
    from archiver.demo import tour
    from archiver.demo.server import WorldServer

    began = time.monotonic()
    archive = tour.found(folder)
    with WorldServer() as server, progress() as bars:
        tasks: dict[str, int] = {}

        def told(what: str, count: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            bars.update(tasks[what], completed=count)  # type: ignore[arg-type]

        say(f"A made-up world is at {server.url}: five platforms, five accounts, nobody in it is real.")
        settled = tour.settle(archive, server)
        for address in tour.ADDRESSES:
            print(f"watching  {address}")
        first = tour.live(settled, server, told)
        _day("First day", first)
        say("The world goes on: news everywhere, three posts edited, four deleted.")
        server.day = 2
        tasks.clear()
        second = tour.live(settled, server, told)
        _day("Second day", second)
    _searches(settled)
    _look_around(folder, time.monotonic() - began)


def _day(title: str, day: "Day") -> None:
    print(f"\n{title}: {day.asked} pages asked for")
    for outcome in day.crawled.outcomes:
        print(f"  {outcome.watch}: {outcome.new} new, {outcome.revised} revised")
    for language in day.translated.languages:
        owed = f", {language.owed} owed: {language.reason}" if language.owed else ""
        if language.translated or owed:
            print(f"  {language.language}: {language.translated} translated{owed}")


def _searches(archive: "Config") -> None:
    """Search in both languages; the words are typed as people type them, not as they stand in the posts."""
    from archiver.commands.search import draw
    from archiver.jobs.search import search
    from archiver.store.filters import Filters

    for query, why in (
        ("بازار", "in the originals, whatever the language"),
        ("price", "in the English"),
        ("كتابونه", "Pashto, typed with an Arabic keyboard"),
        ("match", "in the English of Urdu and Pashto posts"),
    ):
        answer = search(archive, Filters(query=query), limit=3).answer
        print(f"\n{query}  ({why}): {answer.total} posts")
        draw(answer.hits)


def _program() -> str:
    """How this very command can be called again from here."""
    if shutil.which("archiver"):
        return "archiver"
    called = os.path.relpath(sys.argv[0])
    return "python -m archiver" if called.endswith("__main__.py") else called


def _look_around(folder: Path, seconds: float) -> None:
    print(f"\nDone in {seconds:.0f} s. The archive is in {folder}; look around:")
    for example in (
        "search بجلی",
        'search "road closed" --side translation',
        "status",
        "show telegram:demo_khar_ghag/97",
        "export tmx -o pairs.tmx",
    ):
        print(f"  {_program()} --archive {folder} {example}")
    print(
        "Its translations come from demonstration packages, which know only their own few hundred sentences."
    )
