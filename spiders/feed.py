"""News sites and blogs by their feeds: RSS, Atom and JSON Feed. The address may be the feed's or the site's.

A feed is a window: an entry that left it is not deleted. Its own words for the language are only a hint.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from archiver.errors import PageChanged, Truncated, Usage
from archiver.posts import Account, Metric, Post, Refusal
from spiders import feeds
from spiders.feeds import encoding
from spiders.feeds.document import Entry, Feed, Unread, merged, pictures
from spiders.html import absolute, links_of, parse, text_of
from spiders.page import Page, Target
from spiders.platform import Mark, Platform

TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))
GLOBAL = re.compile(r"(https?://|urn:|tag:)\S", re.IGNORECASE)
HTML = re.compile(r"<(?:html|head|body|meta|title|script)\b", re.IGNORECASE)
# RSS-Bridge answers its own failures with a feed of one such entry and status 200.
BRIDGE_FAILED = ("Bridge encountered an unexpected situation", "Bridge returned error")
WORDPRESS = re.compile(r"wordpress(\.org|/\d|\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An entry, the id under which it is archived, and whose feed it is in."""

    native_id: str
    entry: Entry
    author: Account


class NewsFeed(Platform):
    name = "feed"

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        """Any web address: the last resort after the platforms that know theirs."""
        return cls.handle(pasted) if re.match(r"\s*https?://", pasted, re.IGNORECASE) else None

    @classmethod
    def handle(cls, handle: str) -> Target:
        written = handle.strip()
        try:
            parts = urlsplit(written if "://" in written else f"https://{written}")
            host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
        except (ValueError, UnicodeError):
            raise Usage(f"'{handle}' is no web address; give https://HOST/PATH of a feed or site") from None
        if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\"<>\\^`{|}]", host):
            raise Usage(f"'{handle}' is no web address; give https://HOST/PATH of a feed or site")
        if parts.username or parts.password:
            raise Usage("an address with a user name or password in it would be stored; give it without")
        if ":" in host:
            host = f"[{host}]"
        if port and port != {"http": 80, "https": 443}[parts.scheme]:
            host += f":{port}"
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
        return Target(platform="feed", handle=urlunsplit((parts.scheme, host, path, query, "")))

    # -- where ------------------------------------------------------------------------------------

    def root(self, target: Target) -> str:
        watched = urlsplit(target.handle)
        return (self.config.base_url or f"{watched.scheme}://{watched.netloc}").rstrip("/")

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        return self._via_root(target.handle, target)

    def _via_root(self, url: str, target: Target) -> str:
        """`url` through the configured server, if there is one and the address is the watched site's."""
        parts, watched = urlsplit(url), urlsplit(target.handle)
        if not self.config.base_url or parts.netloc != watched.netloc:
            return url
        return self.root(target) + urlunsplit(("", "", parts.path, parts.query, ""))

    def elsewhere(self, page: Page) -> str | None:
        """The feed that a site's page announces; not the one of its comments."""
        if page.status != 200 or not _is_html(page):
            return None
        announced = _announced(page)
        posts = [url for url, title in announced if "comment" not in (url + title).lower()]
        chosen = next(iter(posts or [url for url, _ in announced]), None)
        chosen = self._via_root(chosen, page.target) if chosen else None
        return None if chosen == page.url else chosen

    # -- what a page says -------------------------------------------------------------------------

    def refusal(self, page: Page) -> Refusal | None:
        if page.status in (404, 410) and not _is_later(page):
            return "not_found"
        if page.status == 401:
            return "unauthorised"
        if page.status == 200 and _is_html(page) and page.account is None and not _announced(page):
            return "no_feed"
        return None

    def account(self, page: Page) -> Account | None:
        if page.status != 200 or (page.account and _is_later(page)):  # "Page 2 of ..." is no new name
            return None
        feed = _feed(page)
        return Account(
            platform=self.name,
            # Later pages of a feed may name themselves, not the feed.
            native_id=page.account.native_id if page.account else feed.native_id or page.target.handle,
            handle=page.target.handle,
            url=feed.link or page.target.handle,
            name=feed.title or None,
            description=feed.description,
            avatar_url=feed.image,
        )

    def items(self, page: Page) -> Sequence[Numbered | Unread]:
        if page.status in (404, 410) and _is_later(page):  # how WordPress says that there are no more
            return ()
        entries = _feed(page).entries
        for entry in entries:
            if isinstance(entry, Entry) and (entry.title or "").startswith(BRIDGE_FAILED):
                raise PageChanged(page.url, f"RSS-Bridge could not read its source: {entry.title}")
        author = self.account(page) or page.account
        assert author is not None
        return _numbered(entries, author)

    def post(self, item: Any, page: Page) -> Post:
        numbered: Numbered | Unread = item
        if isinstance(numbered, Unread):
            raise Truncated(page.url, numbered.what)
        entry = numbered.entry
        root = parse(entry.html) if entry.html else None
        text = entry.text if entry.html is None else "" if root is None else text_of(root)
        images = pictures(root, entry.base)
        edited = entry.published and entry.updated and entry.updated > entry.published
        comments = () if entry.comments is None else (Metric(name="comments", value=entry.comments),)
        return Post(
            platform=self.name,
            native_id=numbered.native_id,
            author=numbered.author,
            kind="reply" if entry.reply else "post",
            url=entry.link,
            published_at=entry.published or entry.updated,
            edited=None if entry.updated is None else bool(edited),
            edited_at=entry.updated if edited else None,
            title=entry.title or None,
            text=text,
            html=entry.html or None,
            languages=(entry.language,) if entry.language else None,
            links=() if root is None else links_of(root, entry.base),
            tags=entry.tags,
            references=(entry.reply,) if entry.reply else None,
            attachments=merged([*entry.attachments, *images]),
            metrics=comments or None,
            signature=entry.author,
        )

    def next(self, page: Page) -> str | None:
        """RFC 5005 and JSON Feed name the next page; WordPress has further ones without saying so."""
        if page.status != 200:
            return None
        feed = _feed(page)
        if feed.next:
            return None if feed.next == page.url else self._via_root(feed.next, page.target)
        parts = urlsplit(page.url)
        # A copy of the feed elsewhere (FeedBurner) would answer every number with the same page.
        own = {urlsplit(url).netloc for url in (feed.link, self.config.base_url) if url}
        if not feed.entries or not WORDPRESS.search(feed.generator) or parts.netloc not in own:
            return None
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "paged"]
        return urlunsplit((*parts[:3], urlencode([*query, ("paged", str(_number(page) + 1))]), ""))


@lru_cache(maxsize=2)  # one page is asked for its account, its entries, its next page
def _read(body: bytes, content_type: str, url: str) -> Feed:
    return feeds.read(body, content_type, url)


def _feed(page: Page) -> Feed:
    try:
        return _read(page.body, page.headers.get("content-type", ""), page.url)
    except ValueError as error:
        raise PageChanged(page.url, str(error)) from None


def _is_html(page: Page) -> bool:
    return bool(HTML.match(encoding.text(page.body[:5000])))


def _announced(page: Page) -> list[tuple[str, str]]:
    """(address, title) of each feed that an HTML page names."""
    try:
        root = parse(page.body)
    except ValueError as error:
        raise PageChanged(page.url, str(error)) from None
    found = []
    for link in () if root is None else root.iter("link"):
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        url = absolute(link.get("href"), page.url)
        if "alternate" in (link.get("rel") or "").lower().split() and kind in TYPES and url:
            found.append((url, link.get("title") or ""))
    return found


def _number(page: Page) -> int:
    paged = parse_qs(urlsplit(page.url).query).get("paged", ["1"])[0]
    return int(paged) if paged.isascii() and paged.isdigit() and len(paged) < 7 else 1


def _is_later(page: Page) -> bool:
    return _number(page) > 1


def _numbered(entries: Sequence[Entry | Unread], author: Account) -> list[Numbered | Unread]:
    # Ids that different entries of the page share identify none of them.
    names = Counter(e.guid or e.link or "" for e in dict.fromkeys(entries) if isinstance(e, Entry))
    doubled = frozenset(name for name, count in names.items() if count > 1)
    return [
        each
        if isinstance(each, Unread)
        else Numbered(native_id=_native_id(each, doubled, author), entry=each, author=author)
        for each in entries
    ]


def _native_id(entry: Entry, doubled: frozenset[str], author: Account) -> str:
    """The same wherever the entry turns up: its own id if that is one for the whole world, else the id within
    this feed, else its address, else what it says."""
    guid = entry.guid if entry.guid not in doubled else None
    if guid and GLOBAL.match(guid):
        return guid
    if guid:
        return f"{author.native_id}#{guid}"
    if entry.link and entry.link not in doubled:
        return entry.link
    said = "\n".join(str(part) for part in (entry.title, entry.published, entry.html, entry.text))
    return f"{author.native_id}#sha256:{hashlib.sha256(said.encode()).hexdigest()}"
