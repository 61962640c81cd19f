"""News feeds: what their addresses, dates and encodings mean. Whole documents are in tests/frozen."""

from datetime import UTC, datetime

import pytest

from archiver.config import PlatformConfig
from archiver.errors import PageChanged, Usage
from archiver.posts import Account, Post
from spiders.feed import NewsFeed
from spiders.feeds.document import when
from spiders.page import Page
from spiders.platform import Reading

WATCHED = "https://news.example/feed/"
RSS = '<?xml version="1.0"{}?><rss version="2.0"><channel><title>خبر</title><link>https://news.example/</link>{}</channel></rss>'


def page(
    body: str | bytes,
    *,
    url: str = WATCHED,
    status: int = 200,
    content_type: str = "application/rss+xml",
    account: Account | None = None,
) -> Page:
    return Page(
        url=url,
        body=body if isinstance(body, bytes) else body.encode(),
        target=NewsFeed.handle(WATCHED),
        status=status,
        headers={"content-type": content_type},
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        account=account,
    )


def item(text: str, more: str = "") -> str:
    return (
        f"<item><guid>https://news.example/{len(text)}</guid><description>{text}</description>{more}</item>"
    )


def rss(*items: str, declared: str = "") -> str:
    return RSS.format(declared, "".join(items))


def read(body: str | bytes, **how: str) -> Reading:
    return NewsFeed().read(page(body, **how))  # type: ignore[arg-type]


def only(body: str | bytes, **how: str) -> Post:
    (post,) = read(body, **how).posts
    return post


# -- who and where ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "handle"),
    [
        ("https://News.Example", "https://news.example/"),
        ("HTTPS://news.example:443/feed/#top", "https://news.example/feed/"),
        ("http://news.example:8080/feed?format=rss", "http://news.example:8080/feed?format=rss"),
        ("https://خبر.example/د-خبر", "https://xn--ngblk.example/%D8%AF-%D8%AE%D8%A8%D8%B1"),
        ("https://[2001:db8::1]/feed", "https://[2001:db8::1]/feed"),
    ],
)
def test_an_address_pasted_in_two_ways_is_one_watch(pasted: str, handle: str) -> None:
    target = NewsFeed.address(pasted)
    assert target is not None
    assert target.handle == handle
    assert NewsFeed.handle(handle) == target


def test_a_handle_may_leave_out_the_scheme_and_an_address_may_not() -> None:
    assert NewsFeed.handle("news.example/feed/").handle == WATCHED
    assert NewsFeed.address("news.example/feed/") is None
    assert NewsFeed.address("@somebody") is None


@pytest.mark.parametrize(
    "wrong", ["", "ftp://news.example/", "https://", "https://[", "https://a b/", "https://x:99999/"]
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(Usage, match="no web address"):
        NewsFeed.handle(wrong)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(Usage) as refused:
        NewsFeed.handle("https://me:hunter2@news.example/feed")
    assert "hunter2" not in str(refused.value)


def test_a_stand_in_server_gets_the_same_path() -> None:
    feed, target = NewsFeed(), NewsFeed.handle("https://news.example/feed/?lang=ps")
    assert feed.first(target, None, None) == "https://news.example/feed/?lang=ps"
    feed.config = PlatformConfig(base_url="http://127.0.0.1:9000/news/")
    assert feed.first(target, None, None) == "http://127.0.0.1:9000/news/feed/?lang=ps"


def test_a_sites_page_leads_to_its_posts_and_not_to_its_comments() -> None:
    link = '<link rel="alternate" type="application/{}" title="{}" href="{}">'
    body = "<!DOCTYPE html><html><head>{}</head></html>"
    comments = link.format("rss+xml", "Comments Feed", "/comments/feed/")
    posts = link.format("atom+xml; charset=utf-8", "Feed", "https://feeds.example/news")
    assert NewsFeed().elsewhere(page(body.format(comments + posts))) == "https://feeds.example/news"
    assert NewsFeed().elsewhere(page(body.format(comments))) == "https://news.example/comments/feed/"
    feed = NewsFeed()
    feed.config = PlatformConfig(base_url="http://127.0.0.1:9000")
    here = link.format("rss+xml", "Feed", "https://news.example/rss")
    assert feed.elsewhere(page(body.format(here))) == "http://127.0.0.1:9000/rss"


def test_a_page_that_announces_itself_leads_nowhere() -> None:
    body = f'<html><head><link rel="alternate" type="application/rss+xml" href="{WATCHED}"></head></html>'
    assert NewsFeed().elsewhere(page(body)) is None
    with pytest.raises(PageChanged):
        read(body)


def test_only_the_first_page_can_be_missing() -> None:
    assert NewsFeed().refusal(page("gone", status=410)) == "not_found"
    later = page("", status=404, url=f"{WATCHED}?paged=7")
    assert NewsFeed().refusal(later) is None
    assert NewsFeed().items(later) == ()
    assert NewsFeed().next(later) is None
    assert NewsFeed().refusal(page("", status=401)) == "unauthorised"


def test_wordpress_has_further_pages_and_others_have_none() -> None:
    generator = "<generator>https://wordpress.org/?v=6.1.9</generator>"
    wordpress = rss(generator, item("متن"))
    assert NewsFeed().next(page(wordpress)) == f"{WATCHED}?paged=2"
    assert NewsFeed().next(page(wordpress, url=f"{WATCHED}?lang=ps&paged=2")) == f"{WATCHED}?lang=ps&paged=3"
    assert NewsFeed().next(page(wordpress, url="https://feeds.example/copy")) is None
    assert NewsFeed().next(page(rss(generator))) is None
    assert NewsFeed().next(page(rss(item("متن")))) is None


# -- dates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Thu, 01 Jan 2026 09:00:00 +0500", "2026-01-01T04:00"),
        ("Thu, 01 Jan 2026 09:00:00 GMT", "2026-01-01T09:00"),
        ("Thu, 01 Jan 2026 09:00:00 EST", "2026-01-01T14:00"),
        ("Thu, 01 Jan 2026 09:00:00 AFT", "2026-01-01T04:30"),
        ("Thu, 01 Jan 2026 09:00:00 +0430 (AFT)", "2026-01-01T04:30"),
        ("1 Jan 26 09:00 PKT", "2026-01-01T04:00"),
        ("Thu, 01 Jan 2026 09:00:00", "2026-01-01T09:00"),
        ("2026-01-01T09:00:00+04:30", "2026-01-01T04:30"),
        ("2026-01-01T09:00:00.123456789Z", "2026-01-01T09:00"),
        ("2026-01-01 09:00:00 +0300", "2026-01-01T06:00"),
        ("2026-01-01", "2026-01-01T00:00"),
        ("\n 2026-01-01T09:00:00Z\t", "2026-01-01T09:00"),
    ],
)
def test_dates_are_utc_whatever_their_zone(written: str, utc: str) -> None:
    date = when(written)
    assert date is not None
    assert date.tzinfo is UTC
    assert date.isoformat().startswith(utc)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "soon",
        "1518478934",
        "Thu, 32 Jan 2026 09:00:00 GMT",
        "2026-01-01T09:00:00+99:00",
        "Thu, 01 Jan 2026 09:00:00 IST",  # India, Ireland or Israel
        "Thu, 01 Jan 2026 09:00:00 AST",  # Arabia or the Atlantic
        "0000-00-00T00:00:00Z",
        "(" * 100_000,
    ],
)
def test_a_date_that_cannot_be_told_is_unknown(written: str | None) -> None:
    assert when(written) is None


def test_only_a_later_date_is_an_edit() -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:x:1</id>{}</entry></feed>'
    published, later = (
        "<published>2026-01-01T00:00:00Z</published>",
        "<updated>2026-01-02T00:00:00Z</updated>",
    )
    post = only(atom.format(published + later))
    assert (post.edited, post.edited_at) == (True, datetime(2026, 1, 2, tzinfo=UTC))
    assert only(atom.format(published + published.replace("published", "updated"))).edited is False
    assert only(atom.format(published)).edited is None
    # Atom requires `updated` only: it is then the date there is.
    assert only(atom.format(later)).published_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert only(atom.format(later)).edited_at is None


# -- encodings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "content_type"),
    [
        ("هذا خبر من بغداد", "cp1256", ' encoding="windows-1256"', ""),
        ("هذا خبر من بغداد اليوم", "cp1256", "", "text/xml"),
        ("новости дня", "cp1251", "", "text/xml; charset=windows-1251"),
        ("déjà vu à l'été", "latin-1", "", "text/xml"),
        ("déjà – vu", "cp1252", ' encoding="ISO-8859-1"', ""),
        ("دا خبر دی", "utf-16", ' encoding="utf-16"', ""),
        ("دا خبر دی", "utf-8", ' encoding="ISO-8859-1"', "text/xml; charset=iso-8859-1"),
        ("دا خبر دی", "utf-8-sig", "", ""),
        ("دا خبر دی", "utf-8", ' encoding="no-such-code"', "text/xml; charset=us-ascii"),
    ],
)
def test_text_survives_its_encoding(text: str, encoding: str, declared: str, content_type: str) -> None:
    body = RSS.replace("خبر", "x").format(declared, item(text)).encode(encoding)
    assert only(body, content_type=content_type).text == text


def test_one_damaged_byte_does_not_turn_a_feed_into_latin_letters() -> None:
    texts = [f"د کابل خبرونه او د هوا حال، شمېره {number}" for number in range(20)]
    body = rss(*map(item, texts)).encode()
    at = body.index("کابل".encode())
    posts = read(body[:at] + b"\xd9" + body[at + 2 :]).posts
    assert posts[1].text == texts[1]
    assert "\ufffd" in (posts[0].text or "")
    assert (posts[0].text or "").endswith("شمېره 0")


# -- texts --------------------------------------------------------------------------------------------


def test_a_pictures_description_never_takes_the_place_of_the_text() -> None:
    media = (
        '<media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://news.example/1.jpg">'
        "<media:description>caption</media:description></media:content>"
        '<itunes:summary xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">other</itunes:summary>'
    )
    post = only(rss(item("اصلي متن", media)))
    assert post.text == "اصلي متن"
    assert [(a.kind, a.alt) for a in post.attachments or ()] == [("image", "caption")]


def test_plain_text_keeps_its_lines_and_signs() -> None:
    assert only(rss(item("یو\nدوه  &lt; درې"))).text == "یو\nدوه  < درې"


def test_no_body_is_unknown_and_an_empty_one_is_empty() -> None:
    assert only(rss("<item><title>x</title></item>")).text is None
    assert only(rss("<item><title>x</title><description/></item>")).text == ""


def test_ids_are_for_the_whole_world() -> None:
    bare = '<item><guid isPermaLink="false">7</guid><link>https://news.example/7</link></item>'
    assert only(rss(bare)).native_id == f"{WATCHED}#7"
    assert (
        only(rss("<item><guid>tag:news.example,2026:7</guid></item>")).native_id == "tag:news.example,2026:7"
    )
    assert only(rss("<item><link>https://news.example/7</link></item>")).native_id == "https://news.example/7"
    unnamed = only(rss("<item><title>یو</title></item>")).native_id
    assert unnamed == only(rss("<item><title>یو</title></item>")).native_id
    assert unnamed != only(rss("<item><title>دوه</title></item>")).native_id


def test_the_same_entry_on_a_later_page_is_the_same_post() -> None:
    known = Account(platform="feed", native_id="https://news.example/self", handle=WATCHED)
    bare = '<item><guid isPermaLink="false">7</guid></item>'
    (post,) = NewsFeed().read(page(rss(bare), account=known, url=f"{WATCHED}?paged=2")).posts
    assert post.native_id == "https://news.example/self#7"


# -- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>maintenance</body></html>",
        "{}",
        '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 100_000,
        "<rss",
        "<rss/>",
        "<urlset/>",
        rss("<item><description>" + "<div>" * 200_000),
        "<rss><channel>" + "<item>" * 100_000,
        '<rss><channel><title>"broken',
    ],
    ids=["empty", "html", "json", "deep json", "stub", "no channel", "sitemap", "deep", "deep items", "cut"],
)
def test_what_is_no_feed_is_a_changed_page(body: str) -> None:
    with pytest.raises(PageChanged):
        read(body)


def test_a_cut_off_feed_gives_its_complete_posts_and_says_that_it_is_cut_off() -> None:
    whole = rss(item("one"), item("second"), item("the third"))
    for end in range(whole.index("</item>") + 7, whole.index("</channel>")):
        reading = read(whole[:end])
        complete = whole[:end].count("</item>")
        assert [post.text for post in reading.posts] == ["one", "second", "the third"][:complete]
        assert [problem.what for problem in reading.problems] == [
            f"the feed is cut off after {complete} posts"
        ]


def test_a_broken_post_is_named_and_costs_no_other() -> None:
    broken = "<item><guid>https://news.example/b</guid><description>never closed</item>"
    reading = read(rss(item("one"), broken, item("second")))
    assert [post.text for post in reading.posts] == ["one", "second"]
    assert [problem.what for problem in reading.problems] == ["post 2 of the feed is no XML"]
    assert reading.served == 3


def test_markup_that_nobody_escaped_is_read() -> None:
    assert only(rss(item("one<br>two &nbsp;& <b>three</i>"))).text == "one\ntwo \u00a0& three"


def test_a_forgotten_prefix_is_declared() -> None:
    body = "<item><content:encoded>&lt;p&gt;متن&lt;/p&gt;</content:encoded><wfw:x>y</wfw:x></item>"
    assert only(rss(body)).text == "متن"


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hosts">]>'
    post = only(bomb + "<rss><channel><item><title>&b;&f;</title></item></channel></rss>")
    assert post.title == "&b;&f;"


def test_hostile_texts_cost_only_themselves() -> None:
    deep = item("&lt;div&gt;" * 200_000)
    reading = read(rss(deep, item("ok")))
    assert [post.text for post in reading.posts] == ["ok"]
    assert "nested too deep" in reading.problems[0].what
    assert only(rss(item("متن " * 25_000))).text == ("متن " * 25_000).strip()
    assert only(rss(item("one\0two"))).text == "one\ufffdtwo"


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><item>" + "<![CDATA[" * 200_000,
        "<rss><channel><item><br>" + "<title>" * 100 + "<item " * 200_000,
        "<rss>" + "<channel " * 200_000 + "<item><b></item>",
        "<!-- -->" * 2_000 + "x",
        rss(item("x", "<author>" + "@" * 200_000 + "</author>")),
        rss("<item><br>" + "&" * 300_000 + "</item>"),
    ],
    ids=["cdata", "tags", "channels", "comments", "authors", "ampersands"],
)
def test_no_text_keeps_the_reader_busy(body: str) -> None:
    began = datetime.now(UTC)
    try:
        read(body)
    except PageChanged as error:
        assert error.url == WATCHED
    assert (datetime.now(UTC) - began).total_seconds() < 5
