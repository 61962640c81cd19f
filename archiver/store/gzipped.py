"""Records of a WARC file as it lies on the disk: one gzip member each, read without trusting any of it."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HEAD = 10  # bytes of a gzip header that names no file
_MAGIC = b"\x1f\x8b\x08"
LARGEST = 256 * 2**20
"""Bytes of one record, unpacked; a larger one is none of ours."""


class Broken(Exception):
    """Bytes that are no record, or no longer one. `offset` is where it begins."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(what)
        self.offset = offset


class Torn(Broken):
    """A record that is sound as far as it goes, and ends too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One gzip member: where it begins, how long it is, its header, and what it unpacks to."""

    offset: int
    length: int
    head: bytes
    plain: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The record's own headers, with lower-case names."""
        lines = self.plain.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    @property
    def block(self) -> bytes:
        """What the record holds: HTTP's head and body, or whatever it says."""
        return self.plain.partition(b"\r\n\r\n")[2][:-4]

    @property
    def payload(self) -> bytes:
        """The body of the HTTP message; all of a block that is none."""
        if not self.headers.get("content-type", "").startswith("application/http"):
            return self.block
        return self.block.partition(b"\r\n\r\n")[2]

    def wrong(self) -> str | None:
        """What does not add up inside the record, by its own length and digests."""
        headers = self.headers
        if not self.plain.startswith(b"WARC/1.") or not self.plain.endswith(b"\r\n\r\n"):
            return "this is no WARC record"
        if headers.get("content-length") != str(len(self.block)):
            return "the record is not as long as it says"
        for name, content in (("block", self.block), ("payload", self.payload)):
            told = headers.get(f"warc-{name}-digest", "")
            if told.startswith("sha256:") and told != f"sha256:{hashlib.sha256(content).hexdigest()}":
                return f"the record's {name} does not have the digest that it names"
        return None


def members(content: bytes | Iterable[bytes]) -> Iterator[Member]:
    """The members of some bytes, one after the other. Raises Torn where the last one is cut, and Broken for
    what is none."""
    blocks = iter([content] if isinstance(content, bytes) else content)
    rest, offset = b"", 0
    while True:
        rest = rest or next(blocks, b"")
        if not rest:
            return
        packed, plain = bytearray(), bytearray()
        unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
        while not unpacker.eof:
            if not rest and not (rest := next(blocks, b"")):
                raise _end(bytes(packed), offset)
            packed += rest
            try:
                plain += unpacker.decompress(rest, max(1, LARGEST - len(plain)))
            except zlib.error as error:
                raise Broken(_plainly(bytes(packed), error), offset) from None
            if unpacker.unconsumed_tail:
                raise Broken("a record that is larger than any of ours", offset)
            rest = b""
        rest = unpacker.unused_data
        length = len(packed) - len(rest)
        yield Member(offset=offset, length=length, head=bytes(packed[:_HEAD]), plain=bytes(plain))
        offset += length


def _end(packed: bytes, offset: int) -> Broken:
    if packed[: len(_MAGIC)] == _MAGIC[: len(packed)]:
        return Torn("it ends too early", offset)
    return Broken("these bytes are no record", offset)


def _plainly(packed: bytes, error: zlib.error) -> str:
    if packed[: len(_MAGIC)] != _MAGIC:
        return "these bytes are no record"
    return str(error).rpartition(": ")[2]
