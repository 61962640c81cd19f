"""Have the ledger's head stamped by an authority: from then on nobody can have made it up later."""

import contextlib
import ssl
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from archiver import __version__
from archiver.config import Config
from archiver.errors import BadConfig, NoStamp, Usage
from archiver.store import ledger, stamps
from archiver.store.database import Database
from archiver.store.stamps import Stamp

_LARGEST = 2**20  # bytes of an answer; usual ones have less than 10,000
_HEADERS = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
    "User-Agent": f"bilingual-archiver/{__version__}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """`new` is False where this head had a stamp already. `failed` are authorities that were asked before."""

    stamp: Stamp
    new: bool
    failed: tuple[str, ...] = ()


def stamp(
    config: Config, tsa: Sequence[str] = (), roots: Sequence[Path] = (), *, again: bool = False
) -> Stamped:
    """Ask the authorities in turn until one stamps the head, verify its answer and keep it.

    Only the head's hash (32 bytes) and a random number are sent. `tsa` and `roots` default to
    archiver.toml's, `roots` then to what this machine trusts. `again` also stamps a head that has a stamp.
    Raises NoStamp, which says what each of them did; Usage without an authority.
    """
    asked = tuple(tsa) or config.evidence.tsa
    if not asked:
        raise Usage(
            'name an authority: --tsa URL, or tsa = ["URL"] in the section [evidence] of archiver.toml'
        )
    for url in asked:
        if urlsplit(url).scheme not in ("http", "https"):
            raise Usage(f"'{url}' is no address of an authority: they begin with https:// or http://")
    trusted = _roots([*roots] or [config.folder / name for name in config.evidence.roots])
    with Database.open(config.database_url) as database:
        with database.read() as connection:
            head = ledger.head(connection)
            if head is None:
                raise NoStamp("nothing is stored yet: crawl first, then stamp")
            [entry] = ledger.entries(connection, after=head.seq - 1, limit=1)
            before = stamps.stamps(connection, since=head.seq)
        if before and not again:
            return Stamped(stamp=before[-1], new=False)
        made, failed = _asked(asked, entry, trusted, config.evidence.timeout)
        with database.write() as connection:
            stamps.keep(connection, made)
    return Stamped(stamp=made, new=True, failed=failed)


def _asked(
    urls: Sequence[str], entry: ledger.Entry, roots: Sequence[x509.Certificate], timeout: float
) -> tuple[Stamp, tuple[str, ...]]:
    failed: list[str] = []
    for url in urls:
        try:
            asking = stamps.query(entry.text())
            token = _answer(url, asking.sent, timeout)
            found = stamps.read(token, bytes.fromhex(entry.hash), roots, asking.nonce)
        except NoStamp as error:
            failed.append(f"{url}: {error}")
            continue
        made = Stamp(
            seq=entry.seq,
            hash=entry.hash,
            at=found.at,
            authority=url,
            token=token,
            certificates=found.certificates,
        )
        return made, tuple(failed)
    raise NoStamp("; ".join(failed))


def _answer(url: str, query: bytes, timeout: float) -> bytes:
    """What the authority at `url` answers. Raises NoStamp when it cannot be reached, or refuses."""
    end = time.monotonic() + timeout
    request = urllib.request.Request(url, data=query, headers=_HEADERS)
    answer = bytearray()
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            while block := response.read1(2**16):
                answer += block
                if len(answer) > _LARGEST:
                    raise NoStamp(f"its answer is longer than {_LARGEST} bytes")
                if time.monotonic() > end:
                    raise TimeoutError
    except urllib.error.HTTPError as error:
        error.close()
        raise NoStamp(f"it answered {error.code} {error.reason}") from None
    except TimeoutError:
        raise NoStamp(f"it did not answer within {timeout:g} s") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise NoStamp(f"it did not answer within {timeout:g} s") from None
        raise NoStamp(f"it cannot be reached ({error.reason})") from None
    except (OSError, ValueError) as error:
        raise NoStamp(f"it cannot be reached ({error})") from None
    return bytes(answer)


def _roots(files: Sequence[Path]) -> list[x509.Certificate]:
    if not files:
        return _of_this_machine()
    found: list[x509.Certificate] = []
    for file in files:
        try:
            found += x509.load_pem_x509_certificates(file.read_bytes())
        except OSError as error:
            raise BadConfig(f"cannot read the root certificates {file}: {error.strerror}") from None
        except ValueError:
            raise BadConfig(f"{file} holds no certificates in PEM") from None
    return found


def _of_this_machine() -> list[x509.Certificate]:
    trusted = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about old roots with odd serial numbers
        for each in ssl.create_default_context().get_ca_certs(binary_form=True):
            with contextlib.suppress(ValueError):  # one that cannot be read vouches for nothing
                trusted.append(x509.load_der_x509_certificate(each))
    if not trusted:
        raise BadConfig("this machine trusts no root certificates: name a file with --roots")
    return trusted
