"""A channel's history over real HTTP: its end is found; a tired server's empty page is not taken for it."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from archiver import config
from archiver.errors import Exit
from archiver.jobs.crawl import CrawlResult, crawl
from archiver.store import tables, watches
from archiver.store.database import Database

MESSAGE = """<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="herat/{0}">
<div class="tgme_widget_message_text">خبر {0}</div><a class="tgme_widget_message_date"
href="https://t.me/herat/{0}"><time datetime="2026-01-01T10:00:00+00:00"></time></a></div></div>"""
HISTORY = '<section class="tgme_channel_history">{}</section>'
NO_POSTS = '<div class="tme_no_messages_found">No posts found</div>'


class Preview(ThreadingHTTPServer):
    """A preview without any links to older pages. `tired` are the numbers of requests that it answers with an
    empty page; past the end it does so always."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.ids = [number for number in range(7, 160) if number % 9 and not 60 < number < 95]
        self.tired: set[int] = set()
        self.empty = NO_POSTS
        self.asked = 0

    def page(self, before: int) -> str:
        self.asked += 1
        ids = [number for number in self.ids if number < before][-20:]
        if self.asked in self.tired or not ids:
            return HISTORY.format(self.empty)
        return HISTORY.format("".join(MESSAGE.format(number) for number in ids))


class Visitor(BaseHTTPRequestHandler):
    server: Preview

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        found = parts.path == "/s/herat"
        body = self.server.page(int(parse_qs(parts.query).get("before", ["9999"])[0])) if found else ""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def preview() -> Iterator[Preview]:
    server = Preview()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def archive(tmp_path: Path, preview: Preview) -> config.Config:
    url = f"http://127.0.0.1:{preview.server_address[1]}"
    (tmp_path / "archiver.toml").write_text(f'[platforms.telegram]\nbase_url = "{url}"\ndelay = 0\n')
    settings = config.load(tmp_path)
    database = Database.create(settings.database_url)
    with database.write() as connection:
        watches.add(connection, platform="telegram", handle="herat", at=datetime.now(UTC))
    database.close()
    return settings


def run(archive: config.Config) -> tuple[CrawlResult, list[int]]:
    result = crawl(archive)
    database = Database.open(archive.database_url)
    with database.read() as connection:
        ids = [
            native_id.partition("/")[2] for native_id in connection.scalars(select(tables.post.c.native_id))
        ]
    database.close()
    return result, sorted(map(int, ids))


@pytest.mark.parametrize("empty", [NO_POSTS, ""], ids=["marked", "unmarked"])
def test_a_history_that_ends_in_an_empty_page_is_read_to_its_end(
    archive: config.Config, preview: Preview, empty: str
) -> None:
    preview.empty = empty
    result, ids = run(archive)
    assert (result.exit, ids) == (Exit.OK, preview.ids), result.outcomes
    asked = preview.asked
    assert run(archive)[0].exit is Exit.OK
    assert preview.asked == asked + 1  # the newest page


@pytest.mark.parametrize("empty", [NO_POSTS, ""], ids=["marked", "unmarked"])
def test_an_empty_page_in_mid_history_loses_no_post(
    archive: config.Config, preview: Preview, empty: str
) -> None:
    preview.tired, preview.empty = {3}, empty
    result, ids = run(archive)
    assert (result.exit, ids) == (Exit.OK, preview.ids), result.outcomes


def test_a_server_that_stays_tired_is_owed_and_asked_again_next_time(
    archive: config.Config, preview: Preview
) -> None:
    preview.tired = set(range(3, 6))
    result, ids = run(archive)
    assert result.exit is Exit.OWED
    assert "was there" in str(result.outcomes[0].error)
    assert 0 < len(ids) < len(preview.ids)
    preview.tired = set()
    result, ids = run(archive)
    assert (result.exit, ids) == (Exit.OK, preview.ids), result.outcomes


def test_the_end_is_found_though_the_last_post_is_deleted_meanwhile(
    archive: config.Config, preview: Preview
) -> None:
    served = list(preview.ids)
    preview.tired = {len(served) // 20 + 3}  # the page that would confirm the end
    assert run(archive)[0].exit is Exit.OWED
    preview.ids, preview.tired = served[1:], set()
    results = [run(archive) for _ in range(3)]
    assert (results[-1][0].exit, results[-1][1]) == (Exit.OK, served), results[-1][0].outcomes
