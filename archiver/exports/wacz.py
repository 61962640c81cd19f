"""WACZ 1.1.1: the captures behind the chosen posts in one file that ReplayWeb.page and others open.

A zip with the WARC, its index (CDXJ), the list of its pages, and datapackage.json with the digest of each.
A capture is a whole page: it shows posts that were not chosen as well.
"""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import urlsplit

from archiver import __version__
from archiver.exports._captures import CaptureReader, Kept, digest, warc_date, warcinfo
from archiver.exports._parts import Add, Part, Shape
from archiver.store.records import PostRecord

SHAPE = Shape(of="posts", native=True)
_WARC, _INDEX, _PAGES = "archive/captures.warc.gz", "indexes/index.cdxj", "pages/pages.jsonl"
_PAGES_HEAD = {"format": "json-pages-1.0", "id": "pages", "title": "All pages"}


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    assert part.captures
    file = part.open("captures.wacz")
    with (
        closing(CaptureReader(part.captures)) as captures,
        closing(_Index()) as index,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package,
    ):
        with _entry(package, _WARC) as warc:
            newest: datetime | None = None

            def add(record: PostRecord) -> None:
                nonlocal newest
                for kept in captures.of(record):
                    if not warc.size:
                        warc.write(warcinfo("captures.warc.gz", kept.capture.fetched_at))
                    newest = max(filter(None, (newest, kept.capture.fetched_at)))
                    index.add(kept, warc.size)
                    warc.write(kept.response + kept.request)
                    part.counted["captures"] += 1

            yield add
        resources = [warc.resource()]
        for name, lines in ((_INDEX, index.cdxj()), (_PAGES, index.pages())):
            with _entry(package, name) as made:
                for line in lines:
                    made.write(line)
            resources.append(made.resource())
        told = _json(_datapackage(resources, newest))
        _small(package, "datapackage.json", told)
        signed = {"path": "datapackage.json", "hash": digest(told)}
        _small(package, "datapackage-digest.json", _json(signed))


class _Index:
    """What lies where, on the disk until it is sorted and written: memory stays flat."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;"
            "CREATE TABLE row (key TEXT, stamp TEXT, url TEXT, ts TEXT, cdx TEXT); BEGIN"
        )

    def add(self, kept: Kept, offset: int) -> None:
        capture = kept.capture
        cdx = {
            "url": capture.url,
            "mime": (capture.content_type or "application/octet-stream").partition(";")[0].strip(),
            "status": str(capture.status),
            "digest": f"sha256:{capture.sha256}",
            "length": str(len(kept.response)),
            "offset": str(offset),
            "filename": "captures.warc.gz",
        }
        stamp = capture.fetched_at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        row = (surt(capture.url), stamp, capture.url, warc_date(capture.fetched_at), json.dumps(cdx))
        self._rows.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?)", row)

    def cdxj(self) -> Iterator[bytes]:
        for key, stamp, cdx in self._rows.execute(
            "SELECT key, stamp, cdx FROM row ORDER BY CAST(key AS BLOB), stamp, rowid"
        ):
            yield f"{key} {stamp} {cdx}\n".encode()

    def pages(self) -> Iterator[bytes]:
        yield json.dumps(_PAGES_HEAD).encode() + b"\n"
        for number, url, ts in self._rows.execute("SELECT rowid, url, ts FROM row ORDER BY rowid"):
            yield json.dumps({"id": f"p{number}", "url": url, "title": url, "ts": ts}).encode() + b"\n"

    def close(self) -> None:
        self._rows.close()


def surt(url: str) -> str:
    """An address as indexes sort it: https://www.Example.org/a?B -> org,example)/a?b."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    path = (parts.path or "/") + (f"?{query}" if query else "")
    return (",".join(reversed(host.split("."))) + port + ")" + path).lower().replace(" ", "%20")


class _Entry:
    """A file in the zip, digested as it is written."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name, self.size = name, 0
        self._file, self._digest = file, hashlib.sha256()

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)

    def resource(self) -> dict[str, Any]:
        return {
            "name": self.name.rpartition("/")[2],
            "path": self.name,
            "hash": f"sha256:{self._digest.hexdigest()}",
            "bytes": self.size,
        }


@contextmanager
def _entry(package: zipfile.ZipFile, name: str) -> Iterator[_Entry]:
    with package.open(_named(name), "w", force_zip64=True) as file:
        yield _Entry(name, file)


def _small(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    package.writestr(_named(name), content)


def _named(name: str) -> zipfile.ZipInfo:
    """An entry without the time of day: the same captures, the same bytes."""
    made = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    made.external_attr = 0o644 << 16
    return made


def _datapackage(resources: list[dict[str, Any]], newest: datetime | None) -> dict[str, Any]:
    return {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "The captures behind chosen posts",
        "software": f"bilingual-archiver/{__version__}",
        **({"created": warc_date(newest)} if newest else {}),
        "resources": resources,
    }


def _json(told: object) -> bytes:
    return json.dumps(told, indent=1).encode() + b"\n"
