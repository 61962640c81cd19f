"""Storing what a piece of an imported file gave, in the caller's one transaction: again changes nothing.

A file may know less of a post than the archive does, and unknown is no edit: where a post says nothing else
than a stored revision, as far as it says anything, it is that revision.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, insert, select

from archiver.posts import Account, Attachment, Capture, Poll, Post, Problem
from archiver.store import accounts, sightings, tables
from archiver.store.dialects import in_batches
from archiver.store.seen import Seen
from archiver.store.shapes import attachment_rows, poll_of, reference_rows, revision_row
from archiver.store.types import original, storable_id
from archiver.store.writes import Stored, store_capture, store_problems

Row = dict[str, Any]
URL = "import:"
"""How the address of a capture begins that is a piece of a file."""

_post, _revision, _attachment, _page = tables.post, tables.revision, tables.attachment, tables.page


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A post as a file shows it, and when that was seen. For `also` and `retold` see `archiver.imports`.

    `at` None: the file does not say. Such a look tells of a post that was unknown, or of words that were, but
    never how things are now: it does not bring back what is gone, and its counts are of no time.
    """

    post: Post
    at: datetime | None
    state: str | None = None
    also: tuple[str, ...] = ()
    retold: bool = False


def pieces(connection: Connection) -> dict[str, Capture]:
    """The pieces of files that are stored already, by the SHA-256 of their bytes."""
    names = [*Capture.__slots__]
    rows = select(*(tables.capture.c[n] for n in names)).where(
        tables.capture.c.url.startswith(URL, autoescape=True)
    )
    found = (Capture(**dict(row)) for row in connection.execute(rows).mappings())
    return {capture.sha256: capture for capture in found}


def store(
    connection: Connection,
    capture: Capture,
    looks: Sequence[Look],
    problems: Sequence[Problem] = (),
    *,
    restored: Stored | None = None,
    gone: Capture | None = None,
) -> Stored:
    """What became of the posts of a piece, in their order. `gone` shows which of them are there no longer;
    `restored` is what else was stored of the piece."""
    restored = restored or Stored(new=0, revised=0, unchanged=0)
    others = restored.new + restored.revised + restored.unchanged
    capture_id = store_capture(connection, capture)
    if _is_stored(connection, capture_id, len(looks) + others, len(problems)):
        return Stored(new=0, revised=0, unchanged=len(looks) + others)
    new = revised = 0
    kept = _recognised(connection, looks)
    for at, some in groupby(kept, key=lambda look: look.at):
        agreed = _agreeing(connection, list(some))
        seen = Seen(capture_id=capture_id, at=at or capture.fetched_at)
        posts = [look.post for look in agreed]
        if at is None:
            revised += _add_words(connection, agreed, seen)
            posts = _unknown(connection, posts)
        account_ids = accounts.store(connection, (post.author for post in posts), seen)
        more_new, more_revised = sightings.store(connection, posts, account_ids, seen)
        new, revised = new + more_new, revised + more_revised
    if gone is not None:
        gone_id = store_capture(connection, gone)
        for look in kept:
            if look.state:
                shown = Seen(capture_id=gone_id, at=look.at or gone.fetched_at)
                sightings.store_state(connection, look.post.platform, look.post.native_id, look.state, shown)
    stored = Stored(
        new=new + restored.new,
        revised=revised + restored.revised,
        unchanged=len(looks) - new - revised + restored.unchanged,
    )
    _store_page(connection, capture_id, stored, len(problems))
    store_problems(connection, problems, capture_id, None, capture.fetched_at)
    return stored


def known(connection: Connection, platform: str, native_id: str) -> Row | None:
    """The account of that id, as it is stored."""
    account = tables.account
    here = (account.c.platform == platform) & (account.c.native_id == native_id)
    return _first(connection, select(account).where(here))


def named(connection: Connection, platform: str, handle: str) -> Row | None:
    """The account that was last seen under a handle."""
    account = tables.account
    here = (account.c.platform == platform) & (account.c.handle == handle)
    return _first(connection, select(account).where(here).order_by(account.c.last_seen_at.desc()))


def _first(connection: Connection, query: Any) -> Row | None:
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else dict(row)


# -- the piece itself -------------------------------------------------------------------------------------


def _is_stored(connection: Connection, capture_id: int, read: int, unread: int) -> bool:
    """Whether the piece is here with just as many posts read as now."""
    row = connection.execute(select(_page).where(_page.c.capture_id == capture_id)).one_or_none()
    return row is not None and (row.new + row.revised + row.unchanged, row.unread) == (read, unread)


def _store_page(connection: Connection, capture_id: int, stored: Stored, unread: int) -> None:
    counts = {"new": stored.new, "revised": stored.revised, "unchanged": stored.unchanged, "unread": unread}
    counts["served"] = sum(counts.values())
    row = connection.execute(select(_page.c.id).where(_page.c.capture_id == capture_id)).one_or_none()
    if row is None:
        connection.execute(insert(_page), {"capture_id": capture_id, "watch_id": None, **counts})
    else:
        connection.execute(_page.update().where(_page.c.id == row.id).values(**counts))


# -- which posts these are --------------------------------------------------------------------------------


def _recognised(connection: Connection, looks: Sequence[Look]) -> list[Look]:
    """The looks under the ids by which their posts are stored; without pictures of albums that are stored."""
    there = _ids(connection, ((look.post.platform, look.post.native_id) for look in looks))
    unknown = [look for look in looks if (look.post.platform, storable_id(look.post.native_id)) not in there]
    by_address = _by_address(connection, unknown)
    in_albums = _in_albums(connection, unknown)
    found = []
    for look in looks:
        key = look.post.platform, look.post.native_id
        if key in in_albums:
            continue
        other = next((by_address[url] for url in look.also if url in by_address), None)
        if other and (key[0], storable_id(key[1])) not in there:
            look = replace(look, post=replace(look.post, native_id=other))
        found.append(look)
    return found


def _ids(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    wanted = [(platform, storable_id(native_id)) for platform, native_id in keys]
    found: dict[tuple[str, str], Row] = {}
    facts = ("id", "platform", "native_id", "group_ids", "current_revision_id", "last_seen_at")
    names = [_post.c[name] for name in facts]
    for some in in_batches(wanted):
        rows = select(*names).where(
            _post.c.platform.in_({platform for platform, _ in some}),
            _post.c.native_id.in_([native_id for _, native_id in some]),
        )
        for row in connection.execute(rows).mappings():
            found[row["platform"], row["native_id"]] = dict(row)
    return found


def _by_address(connection: Connection, looks: Iterable[Look]) -> dict[str, str]:
    """Native ids of stored posts by their address."""
    found: dict[str, str] = {}
    for platform, some in groupby(looks, key=lambda look: look.post.platform):
        urls = {url for look in some for url in look.also}
        for batch in in_batches(urls):
            here = (_post.c.platform == platform) & _post.c.url.in_(batch)
            for row in connection.execute(select(_post.c.url, _post.c.native_id).where(here)):
                found[original(row.url)] = original(row.native_id)
    return found


_ALBUM = 10  # pictures at most


def _in_albums(connection: Connection, looks: Iterable[Look]) -> set[tuple[str, str]]:
    """Which of these Telegram messages are further pictures of a stored post."""
    alone = [
        look.post
        for look in looks
        if look.post.platform == "telegram" and look.post.attachments and not look.post.group_ids
    ]
    before: dict[tuple[str, str], list[str]] = {}
    for post in alone:
        channel, _, number = post.native_id.rpartition("/")
        if number.isdigit():
            numbers = range(max(1, int(number) - _ALBUM + 1), int(number))
            before[post.platform, post.native_id] = [f"{channel}/{n}" for n in numbers]
    albums = _ids(connection, {("telegram", native_id) for ids in before.values() for native_id in ids})
    members = {("telegram", original(id)) for row in albums.values() for id in row["group_ids"]}
    return {key for key in before if key in members}


# -- looks of no time -------------------------------------------------------------------------------------


def _unknown(connection: Connection, posts: Sequence[Post]) -> list[Post]:
    """The posts that are not stored, their authors as far as these are."""
    there = _ids(connection, ((post.platform, post.native_id) for post in posts))
    fresh = [post for post in posts if (post.platform, storable_id(post.native_id)) not in there]
    people: dict[tuple[str, str], Account] = {}
    for post in fresh:
        author = post.author
        if (key := (author.platform, author.native_id)) not in people:
            row = known(connection, *key)
            people[key] = author if row is None else replace(_NOBODY, **{name: row[name] for name in _WHO})
    return [replace(post, author=people[post.author.platform, post.author.native_id]) for post in fresh]


_NOBODY = Account(platform="", native_id="", handle="")
_WHO = ("platform", "native_id", "handle")


def _add_words(connection: Connection, looks: Sequence[Look], seen: Seen) -> int:
    """What the looks say of stored posts that these are not known to have said; how many said such a thing.
    It is what the post says now only where the file has a time of the edit, later than the archive's look."""
    there = _ids(connection, ((look.post.platform, look.post.native_id) for look in looks))
    count = 0
    for look in looks:
        row = there.get((look.post.platform, storable_id(look.post.native_id)))
        if row is None:
            continue
        here = select(_revision.c.digest, _revision.c.seq).where(_revision.c.post_id == row["id"])
        stored = {told.digest: told.seq for told in connection.execute(here)}
        if look.post.digest() in stored:
            continue
        count += 1
        edited = look.post.edited_at
        if edited is not None and edited > row["last_seen_at"]:
            post = replace(look.post, metrics=None)
            then = Seen(capture_id=seen.capture_id, at=edited)
            ids = accounts.store(connection, [post.author], then)
            sightings.store(connection, [post], ids, then)
        else:
            _insert_words(connection, look.post, row["id"], max(stored.values(), default=0) + 1, seen)
    return count


def _insert_words(connection: Connection, post: Post, post_id: int, seq: int, seen: Seen) -> None:
    place = {"post_id": post_id, "seq": seq, "capture_id": seen.capture_id, "seen_at": seen.at}
    row = {**place, "digest": post.digest(), **revision_row(post)}
    revision_id = connection.execute(insert(_revision).returning(_revision.c.id), row).scalar_one()
    for table, rows in ((tables.reference, reference_rows(post)), (_attachment, attachment_rows(post))):
        if parts := [{"revision_id": revision_id, **part} for part in rows]:
            connection.execute(insert(table), parts)


# -- what they say ----------------------------------------------------------------------------------------


def _agreeing(connection: Connection, looks: list[Look]) -> list[Look]:
    """The looks with what a stored revision says in the places where they say nothing."""
    there = _ids(connection, ((look.post.platform, look.post.native_id) for look in looks))
    revisions = _revisions(connection, [row["id"] for row in there.values()])
    done = []
    for look in looks:
        row = there.get((look.post.platform, storable_id(look.post.native_id)))
        done.append(_agree(look, row, revisions.get(row["id"], ())) if row else look)
    return done


def _agree(look: Look, row: Row, revisions: Sequence[Row]) -> Look:
    """The newest revision first that the look does not contradict."""
    digest = look.post.digest()
    if any(revision["digest"] == digest for revision in revisions):
        return look
    current = [r for r in revisions if r["id"] == row["current_revision_id"]]
    for revision in (*current, *revisions):
        if look.retold or _fits(look.post, revision):
            return replace(look, post=_filled(look.post, revision))
    return look


def _revisions(connection: Connection, post_ids: Sequence[int]) -> dict[int, list[Row]]:
    """What is stored of these posts, the newest first, each with its attachments."""
    names = ("id", "post_id", "digest", "title", "warning", "text", "poll")
    found: dict[int, list[Row]] = {}
    by_id: dict[int, Row] = {}
    for some in in_batches(post_ids):
        rows = select(*(_revision.c[name] for name in names)).where(_revision.c.post_id.in_(some))
        for told in connection.execute(rows.order_by(_revision.c.seq.desc())).mappings():
            row = {**told, "attachments": []}
            for name in ("title", "warning", "text"):
                row[name] = None if row[name] is None else original(row[name])
            found.setdefault(row["post_id"], []).append(row)
            by_id[row["id"]] = row
    parts = _attachment.c
    for some in in_batches(by_id):
        rows = select(parts.revision_id, parts.kind, parts.key, parts.alt).where(parts.revision_id.in_(some))
        for part in connection.execute(rows.order_by(parts.revision_id, parts.position)):
            by_id[part.revision_id]["attachments"].append(
                (part.kind, *(None if t is None else original(t) for t in (part.key, part.alt)))
            )
    return found


def _fits(post: Post, revision: Mapping[str, Any]) -> bool:
    """Whether the post says nothing else than the revision, as far as it says anything."""
    texts = ("title", "warning", "text")
    return (
        all(_same_text(getattr(post, name), revision[name]) for name in texts)
        and _same_media(post.attachments, revision["attachments"])
        and (post.poll is None or _asks(post.poll) == _asks(_poll(revision)))
    )


def _same_text(told: str | None, stored: str | None) -> bool:
    """Space is set differently by each program, and is no edit."""
    if told is None or told == stored:
        return True
    return stored is not None and told.split() == stored.split()


def _same_media(told: tuple[Attachment, ...] | None, stored: Sequence[tuple[Any, ...]]) -> bool:
    if told is None:
        return True
    return len(told) == len(stored) and all(map(_same_medium, told, stored))


def _same_medium(told: Attachment, stored: tuple[Any, ...]) -> bool:
    """The same key is the same thing, whatever kind each calls it."""
    kind, key, alt = stored
    same = told.key == key if told.key and key else told.kind == kind
    return same and told.alt in (None, alt)


def _asks(poll: Poll | None) -> tuple[Any, ...] | None:
    return None if poll is None else (poll.question, *(option.text for option in poll.options))


def _poll(revision: Mapping[str, Any]) -> Poll | None:
    written = original(json.dumps(revision["poll"], ensure_ascii=False))
    return poll_of(json.loads(written, strict=False))


def _filled(post: Post, revision: Mapping[str, Any]) -> Post:
    """The post in the very words of the revision."""
    told = post.attachments or ()
    media = tuple(
        replace(told[place] if place < len(told) else Attachment(kind=kind), kind=kind, key=key, alt=alt)
        for place, (kind, key, alt) in enumerate(revision["attachments"])
    )
    return replace(
        post,
        title=revision["title"],
        warning=revision["warning"],
        text=revision["text"],
        attachments=media if media or post.attachments is not None else None,
        poll=_counted(post.poll, _poll(revision)),
    )


def _counted(told: Poll | None, stored: Poll | None) -> Poll | None:
    return told if told is not None and _asks(told) == _asks(stored) else stored
