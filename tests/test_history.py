"""What edited posts of Mastodon said before: revisions in true order, each with its time and capture."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver import cli
from archiver.config import load
from archiver.errors import Exit
from archiver.jobs.crawl import CrawlResult, crawl
from archiver.store import watches
from archiver.store.database import Database

NOW = datetime.now(UTC).replace(microsecond=0)
ACCOUNT = {"id": "7", "acct": "herat", "username": "herat", "url": "https://social.example/@herat"}


def when(hour: int) -> str:
    return (NOW - timedelta(days=2) + timedelta(hours=hour)).isoformat()


class Instance(ThreadingHTTPServer):
    """One account with posts that were edited: `versions` of each post, the oldest first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.versions: dict[int, list[str]] = {1: ["هرات"], 2: ["لومړی", "دوهم", "درېیم"], 3: ["یو", "دوه"]}
        self.history = True
        self.broken = False
        self.asked: list[str] = []

    def status(self, number: int) -> dict[str, Any]:
        said = self.versions[number]
        edited = when(number + len(said) - 1) if len(said) > 1 else None
        return {
            "id": str(number),
            "created_at": when(number),
            "edited_at": edited,
            "content": f"<p>{said[-1]}</p>",
            "spoiler_text": "",
            "media_attachments": [],
            "account": ACCOUNT,
            "visibility": "public",
        }

    def answer(self, url: str) -> tuple[int, Any]:
        self.asked.append(url)
        parts = urlsplit(url)
        if parts.path.endswith("/history"):
            if self.broken:
                return 500, {"error": "oops"}
            number = int(parts.path.split("/")[-2])
            told = [
                {
                    "content": f"<p>{text}</p>",
                    "spoiler_text": "",
                    "created_at": when(number + i),
                    "account": ACCOUNT,
                    "media_attachments": [],
                }
                for i, text in enumerate(self.versions[number])
            ]
            return (200, told) if self.history else (404, "404 Not Found")
        if not parts.path.endswith("/statuses"):
            return 200, ACCOUNT
        below = int(parse_qs(parts.query).get("max_id", ["99"])[0])
        return 200, [self.status(n) for n in sorted(self.versions, reverse=True) if n < below]


class Visitor(BaseHTTPRequestHandler):
    server: Instance

    def do_GET(self) -> None:
        status, said = self.server.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def instance() -> Iterator[Instance]:
    server = Instance()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


Run = Callable[..., CrawlResult]


@pytest.fixture
def run(tmp_path: Path, instance: Instance) -> Run:
    url = f"http://127.0.0.1:{instance.server_address[1]}"
    settings = f'[crawl]\nretries = 0\nmax_wait = 0.1\n[platforms.mastodon]\nbase_url = "{url}"\ndelay = 0\n'
    (tmp_path / "archiver.toml").write_text(settings)
    config = load(tmp_path)
    database = Database.create(config.database_url)
    with database.write() as connection:
        watches.add(connection, platform="mastodon", handle="herat@social.example", at=NOW)
    database.close()

    def crawled(days: float = 0) -> CrawlResult:
        instance.asked.clear()
        at = NOW + timedelta(days=days)
        return crawl(config, clock=lambda: at)

    return crawled


def shown(folder: Path, number: int, capsysbinary: Any) -> dict[str, Any]:
    assert cli.run(["--archive", str(folder), "show", f"mastodon:{number}@social.example", "--json"]) == 0
    return dict(json.loads(capsysbinary.readouterr().out))


def test_earlier_versions_are_revisions_in_their_true_order(
    run: Run, instance: Instance, tmp_path: Path, capsysbinary: Any
) -> None:
    assert run().exit is Exit.OK
    post = shown(tmp_path, 2, capsysbinary)
    revisions = post["revisions"]
    assert [r["text"] for r in revisions] == ["لومړی", "دوهم", "درېیم"]
    assert [r["current"] for r in revisions] == [False, False, True]
    wanted = [None, *(datetime.fromisoformat(when(2 + n)) for n in (1, 2))]
    assert [r["edited_at"] and datetime.fromisoformat(r["edited_at"]) for r in revisions] == wanted
    urls = [r["capture"]["url"] for r in revisions]
    assert urls[0] == urls[1] != urls[2] and urls[0].endswith("/statuses/2/history")
    assert [r["text"] for r in shown(tmp_path, 1, capsysbinary)["revisions"]] == ["هرات"]
    assert not [url for url in instance.asked if "/1/history" in url], "a post that was never edited"


def test_an_edit_is_asked_about_once(run: Run, instance: Instance, tmp_path: Path, capsysbinary: Any) -> None:
    run()
    run(1)
    assert not [url for url in instance.asked if "history" in url]
    instance.versions[3] += ["درې", "څلور"]
    run(2)
    assert [url for url in instance.asked if "history" in url] == ["/api/v1/statuses/3/history"]
    texts = [r["text"] for r in shown(tmp_path, 3, capsysbinary)["revisions"]]
    assert texts == ["یو", "دوه", "درې", "څلور"], "the one between, that no crawl saw, is in its place"


def test_a_server_that_keeps_no_versions_is_no_error(run: Run, instance: Instance) -> None:
    instance.history = False
    assert run().exit is Exit.OK
    run(1)
    assert not [url for url in instance.asked if "history" in url], "asked once"


def test_a_history_that_fails_is_owed_and_stops_nothing(
    run: Run, instance: Instance, tmp_path: Path, capsysbinary: Any
) -> None:
    instance.broken = True
    result = run()
    assert result.exit is Exit.OWED and "/history" in str(result.outcomes[0].error)
    assert result.outcomes[0].new == 3
    assert len([url for url in instance.asked if "history" in url]) == 2, "the other one is asked for, too"
    instance.broken = False
    assert run(1).exit is Exit.OK
    assert len(shown(tmp_path, 2, capsysbinary)["revisions"]) == 3
