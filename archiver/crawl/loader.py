"""Lets `scrapy list` and `scrapy crawl NAME` find the platforms."""

import builtins
from typing import Any

from scrapy import Request, Spider

import spiders
from archiver.errors import UnknownPlatform
from spiders.base import spider


class PlatformLoader:
    """Scrapy's view of the registry."""

    @classmethod
    def from_settings(cls, settings: Any) -> "PlatformLoader":
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        try:
            return spider(spider_name)
        except UnknownPlatform as error:
            raise KeyError(str(error)) from None

    def list(self) -> list[str]:
        return [*spiders.names()]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        return []
