"""What the Argos index offers, and fetching it: the only part of translation that touches the network."""

from __future__ import annotations

import hashlib
import http.client
import re
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translations.errors import DownloadFailed, IndexUnreadable
from translations.packages import argos

ARGOS_INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
_TIMEOUT = 60.0
_MOST_INDEX_BYTES = 16 << 20
_MOST_BYTES = 8 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailablePackage:
    """A package that an index offers. `sha256` is of the file, where the index says it (Argos's does not)."""

    name: str
    source: str
    target: str
    version: str
    links: tuple[str, ...]
    sha256: str | None = None


def available(index: str | None = None) -> list[AvailablePackage]:
    """What the Argos index offers, or the one at `index` (an address or a file)."""
    address = index or ARGOS_INDEX
    with tempfile.TemporaryDirectory(prefix="argos-index-") as scratch:
        file = Path(scratch) / "fetched.json"
        try:
            with file.open("wb") as stream:
                for part in _parts(address, _MOST_INDEX_BYTES):
                    stream.write(part)
            listed = argos.index(file)
            return [_available(package) for package in listed if package.type == "translate"]
        except (OSError, http.client.HTTPException) as error:
            raise IndexUnreadable(f"the package index {address} cannot be fetched: {_why(error)}") from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise IndexUnreadable(f"the package index {address} is no Argos index: {error}") from error


def _available(listed: Any) -> AvailablePackage:
    if not (isinstance(listed.from_code, str) and isinstance(listed.to_code, str)):
        raise ValueError(f"a package without languages: {listed!r}")
    return AvailablePackage(
        name=argos.package_name(listed),
        source=listed.from_code,
        target=listed.to_code,
        version=str(listed.package_version),
        links=tuple(str(link) for link in listed.links),
    )


def download(package: AvailablePackage, to: Path, sha256: str | None = None) -> Path:
    """Fetch the package's file into the folder `to` (or to the file `to`), whole or not at all."""
    file = to / f"{_file_name(package)}.argosmodel" if to.is_dir() else to
    expected = sha256 or package.sha256
    reasons = []
    for link in package.links:
        try:
            _fetch(link, file, expected)
        except (OSError, ValueError, http.client.HTTPException) as error:
            reasons.append(f"{link}: {_why(error)}")
        else:
            return file
    why = "; ".join(reasons) or "the index names no link"
    raise DownloadFailed(f"{package.name} {package.version} could not be fetched: {why}")


def _fetch(link: str, file: Path, expected: str | None) -> None:
    sha256 = hashlib.sha256()
    part = file.with_name(file.name + ".part")
    try:
        with part.open("wb") as stream:
            for chunk in _parts(link, _MOST_BYTES, bound_to=expected):
                sha256.update(chunk)
                stream.write(chunk)
        if expected and sha256.hexdigest() != expected.lower():
            raise ValueError(f"its SHA-256 is {sha256.hexdigest()}, not {expected.lower()}")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _parts(address: str, limit: int, bound_to: str | None = None) -> Iterator[bytes]:
    """The bytes at `address`, at most `limit` of them."""
    scheme, host = urllib.parse.urlsplit(address)[:2]
    if not scheme:
        address, scheme = Path(address).absolute().as_uri(), "file"
    local = scheme == "http" and re.fullmatch(r"(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?", host)
    if scheme not in ("https", "file") and not (scheme == "http" and (local or bound_to)):
        raise ValueError("only https is trusted without a known SHA-256" if scheme == "http" else "not https")
    request = urllib.request.Request(address, headers={"User-Agent": "archiver"})
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        announced = answer.headers.get("Content-Length")
        size = 0
        while chunk := answer.read(1 << 20):
            size += len(chunk)
            if size > limit:
                raise ValueError(f"it is larger than {limit:,} bytes")
            yield chunk
    if announced and announced.isdigit() and int(announced) != size:
        raise ValueError(f"the connection broke after {size:,} of {announced} bytes")


def _file_name(package: AvailablePackage) -> str:
    return re.sub(r"[^\w\-]", "_", f"{package.name}-{package.version}")


def _why(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return str(error.reason)
    return str(error) or type(error).__name__
