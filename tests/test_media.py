"""Pictures and films from a real server: kept once, whole, and only what they say they are."""

import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from archiver import cli, config
from archiver.crawl import media_types
from archiver.errors import Exit
from archiver.jobs.crawl import crawl
from archiver.jobs.media import MediaResult, download
from archiver.jobs.status import status
from archiver.store import media, tables, watches
from archiver.store.database import Database

Trick = Callable[["Visitor"], None]


def png(shade: int = 0, padding: int = 0) -> bytes:
    """A picture of one pixel, as large as wanted."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    text = [chunk(b"tEXt", b"x\x00" + os.urandom(padding))] if padding else []
    parts = [
        chunk(b"IHDR", head),
        *text,
        chunk(b"IDAT", zlib.compress(bytes([0, shade]))),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class Gallery(ThreadingHTTPServer):
    """A Mastodon-like server: one account, whose statuses have the `pictures` as attachments."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.pictures: list[tuple[str, str, str | None]] = []  # (type, url, description)
        self.served: dict[str, bytes | Trick] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def shows(self, path: str, body: bytes | Trick, *, kind: str = "image", alt: str | None = None) -> str:
        self.served[path] = body
        self.pictures.append((kind, self.url + path, alt))
        return self.url + path

    def requests(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that went away is no news here."""


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16
    server: Gallery

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((path, {k.lower(): v for k, v in self.headers.items()}))
        account = {"id": "7", "username": "souq", "acct": "souq", "url": f"{self.server.url}/@souq"}
        if path == "/api/v1/accounts/lookup":
            self.answer(json.dumps(account).encode(), "application/json")
        elif path == "/api/v1/accounts/7/statuses":
            many = [self._status(account, n, *p) for n, p in enumerate(self.server.pictures)]
            self.answer(json.dumps([] if "max_id" in self.path else many[::-1]).encode(), "application/json")
        elif path in self.server.served:
            body = self.server.served[path]
            body(self) if callable(body) else self.answer(body)
        else:
            self.answer(b"<html>not found</html>", "text/html", status=404)

    def _status(
        self, account: dict[str, str], number: int, kind: str, url: str, alt: str | None
    ) -> dict[str, Any]:
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number)
        picture = {"id": str(900 + number), "type": kind, "url": url, "description": alt}
        return {
            "id": str(100 + number),
            "created_at": at.isoformat().replace("+00:00", "Z"),
            "content": "<p>أسعار السوق اليوم</p>",
            "visibility": "public",
            "uri": f"{self.server.url}/users/souq/statuses/{100 + number}",
            "url": f"{self.server.url}/@souq/{100 + number}",
            "account": account,
            "media_attachments": [picture],
        }

    def answer(self, body: bytes, kind: str = "image/png", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    with Gallery() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


class House:
    """An archive that watches the gallery's account for its media."""

    def __init__(self, folder: Path, gallery: Gallery, mode: str = "all", settings: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.gallery = folder, gallery
        (folder / "archiver.toml").write_text(
            f"{settings}\n[crawl]\nretries = 1\nmax_wait = 2.0\n"
            f'[platforms.mastodon]\nbase_url = "{gallery.url}"\n',
            encoding="utf-8",
        )
        self.config = config.load(folder)
        with Database.create(self.config.database_url) as database, database.write() as connection:
            watches.add(
                connection,
                platform="mastodon",
                handle="souq@example.org",
                media=mode,  # type: ignore[arg-type]
                at=datetime.now(UTC),
            )

    def fill(self, **how: Any) -> MediaResult:
        """Crawl, then download."""
        assert crawl(self.config).exit is Exit.OK
        return download(self.config, **how)

    def rows(self) -> list[Any]:
        with Database.open(self.config.database_url) as database, database.read() as connection:
            query = select(tables.download, tables.media_file.c.sha256, tables.media_file.c.path)
            joined = query.outerjoin(
                tables.media_file, tables.media_file.c.id == tables.download.c.media_file_id
            )
            return list(connection.execute(joined.order_by(tables.download.c.id)))

    def files(self) -> dict[str, bytes]:
        """What lies under media/, by its name."""
        found = sorted((self.folder / "media").rglob("*"))
        return {str(f.relative_to(self.folder)): f.read_bytes() for f in found if f.is_file()}

    def let_time_pass(self) -> None:
        with Database.open(self.config.database_url) as database, database.write() as connection:
            past = datetime.now(UTC) - timedelta(days=30)
            connection.execute(
                update(tables.download).where(tables.download.c.next_at > past), {"next_at": past}
            )


@pytest.fixture
def house(tmp_path: Path, gallery: Gallery) -> House:
    return House(tmp_path / "archive", gallery)


# -- what is kept -----------------------------------------------------------------------------------------


def test_equal_bytes_are_one_file_named_by_its_digest(house: House, gallery: Gallery) -> None:
    one, other = png(1), png(2)
    for path, body in (("/a.png", one), ("/b.png", one), ("/c.jpg", other)):
        gallery.shows(path, body)
    done = house.fill()
    assert (done.kept, done.exit) == (3, Exit.OK)
    digests = {hashlib.sha256(body).hexdigest(): body for body in (one, other)}
    # The extension is that of what it is, not of what it is called.
    assert house.files() == {f"media/{d[:2]}/{d}.png": body for d, body in digests.items()}
    with Database.open(house.config.database_url) as database, database.read() as connection:
        assert {(f.path, f.sha256) for f in media.media_files(connection)} == {
            (f"media/{d[:2]}/{d}.png", d) for d in digests
        }
    (row, *_) = house.rows()
    assert (row.status, row.headers["content-type"], row.reason) == (200, "image/png", None)
    asked = len(gallery.asked)
    assert download(house.config).asked == 0
    assert len(gallery.asked) == asked, "nothing is asked for twice"


def test_an_address_posted_twice_is_asked_for_once_and_later_only_whether_it_changed(
    house: House, gallery: Gallery
) -> None:
    def picture(visitor: Visitor) -> None:
        if visitor.headers["If-None-Match"] == '"v1"':
            visitor.answer(b"", status=304, ETag='"v1"')
        else:
            visitor.answer(png(3), ETag='"v1"')

    gallery.shows("/banner.png", picture)
    gallery.shows("/banner.png", picture)
    assert house.fill().kept == 2
    assert len(gallery.requests("/banner.png")) == 1
    gallery.shows("/banner.png", picture)
    done = house.fill()
    assert (done.kept, done.same) == (1, 1)
    assert [row.status for row in house.rows()] == [200, 200, 304]
    assert len({row.sha256 for row in house.rows()}) == 1


def test_it_is_the_same_on_postgresql(tmp_path: Path, gallery: Gallery, postgresql_url: str) -> None:
    house = House(tmp_path / "archive", gallery, settings=f'database = "{postgresql_url}"')
    gallery.shows("/a.png", png(1))
    gallery.shows("/a.png", png(1))
    gallery.shows("/b.png", lambda visitor: visitor.answer(b"", status=503, Retry_After="3600"))
    gallery.pictures.append(("image", f"{gallery.url}/gone.png", None))
    done = house.fill()
    assert (done.kept, done.later, done.given_up) == (2, 1, 1)
    assert download(house.config).asked == 0
    told = status(house.config).totals
    assert (told.media.files, told.media.waiting, told.media.given_up) == (1, 1, 1)
    (watch,) = told.watches
    assert (watch.media_files, watch.media_missing) == (2, 2)
    assert not told.adds_up, "a file waits"


def test_pictures_only_where_pictures_are_wanted(tmp_path: Path, gallery: Gallery) -> None:
    gallery.shows("/a.png", png())
    gallery.shows("/film.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(500), kind="video")
    assert House(tmp_path / "images", gallery, "images").fill().kept == 1
    house = House(tmp_path / "all", gallery, "all")
    assert house.fill().kept == 2
    assert {Path(name).suffix for name in house.files()} == {".png", ".mp4"}
    asked = len(gallery.asked)
    assert House(tmp_path / "none", gallery, "none").fill() == MediaResult()
    assert not [path for path, _ in gallery.asked[asked:] if path.endswith((".png", ".mp4"))]


def test_a_large_film_goes_to_disk_as_it_comes(tmp_path: Path, gallery: Gallery) -> None:
    """Scrapy would hold it in memory; ours takes less than a quarter of the film's size for it."""
    size = 100 * 2**20

    def film(visitor: Visitor) -> None:
        visitor.send_response(200)
        visitor.send_header("Content-Type", "video/mp4")
        visitor.send_header("Content-Length", str(size))
        visitor.end_headers()
        visitor.wfile.write(b"\x00\x00\x00\x18ftypisom".ljust(2**20, b"\x00"))
        for _ in range(size // 2**20 - 1):
            visitor.wfile.write(bytes(2**20))

    gallery.shows("/film.mp4", film, kind="video")
    house = House(tmp_path / "archive", gallery, settings="[media]\nmax_file = 200000000")
    assert crawl(house.config).exit is Exit.OK
    code = (
        "import resource, sys; from pathlib import Path; from archiver import config\n"
        "import archiver.jobs.media as job\n"
        "used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = used(); done = job.download(config.load(Path(sys.argv[1])))\n"
        "print(done.kept, done.bytes, (used() - before) // 1024)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, house.folder], capture_output=True, text=True, check=True
    )
    kept, bytes_, more = map(int, ran.stdout.split())
    assert (kept, bytes_) == (1, size)
    assert more < 25, f"{more} MiB"


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!DOCTYPE html><title>Too many requests</title>", "a web page or SVG, called image/png"),
        (b"\xef\xbb\xbf \n<html>", "a web page or SVG"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "a web page or SVG"),
        (b"<svg onload='alert(1)'/>", "a web page or SVG"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n", "a playlist"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(99), "not a file of kind image, but video/mp4"),
        (b"just words", "not a file of kind image, but of no known type"),
        (b"", "an empty file"),
    ],
    ids=["html", "html with a mark", "svg", "bare svg", "playlist", "film", "words", "nothing"],
)
def test_what_is_no_picture_is_not_kept_as_one(
    house: House, gallery: Gallery, body: bytes, said: str
) -> None:
    gallery.shows("/a.png", body)
    done = house.fill()
    assert (done.kept, done.given_up, done.exit) == (0, 1, Exit.OWED)
    (row,) = house.rows()
    assert said in row.reason and row.next_at is None and row.status == 200
    assert house.files() == {}


def test_an_expired_address_is_named_and_not_asked_again_unless_told_to(
    house: House, gallery: Gallery
) -> None:
    gallery.pictures.append(("image", f"{gallery.url}/gone.png", None))
    done = house.fill()
    assert done.reasons == (("HTTP 404: gone, or its address has expired", 1),)
    assert download(house.config).asked == 0
    gallery.served["/gone.png"] = png()
    assert download(house.config, again=True).kept == 1


def test_a_new_address_of_an_expired_one_is_asked(house: House, gallery: Gallery) -> None:
    gallery.pictures.append(("image", f"{gallery.url}/a.png?signed=yesterday", None))
    assert house.fill().given_up == 1
    gallery.pictures[0] = ("image", f"{gallery.url}/b.png?signed=today", None)
    gallery.served["/b.png"] = png(8)
    assert house.fill().kept == 1
    assert [(row.url[-9:], row.status) for row in house.rows()] == [("yesterday", 404), ("ned=today", 200)]


def test_a_file_that_is_too_large_stops_where_the_bound_is(tmp_path: Path, gallery: Gallery) -> None:
    sent = []

    def endless(visitor: Visitor) -> None:
        visitor.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n")
        visitor.wfile.write(png()[:60])
        for _ in range(4000):
            visitor.wfile.write(bytes(2**16))
            sent.append(2**16)
        visitor.close_connection = True

    gallery.shows("/told.png", png(padding=300_000))
    gallery.shows("/endless.png", endless)
    house = House(tmp_path / "archive", gallery, settings="[media]\nmax_file = 200000")
    done = house.fill()
    assert done.given_up == 2
    assert all("larger than media.max_file" in row.reason for row in house.rows())
    assert sum(sent) < 64 * 2**20
    assert house.files() == {}


def test_a_bound_on_the_run_leaves_the_rest_for_later(tmp_path: Path, gallery: Gallery) -> None:
    for n in range(4):
        gallery.shows(f"/{n}.png", png(n, padding=100_000))
    house = House(tmp_path / "archive", gallery, settings="[media]\nmax_run = 250000")
    done = house.fill()
    assert (done.bound, done.exit) == ("media.max_run", Exit.OWED)
    assert 1 <= done.kept <= 2 and done.kept + done.unasked == 4
    while done.unasked:
        done = download(house.config)
    assert len([name for name in house.files() if ".partial" not in name]) == 4
    tight = House(tmp_path / "tight", gallery, settings="[media]\nmax_archive = 0")
    assert tight.fill().bound == "media.max_archive"
    assert tight.files() == {}


# -- interruptions ----------------------------------------------------------------------------------------


def half_then_rest(body: bytes, etag: str | None) -> Trick:
    """The connection ends in mid-body, until a part is asked for."""

    def answer(visitor: Visitor) -> None:
        tag = {"ETag": etag} if etag else {}
        asked = visitor.headers["Range"]
        if asked and visitor.headers["If-Range"] == etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            told = f"bytes {start}-{len(body) - 1}/{len(body)}"
            visitor.answer(body[start:], status=206, Content_Range=told, **tag)
        elif len(visitor.server.requests(visitor.path)) > 1:
            visitor.answer(body, **tag)
        else:
            visitor.answer(body[: len(body) // 2], length=str(len(body)), **tag)
            visitor.close_connection = True

    return answer


def test_what_was_cut_off_is_gone_on_from(house: House, gallery: Gallery) -> None:
    body = png(padding=100_000)
    gallery.shows("/a.png", half_then_rest(body, '"v1"'))
    assert house.fill().kept == 1
    _, second = gallery.requests("/a.png")
    assert second["range"] == f"bytes={len(body) // 2}-" and second["if-range"] == '"v1"'
    assert list(house.files().values()) == [body]


def test_without_a_mark_of_the_version_it_begins_again(house: House, gallery: Gallery) -> None:
    body = png(padding=100_000)
    gallery.shows("/a.png", half_then_rest(body, None))
    assert house.fill().kept == 1
    assert "range" not in gallery.requests("/a.png")[1]
    assert list(house.files().values()) == [body]


def test_a_file_that_changed_meanwhile_is_not_glued_together(house: House, gallery: Gallery) -> None:
    old, new = png(1, padding=50_000), png(2, padding=70_000)

    def changed(visitor: Visitor) -> None:
        if len(visitor.server.requests("/a.png")) == 1:
            visitor.answer(old[:20_000], length=str(len(old)), ETag='"old"')
            visitor.close_connection = True
        else:  # If-Range does not fit, so the whole comes
            visitor.answer(new, ETag='"new"')

    gallery.shows("/a.png", changed)
    assert house.fill().kept == 1
    assert list(house.files().values()) == [new]


def test_a_server_that_sends_another_part_than_asked_for_is_not_believed(
    house: House, gallery: Gallery
) -> None:
    body = png(padding=50_000)

    def wrong(visitor: Visitor) -> None:
        match len(visitor.server.requests("/a.png")):
            case 1:
                visitor.answer(body[:20_000], length=str(len(body)), ETag='"v"')
                visitor.close_connection = True
            case 2:
                visitor.answer(
                    body[7:], status=206, ETag='"v"', Content_Range=f"bytes 7-{len(body)}/{len(body)}"
                )
            case _:
                visitor.answer(body, ETag='"v"')

    gallery.shows("/a.png", wrong)
    house.fill()
    house.let_time_pass()
    download(house.config)
    assert list(house.files().values()) == [body]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 11)], ids=["kill", "^C"])
def test_a_download_that_was_ended_goes_on_in_the_next_run(
    house: House, gallery: Gallery, number: int, code: int
) -> None:
    body = png(padding=3_000_000)

    def slow(visitor: Visitor) -> None:
        if visitor.headers["Range"]:
            half_then_rest(body, '"v1"')(visitor)
            return
        visitor.answer(body[:1_000_000], length=str(len(body)), ETag='"v1"')
        visitor.wfile.flush()
        time.sleep(8)

    gallery.shows("/a.png", slow)
    assert crawl(house.config).exit is Exit.OK
    run = [sys.executable, "-m", "archiver", "--archive", str(house.folder), "media"]
    stopped = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    partial = house.folder / "media" / ".partial"
    until = time.monotonic() + 30
    while time.monotonic() < until and not any(f.stat().st_size > 500_000 for f in partial.glob("*.part")):
        time.sleep(0.02)
    stopped.send_signal(number)
    assert stopped.wait(20) == code
    assert house.rows() == [] and [name for name in house.files() if ".partial" not in name] == []
    assert download(house.config).kept == 1
    assert int(gallery.requests("/a.png")[-1]["range"].removeprefix("bytes=").rstrip("-")) > 500_000
    assert list(house.files().values()) == [body]


def test_a_full_disk_ends_the_run_and_registers_nothing(house: House, gallery: Gallery) -> None:
    gallery.shows("/a.png", png(padding=3_000_000))
    assert crawl(house.config).exit is Exit.OK
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from archiver import cli; sys.exit(cli.run(['--archive', sys.argv[1], 'media']))"
    )
    ran = subprocess.run([sys.executable, "-c", code, house.folder], capture_output=True, text=True)
    assert ran.returncode == Exit.DISK_FULL, ran.stderr
    assert "no room to keep a file in" in ran.stderr
    assert house.rows() == []
    assert download(house.config).kept == 1


def test_a_busy_server_is_waited_for_and_then_left_for_another_run(house: House, gallery: Gallery) -> None:
    def busy(visitor: Visitor) -> None:
        if len(visitor.server.requests("/a.png")) == 1:
            visitor.answer(b"", status=429, Retry_After="1")
        else:
            visitor.answer(png())

    gallery.shows("/a.png", busy)
    gallery.shows("/b.png", lambda visitor: visitor.answer(b"", status=503, Retry_After="3600"))
    began = time.monotonic()
    done = house.fill()
    assert (done.kept, done.later) == (1, 1) and time.monotonic() - began >= 1
    (waits,) = [row for row in house.rows() if row.reason]
    assert "asks for 3600 s of rest" in waits.reason
    assert timedelta(minutes=58) < waits.next_at - datetime.now(UTC) < timedelta(minutes=61)
    assert download(house.config).asked == 0
    gallery.served["/b.png"] = png(9)
    house.let_time_pass()
    assert download(house.config).kept == 1


# -- never from private addresses -------------------------------------------------------------------------


@pytest.fixture
def secret() -> Iterator[tuple[int, list[bytes]]]:
    """A server on this machine that nobody named: its port, and what reached it."""
    got: list[bytes] = []
    listener = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            got.append(connection.recv(2000))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 67\r\n\r\n" + png())
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield listener.getsockname()[1], got
    listener.close()


PRIVATE = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://127.0.0.2:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "file:///etc/hostname",
    "ftp://127.0.0.1:{port}/a.png",
]


def test_no_private_address_is_fetched_however_it_is_written(
    house: House, gallery: Gallery, secret: tuple[int, list[bytes]]
) -> None:
    port, got = secret
    for number, url in enumerate(PRIVATE):
        gallery.pictures.append(("image", f"{url.format(port=port)}?{number}", None))
    done = house.fill()
    assert (done.kept, done.given_up) == (0, len(PRIVATE)), done
    assert {row.next_at for row in house.rows()} == {None}
    assert got == []


def test_no_redirect_leads_to_a_private_address(
    house: House, gallery: Gallery, secret: tuple[int, list[bytes]]
) -> None:
    port, got = secret

    def to(url: str) -> Trick:
        return lambda visitor: visitor.answer(b"", status=302, Location=url)

    for number, url in enumerate(PRIVATE):
        gallery.shows(f"/{number}.png", to(url.format(port=port)))
    gallery.shows("/loop.png", to("/loop.png"))
    gallery.shows("/fine.png", to("/there.png"))
    gallery.served["/there.png"] = png()
    done = house.fill()
    assert (done.kept, done.given_up) == (1, len(PRIVATE) + 1), done.reasons
    assert got == []
    (had,) = [row for row in house.rows() if row.sha256]
    assert (had.url, had.final_url) == (f"{gallery.url}/fine.png", f"{gallery.url}/there.png")


def test_a_name_that_leads_to_this_machine_is_not_followed(
    house: House, gallery: Gallery, secret: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: whatever a name was before, what counts is where it leads when it is connected to."""
    port, got = secret
    asked: list[str] = []

    def rebound(name: Any, *rest: Any, **more: Any) -> Any:
        asked.append(name)
        return socket.getaddrinfo("127.0.0.1" if name == "cdn.rebinding.example" else name, *rest, **more)

    gallery.pictures.append(("image", f"http://cdn.rebinding.example:{port}/a.png", None))
    assert crawl(house.config).exit is Exit.OK
    from twisted.internet import reactor

    monkeypatch.setattr(reactor.nameResolver.inner, "_getaddrinfo", rebound)
    done = download(house.config)
    assert "cdn.rebinding.example" in asked
    assert "cdn.rebinding.example is an address of a private network" in done.reasons[0][0]
    assert got == []


def test_a_private_server_that_archiver_toml_allows_is_asked(
    tmp_path: Path, gallery: Gallery, secret: tuple[int, list[bytes]]
) -> None:
    port, got = secret
    house = House(tmp_path / "archive", gallery, settings=f'[media]\nallowed = ["127.0.0.1:{port}"]')
    gallery.pictures.append(("image", f"http://127.0.0.1:{port}/a.png", None))
    assert house.fill().kept == 1
    assert len(got) == 1


# -- what the command line says ---------------------------------------------------------------------------


def test_crawl_brings_the_media_that_a_watch_wants_and_show_says_where_they_are(
    tmp_path: Path, gallery: Gallery, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "archive")
    assert cli.run(["init", folder]) == 0
    toml = tmp_path / "archive" / "archiver.toml"
    toml.write_text(toml.read_text() + f'\n[platforms.mastodon]\nbase_url = "{gallery.url}"\n')
    gallery.shows("/a.png", png(), alt="سوق الخضار")
    gallery.pictures.append(("image", f"{gallery.url}/gone.png", None))
    watch = ["watch", "add", "mastodon:souq@example.org", "--media", "images"]
    assert cli.run(["--archive", folder, *watch]) == 0
    capsys.readouterr()
    assert cli.run(["--archive", folder, "crawl"]) == Exit.OWED
    told = capsys.readouterr()
    assert "media: 1 files" in told.out and "1 not had: HTTP 404: gone" in told.err
    digest = hashlib.sha256(png()).hexdigest()
    assert cli.run(["--archive", folder, "show", "mastodon:100@example.org"]) == 0
    shown = capsys.readouterr().out
    assert f"media/{digest[:2]}/{digest}.png" in shown and "سوق الخضار" in shown
    assert cli.run(["--archive", folder, "show", "mastodon:101@example.org"]) == 0
    assert "not on disk: HTTP 404: gone, or its address has expired" in capsys.readouterr().out
    assert cli.run(["--archive", folder, "status"]) == Exit.OK
    assert "1 file" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm"),
        (b"OggS\x00\x02" + bytes(22) + b"OpusHead", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"%PDF-1.7", "application/pdf"),
        (b"MZ\x90\x00", None),
    ],
)
def test_types_are_told_from_the_first_bytes(head: bytes, kind: str | None) -> None:
    assert media_types.sniffed(head) == kind
