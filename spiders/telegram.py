"""Telegram channels, as their public web preview (t.me/s/NAME) shows them.

A page holds about twenty posts, the oldest first. What a single message says is read in `telegram_message`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml.html import HtmlElement

from archiver.errors import PageChanged, Usage
from archiver.posts import Account, Metric, Post, Refusal
from spiders.cursor import Cursor
from spiders.html import first_within, parse, text_of, text_within, within
from spiders.page import Page, Target
from spiders.platform import ABSENT, Mark, Platform, Single, Verdict
from spiders.telegram_message import HOSTS, Message, channel_id, count, native_id_of

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
# First words of t.me addresses that are no channels.
RESERVED = frozenset(
    ["addemoji", "addlist", "addstickers", "addtheme", "boost", "confirmphone", "contact", "giftcode"]
).union(["invoice", "login", "proxy", "setlanguage", "share", "socks"])
COUNTERS = frozenset(("subscribers", "members", "photos", "videos", "files", "links"))


class Telegram(Platform):
    name = "telegram"
    base_url = "https://t.me"
    delay = 2.0  # nothing is documented; collectors fear bans below one second

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        pasted = pasted.strip()
        try:
            parts = urlsplit(pasted if "://" in pasted else f"https://{pasted}")
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or (parts.hostname or "").lower() not in HOSTS:
            return None
        path = [step for step in parts.path.split("/") if step]
        name = path[1] if path[:1] == ["s"] and len(path) > 1 else path[0] if path else ""
        if name.startswith("+") or name.lower() in ("joinchat", "c"):
            raise Usage(
                f"'{pasted}' leads to a private channel or group; only public ones are archived: "
                "give https://t.me/NAME"
            )
        if not name or name.lower() in RESERVED or not NAME.fullmatch(name):
            raise Usage(f"'{pasted}' names no channel; a public channel's address is https://t.me/NAME")
        return cls.handle(name)

    @classmethod
    def handle(cls, handle: str) -> Target:
        name = handle.strip().removeprefix("@")
        if not NAME.fullmatch(name):
            raise Usage(
                f"'{handle}' cannot be a Telegram channel: a name has 4 to 32 letters a-z, digits and _,"
                " and begins with a letter"
            )
        return Target(platform="telegram", handle=name.lower())

    def headers(self, target: Target) -> Mapping[str, str]:
        return {"Accept-Language": "en"}  # counters and "edited" are words of the visitor's language

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        return f"{self.root(target)}/s/{target.handle}"

    def refusal(self, page: Page) -> Refusal | None:
        """t.me answers with its landing page for what has no preview: private channels, people, groups, bots,
        channels that forbid saving or are blocked in the visitor's country. It does not say which."""
        root = _document(page)
        if first_within(root, "tgme_widget_message_error") is not None:
            return "not_found"
        shown = ("tgme_channel_history", "tgme_channel_info", "tgme_widget_message", "tme_no_messages_found")
        landing = ("tgme_page", "tgme_page_wrap")
        if any(first_within(root, name) is not None for name in shown):
            return None
        return "preview_unavailable" if any(first_within(root, n) is not None for n in landing) else None

    def account(self, page: Page) -> Account | None:
        root = _document(page)
        header = first_within(root, "tgme_channel_info")
        messages = within(root, "tgme_widget_message")
        shown = text_within(root, "tgme_channel_info_header_username").removeprefix("@")
        ids = (native_id_of(message) for message in messages)
        shown = shown or next((native_id.split("/")[0] for native_id in ids if native_id), "")
        name = shown or page.target.handle
        known = page.account.native_id if page.account else f"@{name.lower()}"
        numbers = (channel_id(message) for message in messages)
        avatar = root.xpath("//*[contains(@class, 'photo')]/img/@src")
        described = first_within(root, "tgme_channel_info_description")
        counters = (_counter(each) for each in within(root, "tgme_channel_info_counter"))
        return Account(
            platform=self.name,
            native_id=next((number for number in numbers if number), known),
            handle=name.lower(),
            url=f"https://t.me/{name}",
            name=text_within(root, "tgme_channel_info_header_title")
            or text_within(root, "tgme_widget_message_owner_name")
            or None,
            description=text_of(described, verbatim=True) if described is not None else _empty_if(header),
            avatar_url=urljoin(page.url, avatar[0]) if avatar else None,
            verified=None if header is None else first_within(header, "verified-icon") is not None,
            metrics=tuple(counter for counter in counters if counter) or None,
        )

    def items(self, page: Page) -> Sequence[Message]:
        root = _document(page)
        messages = within(root, "tgme_widget_message")
        if not messages:
            self._check_emptiness(page, root)
        author = self.account(page)
        assert author is not None
        return [Message(element=each, page=page, author=author) for each in messages]

    def post(self, item: Any, page: Page) -> Post:
        message: Message = item
        return message.post()

    def _check_emptiness(self, page: Page, root: HtmlElement) -> None:
        """t.me shows a channel without posts past the end of its history, and also to visitors in a hurry."""
        said = first_within(root, "tme_no_messages_found") is not None
        header = any(
            first_within(root, name) is not None for name in ("tgme_channel_history", "tgme_channel_info")
        )
        older = _before(page.url) is not None
        if not (said or (older and header)):
            raise PageChanged(page.url, "no messages and no 'No posts found': not a channel's preview")
        if not older and page.account and not page.account.native_id.startswith("@"):
            raise PageChanged(
                page.url, "shows no posts, though the channel had some: t.me wants rest, or all are gone"
            )

    def next(self, page: Page) -> str | None:
        """Older posts: where the page says so, else before the lowest id seen; the link is sometimes missing
        in the middle of a history, so its absence is no end. The end is id 1, or an empty page at `before=N`
        followed by one at `before=N+1` that shows N alone: t.me sends empty pages also when it is tired."""
        root = _document(page)
        messages = within(root, "tgme_widget_message")
        here = int(_before(page.url) or 0)
        if "/s/" not in urlsplit(page.url).path or not (messages or here):  # a single post; an empty channel
            return None
        ids = [int(native_id.split("/")[1]) for native_id in map(native_id_of, messages) if native_id]
        if messages and not ids:
            raise PageChanged(page.url, "none of the messages has an id")
        offered = [more.get("data-before") for more in within(root, "tme_messages_more")]
        offered += [_before(href) for href in root.xpath("//link[@rel='prev']/@href")]
        older = [int(each) for each in offered if each and each.isdigit()]
        older = [each for each in older if not here or each < here]
        if not messages and not older:
            if here == 1:  # nothing can be older
                return None
            if page.after_empty:
                raise PageChanged(page.url, f"shows no posts, though {here - 1} was there: t.me wants rest")
            return self._page_before(here + 1, page)
        if page.after_empty and not older and set(ids) == {here - 1}:
            return None
        for before in [*older, *sorted(ids)[:1]]:
            if not here or before < here:
                return self._page_before(before, page) if before > 1 else None
        raise PageChanged(page.url, f"the page before {here} holds nothing older than {min(ids)}")

    def _page_before(self, number: int, page: Page) -> str:
        return f"{self.root(page.target)}/s/{page.target.handle}?before={number}"

    @classmethod
    def unread_numbers(cls, cursor: Cursor) -> int:
        """Between where a walk goes on and the newest post of what lies below it."""
        tops = [*(walk.top for walk in cursor.walks), cursor.done][1:]
        gaps = 0
        for walk, top in zip(cursor.walks, tops, strict=True):
            numbers = [int(n) for n in map(cls.lasting, top.ids if top else ()) if n.isdecimal()]
            before = _before(walk.next)
            if numbers and before:
                gaps += max(0, int(before) - 1 - max(numbers))
        return gaps

    # -- single posts -----------------------------------------------------------------------------

    @staticmethod
    def lasting(native_id: str) -> str:
        return native_id.rpartition("/")[2]

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        """By the channel's name of today, whatever it was called when the post was stored."""
        target = page.target
        for native_id in native_ids:
            number = self.lasting(native_id)
            if number.isdecimal():
                url = f"{self.root(target)}/{target.handle}/{number}?embed=1&mode=tme"
                yield Single(url=url, native_ids=(native_id,))

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """That the post is not found is an answer; that the channel is not, is none."""
        if page.status != 200:
            return {}
        root = _document(page)
        error = text_within(root, "tgme_widget_message_error").lower()
        if "post not found" in error:
            return dict.fromkeys(native_ids, ABSENT)
        author = self.account(page)
        found: dict[str, Verdict] = {}
        for message in within(root, "tgme_widget_message"):
            number = self.lasting(native_id_of(message) or "")
            for native_id in native_ids:
                if number and number == self.lasting(native_id) and author:
                    item = Message(element=message, page=page, author=author)
                    found[native_id] = Verdict(says="live", item=item)
        return found


@lru_cache(maxsize=2)  # one page is asked for its account, its items and its next page
def _parsed(body: bytes) -> HtmlElement | None:
    return parse(body)


def _document(page: Page) -> HtmlElement:
    try:
        root = _parsed(page.body)
    except ValueError as error:
        raise PageChanged(page.url, str(error)) from None
    if root is None:
        raise PageChanged(page.url, "the page is empty")
    return root


def _counter(element: HtmlElement) -> Metric | None:
    """ "38.4K subscribers" as a metric; "1 photo" counts photos."""
    name = text_within(element, "counter_type").lower().rstrip("s") + "s"
    return count(name, text_within(element, "counter_value")) if name in COUNTERS else None


def _before(url: str | None) -> str | None:
    number = parse_qs(urlsplit(url or "").query).get("before", [""])[0]
    return number if number.isdigit() else None


def _empty_if(header: HtmlElement | None) -> str | None:
    """A header without a description says that there is none; no header says nothing."""
    return None if header is None else ""
