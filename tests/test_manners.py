"""How servers are treated: one pace for a host whoever asks it, and an honest name."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import archiver
from archiver import config
from archiver.config import Config
from archiver.demo.server import Answer, WorldServer, as_json
from archiver.errors import Exit
from archiver.jobs.crawl import CrawlResult, crawl
from archiver.store import watches
from archiver.store.database import Database

ACCOUNTS = {
    "telegram": "demo_khar_ghag",
    "mastodon": "souq@social.demo.example",
    "bluesky": "maidan.demo.test",
}


class Host(WorldServer):
    """Three platforms on one host; it notes when it is asked, and how many wait for an answer at once."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []
        self.most = 0
        self.pause = 0.0
        self.limits: set[str] = set()
        self._now = 0
        self._lock = threading.Lock()

    def answer(self, method: str, target: str) -> Answer:
        with self._lock:
            self.at.append(time.monotonic())
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            time.sleep(self.pause)
            platform = target.split("/")[1]
            if platform in self.limits and "robots.txt" not in target:
                self.limits.discard(platform)
                return as_json({"error": "slow down"}, status=429, headers={"Retry-After": "1"})
            return super().answer(method, target)
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        yield server


def crawled(folder: Path, host: Host, delay: float) -> CrawlResult:
    places = "".join(
        f'[platforms.{name}]\nbase_url = "{host.url}/{name}"\ndelay = {delay}\n' for name in ACCOUNTS
    )
    (folder / "archiver.toml").write_text(f'[crawl]\ncontact = "us@example.org"\n{places}')
    settings: Config = config.load(folder)
    with Database.create(settings.database_url) as database, database.write() as connection:
        for platform, handle in ACCOUNTS.items():
            watches.add(connection, platform=platform, handle=handle, at=datetime.now(UTC))
    return crawl(settings)


def test_all_platforms_keep_one_pace_for_a_host(tmp_path: Path, host: Host) -> None:
    assert crawled(tmp_path, host, 0.3).exit is Exit.OK
    gaps = len(host.at) - 1
    assert gaps >= 6
    # Single gaps also tell how long an answer took to come; the jitter of a delay is a fifth of it.
    assert host.at[-1] - host.at[0] > 0.95 * gaps * 0.3 * 0.8


def test_no_more_than_two_requests_are_under_way_to_a_host(tmp_path: Path, host: Host) -> None:
    host.pause = 0.1
    assert crawled(tmp_path, host, 0.001).exit is Exit.OK
    assert 1 <= host.most <= 2


def test_a_host_that_limits_two_platforms_is_left_alone_by_all(tmp_path: Path, host: Host) -> None:
    host.limits = {"mastodon", "bluesky"}
    assert crawled(tmp_path, host, 0.02).exit is Exit.OK
    gaps = [after - before for before, after in zip(host.at, host.at[1:], strict=False)]
    assert max(gaps) > 0.8, "a second without any request"


def test_we_say_who_we_are_and_whom_to_write_to(tmp_path: Path, host: Host) -> None:
    assert crawled(tmp_path, host, 0.0).exit is Exit.OK
    from warcio.archiveiterator import ArchiveIterator

    names = set()
    for file in (tmp_path / "captures").glob("*.warc.gz"):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "request":
                    names.add(record.http_headers.get_header("User-Agent"))
    assert names == {f"bilingual-archiver/{archiver.__version__} (+us@example.org)"}
    assert re.fullmatch(r"[a-z-]+/\d+\.\d+\.\d+ \(\+\S+\)", names.pop())
