"""Servers with a bad day, seen from the command line: `status` tells it; in the end all is there."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from archiver import cli
from archiver.config import load
from archiver.store import tables, watches
from archiver.store.database import Database

NOW = datetime.now(UTC)
ACCOUNT = {"id": "7", "acct": "herat", "username": "herat", "url": "https://social.example/@herat"}
Fault = Callable[["Visitor", bytes], None]


class Instance(ThreadingHTTPServer):
    """An account with posts, ten on a page. `faults` happen to the requests for posts, by their numbers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.ids = list(range(100, 135))
        self.times = {n: NOW - timedelta(hours=200 - n) for n in self.ids}
        self.faults: dict[int, Fault] = {}
        self.lists = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that a fault cut off are no news."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def status(self, number: int) -> dict[str, Any]:
        return {
            "id": str(number),
            "created_at": self.times[number].isoformat(),
            "content": f"<p>خبر {number}</p>",
            "account": ACCOUNT,
            "visibility": "public",
        }

    def page(self, below: str | None) -> list[dict[str, Any]]:
        start = self.ids.index(int(below)) if below else len(self.ids)
        return [self.status(n) for n in self.ids[max(0, start - 10) : start][::-1]]


class Visitor(BaseHTTPRequestHandler):
    server: Instance

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if not parts.path.endswith("/statuses"):
            self.answer(json.dumps(ACCOUNT).encode())
            return
        self.server.lists += 1
        body = json.dumps(self.server.page(parse_qs(parts.query).get("max_id", [None])[0])).encode()
        self.server.faults.get(self.server.lists, Visitor.answer)(self, body)

    def answer(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...


def soon(visitor: Visitor, body: bytes) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    visitor.answer(b"{}", status=429, Retry_After=at)


def seconds(visitor: Visitor, body: bytes) -> None:
    visitor.answer(b"{}", status=429, Retry_After="1")


def tomorrow(visitor: Visitor, body: bytes) -> None:
    visitor.answer(b"{}", status=429, Retry_After="86400")


def oops(visitor: Visitor, body: bytes) -> None:
    visitor.answer(b'{"error": "oops"}', status=500)


def half(visitor: Visitor, body: bytes) -> None:
    visitor.answer(body[: len(body) // 2], length=str(len(body)))
    visitor.close_connection = True


def error_page(visitor: Visitor, body: bytes) -> None:
    visitor.answer(b"<html><h1>We'll be back soon</h1></html>", kind="text/html")


def loop(visitor: Visitor, body: bytes) -> None:
    """The newest page again, whichever was asked for."""
    visitor.answer(json.dumps(visitor.server.page(None)).encode())


def upside_down(visitor: Visitor, body: bytes) -> None:
    visitor.answer(json.dumps(json.loads(body)[::-1]).encode())


@pytest.fixture
def instance() -> Iterator[Instance]:
    server = Instance()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Archive:
    def __init__(self, folder: Path, instance: Instance) -> None:
        self.folder, self.instance = folder, instance
        self.configure(instance.url)
        self.database = Database.create(load(folder).database_url)
        with self.database.write() as connection:
            watches.add(connection, platform="mastodon", handle="herat@social.example", at=NOW)

    def configure(self, url: str, retries: int = 1, wait: float = 0.1) -> None:
        patience = f"[crawl]\nretries = {retries}\nmax_wait = {wait}\n"
        place = f'[platforms.mastodon]\nbase_url = "{url}"\ndelay = 0\n'
        (self.folder / "archiver.toml").write_text(patience + place)

    def run(self, *words: str) -> int:
        return cli.run(["--archive", str(self.folder), *words])

    @property
    def ids(self) -> list[int]:
        with self.database.read() as connection:
            found = connection.scalars(select(tables.post.c.native_id))
            return sorted(int(native_id.partition("@")[0]) for native_id in found)


@pytest.fixture
def archive(tmp_path: Path, instance: Instance) -> Iterator[Archive]:
    made = Archive(tmp_path, instance)
    yield made
    made.database.close()


def test_what_passes_is_waited_out(archive: Archive, instance: Instance) -> None:
    archive.configure(instance.url, wait=1.5)
    instance.faults = {1: seconds, 3: oops, 5: half, 7: soon}
    assert archive.run("crawl") == 0
    assert archive.ids == instance.ids
    assert archive.run("status") == 0


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (tomorrow, 18, "HTTP 429: asks for 86400 s of rest"),
        (oops, 10, "HTTP 500, 2 times"),
        (half, 10, "the connection ended in mid-answer"),
        (error_page, 10, "expected JSON, got text/html"),
        (loop, 10, "which was read already"),
    ],
)
def test_what_does_not_pass_is_said_by_status_and_had_later(
    archive: Archive, instance: Instance, capsys: Any, fault: Fault, code: int, said: str
) -> None:
    instance.faults = dict.fromkeys(range(2, 20), fault)
    assert archive.run("crawl") == code
    assert archive.ids == instance.ids[-10:], "what was read before is kept"
    capsys.readouterr()
    assert archive.run("status") == 10
    assert said in capsys.readouterr().err
    instance.faults = {}
    assert archive.run("crawl") == 0
    assert archive.ids == instance.ids
    assert archive.run("status", "--json") == 0
    row = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (row["stored"], row["owed"], row["last_error"]) == (35, 0, None)
    assert row["back_fill"]["complete"] is True


def test_ids_that_go_backwards_and_pages_upside_down_lose_nothing(
    archive: Archive, instance: Instance
) -> None:
    """After a server was set up anew, its new posts have lower ids than the old ones."""
    instance.faults = {2: upside_down}
    assert archive.run("crawl") == 0
    fresh = list(range(1, 24))
    instance.ids += fresh
    instance.times |= {n: NOW - timedelta(hours=24 - n) for n in fresh}
    assert archive.run("crawl") == 0
    assert archive.ids == sorted(instance.ids)


def test_a_server_whose_clock_is_wrong_loses_nothing(archive: Archive, instance: Instance) -> None:
    for number in (110, 133, 134):
        instance.times[number] = NOW + timedelta(days=4000)
    instance.times[120] = NOW - timedelta(days=9000)
    assert archive.run("crawl") == 0
    assert archive.ids == instance.ids
    fresh = list(range(200, 223))
    instance.ids += fresh
    instance.times |= {n: NOW + timedelta(seconds=n) for n in fresh}
    assert archive.run("crawl") == 0
    assert archive.ids == sorted(instance.ids)


def test_an_instance_that_died_is_said_and_its_posts_are_not_gone(
    archive: Archive, instance: Instance, capsys: Any
) -> None:
    assert archive.run("crawl") == 0
    archive.configure("http://127.0.0.1:9")
    assert archive.run("crawl", "--revisit") == 10
    capsys.readouterr()
    assert archive.run("status", "--json") == 10
    row = json.loads(capsys.readouterr().out)
    assert "connection refused" in row["last_error"]
    assert (row["stored"], row["gone"], row["missing"]) == (35, 0, 0)
    archive.configure(instance.url)
    assert archive.run("crawl", "--revisit") == 0
    assert archive.run("status") == 0
