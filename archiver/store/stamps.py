"""Time stamps (RFC 3161) over the ledger's head: an authority's signed word that it was there at a time.

What is stamped is the text of the head's row, whose SHA-256 is the head's hash: only these 32 bytes ever
leave the machine, and `openssl ts -verify -digest HASH` checks the answer without this program.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import Connection, insert, select

from archiver.errors import NoStamp
from archiver.store import tables

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_LONGEST = 20  # certificates from an authority's own up to a root
_STATUS = {
    1: "granted with changes",
    2: "rejected the request",
    3: "answered that we should wait",
    4: "warned that it is about to be revoked",
    5: "answered that it has been revoked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The ledger's row `seq` had `hash` at the time `at`, says the authority. `token` is its whole answer."""

    seq: int
    hash: str
    at: datetime
    authority: str
    token: bytes
    certificates: str

    @property
    def signer(self) -> str:
        """The name in the authority's own certificate."""
        return self.chain[0].subject.rfc4514_string()

    @property
    def root(self) -> str:
        """The root that vouches for it: its name and the beginning of its SHA-256 fingerprint."""
        last = self.chain[-1]
        fingerprint = hashlib.sha256(last.public_bytes(Encoding.DER)).hexdigest()
        return f"{last.subject.rfc4514_string()} ({fingerprint[:16]})"

    @property
    def chain(self) -> list[x509.Certificate]:
        """From the authority's own certificate to the root."""
        return x509.load_pem_x509_certificates(self.certificates.encode())

    def wrong(self) -> str | None:
        """What does not add up about it, by the certificates that were kept with it."""
        try:
            found = read(self.token, bytes.fromhex(self.hash), self.chain[-1:])
        except (NoStamp, ValueError, IndexError) as error:
            return str(error) or "it cannot be read"
        return None if found.at == self.at else f"the authority says {found.at}, not {self.at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is sent to an authority."""

    sent: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a sound answer says."""

    at: datetime
    certificates: str


def query(text: bytes) -> Query:
    """The request to stamp a text: its SHA-256 and a fresh nonce, nothing else."""
    made = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    request = made.cert_request(cert_request=True).nonce(nonce=True).build()
    assert request.nonce is not None
    return Query(sent=request.as_bytes(), nonce=request.nonce)


def read(answer: bytes, digest: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None) -> Answer:
    """Verify an authority's answer for a digest. Raises NoStamp, which says what is wrong with it."""
    response = _decoded(answer)
    status = response.status
    if status != 0:
        told = "; ".join(response.status_string)
        raise NoStamp(f"it {_STATUS.get(status, f'answered {status}')}{f': {told}' if told else ''}")
    try:
        info = response.tst_info
        if info.message_imprint.hash_algorithm != _SHA256 or info.message_imprint.message != digest:
            raise NoStamp("it stamped something else than what was sent")
        if nonce is not None and info.nonce != nonce:
            raise NoStamp("its answer is to another request (wrong nonce)")
        # The builder adds to a list that all builders share, so the roots are given to its constructor.
        VerifierBuilder(roots=list(roots), nonce=nonce).build().verify(response, digest)
        chain = _chain(response, roots)
    except (VerificationError, ValueError) as error:
        raise NoStamp(f"its answer cannot be trusted: {_first_line(error)}") from None
    pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
    return Answer(at=info.gen_time.astimezone(UTC), certificates=pem.decode("ascii"))


def keep(connection: Connection, stamp: Stamp) -> None:
    names = ("seq", "hash", "at", "authority", "token", "certificates")
    connection.execute(insert(tables.stamp), {name: getattr(stamp, name) for name in names})


def stamps(connection: Connection, *, since: int = 0) -> list[Stamp]:
    """Those over a head at or behind the row `since`, in the order of the heads."""
    here = tables.stamp.c
    rows = select(here.seq, here.hash, here.at, here.authority, here.token, here.certificates)
    rows = rows.where(here.seq >= since).order_by(here.seq, here.id)
    return [Stamp(**row) for row in connection.execute(rows).mappings()]


# -- the answer's form --------------------------------------------------------------------------------------


def _decoded(answer: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(answer)
    except ValueError as error:
        try:
            return decode_timestamp_response(_sorted(answer))
        except (ValueError, IndexError):
            raise NoStamp(f"its answer is no time stamp ({_first_line(error)})") from None


def _sorted(answer: bytes) -> bytes:
    """The answer with its certificates in the order that DER asks for. OpenSSL writes them as they come,
    which
    the decoder refuses; they are not signed, so their order means nothing."""
    _, token = _inside(answer, 0)
    _, content = _inside(answer, token)
    [signed] = _inside(answer, content)
    for start in _inside(answer, signed):
        if answer[start] == 0xA0:
            body, end = _body(answer, start)
            each = (answer[at : _body(answer, at)[1]] for at in _inside(answer, start))
            return answer[:body] + b"".join(sorted(each)) + answer[end:]
    return answer


def _inside(der: bytes, start: int) -> list[int]:
    """Where the elements begin that the element at `start` holds."""
    at, end = _body(der, start)
    found = []
    while at < end:
        found.append(at)
        at = _body(der, at)[1]
    return found


def _body(der: bytes, start: int) -> tuple[int, int]:
    """Where the content of the element at `start` begins and ends."""
    length, body = der[start + 1], start + 2
    if length & 0x80:
        more = length & 0x7F
        length, body = int.from_bytes(der[body : body + more], "big"), body + more
    return body, body + length


# -- certificates -------------------------------------------------------------------------------------------


def _chain(response: Any, roots: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The authority's own certificate and those above it, up to a root that is trusted."""
    sent = [x509.load_der_x509_certificate(each) for each in response.signed_data.certificates]
    [signer] = response.signed_data.signer_infos
    chain = [c for c in sent if (c.issuer, c.serial_number) == (signer.issuer, signer.serial_number)][:1]
    trusted = list(roots)
    while chain and chain[-1] not in trusted and len(chain) < _LONGEST:
        above = next((c for c in (*trusted, *sent) if c != chain[-1] and _issued(chain[-1], c)), None)
        if above is None:
            break
        chain.append(above)
    if not chain or chain[-1] not in trusted:
        raise ValueError("no trusted root stands above its certificate")
    return chain


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
