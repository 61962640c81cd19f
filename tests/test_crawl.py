"""A crawl from a real server over real HTTP: nothing lost, nothing doubled, whatever the server does."""

import gzip
import hashlib
import json
import logging
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select

from archiver import config
from archiver.errors import ArchiveBusy, Exit, NotFound, Usage
from archiver.jobs.crawl import CrawlResult, Outcome, crawl
from archiver.posts import Capture
from archiver.store import tables, watches
from archiver.store.captures import Captures
from archiver.store.database import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
CANARY = "SEKRET-canary-0001"
FEED, PROFILE = "app.bsky.feed.getAuthorFeed", "app.bsky.actor.getProfile"
Trick = Callable[["Visitor", bytes], None]


@dataclass(frozen=True)
class Asked:
    at: float
    path: str
    headers: dict[str, str]


@dataclass
class Account:
    """Posts of an account, and what its feed does at its first, second ... request instead of answering."""

    posts: int
    tricks: dict[int, Trick] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    always: Trick | None = None

    @property
    def gap(self) -> float:
        """Seconds between the first two requests."""
        return self.requests[1].at - self.requests[0].at


class World(ThreadingHTTPServer):
    """A small Bluesky-like server on loopback. `served` holds the ids of every complete answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.accounts: dict[str, Account] = {}
        self.asked: list[Asked] = []
        self.served: set[str] = set()
        self.etags = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that was killed is no news here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def feed(self, actor: str, top: int, limit: int) -> tuple[list[str], dict[str, Any]]:
        numbers = range(top - 1, max(-1, top - 1 - limit), -1)
        posts = [{"post": post(actor, number)} for number in numbers]
        answer: dict[str, Any] = {"feed": posts}
        if numbers and numbers[-1] > 0:
            answer["cursor"] = str(numbers[-1])
        return [each["post"]["uri"] for each in posts], answer


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16  # header and body in one packet, or each answer takes 40 ms longer
    server: World

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(time.monotonic(), self.path, {k.lower(): v for k, v in self.headers.items()})
        self.server.asked.append(asked)
        method = parts.path.rpartition("/")[2]
        name = query.get("actor", "").removeprefix("did:plc:").rstrip("a")
        actor = next(
            (each for each in self.server.accounts if code(each).rstrip("a") == name), query.get("actor")
        )
        if method not in (FEED, PROFILE) or actor not in self.server.accounts:
            unknown = b'{"error":"InvalidRequest","message":"Profile not found"}'
            self.answer(unknown, status=400 if method in (FEED, PROFILE) else 404)
            return
        account = self.server.accounts[actor]
        if method == PROFILE:
            self.answer(json.dumps({"did": f"did:plc:{code(actor)}", "handle": actor}).encode())
            return
        account.requests.append(asked)
        top = int(query.get("cursor", account.posts))
        ids, told = self.server.feed(actor, top, int(query.get("limit", 50)))
        body = json.dumps(told).encode()
        trick = account.tricks.get(len(account.requests) - 1, account.always)
        if trick:
            trick(self, body)
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if self.server.etags else None
        if etag and asked.headers.get("if-none-match") == etag:
            self.answer(b"", status=304, ETag=etag)
            return
        self.answer(body, **({"ETag": etag} if etag else {}))
        self.server.served |= set(ids)

    def answer(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...


def code(actor: str) -> str:
    return actor.replace(".", "").ljust(24, "a")[:24]


def post(actor: str, number: int) -> dict[str, Any]:
    at = (START + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
    return {
        "uri": f"at://did:plc:{code(actor)}/app.bsky.feed.post/{number:06d}",
        "cid": f"bafy{number}",
        "author": {"did": f"did:plc:{code(actor)}", "handle": actor},
        "record": {"$type": "app.bsky.feed.post", "text": f"د هوا حال، {number}", "createdAt": at},
        "likeCount": number,
        "indexedAt": at,
    }


# -- what a server may do ---------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Trick:
    return lambda visitor, body: visitor.answer(b'{"error":"no"}', status=code, **headers)


def half(visitor: Visitor, body: bytes) -> None:
    visitor.answer(body[: len(body) // 2], length=str(len(body)))
    visitor.close_connection = True


def reset(visitor: Visitor, body: bytes) -> None:
    visitor.connection.shutdown(socket.SHUT_RDWR)
    visitor.close_connection = True


def half_gzip(visitor: Visitor, body: bytes) -> None:
    packed = gzip.compress(body)
    visitor.answer(packed[: len(packed) * 2 // 3], Content_Encoding="gzip")


def whole_gzip(visitor: Visitor, body: bytes) -> None:
    visitor.answer(gzip.compress(body), Content_Encoding="gzip")


def endless(visitor: Visitor, body: bytes) -> None:
    """Neither a length nor chunks: the connection's end is the only end, and it comes too early."""
    visitor.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body[:99]
    )
    visitor.close_connection = True


def web_page(visitor: Visitor, body: bytes) -> None:
    visitor.answer(b"<html><body>Please enable JavaScript</body></html>", kind="text/html")


def bomb(visitor: Visitor, body: bytes) -> None:
    visitor.answer(gzip.compress(b" " * 3_000_000), Content_Encoding="gzip")


def redirect(url: str) -> Trick:
    return lambda visitor, body: visitor.answer(b"", status=302, Location=url)


def slow(visitor: Visitor, body: bytes) -> None:
    time.sleep(0.05)
    visitor.answer(body)


def silence(visitor: Visitor, body: bytes) -> None:
    time.sleep(20)


# -- an archive -------------------------------------------------------------------------------------------


class Archive:
    """An archive in a folder, watching accounts of the world."""

    def __init__(self, folder: Path, world: World, settings: str = "") -> None:
        self.folder, self.world = folder, world
        self.configure(settings)
        self.database = Database.create(self.config.database_url)

    def configure(self, settings: str = "", page_size: int = 50) -> None:
        (self.folder / "archiver.toml").write_text(
            f"[platforms.bluesky]\nbase_url = '{self.world.url}'\npage_size = {page_size}\n{settings}\n"
            if "[platforms" not in settings
            else settings
        )

    @property
    def config(self) -> config.Config:
        return config.load(self.folder)

    def watch(self, *names: str, platform: str = "bluesky") -> None:
        with self.database.write() as connection:
            for name in names:
                watches.add(connection, platform=platform, handle=name, at=datetime.now(UTC))

    def crawl(self, **options: Any) -> CrawlResult:
        return crawl(self.config, **options)

    def rows(self, question: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(question).all())

    @property
    def ids(self) -> set[str]:
        return {row[0] for row in self.rows(select(tables.post.c.native_id))}

    def watched(self, name: str, platform: str = "bluesky") -> watches.Watch:
        with self.database.read() as connection:
            found = watches.find(connection, platform, name)
        assert found is not None
        return found

    @property
    def captures(self) -> list[Capture]:
        names = Capture.__dataclass_fields__
        rows = self.rows(select(*(tables.capture.c[name] for name in names)))
        return [Capture(**dict(zip(names, row, strict=True))) for row in rows]

    def warc(self) -> bytes:
        """Everything in the capture files; half a record at the end is left out."""
        text = b""
        for path in sorted((self.folder / "captures").glob("*.warc.gz")):
            with gzip.open(path) as file:
                try:
                    while chunk := file.read1(2**16):
                        text += chunk
                except EOFError:
                    continue
        return text


@pytest.fixture
def world() -> Iterator[World]:
    server = World()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def archive(tmp_path: Path, world: World) -> Iterator[Archive]:
    made = Archive(tmp_path, world)
    yield made
    made.database.close()


QUICK = "[crawl]\nmax_wait = 0.1\nretries = 3"  # waits between tries are never longer than max_wait


def only(result: CrawlResult) -> Outcome:
    [outcome] = result.outcomes
    return outcome


# -- the ordinary way -------------------------------------------------------------------------------------


def test_an_account_is_archived_and_asked_for_one_page_when_nothing_is_new(
    archive: Archive, world: World
) -> None:
    world.accounts["zar.example"] = Account(posts=230)
    archive.watch("zar.example")
    heard: list[Any] = []
    first = archive.crawl(on_progress=heard.append)
    assert first.exit is Exit.OK
    assert (only(first).new, only(first).served, only(first).pages) == (230, 230, 6)
    assert archive.ids == world.served
    assert heard[-1].served == 230 and heard[-1].finished == 1
    world.asked.clear()
    second = archive.crawl()
    assert (second.exit, only(second).new, only(second).unchanged) == (Exit.OK, 0, 50)
    assert len(world.asked) == 1
    world.accounts["zar.example"].posts = 233
    world.asked.clear()
    third = archive.crawl()
    assert (only(third).new, len(world.asked)) == (3, 1)
    assert archive.ids == world.served


def test_every_fact_leads_back_to_bytes_that_can_be_read(archive: Archive, world: World) -> None:
    world.accounts["zar.example"] = Account(posts=60, tricks={0: whole_gzip})
    archive.watch("zar.example")
    archive.crawl()
    captures = archive.captures
    assert len(captures) == 3
    with Captures(archive.folder / "captures") as kept:
        for capture in captures:
            headers, body = kept.read(capture)
            body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
            assert json.loads(body)


def test_many_accounts_are_visited_by_one_run(archive: Archive, world: World) -> None:
    names = [f"n{number}.example" for number in range(20)]
    world.accounts |= {name: Account(posts=30 + number) for number, name in enumerate(names)}
    archive.watch(*names)
    result = archive.crawl()
    assert result.exit is Exit.OK and len(result.outcomes) == 20
    assert archive.ids == world.served


def test_named_watches_only_and_none_that_is_paused(archive: Archive, world: World) -> None:
    world.accounts |= {"zar.example": Account(posts=5), "gul.example": Account(posts=5)}
    archive.watch("zar.example", "gul.example")
    assert [o.watch for o in archive.crawl(watches=["bluesky:zar.example"]).outcomes] == [
        "bluesky:zar.example"
    ]
    with archive.database.write() as connection:
        watches.pause(connection, archive.watched("zar.example").id)
    assert [o.watch for o in archive.crawl().outcomes] == ["bluesky:gul.example"]
    with pytest.raises(Usage, match="paused"):
        archive.crawl(watches=["bluesky:zar.example"])
    with pytest.raises(NotFound, match=r"archiver watch add bluesky:else\.example"):
        archive.crawl(watches=["bluesky:else.example"])
    with pytest.raises(Usage, match="did you mean bluesky"):
        archive.crawl(platform="blusky")


def test_shards_share_the_hosts_and_leave_none_out(archive: Archive, world: World) -> None:
    world.accounts["zar.example"] = Account(posts=5)
    archive.watch("zar.example")
    visited = [len(archive.crawl(shard=(number, 3)).outcomes) for number in (1, 2, 3)]
    assert sorted(visited) == [0, 0, 1]
    with pytest.raises(Usage, match="counted from 1"):
        archive.crawl(shard=(0, 3))


def test_a_limit_ends_a_walk_that_a_later_crawl_goes_on_with(archive: Archive, world: World) -> None:
    world.accounts["zar.example"] = Account(posts=500)
    archive.watch("zar.example")
    limited = archive.crawl(max_posts=100)
    assert limited.exit is Exit.OK
    assert len(archive.ids) == 100
    world.accounts["zar.example"].posts = 510
    since = archive.crawl(since=START + timedelta(minutes=340))
    assert since.exit is Exit.OK
    assert 170 <= len(archive.ids) <= 220
    world.asked.clear()
    assert archive.crawl().exit is Exit.OK
    assert archive.ids == world.served and len(archive.ids) == 510
    assert len(world.asked) <= 8


def test_an_unchanged_page_is_asked_for_conditionally(archive: Archive, world: World) -> None:
    world.etags = True
    world.accounts["zar.example"] = Account(posts=20)
    archive.watch("zar.example")
    archive.crawl()
    before = archive.watched("zar.example").last_ok
    result = archive.crawl()
    assert result.exit is Exit.OK and only(result).served == 0
    assert "if-none-match" in world.asked[-1].headers
    after = archive.watched("zar.example").last_ok
    assert before and after and after > before
    world.accounts["zar.example"].posts = 21
    assert only(archive.crawl()).new == 1


# -- servers with a bad day -------------------------------------------------------------------------------


def test_a_server_that_asks_for_patience_gets_it(archive: Archive, world: World) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    world.accounts |= {
        "one.example": Account(posts=5, tricks={0: status(429, Retry_After="1")}),
        "two.example": Account(posts=5, tricks={0: status(503, Retry_After=soon)}),
        "three.example": Account(posts=5),
    }
    archive.configure("[crawl]\nmax_wait = 5")
    archive.watch("one.example", "two.example", "three.example")
    started = time.monotonic()
    assert archive.crawl().exit is Exit.OK
    assert world.accounts["one.example"].gap >= 1
    assert world.accounts["two.example"].gap >= 0.5
    assert world.accounts["three.example"].requests[0].at - started < 1  # nobody else waited
    assert archive.ids == world.served and len(archive.ids) == 15


def test_a_wait_that_is_too_long_ends_the_account_for_this_run(archive: Archive, world: World) -> None:
    world.accounts |= {
        "one.example": Account(posts=5, always=status(429, Retry_After="9999")),
        "two.example": Account(posts=5),
    }
    archive.watch("one.example", "two.example")
    result = archive.crawl()
    assert result.exit is Exit.RATE_LIMITED
    one, two = result.outcomes
    assert one.rate_limited and "9999 s" in str(one.error)
    assert two.new == 5
    assert len(world.accounts["one.example"].requests) == 1
    assert "9999 s" in str(archive.watched("one.example").last_error)


def test_a_host_that_limits_a_second_account_is_left_alone_by_all(archive: Archive, world: World) -> None:
    names = [f"n{number:02}.example" for number in range(60)]
    world.accounts |= {name: Account(posts=5, always=status(429, Retry_After="9999")) for name in names}
    archive.watch(*names)
    result = archive.crawl()
    assert result.exit is Exit.RATE_LIMITED and all(outcome.rate_limited for outcome in result.outcomes)
    assert sum(len(account.requests) for account in world.accounts.values()) < 40


@pytest.mark.parametrize("trick", [status(500), status(502), half, reset, half_gzip, endless])
def test_what_fails_once_is_asked_for_again(archive: Archive, world: World, trick: Trick) -> None:
    world.accounts["zar.example"] = Account(posts=120, tricks={1: trick})
    archive.configure(QUICK)
    archive.watch("zar.example")
    result = archive.crawl()
    assert (result.exit, only(result).error) == (Exit.OK, None)
    assert archive.ids == world.served and len(archive.ids) == 120


@pytest.mark.parametrize(
    ("trick", "said", "captured"),
    [
        (status(500), "HTTP 500, 4 times", True),
        (half_gzip, "gzip coding ends too early", True),
        (half, "ended in mid-answer", True),
        (reset, "no answer", False),
        (web_page, "expected JSON", True),
        (bomb, "larger than", True),
        (status(403), "HTTP 403", True),
        (redirect("http://169.254.169.254/latest/meta-data/"), "private network", True),
        (redirect("file:///etc/passwd"), "HTTP 302", True),
    ],
)
def test_what_fails_for_good_is_recorded_and_had_later(
    archive: Archive, world: World, trick: Trick, said: str, captured: bool
) -> None:
    account = world.accounts["zar.example"] = Account(posts=120)
    account.tricks = dict.fromkeys(range(1, 15), trick)
    archive.configure(f"{QUICK}\nmax_body = 1000000")
    archive.watch("zar.example")
    result = archive.crawl()
    assert result.exit is Exit.OWED
    assert said in str(only(result).error) and world.url in str(only(result).error)
    assert only(result).new == 50  # what was read before is kept
    [problem] = archive.rows(select(tables.problem.c.url, tables.problem.c.capture_id, tables.problem.c.what))
    assert said in problem.what and FEED in problem.url
    assert (problem.capture_id is not None) == captured
    account.tricks = {}
    assert archive.crawl().exit is Exit.OK
    assert archive.ids == world.served and len(archive.ids) == 120
    assert archive.watched("zar.example").last_error is None


def test_an_account_that_does_not_exist_is_recorded_as_such(archive: Archive, world: World) -> None:
    archive.watch("nobody.example")
    result = archive.crawl()
    assert (only(result).refusal, only(result).error) == ("not_found", None)
    assert result.exit is Exit.OWED
    assert archive.watched("nobody.example").refusal == "not_found"


def test_robots_txt_is_obeyed_for_pages(archive: Archive, world: World) -> None:
    archive.watch(f"{world.url}/feed.xml", platform="feed")
    forbid = lambda visitor: visitor.answer(b"User-agent: *\nDisallow: /feed", kind="text/plain")  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Visitor, "do_GET", lambda visitor: world.asked.append(visitor.path) or forbid(visitor))
        result = archive.crawl()
    assert "robots.txt of 127.0.0.1 forbids it" in str(only(result).error)
    assert world.asked == ["/robots.txt"]


# -- secrets ----------------------------------------------------------------------------------------------


def test_a_token_goes_to_its_own_host_and_is_written_nowhere(
    archive: Archive, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = World()
    threading.Thread(target=elsewhere.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    user = b'{"data":{"id":"7","username":"name","name":"N"}}'

    def x(visitor: Visitor) -> None:
        world.asked.append(Asked(0, visitor.path, {k.lower(): v for k, v in visitor.headers.items()}))
        by_name = "by/username" in visitor.path
        visitor.answer(user) if by_name else redirect(f"{elsewhere.url}/2/tweets")(visitor, b"")

    monkeypatch.setattr(Visitor, "do_GET", lambda v: x(v) if v.server is world else Visitor.elsewhere(v))
    monkeypatch.setattr(
        Visitor,
        "elsewhere",
        lambda v: (
            elsewhere.asked.append(Asked(0, v.path, {k.lower(): w for k, w in v.headers.items()})),
            v.answer(b'{"meta":{"result_count":0}}'),
        ),
        raising=False,
    )
    monkeypatch.setenv("CANARY_TOKEN", CANARY)
    archive.configure(f"[platforms.x]\nbase_url = '{world.url}'\ntoken_env = 'CANARY_TOKEN'\n")
    archive.watch("name", platform="x")
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("scrapy").setLevel(logging.DEBUG)
        result = archive.crawl()
    elsewhere.shutdown()
    elsewhere.server_close()
    assert world.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    assert elsewhere.asked and all("authorization" not in asked.headers for asked in elsewhere.asked)
    assert all(
        "referer" not in a.headers and "cookie" not in a.headers for a in (*world.asked, *elsewhere.asked)
    )
    assert only(result).error is None
    warc = archive.warc()
    assert b"/2/users/7/tweets" in warc and CANARY.encode() not in warc
    assert CANARY.encode() not in (archive.folder / "archive.db").read_bytes()
    assert CANARY not in caplog.text


def test_a_missing_token_is_that_platforms_error_only(
    archive: Archive, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("X_BEARER_TOKEN", raising=False)
    world.accounts["zar.example"] = Account(posts=5)
    archive.watch("zar.example")
    archive.watch("name", platform="x")
    result = archive.crawl()
    zar, x = result.outcomes
    assert (zar.new, zar.error) == (5, None)
    assert "environment variable" in str(x.error)
    assert "token" in str(archive.watched("name", "x").last_error)
    assert result.exit is Exit.OWED


def test_a_certificate_that_proves_nothing_is_refused(archive: Archive, world: World, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    world.socket = context.wrap_socket(world.socket, server_side=True)
    world.accounts["zar.example"] = Account(posts=5)
    url = world.url.replace("http:", "https:")
    archive.watch("zar.example")
    archive.configure(f"[crawl]\nretries = 0\n[platforms.bluesky]\nbase_url = '{url}'\n")
    assert "certificate" in str(only(archive.crawl()).error)
    assert world.asked == []
    archive.configure(f"[crawl]\nverify_tls = false\n[platforms.bluesky]\nbase_url = '{url}'\n")
    assert only(archive.crawl()).new == 5


# -- processes that end ------------------------------------------------------------------------------------

ZYGOTE = """
import json, os, resource, sys
from pathlib import Path
import psutil, scrapy.core.engine, scrapy.core.downloader.handlers.http11, scrapy.robotstxt, scrapy.squeues
import archiver.crawl.gate, archiver.crawl.robots, archiver.crawl.pipeline, archiver.crawl.capture
import archiver.crawl.integrity, archiver.crawl.loader, archiver.crawl.standalone, spiders.bluesky
from archiver import config
from archiver.jobs.crawl import crawl
def sockets(_):
    mine = psutil.Process().net_connections(kind="inet")
    listening.update(str(c.laddr) for c in mine if c.status == psutil.CONN_LISTEN)
for line in sys.stdin:
    order = json.loads(line)
    if (pid := os.fork()) == 0:
        listening = set()
        if limit := order["file_limit"]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            result = crawl(config.load(Path(order["folder"])), on_progress=sockets)
            told = {"exit": result.exit, "failure": str(result.failure), "listening": sorted(listening)}
        except BaseException as error:
            told = {"raised": repr(error)}
        print(json.dumps(told), flush=True)
        os._exit(0)
    print(json.dumps({"pid": pid}), flush=True)
    os.waitpid(pid, 0)
    print(json.dumps({"ended": pid}), flush=True)
"""


class Children:
    """Crawls in processes of their own, forked from one that has everything imported."""

    def __init__(self) -> None:
        self.zygote = subprocess.Popen(
            [sys.executable, "-c", ZYGOTE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, archive: Archive, file_limit: int = 0) -> int:
        order = json.dumps({"folder": str(archive.folder), "file_limit": file_limit})
        assert self.zygote.stdin
        self.zygote.stdin.write(order + "\n")
        self.zygote.stdin.flush()
        return int(self.told()["pid"])

    def told(self) -> dict[str, Any]:
        assert self.zygote.stdout
        return dict(json.loads(self.zygote.stdout.readline()))

    def end(self) -> dict[str, Any]:
        """What the crawl said, {} when it was killed before it could."""
        said = self.told()
        if "ended" not in said:
            assert "ended" in self.told()
            return said
        return {}


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    made = Children()
    yield made
    assert made.zygote.stdin
    made.zygote.stdin.close()
    made.zygote.wait(10)
    assert made.zygote.stdout
    made.zygote.stdout.close()


def test_fifteen_kills_during_a_crawl_of_a_thousand_posts_lose_nothing(
    archive: Archive, world: World, children: Children
) -> None:
    account = world.accounts["zar.example"] = Account(posts=1000)
    archive.configure(page_size=20)
    archive.watch("zar.example")
    chance = random.Random(15)
    kills = 0
    while kills < 15:
        before = len(account.requests)
        pid = children.start(archive)
        target = before + chance.randint(1, 4)
        while len(account.requests) < target:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
        kills += not children.end()
        account.posts += kills % 2  # the account goes on posting
    assert len(archive.ids) < account.posts  # it was really in the middle
    children.start(archive)
    assert children.end()["exit"] == Exit.OK
    assert archive.ids == world.served
    assert len(archive.ids) == account.posts
    assert archive.rows(select(func.count()).select_from(tables.revision))[0][0] == account.posts
    with Captures(archive.folder / "captures") as kept:
        for capture in archive.captures:
            kept.read(capture)
    world.asked.clear()
    assert archive.crawl().exit is Exit.OK
    assert len(world.asked) == 1


def test_a_full_disk_ends_the_crawl_and_loses_nothing(
    archive: Archive, world: World, children: Children
) -> None:
    account = world.accounts["zar.example"] = Account(posts=400)
    archive.configure(page_size=20)
    archive.watch("zar.example")
    room = (archive.folder / "archive.db").stat().st_size + 100_000
    children.start(archive, file_limit=room)
    full = children.end()
    assert full["exit"] in (Exit.DISK_FULL, Exit.ERROR), full
    assert 0 < len(archive.ids) < 400
    assert len(account.requests) < 20  # it stopped asking
    children.start(archive)
    assert children.end()["exit"] == Exit.OK
    assert archive.ids == world.served and len(archive.ids) == 400


def test_ctrl_c_ends_a_crawl_cleanly(archive: Archive, world: World, children: Children) -> None:
    account = world.accounts["zar.example"] = Account(posts=500, always=slow)
    silent = world.accounts["gul.example"] = Account(posts=5, always=silence)
    archive.configure(page_size=20)
    archive.watch("zar.example", "gul.example")
    pid = children.start(archive)
    while len(account.requests) < 5:
        time.sleep(0.01)
    os.kill(pid, signal.SIGINT)
    asked = time.monotonic()
    assert children.end()["exit"] == Exit.INTERRUPTED
    assert time.monotonic() - asked < 6  # a server that says nothing is not waited for
    assert 0 < len(archive.ids) < 500
    account.always = silent.always = None
    assert archive.crawl().exit is Exit.OK
    assert len(archive.ids) == 505


def test_two_crawls_at_once_are_one_too_many_and_no_port_is_open(
    archive: Archive, world: World, children: Children
) -> None:
    account = world.accounts["zar.example"] = Account(posts=200, always=slow)
    archive.configure(page_size=10)
    archive.watch("zar.example")
    pid = children.start(archive)
    while not account.requests:
        time.sleep(0.01)
    with pytest.raises(ArchiveBusy, match=f"process {pid} is crawling"):
        archive.crawl()
    with pytest.raises(ArchiveBusy):
        archive.crawl(shard=(1, 2))
    assert children.end() == {"exit": Exit.OK, "failure": "None", "listening": []}
    assert archive.crawl().exit is Exit.OK


def test_scrapys_own_command_crawls_into_the_archive(archive: Archive, world: World) -> None:
    world.accounts["zar.example"] = Account(posts=120)
    checkout = Path(__file__).parent.parent
    ran = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "bluesky", "-a", "account=zar.example"],
        cwd=checkout,
        env={**os.environ, "ARCHIVER_DIR": str(archive.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "120 new" in ran.stderr, ran.stderr
    assert archive.ids == world.served and len(archive.ids) == 120
    assert not re.search(r"listening|6023", ran.stderr, re.IGNORECASE)


def test_a_page_that_cannot_be_stored_waits_and_holds_nobody_up(
    archive: Archive, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archiver.crawl import archive as crawling

    world.accounts |= {"one.example": Account(posts=5), "two.example": Account(posts=5)}
    archive.watch("one.example", "two.example")
    real = crawling.store_harvest

    def picky(connection: Any, harvest: Any) -> Any:
        if harvest.handle == "one.example" and harvest.posts:
            raise ValueError("a post that no table can hold")
        return real(connection, harvest)

    monkeypatch.setattr(crawling, "store_harvest", picky)
    result = archive.crawl()
    one, two = result.outcomes
    assert "could not be stored" in str(one.error) and two.new == 5
    assert result.exit is Exit.OWED
    monkeypatch.undo()
    assert archive.crawl().exit is Exit.OK
    assert archive.ids == world.served


def test_a_store_that_refuses_ends_the_crawl_with_its_reason(
    archive: Archive, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archiver.crawl import archive as crawling

    account = world.accounts["zar.example"] = Account(posts=500)
    archive.watch("zar.example")

    def refuses(connection: Any, harvest: Any) -> Any:
        raise ArchiveBusy("archive.db was in use by another process: try later")

    monkeypatch.setattr(crawling, "store_harvest", refuses)
    result = archive.crawl()
    assert result.exit is Exit.ERROR and isinstance(result.failure, ArchiveBusy)
    assert len(account.requests) <= 1
