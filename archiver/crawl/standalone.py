"""`scrapy crawl telegram -a account=...`: writes into the archive found from the working directory.

`archiver crawl` brings its own archive; then this extension keeps out of the way.
"""

import logging
from datetime import UTC, datetime

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

import spiders
from archiver import config as configuration
from archiver.crawl.archive import Archive
from archiver.crawl.lock import locked
from archiver.crawl.prepare import Prepared, Wish, prepare
from archiver.errors import Usage
from archiver.store import watches
from archiver.store.database import Database
from spiders.base import AccountSpider

logger = logging.getLogger(__name__)


class Standalone:
    """Opens the archive, adds the watch when it is new, and closes the archive at the end."""

    def __init__(self, crawler: Crawler) -> None:
        spider = crawler.spider
        assert isinstance(spider, AccountSpider)
        config = configuration.load(configuration.find())
        self._lock = locked(config.folder)
        self._lock.__enter__()
        self.archive = Archive(config, Database.open(config.database_url))
        self.archive.serve(crawler)
        watch = self._watch(spider)
        prepared = prepare(config, self.archive.database, spider.name, [watch], Wish(), self.archive.clock())
        _equip(spider, crawler, prepared)
        crawler.signals.connect(self._closed, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Standalone":
        if hasattr(crawler, "archive") or not isinstance(crawler.spider, AccountSpider):
            raise NotConfigured
        return cls(crawler)

    def _watch(self, spider: AccountSpider) -> watches.Watch:
        if not spider.wanted:
            raise Usage(f"name an account: scrapy crawl {spider.name} -a account=HANDLE")
        wanted = spider.wanted
        platform = spiders.load(spider.name)
        target = platform.address(wanted) or platform.handle(wanted)
        with self.archive.database.write() as connection:
            watch, new = watches.add(
                connection, platform=target.platform, handle=target.handle, at=datetime.now(UTC)
            )
        if new:
            logger.info("%s is watched from now on", watch)
        return watch

    def _closed(self) -> None:
        self.archive.close()
        self.archive.database.close()
        self._lock.__exit__(None, None, None)
        for tally in self.archive.tallies.values():
            said = tally.error or tally.refusal or f"{tally.new} new, {tally.revised} revised"
            logger.info("%s:%s: %d pages: %s", tally.platform, tally.handle, tally.pages, said)


def _equip(spider: AccountSpider, crawler: Crawler, prepared: Prepared) -> None:
    spider.visits = list(prepared.visits)
    spider.config, spider.crawling = prepared.config, prepared.crawling
    spider.token = prepared.token
    for name, value in prepared.settings.items():
        crawler.settings.set(name, value, priority="spider")
    for failed in prepared.failed:
        raise Usage(failed.what)
