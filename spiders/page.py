"""One response as a platform module sees it: no Scrapy, no clock, no database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archiver.errors import PageChanged
from archiver.posts import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The account that somebody asked to watch, as it was named: nothing is known of it yet.

    `handle` is canonical (`mastodon`: `name@host`, `feed`: the address, others: the name without @), so that
    the same account pasted in two ways is one watch.
    """

    platform: str
    handle: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.handle}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A response, decompressed. `headers` have lower-case names; `account` is what is known so far;
    `after_empty` says that the page asked for just before this one, on the same walk, held no posts."""

    url: str
    body: bytes
    target: Target
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime
    account: Account | None = None
    after_empty: bool = False

    def json(self) -> Any:
        """The body as JSON. Raises PageChanged where it is something else (an HTML error page, say)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:  # the latter: brackets nested by the thousand
            kind = self.headers.get("content-type", "no content type")
            raise PageChanged(self.url, f"expected JSON, got {kind} ({error})") from None
