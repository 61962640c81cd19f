"""The whole way, on the made-up world: watch, crawl, translate, see it change, crawl again, search both sides."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archiver import config
from archiver.demo.mastodon import HOST
from archiver.demo.server import PLATFORMS, WorldServer
from archiver.demo.world import CHANNEL, CITY, MARKET, SPORT
from archiver.errors import Usage
from archiver.jobs import watch
from archiver.jobs.crawl import CrawlResult, crawl
from archiver.jobs.init import init
from archiver.jobs.packages import install_demo
from archiver.jobs.translate import TranslateResult, translate

MARK = "# Made by `archiver demo`, which may remove this folder when it runs again.\n"
TOKEN = "ARCHIVER_DEMO_TOKEN"  # the name of a variable; the made-up X asks for no real token

ADDRESSES = (
    f"https://t.me/s/{CHANNEL.handle}",
    f"https://x.com/{CITY.handle}",
    f"https://{HOST}/@{MARKET.handle}",
    f"https://bsky.app/profile/{SPORT.handle}",
    "https://baad-e-saba.example/",
)

Told = Callable[[str, int], None]  # what is being done, how many so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What one day's run brought."""

    asked: int  # requests that the world answered
    crawled: CrawlResult
    translated: TranslateResult


def found(folder: Path) -> config.Config:
    """A new demonstration archive in `folder`. Raises Usage rather than touching anything that is not one."""
    path = folder / config.FILE
    if folder.exists() and any(folder.iterdir()):
        if not path.is_file() or not path.read_text(encoding="utf-8").startswith(MARK):
            raise Usage(f"{folder} exists and was not made by `archiver demo`; name another folder")
        shutil.rmtree(folder)
    return init(folder)


def settle(archive: config.Config, server: WorldServer) -> config.Config:
    """Point every platform of the archive at the made-up world, watch its accounts, install its packages."""
    path = archive.folder / config.FILE
    tables = "".join(f'\n[platforms.{p}]\nbase_url = "{server.url}/{p}"\ndelay = 0.0\n' for p in PLATFORMS)
    tables = tables.replace("[platforms.x]\n", f'[platforms.x]\ntoken_env = "{TOKEN}"\npage_size = 20\n')
    path.write_text(MARK + path.read_text(encoding="utf-8") + tables, encoding="utf-8")
    os.environ.setdefault(TOKEN, "made-up")
    settled = config.load(archive.folder)
    watch.add(settled, [watch.Wish(named=address, tags=("demo",)) for address in ADDRESSES])
    install_demo(settled)
    return settled


def live(archive: config.Config, server: WorldServer, told: Told) -> Day:
    """One day of an archive: crawl what is new, translate it."""
    before = len(server.requests)
    crawled = crawl(archive, on_progress=lambda seen: told("crawling", seen.served))
    translated = translate(
        archive, allow_demo=True, on_progress=lambda what, count: told(f"translating: {what}", count)
    )
    return Day(asked=len(server.requests) - before, crawled=crawled, translated=translated)
