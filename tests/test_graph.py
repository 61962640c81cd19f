"""Threads, Instagram and Facebook: whose address it is, what is asked, what an error means; and over real
HTTP that a token is nowhere in the archive and that the quota's headers are heeded."""

import gzip
import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

import spiders
from archiver import config
from archiver.config import PlatformConfig
from archiver.crawl.secrets import blotted
from archiver.errors import BadConfig, Exit, PageChanged, PageError, Usage
from archiver.jobs.crawl import CrawlResult, crawl
from archiver.posts import Account
from archiver.store import tables, watches
from archiver.store.database import Database
from spiders import backoff, graph
from spiders.facebook import Facebook
from spiders.instagram import Instagram
from spiders.page import Page
from spiders.platform import Platform
from spiders.threads import Threads

CANARY = "EAAB|SEKRET/canary-0002"
ROADS = Account(platform="facebook", native_id="100", handle="kabulroads")


def page(reader: Platform, body: Any, url: str = "", status: int = 200, **headers: str) -> Page:
    return Page(
        url=url or f"https://graph.example/{graph.VERSION}/100/posts?limit=2",
        body=json.dumps(body).encode(),
        target=reader.handle("kabulroads"),
        status=status,
        headers=headers,
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def error(code: int, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, **more}}


# -- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "target"),
    [
        ("https://www.threads.com/@Kabul.Roads", "threads:kabul.roads"),
        ("https://threads.net/@kabulroads/post/DC1", "threads:kabulroads"),
        ("threads:@kabulroads", "threads:kabulroads"),
        ("https://www.instagram.com/Kabul.Roads/?hl=ps", "instagram:kabul.roads"),
        ("instagram.com/kabulroads", "instagram:kabulroads"),
        ("https://www.facebook.com/KabulRoads/posts/1", "facebook:kabulroads"),
        ("https://m.facebook.com/profile.php?id=100064", "facebook:100064"),
        ("https://www.facebook.com/pages/Kabul-Roads/100064", "facebook:100064"),
        ("https://www.facebook.com/p/Kabul-Roads-100064/", "facebook:100064"),
        ("fb.com/kabulroads", "facebook:kabulroads"),
    ],
)
def test_a_pasted_profile_is_its_platforms(pasted: str, target: str) -> None:
    assert str(spiders.identify(pasted)) == target


@pytest.mark.parametrize(
    "pasted",
    [
        "https://www.facebook.com/groups/1",
        "https://www.facebook.com/",
        "https://www.facebook.com/watch/?v=1",
        "https://www.instagram.com/p/Cabc/",
        "https://www.instagram.com/",
        "https://www.threads.com/",
    ],
)
def test_what_is_no_profile_is_a_usage_error_and_not_a_feed(pasted: str) -> None:
    with pytest.raises(Usage, match="paste https://"):
        spiders.identify(pasted)


@pytest.mark.parametrize("name", ["threads", "instagram", "facebook"])
def test_what_is_no_name_is_a_usage_error(name: str) -> None:
    with pytest.raises(Usage, match=f"write {name}:name"):
        spiders.identify(f"{name}:no name at all")


# -- requests -------------------------------------------------------------------------------------


def test_no_address_carries_the_token() -> None:
    for kind in (Threads, Instagram, Facebook):
        reader = kind()
        reader.token, reader.config = CANARY, PlatformConfig(user_id="7")
        target = reader.handle("kabulroads")
        asked = [reader.first(target, ROADS, None), reader.account_url(target) or ""]
        assert not [url for url in asked if "token" in url or "SEKRET" in url]
        assert reader.headers(target) == {"Authorization": f"Bearer {CANARY}"}


def test_the_own_account_is_asked_for_by_its_own_addresses() -> None:
    own = Threads.handle("me")
    assert "/v1.0/me?" in str(Threads().account_url(own))
    assert "/v1.0/me/threads?" in Threads().first(own, None, None)
    assert "username=kabulroads" in Threads().first(Threads.handle("kabulroads"), None, None)


def test_instagram_needs_the_id_of_our_own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSTAGRAM_USER_ID", raising=False)
    reader, target = Instagram(), Instagram.handle("kabulroads")
    with pytest.raises(BadConfig, match="INSTAGRAM_USER_ID"):
        reader.first(target, None, None)
    monkeypatch.setenv("INSTAGRAM_USER_ID", "17841")
    assert urlsplit(reader.first(target, None, None)).path.endswith("/17841")
    reader.config = PlatformConfig(user_id="42", page_size=3)
    asked = reader.first(target, None, None)
    fields = parse_qs(urlsplit(asked).query)["fields"][0]
    assert urlsplit(asked).path.endswith("/42")
    assert (
        fields.startswith("business_discovery.username(kabulroads){id,username")
        and "media.limit(3){id" in fields
    )


def test_the_cursor_of_instagram_stands_inside_the_expression() -> None:
    reader = Instagram()
    reader.config = PlatformConfig(user_id="42", page_size=3)
    url = reader.first(reader.handle("kabulroads"), None, None)
    media = {"data": [{"id": "1"}], "paging": {"cursors": {"after": "QVFI=="}}}
    body = {"business_discovery": {"id": "5", "username": "kabulroads", "media": media}}
    second = reader.next(page(reader, body, url=url))
    assert "media.after(QVFI==).limit(3){id" in parse_qs(urlsplit(str(second)).query)["fields"][0]
    assert reader.next(page(reader, body, url=str(second))) is None  # the very same cursor
    media["paging"]["cursors"]["after"] = "NEXT"  # type: ignore[index]
    third = reader.next(page(reader, body, url=str(second)))
    assert "media.after(NEXT).limit(3){id" in parse_qs(urlsplit(str(third)).query)["fields"][0]
    media["paging"]["cursors"]["after"] = "X){id}"  # type: ignore[index]
    with pytest.raises(PageChanged):
        reader.next(page(reader, body, url=url))
    media["data"] = []
    assert reader.next(page(reader, body, url=url)) is None


def test_the_next_page_keeps_its_host_and_loses_its_token() -> None:
    reader = Facebook()
    told = "https://elsewhere.example/v23.0/9/posts?access_token=SEKRET&limit=2&until=1624385168&__paging_token=p"
    body = {"data": [{"id": "1"}], "paging": {"next": told}}
    url = str(reader.next(page(reader, body)))
    assert url.startswith(f"https://graph.example/{graph.VERSION}/100/posts?")
    assert "until=1624385168" in url and "SEKRET" not in url
    assert reader.next(page(reader, {"data": [], "paging": {"next": told}})) is None
    assert reader.next(page(reader, {"data": [{"id": "1"}]})) is None
    cursor = {"data": [{"id": "1"}], "paging": {"cursors": {"after": "A"}}}
    assert str(reader.next(page(reader, cursor))).endswith("limit=2&after=A")
    assert reader.next(page(reader, cursor, url="https://graph.example/x/posts?after=A")) is None


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "body", "status", "said"),
    [
        (
            Facebook(),
            error(190, "Session has expired"),
            400,
            "refuses the token in FACEBOOK_ACCESS_TOKEN.*renew",
        ),
        (
            Threads(),
            error(10, "needs advanced access"),
            403,
            "THREADS_ACCESS_TOKEN may not read threads:kabulroads",
        ),
        (
            Facebook(),
            error(100, "(#100) Pages Public Content Access requires an app token"),
            400,
            "may not read",
        ),
        (Instagram(), {}, 401, "INSTAGRAM_ACCESS_TOKEN"),
        (Facebook(), error(1, "An unknown error"), 200, "an error instead of an answer"),
    ],
)
def test_a_token_at_fault_is_named_and_not_the_account(
    reader: Platform, body: Any, status: int, said: str
) -> None:
    with pytest.raises(PageError, match=said):
        reader.refusal(page(reader, body, status=status))


def test_only_what_surely_means_nobody_is_not_found() -> None:
    assert Facebook().refusal(page(Facebook(), error(803), status=404)) == "not_found"
    nobody = error(110, "Invalid user id", error_subcode=2207013)
    assert Instagram().refusal(page(Instagram(), nobody, status=400)) == "not_found"
    # Either there is no such object or the token may not see it: that is no evidence.
    unclear = error(100, "Object does not exist or cannot be loaded", error_subcode=33)
    assert Facebook().refusal(page(Facebook(), unclear, status=400)) is None
    with pytest.raises(PageChanged, match="cannot be loaded"):
        Facebook().items(page(Facebook(), unclear, status=400))


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001, 80014])
def test_a_limit_in_metas_own_words_is_a_limit(code: int) -> None:
    assert Facebook().limited(page(Facebook(), error(code), status=403))
    assert not Facebook().limited(page(Facebook(), error(100), status=400))


def test_a_quota_nearly_used_slows_us_down_and_a_block_is_waited_out() -> None:
    def app(used: int) -> dict[str, str]:
        return {"x-app-usage": json.dumps({"call_count": 1, "total_time": used, "total_cputime": 3})}

    waits = [backoff.ahead(app(used)) for used in (0, 75, 80, 90, 100, 400)]
    assert waits[:2] == [0, 0] and waits == sorted(waits) and waits[2] > 0 and waits[-2:] == [300, 300]
    case = {"9": [{"type": "pages", "call_count": 95, "estimated_time_to_regain_access": 4}]}
    headers = {"x-business-use-case-usage": json.dumps(case)}
    assert backoff.ahead(headers) > 100
    assert backoff.asked(headers, 400, datetime.now(UTC)) == 240
    assert backoff.ahead({"x-app-usage": "soon"}) == backoff.ahead({}) == 0


# -- what posts say: the frozen pages; here what they cannot show ----------------------------------


def test_a_post_without_words_is_empty_and_a_repost_of_unknown_words_is_unknown() -> None:
    def read(**fields: Any) -> Any:
        url = "https://graph.example/v1.0/profile_posts?username=kabulroads"
        return Threads().read(page(Threads(), {"data": [{"id": "1", **fields}]}, url=url)).posts[0]

    assert read(media_type="IMAGE", media_url="https://cdn.example/1").text == ""
    assert read(media_type="REPOST_FACADE").text is None
    assert (
        read(media_type="REPOST_FACADE", reposted_post={"id": "9", "text": "سړک بند دی"}).text == "سړک بند دی"
    )
    assert read(media_type="VIDEO").attachments[0].available is False


# -- secrets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "EAAB|SEKRET/canary-0002",
        "EAAB%7CSEKRET%2Fcanary-0002",
        "EAAB|SEKRET\\/canary-0002",
        "EAAB%7CSEKRET/canary-0002",
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_repeated_token_is_blotted_out_in_every_spelling(written: str, packed: bool) -> None:
    body = f'{{"next":"https://h.example/?access_token={written}&x=1"}}'.encode()
    sent = gzip.compress(body) if packed else body
    coding = (("Content-Encoding", "gzip"),) if packed else ()
    headers, kept = blotted((*coding, ("Content-Length", str(len(sent)))), sent, frozenset({CANARY}))
    assert kept == b'{"next":"https://h.example/?access_token=***&x=1"}'
    assert ("Content-Length", str(len(kept))) in headers and not {n for n, _ in headers} & {
        "Content-Encoding"
    }
    assert dict(headers)["X-Archive-Redacted"]


def test_an_answer_without_our_token_stays_byte_for_byte() -> None:
    sent, headers = gzip.compress(b"{}"), (("Content-Encoding", "gzip"),)
    assert blotted(headers, sent, frozenset({CANARY})) == (headers, sent)
    assert blotted(headers, b"no gzip at all", frozenset({CANARY})) == (headers, b"no gzip at all")


# -- a crawl --------------------------------------------------------------------------------------


class Meta(ThreadingHTTPServer):
    """A page with `posts` posts, two an answer; `first` are statuses that come before the posts do."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.posts, self.used, self.limited = 5, 1, 0
        self.asked: list[tuple[float, str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16
    server: Meta

    def do_GET(self) -> None:
        parts, server = urlsplit(self.path), self.server
        server.asked.append((time.monotonic(), self.path, self.headers["Authorization"]))
        if not parts.path.endswith("/posts"):
            self.answer({"id": "100", "name": "د کابل سړکونه", "username": "KabulRoads"})
        elif server.limited:
            server.limited -= 1
            self.answer(error(4, "Application request limit reached"), status=403)
        else:
            start = int(parse_qs(parts.query).get("offset", ["0"])[0])
            shown = range(start, min(start + 2, server.posts))
            data = [
                {"id": f"100_{n}", "message": f"خبر {n}", "created_time": f"2026-11-{20 - n}T08:00:00+0000"}
                for n in shown
            ]
            link = f"https://graph.facebook.com{parts.path}?access_token={CANARY}&limit=2&offset={start + 2}"
            more = start + 2 < server.posts
            self.answer({"data": data, "paging": {"next": link} if more else {}})

    def answer(self, body: Any, status: int = 200) -> None:
        packed = gzip.compress(json.dumps(body).replace("/", "\\/").encode())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("X-App-Usage", json.dumps({"call_count": self.server.used}))
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meta]:
    monkeypatch.setenv("FACEBOOK_ACCESS_TOKEN", CANARY)
    server = Meta()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def crawled(folder: Path, meta: Meta, settings: str = "") -> tuple[CrawlResult, set[str]]:
    (folder / "archiver.toml").write_text(f"[platforms.facebook]\nbase_url = '{meta.url}'\n{settings}")
    read = config.load(folder)
    database = Database.create(read.database_url)
    with database.write() as connection:
        watches.add(connection, platform="facebook", handle="kabulroads", at=datetime.now(UTC))
    result = crawl(read)
    with database.read() as connection:
        ids = set(connection.scalars(select(tables.post.c.native_id)))
    database.close()
    return result, ids


def test_the_token_is_sent_and_is_nowhere_in_the_archive_or_the_log(
    meta: Meta, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        result, ids = crawled(tmp_path, meta)
    assert result.exit is Exit.OK, result.outcomes
    assert ids == {f"100_{n}" for n in range(5)}
    assert {sent for _, _, sent in meta.asked} == {f"Bearer {CANARY}"}
    assert not [path for _, path, _ in meta.asked if "SEKRET" in path or "access_token" in path]
    assert "SEKRET" not in caplog.text
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        kept = path.read_bytes()
        members = kept.split(b"\x1f\x8b\x08") if path.suffix == ".gz" else []
        unpacked = gzip.decompress(kept) if members else kept
        assert b"SEKRET" not in unpacked, path
        if members:
            assert b"access_token=***" in unpacked and b"X-Archive-Redacted" in unpacked


def test_a_crawl_slows_down_before_the_limit_and_waits_when_told(meta: Meta, tmp_path: Path) -> None:
    meta.used, meta.limited = 99, 1
    result, ids = crawled(tmp_path, meta, "[crawl]\nmax_wait = 0.4\n")
    assert result.exit is Exit.OK, result.outcomes
    assert len(ids) == 5 and len(meta.asked) == 5
    times = [at for at, _, _ in meta.asked]
    assert all(later - sooner > 0.25 for sooner, later in pairwise(times[2:]))


def test_a_limit_that_does_not_end_is_owed_and_said(meta: Meta, tmp_path: Path) -> None:
    meta.limited = 99
    result, ids = crawled(tmp_path, meta, "[crawl]\nmax_wait = 0.05\nretries = 1\n")
    assert (result.exit, ids) == (Exit.RATE_LIMITED, set())
