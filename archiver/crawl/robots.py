"""robots.txt is obeyed for pages. One that is missing allows all; one that cannot be had, nothing."""

import asyncio

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from archiver.addresses import origin
from archiver.errors import PageError
from spiders import backoff

Origin = tuple[str, str, int | None]


class RobotsMiddleware:
    """Asks each host once a run (RFC 9309: 4xx allows, 5xx forbids until it is over)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.user_agent: str = crawler.settings["USER_AGENT"]
        self._rules: dict[Origin, asyncio.Task[RobotParser | str | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        site = origin(request.url)
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._fetch(request))
        rules = await self._rules[site]
        if isinstance(rules, str):
            raise IgnoreRequest(rules)
        if rules is not None and not rules.allowed(request.url, self.user_agent):
            raise IgnoreRequest(f"robots.txt of {site[1]} forbids it")

    async def _fetch(self, request: Request) -> RobotParser | str | None:
        """The rules, None where there are none, or why nothing may be asked."""
        scheme, name, _ = origin(request.url)
        url = f"{scheme}://{request.url.partition('//')[2].partition('/')[0]}/robots.txt"
        meta = {name: request.meta.get(name, "") for name in ("home", "exactly")}
        meta["dont_obey_robotstxt"] = True
        crawling = getattr(self.crawler.spider, "crawling", None)
        tries, longest = (crawling.retries, crawling.max_wait) if crawling else (2, 30.0)
        for number in range(1, tries + 2):
            asked = Request(url, callback=NO_CALLBACK, meta=dict(meta), priority=1000, dont_filter=True)
            try:
                response = await self.crawler.engine.download_async(asked)
            except PageError:
                status = 0
            except Exception:  # noqa: BLE001 - no server: the page itself will say so, and better
                return None
            else:
                status = response.status
                if status < 300:
                    return ProtegoRobotParser.from_crawler(self.crawler, response.body)
                if status not in backoff.TRY_AGAIN:
                    return None
            if number <= tries:
                await asyncio.sleep(backoff.pause(number, longest))
        return f"robots.txt of {name} cannot be had (HTTP {status}), so nothing is asked of it now"
