"""What a feed says, whatever its format: `feed_xml` and `feed_json` read it into these."""

import mimetypes
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archiver.posts import Attachment, MediaKind, Reference
from spiders.html import absolute, is_emoji

# Zones that email.utils does not know and that mean one thing only. "IST", "AST" and their like mean several.
ZONES = {"AFT": 4.5, "PKT": 5, "IRST": 3.5, "IRDT": 4.5, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3}
RFC822_ZONES = frozenset(("UT", "UTC", "GMT", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item. `html` is its body if that is markup, `text` if it is not; both None: it has no body."""

    guid: str | None = None
    link: str | None = None
    title: str | None = None
    html: str | None = None
    text: str | None = None
    base: str | None = None
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    tags: tuple[str, ...] | None = None
    comments: int | None = None
    reply: Reference | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Entries that the document began and did not finish, or that nobody could make out."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    native_id: str | None = None  # its own id, or the address that it gives itself
    title: str | None = None
    description: str | None = None
    link: str | None = None
    image: str | None = None
    next: str | None = None  # RFC 5005, JSON Feed
    generator: str = ""
    entries: tuple[Entry | Unread, ...] = ()


def when(written: str | None) -> datetime | None:
    """A feed's date in UTC; None where it is none, or where its zone could mean several.

    Without a zone it is UTC, as every reader takes it.
    """
    written = " ".join((written or "").split())
    if not written or len(written) > 80:
        return None
    iso = re.sub(r"(?<=\d) (?=[+-]\d\d:?\d\d$)", "", written)
    try:
        return _utc(datetime.fromisoformat(iso))
    except (ValueError, OverflowError):
        return _rfc822(written)


def _utc(said: datetime) -> datetime:
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)


def _rfc822(written: str) -> datetime | None:
    bare = re.sub(r"\s*\([^)]*\)$", "", written)  # "+0430 (AFT)"
    name = re.search(r"[A-Za-z]+$", bare)
    zone = name[0].upper() if name else ""
    if zone and zone not in ZONES and zone not in RFC822_ZONES:
        return None
    fields = parsedate_tz(bare)
    if fields is None:
        return None
    seconds = ZONES[zone] * 3600 if zone in ZONES else fields[9] or 0
    try:
        return datetime(*fields[:6], tzinfo=timezone(timedelta(seconds=seconds))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def media_kind(content_type: str | None, url: str | None = None) -> MediaKind:
    """What a MIME type or, where there is none, the ending of the address says."""
    content_type = content_type or mimetypes.guess_type(urlsplit(url or "").path)[0] or ""
    if content_type == "application/x-shockwave-flash":  # YouTube's players
        return "video"
    family = content_type.split("/")[0].strip().lower()
    if family in ("image", "video", "audio"):
        return family  # type: ignore[return-value]
    return "document" if content_type else "unknown"


def pictures(root: HtmlElement | None, base: str | None) -> tuple[Attachment, ...]:
    """The images inside a text, without emoji and the invisible ones that count readers."""
    found: list[Attachment] = []
    for image in () if root is None else root.iter("img"):
        url = absolute(image.get("src"), base)
        tiny = image.get("width") in ("0", "1") or image.get("height") in ("0", "1")
        if url and not tiny and not is_emoji(image):
            found.append(Attachment(kind="image", key=url, url=url, alt=image.get("alt")))
    return tuple(found)


def merged(attachments: list[Attachment]) -> tuple[Attachment, ...]:
    """Each address once; what a later mention adds is added."""
    known: dict[str | None, Attachment] = {}
    for each in attachments:
        before = known.get(each.key)
        if before is None:
            known[each.key] = each
        else:
            known[each.key] = replace(
                before,
                alt=before.alt or each.alt,
                title=before.title or each.title,
                preview_url=before.preview_url or each.preview_url,
                width=before.width or each.width,
                height=before.height or each.height,
                duration_seconds=before.duration_seconds or each.duration_seconds,
            )
    return tuple(known.values())


def number(written: str | None) -> int | None:
    written = (written or "").strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None
