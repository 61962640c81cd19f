"""Half a page is never taken for a whole one, and a whole one never for half."""

import gzip
import zlib

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from archiver.crawl.integrity import IntegrityMiddleware
from archiver.errors import Truncated

TEXT = "یو لوړ غږ ".encode() * 500
REQUEST = Request("https://h.example/")


def passes(body: bytes, flags: list[str] | None = None, **headers: str) -> bool:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(REQUEST.url, body=body, headers=told, flags=flags)
    checked = IntegrityMiddleware(largest=10**6).process_response(REQUEST, response)
    assert checked.body == body  # as received: unpacking is Scrapy's part
    return True


def gzipped(body: bytes) -> bytes:
    """The same bytes in every process: without the time of day."""
    return gzip.compress(body, mtime=0)


raw_deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
WHOLE = [
    ("gzip", gzipped(TEXT)),
    ("x-gzip", gzipped(TEXT)),
    ("gzip", gzipped(TEXT[:100]) + gzipped(TEXT[100:])),
    ("gzip", gzipped(TEXT) + b"\0" * 20),
    ("gzip", gzipped(b"")),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw_deflate.compress(TEXT) + raw_deflate.flush()),
    ("gzip, gzip", gzipped(gzipped(TEXT))),
    ("gzip", b""),
    ("br", b"anything"),
    ("identity", TEXT),
]


@pytest.mark.parametrize(("coding", "body"), WHOLE)
def test_whole_bodies_pass(coding: str, body: bytes) -> None:
    assert passes(body, Content_Encoding=coding)


@pytest.mark.parametrize(("coding", "body"), [(c, b) for c, b in WHOLE if len(b) > 30 and c != "identity"])
def test_shortened_bodies_do_not(coding: str, body: bytes) -> None:
    short = body[: len(body.rstrip(b"\0")) - 9]
    with pytest.raises(Truncated):
        passes(short, Content_Encoding=coding)


def test_damaged_bodies_do_not() -> None:
    body = bytearray(gzip.compress(TEXT))
    body[-6] ^= 1  # the checksum
    with pytest.raises(Truncated):
        passes(bytes(body), Content_Encoding="gzip")


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    with pytest.raises(IgnoreRequest):
        passes(gzip.compress(b"\0" * 10**8, 9), Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("kind", "body", "whole"),
    [
        ("text/html", b"<html><body>x</body></html>\n<!-- 3 ms -->\n", True),
        ("text/html", b"<html><body>x</bo", False),
        ("application/rss+xml", b"<rss><channel/></rss>", True),
        ("application/rss+xml", b"<rss><channel><item>", False),
        ("application/json", b'{"a":[1]}\n', True),
        ("application/json", b'{"a":[1', False),
        ("text/html", b"", False),
    ],
)
def test_an_answer_without_a_length_has_to_end_like_its_format(kind: str, body: bytes, whole: bool) -> None:
    if whole:
        assert passes(body, ["partial"], Content_Type=kind)
    else:
        with pytest.raises(Truncated):
            passes(body, ["partial"], Content_Type=kind)
    assert passes(body, Content_Type=kind)  # with a length, the length decides


def test_a_connection_that_ended_too_early_is_noticed() -> None:
    with pytest.raises(Truncated):
        passes(TEXT, ["dataloss"])
