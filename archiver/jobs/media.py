"""Download the pictures and films of watches that want them: what is not on disk yet, the latest first.

"Not downloaded yet" is a query, so stopping anywhere loses nothing. The bytes are kept once, as files under
media/ named by their SHA-256; they are not written into WARC as well, which would double the archive. What
the server said of them (addresses, status, the headers that tell what it is, the time) is a row.
"""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

import spiders
from archiver.addresses import host, is_private_host
from archiver.config import Config
from archiver.crawl import engine, resolver
from archiver.crawl.archive import Archive
from archiver.crawl.lock import locked
from archiver.crawl.media import BudgetSpent, Fetcher, MediaSpider, Wish
from archiver.crawl.partial import Budget
from archiver.crawl.settings import for_media
from archiver.errors import ArchiverError, DiskFull, Exit, NotFound, UnknownPlatform
from archiver.jobs.crawl import quietly
from archiver.store import media, watches
from archiver.store.database import Database
from archiver.store.media import File, Tried, Wanted
from archiver.store.watches import Media, Watch
from spiders.page import Target

Known = tuple[File, Mapping[str, str]] | None

_PAGE = 500  # attachments asked of the store at once
_AT_ONCE = 16  # files on their way, over all hosts
_PER_HOST = 2
_ROOM = 64 * 2**20  # bytes that stay free on the disk
_KEEP_PARTIAL = timedelta(days=30)
_GRACE = 3.0  # seconds for files on their way after Ctrl-C


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResult:
    """`kept` files came (of them `same` were there already), `bytes` in all; `later` wait for another run,
    `given_up` never will be had; `unasked` were left because a bound was met, which `bound` names."""

    kept: int = 0
    same: int = 0
    bytes: int = 0
    later: int = 0
    given_up: int = 0
    unasked: int = 0
    bound: str | None = None
    reasons: tuple[tuple[str, int], ...] = ()
    interrupted: bool = False
    failure: ArchiverError | None = None

    @property
    def asked(self) -> int:
        return self.kept + self.later + self.given_up

    @property
    def exit(self) -> Exit:
        if self.failure is not None:
            return self.failure.exit
        if self.interrupted:
            return Exit.INTERRUPTED
        return Exit.OWED if self.later or self.given_up or self.unasked else Exit.OK


def download(
    config: Config,
    *,
    named: Sequence[str] | None = None,
    limit: int | None = None,
    again: bool = False,
    on_progress: Callable[[MediaResult], None] | None = None,
) -> MediaResult:
    """Have the files of watches that want media, or of those `named`; at most `limit` of them.

    `again` also asks for what was given up. Raises NotFound, ArchiveBusy and what opening the archive raises.
    """
    with locked(config.folder), Database.open(config.database_url) as database:
        with database.read() as connection:
            chosen = _chosen(watches.listed(connection), named)
            modes = media.modes(chosen, config.crawl.media)
            kept = media.bytes_kept(connection)
        if not modes:
            return MediaResult()
        left = {
            "media.max_run": config.media.max_run,
            "media.max_archive": max(0, config.media.max_archive - kept),
        }
        bound = min(left, key=lambda name: left[name])
        run = _Run(config, database, chosen, Budget(left[bound]), bound, on_progress)
        return run.download(modes, limit, again)


def wanted_by_any(config: Config) -> bool:
    """Whether some watch that is not paused wants media."""
    with Database.open(config.database_url) as database, database.read() as connection:
        return bool(media.modes(_chosen(watches.listed(connection), None), config.crawl.media))


class _Run:
    """One run over what is wanted."""

    def __init__(
        self,
        config: Config,
        database: Database,
        chosen: Sequence[Watch],
        budget: Budget,
        bound: str,
        on_progress: Callable[[MediaResult], None] | None,
    ) -> None:
        self.config = config
        self.database = database
        self.budget = budget
        self.bound = bound
        self.on_progress = on_progress
        self.homes = {w.account_id: _home(config, w) for w in chosen if w.account_id is not None}
        self.archive = Archive(config, database)
        self.result = MediaResult()
        self.reasons: dict[str, int] = defaultdict(int)
        self.runner: AsyncCrawlerRunner | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.stopped = False
        self.fatal: Exception | None = None

    def download(self, modes: dict[int, Media], limit: int | None, again: bool) -> MediaResult:
        wishes = self._wishes(modes, limit, again)
        if wishes:
            self._clean()
            try:
                with quietly(()):
                    engine.run(lambda: self._main(wishes), self._stop)
            finally:
                self.archive.close()
        if self.fatal is not None:
            raise self.fatal
        reasons = tuple(sorted(self.reasons.items(), key=lambda item: (-item[1], item[0])))
        return replace(self.result, reasons=reasons)

    # -- what to ask for --------------------------------------------------------------------------

    def _wishes(self, modes: dict[int, Media], limit: int | None, again: bool) -> list[Wish]:
        """An address is asked for once, for all who posted it."""
        now = datetime.now(UTC)
        rows: list[Wanted] = []
        below: int | None = None
        with self.database.read() as connection:
            while limit is None or len(rows) < limit:
                size = _PAGE if limit is None else min(_PAGE, limit - len(rows))
                page = media.wanted(connection, modes, now, limit=size, below=below, again=again)
                if not page:
                    break
                rows += page
                below = page[-1].attachment_id
            by_url: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
            for row in rows:
                by_url[row.url, row.kind].append(row)
            return [
                Wish(
                    url=url,
                    kind=kind,
                    attachment_ids=tuple(row.attachment_id for row in same),
                    home=self.homes[same[0].account_id][0],
                    robots=self.homes[same[0].account_id][1],
                    tries=0 if again else max(row.tries for row in same),
                    known=self._known(media.known(connection, url)),
                )
                for (url, kind), same in by_url.items()
            ]

    def _known(self, found: Known) -> Known:
        """A file that was had before, if it is still where it was."""
        return found if found and (self.config.folder / found[0].path).is_file() else None

    def _clean(self) -> None:
        """Half files that nobody came back for."""
        self.config.media_dir.mkdir(exist_ok=True)
        before = (datetime.now(UTC) - _KEEP_PARTIAL).timestamp()
        for left in (self.config.media_dir / ".partial").glob("*"):
            if left.stat().st_mtime < before:
                left.unlink(missing_ok=True)

    # -- the run ----------------------------------------------------------------------------------

    async def _main(self, wishes: Sequence[Wish]) -> None:
        settings = Settings()
        settings.setmodule("archiver.crawl.settings", priority="project")
        homes = [home for home, _ in self.homes.values()]
        allowed = [f"http://{name}" for name in self.config.media.allowed]
        settings.setdict(for_media(self.config, [*homes, *allowed]), priority="cmdline")
        resolver.allowed |= {host(home) for home in [*homes, *allowed] if is_private_host(host(home))}
        self.runner = AsyncCrawlerRunner(settings)
        crawler = self.runner.create_crawler(MediaSpider)
        self.archive.serve(crawler)
        await self.runner.crawl(crawler, work=lambda spider: self._work(spider, wishes), config=self.config)

    async def _work(self, spider: MediaSpider, wishes: Sequence[Wish]) -> None:
        fetcher = Fetcher(spider, self.config, self.budget)
        queues: dict[str, list[Wish]] = defaultdict(list)
        for wish in reversed(wishes):  # the latest last: they are taken from the end
            queues[host(wish.url)].append(wish)
        places = asyncio.Semaphore(_AT_ONCE)
        self.tasks = [
            asyncio.ensure_future(self._one_after_the_other(fetcher, queue, places))
            for queue in queues.values()
            for _ in range(min(_PER_HOST, len(queue)))
        ]
        try:
            for done in await asyncio.gather(*self.tasks, return_exceptions=True):
                if isinstance(done, Exception):
                    self._fail(done)
        finally:
            fetcher.close()
        self._count(unasked=self.result.unasked + sum(map(len, queues.values())))

    async def _one_after_the_other(
        self, fetcher: Fetcher, queue: list[Wish], places: asyncio.Semaphore
    ) -> None:
        while queue and not self.stopped:
            async with places:
                if not queue or self.stopped:
                    return
                wish = queue.pop()
                try:
                    self._make_sure_of_room()
                    tried = await fetcher.fetch(wish)
                    await asyncio.get_running_loop().run_in_executor(None, self._record, tried)
                except BudgetSpent:
                    self.stopped = True
                    self._count(unasked=self.result.unasked + 1, bound=self.bound)
                    return
                except Exception:
                    self.stopped = True
                    self._count(unasked=self.result.unasked + 1)
                    raise
            self._told(tried)

    def _make_sure_of_room(self) -> None:
        if shutil.disk_usage(self.config.media_dir).free < _ROOM:
            raise DiskFull(f"less than {_ROOM >> 20} MiB free for {self.config.media_dir}: free some space")

    def _record(self, tried: Tried) -> None:
        with self.database.write() as connection:
            media.record(connection, tried)

    def _told(self, tried: Tried) -> None:
        so_far, count = self.result, len(tried.attachment_ids)
        if tried.file is not None:
            same = count - 1 + (tried.status == 304)
            self._count(
                kept=so_far.kept + count, same=so_far.same + same, bytes=so_far.bytes + tried.file.size
            )
        elif tried.next_at is not None:
            self._count(later=so_far.later + count)
        else:
            self._count(given_up=so_far.given_up + count)
        if tried.reason:
            self.reasons[tried.reason] += count

    def _count(self, **changes: object) -> None:
        self.result = replace(self.result, **changes)  # type: ignore[arg-type]
        if self.on_progress:
            self.on_progress(self.result)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, ArchiverError):
            self.fatal = self.fatal or error
        elif self.result.failure is None:
            self.result = replace(self.result, failure=error)

    def _stop(self) -> None:
        """Somebody pressed Ctrl-C: what came of each file stays for next time."""
        self.stopped = True
        self.result = replace(self.result, interrupted=True)

        def end() -> None:
            for task in self.tasks:
                task.cancel()

        asyncio.get_running_loop().call_later(_GRACE, end)


def _chosen(every: Iterable[Watch], named: Sequence[str] | None) -> list[Watch]:
    if not named:
        return [watch for watch in every if not watch.paused]
    by_name = {(watch.platform, watch.handle): watch for watch in every}
    found = []
    for name in dict.fromkeys(named):
        target = spiders.identify(name)
        watch = by_name.get((target.platform, target.handle))
        if watch is None:
            raise NotFound(f"no watch {target}: run `archiver watch add {target}`")
        found.append(watch)
    return found


def _home(config: Config, watch: Watch) -> tuple[str, bool]:
    """The server that a person named for a watch, and whether its robots.txt is obeyed."""
    try:
        reader = spiders.load(watch.platform)()
    except UnknownPlatform:
        return "", True
    reader.config = config.platform(watch.platform)
    home = reader.root(Target(platform=watch.platform, handle=watch.handle)) or watch.handle
    return home, reader.obeys_robots
