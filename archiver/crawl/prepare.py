"""What a platform's spider needs before it starts: its visits, its token, its settings."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import spiders
from archiver.addresses import CREDENTIALS, host, is_private_host
from archiver.config import Config, CrawlConfig, PlatformConfig
from archiver.crawl import resolver
from archiver.crawl.settings import for_platform
from archiver.store.watches import Watch
from spiders.cursor import Cursor
from spiders.page import Target
from spiders.visit import Failed, Visit


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


def prepare(
    config: Config,
    name: str,
    watched: Sequence[Watch],
    *,
    since: datetime | None = None,
    max_posts: int | None = None,
    full: bool = False,
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
        visit = Visit(target=target, since=since or watch.since, max_posts=max_posts, full=full)
        if platform.needs_token and not token:
            what = f"{name} answers only with a token: put one into the environment variable {variable}"
            failed.append(visit.failed(str(target), what, datetime.now(UTC)))
            continue
        try:
            visit.cursor = Cursor.loads(watch.cursor)
            homes.append(reader.root(target) or target.handle)
            for header, value in reader.headers(target).items():
                if header.lower() in CREDENTIALS:
                    secrets |= {value, value.rpartition(" ")[2]}
        except ValueError as error:
            failed.append(visit.failed(str(target), str(error), datetime.now(UTC)))
            continue
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
