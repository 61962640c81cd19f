"""Nitter: an instance is named, its message is believed, X's ids are kept; the frozen pages say the rest."""

from datetime import UTC, datetime

import pytest

import spiders
from archiver.errors import PageChanged, Usage
from archiver.posts import Account
from spiders.nitter import Nitter
from spiders.nitter_item import media_key
from spiders.page import Page

TIMELINE = "https://nitter.example/name/with_replies"
TWEET = (
    '<div class="timeline-item"><a class="tweet-link" href="/name/status/7#m"></a>'
    '<div class="tweet-content">{}</div></div>'
)


def page(
    body: str, url: str = TIMELINE, status: int = 200, known: Account | None = None, **headers: str
) -> Page:
    return Page(
        url=url,
        body=body.encode(),
        target=Nitter.handle("name@nitter.example"),
        status=status,
        headers=headers,
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
        account=known,
    )


@pytest.mark.parametrize(
    "written", ["name@nitter.example", "@name@Nitter.example", "https://nitter.example/name/status/7"]
)
def test_an_account_is_named_with_its_instance(written: str) -> None:
    assert str(spiders.identify(f"nitter:{written}")) == "nitter:name@nitter.example"


@pytest.mark.parametrize(
    "written", ["name", "@name", "", "name with space@h.example", "name_longer_than_15@h.example"]
)
def test_without_an_instance_it_is_a_usage_error(written: str) -> None:
    with pytest.raises(Usage, match="instance"):
        Nitter.handle(written)


def test_an_instances_address_alone_is_not_claimed() -> None:
    assert spiders.identify("https://nitter.example/name").platform == "feed"


def test_a_message_of_the_instance_is_believed_only_where_it_is_final() -> None:
    panel = '<div class="error-panel"><span>{}</span></div>'
    refusal = Nitter().refusal
    assert refusal(page(panel.format('User "name" has been suspended'))) == "suspended"
    assert refusal(page(panel.format('User "name" not found'), status=404)) == "not_found"
    limited = page(panel.format("Instance has been rate limited"))
    assert Nitter().elsewhere(limited) is None and refusal(limited) is None
    with pytest.raises(PageChanged, match="rate limited"):
        Nitter().items(limited)


def test_a_page_that_is_no_feed_either_is_a_changed_page() -> None:
    with pytest.raises(PageChanged, match="neither its pages nor its RSS"):
        Nitter().read(page("<html><body>Checking your browser</body></html>", url=TIMELINE + "/rss"))


def test_an_empty_timeline_is_no_post_and_no_next_page() -> None:
    empty = '<div class="timeline"><h2 class="timeline-none">No items found</h2></div>'
    reading = Nitter().read(page(empty))
    assert (reading.posts, reading.served, reading.next) == ((), 0, None)


def test_line_breaks_of_a_text_stay_and_what_is_known_of_the_account_stays() -> None:
    known = Account(platform="nitter", native_id="700", handle="name@nitter.example")
    lines = "لومړۍ کرښه\n\nدویمه کرښه"
    body = f'<div class="timeline">{TWEET.format(lines)}</div>'
    [post] = Nitter().read(page(body, known=known)).posts
    assert (post.native_id, post.text, post.author) == ("7", lines, known)


def test_the_rss_goes_on_from_its_header_and_ends_where_it_repeats_itself() -> None:
    item = "<item><title>x</title><link>https://nitter.example/name/status/7#m</link></item>"
    body = f'<rss version="2.0"><channel><title>x / @name</title>{item}</channel></rss>'
    first = page(body, url=TIMELINE + "/rss", **{"min-id": "ABC"})
    assert Nitter().next(first) == TIMELINE + "/rss?cursor=ABC"
    again = page(body, url=TIMELINE + "/rss?cursor=ABC", **{"min-id": "ABC"})
    assert Nitter().next(again) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/pic/media%2FAbc.jpg%3Fname%3Dorig",
        "https://b.example/pic/orig/media%2FAbc.jpg",
        "/pic/media%2FAbc.jpg%3Asmall",
    ],
)
def test_a_picture_has_one_key_on_every_instance(url: str) -> None:
    assert media_key(url) == "media/Abc.jpg"
