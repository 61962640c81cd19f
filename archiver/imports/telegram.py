"""Telegram Desktop's export: result.json of one chat, or of all of them.

Only channels and groups with a public name are taken; of everything else not even the bytes are kept. The
export names a channel by its number. Its address, by which its posts are called, comes from the archive
(where the channel is known already) or from the user (`--as`); otherwise posts are called c/NUMBER/ID, as in
Telegram's own links to channels without a name.

The export has a message for each picture of an album, without saying that they belong together. Messages with
consecutive ids, the same second and sender, and at most one text are put together, as the web shows them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from archiver.errors import PageChanged, Usage
from archiver.imports._documents import Document, Path
from archiver.imports._files import Opened
from archiver.imports._parts import Asked, Found, Head, Note, Portion, Record, Refused, Thing, portions
from archiver.posts import Account, Attachment, MediaKind, Metric, Poll, PollOption, Post, Reference
from spiders import facts

SAYS = "result.json of Telegram Desktop"

Row = Mapping[str, Any]
PUBLIC = ("public_channel", "public_supergroup")
MEDIA: Mapping[str, MediaKind] = {
    "video_file": "video",
    "video_message": "video",
    "animation": "animation",
    "voice_message": "voice",
    "audio_file": "audio",
    "sticker": "sticker",
}
_ALBUM = 10  # pictures at most
_FILES = ("photo", "file")


def recognises(head: Head) -> bool:
    start = head.start.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith(b"{"):
        return False
    one = all(name in start for name in (b'"messages"', b'"type"', b'"id"', b'"name"'))
    every = (b'"chats"' in start and b'"list"' in start) or (b'"about"' in start and b"Telegram" in start)
    return one or every


def read(file: Opened, asked: Asked) -> Iterator[Portion]:
    with file.text() as stream:
        document = Document(stream, _is_messages)
        reader = _Reader(file.name, asked)
        yield from portions(file.name, reader.records(document), reader.things)


def _is_messages(path: Path) -> bool:
    return path == ("messages",) or (
        len(path) == 4 and path[0] in ("chats", "left_chats") and path[1:] == ("list", None, "messages")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chat:
    """A chat of the export; `name` is what its posts are called by, before the slash."""

    type: str
    account: Account
    name: str
    notes: tuple[Note, ...] = ()


class _Reader:
    def __init__(self, name: str, asked: Asked) -> None:
        self._name, self._asked = name, asked
        self._chats: dict[Any, _Chat | Refused] = {}
        self._noted: set[str] = set()
        self._alone = False  # whether the export is of one chat

    def records(self, document: Document) -> Iterator[Record]:
        """The document's records, albums put together; values are the chat and its messages."""
        waiting: list[tuple[Record, _Chat, Row]] = []
        for record in document.records():
            chat = self._chat(document) if record.value is not None or record.fault else None
            if chat is None:
                yield from _together(waiting)
                waiting = []
                # Around chats an export of everything has contacts, sessions, the owner's telephone number.
                yield replace(record, value=None, private=not self._alone)
            elif isinstance(chat, Refused):
                yield from _together(waiting)
                waiting = []
                yield Record(raw=record.raw, place=record.place, value=chat, private=True)
            elif isinstance(record.value, dict):
                if waiting and not _belong(waiting, chat, record.value):
                    yield from _together(waiting)
                    waiting = []
                waiting.append((record, chat, record.value))
            else:
                yield from _together(waiting)
                waiting = []
                yield replace(record, value=None, fault=record.fault or "expected a message")
        yield from _together(waiting)

    def things(self, value: Any, record: Record) -> Iterator[Thing]:
        if isinstance(value, Refused):
            yield value
            return
        chat, messages = value
        if chat.name not in self._noted:
            self._noted.add(chat.name)
            yield from chat.notes
        yield Found(post=_post(chat, messages))

    def _chat(self, document: Document) -> _Chat | Refused | None:
        """The chat whose message is at hand; None outside of any."""
        if not _is_messages(document.path):
            return None
        place = document.path[:-1]
        self._alone = not place
        type, number = document.facts.get((*place, "type")), document.facts.get((*place, "id"))
        if (type, number) not in self._chats:
            name = document.facts.get((*place, "name"))
            self._chats[type, number] = self._new(type, number, name, alone=not place)
        return self._chats[type, number]

    def _new(self, type: Any, number: Any, name: Any, *, alone: bool) -> _Chat | Refused:
        if type not in PUBLIC:
            return Refused(
                why=f"{type or 'a chat of no type'}: only public channels and groups", private=True
            )
        if not isinstance(number, int):
            return Refused(why=f"a {type} that does not tell its number", owed=True, private=True)
        native_id = f"-{abs(number) % 10**12}"
        stored, account = self._asked.known("telegram", native_id), self._asked.account
        if account is not None and not alone:
            raise Usage(f"--as names one chat, but {self._name} holds several")
        if account is not None and stored and stored.handle.lower() not in (account.handle, _bare(native_id)):
            raise Usage(f"{self._name} is of the channel that the archive knows as telegram:{stored.handle}")
        other = self._asked.named("telegram", account.handle) if account else None
        if account and other and other.native_id not in (native_id, f"@{account.handle}"):
            raise Usage(f"{account} is another channel (its number is {other.native_id[1:]}, not {number})")
        spelt = _spelt(stored or other) or (self._asked.spelt if account else "")
        handle = spelt.lower() or _bare(native_id)
        notes = () if spelt else (Note(text=_UNNAMED.format(chat=name or number, name=_bare(native_id))),)
        return _Chat(
            type=type,
            account=Account(
                platform="telegram",
                native_id=native_id,
                handle=handle,
                url=f"https://t.me/{spelt}" if spelt else None,
                name=facts.filled(name),
            ),
            name=spelt or _bare(native_id),
            notes=notes,
        )


_UNNAMED = (
    "«{chat}»: the export does not tell its address, so its posts are called {name}/ID;"
    " with `--as telegram:NAME` they are called as a crawl calls them"
)


def _bare(native_id: str) -> str:
    return f"c/{native_id.removeprefix('-')}"


def _spelt(account: Account | None) -> str:
    """The channel's name in its own capitals, as posts are called by; "" for one without."""
    if account is None or account.handle.startswith("c/"):
        return ""
    end = (account.url or "").rpartition("/")[2]
    return end if end.lower() == account.handle.lower() else account.handle


# -- albums -----------------------------------------------------------------------------------------------


def _belong(waiting: Sequence[tuple[Record, _Chat, Row]], chat: _Chat, message: Row) -> bool:
    """Whether a message is the next picture of the album so far."""
    before = [row for _, _, row in waiting]
    last = before[-1]
    same = ("type", "date_unixtime", "from_id", "author", "forwarded_from", "reply_to_message_id")
    return (
        waiting[-1][1] is chat
        and len(before) < _ALBUM
        and isinstance(last.get("id"), int)
        and message.get("id") == last["id"] + 1
        and all(message.get(name) == last.get(name) for name in same)
        and message.get("date_unixtime") is not None
        and all(any(name in row for name in _FILES) for row in (last, message))
        and all(row.get("media_type") in (None, "video_file", "audio_file") for row in (last, message))
        and sum(bool(_words(row)) for row in (*before, message)) <= 1
    )


def _together(waiting: Sequence[tuple[Record, _Chat, Row]]) -> Iterator[Record]:
    if waiting:
        raw = b"".join(record.raw for record, _, _ in waiting)
        messages = [row for _, _, row in waiting]
        yield Record(raw=raw, place=waiting[0][0].place, value=(waiting[0][1], messages))


# -- a message --------------------------------------------------------------------------------------------


def _post(chat: _Chat, messages: Sequence[Row]) -> Post:
    first = messages[0]
    for row in messages:
        if not isinstance(row.get("id"), int) or row.get("type") not in ("message", "service"):
            raise PageChanged("result.json", "expected a message with its id and type")
    said = next((row for row in messages if _words(row)), first)
    ids = [f"{chat.name}/{row['id']}" for row in messages]
    service = first.get("type") == "service"
    references = _references(chat, first)
    pieces = _pieces(said)
    edited = next((m for m in map(_edited, messages) if m is not None), None)
    return Post(
        platform="telegram",
        native_id=ids[0],
        author=_author(chat, first),
        kind="service" if service else "post" if not references else _KINDS[references[0].relation],
        url=None if chat.name.startswith("c/") else f"https://t.me/{ids[0]}",
        published_at=_moment(first.get("date_unixtime")),
        edited=edited is not None or "edited" in said,
        edited_at=edited,
        text=_service(chat, first) if service else _words(said),
        links=tuple(dict.fromkeys(_links(pieces))),
        tags=tuple(dict.fromkeys(p["text"].lstrip("#") for p in pieces if p.get("type") == "hashtag")),
        mentions=tuple(dict.fromkeys(p["text"].lstrip("@") for p in pieces if p.get("type") == "mention")),
        references=references,
        attachments=tuple(a for id, row in zip(ids, messages, strict=True) for a in _attachments(row, id)),
        poll=_poll(facts.table(first.get("poll"))),
        metrics=_reactions(first),
        signature=facts.filled(first.get("author")),
        group_ids=tuple(ids[1:]),
    )


_KINDS: Mapping[str, Any] = {"repost": "repost", "reply": "reply"}


def _author(chat: _Chat, message: Row) -> Account:
    """In a channel the channel; in a group whoever wrote."""
    who = facts.first(message.get("from_id"), message.get("actor_id"))
    if chat.type == "public_channel" or who is None or who == f"channel{chat.account.native_id[1:]}":
        return chat.account
    native_id = f"-{who.removeprefix('channel')}" if who.startswith("channel") else who
    name = facts.first(message.get("from"), message.get("actor"))
    return Account(platform="telegram", native_id=native_id, handle=who, name=name)


def _moment(unixtime: Any) -> datetime | None:
    """Exports before 2021 have only a time of no zone, which is no moment."""
    text = str(unixtime) if isinstance(unixtime, str | int) and not isinstance(unixtime, bool) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC) if int(text) else None


def _edited(message: Row) -> datetime | None:
    return _moment(message.get("edited_unixtime"))


def _pieces(message: Row) -> list[dict[str, Any]]:
    """The text's parts, each with its text and type."""
    parts = message.get("text")
    if isinstance(parts, str):
        parts = facts.tables(message.get("text_entities")) or [parts]
    if not isinstance(parts, list | tuple):
        return []
    shaped = [{"type": "plain", "text": p} if isinstance(p, str) else dict(facts.table(p)) for p in parts]
    return [piece for piece in shaped if isinstance(piece.get("text"), str)]


def _words(message: Row) -> str:
    text = message.get("text")
    said = text if isinstance(text, str) else "".join(piece["text"] for piece in _pieces(message))
    return said.strip()


def _links(pieces: Sequence[Row]) -> Iterator[str]:
    for piece in pieces:
        if piece.get("type") == "text_link" and facts.filled(piece.get("href")):
            yield piece["href"]
        elif piece.get("type") == "link":
            yield piece["text"] if "://" in piece["text"] else f"http://{piece['text']}"


def _service(chat: _Chat, message: Row) -> str | None:
    """What the web says in the same place, as far as the export tells it."""
    title = facts.filled(message.get("title"))
    if message.get("action") == "create_channel":
        return "Channel created"
    if message.get("action") == "edit_group_title" and title and chat.type == "public_channel":
        return f"Channel name was changed to «{title}»"
    return None


def _references(chat: _Chat, message: Row) -> tuple[Reference, ...]:
    found: list[Reference] = []
    if name := facts.filled(message.get("forwarded_from")):
        who = facts.filled(message.get("forwarded_from_id"))
        if who and who.startswith("channel"):
            who = f"-{who.removeprefix('channel')}"
        found.append(Reference(relation="repost", author_name=name, author_native_id=who))
    answered = message.get("reply_to_message_id")
    if isinstance(answered, int) and message.get("reply_to_peer_id") is None:
        native_id = f"{chat.name}/{answered}"
        url = None if chat.name.startswith("c/") else f"https://t.me/{native_id}"
        found.append(Reference(relation="reply", native_id=native_id, url=url))
    return tuple(found)


def _attachments(message: Row, key: str) -> Iterator[Attachment]:
    width, height = facts.count(message.get("width")), facts.count(message.get("height"))
    if "photo" in message:
        size = facts.count(message.get("photo_file_size"))
        yield Attachment(kind="image", key=key, size_bytes=size, width=width, height=height)
    elif "file" in message or "media_type" in message:
        performer, title = facts.filled(message.get("performer")), facts.filled(message.get("title"))
        named = f"{performer} – {title}" if performer and title else title
        yield Attachment(
            kind=MEDIA.get(str(message.get("media_type")), "document"),
            key=key,
            content_type=facts.filled(message.get("mime_type")),
            duration_seconds=facts.number(message.get("duration_seconds")),
            size_bytes=facts.count(message.get("file_size")),
            title=facts.first(named, message.get("file_name")),
            width=width,
            height=height,
        )
    if place := facts.table(message.get("location_information")):
        title = f"{place.get('latitude')},{place.get('longitude')}"
        yield Attachment(kind="location", key=key, title=title)
    if person := facts.table(message.get("contact_information")):
        names = (person.get("first_name"), person.get("last_name"))
        yield Attachment(
            kind="contact", key=key, title=" ".join(filter(None, map(facts.filled, names))) or None
        )


def _poll(told: Row) -> Poll | None:
    answers = facts.tables(told.get("answers"))
    if answers is None:
        return None
    return Poll(
        question=_spoken(told.get("question")),
        options=tuple(
            PollOption(text=_spoken(a.get("text")) or "", votes=facts.count(a.get("voters"))) for a in answers
        ),
        voters=facts.count(told.get("total_voters")),
        closed=facts.flag(told.get("closed")),
    )


def _spoken(text: Any) -> str | None:
    return _words({"text": text}) or None


def _reactions(message: Row) -> tuple[Metric, ...] | None:
    counted: dict[str, int] = {}
    for reaction in facts.tables(message.get("reactions")) or ():
        value = facts.count(reaction.get("count"))
        if value is not None:
            counted.setdefault(f"reaction:{facts.first(reaction.get('emoji')) or 'custom'}", value)
    return tuple(Metric(name=name, value=value) for name, value in counted.items()) or None
