"""Our own credentials where a server repeats them: Meta puts the token into the next page's address."""

import json
import zlib
from urllib.parse import quote

from scrapy.http import Request

from archiver.addresses import CREDENTIALS

Headers = tuple[tuple[str, str], ...]

_BLOT = b"***"
_SHORTEST = 8  # characters; anything shorter would blot out ordinary words
_LARGEST = 64 * 2**20  # bytes, unpacked
_REWRITTEN = frozenset({"content-encoding", "content-length"})


def sent_with(request: Request) -> frozenset[str]:
    """The credentials that the request carries."""
    names = (*CREDENTIALS, *request.meta.get("private_headers", ()))
    values = (v.decode("latin-1") for name in names for v in request.headers.getlist(name))
    return frozenset(s for value in values for s in (value.rpartition(" ")[2],) if len(s) >= _SHORTEST)


def blotted(headers: Headers, body: bytes, secrets: frozenset[str]) -> tuple[Headers, bytes]:
    """The answer without the secrets, in whatever spelling; byte for byte as it was where it has none.

    A packed body that holds one is kept unpacked, and `X-Archive-Redacted` says what was done.
    """
    spellings = sorted({s for secret in secrets for s in _spellings(secret)}, key=len, reverse=True)
    packed = any(name.lower() == "content-encoding" for name, _ in headers)
    plain = (_unpacked(body) if packed else None) or body
    clean = _without(plain, spellings)
    kept = tuple(
        (name, _without(value.encode("latin-1"), spellings).decode("latin-1")) for name, value in headers
    )
    if clean == plain:
        return kept, body
    renamed = ((f"X-Archive-Orig-{n}" if n.lower() in _REWRITTEN else n, v) for n, v in kept)
    told = (("Content-Length", str(len(clean))), ("X-Archive-Redacted", "credentials in the body"))
    return (*renamed, *told), clean


def _spellings(secret: str) -> set[bytes]:
    """As it is, as in an address, and either as JSON writes it (some servers write / as \\/)."""
    plain = {secret, quote(secret, safe=""), quote(secret)}
    written = {json.dumps(each)[1:-1] for each in plain}
    return {each.encode() for each in plain | written | {w.replace("/", "\\/") for w in written}}


def _without(text: bytes, spellings: list[bytes]) -> bytes:
    for each in spellings:
        text = text.replace(each, _BLOT)
    return text


def _unpacked(body: bytes) -> bytes | None:
    """A gzip or deflate body unpacked, None where it cannot be."""
    for bits in (47, -zlib.MAX_WBITS):  # gzip or zlib, as its first bytes say; then deflate without a head
        unpacker = zlib.decompressobj(bits)
        try:
            plain = unpacker.decompress(body, _LARGEST)
        except zlib.error:
            continue
        return plain
    return None
