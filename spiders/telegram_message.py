"""One message of Telegram's web preview, or of an embed page, as a Post.

The web names no time of an edit; what it shows only in the app is said to be `unsupported`.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml.html import HtmlElement

from archiver.errors import PageChanged
from archiver.posts import Account, Attachment, Kind, LinkPreview, Metric, Poll, PollOption, Post, Reference
from spiders.html import absolute, first_within, inner_html, is_within, text_of, text_within, within
from spiders.page import Page
from spiders.telegram_media import attachments_of, background, group_ids

HOSTS = frozenset(("t.me", "www.t.me", "telegram.me", "www.telegram.me", "telegram.dog"))
PREFIX = "tgme_widget_message_"
_ID = re.compile(r"[A-Za-z0-9_]+/\d+")
_COUNT = re.compile(r"(\d+)(?:\.(\d+))?([KMB]?)")
_SCALE = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}


def count(name: str, shown: str) -> Metric | None:
    """ "1.3K" is 1300, known to the hundred; "1 234" and "1,234" are exact."""
    match = _COUNT.fullmatch(re.sub(r"[\s,]", "", shown).upper())
    if not match:
        return None
    whole, decimals, scale = match[1], match[2] or "", _SCALE[match[3]]
    step = scale // 10 ** len(decimals)
    return Metric(name=name, value=int(whole + decimals) * step, granularity=step) if step else None


def native_id_of(message: HtmlElement) -> str | None:
    """CHANNEL/ID. Embed pages of 2018 have it only in the link around the date."""
    date = first_within(message, PREFIX + "date")
    native_id = message.get("data-post") or ("" if date is None else _post_id(date.get("href")))
    return native_id if native_id and _ID.fullmatch(native_id) else None


def channel_id(message: HtmlElement) -> str | None:
    """The channel's number, which survives a new name."""
    packed = message.get("data-view") or ""
    try:
        said = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        return str(int(said["c"]))
    except (ValueError, LookupError, TypeError):  # the layout of 2018 does not say
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message's element, the page it stands on and the channel it is in."""

    element: HtmlElement
    page: Page
    author: Account

    def post(self) -> Post:
        message, native_id = self.element, native_id_of(self.element)
        if native_id is None:
            raise PageChanged(self.page.url, "a message has no id")
        texts, attachments = self._texts(), attachments_of(self.element, native_id, self.page.url)
        poll, preview, references = self._poll(), self._preview(), self._references()
        service = "service_message" in (message.get("class") or "").split()
        unshown = not attachments and self._only_in_app()
        unread = not (texts or attachments or poll or preview or service)
        if unread:
            attachments = (Attachment(kind="unknown", key=native_id, available=False),)
        url, time = self._date(native_id)
        links, tags, mentions = self._links(texts)
        return Post(
            platform="telegram",
            native_id=native_id,
            author=self.author,
            kind=_kind(service, references),
            url=url,
            published_at=time,
            edited=self._edited(),
            text=None if unread else _joined(texts),
            html="\n".join(inner_html(each) for each in texts) or None,
            links=links,
            tags=tags,
            mentions=mentions,
            references=references,
            attachments=attachments,
            poll=poll,
            preview=preview,
            metrics=self._metrics(),
            signature=text_within(message, PREFIX + "from_author") or None,
            group_ids=group_ids(attachments, native_id),
            label=native_id.partition("/")[0],
            unsupported=True if unshown or _too_big(attachments) else None if unread else False,
        )

    def _date(self, native_id: str) -> tuple[str, datetime]:
        # Not the first <time>: a video's length is one too.
        date = first_within(self.element, PREFIX + "date")
        time = None if date is None else date.find(".//time[@datetime]")
        if date is None or time is None:
            raise PageChanged(self.page.url, f"message {native_id} has no time")
        said = _instant(time.get("datetime") or "")
        if said is None:
            raise PageChanged(self.page.url, f"message {native_id} has no readable time")
        return urljoin(self.page.url, date.get("href")).split("?")[0], said

    def _texts(self) -> list[HtmlElement]:
        """The outermost text blocks (forwarded albums nest one in another), without the quoted post's."""
        name, quoted = PREFIX + "text", PREFIX + "reply"
        blocks = within(self.element, name)
        return [b for b in blocks if not is_within(b, name) and not is_within(b, quoted)]

    def _links(
        self, texts: list[HtmlElement]
    ) -> tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...]]:
        links: dict[str, None] = {}
        tags: dict[str, None] = {}
        mentions: dict[str, None] = {}
        for anchor in (anchor for text in texts for anchor in text.iter("a")):
            shown, href = text_of(anchor), anchor.get("href") or ""
            if anchor.get("onclick"):  # since 2024 these addresses are escaped twice
                href = unescape(href)
            address = absolute(href)
            if shown.startswith("#") and "q" in parse_qs(urlsplit(href).query):
                tags[shown.removeprefix("#")] = None
            elif shown.startswith("@"):
                mentions[shown.removeprefix("@")] = None
            elif address:
                links[address] = None
        # The layout of 2018 does not link hashtags: it does not say that there are none.
        known = bool(tags) or self.element.get("data-post") is not None
        return tuple(links), tuple(tags) if known else None, tuple(mentions)

    def _edited(self) -> bool | None:
        """Whether "edited" stands before the date; None where something else stands there, which would be
        a language that was not asked for."""
        meta = first_within(self.element, PREFIX + "meta")
        if meta is None:
            return None
        before = [meta.text or ""]
        for child in meta:
            if PREFIX + "date" in (child.get("class") or ""):
                break
            before.append(child.tail or "")
        said = "".join(before).strip(", \u00a0\n\r\t")
        return True if said == "edited" else None if said else False

    def _references(self) -> tuple[Reference, ...]:
        return tuple(reference for reference in (self._forwarded(), self._replied()) if reference)

    def _forwarded(self) -> Reference | None:
        """Where the text came from; people who hide their account are only a name, without an address."""
        origin = first_within(self.element, PREFIX + "forwarded_from")
        if origin is None:
            return None
        name = first_within(origin, PREFIX + "forwarded_from_name")
        href = None if name is None else absolute(name.get("href"), self.page.url)
        shown = text_of(origin if name is None else name)
        author = text_within(origin, PREFIX + "forwarded_from_author").strip("()")
        return Reference(
            relation="repost",
            native_id=_post_id(href) or None,
            url=href,
            author_name=f"{shown} ({author})" if author else shown,
            author_handle=_handle(href),
        )

    def _replied(self) -> Reference | None:
        reply = first_within(self.element, PREFIX + "reply")
        if reply is None:
            return None
        href = absolute(reply.get("href"), self.page.url)
        quoted = first_within(reply, PREFIX + "text")
        quoted = first_within(reply, PREFIX + "metatext") if quoted is None else quoted
        return Reference(
            relation="reply",
            native_id=_post_id(href) or None,
            url=href,
            author_name=text_within(reply, PREFIX + "author_name") or None,
            author_handle=_handle(href),
            text=None if quoted is None else text_of(quoted, verbatim=True),
        )

    def _poll(self) -> Poll | None:
        poll = first_within(self.element, PREFIX + "poll")
        if poll is None:
            return None
        voters = count("voters", text_within(self.element, PREFIX + "voters"))
        options = []
        for option in within(poll, PREFIX + "poll_option"):
            percent = text_within(option, PREFIX + "poll_option_percent").rstrip("% ")
            options.append(
                PollOption(
                    text=text_within(option, PREFIX + "poll_option_text"),
                    percent=float(percent) if re.fullmatch(r"\d+(\.\d+)?", percent) else None,
                )
            )
        return Poll(
            question=text_within(poll, PREFIX + "poll_question") or None,
            options=tuple(options),
            voters=voters.value if voters else None,
            closed="final" in text_within(poll, PREFIX + "poll_type").lower() or None,
        )

    def _preview(self) -> LinkPreview | None:
        preview = first_within(self.element, PREFIX + "link_preview")
        url = None if preview is None else absolute(preview.get("href"), self.page.url)
        if preview is None or url is None:
            return None
        images = ("link_preview_image", "link_preview_right_image", "link_preview_video_thumb")
        shown = (background(image, self.page.url) for name in images for image in within(preview, name))
        return LinkPreview(
            url=url,
            title=text_within(preview, "link_preview_title") or None,
            description=text_within(preview, "link_preview_description") or None,
            site=text_within(preview, "link_preview_site_name") or None,
            image_url=next((image for image in shown if image), None),
        )

    def _metrics(self) -> tuple[Metric, ...] | None:
        counted = [count(name, text_within(self.element, PREFIX + name)) for name in ("views", "voters")]
        for reaction in within(self.element, "tgme_reaction"):
            emoji = "".join(text_of(each) for each in reaction if isinstance(each.tag, str))
            custom = reaction.find(".//tg-emoji")
            emoji = emoji or (custom.get("emoji-id") if custom is not None else None) or "custom"
            shown = (reaction.text or "") + "".join(each.tail or "" for each in reaction)
            counted.append(count(f"reaction:{emoji}", shown))
        known = {metric.name: metric for metric in counted if metric}
        return tuple(known.values()) or None

    def _only_in_app(self) -> bool:
        """Whether "Please open Telegram to view this post" is really shown; beside media it is hidden."""
        notes = within(self.element, "message_media_not_supported_wrap")
        return any(not is_within(note, "media_not_supported_cont") for note in notes)


def _kind(service: bool, references: tuple[Reference, ...]) -> Kind:
    if service:
        return "service"
    if not references:
        return "post"
    return "repost" if references[0].relation == "repost" else "reply"


def _instant(written: str) -> datetime | None:
    try:
        said = datetime.fromisoformat(written)
    except ValueError:
        return None
    return said.astimezone(UTC) if said.tzinfo else None


def _too_big(attachments: tuple[Attachment, ...]) -> bool:
    return any(each.kind in ("video", "voice") and not each.available for each in attachments)


def _joined(texts: list[HtmlElement]) -> str:
    return "\n\n".join(dict.fromkeys(text_of(each, verbatim=True) for each in texts))


def _path(href: str | None) -> list[str]:
    """The steps of a t.me address, without the `s` of previews."""
    try:
        parts = urlsplit(href or "")
    except ValueError:
        return []
    path = [step for step in parts.path.split("/") if step]
    if (parts.hostname or "") not in HOSTS:
        return []
    return path[1:] if path[:1] == ["s"] else path


def _post_id(href: str | None) -> str:
    """CHANNEL/ID of a post's address; empty for people, channels and private posts (t.me/c/...)."""
    path = _path(href)
    if len(path) < 2 or path[0] == "c" or not path[-1].isdigit():
        return ""
    return f"{path[0]}/{path[-1]}"


def _handle(href: str | None) -> str | None:
    path = _path(href)
    return path[0].lower() if path and path[0] != "c" and not path[0].startswith("+") else None
