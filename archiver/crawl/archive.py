"""What the crawlers of one run share: the archive they write into, their counts, and what ended the run."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scrapy.crawler import Crawler
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from archiver.config import Config
from archiver.crawl.batches import Batches
from archiver.crawl.hosts import Hosts
from archiver.crawl.settings import how_collected
from archiver.errors import ArchiverError, NotFound
from archiver.posts import Capture, Harvest, Refusal
from archiver.store.captures import Captures, Exchange
from archiver.store.database import Database
from archiver.store.writes import Stored, record_failure, store_harvest
from spiders.visit import Failed

logger = logging.getLogger(__name__)

_ATTRIBUTE = "archive"  # of a crawler


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of one watch in this run."""

    platform: str
    handle: str
    pages: int = 0
    served: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    gone: int = 0
    problems: int = 0
    lost: int = 0  # read, but not stored: must stay 0
    refusal: Refusal | None = None
    problem: str | None = None  # the first of the posts that could not be read
    error: str | None = None
    rate_limited: bool = False
    changed: bool = False


def now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """One archive open for crawling. `on_change` hears of every page, in the event loop's thread; `clock`
    dates what is captured."""

    def __init__(
        self,
        config: Config,
        database: Database,
        on_change: Callable[[Tally], None] | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.config = config
        self.clock = clock
        self.database = database
        self.captures = Captures(config.captures_dir, how_collected(config))
        self.hosts = Hosts()
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.fatal: BaseException | None = None
        self._crawlers: list[Crawler] = []
        self._closing: list[asyncio.Task[None]] = []
        self._on_change = on_change
        self._keeping = Batches(self.captures.append_all, "captures")
        self._storing = Batches(self._store_all, "store")

    @classmethod
    def of(cls, crawler: Crawler) -> "Archive":
        """The archive that a crawler writes into."""
        found: Archive = getattr(crawler, _ATTRIBUTE)
        return found

    def serve(self, crawler: Crawler) -> None:
        """Let a crawler write here."""
        setattr(crawler, _ATTRIBUTE, self)
        self._crawlers.append(crawler)

    def tally(self, platform: str, handle: str) -> Tally:
        return self.tallies.setdefault((platform, handle), Tally(platform=platform, handle=handle))

    async def keep(self, exchange: Exchange) -> Capture:
        """Have an exchange on disk. An error ends the run."""
        try:
            return await self._keeping.do(exchange)
        except (OSError, ArchiverError) as error:
            self.fail(error)
            raise

    async def store(self, item: Harvest | Failed) -> bool:
        """Store a page and count it; False when it could not be. An error of the store ends the run."""
        tally = self.tally(item.platform, item.handle)
        try:
            stored = await self._storing.do(item)
        except Exception as error:  # noqa: BLE001 - the run ends and its caller hears why, or the page is named
            if _is_about_the_page(error):
                await self._put_aside(item, error)
            else:
                self.fail(error)
            return False
        _count(tally, item, stored)
        if self._on_change:
            self._on_change(tally)
        return True

    def fail(self, error: BaseException) -> None:
        """End the run: nothing more can be kept or stored, and asking for more would only lose it."""
        if self.fatal is not None:
            return
        self.fatal = error
        for crawler in self._crawlers:
            if crawler.crawling:
                closing = crawler.engine.close_spider_async(reason="store_failed")
                self._closing.append(asyncio.ensure_future(closing))

    def close(self) -> None:
        self._storing.close()
        self._keeping.close()
        self.captures.close()

    async def _put_aside(self, item: Harvest | Failed, error: Exception) -> None:
        what = f"could not be stored: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        logger.error("%s:%s: a page %s", item.platform, item.handle, what)
        self.tally(item.platform, item.handle).error = what
        if isinstance(item, Harvest) and not isinstance(error, NotFound):
            url = item.capture.url
            note = Failed(platform=item.platform, handle=item.handle, url=url, what=what, at=self.clock())
            await self.store(note)

    def _store_all(self, items: Sequence[Harvest | Failed]) -> list[Stored | None]:
        """All of them in one transaction. Runs in the store's thread."""
        with self.database.write() as connection:
            return [self._store_one(connection, item) for item in items]

    def _store_one(self, connection: Any, item: Harvest | Failed) -> Stored | None:
        if isinstance(item, Harvest):
            return store_harvest(connection, item)
        record_failure(
            connection,
            platform=item.platform,
            handle=item.handle,
            url=item.url,
            what=item.what,
            at=item.at,
            capture=item.capture,
        )
        return None


def _is_about_the_page(error: Exception) -> bool:
    """Can other pages still be stored? Then this one waits, its cursor before it, and is named."""
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError | IntegrityError)
    return isinstance(error, NotFound | ValueError | TypeError | LookupError | StatementError)


def _count(tally: Tally, item: Harvest | Failed, stored: Stored | None) -> None:
    if isinstance(item, Failed):
        tally.error = f"{item.url}: {item.what}"
        tally.rate_limited, tally.changed = item.rate_limited, item.changed
        return
    tally.pages += 1
    tally.served += item.served
    tally.problems += len(item.problems)
    if item.problems and tally.problem is None:
        tally.problem = f"{item.problems[0].url}: {item.problems[0].what}"
    tally.refusal = item.refusal or tally.refusal
    if stored is not None:
        tally.new += stored.new
        tally.revised += stored.revised
        tally.unchanged += stored.unchanged
        tally.gone += stored.gone
        told = stored.new + stored.revised + stored.unchanged
        tally.lost += max(0, item.served - len(item.problems) - told)
