"""Asking for files: each until it is there, refused, or has to wait for another run.

Answers are hostile until proven otherwise: addresses and every redirect pass the gate, names the guarded
resolver, bodies are bounded, and what they are is told from their bytes.
"""

import asyncio
import errno
import hashlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import scrapy
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)
from scrapy.http import Request, Response

from archiver.addresses import host, origin, without_secrets
from archiver.config import Config
from archiver.crawl import media_types
from archiver.crawl.handler import PARTIAL
from archiver.crawl.partial import CHUNK, Budget, Partial
from archiver.errors import ArchiverError, DiskFull, PageError
from archiver.store.media import EXPIRED, File, Tried
from spiders import backoff

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MOST_TRIES = 6  # runs in which a file is asked for before it is given up
_FIRST_REST = timedelta(hours=1)
_TOLD = ("content-type", "content-length", "content-range", "etag", "last-modified", "date")
_ACCEPT = "image/avif,image/webp,image/*;q=0.9,video/*;q=0.9,audio/*;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One address to have the file of. `home` is the server that a person named for this watch.

    `known` is the file that was at the very address before, with the headers it came with.
    """

    url: str
    kind: str
    attachment_ids: tuple[int, ...]
    home: str
    robots: bool
    tries: int = 0
    known: tuple[File, Mapping[str, str]] | None = None


class BudgetSpent(Exception):
    """No more bytes may come in this run; what is missing stays wanted."""


class MediaSpider(scrapy.Spider):
    """Runs `work` with Scrapy's downloader: its middlewares, its slots, its resolver."""

    name = "media"

    def __init__(self, *, work: Callable[["MediaSpider"], Awaitable[None]], config: Config) -> None:
        super().__init__()
        self.work = work
        self.crawling = config.crawl  # RobotsMiddleware asks for it

    async def start(self) -> AsyncIterator[Any]:
        await self.work(self)
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request


class Fetcher:
    """Gets files into `config.media_dir`, named by their SHA-256."""

    def __init__(self, spider: MediaSpider, config: Config, budget: Budget) -> None:
        self.spider = spider
        self.config = config
        self.budget = budget
        self._rests: dict[str, float] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="media")

    def close(self) -> None:
        self._thread.shutdown(wait=True)

    async def fetch(self, wish: Wish) -> Tried:
        """What came of it. Raises BudgetSpent; DiskFull and other errors that end the run."""
        try:
            return await self._fetch(wish)
        except _Settled as settled:
            return settled.tried

    async def _fetch(self, wish: Wish) -> Tried:
        partial = Partial(self._partials, wish.url, wish.kind, self.config.media.max_file, self.budget)
        reason, wait, response = "", 0.0, None
        for number in range(1, self.config.crawl.retries + 2):
            await self._rest(wish)
            try:
                response = await self._asked(wish, partial)
            except (OSError, PageError) as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001 - one file is not had, and its row says why
                reason = self._said(wish, error)
            else:
                self._check(wish, partial, response)
                if tried := await self._had(wish, partial, response):
                    return tried
                reason = self._lacking(partial, response)
                headers = _headers(response)
                asked = backoff.asked(headers, response.status, datetime.now(UTC))
                wait = asked or 0.0
                if response.status in backoff.LIMITED:  # that means all of us, a 503 this file
                    self._resting(wish, asked or backoff.pause(number, self.config.crawl.max_wait))
                if asked and asked > self.config.crawl.max_wait:
                    reason = f"{reason}: asks for {asked:.0f} s of rest, longer than max_wait"
                    return self._later(wish, reason, response, timedelta(seconds=asked))
            self._raise_full(partial)
            if number <= self.config.crawl.retries:
                await asyncio.sleep(wait or backoff.pause(number, self.config.crawl.max_wait))
        return self._later(wish, reason, response)

    @property
    def _partials(self) -> Path:
        return self.config.media_dir / ".partial"

    # -- asking -----------------------------------------------------------------------------------

    async def _asked(self, wish: Wish, partial: Partial) -> Response:
        headers = {"Accept": _ACCEPT, "Accept-Encoding": "identity", **partial.asks()}
        if "Range" not in headers and wish.known is not None:
            _, before = wish.known
            if before.get("etag"):
                headers["If-None-Match"] = before["etag"]
            elif before.get("last-modified"):
                headers["If-Modified-Since"] = before["last-modified"]
        home = next((h for h in self._homes(wish) if origin(h) == origin(wish.url)), "")
        request = Request(
            wish.url,
            headers=headers,
            dont_filter=True,
            meta={
                "home": home,
                "exactly": True,
                "dont_obey_robotstxt": not (wish.robots and self.config.crawl.respect_robots),
                PARTIAL: partial,
            },
        )
        response: Response = await self.spider.crawler.engine.download_async(request)
        return response

    def _homes(self, wish: Wish) -> tuple[str, ...]:
        return (wish.home, *(f"{wish.url.partition(':')[0]}://{name}" for name in self.config.media.allowed))

    async def _rest(self, wish: Wish) -> None:
        """Leave a host alone that asked for it; the file waits for another run if that is long."""
        left = self._rests.get(host(wish.url), 0.0) - time.monotonic()
        if left > self.config.crawl.max_wait:
            raise _Settled(
                self._later(wish, "its host asked to be left alone", None, timedelta(seconds=left))
            )
        if left > 0:
            await asyncio.sleep(left)

    def _resting(self, wish: Wish, seconds: float) -> None:
        name, until = host(wish.url), time.monotonic() + seconds
        self._rests[name] = max(until, self._rests.get(name, 0.0))

    # -- what came --------------------------------------------------------------------------------

    def _check(self, wish: Wish, partial: Partial, response: Response) -> None:
        """Raises what ends the run, or settles what asking again would not change."""
        self._raise_full(partial)
        if partial.spent:
            raise BudgetSpent
        if partial.too_large:
            partial.forget()
            size = f" ({partial.total} bytes)" if partial.total else ""
            raise _Settled(self._no(wish, f"larger than media.max_file{size}", response))
        status = response.status
        if status in (200, 206, 304, 416) or status in backoff.TRY_AGAIN:
            return
        gone = "gone, or its address has expired" if status in EXPIRED else "refused"
        partial.forget()
        raise _Settled(self._no(wish, f"HTTP {status}: {gone}", response))

    async def _had(self, wish: Wish, partial: Partial, response: Response) -> Tried | None:
        """The file, where the answer brought it, or brought something that is none."""
        if response.status == 304 and wish.known is not None:
            return self._tried(wish, response, file=wish.known[0])
        whole = not ({"dataloss", "unwanted"} & set(response.flags)) and not partial.refused
        if response.status not in (200, 206) or not whole:
            if response.status == 416:
                partial.forget()
            return None
        if partial.total is not None and partial.size < partial.total:
            return None
        finish = asyncio.get_running_loop().run_in_executor
        closed_by_end = "partial" in response.flags
        try:
            got = await finish(self._thread, self._finish, wish, partial, response, closed_by_end)
        except OSError as error:
            partial.error = error
            self._raise_full(partial)
            raise
        if got is None:
            return None
        return (
            self._no(wish, got, response) if isinstance(got, str) else self._tried(wish, response, file=got)
        )

    def _finish(
        self, wish: Wish, partial: Partial, response: Response, closed_by_end: bool
    ) -> File | str | None:
        """The file in its place; why it is not kept; or None where its end is missing. In a thread."""
        said = _headers(response).get("content-type")
        digest = hashlib.sha256()
        with partial.path.open("r+b") as file:
            head = file.read(media_types.HEAD)
            if why := media_types.refusal(head, wish.kind, said):
                partial.forget()
                return why
            if closed_by_end:
                file.seek(max(0, partial.size - 64))
                if not media_types.is_closed(head, file.read()):
                    return None
            file.seek(0)
            while chunk := file.read(CHUNK):
                digest.update(chunk)
            os.fsync(file.fileno())
        sha256 = digest.hexdigest()
        kind = media_types.sniffed(head) or media_types.OPAQUE
        place = self.config.media_dir / sha256[:2] / f"{sha256}{media_types.EXTENSIONS[kind]}"
        place.parent.mkdir(exist_ok=True)
        partial.path.replace(place)
        for folder in (place.parent, self.config.media_dir):
            _force_to_disk(folder)
        partial.forget()
        path = place.relative_to(self.config.folder).as_posix()
        return File(sha256=sha256, size=place.stat().st_size, content_type=kind, path=path)

    def _lacking(self, partial: Partial, response: Response) -> str:
        if partial.refused:
            return partial.refused
        if response.status in (200, 206):
            of = f" of {partial.total}" if partial.total else ""
            return f"the connection ended after {partial.size}{of} bytes"
        return f"HTTP {response.status}"

    def _said(self, wish: Wish, error: Exception) -> str:
        """What went wrong on the way. Settles what asking again would not change."""
        match error:
            case IgnoreRequest() if "cannot be had" in str(error):  # robots.txt
                raise _Settled(self._later(wish, str(error), None))
            case IgnoreRequest() | UnsupportedURLSchemeError() | ValueError():
                raise _Settled(self._no(wish, " ".join(str(error).split())))
            case DownloadTimeoutError():
                return f"not complete within {self.config.media.timeout:g} s"
            case CannotResolveHostError():
                return "its host name is not known"
            case DownloadConnectionRefusedError():
                return "connection refused"
        return f"no answer: {' '.join(str(error).split()) or type(error).__name__}"

    def _raise_full(self, partial: Partial) -> None:
        if partial.error is None:
            return
        place = self.config.media_dir
        if partial.error.errno in _FULL:
            raise DiskFull(f"no room to keep a file in {place}: free some space") from partial.error
        raise ArchiverError(f"{place}: {partial.error.strerror or partial.error}") from partial.error

    # -- what is told -----------------------------------------------------------------------------

    def _tried(self, wish: Wish, response: Response | None, **more: Any) -> Tried:
        headers = _headers(response) if response is not None else {}
        if response is not None and response.status == 304 and wish.known is not None:
            headers = {**wish.known[1], **headers}
        return Tried(
            attachment_ids=wish.attachment_ids,
            url=without_secrets(wish.url),
            at=datetime.now(UTC),
            final_url=without_secrets(response.url) if response is not None else None,
            status=response.status if response is not None else None,
            headers={name: headers[name] for name in _TOLD if name in headers} or None,
            **more,
        )

    def _no(self, wish: Wish, reason: str, response: Response | None = None) -> Tried:
        return self._tried(wish, response, reason=reason)

    def _later(
        self, wish: Wish, reason: str, response: Response | None, rest: timedelta | None = None
    ) -> Tried:
        """Another run may have it: after an hour, two, four ..., until it is given up."""
        if wish.tries + 1 >= _MOST_TRIES:
            return self._no(wish, f"{reason}; given up after {wish.tries + 1} tries", response)
        rest = rest or _FIRST_REST * 2**wish.tries
        return self._tried(wish, response, reason=reason, next_at=datetime.now(UTC) + rest)


class _Settled(Exception):
    """Nothing more is to be asked."""

    def __init__(self, tried: Tried) -> None:
        super().__init__(tried.reason)
        self.tried = tried


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }


def _force_to_disk(folder: Path) -> None:
    """A new name is safe once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
