"""Posts as pages showed them: a revision for each thing said, an observation for each change seen.

One statement a table and page, not a post: a page of a hundred posts costs about as much as one of ten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from archiver.posts import Post, Versions
from archiver.store import ledger, media, naming, tables
from archiver.store.naming import PostKey, key_of
from archiver.store.observing import last_observed, observe
from archiver.store.seen import Seen, changed
from archiver.store.shapes import attachment_rows, metrics_json, poll_json, reference_rows, revision_row
from archiver.store.types import storable_id, stored_form

Row = dict[str, Any]

# Not part of the digest: a later capture may tell what the first left open, and never changes what it told.
LATE_FACTS = (
    "html",
    "edited",
    "edited_at",
    "languages",
    "links",
    "tags",
    "mentions",
    "preview",
    "signature",
    "unsupported",
    "withheld",
)

_post, _revision, _observation = tables.post, tables.revision, tables.observation

# Ids come back beside what they belong to: asking for them in order costs a statement a row on SQLite.
_NEW_POSTS = insert(_post).returning(_post.c.id, _post.c.platform, _post.c.native_id)
_NEW_REVISIONS = insert(_revision).returning(_revision.c.id, _revision.c.post_id)


@dataclass(slots=True, kw_only=True)
class _Sighting:
    """One post on this page, on its way into the tables."""

    post: Post
    digest: str
    account_id: int
    known: Row | None  # as stored before; None: a new post
    post_id: int = 0
    revision_id: int = 0
    is_new_revision: bool = False
    is_overtaken: bool = False  # a newer look found that the post is not there
    revisions: Mapping[str, Row] = field(default_factory=dict)  # stored ones, by digest

    def is_late(self, seen: Seen) -> bool:
        """Whether the archive holds a newer look at this post."""
        return self.known is not None and seen.at < self.known["last_seen_at"]

    @property
    def is_revised(self) -> bool:
        return self.known is not None and self.revision_id != self.known["current_revision_id"]


def store(
    connection: Connection, posts: Sequence[Post], account_ids: Mapping[tuple[str, str], int], seen: Seen
) -> tuple[int, int]:
    """How many of `posts` are new and how many say something else than before."""
    new = revised = 0
    for batch in _without_doubles(posts):
        sightings = _recognise(connection, batch, account_ids)
        _find_overtaken(connection, sightings, seen)
        _store_new_posts(connection, [s for s in sightings if s.known is None], seen)
        _store_revisions(connection, sightings, seen)
        _store_observations(connection, sightings, seen)
        _bring_up_to_date(connection, sightings, seen)
        new += sum(s.known is None for s in sightings)
        revised += sum(
            s.is_new_revision or (s.is_revised and not s.is_late(seen)) for s in sightings if s.known
        )
    return new, revised


def store_state(connection: Connection, platform: str, native_id: str, state: str, seen: Seen) -> bool | None:
    """Observe that a post is gone, or is back; whether that is news, None where no such post is stored."""
    named = (_post.c.platform == platform) & (_post.c.native_id == storable_id(native_id))
    row = connection.execute(
        select(_post.c.id, _post.c.state, _post.c.last_seen_at).where(named)
    ).one_or_none()
    if row is None:
        return None
    if row.state == state or seen.at < row.last_seen_at:
        return False
    newest = last_observed(connection, [row.id], None).get(row.id)
    if newest is not None and seen.at < newest["at"]:
        return False
    observe(connection, [{"post_id": row.id, "state": state}], seen)
    connection.execute(update(_post).where(_post.c.id == row.id).values(state=state))
    return True


def store_versions(connection: Connection, platform: str, versions: Versions, seen: Seen) -> int:
    """What a stored post said before: how many revisions of it were not known. When they were written tells
    their place; the observation tells that they were asked for."""
    named = (_post.c.platform == platform) & (_post.c.native_id == storable_id(versions.native_id))
    row = connection.execute(select(_post).where(named)).mappings().one_or_none()
    if row is None:
        return 0
    added = 0
    for post in versions.posts:
        sighting = _Sighting(
            post=post, digest=post.digest(), account_id=row["account_id"], known=dict(row), post_id=row["id"]
        )
        sighting.revisions = _revisions_of(connection, [row["id"]]).get(row["id"], {})
        if (same := sighting.revisions.get(sighting.digest)) is not None:
            sighting.revision_id = same["id"]
        _store_revisions(connection, [sighting], seen)
        added += sighting.is_new_revision
    observe(
        connection,
        [{"post_id": row["id"], "state": row["state"], "revision_id": row["current_revision_id"]}],
        seen,
    )
    return added


# -- which posts these are ------------------------------------------------------------------------------


def _without_doubles(posts: Sequence[Post]) -> Iterable[list[Post]]:
    """`posts` in lists that name no post twice: one page may show a post in two states."""
    rest = list(posts)
    while rest:
        batch: dict[PostKey, Post] = {}
        double = [post for post in rest if batch.setdefault(key_of(post), post) is not post]
        yield list(batch.values())
        rest = double


def _recognise(
    connection: Connection, posts: Sequence[Post], account_ids: Mapping[tuple[str, str], int]
) -> list[_Sighting]:
    named, known = naming.as_stored(connection, posts, account_ids)
    revisions = _revisions_of(connection, [row["id"] for row in known.values()])
    sightings = []
    for post in named:
        sighting = _Sighting(
            post=post,
            digest=post.digest(),
            account_id=account_ids[post.author.platform, post.author.native_id],
            known=(row := known.get(key_of(post))),
        )
        if row is not None:
            sighting.post_id, sighting.revisions = row["id"], revisions.get(row["id"], {})
            if (same := sighting.revisions.get(sighting.digest)) is not None:
                sighting.revision_id = same["id"]
        sightings.append(sighting)
    return sightings


def _revisions_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, dict[str, Row]]:
    """Digest by digest what is stored of these posts, without the long texts."""
    if not post_ids:
        return {}
    facts = [_revision.c[name] for name in ("id", "post_id", "seq", "digest", "seen_at", *LATE_FACTS[1:])]
    html = func.substr(_revision.c.html, 1, 0).label("html")  # only whether it is known
    found: dict[int, dict[str, Row]] = {}
    wanted = select(*facts, html).where(_revision.c.post_id.in_(post_ids))
    for row in _rows(connection, wanted):
        found.setdefault(row["post_id"], {})[row["digest"]] = row
    return found


def _find_overtaken(connection: Connection, sightings: Sequence[_Sighting], seen: Seen) -> None:
    """`last_seen_at` is when a post was last there: that it was not is told by its observations alone."""
    gone = {s.post_id: s for s in sightings if s.known is not None and s.known["state"] != "live"}
    for post_id, newest in last_observed(connection, [*gone], None).items():
        gone[post_id].is_overtaken = seen.at < newest["at"]


# -- what is new ------------------------------------------------------------------------------------------


def _store_new_posts(connection: Connection, sightings: Sequence[_Sighting], seen: Seen) -> None:
    if not sightings:
        return
    rows = [
        {
            "platform": s.post.platform,
            "native_id": s.post.native_id,
            "account_id": s.account_id,
            "kind": s.post.kind,
            "url": s.post.url,
            "published_at": s.post.published_at,
            "group_ids": list(s.post.group_ids),
            "first_seen_at": seen.at,
            "last_seen_at": seen.at,
            "state": "live",
            "metrics": metrics_json(s.post.metrics),
        }
        for s in sightings
    ]
    ids = {(row.platform, row.native_id): row.id for row in connection.execute(_NEW_POSTS, rows)}
    for sighting in sightings:
        sighting.post_id = ids[key_of(sighting.post)]


def _store_revisions(connection: Connection, sightings: Sequence[_Sighting], seen: Seen) -> None:
    """New ones with what hangs on them; known ones learn what was unknown and when they were first seen."""
    fresh = [s for s in sightings if not s.revision_id]
    if fresh:
        rows = [
            {
                "post_id": s.post_id,
                "seq": 1 + max((row["seq"] for row in s.revisions.values()), default=0),
                "digest": s.digest,
                "capture_id": seen.capture_id,
                "seen_at": seen.at,
                **revision_row(s.post),
            }
            for s in fresh
        ]
        ids = {row.post_id: row.id for row in connection.execute(_NEW_REVISIONS, rows)}
        for sighting in fresh:
            sighting.revision_id, sighting.is_new_revision = ids[sighting.post_id], True
        parts = ((tables.reference, reference_rows), (tables.attachment, attachment_rows))
        for table, rows_of in parts:
            rows = [{"revision_id": s.revision_id, **row} for s in fresh for row in rows_of(s.post)]
            if rows:
                connection.execute(insert(table), rows)
    for sighting in sightings:
        if not sighting.is_new_revision:
            _learn(connection, sighting, seen)
    again = (s for s in sightings if not s.is_new_revision and not s.is_late(seen))
    media.refresh(
        connection, {s.revision_id: s.post.attachments for s in again if s.post.attachments}, seen.at
    )


def _learn(connection: Connection, sighting: _Sighting, seen: Seen) -> None:
    stored = sighting.revisions[sighting.digest]
    told = revision_row(sighting.post)
    values = {name: told[name] for name in LATE_FACTS if stored[name] is None and told[name] is not None}
    if seen.at < stored["seen_at"]:
        values |= {"seen_at": seen.at, "capture_id": seen.capture_id}
        ledger.changed(connection, [sighting.post_id])
    if values:
        connection.execute(update(_revision).where(_revision.c.id == sighting.revision_id).values(**values))


# -- what changed -----------------------------------------------------------------------------------------


def _store_observations(connection: Connection, sightings: Sequence[_Sighting], seen: Seen) -> None:
    late = [s.post_id for s in sightings if s.is_late(seen) or s.is_overtaken]
    polls = [s.post_id for s in sightings if s.known is not None and s.post.poll is not None]
    then = last_observed(connection, late, seen)
    last_polls = last_observed(connection, polls, seen, _observation.c.poll.is_not(None))
    rows = []
    for s in sightings:
        before: Mapping[str, Any] | None = s.known
        if s.is_late(seen) or s.is_overtaken:
            before = then.get(s.post_id)
        if before is None:
            is_news = True
        else:
            revision_id = before.get("revision_id", before.get("current_revision_id"))
            metrics = stored_form({"metrics": metrics_json(s.post.metrics)})
            is_news = (
                revision_id != s.revision_id or before["state"] != "live" or bool(changed(before, metrics))
            )
        poll = poll_json(s.post.poll)
        if poll is not None and s.known is not None:
            last = last_polls.get(s.post_id)
            is_news |= last is None or last["poll"] != stored_form({"poll": poll})["poll"]
        if is_news:
            rows.append(
                {
                    "post_id": s.post_id,
                    "state": "live",
                    "revision_id": s.revision_id,
                    "metrics": metrics_json(s.post.metrics),
                    "poll": poll,
                }
            )
    observe(connection, rows, seen)


def _bring_up_to_date(connection: Connection, sightings: Sequence[_Sighting], seen: Seen) -> None:
    new = [{"post": s.post_id, "revision": s.revision_id} for s in sightings if s.known is None]
    if new:
        this = update(_post).where(_post.c.id == bindparam("post"))
        connection.execute(this.values(current_revision_id=bindparam("revision")), new)
    for sighting in sightings:
        values = _late(sighting, seen) if sighting.is_late(seen) else _now(sighting)
        if values:
            connection.execute(update(_post).where(_post.c.id == sighting.post_id).values(**values))
        if values.keys() & {"account_id", "published_at"}:
            ledger.changed(connection, [sighting.post_id])
    older = [s.post_id for s in sightings if s.known is not None and s.known["last_seen_at"] < seen.at]
    if older:
        connection.execute(update(_post).where(_post.c.id.in_(older)).values(last_seen_at=seen.at))


def _now(sighting: _Sighting) -> Row:
    """What the newest look changes about a stored post."""
    known, post = sighting.known, sighting.post
    if known is None:
        return {}
    told = {
        "account_id": sighting.account_id,
        "kind": post.kind,
        "url": post.url,
        "group_ids": list(post.group_ids) or None,
        "state": None if sighting.is_overtaken else "live",
        "metrics": metrics_json(post.metrics),
        "current_revision_id": sighting.revision_id,
        "published_at": None if known["published_at"] else post.published_at,
    }
    return changed(known, stored_form(told))


def _late(sighting: _Sighting, seen: Seen) -> Row:
    """What an older look adds: only what was unknown."""
    known, post = sighting.known, sighting.post
    assert known is not None
    told = {"url": post.url, "published_at": post.published_at, "metrics": metrics_json(post.metrics)}
    values = {name: fact for name, fact in told.items() if known[name] is None and fact is not None}
    return {**values, "first_seen_at": seen.at} if seen.at < known["first_seen_at"] else values


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]
