"""What a platform's spider needs before it starts: its visits, its token, its settings."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import spiders
from archiver.addresses import CREDENTIALS, host, is_private_host
from archiver.config import Config, CrawlConfig, PlatformConfig
from archiver.crawl import resolver
from archiver.crawl.settings import for_platform
from archiver.spans import seconds
from archiver.store import recent
from archiver.store.database import Database
from archiver.store.watches import Watch
from spiders.cursor import Cursor
from spiders.page import Target
from spiders.platform import Platform
from spiders.revisit import planned
from spiders.visit import Failed, Visit

_SHORTEST = timedelta(days=14)  # what a revisit that is asked for covers where it is otherwise off


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """`failed` are watches that cannot be visited at all; the others can."""

    config: PlatformConfig
    crawling: CrawlConfig
    token: str | None
    secrets: frozenset[str]  # what must never be shown
    settings: dict[str, Any]
    visits: tuple[Visit, ...]
    failed: tuple[Failed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a run is to do beyond asking for what is new; see `jobs.crawl.crawl`."""

    since: datetime | None = None
    max_posts: int | None = None
    full: bool = False
    revisit: bool = False


def prepare(
    config: Config, database: Database, name: str, watched: Sequence[Watch], wish: Wish, now: datetime
) -> Prepared:
    """Everything for one platform's watches. Raises UnknownPlatform."""
    platform = spiders.load(name)
    chosen = config.platform(name)
    variable = chosen.token_env or platform.token_env
    token = (os.environ.get(variable) or "").strip() or None if variable else None
    reader = platform()
    reader.config, reader.token = chosen, token
    visits: list[Visit] = []
    failed: list[Failed] = []
    homes: list[str] = []
    secrets = {token} if token else set()
    for watch in watched:
        target = Target(platform=name, handle=watch.handle)
        visit = Visit(
            target=target,
            since=wish.since or watch.since,
            max_posts=wish.max_posts,
            full=wish.full,
            window=_window(config, watch) or (_SHORTEST if wish.revisit else None),
            revisit=wish.revisit,
        )
        if platform.needs_token and not token:
            what = f"{name} answers only with a token: put one into the environment variable {variable}"
            failed.append(visit.failed(str(target), what, now))
            continue
        try:
            visit.cursor = Cursor.loads(watch.cursor)
            homes.append(reader.root(target) or target.handle)
            for header, value in reader.headers(target).items():
                if header.lower() in CREDENTIALS:
                    secrets |= {value, value.rpartition(" ")[2]}
        except ValueError as error:
            failed.append(visit.failed(str(target), str(error), now))
            continue
        _remember(database, reader, watch, visit, now)
        visits.append(visit)
    for home in homes:
        # A private host that somebody named is meant; a public name that leads to one is not,
        # unless archiver.toml says so.
        if chosen.base_url or is_private_host(host(home)):
            resolver.allowed.add(host(home))
    return Prepared(
        config=chosen,
        crawling=config.crawl,
        token=token,
        secrets=frozenset(secrets),
        settings=for_platform(config, platform, homes),
        visits=tuple(visits),
        failed=tuple(failed),
    )


def _window(config: Config, watch: Watch) -> timedelta | None:
    """How far back this watch's posts are looked at again: as it says, else its platform, else [crawl]."""
    told = config.platform(watch.platform).revisit or config.crawl.revisit
    back = seconds(told, or_none=True) if watch.revisit is None else watch.revisit
    return timedelta(seconds=back) or None


def _remember(database: Database, reader: Platform, watch: Watch, visit: Visit, now: datetime) -> None:
    """What the visit has to know of the posts that are stored."""
    begun = visit.cursor.revisiting or planned(
        visit.cursor,
        now,
        window=visit.window,
        since=visit.since,
        forced=visit.revisit,
        full=visit.full,
    )
    target = Target(platform=watch.platform, handle=watch.handle)
    with database.read() as connection:
        if begun and visit.cursor.known:
            # Where ids hang on the account's name, posts of the one who had the name before are not ours.
            named = reader.account_url(target) is not None or watch.account_id is None
            visit.known = recent.posts(connection, watch, begun.down_to, namesakes=named)
        if reader.keeps_history:
            visit.versioned = recent.versioned(connection, watch)
