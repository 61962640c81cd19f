"""A credential of any platform, or the database's password, is nowhere: not in the archive, not in what is
handed out of it, not in anything that is said, whatever a server does with it."""

import gzip
import json
import logging
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import spiders
from archiver import cli
from archiver.demo.server import PLATFORMS, WorldServer
from archiver.demo.tour import ADDRESSES
from archiver.store.gzipped import members

CANARY = "SEKRET/canary+0003"
WATCHES = {
    **dict(zip(PLATFORMS, ADDRESSES, strict=True)),
    "nitter": "nitter:name@nitter.example.org",
    "wordpress": "wordpress:https://blog.example.org",
    "threads": "threads:kabulroads",
    "instagram": "instagram:kabulroads",
    "facebook": "facebook:kabulroads",
}


class World(WorldServer):
    """Its pages lead to where it is served here."""

    address = ""

    @property
    def url(self) -> str:
        return self.address


class Parrot(ThreadingHTTPServer):
    """The made-up world, and five hosts that only fail; all repeat whatever credentials they are sent, in
    headers, in bodies, packed and plain, and in addresses that they lead on to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Voice)
        self.world = World()
        self.world.address = self.url
        self.heard: dict[str, set[str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Voice(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Parrot

    def do_GET(self) -> None:
        platform = self.path.split("/")[1]
        told = self.headers["Authorization"] or ""
        self.server.heard.setdefault(platform, set()).add(told)
        token = told.rpartition(" ")[2]
        said = quote(token)
        if platform in PLATFORMS:
            answer = self.server.world.answer("GET", self.path)
            body, status, kind = answer.body, answer.status, answer.content_type
            if kind.startswith("application/json") and body.startswith(b"{") and token:
                body = json.dumps({**json.loads(body), "you": told, "next_url": f"?x={said}"}).encode()
                body = body.replace(b"/", b"\\/")
        elif "again" not in self.path:
            mark = "&" if "?" in self.path else "?"
            self.answer(b"", 302, "text/html", Location=f"{self.path}{mark}again=1&access_token={said}")
            return
        else:
            error = {"error": {"message": f"no, {token}", "url": self.path, "code": 190}}
            body, status, kind = json.dumps(error).encode(), 401, "application/json"
        self.answer(body, status, kind, **{"X-You-Sent": told, "Set-Cookie": f"session={said}"})

    def answer(self, body: bytes, status: int, kind: str, **headers: str) -> None:
        packed = gzip.compress(body) if body else b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if body:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(packed)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def parrot() -> Iterator[Parrot]:
    server = Parrot()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Done:
    words: tuple[str, ...]
    code: int
    said: bytes


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any, caplog: pytest.LogCaptureFixture) -> Run:
    """The command line with every credential in its environment, and all that it says and logs."""
    monkeypatch.setenv("INSTAGRAM_USER_ID", "17")
    for name in spiders.names():
        monkeypatch.setenv(f"TOKEN_{name.upper()}", CANARY)

    def call(folder: Path, *words: str, **environment: str) -> Done:
        caplog.clear()
        with caplog.at_level(logging.DEBUG), pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            code = cli.run(["--archive", str(folder), "--debug", *words])
        told = capfdbinary.readouterr()
        return Done(words, code, told.out + told.err + caplog.text.encode("utf-8", "replace"))

    return call


def forms() -> list[bytes]:
    plain = {CANARY, quote(CANARY), quote(CANARY, safe="")}
    return [form.encode() for form in plain | {form.replace("/", "\\/") for form in plain}]


def holds(content: bytes) -> bool:
    return any(form in content for form in forms())


def unpacked(path: Path) -> Iterator[bytes]:
    """All that a file says, at any depth: zip, WARC, packed bodies."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as zipped:
            for name in zipped.namelist():
                yield from _records(zipped.read(name))
    else:
        yield from _records(content)


def _records(content: bytes) -> Iterator[bytes]:
    if not content.startswith(b"\x1f\x8b"):
        yield content
        return
    for member in members(content):
        yield member.plain
        if member.payload.startswith(b"\x1f\x8b"):
            yield zlib.decompressobj(47).decompress(member.payload)


def test_the_search_for_it_would_find_it(tmp_path: Path) -> None:
    """Packed in a body, in a record, in a zip."""
    record = b"WARC/1.0\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    body = gzip.compress(f"x {quote(CANARY)}".encode())
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("a.warc.gz", gzip.compress(record + body + b"\r\n\r\n"))
    (tmp_path / "file").write_bytes(packed.getvalue())
    assert any(holds(content) for content in unpacked(tmp_path / "file"))


def test_no_credential_is_anywhere(parrot: Parrot, tmp_path: Path, run: Run) -> None:
    assert WATCHES.keys() == set(spiders.names()), "a new platform has to be tried here as well"
    folder = tmp_path / "archive"
    assert run(folder, "init", str(folder)).code == 0
    tables = "".join(
        f"\n[platforms.{name}]\nbase_url = '{parrot.url}/{name}'\ndelay = 0.0\n"
        f"token_env = 'TOKEN_{name.upper()}'\n"
        for name in WATCHES
    )
    with (folder / "archiver.toml").open("a") as file:
        file.write("\n[crawl]\nretries = 1\nmax_wait = 0.1\nrespect_robots = false\n" + tables)
    said = [
        run(folder, "watch", "add", *WATCHES.values()),
        run(folder, "crawl"),
        run(folder, "crawl", "--platform", "facebook"),
        run(folder, "status"),
        run(folder, "status", "--json"),
        run(folder, "verify"),
        run(folder, "doctor"),
        run(folder, "show", "telegram:demo_khar_ghag/60"),
        run(folder, "evidence", "telegram:demo_khar_ghag/60", "-o", str(tmp_path / "dossier")),
        run(folder, "export", "wacz", "-o", str(tmp_path / "all.wacz")),
        run(folder, "export", "warc", "-o", str(tmp_path / "all.warc.gz")),
        run(folder, "export", "jsonl", "-o", str(tmp_path / "all.jsonl")),
    ]
    sent = {name for name, told in parrot.heard.items() if any(CANARY in each for each in told)}
    assert sent >= {"x", "mastodon", "threads", "instagram", "facebook"}, "they were really sent"
    assert [done.code for done in said[5:]] == [0, *[said[6].code], 0, 0, 0, 0, 0], said
    for done in said:
        assert not holds(done.said), done.words
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len([path for path in files if path.name.endswith(".warc.gz")]) >= 3
    for path in files:
        for content in unpacked(path):
            assert not holds(content), path
    kept = b"".join(m for path in (folder / "captures").iterdir() for m in unpacked(path))
    assert b"GET " in kept and b"***" in kept, "requests are kept, and what was blotted out can be seen"


def test_the_databases_password_is_never_said(postgresql_url: str, tmp_path: Path, run: Run) -> None:
    good = postgresql_url.replace("postgres:@", f"postgres:{quote(CANARY, safe='')}@")
    assert good != postgresql_url
    bad = f"postgresql://me:{quote(CANARY, safe='')}@127.0.0.1:9/none?connect_timeout=2"
    assert run(tmp_path / "a", "init", str(tmp_path / "a")).code == 0
    said = [
        run(tmp_path / "b", "init", str(tmp_path / "b"), ARCHIVER_DATABASE=good),
        *(
            run(tmp_path / "a", *words, ARCHIVER_DATABASE=url)
            for url in (good, bad)
            for words in (
                ["status"],
                ["doctor"],
                ["verify"],
                ["crawl"],
                ["stamp", "--tsa", "http://127.0.0.1:9"],
            )
        ),
    ]
    assert {done.code for done in said} & {1}, "some of them failed, and said why"
    for done in said:
        assert not holds(done.said), (done.words, done.said)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert not holds(path.read_bytes()), path
