"""WordPress: the API is found or the feed is named; nothing is missed when posts change while being read."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

import spiders
from archiver import config
from archiver.errors import Exit, PageChanged, PageError, Usage
from archiver.jobs.crawl import crawl
from archiver.posts import Account
from archiver.store import tables, watches
from archiver.store.database import Database
from spiders.cursor import Cursor, Seen
from spiders.page import Page
from spiders.platform import Mark
from spiders.wordpress import WordPress

SITE = "https://news.example"
API = f"{SITE}/wp-json/"
POSTS = f"{API}wp/v2/posts?per_page=3"
KNOWN = Account(platform="wordpress", native_id=API, handle=SITE)
ROOT = {
    "name": "کابل &amp; لاهور",
    "description": "خبرونه",
    "home": SITE,
    "namespaces": ["oembed/1.0", "wp/v2"],
}


def page(body: Any, url: str = POSTS, status: int = 200, **headers: str) -> Page:
    return Page(
        url=url,
        body=body.encode() if isinstance(body, str) else json.dumps(body).encode(),
        target=WordPress.handle(SITE),
        status=status,
        headers={"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}},
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
        account=KNOWN,
    )


def entry(number: int, at: datetime, text: str = "متن", **more: Any) -> dict[str, Any]:
    """As a site in Kabul sends it: its own time, and UTC that does not say so."""
    local = at + timedelta(hours=4, minutes=30)
    return {
        "id": number,
        "date": local.replace(tzinfo=None).isoformat(),
        "date_gmt": at.replace(tzinfo=None).isoformat(),
        "modified_gmt": more.pop("modified", at).replace(tzinfo=None).isoformat(),
        "link": f"{SITE}/?p={number}",
        "title": {"rendered": f"خبر &#8211; {number}"},
        "content": {"rendered": f"<p>{text}</p>", "protected": False},
        **more,
    }


NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)


# -- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["https://news.example", "news.example/", "https://NEWS.example/wp-json/", "https://news.example/feed/"],
)
def test_a_site_is_one_watch_however_it_is_written(written: str) -> None:
    assert str(spiders.identify(f"wordpress:{written}")) == f"wordpress:{SITE}"


@pytest.mark.parametrize(
    "written", ["", "https://", "ftp://h.example", "https://a b.example", "https://u:p@h.example"]
)
def test_what_is_no_site_is_a_usage_error(written: str) -> None:
    with pytest.raises(Usage):
        WordPress.handle(written)


def test_an_address_alone_is_not_taken_for_a_wordpress() -> None:
    assert spiders.identify(SITE).platform == "feed"


# -- where ----------------------------------------------------------------------------------------


def test_the_api_is_where_the_site_says_else_in_the_usual_places() -> None:
    found = WordPress().elsewhere
    html = "<html><head><link rel='https://api.w.org/' href='/blog/wp-json/'></head></html>"
    link = f'<{SITE}/x?p=1,2>; rel=shortlink, <{SITE}/api/>; rel="https://api.w.org/"'
    site = {"url": SITE + "/", "content_type": "text/html"}
    assert found(page("<html></html>", **site, link=link)) == f"{SITE}/api/"
    assert found(page(html, **site)) == f"{SITE}/blog/wp-json/"
    assert found(page("<html></html>", **site)) == API
    assert found(page("", **site)) == API
    assert (
        found(page("<html>404</html>", url=API, status=404, content_type="text/html"))
        == f"{SITE}/?rest_route=/"
    )
    assert found(page(ROOT, url=API)) is None


@pytest.mark.parametrize(
    "answer",
    [
        page("<html></html>", url=f"{SITE}/?rest_route=/"),
        page({"code": "rest_no_route"}, url=f"{SITE}/?rest_route=/", status=404),
        page({"code": "rest_login_required", "message": "Log in"}, url=API, status=401),
        page("<html>denied</html>", status=403),
    ],
)
def test_a_site_without_an_open_api_is_read_by_its_feed(answer: Page) -> None:
    assert WordPress().elsewhere(answer) == f"{SITE}/?feed=rss2"


def test_a_site_with_neither_says_so() -> None:
    with pytest.raises(PageError, match="neither an open WordPress API nor a feed"):
        WordPress().refusal(page("<html></html>", url=f"{SITE}/?feed=rss2", status=404))
    assert WordPress().refusal(page("", url=f"{SITE}/?feed=rss2&paged=9", status=404)) is None


def test_the_account_is_the_site() -> None:
    assert WordPress().refusal(page(ROOT, url=API)) is None
    account = WordPress().account(page(ROOT, url=API))
    assert account is not None
    assert (account.native_id, account.url, account.name) == (API, SITE, "کابل & لاهور")


def test_a_later_crawl_asks_for_what_was_published_or_changed_since() -> None:
    reader, target = WordPress(), WordPress.handle(SITE)
    assert "modified_after" not in reader.first(target, KNOWN, None)
    asked = reader.first(target, KNOWN, Mark(ids=("1",), at=NOON))
    assert parse_qs(urlsplit(asked).query)["modified_after"] == ["2026-03-21T10:00:00Z"]
    plain = Account(platform="wordpress", native_id=f"{SITE}/?rest_route=/", handle=SITE)
    assert parse_qs(urlsplit(reader.first(target, plain, None)).query)["rest_route"] == ["/wp/v2/posts"]


# -- what a page says -----------------------------------------------------------------------------


def test_utc_is_taken_and_a_change_is_an_edit() -> None:
    [post] = WordPress().read(page([entry(7, NOON, modified=NOON + timedelta(days=1))])).posts
    assert (post.native_id, post.published_at, post.title) == ("7@news.example", NOON, "خبر – 7")
    assert (post.edited, post.edited_at, post.text) == (True, NOON + timedelta(days=1), "متن")


def test_a_protected_post_is_said_to_be_and_its_text_is_unknown() -> None:
    hidden = entry(7, NOON) | {"content": {"rendered": "", "protected": True}}
    [post] = WordPress().read(page([hidden])).posts
    assert (post.withheld, post.text, post.html, post.attachments) == (True, None, None, None)
    [empty] = (
        WordPress().read(page([entry(8, NOON) | {"content": {"rendered": "", "protected": False}}])).posts
    )
    assert (empty.withheld, empty.text, empty.attachments) == (False, "", ())


def test_the_picture_the_terms_and_the_author_come_from_what_is_embedded() -> None:
    embedded = {
        "author": [{"name": "پښتو څانګه"}],
        "wp:term": [[{"name": "خبرونه &amp; راپورونه"}], [{"name": "کابل"}]],
        "wp:featuredmedia": [
            {
                "source_url": "/up/kabul.jpg",
                "alt_text": "د کابل یو کوڅه",
                "mime_type": "image/jpeg",
                "media_details": {"width": 9, "height": 5},
            }
        ],
    }
    [post] = WordPress().read(page([entry(7, NOON, _embedded=embedded)])).posts
    assert post.signature == "پښتو څانګه"
    assert post.tags == ("خبرونه & راپورونه", "کابل")
    assert post.attachments is not None
    [picture] = post.attachments
    assert (picture.url, picture.alt, picture.width) == (f"{SITE}/up/kabul.jpg", "د کابل یو کوڅه", 9)
    forbidden = {"wp:featuredmedia": [{"code": "rest_forbidden", "data": {"status": 401}}]}
    [post] = WordPress().read(page([entry(8, NOON, _embedded=forbidden, featured_media=4)])).posts
    assert post.attachments is not None
    assert [(a.key, a.available) for a in post.attachments] == [("media:4", False)]


def test_posts_of_one_second_are_passed_without_losing_or_repeating_one() -> None:
    second = [entry(number, NOON) for number in (9, 8, 7)]
    one = WordPress().next(page(second, x_wp_total="8"))
    assert one is not None
    asked = parse_qs(urlsplit(one).query)
    assert (asked["before"], asked["exclude"]) == (["2026-03-21T16:30:01"], ["7,8,9"])
    two = WordPress().next(page([entry(6, NOON), entry(5, NOON)], url=one, x_wp_total="5"))
    assert parse_qs(urlsplit(str(two)).query)["exclude"] == ["5,6,7,8,9"]
    older = [entry(4, NOON - timedelta(hours=1))]
    assert parse_qs(urlsplit(str(WordPress().next(page(older, url=str(two))))).query)["exclude"] == ["4"]
    assert WordPress().next(page(older, url=str(two), x_wp_total="1")) is None
    assert WordPress().next(page([])) is None


@pytest.mark.parametrize("body", [{"code": "x", "message": "Broken"}, "<html></html>", 7])
def test_what_is_no_list_of_posts_is_a_changed_page(body: Any) -> None:
    with pytest.raises(PageChanged):
        WordPress().items(page(body))


# -- a crawl --------------------------------------------------------------------------------------


class Site(ThreadingHTTPServer):
    """A small WordPress. `before_answer` may change its posts before each answer to a list."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.posts: dict[int, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.deleted_at_request: dict[int, int] = {}
        self.closed = False  # only its feed is for everybody

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def listed(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        since = asked.get("modified_after", "").removesuffix("Z")
        left_out = asked.get("exclude", "").split(",")
        chosen = [
            p
            for p in self.posts.values()
            if p["date"] < asked.get("before", "9")
            and p["modified_gmt"] > since
            and str(p["id"]) not in left_out
        ]
        return sorted(chosen, key=lambda p: (p["date"], p["id"]), reverse=True)


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16
    server: Site

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if "feed=rss2" in parts.query:
            self.feed(int(parse_qs(parts.query).get("paged", ["1"])[0]))
        elif parts.path == "/":
            self.answer(
                b"<html></html>", kind="text/html", Link=f'<{SITE}/wp-json/>; rel="https://api.w.org/"'
            )
        elif parts.path == "/wp-json/":
            self.answer(json.dumps(ROOT).encode())
        elif parts.path == "/wp-json/wp/v2/posts":
            if self.server.closed:
                self.answer(b'{"code": "rest_forbidden"}', status=401)
                return
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.server.asked.append(asked)
            self.server.posts.pop(self.server.deleted_at_request.get(len(self.server.asked), -1), None)
            found = self.server.listed(asked)
            shown = found[: int(asked["per_page"])]
            self.answer(json.dumps(shown).encode(), **{"X-WP-Total": str(len(found))})
        else:
            self.answer(b"", status=404, kind="text/plain")

    def feed(self, number: int) -> None:
        """Ten entries a page; past the last one WordPress answers 404."""
        shown = self.server.listed({})[(number - 1) * 10 : number * 10]
        entries = "".join(
            f"<item><title>{p['title']['rendered']}</title><link>{p['link']}</link>"
            f"<guid isPermaLink='false'>{SITE}/?p={p['id']}</guid>"
            f"<pubDate>{datetime.fromisoformat(p['date_gmt']):%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
            f"<content:encoded><![CDATA[{p['content']['rendered']}]]></content:encoded></item>"
            for p in shown
        )
        text = (
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>کابل</title><link>{SITE}</link><generator>https://wordpress.org/?v=6.7</generator>"
            f"{entries}</channel></rss>"
        )
        self.answer(text.encode(), status=200 if shown else 404, kind="application/rss+xml")

    def answer(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_site_is_archived_whole_though_posts_are_deleted_and_changed_meanwhile(
    site: Site, tmp_path: Path
) -> None:
    # Three posts a second; 40 is deleted before the second page is asked for.
    site.posts = {n: entry(n, NOON + timedelta(minutes=n - n % 3)) for n in range(1, 43)}
    site.deleted_at_request[2] = 40
    (tmp_path / "archiver.toml").write_text(
        f"[platforms.wordpress]\nbase_url = '{site.url}'\npage_size = 10\n"
    )
    settings = config.load(tmp_path)
    database = Database.create(settings.database_url)
    with database.write() as connection:
        watches.add(connection, platform="wordpress", handle=SITE, at=datetime.now(UTC))

    def stored() -> set[str]:
        with database.read() as connection:
            return set(connection.scalars(select(tables.post.c.native_id)))

    first = crawl(settings)
    assert first.exit is Exit.OK, first.outcomes
    assert stored() == {f"{n}@news.example" for n in range(1, 43)}
    assert len(site.asked) == 5

    site.posts[5] = entry(5, NOON + timedelta(minutes=3), "سم شوی متن", modified=NOON + timedelta(days=2))
    site.posts[43] = entry(43, NOON + timedelta(days=1))
    site.asked.clear()
    second = crawl(settings)
    [outcome] = second.outcomes
    assert second.exit is Exit.OK
    assert (outcome.new, outcome.revised) == (1, 1)
    assert len(site.asked) >= 1 and all("modified_after" in asked for asked in site.asked)
    with database.read() as connection:
        revisions = connection.scalar(select(func.count()).select_from(tables.revision))
    database.close()
    assert revisions == 44


def test_a_site_whose_api_is_closed_is_read_by_its_feed_under_the_same_ids(
    site: Site, tmp_path: Path
) -> None:
    site.posts = {n: entry(n, NOON + timedelta(minutes=n)) for n in range(1, 26)}
    site.closed = True
    (tmp_path / "archiver.toml").write_text(f"[platforms.wordpress]\nbase_url = '{site.url}'\n")
    settings = config.load(tmp_path)
    database = Database.create(settings.database_url)
    with database.write() as connection:
        watches.add(connection, platform="wordpress", handle=SITE, at=datetime.now(UTC))
    first = crawl(settings)
    assert first.exit is Exit.OK, first.outcomes
    with database.read() as connection:
        stored = set(connection.scalars(select(tables.post.c.native_id)))
    assert stored == {f"{n}@news.example" for n in range(1, 26)}

    site.closed = False  # the API opens: the same posts, none twice, none falsely revised
    again = crawl(settings, full=True)
    [outcome] = again.outcomes
    database.close()
    assert again.exit is Exit.OK
    assert (outcome.new, outcome.revised) == (0, 0)
    assert site.asked


def test_known_posts_end_a_walk_unless_the_site_lists_changes_only() -> None:
    changed = f"{POSTS}&modified_after=2026-03-21T10:00:00Z"
    old = entry(3, NOON - timedelta(days=9), modified=NOON)
    untouched = entry(2, NOON - timedelta(days=9))
    only_changes = WordPress().only_changes
    assert only_changes(page([old], url=changed))
    assert not only_changes(page([old, untouched], url=changed))  # before 5.7 the parameter is ignored
    assert not only_changes(page([old]))
    now = NOON + timedelta(days=1)
    seen = Seen.of([("3", NOON - timedelta(days=9))], "https://next.example", now)
    known = Cursor(done=Mark(ids=("3", "2"), at=NOON))
    assert not known.opened(seen).walks
    walking = known.opened(seen, bounded=True)
    assert Cursor.loads(walking.dumps()) == walking and walking.walks[0].bounded
    end = Seen.of([("2", NOON - timedelta(days=9))], None, now)
    assert not walking.advanced(end).walks and walking.advanced(end).done is not None
