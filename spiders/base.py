"""The one spider behind every platform: it asks for pages, waits when told to, and hands over what they say.

A platform module only reads (`spiders.platform`), and a `Visit` decides what follows from a page. One spider
visits many accounts at once; the pages of one account are asked for one after the other, each only after the
one before is stored together with its cursor, so the process may be killed at any moment.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DontCloseSpider,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)
from scrapy.http import Request, Response
from twisted.python.failure import Failure

import spiders
from archiver.addresses import CREDENTIALS, host, origin
from archiver.config import CrawlConfig, PlatformConfig
from archiver.errors import ArchiverError, PageError
from archiver.posts import Capture, Harvest
from spiders import backoff
from spiders.page import Page
from spiders.platform import Platform
from spiders.visit import Ask, Failed, Step, Visit

# Asking again would bring the same.
_FINAL = (IgnoreRequest, DownloadCancelledError, UnsupportedURLSchemeError)


def spider(name: str) -> "type[AccountSpider]":
    """The Scrapy spider of a platform. Raises UnknownPlatform."""
    platform = spiders.load(name)
    if issubclass(platform, AccountSpider):
        return platform
    return type(platform.__name__, (platform, AccountSpider), {"__doc__": platform.__doc__})


class Resting(IgnoreRequest):
    """The host asked to be left alone; the request was not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """Until when a host is to be left alone, and which accounts were told so."""

    until: datetime
    accounts: frozenset[str]


class AccountSpider(Platform, scrapy.Spider):
    """Visits accounts. Yields a `Harvest` for every page read and a `Failed` for every page that was not.

    `visits` are set by whoever runs the spider; `wanted` is what `scrapy crawl NAME -a account=...` named.
    """

    def __init__(
        self,
        *args: Any,
        visits: Sequence[Visit] = (),
        config: PlatformConfig | None = None,
        crawling: CrawlConfig | None = None,
        token: str | None = None,
        account: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rests: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.visits = list(visits)
        self.config = config or PlatformConfig()
        self.crawling = crawling or CrawlConfig()
        self.token = token
        self.wanted = account
        self.clock = clock
        self._waiting: set[asyncio.TimerHandle] = set()
        self._stored: dict[int, asyncio.Future[bool]] = {}
        self._rests: dict[str, _Rest] = {} if rests is None else rests  # of all platforms of a run

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "AccountSpider":
        made: AccountSpider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(made._idle, signals.spider_idle)
        crawler.signals.connect(made._kept, signals.item_scraped)
        crawler.signals.connect(made._lost, signals.item_dropped)
        crawler.signals.connect(made._lost, signals.item_error)
        return made

    async def start(self) -> AsyncIterator[Any]:
        for visit in self.visits:
            step = visit.begin(self, self.clock())
            yield self._request(visit, step) if isinstance(step, Ask) else step

    # -- what came --------------------------------------------------------------------------------

    async def received(self, response: Response, visit: Visit, ask: Ask, tries: int) -> AsyncIterator[Any]:
        """A response of any status; its capture is on disk."""
        request = response.request
        assert request is not None
        capture: Capture = request.meta["capture"]
        page = Page(
            url=response.url,
            body=response.body,
            target=visit.target,
            status=response.status,
            headers=_plain(response),
            fetched_at=capture.fetched_at,
            account=visit.account,
            after_empty=visit.after_empty,
        )
        said_so = self.limited(page)
        if said_so or page.status in backoff.TRY_AGAIN:
            asked_to_wait = backoff.asked(page.headers, page.status, datetime.now(UTC))
            limited = said_so or page.status in backoff.LIMITED or asked_to_wait is not None
            what = f"HTTP {page.status}"
            for step in self._again(request, what, wait=asked_to_wait, limited=limited, capture=capture):
                yield step
            return
        slow = min(backoff.ahead(page.headers), self.crawling.max_wait)
        async for thing in self._in_turn(visit, visit.read(self, page, capture, ask), slow):
            yield thing

    async def not_received(self, failure: Failure) -> AsyncIterator[Any]:
        """No response, or none that can be used."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error, visit = failure.value, request.cb_kwargs["visit"]
        capture: Capture | None = request.meta.get("capture")
        if isinstance(error, Resting):
            wait = self.rest(request) or 0.0
            steps = self._again(
                request, f"{host(request.url)} wants rest", wait=wait, limited=True, sent=False
            )
        elif isinstance(error, _FINAL):
            steps = self._given_up(visit, request.cb_kwargs["ask"], self._said(error), capture)
        else:
            steps = self._again(request, self._said(error), capture=capture)
        for step in steps:
            yield step

    async def _in_turn(self, visit: Visit, steps: Iterable[Step], slow: float) -> AsyncIterator[Any]:
        """Each step only after the harvest before it is stored, none after one that is not.

        The next page is asked for `slow` seconds later, where a quota is nearly used up."""
        for step in steps:
            if isinstance(step, Harvest):
                stored = self._stored[id(step)] = asyncio.get_running_loop().create_future()
                yield step
                if not await stored:
                    return
                continue
            request = self._request(visit, step) if isinstance(step, Ask) else step
            if slow and isinstance(request, Request):
                self._rest(request, visit, slow)
                self._later(slow, request)
            else:
                yield request

    def _kept(self, item: Any) -> None:
        self._settle(item, True)

    def _lost(self, item: Any) -> None:
        self._settle(item, False)

    def _settle(self, item: Any, kept: bool) -> None:
        future = self._stored.pop(id(item), None)
        if future and not future.done():
            future.set_result(kept)

    # -- asking -----------------------------------------------------------------------------------

    def _request(self, visit: Visit, ask: Ask, tries: int = 1) -> Request | Failed:
        try:
            return self._asking(visit, ask, tries)
        except (ArchiverError, ValueError) as error:
            return visit.failed(ask.url, f"cannot be asked for: {error}", self.clock())

    def _asking(self, visit: Visit, ask: Ask, tries: int) -> Request:
        home = self.root(visit.target) or ask.url
        headers = dict(self.headers(visit.target))
        private = tuple(name for name, value in headers.items() if self._is_secret(name, value))
        if origin(ask.url) != origin(home):
            headers = {name: value for name, value in headers.items() if name not in private}
        if ask.validators and ask.validators.etag:
            headers["If-None-Match"] = ask.validators.etag
        if ask.validators and ask.validators.last_modified:
            headers["If-Modified-Since"] = ask.validators.last_modified
        return Request(
            ask.url,
            callback=self.received,
            errback=self.not_received,
            cb_kwargs={"visit": visit, "ask": ask, "tries": tries},
            headers=headers,
            dont_filter=True,
            meta={
                # The address that a person named: archiver.crawl.gate checks against it where pages lead.
                "home": home,
                "private_headers": private,
                "dont_obey_robotstxt": not (self.obeys_robots and self.crawling.respect_robots),
            },
        )

    def _is_secret(self, name: str, value: str) -> bool:
        return name.lower() in CREDENTIALS or bool(self.token and self.token in value)

    def _again(
        self,
        request: Request,
        what: str,
        *,
        wait: float | None = None,
        limited: bool = False,
        capture: Capture | None = None,
        sent: bool = True,
    ) -> Sequence[Request | Failed]:
        """Ask once more, after as long as the server wants; or give up and say why."""
        visit: Visit = request.cb_kwargs["visit"]
        ask: Ask = request.cb_kwargs["ask"]
        tries: int = request.cb_kwargs["tries"]
        longest = self.crawling.max_wait
        if wait is not None and sent and limited:
            self._rest(request, visit, wait)
        if wait is not None and wait > longest:
            what = f"{what}: asks for {wait:.0f} s of rest, longer than max_wait ({longest:.0f} s)"
        elif sent and tries > self.crawling.retries:
            what = f"{what}, {tries} times" if tries > 1 else what
        else:
            again = self._request(visit, ask, tries + 1 if sent else tries)
            # A little later than asked: everybody else was asked to come back at that moment, too.
            seconds = backoff.pause(tries, longest) if wait is None else wait + random.uniform(0, 0.25)
            if isinstance(again, Request):
                self._later(seconds, again)
                return ()
            return (again,)
        return self._given_up(visit, ask, what, capture, limited)

    def _given_up(
        self, visit: Visit, ask: Ask, what: str, capture: Capture | None, limited: bool = False
    ) -> Sequence[Request | Failed]:
        """The end of the visit, or of what was asked for beside its way."""
        failed = visit.failed(ask.url, what, self.clock(), capture, rate_limited=limited)
        return (failed, *(self._request(visit, step) for step in visit.past(ask, failed)))

    def _later(self, seconds: float, request: Request) -> None:
        """Send it then; nobody else waits meanwhile."""

        def send() -> None:
            self._waiting.discard(handle)
            if self.crawler.engine.running:
                self.crawler.engine.crawl(request)

        handle = asyncio.get_running_loop().call_later(seconds, send)
        self._waiting.add(handle)

    def _idle(self) -> None:
        if self._waiting:
            raise DontCloseSpider

    # -- hosts that want to rest -------------------------------------------------------------------

    def rest(self, request: Request) -> float | None:
        """Seconds for which the request's host is to be left alone by everybody, None when it is not.

        One account's limit is its own; when a second account meets one, the host means all of us.
        """
        rest = self._rests.get(host(request.url))
        left = (rest.until - datetime.now(UTC)).total_seconds() if rest else 0
        return left if rest and left > 0 and len(rest.accounts) > 1 else None

    def _rest(self, request: Request, visit: Visit, seconds: float) -> None:
        now = datetime.now(UTC)
        name, until = host(request.url), now + timedelta(seconds=seconds)
        before = self._rests.get(name)
        accounts = frozenset({visit.target.handle})
        if before and before.until > now:
            until, accounts = max(until, before.until), accounts | before.accounts
        self._rests[name] = _Rest(until=until, accounts=accounts)

    # -- the end ----------------------------------------------------------------------------------

    def closed(self, reason: str) -> None:
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()

    def _said(self, error: BaseException | None) -> str:
        """What went wrong, in a line that names no secret."""
        match error:
            case PageError():
                return error.what
            case DownloadTimeoutError():
                return f"no complete answer within {self.crawling.timeout:g} s"
            case CannotResolveHostError():
                return "its host name is not known"
            case DownloadConnectionRefusedError():
                return "connection refused"
            case DownloadCancelledError():
                return f"larger than max_body ({self.crawling.max_body} bytes)"
        text = " ".join(str(error).split()) or type(error).__name__
        if "DOWNLOAD_MAXSIZE" in text:
            return f"larger than max_body ({self.crawling.max_body} bytes) when unpacked"
        text = text.replace(self.token, "***") if self.token else text
        return text if isinstance(error, IgnoreRequest) else f"no answer: {text}"


def _plain(response: Response) -> Mapping[str, str]:
    """The headers with lower-case names, repeated ones joined."""
    return {
        name.decode("latin-1").lower(): ", ".join(value.decode("latin-1") for value in values)
        for name, values in response.headers.items()
    }
