"""How a run treats a host, whoever asks it: one pace and so many requests at a time, over all platforms.

Scrapy keeps a delay for each crawler; a server that is watched through two platforms (its API and its feed)
and asked for pictures as well would be asked three times as often.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class Hosts:
    """Shared by all crawlers of a run."""

    def __init__(self) -> None:
        self.rests: dict[str, Any] = {}  # hosts that want to be left alone, as `spiders.base` notes them
        self._places: dict[str, asyncio.Semaphore] = {}
        self._next: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str, delay: float, at_once: int) -> AsyncIterator[None]:
        """Wait until `host` may be asked: at most `at_once` requests are under way, none of them within
        `delay` seconds of the one before. Whoever comes first says how many may be under way."""
        places = self._places.setdefault(host, asyncio.Semaphore(max(1, at_once)))
        async with places:
            now = time.monotonic()
            at = max(now, self._next.get(host, 0.0))
            self._next[host] = at + delay
            if at > now:
                await asyncio.sleep(at - now)
            yield
