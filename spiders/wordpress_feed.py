"""A WordPress site's feed, for where its API is closed: the same posts under the same ids.

WordPress writes a post's number into the guid (`https://news.example/?p=123`); an entry that has none keeps
the id it would have as a feed's. Edits show only while a post is on the newest page.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from archiver.config import PlatformConfig
from archiver.posts import Account, Post
from spiders import facts
from spiders.feed import NewsFeed
from spiders.page import Page, Target
from spiders.wordpress_post import PLATFORM, site

NUMBER = re.compile(r"[?&]p=(\d+)$", re.ASCII)


def is_feed(url: str) -> bool:
    return facts.in_query(url, "feed") is not None or urlsplit(url).path.rstrip("/").endswith("/feed")


class SiteFeed:
    """Reads such pages by `spiders.feed`."""

    def __init__(self, config: PlatformConfig) -> None:
        self._reader = NewsFeed()
        self._reader.config = config

    def account(self, page: Page) -> Account | None:
        """Who the site is; its fallback id gives way to the API's address once that is open."""
        found = self._reader.account(_as_feed(page))
        if found is None:
            return None
        known = page.account.native_id if page.account else f"@{page.target.handle}"
        return replace(found, platform=PLATFORM, native_id=known, handle=page.target.handle)

    def items(self, page: Page) -> Sequence[Any]:
        return self._reader.items(_as_feed(page))

    def post(self, item: Any, page: Page) -> Post:
        read = self._reader.post(item, _as_feed(page))
        number = NUMBER.search(item.entry.guid or "")
        return replace(
            read,
            platform=PLATFORM,
            native_id=f"{number[1]}@{site(page.target)}" if number else read.native_id,
            author=replace(read.author, platform=PLATFORM, handle=page.target.handle),
        )

    def next(self, page: Page) -> str | None:
        return self._reader.next(_as_feed(page))


def _as_feed(page: Page) -> Page:
    target = Target(platform="feed", handle=f"{page.target.handle}/")
    account = page.account or Account(
        platform=PLATFORM, native_id=f"@{page.target.handle}", handle=page.target.handle
    )
    return replace(page, target=target, account=account)
