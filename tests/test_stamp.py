"""The ledger's head is stamped by a real authority (OpenSSL's, on loopback); nothing less is a stamp."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archiver import cli
from archiver.config import load
from archiver.errors import NoStamp
from archiver.jobs import stamp as job
from archiver.jobs.evidence import evidence
from archiver.jobs.verify import verify
from archiver.posts import Account, Capture, Harvest, Post
from archiver.store import ledger, stamps, tables, watches, writes
from archiver.store.captures import Captures, Exchange
from archiver.store.database import Database

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the program openssl, which plays the authority, is not installed"
)
NOW = datetime.now(UTC).replace(microsecond=0)
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/above.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """A root, a middle and a time-stamping certificate, and `openssl ts -reply` with them."""

    def __init__(self, folder: Path, *, valid: tuple[int, int] = (-1, 30)) -> None:
        folder.mkdir()
        self.folder = folder
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        names = [f"{folder.name} {part}" for part in ("root", "middle", "clock")]
        made: list[x509.Certificate] = []
        for index, (key, name) in enumerate(zip(keys, names, strict=True)):
            is_clock = index == 2
            days = valid if is_clock else (-100, 300)
            builder = (
                x509.CertificateBuilder()
                .subject_name(_name(name))
                .issuer_name(_name(names[max(0, index - 1)]))
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(NOW + timedelta(days=days[0]))
                .not_valid_after(NOW + timedelta(days=days[1]))
                .add_extension(x509.BasicConstraints(ca=not is_clock, path_length=None), critical=True)
            )
            if is_clock:
                use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
                builder = builder.add_extension(use, critical=True)
            made.append(builder.sign(keys[max(0, index - 1)], hashes.SHA256()))
        pem = [each.public_bytes(serialization.Encoding.PEM) for each in made]
        self.roots = folder / "root.pem"
        self.roots.write_bytes(pem[0])
        (folder / "above.pem").write_bytes(pem[1])
        (folder / "tsa.pem").write_bytes(pem[2])
        secret = keys[2].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "tsa.key").write_bytes(secret)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        asked = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"]
        subprocess.run(asked, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply").read_bytes()


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Clock(ThreadingHTTPServer):
    """Answers with what `answer` makes of a query; keeps what it was sent."""

    daemon_threads = True

    def __init__(self, answer: Callable[[bytes], bytes | int]) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.answer, self.sent = answer, list[bytes]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/tsr"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody who hangs up early is no news here."""


class Visitor(BaseHTTPRequestHandler):
    server: Clock

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/timestamp-query"
        self.server.sent.append(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.answer(self.server.sent[-1])
        body = b"" if isinstance(answer, int) else answer
        self.send_response(answer if isinstance(answer, int) else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...


Serve = Callable[[Callable[[bytes], bytes | int]], Clock]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Clock] = []

    def start(answer: Callable[[bytes], bytes | int]) -> Clock:
        clock = Clock(answer)
        threading.Thread(target=clock.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(clock)
        return clock

    yield start
    for clock in running:
        clock.shutdown()
        clock.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authorities") / "good")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archiver.toml").touch()
    config = load(folder)
    author = Account(platform="telegram", native_id="7", handle="herat_roads")
    with Database.create(config.database_url) as database, Captures(config.captures_dir) as captures:
        capture = captures.append(
            Exchange(
                url="https://example.org/s/herat_roads",
                method="GET",
                request_headers=(),
                status=200,
                reason="OK",
                headers=(),
                body="د هرات لاره".encode(),
                fetched_at=NOW,
            )
        )
        harvest = Harvest(
            platform="telegram",
            handle="herat_roads",
            capture=capture,
            cursor="{}",
            account=author,
            posts=(Post(platform="telegram", native_id="1", author=author, text="د هرات لاره"),),
            served=1,
        )
        with database.write() as connection:
            watches.add(connection, platform="telegram", handle="herat_roads", at=NOW)
            writes.store_harvest(connection, harvest)
    return folder


def kept(folder: Path) -> list[stamps.Stamp]:
    with Database.open(load(folder).database_url) as database, database.read() as connection:
        return stamps.stamps(connection)


def head(folder: Path) -> ledger.Entry:
    with Database.open(load(folder).database_url) as database, database.read() as connection:
        return ledger.entries(connection)[-1]


def run(folder: Path, *words: str) -> int:
    return cli.run(["--archive", str(folder), "stamp", *words])


# -- a stamp ----------------------------------------------------------------------------------------------


def test_the_head_is_stamped_and_openssl_agrees(
    archive: Path, authority: Authority, serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = serve(authority.reply)
    assert run(archive, "--tsa", clock.url, "--roots", str(authority.roots)) == 0
    out = capsys.readouterr().out
    assert "CN=good clock" in out and "CN=good root" in out and head(archive).hash in out
    [stamp] = kept(archive)
    assert (stamp.seq, stamp.hash) == (head(archive).seq, head(archive).hash)
    assert abs((stamp.at - datetime.now(UTC)).total_seconds()) < 60
    assert [c.subject.rfc4514_string() for c in stamp.chain] == [
        "CN=good clock",
        "CN=good middle",
        "CN=good root",
    ]
    (tmp_path / "row").write_bytes(head(archive).text())
    (tmp_path / "tsr").write_bytes(stamp.token)
    (tmp_path / "pem").write_text(stamp.certificates)
    for told in (["-data", "row"], ["-digest", stamp.hash]):
        asked = ["openssl", "ts", "-verify", *told, "-in", "tsr", "-CAfile", "pem"]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert "Verification: OK" in done.stdout + done.stderr


def test_only_the_hash_and_a_random_number_leave_the_machine(
    archive: Path, authority: Authority, serve: Serve
) -> None:
    clock = serve(authority.reply)
    job.stamp(load(archive), [clock.url], [authority.roots])
    job.stamp(load(archive), [clock.url], [authority.roots], again=True)
    first, second = clock.sent
    digest = bytes.fromhex(head(archive).hash)
    assert digest in first and digest in second
    assert first != second, "each has a nonce of its own"
    assert len(first) < 80 and b"herat" not in first


def test_a_head_is_stamped_once_and_a_new_one_again(
    archive: Path, authority: Authority, serve: Serve
) -> None:
    (archive / "archiver.toml").write_text(
        f"[evidence]\ntsa = ['{serve(authority.reply).url}']\nroots = ['{authority.roots}']\n"
    )
    assert run(archive) == run(archive) == 0
    assert len(kept(archive)) == 1
    with Database.open(load(archive).database_url) as database, database.write() as connection:
        connection.execute(
            tables.detection.insert(),
            {"revision_id": 1, "language": "ps", "confidence": 1.0, "method": "person", "at": NOW},
        )
    assert run(archive) == 0
    assert [stamp.seq for stamp in kept(archive)] == [head(archive).seq - 1, head(archive).seq]
    assert run(archive, "--json") == 0


def test_verify_checks_stamps_and_says_what_they_are_over(
    archive: Path, authority: Authority, serve: Serve
) -> None:
    job.stamp(load(archive), [serve(authority.reply).url], [authority.roots])
    [result] = [r for r in verify(load(archive)) if r.check == "stamps"]
    assert (result.checked, result.wrong) == (1, 0)
    assert "signed by CN=good clock, root CN=good root" in result.notes[0]
    with closing(sqlite3.connect(archive / "archive.db", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER stamp_no_update")
        connection.execute("UPDATE stamp SET at = at - 86400000000")
    [result] = [r for r in verify(load(archive)) if r.check == "stamps"]
    assert "the authority says" in result.findings[0].what
    with closing(sqlite3.connect(archive / "archive.db", isolation_level=None)) as connection:
        connection.execute("UPDATE stamp SET at = at + 86400000000, token = zeroblob(length(token))")
    [result] = [r for r in verify(load(archive)) if r.check == "stamps"]
    assert "is no time stamp" in result.findings[0].what


def test_a_ledger_made_anew_is_not_the_one_that_was_stamped(
    archive: Path, authority: Authority, serve: Serve
) -> None:
    """Whoever can write the database can make a chain that follows; the stamp is not theirs to make."""
    job.stamp(load(archive), [serve(authority.reply).url], [authority.roots])
    with Database.open(load(archive).database_url) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_no_delete")
        connection.exec_driver_sql("UPDATE capture SET url = 'https://example.org/other'")
        connection.exec_driver_sql("DELETE FROM ledger")
        ledger.begin(connection)
    found = {result.check: result for result in verify(load(archive))}
    assert found["ledger"].wrong == 0
    assert "the ledger was made anew" in found["stamps"].findings[0].what


def test_a_dossier_holds_the_stamp_and_openssl_checks_it(
    archive: Path, authority: Authority, serve: Serve, tmp_path: Path
) -> None:
    job.stamp(load(archive), [serve(authority.reply).url], [authority.roots])
    with Database.open(load(archive).database_url) as database, database.write() as connection:
        writes.record_gone(
            connection, platform="telegram", native_id="1", capture=_gone(load(archive).captures_dir)
        )
    job.stamp(load(archive), [serve(authority.reply).url], [authority.roots])
    found = evidence(load(archive), ["telegram:1"], tmp_path / "dossier")
    assert [stamp.seq for stamp in found.made.stamps] == [4, 6] and not found.made.unstamped
    place = tmp_path / "dossier" / "data"
    for number in ("1", "2"):
        asked = ["openssl", "ts", "-verify", "-data", f"{number}.row", "-in", f"{number}.tsr"]
        done = subprocess.run(
            [*asked, "-CAfile", f"{number}.pem"], cwd=place / "stamps", capture_output=True, check=False
        )
        assert b"Verification: OK" in done.stdout + done.stderr
    check = [sys.executable, "-I", "check.py"]
    done = subprocess.run(check, cwd=place, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert b"2 stamps" in done.stdout and b"CN=good clock" in done.stdout
    page = (place / "index.html").read_text(encoding="utf-8")
    assert "Row 6 and all before it were there on" in page and "have no stamp" not in page
    (place / "stamps" / "2.tsr").write_bytes((place / "stamps" / "1.tsr").read_bytes())
    done = subprocess.run(check, cwd=place, capture_output=True, check=False)
    assert done.returncode == 1 and b"2.tsr: openssl does not accept it" in done.stdout


def _gone(folder: Path) -> Capture:
    with Captures(folder) as captures:
        return captures.append(
            Exchange(
                url="https://example.org/1",
                method="GET",
                request_headers=(),
                status=404,
                reason="Not Found",
                headers=(),
                body=b"",
                fetched_at=NOW + timedelta(days=1),
            )
        )


# -- what is no stamp -------------------------------------------------------------------------------------


def other_nonce(authority: Authority) -> Callable[[bytes], bytes]:
    def answer(query: bytes) -> bytes:
        digest = query[query.index(b"\x04\x20") + 2 :][:32].hex()
        made = subprocess.run(
            ["openssl", "ts", "-query", "-digest", digest, "-sha256", "-cert"],
            capture_output=True,
            check=True,
        )
        return authority.reply(made.stdout)

    return answer


def other_digest(authority: Authority) -> Callable[[bytes], bytes]:
    def answer(query: bytes) -> bytes:
        place = query.index(b"\x04\x20") + 2
        return authority.reply(query[:place] + b"\x07" * 32 + query[place + 32 :])

    return answer


def cut(authority: Authority) -> Callable[[bytes], bytes]:
    return lambda query: authority.reply(query)[:-40]


def flipped(authority: Authority) -> Callable[[bytes], bytes]:
    def answer(query: bytes) -> bytes:
        made = bytearray(authority.reply(query))
        made[-5] ^= 1  # in the signature
        return bytes(made)

    return answer


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (other_nonce, "wrong nonce"),
        (other_digest, "stamped something else"),
        (cut, "no time stamp"),
        (flipped, "cannot be trusted"),
        (lambda authority: lambda query: authority.reply(b"no query at all"), "rejected the request"),
        (lambda authority: lambda query: b"<html>Welcome</html>", "no time stamp"),
        (lambda authority: lambda query: b"", "no time stamp"),
        (lambda authority: lambda query: b"\x30" * (2**20 + 1), "longer than"),
        (lambda authority: lambda query: 500, "answered 500"),
        (lambda authority: lambda query: 404, "answered 404"),
    ],
)
def test_a_bad_answer_is_refused_in_one_line_and_nothing_is_kept(
    archive: Path,
    authority: Authority,
    serve: Serve,
    answers: Any,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = serve(answers(authority))
    assert run(archive, "--tsa", clock.url, "--roots", str(authority.roots)) == 1
    err = capsys.readouterr().err
    assert said in err and clock.url in err and len(err.strip().splitlines()) == 1
    assert kept(archive) == []


@pytest.mark.parametrize("valid", [(-30, -2), (2, 30)], ids=["expired", "not yet valid"])
def test_a_certificate_that_does_not_hold_today_is_refused(
    archive: Path, serve: Serve, tmp_path: Path, valid: tuple[int, int]
) -> None:
    bad = Authority(tmp_path / "bad", valid=valid)
    with pytest.raises(NoStamp, match="cannot be trusted"):
        job.stamp(load(archive), [serve(bad.reply).url], [bad.roots])
    assert kept(archive) == []


def test_an_authority_that_nobody_here_trusts_is_refused_and_the_next_is_asked(
    archive: Path, authority: Authority, serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger, good = serve(Authority(tmp_path / "stranger").reply), serve(authority.reply)
    dead = "http://127.0.0.1:9/tsr"
    words = [word for url in (dead, stranger.url, good.url) for word in ("--tsa", url)]
    assert run(archive, *words, "--roots", str(authority.roots)) == 0
    [stamp] = kept(archive)
    assert stamp.authority == good.url
    err = capsys.readouterr().err.splitlines()
    assert "cannot be reached" in err[0] and "cannot be trusted" in err[1] and len(err) == 2
    with pytest.raises(NoStamp, match="cannot be trusted"):  # this machine's own roots
        job.stamp(load(archive), [good.url], again=True)


def test_an_authority_that_does_not_answer_is_given_up(
    archive: Path, authority: Authority, serve: Serve
) -> None:
    def slow(query: bytes) -> bytes:
        time.sleep(1)
        return b""

    (archive / "archiver.toml").write_text("[evidence]\ntimeout = 0.2\n")
    with pytest.raises(NoStamp, match=r"did not answer within 0\.2 s"):
        job.stamp(load(archive), [serve(slow).url], [authority.roots])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "name an authority"),
        (["--tsa", "ftp://example.org"], 2, "is no address of an authority"),
        (["--tsa", "http://127.0.0.1:9", "--roots", "nowhere.pem"], 4, "cannot read the root certificates"),
        (["--tsa", "http://127.0.0.1:9", "--roots", __file__], 4, "holds no certificates"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    archive: Path, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(archive, *words) == code
    assert said in capsys.readouterr().err


def test_json_names_row_time_and_signer(
    archive: Path, authority: Authority, serve: Serve, capsysbinary: Any
) -> None:
    assert run(archive, "--tsa", serve(authority.reply).url, "--roots", str(authority.roots), "--json") == 0
    [row] = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert {"seq", "hash", "at", "authority", "signer", "root", "new"} == row.keys()
