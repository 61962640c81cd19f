"""A Mastodon account's own archive: a zip or tar.gz with outbox.json and actor.json, or outbox.json alone.

The outbox is ActivityPub. Each public activity is brought into the shape of the REST API, whose reader then
reads it; what was for followers or for persons only is left out, its bytes included.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from archiver.errors import PageChanged
from archiver.imports._documents import Document
from archiver.imports._files import Opened
from archiver.imports._parts import Asked, Found, Head, Portion, Record, Refused, Thing, parsed, portions
from archiver.posts import Account, Post, Reference
from spiders import facts, mastodon_status
from spiders.html import text_of
from spiders.page import Page, Target

SAYS = "a Mastodon archive (zip or tar.gz with outbox.json and actor.json) or its outbox.json"

Row = Mapping[str, Any]
_EVERYBODY = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_STATUS = re.compile(r"/statuses/([^/]+)(?:/activity)?/?$")
_MEDIA = re.compile(r"/(?:files|cache/[^/]+)/((?:\d{3}/)+)")
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # for readers; nothing that they give depends on it
_ACTIVITIES = ("Create", "Announce")


def recognises(head: Head) -> bool:
    if head.members:
        return head.has("outbox.json") and head.has("actor.json")
    return b'"orderedItems"' in head.start and b'"OrderedCollection"' in head.start


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    if not file.head.members:
        with file.text() as stream:
            yield from _read(stream, file.name, {}, asked)
        return
    actor, _ = parsed(file.content(file.names("actor.json")[0]))
    for member in file.names("outbox.json")[:1]:
        with file.member(member) as stream:
            yield from _read(stream, f"{file.name}!/{member}", facts.table(actor), asked)


def _read(stream: Any, name: str, actor: Row, asked: Asked) -> Iterator[Portion]:
    document = Document(stream, lambda path: path == ("orderedItems",))

    def activity(told: Any, record: Record) -> Iterator[Thing]:
        if not isinstance(told, dict):
            raise PageChanged(name, f"expected an activity, got {type(told).__name__}")
        if not _EVERYBODY & _addressed(told):
            yield Refused(why="a post for followers or for persons: only public ones", private=True)
        elif told.get("type") not in _ACTIVITIES:
            yield Refused(why=f'an activity that is no post ("{told.get("type")}")')
        else:
            yield Found(post=_post(told, _account(told, actor, asked)))

    yield from portions(name, document.records(), activity)


def _addressed(activity: Row) -> set[str]:
    told = facts.table(activity.get("object"))
    fields = (activity.get("to"), activity.get("cc"), *((told.get("to"), told.get("cc")) if told else ()))
    # A note says itself whom it is for; a repeat is for whom the activity is for.
    wanted = fields[2:] if told else fields[:2]
    return {
        who
        for field in wanted
        for who in (field if isinstance(field, list) else [field])
        if isinstance(who, str)
    }


def _account(activity: Row, actor: Row, asked: Asked) -> Account:
    """Its number on the server is not in the archive, so it is known by its handle until a crawl tells it. A
    server may call its accounts by another name than its own: then `--as` tells."""
    address = facts.first(actor.get("id"), activity.get("actor")) or ""
    host = urlsplit(address).hostname or ""
    name = facts.first(actor.get("preferredUsername")) or address.rstrip("/").rpartition("/")[2].lstrip("@")
    if not host or not name:
        raise PageChanged(address, "the activity does not say whose it is")
    handle = asked.account.handle if asked.account else f"{name}@{host}"
    note = facts.text(actor.get("summary"))
    return Account(
        platform=mastodon_status.PLATFORM,
        native_id=f"@{handle}",
        handle=handle,
        url=facts.first(actor.get("url")) or f"https://{host}/@{name}",
        name=facts.text(actor.get("name")),
        description=None if note is None else text_of(note),
        created_at=facts.moment(actor.get("published")),
    )


def _post(activity: Row, account: Account) -> Post:
    page = Page(
        url="outbox.json",
        body=b"",
        target=Target(platform=account.platform, handle=account.handle),
        fetched_at=_UNKNOWN,
        account=account,
    )
    if activity["type"] == "Announce":
        return _repeat(activity, page, account)
    note = facts.table(activity.get("object"))
    post = mastodon_status.post(_status(note, account), page)
    answered = facts.filled(note.get("inReplyTo"))
    if answered is None or post.kind == "reply":
        return post
    # A post of another server: what it is called there is not what this server calls it.
    reply = Reference(relation="reply", url=answered)
    return replace(post, kind="reply", references=(reply, *(post.references or ())))


def _repeat(activity: Row, page: Page, account: Account) -> Post:
    """A repeat names what it repeats, and says nothing of it."""
    address = activity.get("object")
    original = facts.filled(address) or facts.filled(facts.table(address).get("id"))
    host = mastodon_status.host_of(page.target)
    known = _STATUS.search(original or "")
    ours = original is not None and urlsplit(original).hostname == host
    return Post(
        platform=account.platform,
        native_id=f"{_number(activity.get('id'))}@{host}",
        author=account,
        kind="repost",
        url=facts.filled(activity.get("id")),
        published_at=facts.moment(activity.get("published")),
        references=(
            Reference(
                relation="repost",
                native_id=f"{known[1]}@{host}" if known and ours else None,
                url=original,
            ),
        ),
    )


def _number(address: Any) -> str:
    found = _STATUS.search(address) if isinstance(address, str) else None
    if found is None:
        raise PageChanged("outbox.json", f"{str(address)[:200]!r} names no status of Mastodon")
    return found[1]


def _status(note: Row, account: Account) -> dict[str, Any]:
    """A note as the REST API shows it."""
    host = account.handle.rpartition("@")[2]
    languages = facts.table(note.get("contentMap"))
    content = facts.text(note.get("content"))
    language = next((tag for tag, text in languages.items() if text == content), None)
    tags = facts.tables(note.get("tag")) or ()
    answered = facts.filled(note.get("inReplyTo"))
    here = _STATUS.search(answered) if answered and urlsplit(answered).hostname == host else None
    mentioned = [tag for tag in tags if tag.get("type") == "Mention"]
    return {
        "id": _number(note.get("id")),
        "uri": note.get("id"),
        "url": facts.first(note.get("url"), note.get("id")),
        "created_at": note.get("published"),
        "edited_at": facts.filled(note.get("updated")),
        "spoiler_text": facts.text(note.get("summary")) or "",
        "content": content,
        "language": language,
        "tags": [
            {"name": str(t.get("name") or "").lstrip("#").lower(), "url": t.get("href")}
            for t in tags
            if t.get("type") == "Hashtag"
        ],
        "mentions": [
            {"acct": str(m.get("name") or "").lstrip("@"), "url": m.get("href")}
            for m in mentioned
            if m.get("name")
        ],
        "media_attachments": [*map(_medium, facts.tables(note.get("attachment")) or ())],
        "poll": _poll(note),
        "in_reply_to_id": here[1] if here else None,
    }


def _medium(told: Row) -> dict[str, Any]:
    address = facts.filled(told.get("url")) or ""
    kind = str(told.get("mediaType") or "").partition("/")[0]
    found = _MEDIA.search(address)
    return {
        "id": found[1].replace("/", "").lstrip("0") if found else None,
        "type": kind,
        "url": address if "://" in address else None,
        "description": facts.text(told.get("name")),
        "pleroma": {"mime_type": told.get("mediaType")},
        "meta": {"original": {"width": told.get("width"), "height": told.get("height")}},
    }


def _poll(note: Row) -> dict[str, Any] | None:
    options: Sequence[Row] | None = facts.tables(note.get("oneOf")) or facts.tables(note.get("anyOf"))
    if not options:
        return None
    return {
        "options": [
            {
                "title": option.get("name"),
                "votes_count": facts.table(option.get("replies")).get("totalItems"),
            }
            for option in options
        ],
        "voters_count": note.get("votersCount"),
        "expires_at": note.get("endTime"),
        "expired": bool(note.get("closed")),
        "multiple": bool(note.get("anyOf")),
    }
