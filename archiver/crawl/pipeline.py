"""The way of a page into the store: one transaction, its cursor included."""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archiver.crawl.archive import Archive
from archiver.posts import Harvest
from spiders.visit import Failed


class StorePipeline:
    """An item that comes out at the other end is committed; one that does not is dropped here."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePipeline":
        return cls(Archive.of(crawler))

    async def process_item(self, item: Any) -> Any:
        if isinstance(item, Harvest | Failed) and not await self.archive.store(item):
            raise DropItem("not stored")
        return item
