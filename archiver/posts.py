"""What a spider may report: accounts, posts and what hangs on them.

Everywhere in this module `None` means *unknown*: the platform did not say. It is never the same as
an empty text, an empty tuple or 0, which mean that the platform said so.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Kind = Literal["post", "reply", "repost", "quote", "service"]
Relation = Literal["reply", "root", "quote", "repost"]
MediaKind = Literal[
    "image", "video", "animation", "audio", "voice", "document", "sticker", "location", "contact", "unknown"
]
Refusal = Literal["not_found", "suspended", "protected", "preview_unavailable", "unauthorised", "no_feed"]
# Of a post that its own address did not show. missing: once, and asked again on another day; gone: the
# tombstone; withheld: kept back by the platform (a protected account, a blocked region), no deletion.
Absence = Literal["missing", "gone", "withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A count as shown at one time. `1.3K` is value 1300, granularity 100; an exact count has granularity 1.

    Names are plural English nouns: views, replies, reposts, quotes, likes, bookmarks, followers, following,
    posts, subscribers, voters, comments, and `reaction:👍` for one emoji.
    """

    name: str
    value: int
    granularity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Someone who posts. `native_id` never changes; `handle` may.

    `handle` is written as in `PLATFORM:HANDLE`, without a leading @ (mastodon: `name@host`; feed: its URL).
    """

    platform: str
    native_id: str
    handle: str
    url: str | None = None
    name: str | None = None
    description: str | None = None
    avatar_url: str | None = None
    verified: bool | None = None
    created_at: datetime | None = None
    metrics: tuple[Metric, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another post that this one answers, quotes or passes on; as much of it as this page told.

    For a `repost` the text passed on is the post's own `text`; here stands where it came from.
    """

    relation: Relation
    native_id: str | None = None
    url: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    author_native_id: str | None = None
    published_at: datetime | None = None
    text: str | None = None
    available: bool | None = None  # False: the platform says that it is gone or blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One piece of media. `key` identifies it for as long as the platform keeps it (URLs may expire)."""

    kind: MediaKind
    key: str | None = None
    url: str | None = None
    preview_url: str | None = None
    alt: str | None = None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    size_bytes: int | None = None
    title: str | None = None
    available: bool | None = None  # False: the platform names it but does not show it here


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOption:
    text: str
    votes: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    question: str | None = None
    options: tuple[PollOption, ...] = ()
    voters: int | None = None
    closes_at: datetime | None = None
    closed: bool | None = None
    multiple: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreview:
    url: str
    title: str | None = None
    description: str | None = None
    site: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What one page says of one post. `native_id` is unique on its platform and never changes.

    `text` keeps paragraphs as line breaks and links as written in full; `html` is the platform's own markup.
    `group_ids` are further ids that the same post occupies (the other pictures of a Telegram album).
    `label` is the part of `native_id` before its "/" that is only the account's name of the day (a Telegram
    channel's): the account and what follows the "/" are what names the post for good.
    """

    platform: str
    native_id: str
    author: Account
    kind: Kind = "post"
    url: str | None = None
    published_at: datetime | None = None
    edited: bool | None = None
    edited_at: datetime | None = None
    title: str | None = None
    warning: str | None = None
    text: str | None = None
    html: str | None = None
    languages: tuple[str, ...] | None = None  # the platform's own hint
    links: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    mentions: tuple[str, ...] | None = None
    references: tuple[Reference, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None
    poll: Poll | None = None
    preview: LinkPreview | None = None
    metrics: tuple[Metric, ...] | None = None
    signature: str | None = None  # the person who signed, where a channel posts
    group_ids: tuple[str, ...] = ()
    unsupported: bool | None = None  # True: the platform shows this post, or part of it, only in its app
    withheld: bool | None = None  # True: shown only to people who are logged in, or who know a password
    label: str | None = None

    def under(self, label: str) -> "Post":
        """The same post under another name of its account, ids and attachments' keys included."""
        if self.label is None or label == self.label:
            return self
        old = self.label

        def renamed(name: str) -> str:
            return label + name.removeprefix(old) if name.startswith(f"{old}/") else name

        kept = self.attachments
        return replace(
            self,
            native_id=renamed(self.native_id),
            label=label,
            group_ids=tuple(map(renamed, self.group_ids)),
            attachments=kept and tuple(replace(a, key=a.key and renamed(a.key)) for a in kept),
        )

    @property
    def body(self) -> str:
        """What a reader reads, and what is translated and searched: title, warning, text, poll."""
        poll = (self.poll.question, *(o.text for o in self.poll.options)) if self.poll else ()
        head = [p for p in (self.title, self.warning) if p and not (self.text or "").startswith(p)]
        parts = [*head, self.text, "\n".join(p for p in poll if p)]
        return "\n\n".join(p for p in parts if p)

    def digest(self) -> str:
        """SHA-256 over what the post says. The same content in two captures is one revision.

        Counts, expiring media URLs and the platform's markup are left out: they change without an edit.
        """
        said = {
            "title": self.title,
            "warning": self.warning,
            "text": self.text,
            "attachments": [[a.kind, a.key, a.alt] for a in self.attachments or ()],
            "poll": [self.poll.question, [o.text for o in self.poll.options]] if self.poll else None,
        }
        canonical = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One HTTP response kept byte for byte. `sha256` is over the body as received; the WARC record is at
    `offset` of `warc` (a path relative to the archive) and `length` bytes long.

    With the record of its request, which follows, it is `record_length` bytes long; `record_sha256` is over
    these bytes as they lie in the file, `file_sha256` over the file from its beginning to their end.
    """

    url: str
    fetched_at: datetime
    status: int
    sha256: str
    size: int
    warc: str
    offset: int
    length: int
    content_type: str | None = None
    record_length: int | None = None
    record_sha256: str | None = None
    file_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something on a page that could not be read, and where its bytes are."""

    url: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A post that the archive has, as far as a later visit to its account needs to know it.

    `missing_since` is when its address first showed nothing, None where that is not so.
    """

    native_id: str
    published_at: datetime | None
    last_seen_at: datetime
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """What a page says of a post that it does not show."""

    native_id: str
    state: Absence


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """All that a post said before what it says now, the oldest first: `edited_at` is when each was written
    (None: when the post was published). `posts` is empty where the server keeps none."""

    native_id: str
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What one page gave, and the watch's cursor after it: stored together in one transaction or not at all.

    `served` counts the posts that the page carried, read or not; `cursor` is opaque JSON text. `absent` are
    posts that were asked for and are not on the page; `versions` is set where the page tells a post's past.
    """

    platform: str
    handle: str
    capture: Capture
    cursor: str
    account: Account | None = None
    posts: tuple[Post, ...] = ()
    served: int = 0
    problems: tuple[Problem, ...] = ()
    refusal: Refusal | None = None
    absent: tuple[Absent, ...] = ()
    versions: Versions | None = None
