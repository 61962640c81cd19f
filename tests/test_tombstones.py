"""What becomes of posts that are not listed any more: asked for by themselves, gone only on good evidence."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from archiver import cli, config
from archiver.errors import Exit
from archiver.jobs.crawl import Outcome, crawl
from archiver.store import tables, watches
from archiver.store.database import Database

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
WATCHED = {
    "bluesky": f"{DID}",
    "mastodon": "herat@social.example",
    "telegram": "herat",
    "x": "herat",
    "wordpress": "https://herat.example",
    "nitter": "herat@nitter.example",
}
NATIVE = {
    "bluesky": f"at://{DID}/app.bsky.feed.post/%05d",
    "mastodon": "%d@social.example",
    "telegram": "herat/%d",
    "x": "%d",
    "wordpress": "%d@herat.example",
    "nitter": "%d",
}
HTML, JSON = "text/html; charset=utf-8", "application/json"
Answer = tuple[int, str, str]


def as_json(said: Any, status: int = 200) -> Answer:
    return status, JSON, json.dumps(said)


@dataclass
class World:
    """Posts 1 ... 30 of one account on six platforms, one every twelve hours, the newest an hour old.

    `singles` replaces the answer about a single post, `lists` that about the account's list.
    """

    said: dict[int, str] = field(default_factory=lambda: {n: f"خبر {n}" for n in range(1, 31)})
    singles: Callable[[int], Answer] | None = None
    lists: Callable[[], Answer] | None = None
    who: Callable[[], Answer] | None = None
    asked: list[str] = field(default_factory=list)

    @staticmethod
    def at(number: int) -> datetime:
        return NOW - timedelta(hours=1) - timedelta(hours=12) * (30 - number)

    def page(self, below: int, size: int = 5) -> list[int]:
        return sorted((n for n in self.said if n < below), reverse=True)[:size]

    def answer(self, url: str) -> Answer:
        parts = urlsplit(url)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        platform, _, path = parts.path.lstrip("/").partition("/")
        if platform != "robots.txt":
            self.asked.append(url)
        reader = getattr(self, platform, None)
        return reader(unquote(path), query, parse_qs(parts.query)) if reader else (404, HTML, "")

    def single(self, number: int, there: Callable[[int], Answer], missing: Answer) -> Answer:
        if self.singles:
            return self.singles(number)
        return there(number) if number in self.said else missing

    # -- the platforms --------------------------------------------------------------------------------

    def bluesky(self, path: str, query: dict[str, str], every: dict[str, list[str]]) -> Answer:
        def view(n: int) -> dict[str, Any]:
            return {
                "uri": NATIVE["bluesky"] % n,
                "cid": f"c{n}",
                "author": {"did": DID, "handle": "herat.example"},
                "record": {"text": self.said[n], "createdAt": self.at(n).isoformat()},
                "indexedAt": self.at(n).isoformat(),
            }

        method = path.removeprefix("xrpc/")
        if method.endswith("getProfile"):
            if self.who:
                return self.who()
            return as_json({"did": DID, "handle": "herat.example"})
        if method.endswith("getPosts"):
            if self.singles:
                return self.singles(0)
            numbers = [int(uri[-5:]) for uri in every["uris"]]
            return as_json({"posts": [view(n) for n in numbers if n in self.said]})
        if self.lists:
            return self.lists()
        ids = self.page(int(query.get("cursor", "999")))
        more = {"cursor": str(ids[-1])} if ids and ids[-1] > min(self.said) else {}
        return as_json({"feed": [{"post": view(n)} for n in ids], **more})

    def mastodon(self, path: str, query: dict[str, str], every: dict[str, list[str]]) -> Answer:
        account = {"id": "7", "acct": "herat", "username": "herat", "url": "https://social.example/@herat"}

        def status(n: int) -> dict[str, Any]:
            at = self.at(n).isoformat()
            said = f"<p>{self.said[n]}</p>"
            return {
                "id": str(n),
                "created_at": at,
                "content": said,
                "account": account,
                "visibility": "public",
            }

        if path.startswith("api/v1/statuses/"):
            number = int(path.rpartition("/")[2])
            return self.single(
                number, lambda n: as_json(status(n)), as_json({"error": "Record not found"}, 404)
            )
        if not path.endswith("/statuses"):
            return self.who() if self.who else as_json(account)
        if self.lists:
            return self.lists()
        return as_json([status(n) for n in self.page(int(query.get("max_id", "999")))])

    def telegram(self, path: str, query: dict[str, str], every: dict[str, list[str]]) -> Answer:
        def message(n: int) -> str:
            return (
                f'<div class="tgme_widget_message" data-post="herat/{n}">'
                f'<div class="tgme_widget_message_text">{escape(self.said[n])}</div>'
                f'<a class="tgme_widget_message_date" href="https://t.me/herat/{n}">'
                f'<time datetime="{self.at(n).isoformat()}"></time></a></div>'
            )

        if not path.startswith("s/"):
            missing = (200, HTML, '<div class="tgme_widget_message_error">Post not found</div>')
            number = int(path.rpartition("/")[2])
            return self.single(number, lambda n: (200, HTML, message(n)), missing)
        if self.lists:
            return self.lists()
        ids = self.page(int(query.get("before", "999")))[::-1]
        more = f'<a class="tme_messages_more" data-before="{ids[0]}"></a>' if ids and ids[0] > 1 else ""
        shown = "".join(map(message, ids)) or '<div class="tme_no_messages_found">No posts found</div>'
        return 200, HTML, f'<section class="tgme_channel_history">{more}{shown}</section>'

    def x(self, path: str, query: dict[str, str], every: dict[str, list[str]]) -> Answer:
        def post(n: int) -> dict[str, Any]:
            return {
                "id": str(n),
                "text": self.said[n],
                "author_id": "7",
                "created_at": self.at(n).isoformat(),
            }

        user = {"id": "7", "username": "herat", "name": "Herat"}
        includes = {"users": [user]}
        if path == "2/tweets":
            if self.singles:
                return self.singles(0)
            numbers = [int(n) for n in query["ids"].split(",")]
            errors = [
                {"title": "Not Found Error", "resource_type": "tweet", "parameter": "ids", "value": str(n)}
                for n in numbers
                if n not in self.said
            ]
            data = [post(n) for n in numbers if n in self.said]
            return as_json({"data": data, "includes": includes, "errors": errors})
        if not path.endswith("/tweets"):
            return self.who() if self.who else as_json({"data": user})
        if self.lists:
            return self.lists()
        since = int(query.get("since_id", "0"))
        ids = [n for n in self.page(int(query.get("pagination_token", "999"))) if n > since]
        meta: dict[str, Any] = {"result_count": len(ids)}
        if ids and ids[-1] > max(since + 1, min(self.said)):
            meta["next_token"] = str(ids[-1])
        return as_json(
            {"data": [post(n) for n in ids], "includes": includes, "meta": meta} if ids else {"meta": meta}
        )

    def wordpress(self, path: str, query: dict[str, str], every: dict[str, list[str]]) -> Answer:
        def post(n: int) -> dict[str, Any]:
            at = self.at(n).replace(tzinfo=None).isoformat()
            said = {"rendered": f"<p>{self.said[n]}</p>"}
            return {
                "id": n,
                "date": at,
                "date_gmt": at,
                "modified_gmt": at,
                "link": f"https://herat.example/{n}",
                "title": {"rendered": f"{n}"},
                "content": said,
                "status": "publish",
                "type": "post",
            }

        if path.startswith("feed") or "feed" in query:
            entries = "".join(
                f"<item><title>{n}</title><link>https://herat.example/{n}</link>"
                f'<guid isPermaLink="false">https://herat.example/?p={n}</guid>'
                f"<pubDate>{format_datetime(self.at(n))}</pubDate>"
                f"<description>{self.said[n]}</description></item>"
                for n in self.page(999)
            )
            head = "<title>Herat</title><link>https://herat.example</link>"
            body = f'<rss version="2.0"><channel>{head}{entries}</channel></rss>'
            return 200, "application/rss+xml", body
        if not path:
            return 200, HTML, "<html><body>A blog</body></html>"
        if path == "wp-json/":
            return as_json({"name": "Herat", "home": "https://herat.example", "namespaces": ["wp/v2"]})
        number = path.removeprefix("wp-json/wp/v2/posts").strip("/")
        if number:
            gone = {"code": "rest_post_invalid_id", "message": "Invalid post ID."}
            return self.single(int(number), lambda n: as_json(post(n)), as_json(gone, 404))
        if self.lists:
            return self.lists()
        before = query.get("before", "9999")
        changed = query.get("modified_after", "").removesuffix("Z")
        left = set(query.get("exclude", "").split(","))
        times = {n: self.at(n).replace(tzinfo=None).isoformat() for n in self.said}
        ids = [n for n, at in times.items() if at < before and at >= changed and str(n) not in left]
        return as_json([post(n) for n in sorted(ids, reverse=True)[:5]])

    def nitter(self, path: str, query: dict[str, str], every: dict[str, list[str]]) -> Answer:
        def item(n: int) -> str:
            date = f"{self.at(n):%b %d, %Y · %I:%M %p UTC}"
            return (
                '<div class="timeline-item" data-username="herat">'
                f'<a class="tweet-link" href="/herat/status/{n}#m"></a>'
                f'<span class="tweet-date"><a title="{date}"></a></span>'
                f'<div class="tweet-content media-body">{self.said[n]}</div></div>'
            )

        if "/status/" in path:
            missing = (404, HTML, '<div class="error-panel"><span>Tweet not found</span></div>')
            number = int(path.rpartition("/")[2])
            return self.single(number, lambda n: (200, HTML, item(n)), missing)
        if self.lists:
            return self.lists()
        ids = self.page(int(query.get("cursor", "999")))
        last = not ids or ids[-1] == min(self.said)
        more = "" if last else f'<div class="show-more"><a href="?cursor={ids[-1]}">Load more</a></div>'
        return 200, HTML, f'<div class="timeline">{"".join(map(item, ids))}{more}</div>'


class Server(ThreadingHTTPServer):
    daemon_threads = True
    world: World


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16
    server: Server

    def do_GET(self) -> None:
        status, kind, body = self.server.world.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: Any) -> None: ...


class Archive:
    """An archive that watches the account on one platform; its crawls happen so many days after NOW."""

    def __init__(self, folder: Path, world: World, url: str, platform: str, settings: str = "") -> None:
        self.folder, self.world, self.platform = folder, world, platform
        token = "token_env = 'A_TOKEN'\n" if platform == "x" else ""
        self.settings = (
            f"[platforms.{platform}]\nbase_url = '{url}/{platform}'\ndelay = 0\npage_size = 5\n{token}"
        )
        self.configure(settings)
        self.database = Database.create(self.config.database_url)
        with self.database.write() as connection:
            watches.add(connection, platform=platform, handle=WATCHED[platform], at=NOW)

    def configure(self, settings: str) -> None:
        path = self.folder / "archiver.toml"
        path.write_text(f"[crawl]\nretries = 1\nmax_wait = 0.1\n{settings}\n{self.settings}")
        self.config = config.load(self.folder)

    def crawl(self, days: float = 0, **options: Any) -> Outcome:
        self.world.asked.clear()
        at = NOW + timedelta(days=days)
        [outcome] = crawl(self.config, clock=lambda: at, **options).outcomes
        return outcome

    def states(self) -> dict[str, str]:
        """The posts that are not live, by their numbers."""
        post = tables.post.c
        with self.database.read() as connection:
            rows = connection.execute(select(post.native_id, post.state).where(post.state != "live"))
            return {row.native_id: row.state for row in rows}

    def seen(self, number: int) -> list[tuple[str, int, str]]:
        """What was observed of a post: state, the capture's status and address."""
        post, seen, capture = tables.post.c, tables.observation.c, tables.capture.c
        query = (
            select(seen.state, capture.status, capture.url)
            .join(tables.post, post.id == seen.post_id)
            .join(tables.capture, capture.id == seen.capture_id)
            .where(post.native_id == NATIVE[self.platform] % number)
            .order_by(seen.at, seen.id)
        )
        with self.database.read() as connection:
            return [(row.state, row.status, row.url) for row in connection.execute(query)]

    def texts(self, number: int) -> list[str]:
        post, revision = tables.post.c, tables.revision.c
        query = select(revision.text).join(tables.post, post.id == revision.post_id)
        named = post.native_id == NATIVE[self.platform] % number
        with self.database.read() as connection:
            return list(connection.scalars(query.where(named).order_by(revision.seq)))

    @property
    def single_requests(self) -> list[str]:
        marks = ("getPosts", "/v1/statuses/", "embed=1", "/2/tweets?", "/v2/posts/", "/status/")
        return [url for url in self.world.asked if any(mark in url for mark in marks)]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Archive]]:
    monkeypatch.setenv("A_TOKEN", "made-up")
    server = Server(("127.0.0.1", 0), Visitor)
    server.world = world
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made: list[Archive] = []

    def archive(platform: str, settings: str = "") -> Archive:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        made.append(Archive(tmp_path, world, url, platform, settings))
        return made[-1]

    yield archive
    for each in made:
        each.database.close()
    server.shutdown()
    server.server_close()


Make = Callable[..., Archive]
each_platform = pytest.mark.parametrize("platform", WATCHED)


@each_platform
def test_a_post_is_gone_when_its_address_shows_nothing_on_two_days(
    make: Make, world: World, platform: str
) -> None:
    archive = make(platform)
    assert archive.crawl().new == 30
    native_id = NATIVE[platform] % 28
    world.said.pop(28)
    assert archive.crawl(days=1).gone == 0
    assert archive.states() == {native_id: "missing"}
    archive.crawl(days=1.2, revisit=True)  # later on the same day
    assert archive.states() == {native_id: "missing"}
    assert archive.crawl(days=2.1).gone == 1
    assert archive.states() == {native_id: "gone"}
    states, _, urls = zip(*archive.seen(28), strict=True)
    assert states == ("live", "missing", "gone")
    assert urls[1] == urls[2] != urls[0], "the tombstone leads to the single post's address"
    assert archive.texts(28) == ["خبر 28"], "nothing is erased"
    archive.crawl(days=3)
    assert not archive.single_requests, "what is gone is not asked for any more"


@pytest.mark.parametrize(("platform", "soon"), [("telegram", 1), ("x", 1), ("wordpress", 2)])
def test_an_edit_within_the_window_is_a_revision_and_a_crawl_soon_after_asks_little(
    make: Make, world: World, platform: str, soon: int
) -> None:
    archive = make(platform, 'revisit = "10d"')
    archive.crawl()
    archive.crawl(days=0.1)
    assert len(world.asked) <= soon
    world.said[13] = "سم شوی خبر"  # eight and a half days old
    world.said[4] = "ډېر زوړ"  # thirteen days old
    assert archive.crawl(days=1).revised == 1
    assert archive.texts(13) == ["خبر 13", "سم شوی خبر"]
    assert archive.texts(4) == ["خبر 4"], "older than the window"
    assert 4 <= len(world.asked) <= 7
    archive.crawl(days=1.5)
    assert len(world.asked) <= soon, "not again within twenty hours"
    archive.crawl(days=1.5, revisit=True)
    assert len(world.asked) > 3


@pytest.mark.parametrize("platform", ["bluesky", "nitter"])
def test_a_post_that_comes_back_is_live_again_and_that_is_observed(
    make: Make, world: World, platform: str
) -> None:
    archive = make(platform)
    archive.crawl()
    text = world.said.pop(28)
    archive.crawl(days=1)
    world.said[28] = text
    archive.crawl(days=2)
    assert archive.states() == {}
    assert [state for state, _, _ in archive.seen(28)] == ["live", "missing", "live"]
    world.said.pop(28)
    archive.crawl(days=3)
    assert archive.states() == {NATIVE[platform] % 28: "missing"}, "it has two days again"


NO_ANSWERS: dict[str, Answer] = {
    "an error page with status 200": (200, HTML, "<html><body><h1>Something went wrong</h1></body></html>"),
    "a login wall": (403, HTML, "<html><body>Please log in</body></html>"),
    "an error page with status 404": (404, HTML, "<html><body>nginx</body></html>"),
    "nothing": (200, JSON, "{}"),
}


@each_platform
def test_what_is_no_answer_about_the_post_is_no_sign_that_it_is_gone(
    make: Make, world: World, platform: str
) -> None:
    archive = make(platform)
    archive.crawl()
    world.said.pop(28)
    for day, answer in enumerate(NO_ANSWERS.values(), 1):
        world.singles = lambda number, answer=answer: answer  # type: ignore[misc]
        archive.crawl(days=day)
        assert archive.single_requests and archive.states() == {}


REFUSALS: dict[str, Answer] = {
    "bluesky": as_json({"error": "AccountTakedown", "message": "Account has been taken down"}, 400),
    "mastodon": as_json({"error": "Gone"}, 410),
    "telegram": (200, HTML, '<div class="tgme_page"><a>View in Telegram</a></div>'),
    "x": as_json(
        {"errors": [{"title": "Forbidden", "detail": "User has been suspended", "parameter": "id"}]}
    ),
    "nitter": (200, HTML, '<div class="error-panel"><span>User "herat" has been suspended</span></div>'),
}


@pytest.mark.parametrize("platform", REFUSALS)
def test_posts_of_an_account_that_is_refused_are_not_gone(make: Make, world: World, platform: str) -> None:
    archive = make(platform)
    archive.crawl()
    world.said.clear()
    world.lists = lambda: REFUSALS[platform]
    for day in (1, 2):
        outcome = archive.crawl(days=day)
        assert outcome.refusal or outcome.error
        assert not archive.single_requests
    assert archive.states() == {}
    assert len(archive.seen(28)) == 1


@pytest.mark.parametrize(
    ("platform", "who", "said"),
    [
        (
            "mastodon",
            {"id": "7", "acct": "herat", "username": "herat", "suspended": True},
            "suspended",
        ),
        ("x", {"data": {"id": "7", "username": "herat", "protected": True}}, "protected"),
        ("bluesky", {"error": "AccountDeactivated", "message": "Account is deactivated"}, "suspended"),
    ],
)
def test_an_account_whose_posts_are_all_not_found_is_asked_for_its_standing_first(
    make: Make, world: World, platform: str, who: dict[str, Any], said: str
) -> None:
    """Mastodon lists nothing of a suspended account and answers 404 for each of its posts."""
    archive = make(platform)
    archive.crawl()
    lists = {"mastodon": [], "x": {"meta": {"result_count": 0}}, "bluesky": {"feed": []}}
    world.lists = lambda: as_json(lists[platform])
    world.said.clear()
    world.who = lambda: as_json(who, 400 if "error" in who else 200)
    for day in (1, 2):
        assert archive.crawl(days=day).refusal == said
        assert not archive.single_requests
    assert archive.states() == {}


@pytest.mark.parametrize(
    ("platform", "answer", "state"),
    [
        ("mastodon", as_json({"error": "Gone"}, 410), "gone"),
        ("mastodon", as_json({"error": "This method requires an authenticated user"}, 401), "withheld"),
        (
            "x",
            as_json({"errors": [{"title": "Authorization Error", "parameter": "ids", "value": "28"}]}),
            "withheld",
        ),
        ("nitter", (200, HTML, '<div class="error-panel">User has been suspended</div>'), "withheld"),
        ("wordpress", as_json({"code": "rest_forbidden"}, 401), "missing"),
    ],
)
def test_what_a_platform_says_of_a_post_is_noted_with_its_capture(
    make: Make, world: World, platform: str, answer: Answer, state: str
) -> None:
    archive = make(platform)
    archive.crawl()
    world.said.pop(28)
    world.singles = lambda number: answer
    archive.crawl(days=1)
    assert archive.states() == {NATIVE[platform] % 28: state}
    assert archive.seen(28)[-1][:2] == (state, answer[0])


def test_a_site_that_closes_its_api_takes_no_post_away(make: Make, world: World) -> None:
    """Its feed shows the newest posts only, and its API refuses all of them alike."""
    archive = make("wordpress")
    archive.crawl()
    closed = as_json({"code": "rest_forbidden", "message": "closed"}, 401)
    world.lists = lambda: closed
    world.singles = lambda number: closed
    for day in (1, 2):
        assert archive.crawl(days=day).error is None
        assert any("feed" in url for url in world.asked)
    assert archive.states() == {}


def test_a_post_that_was_only_left_out_of_the_list_stays_live(make: Make, world: World) -> None:
    archive = make("bluesky")
    archive.crawl()
    hidden = world.page(999, 30)
    hidden.remove(28)
    world.page = lambda below, size=5: [n for n in hidden if n < below][:size]  # type: ignore[method-assign]
    world.said[28] = "بل ډول"
    archive.crawl(days=1)
    assert archive.states() == {}
    assert archive.texts(28) == ["خبر 28", "بل ډول"], "its own address tells what it says now"


def test_posts_that_bear_another_account_id_than_the_look_up_are_asked_for_too(
    make: Make, world: World
) -> None:
    archive = make("mastodon")
    world.who = lambda: as_json({"id": "8", "acct": "herat", "username": "herat"})
    archive.crawl()
    world.said.pop(28)
    for day in (1, 2):
        archive.crawl(days=day)
    assert archive.states() == {NATIVE["mastodon"] % 28: "gone"}


def test_a_revisit_that_was_cut_short_goes_on_and_asks_then(make: Make, world: World) -> None:
    archive = make("mastodon")
    archive.crawl()
    world.said.pop(8)
    archive.crawl(days=1, max_posts=6)
    assert not archive.single_requests
    assert archive.crawl(days=1.1).error is None
    assert len(archive.single_requests) == 1
    assert archive.states() == {NATIVE["mastodon"] % 8: "missing"}


@pytest.mark.parametrize("settings", ['revisit = "0"', 'revisit = "0d"'])
def test_a_revisit_can_be_switched_off(make: Make, world: World, settings: str) -> None:
    archive = make("mastodon", settings)
    archive.crawl()
    world.said.pop(28)
    archive.crawl(days=5)
    assert len(world.asked) == 1 and archive.states() == {}
    archive.crawl(days=5, revisit=True)
    assert archive.states() == {NATIVE["mastodon"] % 28: "missing"}, "asked for, it happens"


def test_a_watch_has_a_window_of_its_own(make: Make, world: World, capsys: Any) -> None:
    archive = make("mastodon")
    archive.crawl()
    named = ["--archive", str(archive.folder), "watch", "add", "mastodon:herat@social.example"]
    assert cli.run([*named, "--revisit", "a while"]) == 2
    assert "6h, 1d" in capsys.readouterr().err
    assert cli.run([*named, "--revisit", "36h"]) == 0
    world.said.pop(20)
    archive.crawl(days=1)
    assert len(world.asked) == 1 and archive.states() == {}


def test_a_wrong_span_in_archiver_toml_is_named(make: Make) -> None:
    with pytest.raises(config.BadConfig, match=r"crawl\.revisit.*'soon' is no span of time"):
        make("mastodon", 'revisit = "soon"')


def test_status_and_show_tell_what_is_missing_and_gone(make: Make, world: World, capsysbinary: Any) -> None:
    archive = make("telegram")

    def told(*words: str) -> str:
        cli.run(["--archive", str(archive.folder), *words])
        said = capsysbinary.readouterr()
        return (said.out + said.err).decode()

    archive.crawl()
    [row] = map(json.loads, told("status", "--json").splitlines())
    assert (row["missing"], row["gone"], row["back_fill"]["complete"]) == (0, 0, True)
    assert row["revisited"] == NOW.isoformat().replace("+00:00", "Z")
    world.said.pop(28)
    archive.crawl(days=1)
    assert json.loads(told("status", "--json"))["missing"] == 1
    assert "1 post was not there when last asked for" in told("status")
    archive.crawl(days=2)
    row = json.loads(told("status", "--json"))
    assert (row["stored"], row["missing"], row["gone"], row["owed"]) == (30, 0, 1, 0)
    assert row["ids"] == {
        "first": 1,
        "newest": 30,
        "album": 0,
        "service": 0,
        "deleted": 1,
        "not_fetched": 0,
    }
    shown = told("show", "telegram:herat/28")
    assert "GONE" in shown and "embed=1" in shown


def test_a_tombstone_does_not_count_as_owed(make: Make, world: World) -> None:
    archive = make("mastodon")
    archive.crawl()
    world.said.pop(28)
    archive.crawl(days=1)
    at = NOW + timedelta(days=2)
    result = crawl(archive.config, clock=lambda: at)
    assert result.exit is Exit.OK
