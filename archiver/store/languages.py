"""A person's word on languages: of a post, or of all that an account posts. It outranks text and platform.

A rule is kept beside what it is about, so it holds for edits and for posts to come; every text under it gets
a detection by the method "person", which no other detection supersedes. Which texts still lack theirs is a
query: stopping half-way loses nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from archiver.store import tables
from archiver.store.detections import PERSON
from archiver.store.dialects import upsert
from archiver.store.types import original

_post, _account, _revision = tables.post, tables.account, tables.revision
_detection, _rule = tables.detection, tables.language_rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a person said of a post, or (`post` is None) of an account."""

    post: str | None  # PLATFORM:NATIVE_ID
    account: str  # PLATFORM:HANDLE
    language: str
    at: datetime


def set_rule(
    connection: Connection,
    language: str,
    at: datetime,
    *,
    post_id: int | None = None,
    account_id: int | None = None,
) -> None:
    """Say the language of a post or of an account; what was said before is replaced."""
    target = _rule.c.post_id if post_id is not None else _rule.c.account_id
    row = {"post_id": post_id, "account_id": account_id, "language": language, "at": at}
    made = upsert(connection, _rule).values(row)
    said = {"language": language, "at": at}
    changed = made.on_conflict_do_update(
        index_elements=[target], set_=said, where=_rule.c.language != language
    )
    connection.execute(changed)


def drop_rule(
    connection: Connection, at: datetime, *, post_id: int | None = None, account_id: int | None = None
) -> bool:
    """Take a word back: its texts count as undetected again. False when nothing had been said."""
    named = _rule.c.post_id == post_id if post_id is not None else _rule.c.account_id == account_id
    if not connection.execute(delete(_rule).where(named)).rowcount:
        return False
    about = _post.c.id == post_id if post_id is not None else _post.c.account_id == account_id
    freed = (
        select(_revision.c.id)
        .join(_post, _post.c.id == _revision.c.post_id)
        .where(about, _ruled_language().is_(None))
    )
    by_person = and_(_detection.c.superseded_at.is_(None), _detection.c.method == PERSON)
    done = update(_detection).where(by_person, _detection.c.revision_id.in_(freed))
    connection.execute(done.values(superseded_at=at))
    return True


def rules(connection: Connection) -> list[Rule]:
    """Every word that was said: accounts first, then posts, by name."""
    of_post = select(_rule, _post.c.platform, _post.c.native_id, _account.c.handle).join(
        _post, _post.c.id == _rule.c.post_id
    )
    of_post = of_post.join(_account, _account.c.id == _post.c.account_id)
    of_account = select(_rule, _account.c.platform, _account.c.handle).join(
        _account, _account.c.id == _rule.c.account_id
    )
    by_name = (_account.c.platform, _account.c.handle, _rule.c.id)
    found = [
        Rule(
            post=None,
            account=f"{row.platform}:{original(row.handle)}",
            language=row.language,
            at=row.at,
        )
        for row in connection.execute(of_account.order_by(*by_name))
    ]
    return found + [
        Rule(
            post=f"{row.platform}:{original(row.native_id)}",
            account=f"{row.platform}:{original(row.handle)}",
            language=row.language,
            at=row.at,
        )
        for row in connection.execute(of_post.order_by(*by_name))
    ]


def unheeded(connection: Connection, *, limit: int, after: int = 0) -> list[tuple[int, str]]:
    """Revisions whose detection is not yet what a person said, and what was said, by id."""
    said = _ruled_language()
    heeded = exists().where(
        _detection.c.revision_id == _revision.c.id,
        _detection.c.superseded_at.is_(None),
        _detection.c.method == PERSON,
        _detection.c.language == said,
    )
    about = or_(
        _post.c.id.in_(select(_rule.c.post_id).where(_rule.c.post_id.is_not(None))),
        _post.c.account_id.in_(select(_rule.c.account_id).where(_rule.c.account_id.is_not(None))),
    )
    wanted = (
        select(_revision.c.id, said.label("language"))
        .join(_post, _post.c.id == _revision.c.post_id)
        .where(about, ~heeded, _revision.c.id > after)
        .order_by(_revision.c.id)
        .limit(limit)
    )
    return [(row.id, row.language) for row in connection.execute(wanted)]


def _ruled_language() -> ColumnElement[str]:
    """What a person said of the post, or else of its account; NULL where nobody said anything."""
    of_post = select(_rule.c.language).where(_rule.c.post_id == _post.c.id)
    of_account = select(_rule.c.language).where(_rule.c.account_id == _post.c.account_id)
    said: ColumnElement[str] = func.coalesce(
        of_post.correlate(_post).scalar_subquery(), of_account.correlate(_post).scalar_subquery()
    )
    return said
