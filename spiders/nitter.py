"""X without a token, through a Nitter instance that somebody named: `nitter:name@instance`.

The instance's pages are read; where it shows a check for robots, its RSS instead (which knows no counts,
polls or descriptions). Ids are X's own, so the same post from two instances is one post. A repost has no id
of its own there: it is `<id>:repost:<name>`, and when it was passed on is unknown.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from archiver.errors import PageChanged, Usage
from archiver.posts import Account, Post, Refusal
from spiders import facts, feeds, nitter_feed, nitter_item
from spiders.feeds.document import Feed
from spiders.html import first_within, parse, text_within, within
from spiders.nitter_item import PLATFORM, name_of
from spiders.page import Page, Target
from spiders.platform import ABSENT, WITHHELD, Mark, Platform, Single, Verdict

HANDLE = re.compile(r"@?(\w{1,15})@((?:[\w-]+\.)+[\w-]+|localhost)(:\d{1,5})?", re.ASCII)
ADDRESS = re.compile(r"https?://([\w.-]+(?::\d{1,5})?)/@?(\w{1,15})(?:/.*)?", re.ASCII)
# What an instance says in its error panel; "instance has been rate limited" and the like are not final.
SAID: tuple[tuple[str, Refusal], ...] = (
    ("not found", "not_found"),
    ("suspended", "suspended"),
    ("protected", "protected"),
)


class Nitter(Platform):
    name = "nitter"
    delay = 2.0  # instances are run by volunteers

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        """None: nothing in an address says that its host is a Nitter."""
        return None

    @classmethod
    def handle(cls, handle: str) -> Target:
        written = handle.strip()
        if named := HANDLE.fullmatch(written):
            name, instance = named[1], named[2] + (named[3] or "")
        elif found := ADDRESS.fullmatch(written):
            instance, name = found[1], found[2]
        else:
            raise Usage(f"nitter: {handle!r} is no account; write nitter:name@instance.example")
        return Target(platform=PLATFORM, handle=f"{name}@{instance.lower()}")

    # -- where ------------------------------------------------------------------------------------

    def root(self, target: Target) -> str:
        instance = target.handle.partition("@")[2]
        scheme = "http" if instance.partition(":")[0] == "localhost" else "https"
        return (self.config.base_url or f"{scheme}://{instance}").rstrip("/")

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        return f"{self.root(target)}/{name_of(target)}/with_replies"

    def elsewhere(self, page: Page) -> str | None:
        """The instance's RSS, where its page is neither a timeline nor a message of Nitter's."""
        if page.status not in (200, 403) or _is_rss(page) or _is_nitter(page):
            return None
        return f"{self.root(page.target)}/{name_of(page.target)}/with_replies/rss"

    # -- what a page says -------------------------------------------------------------------------

    def refusal(self, page: Page) -> Refusal | None:
        if _is_rss(page):
            return "not_found" if page.status == 404 else None
        root = parse(page.body)
        if root is None:
            return None
        if first_within(root, "timeline-protected") is not None:
            return "protected"
        said = text_within(root, "error-panel").lower()
        return next((refusal for words, refusal in SAID if words in said), None)

    def account(self, page: Page) -> Account | None:
        if page.status != 200:
            return None
        if _is_rss(page):
            return nitter_feed.account(_feed(page), page)
        root = parse(page.body)
        return None if root is None else nitter_item.account(root, page)

    def items(self, page: Page) -> Sequence[Any]:
        if _is_rss(page):
            return nitter_feed.items(_feed(page), page)
        root = parse(page.body)
        timeline = None if root is None else first_within(root, "timeline")
        if timeline is None:
            why = "" if root is None else text_within(root, "error-panel")
            raise PageChanged(page.url, f"no timeline: {why or 'is this a Nitter instance?'}")
        return nitter_item.items(timeline, page)

    def post(self, item: Any, page: Page) -> Post:
        read = nitter_feed.post if _is_rss(page) else nitter_item.post
        return read(item, page, self.account(page) or page.account)

    def next(self, page: Page) -> str | None:
        if _is_rss(page):
            cursor = page.headers.get("min-id")
            if not cursor or cursor == facts.in_query(page.url, "cursor") or not self.items(page):
                return None
            return facts.with_query(page.url, {"cursor": cursor})
        root = parse(page.body)
        links = (
            [link for more in within(root, "show-more") for link in more.iter("a")]
            if root is not None
            else []
        )
        return next((h for link in reversed(links) if "cursor=" in (h := link.get("href") or "")), None)

    # -- single posts -----------------------------------------------------------------------------

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        """Reposts have no page of their own."""
        for native_id in native_ids:
            if native_id.isdecimal():
                url = f"{self.root(page.target)}/{name_of(page.target)}/status/{native_id}"
                yield Single(url=url, native_ids=(native_id,))

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """A post that is there is not told anew: the page shows it in another shape than the timeline."""
        root = parse(page.body)
        said = "" if root is None else text_within(root, "error-panel").lower()
        if "tweet not found" in said or "post not found" in said:
            return dict.fromkeys(native_ids, ABSENT)
        if "suspended" in said or "protected" in said:
            return dict.fromkeys(native_ids, WITHHELD)
        return {}


def _is_rss(page: Page) -> bool:
    return urlsplit(page.url).path.endswith("/rss")


def _is_nitter(page: Page) -> bool:
    root = parse(page.body)
    names = ("timeline", "timeline-protected", "error-panel")
    return root is not None and any(first_within(root, name) is not None for name in names)


def _feed(page: Page) -> Feed:
    try:
        return feeds.read(page.body, page.headers.get("content-type", ""), page.url)
    except ValueError as error:
        raise PageChanged(page.url, f"neither its pages nor its RSS can be read: {error}") from None
