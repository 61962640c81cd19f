"""Languages of posts: what a person says of them, and asking the texts again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from archiver.config import Config
from archiver.errors import NotFound, Usage
from archiver.store import detections, languages, queries
from archiver.store.database import Database
from archiver.store.detections import PERSON, Undetected
from archiver.store.filters import account_ids
from archiver.store.languages import Rule
from archiver.store.records import PostRecord
from translations.detect import PROFILES_VERSION, detect_all
from translations.languages import normalise
from translations.mixed import segments_all

PAGE = 1000  # texts looked at in one transaction
Progress = Callable[[int], None]
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def set_language(config: Config, named: str, language: str, *, account: bool) -> int:
    """Say the language of a post, or of all an account posts; how many texts changed. Raises NotFound."""
    tag = normalise(language)
    if not _TAG.fullmatch(tag):
        raise Usage(f"'{language}' is no language tag; write ps, ur, ar, fa, prs, ur-Latn ...")
    with Database.open(config.database_url) as database:
        at = datetime.now(UTC)
        with database.write() as connection:
            for target in _targets(connection, named, account):
                languages.set_rule(connection, tag, at, **target)
        return heed(database)


def unset_language(config: Config, named: str, *, account: bool) -> int:
    """Take a person's word back and ask the texts; how many were asked. Raises NotFound."""
    with Database.open(config.database_url) as database:
        at = datetime.now(UTC)
        with database.write() as connection:
            targets = _targets(connection, named, account)
            dropped = [languages.drop_rule(connection, at, **target) for target in targets]
            if not any(dropped):
                raise NotFound(
                    f"nobody said the language of '{named}'; `archiver language list` shows what was said"
                )
        return detect_new(database, cld2=config.detect.cld2)


def shown(config: Config, named: str) -> PostRecord:
    """A post with its detections. Raises NotFound."""
    with Database.open(config.database_url) as database, database.read() as connection:
        return queries.show(connection, named)


def listed(config: Config) -> list[Rule]:
    """All that persons said."""
    with Database.open(config.database_url) as database, database.read() as connection:
        return languages.rules(connection)


def redetect(config: Config, told: Progress = lambda count: None) -> int:
    """Ask again every text that another version of the profiles has answered; how many were asked."""

    with Database.open(config.database_url) as database:
        return _asked(
            database, partial(detections.outdated, version=PROFILES_VERSION), told, config.detect.cld2
        )


def detect_new(database: Database, told: Progress = lambda count: None, *, cld2: bool = False) -> int:
    """Give every current revision that has none a language: what a person said, or what its text says.

    The platform's hint only breaks near-ties.
    """
    return heed(database) + _asked(database, detections.undetected, told, cld2)


def heed(database: Database) -> int:
    """Give every text under a person's rule the language that was said; how many there were."""
    count, after = 0, 0
    while True:
        with database.write() as connection:
            rows = languages.unheeded(connection, limit=PAGE, after=after)
            said = [(revision_id, language, 1.0, PERSON) for revision_id, language in rows]
            detections.save_detections(connection, said, datetime.now(UTC))
        if not rows:
            return count
        count += len(rows)
        after = rows[-1][0]


def _asked(database: Database, which: Callable[..., list[Undetected]], told: Progress, cld2: bool) -> int:
    """Detect the texts that `which` finds, page by page; how many there were."""
    count, after = 0, 0
    while True:
        with database.read() as connection:
            rows = which(connection, limit=PAGE, after=after)
        if not rows:
            return count
        found = detect_all([row.body for row in rows], [row.hint for row in rows], cld2=cld2)
        answers = [
            (row.revision_id, answer.language, answer.confidence, answer.method)
            for row, answer in zip(rows, found, strict=True)
        ]
        spans = segments_all([row.body for row in rows], found)
        mixed = {
            row.revision_id: [span._asdict() for span in parts]
            for row, parts in zip(rows, spans, strict=True)
            if parts
        }
        with database.write() as connection:
            detections.save_detections(connection, answers, datetime.now(UTC), mixed)
        after = rows[-1].revision_id
        count += len(rows)
        told(count)


def _targets(connection: Connection, named: str, account: bool) -> list[dict[str, int]]:
    """The post, or the account's rows, that `named` means. Raises NotFound."""
    if not account:
        return [{"post_id": queries.post_id(connection, named)}]
    found = account_ids(connection, named)
    if not found:
        raise NotFound(f"no account '{named}' in this archive yet: `archiver crawl` makes it known")
    return [{"account_id": account_id} for account_id in found]
