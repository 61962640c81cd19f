"""What both halves of `make live` do: an archive to crawl into, a clock to turn, findings to print."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from archiver import config
from archiver.jobs import watch
from archiver.jobs.crawl import CrawlResult, crawl
from archiver.jobs.init import init
from archiver.jobs.status import Status, status
from archiver.jobs.verify import verify
from archiver.store import tables
from archiver.store.database import Database


class Absent(Exception):
    """A server that is not installed here, and what would install it."""


@dataclass
class Findings:
    """What was compared; a line each."""

    name: str
    failed: list[str] = field(default_factory=list)

    def equal(self, what: str, found: Any, wanted: Any) -> None:
        if found == wanted:
            print(f"  ok      {what}: {_short(found)}")
            return
        self.failed.append(what)
        print(f"  DIFFERS {what}: {_difference(found, wanted)}")


def _short(value: Any) -> str:
    return f"{len(value)} the same" if isinstance(value, set | dict) else str(value)


def _difference(found: Any, wanted: Any) -> str:
    if isinstance(found, set) and isinstance(wanted, set):
        return f"missing {sorted(wanted - found)[:5]}, too many {sorted(found - wanted)[:5]}"
    return f"found {found!r}, wanted {wanted!r}"


class Archive:
    """A fresh archive. Its crawls happen on the day they are told."""

    def __init__(self, folder: Path, settings: str, watched: Iterable[str]) -> None:
        init(folder)
        self.path = folder / config.FILE
        self.template = self.path.read_text()
        self.configure(settings)
        watch.add(self.config, [watch.Wish(named=name) for name in watched])

    def configure(self, settings: str) -> None:
        self.path.write_text(f"{self.template}\n{settings}\n")
        self.config = config.load(self.path.parent)

    def crawl(self, day: int = 0, **options: Any) -> CrawlResult:
        result = crawl(self.config, clock=lambda: datetime.now(UTC) + timedelta(days=day), **options)
        for outcome in result.outcomes:
            said = outcome.error or outcome.refusal or ""
            print(
                f"    day {day}: {outcome.watch}: {outcome.new} new, {outcome.revised} revised, "
                f"{outcome.unchanged} unchanged, {outcome.gone} gone, {outcome.pages} pages {said}".rstrip()
            )
        return result

    @property
    def status(self) -> Status:
        return status(self.config)

    @property
    def wrong(self) -> list[str]:
        """What `archiver verify` finds."""
        return [f"{f.where}: {f.what}" for result in verify(self.config) for f in result.findings]

    def rows(self, question: Any) -> list[Any]:
        database = Database.open(self.config.database_url)
        try:
            with database.read() as connection:
                return list(connection.execute(question).all())
        finally:
            database.close()

    def ids(self, account: str, *states: str) -> set[str]:
        """Native ids of an account's posts, of those in `states` where some are named."""
        post, owner = tables.post.c, tables.account.c
        query = select(post.native_id).join(tables.account, owner.id == post.account_id)
        query = query.where(owner.native_id == account)
        return {row[0] for row in self.rows(query.where(post.state.in_(states)) if states else query)}

    def texts(self, native_id: str) -> list[str]:
        """What a post said, the oldest first."""
        post, revision = tables.post.c, tables.revision.c
        query = select(revision.body).join(tables.post, post.id == revision.post_id)
        return [row[0] for row in self.rows(query.where(post.native_id == native_id).order_by(revision.seq))]

    def states(self, native_id: str) -> list[str]:
        """What was observed of a post, each with the status of its capture."""
        post, seen, capture = tables.post.c, tables.observation.c, tables.capture.c
        query = (
            select(seen.state, capture.status)
            .join(tables.post, post.id == seen.post_id)
            .join(tables.capture, capture.id == seen.capture_id)
            .where(post.native_id == native_id)
            .order_by(seen.at, seen.id)
        )
        return [f"{row.state} {row.status}" for row in self.rows(query)]

    @property
    def revisions(self) -> int:
        return int(self.rows(select(func.count()).select_from(tables.revision))[0][0])


def ask(url: str, body: Any = None, token: str | None = None, method: str | None = None) -> Any:
    """A JSON answer. Raises RuntimeError with what the server said."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, sent, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{url}: {error.code} {error.read()[:300]!r}") from None


def shell(command: str, where: Path, **environment: str) -> str:
    """What a command printed. Raises RuntimeError where it fails."""
    import os

    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=where,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{command}: {ran.stdout[-2000:]}")
    return ran.stdout


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    import time

    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain: {what}")
        time.sleep(0.3)
