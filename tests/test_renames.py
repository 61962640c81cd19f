"""Accounts that take another name, and names that other accounts take over: one identity, no post doubled."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archiver import cli
from archiver.posts import Account, Attachment, Capture, Harvest, Known, Post
from archiver.store import queries, tables, watches, writes
from archiver.store.database import Database
from spiders.bluesky import Bluesky
from spiders.mastodon import Mastodon
from spiders.page import Page, Target
from spiders.telegram import Telegram
from spiders.visit import Ask, Visit
from spiders.x import X

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def preview(name: str, channel: int, numbers: range) -> bytes:
    """A page of t.me/s/NAME, with a picture in every message."""

    def message(n: int) -> str:
        view = base64.urlsafe_b64encode(json.dumps({"c": -channel, "p": n}).encode()).decode().rstrip("=")
        return (
            f'<div class="tgme_widget_message" data-post="{name}/{n}" data-view="{view}">'
            f'<a class="tgme_widget_message_photo_wrap" href="https://t.me/{name}/{n}"'
            f" style=\"background-image:url('https://cdn.example/{n}.jpg')\"></a>"
            f'<div class="tgme_widget_message_text">خبر {n}</div>'
            f'<a class="tgme_widget_message_date" href="https://t.me/{name}/{n}">'
            f'<time datetime="{(NOON - timedelta(hours=99 - n)).isoformat()}"></time></a></div>'
        )

    return f'<section class="tgme_channel_history">{"".join(map(message, numbers))}</section>'.encode()


class Channel:
    """An archive of Telegram channels, fed with their pages."""

    def __init__(self, database: Database) -> None:
        self.database, self.pages = database, 0

    def crawl(self, watched: str, body: bytes) -> writes.Stored:
        self.pages += 1
        reader, target = Telegram(), Target(platform="telegram", handle=watched)
        seen = NOON + timedelta(minutes=self.pages)
        page = Page(url=f"https://t.me/s/{watched}", body=body, target=target, fetched_at=seen)
        reading = reader.read(page)
        harvest = Harvest(
            platform="telegram",
            handle=watched,
            capture=Capture(
                url=page.url,
                fetched_at=seen,
                status=200,
                sha256=f"{self.pages:064x}",
                size=1,
                warc="a.warc.gz",
                offset=self.pages,
                length=1,
            ),
            cursor="{}",
            account=reading.account,
            posts=reading.posts,
            served=reading.served,
        )
        with self.database.write() as connection:
            watches.add(connection, platform="telegram", handle=watched, at=NOON)
            return writes.store_harvest(connection, harvest)

    def posts(self) -> dict[str, tuple[str, str]]:
        """Native id: the account's number and the post's address."""
        post, account = tables.post.c, tables.account.c
        query = select(post.native_id, account.native_id.label("owner"), post.url)
        with self.database.read() as connection:
            rows = connection.execute(query.join(tables.account, account.id == post.account_id))
            return {row.native_id: (row.owner, row.url) for row in rows}


@pytest.fixture
def channel(database: Database) -> Channel:
    return Channel(database)


def test_a_renamed_channel_is_one_account_and_its_posts_are_not_doubled(channel: Channel) -> None:
    assert channel.crawl("old_name", preview("old_name", 77, range(1, 6))).new == 5
    stored = channel.crawl("new_name", preview("new_name", 77, range(3, 8)))
    assert (stored.new, stored.revised, stored.unchanged) == (2, 0, 3)
    posts = channel.posts()
    assert sorted(posts) == [*(f"new_name/{n}" for n in (6, 7)), *(f"old_name/{n}" for n in range(1, 6))]
    assert {owner for owner, _ in posts.values()} == {"-77"}
    assert posts["old_name/3"][1] == "https://t.me/new_name/3", "its address of today"
    again = channel.crawl("new_name", preview("new_name", 77, range(3, 8)))
    assert (again.new, again.revised) == (0, 0)


def test_a_channel_that_takes_a_name_over_alters_no_post_of_the_one_before(channel: Channel) -> None:
    channel.crawl("kabul", preview("kabul", 77, range(1, 4)))
    body = preview("kabul", 88, range(1, 5)).replace("خبر".encode(), "بل څوک".encode())
    assert channel.crawl("kabul", body).new == 4
    posts = channel.posts()
    assert {i for i, (owner, _) in posts.items() if owner == "-77"} == {f"kabul/{n}" for n in (1, 2, 3)}
    assert {i for i, (owner, _) in posts.items() if owner == "-88"} == {
        "-88/1",
        "-88/2",
        "-88/3",
        "kabul/4",
    }
    assert channel.crawl("kabul", body).unchanged == 4
    with channel.database.read() as connection:
        assert queries.show(connection, "telegram:kabul/1").revisions[0].text == "خبر 1"
        assert queries.show(connection, "telegram:-88/1").revisions[0].text == "بل څوک 1"


def test_there_and_back_again(channel: Channel) -> None:
    for name in ("old_name", "new_name", "old_name"):
        channel.crawl(name, preview(name, 77, range(1, 4)))
    assert sorted(channel.posts()) == ["old_name/1", "old_name/2", "old_name/3"]


def test_a_post_of_a_renamed_channel_is_found_by_either_name(channel: Channel) -> None:
    channel.crawl("old_name", preview("old_name", 77, range(1, 4)))
    channel.crawl("new_name", preview("new_name", 77, range(1, 4)))
    with channel.database.read() as connection:
        found = {
            queries.post_id(connection, named)
            for named in ("telegram:old_name/2", "telegram:new_name/2", "https://t.me/new_name/2")
        }
    assert len(found) == 1


def test_a_renamed_post_keeps_its_attachments_keys() -> None:
    author = Account(platform="telegram", native_id="-77", handle="new")
    post = Post(
        platform="telegram",
        native_id="new/5",
        author=author,
        label="new",
        group_ids=("new/6",),
        attachments=(Attachment(kind="image", key="new/5"), Attachment(kind="image", key="new/6#2")),
    )
    renamed = post.under("old")
    assert (renamed.native_id, renamed.group_ids) == ("old/5", ("old/6",))
    assert [each.key for each in renamed.attachments or ()] == ["old/5", "old/6#2"]


@pytest.mark.parametrize(
    ("platform", "target", "native_id", "asked"),
    [
        (Bluesky(), "old.example", "did:plc:" + "a" * 24, "actor=did%3Aplc%3Aaaaa"),
        (X(), "old", "77", "/2/users/77?"),
        (Mastodon(), "old@host.example", "9@host.example", "/api/v1/accounts/9"),
    ],
)
def test_an_account_that_is_known_is_asked_for_by_its_id(
    platform: Any, target: str, native_id: str, asked: str
) -> None:
    named = platform.handle(target)
    known = Account(platform=platform.name, native_id=native_id, handle=target)
    assert asked in platform.account_url(named, known)
    assert asked not in platform.account_url(named)


def test_a_channels_missing_posts_are_asked_for_by_its_name_of_today() -> None:
    target = Target(platform="telegram", handle="new")
    page = Page(url="https://t.me/s/new", body=b"", target=target, fetched_at=NOON)
    [single] = Telegram().singles(page, ["old/12"])
    assert "/new/12?" in single.url and single.native_ids == ("old/12",)


def test_posts_of_the_one_who_had_the_name_before_are_not_asked_for() -> None:
    """They are on no page of the new channel, which says nothing about them."""
    target = Target(platform="telegram", handle="kabul")
    visit = Visit(
        target=target,
        window=timedelta(days=14),
        known=[
            Known(native_id=f"kabul/{n}", published_at=NOON, last_seen_at=NOON - timedelta(days=2))
            for n in (98, 99)
        ],
    )
    visit.cursor = visit.cursor.loads(
        json.dumps(
            {
                "v": 1,
                "done": None,
                "walks": [],
                "account": {"id": "-77", "handle": "kabul", "url": None, "at": NOON.isoformat()},
            }
        )
    )
    reader = Telegram()
    ask = visit.begin(reader, NOON)
    assert isinstance(ask, Ask)
    page = Page(url=ask.url, body=preview("kabul", 88, range(1, 3)), target=target, fetched_at=NOON)
    capture = Capture(
        url=ask.url, fetched_at=NOON, status=200, sha256="", size=1, warc="w", offset=0, length=1
    )
    steps = visit.read(reader, page, capture, ask)
    assert [type(step).__name__ for step in steps] == ["Harvest"]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "archiver.toml").touch()
    made = Database.create(f"sqlite:///{tmp_path / 'archive.db'}")
    yield made
    made.close()


def test_status_says_where_a_mastodon_account_has_moved(
    archive: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, target = Mastodon(), Mastodon.handle("old@host.example")
    there = {"id": "1", "acct": "new@other.example", "username": "new", "url": "https://other.example/@new"}
    account = {"id": "9", "acct": "old", "username": "old", "url": "https://host.example/@old"}
    visit = Visit(target=target)
    ask = visit.begin(reader, NOON)
    assert isinstance(ask, Ask)
    body = json.dumps({**account, "moved": there}).encode()
    page = Page(url=ask.url, body=body, target=target, fetched_at=NOON)
    capture = Capture(
        url=ask.url, fetched_at=NOON, status=200, sha256="0" * 64, size=1, warc="w", offset=0, length=1
    )
    harvest, older = visit.read(reader, page, capture, ask)
    assert isinstance(harvest, Harvest) and isinstance(older, Ask), "its old posts are still read"
    with archive.write() as connection:
        watches.add(connection, platform="mastodon", handle=target.handle, at=NOON)
        writes.store_harvest(connection, harvest)
    assert cli.run(["--archive", str(tmp_path), "status"]) == 0
    assert "has moved: archiver watch add mastodon:new@other.example" in capsys.readouterr().err
