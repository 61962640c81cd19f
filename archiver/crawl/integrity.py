"""A response that arrived incomplete is asked for again, never read: half a page looks like fewer posts.

Scrapy takes a gzip body without its end for a complete one, and a body that ends with the connection, too.
"""

import re
import zlib

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from archiver.errors import Truncated

_CHUNK = 2**16
_CLOSED_MARKUP = re.compile(rb"</[^<>]+>(\s|<!--.*?-->)*\Z", re.DOTALL)


class IntegrityMiddleware:
    """Raises Truncated for a body that is shorter than its length, its compression or its format promise."""

    def __init__(self, largest: int) -> None:
        self.largest = largest

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "IntegrityMiddleware":
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        if "dataloss" in response.flags:
            raise Truncated(response.url, "the connection ended in mid-answer")
        codings = [
            c.strip().lower() for v in response.headers.getlist("Content-Encoding") for c in v.split(b",")
        ]
        body = response.body
        for coding in reversed(codings):
            if coding not in (b"gzip", b"x-gzip", b"deflate") or not body:
                return response
            body = self._unpacked(response.url, body, coding)
        # An error's status says all that is read of it: old servers send a bare 404 without any length.
        partial = "partial" in response.flags and response.status < 400
        if partial and not _is_closed(body, response):
            raise Truncated(response.url, "the answer has neither a length nor an end")
        return response

    def _unpacked(self, url: str, body: bytes, coding: bytes) -> bytes:
        """The body without a coding. Raises Truncated; IgnoreRequest for a bomb."""
        out = bytearray()
        rest = body
        while rest:
            unpacker = zlib.decompressobj(_window(coding, rest))
            try:
                while not unpacker.eof and (rest or unpacker.unconsumed_tail):
                    out += unpacker.decompress(rest, _CHUNK)
                    rest = unpacker.unconsumed_tail
                    if len(out) > self.largest:
                        raise IgnoreRequest(
                            f"larger than {self.largest} bytes when unpacked (DOWNLOAD_MAXSIZE)"
                        )
            except zlib.error as error:
                raise Truncated(url, f"its {coding.decode()} coding is damaged ({error})") from None
            if not unpacker.eof:
                raise Truncated(url, f"its {coding.decode()} coding ends too early")
            rest = unpacker.unused_data
            if not rest.startswith(b"\x1f\x8b"):
                break  # what follows the last member is padding
        return bytes(out)


def _window(coding: bytes, body: bytes) -> int:
    if coding != b"deflate":
        return zlib.MAX_WBITS + 16
    # "deflate" means zlib, but some servers send it without zlib's header.
    header = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] * 256 + body[1]) % 31 == 0
    return zlib.MAX_WBITS if header else -zlib.MAX_WBITS


def _is_closed(body: bytes, response: Response) -> bool:
    """Does the text end as its format ends?"""
    kind = (response.headers.get("Content-Type") or b"").lower()
    end = body[-4096:].rstrip()
    if b"json" in kind:
        return end.endswith((b"}", b"]"))
    if b"html" in kind or b"xml" in kind:
        return _CLOSED_MARKUP.search(end) is not None
    return bool(end)
