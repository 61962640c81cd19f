"""Crawl what is watched: all platforms in one process, every page stored before the next is asked for."""

import asyncio
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import groupby

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

import spiders
from archiver.addresses import host
from archiver.config import Config
from archiver.crawl import engine
from archiver.crawl.archive import Archive, Tally, now
from archiver.crawl.lock import locked
from archiver.crawl.log import Redact
from archiver.crawl.prepare import Prepared, Wish, prepare
from archiver.errors import ArchiverError, Exit, NotFound, UnknownPlatform, Usage
from archiver.posts import Refusal
from archiver.store.database import Database
from archiver.store.watches import Watch, listed, visiting
from spiders.base import spider
from spiders.page import Target
from spiders.visit import Failed, Visit

_GRACE = 3.0  # seconds that an interrupted crawl may take to finish the pages on their way

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one watch. `gone` are posts that are there no longer, `problems` those that could not
    be read (`problem` is the first), `lost` those not stored."""

    platform: str
    handle: str
    pages: int = 0
    served: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    gone: int = 0
    problems: int = 0
    lost: int = 0
    problem: str | None = None
    refusal: Refusal | None = None
    error: str | None = None
    rate_limited: bool = False
    changed: bool = False  # a page is not as its platform documents it: a newer archiver may read it
    finished: bool = False

    @property
    def watch(self) -> str:
        return f"{self.platform}:{self.handle}"

    @property
    def owed(self) -> bool:
        """Something was to be had here and is not in the archive."""
        return bool(self.error or self.refusal or self.problems or self.lost or not self.finished)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The run so far, and the watch that just got a page."""

    outcome: Outcome
    watches: int
    finished: int
    pages: int
    served: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """All watches of a run, and how it ended. `failure` is what ended it early."""

    outcomes: tuple[Outcome, ...]
    interrupted: bool = False
    failure: ArchiverError | None = None

    @property
    def exit(self) -> Exit:
        """The verdict from our own counts: Scrapy says "finished" while posts are being lost."""
        if self.failure is not None:
            return self.failure.exit
        if self.interrupted:
            return Exit.INTERRUPTED
        owed = [outcome for outcome in self.outcomes if outcome.owed]
        if owed and all(outcome.rate_limited for outcome in owed):
            return Exit.RATE_LIMITED
        return Exit.OWED if owed else Exit.OK


def crawl(
    config: Config,
    *,
    watches: Sequence[str] | None = None,
    platform: str | None = None,
    since: datetime | None = None,
    max_posts: int | None = None,
    full: bool = False,
    revisit: bool = False,
    due: bool = False,
    shard: tuple[int, int] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    clock: Callable[[], datetime] = now,
) -> CrawlResult:
    """Visit the watches that are not paused, or those named (as `PLATFORM:HANDLE` or by address).

    `due` leaves out those whose interval is not over since their last visit began.
    `since` and `max_posts` end each walk early, at the end of a page; a later crawl goes on from there.
    `full` reads everything again, `revisit` recent posts, also where that is not due yet. `shard` (i, n),
    1 <= i <= n, takes the hosts that fall to it, so that every host is asked by one process only. `clock`
    tells the time that visits, captures and verdicts bear. Raises Usage, NotFound, ArchiveBusy and what
    opening the archive raises.
    """
    if platform is not None:
        spiders.load(platform)
    if shard is not None and not 1 <= shard[0] <= shard[1]:
        raise Usage(f"no shard {shard[0]}/{shard[1]}: they are counted from 1")
    with locked(config.folder, shard):
        database = Database.open(config.database_url)
        try:
            chosen = _chosen(config, database, watches, platform, shard)
            begun = clock()
            chosen = [watch for watch in chosen if not due or watch.is_due(begun)]
            with database.write() as connection:
                visiting(connection, [watch.id for watch in chosen], begun)
            wish = Wish(since=since, max_posts=max_posts, full=full, revisit=revisit)
            return _Run(config, database, on_progress, clock).crawl(chosen, wish)
        finally:
            database.close()


class _Run:
    """One crawl from its watches to its result."""

    def __init__(
        self,
        config: Config,
        database: Database,
        on_progress: Callable[[Progress], None] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.config = config
        self.database = database
        self.clock = clock
        self.on_progress = on_progress
        self.archive = Archive(config, database, self._changed, clock)
        self.interrupted = False
        self.visits: dict[tuple[str, str], Visit] = {}
        self.runner: AsyncCrawlerRunner | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.stopping: asyncio.Future[None] | None = None

    def crawl(self, chosen: Sequence[Watch], wish: Wish) -> CrawlResult:
        for watch in chosen:
            self.archive.tally(watch.platform, watch.handle)
        prepared: dict[str, Prepared] = {}
        failed: list[Failed] = []
        for name, group in groupby(chosen, key=lambda watch: watch.platform):
            members = list(group)
            try:
                ready = prepare(self.config, self.database, name, members, wish, self.clock())
            except UnknownPlatform as error:
                failed += [_unreadable(watch, error, self.clock()) for watch in members]
                continue
            prepared[name] = ready
            failed += ready.failed
            self.visits |= {(name, visit.target.handle): visit for visit in ready.visits}
        try:
            with quietly(secret for ready in prepared.values() for secret in ready.secrets):
                engine.run(lambda: self._main(prepared, failed), self._stop)
        finally:
            self.archive.close()
        return self._result()

    async def _main(self, prepared: dict[str, Prepared], failed: Sequence[Failed]) -> None:
        for item in failed:
            await self.archive.store(item)
        settings = Settings()
        settings.setmodule("archiver.crawl.settings", priority="project")
        self.runner = AsyncCrawlerRunner(settings)
        for name, ready in prepared.items():
            if not ready.visits or self.archive.fatal:
                continue
            crawler = self.runner.create_crawler(spider(name))
            crawler.settings.setdict(ready.settings, priority="cmdline")
            self.archive.serve(crawler)
            task = self.runner.crawl(
                crawler,
                visits=ready.visits,
                config=ready.config,
                crawling=ready.crawling,
                token=ready.token,
                clock=self.clock,
                rests=self.archive.hosts.rests,
            )
            self.tasks.append(task)
        results = await asyncio.gather(*self.tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not self.archive.fatal:
                self.archive.fatal = result

    def _stop(self) -> None:
        """Somebody pressed Ctrl-C: finish what is on its way, ask for nothing more."""
        self.interrupted = True
        if self.runner is not None:
            self.stopping = asyncio.ensure_future(self.runner.stop())
        asyncio.get_running_loop().call_later(_GRACE, lambda: [task.cancel() for task in self.tasks])

    def _changed(self, tally: Tally) -> None:
        if self.on_progress:
            tallies = self.archive.tallies.values()
            progress = Progress(
                outcome=self._told(tally),
                watches=len(tallies),
                finished=sum(visit.finished for visit in self.visits.values()),
                pages=sum(t.pages for t in tallies),
                served=sum(t.served for t in tallies),
                new=sum(t.new for t in tallies),
            )
            self.on_progress(progress)

    def _told(self, tally: Tally) -> Outcome:
        visit = self.visits.get((tally.platform, tally.handle))
        counts = {f.name: getattr(tally, f.name) for f in fields(Tally)}
        return Outcome(**counts, finished=visit.finished if visit else bool(tally.error))

    def _ended(self, tally: Tally) -> Outcome:
        """What is told at the end: a visit that just stopped met an error of ours, which is in the log."""
        outcome = self._told(tally)
        early = self.interrupted or self.archive.fatal is not None
        if outcome.finished or outcome.error or early:
            return outcome
        return replace(outcome, error="stopped before its last page; the log says why")

    def _result(self) -> CrawlResult:
        fatal = self.archive.fatal
        if fatal is not None and not isinstance(fatal, ArchiverError):
            if isinstance(fatal, OSError):
                fatal = ArchiverError(f"{self.config.folder}: {fatal.strerror or fatal}")
            else:
                raise fatal
        return CrawlResult(
            outcomes=tuple(self._ended(tally) for tally in self.archive.tallies.values()),
            interrupted=self.interrupted,
            failure=fatal,
        )


def _chosen(
    config: Config,
    database: Database,
    names: Sequence[str] | None,
    platform: str | None,
    shard: tuple[int, int] | None,
) -> list[Watch]:
    """The watches to visit, ordered by platform."""
    with database.read() as connection:
        every = {(watch.platform, watch.handle): watch for watch in listed(connection)}
    if names:
        chosen = [_named(every, name) for name in dict.fromkeys(names)]
    else:
        chosen = [watch for watch in every.values() if not watch.paused]
    mine = [
        watch
        for watch in {w.id: w for w in chosen}.values()
        if (platform is None or watch.platform == platform)
        and (shard is None or _shard(config, watch, shard[1]) == shard[0])
    ]
    return sorted(mine, key=lambda watch: (watch.platform, watch.handle))


def _named(every: dict[tuple[str, str], Watch], name: str) -> Watch:
    target = spiders.identify(name)
    watch = every.get((target.platform, target.handle))
    if watch is None:
        raise NotFound(f"no watch {target}: run `archiver watch add {target}`")
    if watch.paused:
        raise Usage(f"{watch} is paused: run `archiver watch resume {watch}`")
    return watch


def _shard(config: Config, watch: Watch, count: int) -> int:
    """By host, so that two processes never ask one host at the same time."""
    target = Target(platform=watch.platform, handle=watch.handle)
    try:
        reader = spiders.load(watch.platform)()
    except UnknownPlatform:
        return 1
    reader.config = config.platform(watch.platform)
    return zlib.crc32((host(reader.root(target)) or watch.handle).encode()) % count + 1


def _unreadable(watch: Watch, error: UnknownPlatform, at: datetime) -> Failed:
    return Failed(
        platform=watch.platform,
        handle=watch.handle,
        url=str(watch),
        what=str(error),
        at=at,
    )


@contextmanager
def quietly(secrets: Iterable[str]) -> Iterator[None]:
    """Warnings only, and no secret in them."""
    redact = Redact(secrets)
    loud = [logging.getLogger(name) for name in ("scrapy", "twisted", "asyncio", "protego")]
    levels = [log.level for log in loud]
    handlers = [*logging.getLogger().handlers, *([logging.lastResort] if logging.lastResort else [])]
    for log in loud:
        log.setLevel(max(log.level, logging.WARNING))
    for handler in handlers:
        handler.addFilter(redact)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(redact)
        for log, level in zip(loud, levels, strict=True):
            log.setLevel(level)
