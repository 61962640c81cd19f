"""Every response goes to disk byte for byte before anybody looks at it, errors and redirects too.

The one exception is a server that repeats our own credentials: they are blotted out, and the record says so.
"""

from http import HTTPStatus

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Request, Response

from archiver.crawl.archive import Archive
from archiver.crawl.secrets import blotted, sent_with
from archiver.errors import ArchiverError
from archiver.store.captures import Exchange


class CaptureMiddleware:
    """Sits next to the network, so it sees bodies as received; `request.meta["capture"]` points at them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CaptureMiddleware":
        return cls(Archive.of(crawler))

    def process_request(self, request: Request) -> None:
        request.meta.pop("capture", None)  # that of an earlier try or of a redirect

    async def process_response(self, request: Request, response: Response) -> Response:
        told = _pairs(response.headers)
        headers, body = blotted(told, response.body, sent_with(request))
        exchange = Exchange(
            url=request.url,
            method=request.method,
            request_headers=_pairs(request.headers),
            status=response.status,
            reason=_reason(response.status),
            headers=headers,
            body=body,
            fetched_at=self.archive.clock(),
            protocol=response.protocol or "HTTP/1.1",
            ip_address=str(response.ip_address) if response.ip_address else None,
            private=request.meta.get("private_headers", ()),
            cut="dataloss" in response.flags,
        )
        try:
            request.meta["capture"] = await self.archive.keep(exchange)
        except (OSError, ArchiverError) as error:
            raise IgnoreRequest(f"its answer could not be kept: {error}") from error
        if (headers, body) == (told, response.body):
            return response
        # What is read is what was kept: an error message or an address may repeat a credential, too.
        return response.replace(headers=_headers(headers), body=body)


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )


def _headers(pairs: tuple[tuple[str, str], ...]) -> Headers:
    made = Headers()
    for name, value in pairs:
        made.appendlist(name.encode("latin-1"), value.encode("latin-1"))
    return made


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
