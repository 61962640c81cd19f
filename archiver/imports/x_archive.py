"""An account's own archive from X: a zip with `data/tweets.js`, `account.js` and their like.

Deleted posts that X still holds are posts with a tombstone: here the platform itself says that they are gone.
Direct messages, likes, contacts and what else is in it are left alone, and account.js, which holds an e-mail
address, is read but not kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from archiver.errors import PageChanged, Usage
from archiver.imports import _x
from archiver.imports._documents import Document
from archiver.imports._files import Opened
from archiver.imports._parts import Asked, Found, Head, Note, Piece, Portion, Record, Thing, parsed, portions
from spiders import facts

SAYS = "an account archive of X (zip with data/tweets.js)"

Row = Mapping[str, Any]
_TWEETS = ("tweets.js", "tweet.js")
_DELETED = ("deleted-tweets.js", "deleted-tweet.js")
_PARTS = 1000


def recognises(head: Head) -> bool:
    return any(head.has(f"data/{name}") for name in _TWEETS)


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    user = _owner(file)
    at = _made_at(file)
    notes = _notes(file)

    def post(status: Row, record: Record) -> Iterator[Thing]:
        told = facts.table(status.get("tweet")) or status
        yield Found(post=_x.from_v1(_completed(told, user, notes), seen_at=at or datetime.now(UTC)), at=at)

    def deleted(status: Row, record: Record) -> Iterator[Thing]:
        for thing in post(status, record):
            assert isinstance(thing, Found)
            yield Found(post=thing.post, at=thing.at, state="deleted")

    for names, how in ((_TWEETS, post), (_DELETED, deleted)):
        for member in _members(file, names):
            with file.member(member) as stream:
                document = Document(stream, lambda path: path == (), skip=b"=")
                yield from portions(f"{file.name}!/{member}", document.records(), how)
    if left := [name for name in ("community-tweet.js",) if file.head.has(f"data/{name}")]:
        yield Portion(
            piece=Piece(name=file.name, start=0, content=b""),
            things=(Note(text=f"{', '.join(left)} in it is not read"),),
        )


def _members(file: Opened, names: Sequence[str]) -> Iterator[str]:
    """The parts in their order: tweets.js, tweets-part1.js ..."""
    for name in names:
        stem = name.removesuffix(".js")
        for number in range(_PARTS):
            for ending in (f"{stem}-part{number}.js", *((name,) if number == 0 else ())):
                yield from file.names(f"data/{ending}")


def _small(file: Opened, name: str) -> list[Any]:
    """What a file of a few lines holds."""
    for member in file.names(f"data/{name}")[:1]:
        raw = file.content(member)
        value, fault = parsed(raw[raw.find(b"=") + 1 :])
        if fault is None and isinstance(value, list | dict):
            return value if isinstance(value, list) else [value]
    return []


def _owner(file: Opened) -> Row:
    """The account as v1.1 would show it. Raises Usage where the archive does not say whose it is."""
    account = next((facts.table(facts.table(row).get("account")) for row in _small(file, "account.js")), {})
    profile = next((facts.table(facts.table(row).get("profile")) for row in _small(file, "profile.js")), {})
    native_id, username = facts.filled(account.get("accountId")), facts.filled(account.get("username"))
    if native_id is None or username is None:
        raise Usage(f"{file.name} does not say whose it is: data/account.js has no accountId and username")
    described = facts.table(profile.get("description"))
    return {
        "id_str": native_id,
        "screen_name": username,
        "name": account.get("accountDisplayName"),
        "created_at": account.get("createdAt"),
        "description": described.get("bio"),
        "profile_image_url_https": profile.get("avatarMediaUrl"),
    }


def _made_at(file: Opened) -> datetime | None:
    """When X put the archive together."""
    for row in _small(file, "manifest.js"):
        return facts.moment(facts.table(facts.table(row).get("archiveInfo")).get("generationDate"))
    return None


def _notes(file: Opened) -> dict[str, str]:
    """Long posts by the second of their publication: tweets.js has only their beginning."""
    found: dict[str, str] = {}
    for row in _small(file, "note-tweet.js"):
        note = facts.table(facts.table(row).get("noteTweet"))
        text = facts.filled(facts.table(note.get("core")).get("text"))
        when = facts.moment(note.get("createdAt"))
        if text and when:
            found[when.replace(microsecond=0).isoformat()] = text
    return found


def _completed(status: Row, user: Row, notes: Mapping[str, str]) -> Row:
    if not isinstance(status.get("id_str"), str) and not isinstance(status.get("id"), str):
        raise PageChanged("tweets.js", "a post's id is missing")
    initial = facts.table(facts.table(status.get("edit_info")).get("initial"))
    history = initial or facts.table(
        facts.table(facts.table(status.get("edit_info")).get("edit")).get("editControlInitial")
    )
    return {
        **status,
        "user": user,
        "edit_ids": history.get("editTweetIds"),
        "note": _note_of(status, notes),
    }


def _note_of(status: Row, notes: Mapping[str, str]) -> Row | None:
    """The whole of a post, where its beginning and its second fit."""
    if not notes:
        return None
    when = facts.moment(_x.moment(status.get("created_at")))
    whole = notes.get(when.replace(microsecond=0).isoformat()) if when else None
    begun = str(status.get("full_text") or "").rpartition("…")[0].strip()
    return {"text": whole} if whole and begun and whole.startswith(begun) else None
