"""Telegram's public preview: its addresses and its history. Whole pages are in tests/frozen."""

from datetime import UTC, datetime

import pytest

from archiver.config import PlatformConfig
from archiver.errors import PageChanged, Usage
from archiver.posts import Account
from spiders.page import Page
from spiders.telegram import Telegram
from spiders.telegram_message import count

MESSAGE = """<div class="tgme_widget_message_wrap">
<div class="tgme_widget_message" data-post="herat_news/{id}">
<div class="tgme_widget_message_text">{text}</div>
<a class="tgme_widget_message_date" href="https://t.me/herat_news/{id}"><time datetime="{time}"></time></a>
</div></div>"""
MORE = '<a href="/s/herat_news?before={0}" class="tme_messages_more" data-before="{0}"></a>'
KNOWN = Account(platform="telegram", native_id="-1700000123", handle="herat_news")


HEADER = '<section class="tgme_channel_history"></section>'
NOTHING = '<div class="tme_no_messages_found">No posts found</div>'


def page(
    *parts: str,
    url: str = "https://t.me/s/herat_news",
    account: Account | None = None,
    after_empty: bool = False,
) -> Page:
    return Page(
        url=url,
        body="\n".join(parts).encode(),
        target=Telegram.handle("herat_news"),
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        account=account,
        after_empty=after_empty,
    )


def before(number: int) -> str:
    return f"https://t.me/s/herat_news?before={number}"


def message(number: int, text: str = "سلام", time: str = "2026-01-01T10:00:00+04:30") -> str:
    return MESSAGE.format(id=number, text=text, time=time)


@pytest.mark.parametrize(
    "pasted",
    [
        "https://t.me/Herat_News",
        "https://t.me/s/herat_news",
        "http://t.me/s/herat_news?before=100",
        "https://telegram.me/herat_news/",
        "https://www.t.me/herat_news/17?single",
        "https://t.me/s/herat_news/17",
        "t.me/herat_news",
        " https://t.me/herat_news#top ",
    ],
)
def test_an_address_names_one_channel_however_it_is_written(pasted: str) -> None:
    target = Telegram.address(pasted)
    assert target is not None
    assert str(target) == "telegram:herat_news"


@pytest.mark.parametrize(
    "pasted",
    ["@herat_news", "herat_news", "https://example.org/t.me/x", "https://nott.me/herat_news", "http://[", ""],
)
def test_other_addresses_are_somebody_elses(pasted: str) -> None:
    assert Telegram.address(pasted) is None


def test_a_bare_name_is_one_only_as_a_handle() -> None:
    assert Telegram.handle("@Herat_News").handle == "herat_news"
    for wrong in ("", "abc", "1herat", "herat news", "هرات", "a" * 33, "herat-news"):
        with pytest.raises(Usage, match="4 to 32 letters"):
            Telegram.handle(wrong)


@pytest.mark.parametrize("path", ["+AbCdEf123", "joinchat/AAAAAE", "c/1591537674/12", "s/+AbCdEf"])
def test_invitations_and_private_channels_are_refused_with_the_reason(path: str) -> None:
    with pytest.raises(Usage, match="private channel or group; only public ones"):
        Telegram.address(f"https://t.me/{path}")


@pytest.mark.parametrize(
    "path", ["", "s", "addstickers/Animals", "share/url?url=x", "proxy?server=x", "میدان"]
)
def test_addresses_that_are_no_channel_say_what_one_looks_like(path: str) -> None:
    with pytest.raises(Usage, match="names no channel"):
        Telegram.address(f"https://t.me/{path}")


def test_the_newest_page_is_asked_for_in_english_and_where_configured() -> None:
    telegram, target = Telegram(), Telegram.handle("herat_news")
    assert telegram.first(target, None, None) == "https://t.me/s/herat_news"
    assert telegram.headers(target)["Accept-Language"] == "en"
    telegram.config = PlatformConfig(base_url="http://127.0.0.1:8000/")
    assert telegram.first(target, None, None) == "http://127.0.0.1:8000/s/herat_news"


def test_older_posts_are_where_the_page_says() -> None:
    older = Telegram().next(page(MORE.format(90), message(95), message(99)))
    assert older == "https://t.me/s/herat_news?before=90"
    link = '<link rel="prev" href="/s/herat_news?before=91">'
    assert Telegram().next(page(link, message(95))) == "https://t.me/s/herat_news?before=91"


def test_a_missing_link_in_mid_history_is_no_end() -> None:
    older = Telegram().next(page(message(95), message(99), url="https://t.me/s/herat_news?before=100"))
    assert older == "https://t.me/s/herat_news?before=95"


def test_a_link_that_does_not_go_back_is_not_followed() -> None:
    here = "https://t.me/s/herat_news?before=90"
    assert Telegram().next(page(MORE.format(90), message(80), url=here)) == (
        "https://t.me/s/herat_news?before=80"
    )
    with pytest.raises(PageChanged, match="nothing older"):
        Telegram().next(page(message(95), url=here))


def test_the_first_message_is_the_end() -> None:
    assert Telegram().next(page(message(1), message(3))) is None


@pytest.mark.parametrize("empty", [NOTHING, HEADER])
def test_an_empty_page_is_believed_only_when_the_post_just_above_it_stands_alone(empty: str) -> None:
    """t.me answers with such pages past the end, and also in mid-history when it is tired."""
    telegram = Telegram()
    nothing = page(empty, url=before(5), account=KNOWN)
    assert telegram.items(nothing) == []
    assert telegram.next(nothing) == before(6)
    assert telegram.next(page(message(5), url=before(6), after_empty=True)) is None
    more = page(message(3), message(5), url=before(6), after_empty=True)
    assert telegram.next(more) == before(3)
    still = page(empty, url=before(6), account=KNOWN, after_empty=True)
    with pytest.raises(PageChanged, match="no posts, though 5 was there"):
        telegram.read(still)


def test_an_empty_page_that_names_an_older_one_is_followed() -> None:
    nothing = page(NOTHING, MORE.format(40), url=before(60), after_empty=True)
    assert Telegram().next(nothing) == before(40)


def test_a_channel_without_posts_is_believed_unless_some_are_known() -> None:
    telegram = Telegram()
    assert telegram.read(page(NOTHING, HEADER)).posts == ()
    assert telegram.next(page(NOTHING, HEADER)) is None
    with pytest.raises(PageChanged, match="shows no posts, though the channel had some"):
        telegram.read(page(NOTHING, HEADER, account=KNOWN))


def test_what_a_page_does_not_say_of_its_channel_stays_as_known() -> None:
    account = Telegram().account(page(message(95), account=KNOWN))
    assert account is not None
    assert account.native_id == "-1700000123"
    assert account.metrics is account.verified is account.description is None
    unknown = Telegram().account(page(message(95)))
    assert unknown is not None
    assert unknown.native_id == "@herat_news"


def test_times_are_utc() -> None:
    (post,) = Telegram().read(page(message(95))).posts
    assert post.published_at == datetime(2026, 1, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("time", ["yesterday", "", "2026-01-01T10:00:00", "2026-13-01T10:00:00+00:00"])
def test_a_message_without_a_readable_time_is_a_problem_and_hides_no_other(time: str) -> None:
    reading = Telegram().read(page(message(95, time=time), message(96)))
    assert [post.native_id for post in reading.posts] == ["herat_news/96"]
    assert reading.served == 2
    assert "herat_news/95" in reading.problems[0].what


@pytest.mark.parametrize(
    ("shown", "value", "granularity"),
    [
        ("2", 2, 1),
        ("1.3K", 1300, 100),
        ("10K", 10_000, 1000),
        ("3.1M", 3_100_000, 100_000),
        ("1 234 567", 1_234_567, 1),
        ("0", 0, 1),
    ],
)
def test_a_rounded_count_says_how_rounded(shown: str, value: int, granularity: int) -> None:
    metric = count("views", shown)
    assert metric is not None
    assert (metric.value, metric.granularity) == (value, granularity)


@pytest.mark.parametrize("shown", ["", "many", "1.5", "-3"])
def test_what_is_no_count_is_unknown_and_not_nought(shown: str) -> None:
    assert count("views", shown) is None


@pytest.mark.parametrize(
    "body",
    ["", "  \n", "<html><body>Sign in</body></html>", "{}", "<div>" * 200_000, "\0\xff", "no markup at all"],
    ids=["empty", "blank", "html", "json", "nested", "binary", "text"],
)
def test_a_page_that_is_no_preview_is_a_changed_page(body: str) -> None:
    with pytest.raises(PageChanged):
        telegram = Telegram()
        if telegram.refusal(page(body)) is None:
            telegram.read(page(body))


def test_a_page_of_somebody_else_is_not_taken_for_a_closed_channel() -> None:
    portal = page("<html><body>Log in to the Wi-Fi</body></html>", url="https://portal.example/herat_news")
    assert Telegram().refusal(portal) is None


def test_long_and_hostile_texts_are_kept_whole() -> None:
    long = "متن " * 25_000
    (post,) = Telegram().read(page(message(95, long))).posts
    assert post.text == long.strip()
    (post,) = Telegram().read(page(message(95, "one\0two\u202e"))).posts
    assert post.text == "one\ufffdtwo\u202e"
    (post,) = Telegram().read(page(message(95, "<b>" * 1900 + "deep"))).posts
    assert post.text == "deep"


def test_bytes_that_are_not_utf8_cost_only_themselves() -> None:
    broken = page(message(95, "سلام نړۍ"))
    body = broken.body.replace("نړۍ".encode(), "نړۍ".encode()[:-1])
    (post,) = (
        Telegram()
        .read(Page(url=broken.url, body=body, target=broken.target, fetched_at=broken.fetched_at))
        .posts
    )
    assert post.text == "سلام نړ\ufffd"


def test_two_posts_with_the_same_trouble_are_two_problems_wherever_they_stand() -> None:
    timeless = message(95, time="")
    one = Telegram().read(page(message(94), timeless, timeless))
    other = Telegram().read(page(timeless, timeless, message(94), message(96)))
    assert len({problem.what for problem in one.problems}) == 2
    assert one.problems == other.problems
