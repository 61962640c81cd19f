"""WordPress sites by their REST API: every public post, with the time of its last change.

Any site may be one, so it is asked for by name: `wordpress:https://news.example`. The site's page says where
the API is (a Link header or a <link>); otherwise `/wp-json/` and `/?rest_route=/` are tried. Where there is
none, or it is closed, the site's feed is read instead (`spiders.wordpress_feed`); whether the API has opened
is asked again every week.

Older posts are asked for by `before` = the date of the last one received, one second later and without those
of that second already seen: page numbers shift when a post is deleted meanwhile, and would leave a hole.
A later crawl asks only for what was published or changed since the newest post that is known
(`modified_after`; WordPress before 5.7 ignores it and answers as to the first crawl). A post that is new and
dated back, as imports do it, is found by `--full` only.
"""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from archiver.errors import PageChanged, PageError, Usage
from archiver.posts import Account, Post, Refusal
from spiders import facts, wordpress_post
from spiders.html import absolute, parse
from spiders.page import Page, Target
from spiders.platform import Mark, Platform
from spiders.wordpress_feed import SiteFeed, is_feed

POSTS = "/wp/v2/posts"
API = "https://api.w.org/"
PAST_THE_END = "rest_post_invalid_page_number"
_NO_FEED = frozenset({401, 403, 404, 410})  # with a page number: the end of the feed
_EMBED = "author,wp:featuredmedia,wp:term"
_MARGIN = timedelta(hours=2)  # summer time, and clocks that are not quite right
_LINK = re.compile(r"""<([^<>]*)>\s*((?:;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+)\s*)*)""")
_MANY = 700  # ids that fit into an address


class WordPress(Platform):
    name = "wordpress"

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        """None: an address alone does not say that its site is a WordPress."""
        return None

    @classmethod
    def handle(cls, handle: str) -> Target:
        written = handle.strip()
        wrong = Usage(f"wordpress: {handle!r} is no site; write wordpress:https://news.example")
        try:
            parts = urlsplit(written if "://" in written else f"https://{written}")
            host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
        except (ValueError, UnicodeError):
            raise wrong from None
        if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\"<>\\^`{|}]", host):
            raise wrong
        if parts.username or parts.password:
            raise Usage("an address with a user name or password in it would be stored; give it without")
        host = f"[{host}]" if ":" in host else host
        if port and port != {"http": 80, "https": 443}[parts.scheme]:
            host += f":{port}"
        path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
        path = re.sub(r"/(wp-json(/.*)?|index\.php|feed/?)?$", "", path).rstrip("/")
        return Target(platform=cls.name, handle=urlunsplit((parts.scheme, host, path, "", "")))

    # -- where ------------------------------------------------------------------------------------

    def root(self, target: Target) -> str:
        return (self.config.base_url or target.handle).rstrip("/")

    def account_url(self, target: Target) -> str:
        return self.root(target) + "/"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        if account is None:
            raise Usage(f"{target}: its API must be found before its posts")
        if account.native_id.startswith("@"):
            return self._feed_of(target)
        asked = {"per_page": str(max(1, min(self.config.page_size or 50, 100))), "_embed": _EMBED}
        if mark and mark.at:
            asked["modified_after"] = (mark.at - _MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        api = self._via_root(account.native_id, target)
        if facts.in_query(api, "rest_route") is not None:
            return facts.with_query(api, {"rest_route": POSTS, **asked})
        return f"{api.rstrip('/')}{POSTS}?{facts.query([*asked.items()])}"

    def _via_root(self, url: str, target: Target) -> str:
        """`url` at the configured server, where there is one and the address is the watched site's."""
        if self.config.base_url and url.startswith(target.handle):
            return self.root(target) + url.removeprefix(target.handle)
        return url

    def _as_watched(self, url: str, target: Target) -> str:
        """The opposite: what is stored does not depend on a configured server."""
        if self.config.base_url and url.startswith(self.root(target)):
            return target.handle + url.removeprefix(self.root(target))
        return url

    def _feed_of(self, target: Target) -> str:
        """In the spelling that every WordPress understands, whatever its addresses look like."""
        return f"{self.root(target)}/?feed=rss2"

    def elsewhere(self, page: Page) -> str | None:
        """From the site's page to its API: as announced, else where it usually is, else to its feed."""
        if is_feed(page.url):
            return None
        if _is_closed(page):
            return self._feed_of(page.target)
        if _is_posts(page.url) or _is_api(page) or facts.in_query(page.url, "rest_route") is not None:
            return None
        if urlsplit(page.url).path.rstrip("/").endswith("/wp-json"):
            return self.root(page.target) + "/?rest_route=/"
        announced = _announced(page)
        url = self._via_root(announced, page.target) if announced else self.root(page.target) + "/wp-json/"
        return None if url == page.url else url

    # -- what a page says -------------------------------------------------------------------------

    def refusal(self, page: Page) -> Refusal | None:
        """None, or PageError: neither the API nor the feed can be had."""
        if is_feed(page.url) and page.status in _NO_FEED and facts.in_query(page.url, "paged") is None:
            what = f"neither an open WordPress API nor a feed at {page.target.handle} (HTTP {page.status})"
            raise PageError(page.url, f"{what}; if it has a feed elsewhere, watch it as feed:ADDRESS")
        return None

    def account(self, page: Page) -> Account | None:
        if is_feed(page.url):
            return SiteFeed(self.config).account(page)
        if _is_posts(page.url):
            return None
        said = facts.answer(page)
        return Account(
            platform=self.name,
            native_id=self._as_watched(page.url, page.target),  # stable as long as its posts' addresses are
            handle=page.target.handle,
            url=facts.first(said.get("home"), said.get("url")) or page.target.handle,
            name=_plain(said.get("name")),
            description=_plain(said.get("description")),
            avatar_url=facts.filled(said.get("site_icon_url")),
        )

    def only_changes(self, page: Page) -> bool:
        """Asked for, and obeyed."""
        if is_feed(page.url):
            return False
        since = (facts.in_query(page.url, "modified_after") or "").removesuffix("Z")
        modified = [str(facts.table(item).get("modified_gmt")) for item in self.items(page)]
        return bool(since) and all(since <= time for time in modified)

    def items(self, page: Page) -> Sequence[Any]:
        if is_feed(page.url):
            return SiteFeed(self.config).items(page)
        said = page.json()
        if isinstance(said, dict) and page.status == 400 and said.get("code") == PAST_THE_END:
            return ()
        if not isinstance(said, list):
            why = facts.first(*(said.get(k) for k in ("message", "code"))) if isinstance(said, dict) else None
            raise PageChanged(page.url, f"expected a list of posts: {why or type(said).__name__}")
        return said

    def post(self, item: Any, page: Page) -> Post:
        return (
            SiteFeed(self.config).post(item, page) if is_feed(page.url) else wordpress_post.post(item, page)
        )

    def next(self, page: Page) -> str | None:
        if is_feed(page.url):
            return SiteFeed(self.config).next(page)
        items = self.items(page)
        left = page.headers.get("x-wp-total", "")
        if not items or (left.isascii() and left.isdigit() and int(left) <= len(items)):
            return None
        edge = _local(items[-1])
        if edge is None:
            raise PageChanged(page.url, "the last post has no date: older ones cannot be asked for")
        before = (edge + timedelta(seconds=1)).isoformat()
        seen = [str(i["id"]) for i in map(facts.table, items) if "id" in i and _local(i) == edge]
        if facts.in_query(page.url, "before") == before:
            seen += (facts.in_query(page.url, "exclude") or "").split(",")
        if len(seen) > _MANY:
            raise PageChanged(page.url, f"more than {_MANY} posts of one second ({edge.isoformat()})")
        return facts.with_query(page.url, {"before": before, "exclude": ",".join(sorted({*seen} - {""}))})


def _is_posts(url: str) -> bool:
    return POSTS in (facts.in_query(url, "rest_route") or urlsplit(url).path)


def _is_api(page: Page) -> bool:
    """Whether the page is the API's description of itself."""
    said = facts.complaint(page) if page.status == 200 else None
    return said is not None and any("wp/v2" in str(n) for n in said.get("namespaces") or ())


def _is_closed(page: Page) -> bool:
    """Whether this was the last place where the API could be, or its posts are not for everybody."""
    said = facts.complaint(page) or {}
    if page.status in (401, 403) and (_is_posts(page.url) or "code" in said):
        return True
    if said.get("code") == "rest_no_route":
        return True
    return (
        facts.in_query(page.url, "rest_route") is not None and not _is_posts(page.url) and not _is_api(page)
    )


def _announced(page: Page) -> str | None:
    for url, parameters in _LINK.findall(page.headers.get("link", "")):
        if API in parameters:
            return absolute(url, page.url)
    if not page.headers.get("content-type", "text/html").startswith("text/html"):
        return None
    try:
        root = parse(page.body)
    except ValueError:
        return None  # nested too deep to be read; the usual places are tried
    links = () if root is None else root.iter("link")
    return next((absolute(link.get("href"), page.url) for link in links if link.get("rel") == API), None)


def _local(item: Mapping[str, Any]) -> datetime | None:
    """The date by the site's own clock, which `before` is compared with."""
    try:
        return datetime.fromisoformat(str(facts.table(item).get("date"))).replace(tzinfo=None)
    except ValueError:
        return None


def _plain(value: Any) -> str | None:
    return html.unescape(value) if isinstance(value, str) else None
