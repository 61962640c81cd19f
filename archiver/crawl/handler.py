"""The last step before the network: a host's turn is waited for, and files go to disk as they come."""

from typing import Any

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Request, Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from archiver.addresses import host
from archiver.crawl.archive import Archive
from archiver.crawl.partial import Partial

PARTIAL = "partial"  # of a request's meta: the Partial that its body goes into
_ERROR_PAGE = 2**20  # bytes of an answer that is not the file


class Handler(HTTP11DownloadHandler):
    """Scrapy's own, with two things more.

    A pace for each host that all crawlers of a run keep together; and bodies that go into a `Partial`,
    because Scrapy would hold a film in memory. The latter stands on Scrapy's `_ScrapyAgent` and on its
    reader's `_bodybuf`, which are not public: a test with a large file fails when they change.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self.hosts = Archive.of(crawler).hosts
        self.delay = settings.getfloat("DOWNLOAD_DELAY")
        self.jitter = settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self.at_once = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self.near: dict[str, dict[str, Any]] = settings.getdict("DOWNLOAD_SLOTS")
        crawler.signals.connect(_enough, signals.bytes_received)

    async def download_request(self, request: Request) -> Response:
        name = host(request.url)
        slot = self.near.get(name, {})
        # Scrapy has waited for the crawler's own delay, give or take its jitter: no longer than that here.
        delay = slot.get("delay", self.delay) * (1 - self.jitter)
        async with self.hosts.turn(name, delay, slot.get("concurrency", self.at_once)):
            if PARTIAL not in request.meta:
                return await super().download_request(request)
            return await self._to_disk(request)

    async def _to_disk(self, request: Request) -> Response:
        partial: Partial = request.meta[PARTIAL]
        agent = _ToDisk(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=0,
            fail_on_dataloss=False,
            crawler=self._crawler,
        )
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        finally:
            partial.close()


def _enough(request: Request) -> None:
    """Close the connection when no more of a body is wanted."""
    partial = request.meta.get(PARTIAL)
    if partial is not None and partial.unwanted:
        raise StopDownload(fail=False)


class _ToDisk(_ScrapyAgent):
    """Gives the body to the request's Partial, where it is the file."""

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        partial: Partial = request.meta[PARTIAL]
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in txresponse.headers.getAllRawHeaders()
        }
        length = txresponse.length if isinstance(txresponse.length, int) else None
        partial.begin(int(txresponse.code), headers, length)
        if partial.unwanted:
            txresponse._transport.stopProducing()
            txresponse._transport.loseConnection()
            return {"txresponse": txresponse, "flags": ["unwanted"]}
        if not partial.takes:
            self._maxsize = _ERROR_PAGE
            return super()._cb_bodyready(txresponse, request)
        deliver = txresponse.deliverBody

        def to_disk(reader: Any) -> None:
            reader._bodybuf = _Through(partial)
            deliver(reader)

        txresponse.deliverBody = to_disk
        return super()._cb_bodyready(txresponse, request)


class _Through:
    """What Scrapy takes for its buffer of the body."""

    def __init__(self, partial: Partial) -> None:
        self._partial = partial

    def write(self, data: bytes) -> int:
        return self._partial.write(data)

    def truncate(self, size: int = 0) -> int:
        return 0

    def getvalue(self) -> bytes:
        return b""
