"""Every response byte for byte in WARC files: appended and flushed to disk before anybody reads it.

One file a run and process. A record that `kill -9` cut in half stays at the end of its file, where no capture
points at it; the next run opens a new file.
"""

import errno
import hashlib
import io
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import archiver
from archiver.addresses import CREDENTIALS, without_secrets
from archiver.errors import DamagedArchive, DiskFull
from archiver.posts import Capture

Headers = Iterable[tuple[str, str]]

_SECRET_HEADERS = CREDENTIALS | {"set-cookie"}
# Scrapy hands us the body without its transfer coding; a reader must not undo it a second time.
_CODED_AWAY = "transfer-encoding"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LARGEST = 2**30  # bytes of one file; a record is never split
_LEVEL = 6
ELSEWHERE = "elsewhere:"
"""Before the name of a WARC file that another archive has: facts that were imported from there name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that was sent and the response to it, its body still content-encoded as it came."""

    url: str
    method: str
    request_headers: Headers
    status: int
    reason: str
    headers: Headers
    body: bytes
    fetched_at: datetime
    protocol: str = "HTTP/1.1"
    ip_address: str | None = None
    private: tuple[str, ...] = ()  # names of request headers that carry credentials, beyond the usual ones
    cut: bool = False  # True: the connection ended before the promised length


class Captures:
    """The folder of WARC files of one archive. Use as a context manager, or close().

    `about` is told by the record that begins each file: how this run collects (user agent, robots ...).
    """

    def __init__(self, folder: Path, about: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.about = dict(about or {})
        self._file: io.FileIO | None = None
        self._name = ""
        self._digest = hashlib.sha256()  # over the file as far as it is written

    def append(self, exchange: Exchange) -> Capture:
        """Write the exchange and force it to disk. Raises DiskFull, having undone a half-written record."""
        return self.append_all([exchange])[0]

    def append_all(self, exchanges: Sequence[Exchange]) -> list[Capture]:
        """Write some exchanges and force them to disk at once: all of them or none."""
        responses = [self._response(exchange) for exchange in exchanges]
        requests = [self._request(*pair) for pair in zip(exchanges, responses, strict=True)]
        packed = [(_packed(one), _packed(two)) for one, two in zip(responses, requests, strict=True)]
        try:
            offset = self._write(b"".join(part for pair in packed for part in pair))
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull(f"no room to keep a response in {self.folder}: free some space") from error
            raise
        captures = []
        for exchange, (record, companion) in zip(exchanges, packed, strict=True):
            captures.append(self._capture(exchange, offset, record, companion))
            offset += len(record) + len(companion)
        return captures

    def append_file(self, url: str, content: bytes, content_type: str, at: datetime) -> Capture:
        """Keep a piece of a file that somebody imported, as a `resource` record: there was no request, and so
        its status is 0. Raises DiskFull."""
        kept = _builder.create_warc_record(
            url,
            "resource",
            payload=io.BytesIO(content),
            length=len(content),
            warc_content_type=content_type,
            warc_headers_dict={
                "WARC-Date": _warc_date(at),
                "WARC-Payload-Digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            },
        )
        record = _packed(_digested(kept, content))
        try:
            offset = self._write(record)
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull(f"no room to keep a file in {self.folder}: free some space") from error
            raise
        return Capture(
            url=url,
            fetched_at=at,
            status=0,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            warc=f"{self.folder.name}/{self._name}",
            offset=offset,
            length=len(record),
            content_type=content_type,
            **self._written(record),
        )

    def read(self, capture: Capture) -> tuple[Mapping[str, str], bytes]:
        """The response's headers (lower-case names; none of an imported file) and its body as received.

        Raises DamagedArchive when the bytes are not those that were kept.
        """
        if capture.warc.startswith(ELSEWHERE):
            raise DamagedArchive(
                f"{capture.warc.removeprefix(ELSEWHERE)} is in the archive it was imported from"
            )
        path = self.folder / Path(capture.warc).name
        try:
            with path.open("rb") as file:
                file.seek(capture.offset)
                packed = file.read(capture.length)
        except OSError as error:
            raise DamagedArchive(f"cannot read {path}: {error.strerror}") from error
        try:
            record = next(iter(ArchiveIterator(io.BytesIO(packed))))
            body: bytes = record.raw_stream.read()
            told = record.http_headers.headers if record.rec_type != "resource" else ()
            headers = {name.lower(): value for name, value in told}
        except (ArchiveLoadFailed, StopIteration, ValueError, AttributeError, zlib.error) as error:
            raise DamagedArchive(f"{path}: no record at {capture.offset}") from error
        if hashlib.sha256(body).hexdigest() != capture.sha256:
            raise DamagedArchive(f"{path}: the record at {capture.offset} is not what was captured")
        return headers, body

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- records ----------------------------------------------------------------------------------

    def _capture(self, exchange: Exchange, offset: int, record: bytes, companion: bytes) -> Capture:
        types = [value for name, value in exchange.headers if name.lower() == "content-type"]
        return Capture(
            url=without_secrets(exchange.url),
            fetched_at=exchange.fetched_at,
            status=exchange.status,
            sha256=hashlib.sha256(exchange.body).hexdigest(),
            size=len(exchange.body),
            warc=f"{self.folder.name}/{self._name}",
            offset=offset,
            length=len(record),
            content_type=types[0] if types else None,
            **self._written(record + companion),
        )

    def _written(self, records: bytes) -> dict[str, Any]:
        """Digests of what was just written, and of the file up to there."""
        self._digest.update(records)
        return {
            "record_length": len(records),
            "record_sha256": hashlib.sha256(records).hexdigest(),
            "file_sha256": self._digest.hexdigest(),
        }

    def _response(self, exchange: Exchange) -> Any:
        kept = [(n, v) for n, v in exchange.headers if n.lower() not in _SECRET_HEADERS]
        headers = [(f"X-Archive-Orig-{n}" if n.lower() == _CODED_AWAY else n, v) for n, v in kept]
        extra = {"WARC-Date": _warc_date(exchange.fetched_at)}
        if exchange.ip_address:
            extra["WARC-IP-Address"] = exchange.ip_address
        if exchange.cut:
            extra["WARC-Truncated"] = "disconnect"
        status = f"{exchange.status} {exchange.reason}"
        protocol = exchange.protocol
        if not protocol.startswith("HTTP/1"):  # HTTP/2 has no status line; readers of WARC know those of 1.1
            headers.append(("X-Archive-Orig-Protocol", protocol))
            protocol = "HTTP/1.1"
        record = _builder.create_warc_record(
            without_secrets(exchange.url),
            "response",
            payload=io.BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=StatusAndHeaders(status, headers, protocol=protocol),
            warc_headers_dict=extra,
        )
        return _digested(record, exchange.body)

    def _request(self, exchange: Exchange, response: Any) -> Any:
        hidden = {*_SECRET_HEADERS, *(name.lower() for name in exchange.private)}
        headers = [(n, v) for n, v in exchange.request_headers if n.lower() not in hidden]
        url = without_secrets(exchange.url)
        path = "/" + url.partition("//")[2].partition("/")[2].partition("#")[0]
        line = f"{exchange.method} {path} HTTP/1.1"
        extra = {
            "WARC-Date": _warc_date(exchange.fetched_at),
            "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
        }
        if exchange.ip_address:
            extra["WARC-IP-Address"] = exchange.ip_address
        record = _builder.create_warc_record(
            url,
            "request",
            payload=io.BytesIO(b""),
            length=0,
            http_headers=StatusAndHeaders(line, headers, is_http_request=True),
            warc_headers_dict=extra,
        )
        return _digested(record, b"")

    # -- files ------------------------------------------------------------------------------------

    def _write(self, records: bytes) -> int:
        """Append all or nothing; the offset of the first record."""
        file = self._opened()
        offset = file.seek(0, os.SEEK_END)
        packed = memoryview(records)
        try:
            while packed:
                packed = packed[file.write(packed) :]
            os.fdatasync(file.fileno())
        except OSError:
            file.truncate(offset)
            raise
        return offset

    def _opened(self) -> io.FileIO:
        if self._file is not None and self._file.tell() < _LARGEST:
            return self._file
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{os.getpid()}"
        self._name = f"{stem}.warc.gz"
        # Mode x: never write into a file that somebody else began.
        self._file = io.FileIO(self.folder / self._name, "xb")
        first = _packed(warcinfo_record(self._name, {**_SOFTWARE, **self.about}))
        self._write(first)
        self._digest = hashlib.sha256(first)
        _sync_folder(self.folder)
        return self._file


_SOFTWARE = {
    "software": f"bilingual-archiver/{archiver.__version__}",
    "format": "WARC file version 1.1",
    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "description": "credentials and cookies are left out of the records",
}
_builder = RecordBuilder(warc_version="WARC/1.1")


def warcinfo_record(name: str, told: Mapping[str, str]) -> Any:
    """The record that begins a file of that name."""
    record = _builder.create_warcinfo_record(name, dict(told))
    block = record.raw_stream.read()
    record.raw_stream.seek(0)
    return _digested(record, block)


def _digested(record: Any, payload: bytes) -> Any:
    """The record with SHA-256 digests; warcio by itself would write SHA-1."""
    parts = {"Block": payload}
    if record.http_headers is not None:
        record.http_headers.compute_headers_buffer(None)
        parts = {"Payload": payload, "Block": record.http_headers.headers_buff + payload}
    for name, content in parts.items():
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        record.rec_headers.replace_header(f"WARC-{name}-Digest", digest)
    return record


def _packed(record: Any) -> bytes:
    """One record as a gzip member of its own. warcio's own wrapper packs at level 9, three times as slow."""
    plain = io.BytesIO()
    WARCWriter(plain, gzip=False, warc_version="WARC/1.1").write_record(record)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(plain.getvalue()) + packer.flush()


def _warc_date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
