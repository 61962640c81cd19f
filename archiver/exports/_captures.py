"""The captures behind posts, each once, as the records that the archive keeps: copied, never made anew."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from warcio.archiveiterator import ArchiveIterator
from warcio.recordbuilder import RecordBuilder
from warcio.warcwriter import WARCWriter

from archiver import __version__
from archiver.errors import DamagedArchive
from archiver.exports._choices import Seen
from archiver.posts import Capture
from archiver.store.captures import ELSEWHERE, Captures
from archiver.store.records import CaptureRecord, PostRecord

_BLOCK = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A capture and its records: the response, and the request that it answers where there is one."""

    capture: CaptureRecord
    response: bytes
    request: bytes


class CaptureReader:
    """Reads each capture of the posts that are shown to it, the first time only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = Seen()

    def of(self, record: PostRecord) -> Iterator[Kept]:
        """What showed the post: revisions and observations. Raises DamagedArchive."""
        yield from self.each(
            [*(r.capture for r in record.revisions), *(o.capture for o in record.observations)]
        )

    def each(self, shown: Iterable[CaptureRecord]) -> Iterator[Kept]:
        """These captures, in the order of their times. Raises DamagedArchive."""
        for capture in sorted(shown, key=lambda c: (c.fetched_at, c.warc, c.offset)):
            if capture.warc.startswith(ELSEWHERE):
                continue  # its bytes are in the archive that the post was imported from
            if self._seen.add(capture.warc, str(capture.offset)):
                yield self._read(capture)

    def close(self) -> None:
        self._seen.close()

    def _read(self, capture: CaptureRecord) -> Kept:
        fields = {name: getattr(capture, name) for name in Capture.__slots__}
        with closing(Captures(self.folder)) as captures:
            captures.read(Capture(**fields))  # raises unless the bytes are those that were captured
        path = self.folder / Path(capture.warc).name
        with path.open("rb") as file:
            file.seek(capture.offset)
            response = file.read(capture.length)
            if len(response) != capture.length:
                raise DamagedArchive(f"{path}: the record at {capture.offset} is cut off")
            request = _member(file)
        return Kept(
            capture=capture,
            response=response,
            request=request if request and _answers(response, request) else b"",
        )


def _member(file: Any) -> bytes:
    """The next gzip member, as it is; nothing at the end of the file or where one was cut in half."""
    unpacker, packed = zlib.decompressobj(zlib.MAX_WBITS + 16), bytearray()
    while block := file.read(_BLOCK):
        packed += block
        try:
            unpacker.decompress(block)
        except zlib.error:
            return b""
        if unpacker.eof:
            return bytes(packed[: len(packed) - len(unpacker.unused_data)])
    return b""


def _answers(response: bytes, request: bytes) -> bool:
    return _header(request, "WARC-Concurrent-To") == _header(response, "WARC-Record-ID") is not None


def _header(packed: bytes, name: str) -> str | None:
    record = next(iter(ArchiveIterator(BytesIO(packed))))
    value: str | None = record.rec_headers.get_header(name)
    return value


def warcinfo(name: str, at: datetime) -> bytes:
    """The record that begins a WARC file; the same for the same captures."""
    builder = RecordBuilder(warc_version="WARC/1.1")
    told = {
        "software": f"bilingual-archiver/{__version__}",
        "format": "WARC file version 1.1",
        "description": "the captures behind chosen posts, copied out of an archive",
    }
    record = builder.create_warcinfo_record(name, told)
    stamp = warc_date(at)
    id = uuid5(NAMESPACE_URL, f"{name} {stamp}")
    record.rec_headers.replace_header("WARC-Date", stamp)
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{id}>")
    plain = BytesIO()
    WARCWriter(plain, gzip=False, warc_version="WARC/1.1").write_record(record)
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(plain.getvalue()) + packer.flush()


def warc_date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
