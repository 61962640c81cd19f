"""Mastodon's API and its relatives: what an address names, what is asked, what a status says."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.config import PlatformConfig
from archiver.errors import PageChanged, PageError, Usage
from archiver.posts import Account, Metric
from spiders.mastodon import Mastodon
from spiders.page import Page, Target

HERE = Target(platform="mastodon", handle="kabul@social.example")
ROOT = "https://social.example"
STATUSES = f"{ROOT}/api/v1/accounts/11/statuses?limit=40"
LOOKUP = f"{ROOT}/api/v1/accounts/lookup?acct=kabul"
KABUL = {"id": "11", "username": "kabul", "acct": "kabul", "display_name": "کابل", "url": f"{ROOT}/@kabul"}
LAHORE = {"id": "12", "username": "lahore", "acct": "lahore@other.example", "display_name": "لاہور"}


def page(body: Any, url: str = STATUSES, status: int = 200, target: Target = HERE) -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Page(url=url, body=raw, status=status, target=target, fetched_at=at)


def status(**fields: Any) -> dict[str, Any]:
    return {
        "id": "101",
        "created_at": "2026-11-05T20:37:00.500+04:30",
        "content": "<p>سلام</p>",
        "url": f"{ROOT}/@kabul/101",
        "account": KABUL,
        "in_reply_to_id": None,
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
    } | fields


def read(**fields: Any) -> Any:
    reading = Mastodon().read(page([status(**fields)]))
    assert reading.problems == ()
    return reading.posts[0]


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "handle"),
    [
        ("https://mastodon.social/@kabul", "kabul@mastodon.social"),
        ("https://Mastodon.Social/@kabul/", "kabul@mastodon.social"),
        ("https://mastodon.social/@kabul/113?x=1#y", "kabul@mastodon.social"),
        ("https://mastodon.social/web/@kabul", "kabul@mastodon.social"),
        ("https://mastodon.social/users/kabul", "kabul@mastodon.social"),
        ("https://mastodon.social/users/kabul/statuses/113", "kabul@mastodon.social"),
        ("http://127.0.0.1:3300/@urdu_akhbar", "urdu_akhbar@127.0.0.1:3300"),
        ("@kabul@mastodon.social", "kabul@mastodon.social"),
        ("kabul@mastodon.social", "kabul@mastodon.social"),
        (" k.b-l_1@xn--mgbh0fb.example ", "k.b-l_1@xn--mgbh0fb.example"),
        ("@kabul@مثال.example", "kabul@xn--mgbh0fb.example"),
    ],
)
def test_an_address_names_the_account(pasted: str, handle: str) -> None:
    assert Mastodon.address(pasted) == Target(platform="mastodon", handle=handle)


def test_another_servers_view_of_an_account_names_the_account_on_its_own_server() -> None:
    assert Mastodon.address("https://mastodon.social/@kabul@social.example") == HERE


@pytest.mark.parametrize(
    "pasted",
    [
        "https://t.me/@kabul",
        "https://x.com/@kabul",
        "https://www.youtube.com/@kabul",
        "https://www.tiktok.com/@kabul/video/1",
        "https://medium.com/@kabul",
        "https://bsky.app/profile/kabul.bsky.social",
        "https://mastodon.social/about",
        "https://mastodon.social/",
        "ftp://mastodon.social/@kabul",
        "@kabul",
        "kabul",
        "https://[/@kabul",
        "",
    ],
)
def test_other_addresses_are_not_claimed(pasted: str) -> None:
    assert Mastodon.address(pasted) is None


def test_a_handle_without_a_server_is_a_usage_error_that_says_how() -> None:
    with pytest.raises(Usage, match="write name@host"):
        Mastodon.handle("kabul")


# -- requests -------------------------------------------------------------------------------------


def test_the_accounts_own_server_is_asked_and_ids_stay_opaque() -> None:
    account = Account(platform="mastodon", native_id="a1/b?@social.example", handle=HERE.handle)
    assert Mastodon().account_url(HERE) == LOOKUP
    assert Mastodon().first(HERE, account, None) == f"{ROOT}/api/v1/accounts/a1%2Fb%3F/statuses?limit=40"


def test_base_url_stands_in_for_every_server_and_ids_keep_the_watched_host() -> None:
    mastodon = Mastodon()
    mastodon.config = PlatformConfig(base_url="http://127.0.0.1:9/", page_size=7)
    lookup = page(KABUL, url=mastodon.account_url(HERE))
    assert lookup.url == "http://127.0.0.1:9/api/v1/accounts/lookup?acct=kabul"
    account = mastodon.account(lookup)
    assert account is not None
    assert account.native_id == "11@social.example"
    assert mastodon.first(HERE, account, None) == "http://127.0.0.1:9/api/v1/accounts/11/statuses?limit=7"


def test_a_token_goes_only_to_the_server_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_MASTODON_TOKEN_SOCIAL_EXAMPLE", "SEKRET")
    other = Target(platform="mastodon", handle="kabul@other.example")
    mastodon = Mastodon()
    mastodon.token = "GENERAL"
    assert mastodon.headers(HERE) == {"Authorization": "Bearer SEKRET"}
    assert mastodon.headers(other) == {}
    mastodon.config = PlatformConfig(base_url="http://127.0.0.1:9")
    assert mastodon.headers(other) == {"Authorization": "Bearer GENERAL"}


def test_pages_follow_the_last_id_even_where_the_link_header_skips_one() -> None:
    link = {"link": f'<{STATUSES}&max_id=98>; rel="next"'}
    body = json.dumps([status(id="100"), status(id="99")]).encode()
    got = Page(url=STATUSES, body=body, target=HERE, headers=link, fetched_at=datetime.now(UTC))
    assert Mastodon().next(got) == f"{STATUSES}&max_id=99"


def test_a_walk_over_such_a_server_brings_every_post_once() -> None:
    kept = [f"{number:04}" for number in range(95, 0, -1)]

    def serve(url: str) -> Page:
        before = dict(parse_qsl(urlsplit(url).query)).get("max_id", "9999")
        shown = [status(id=i) for i in kept if i < before][:40]
        return page(shown, url=url)

    url: str | None = STATUSES
    found: list[str] = []
    while url:
        reading = Mastodon().read(serve(url))
        found += [post.native_id for post in reading.posts]
        url = reading.next
    assert found == [f"{i}@social.example" for i in kept]


def test_only_an_empty_page_is_the_end() -> None:
    older = f"{STATUSES}&max_id=99"
    assert Mastodon().next(page([status(id="98")], url=older)) == f"{STATUSES}&max_id=98"
    assert Mastodon().next(page([], url=older)) is None


def test_posts_that_only_the_tokens_owner_may_see_are_left_alone() -> None:
    shown = [status(id="9", visibility="unlisted"), status(id="8", visibility="private")]
    reading = Mastodon().read(page([*shown, status(id="7", visibility="direct")]))
    assert [p.native_id for p in reading.posts] == ["9@social.example"]
    assert (reading.served, reading.next) == (1, f"{STATUSES}&max_id=7")


def test_a_server_that_ignores_max_id_does_not_make_a_loop() -> None:
    assert Mastodon().next(page([status(id="99")], url=f"{STATUSES}&max_id=99")) is None


# -- who ------------------------------------------------------------------------------------------


def test_an_account_is_known_by_its_id_at_the_host() -> None:
    found = Mastodon().account(
        page(KABUL | {"note": "<p>خبرونه</p>", "followers_count": 5, "statuses_count": 0}, url=LOOKUP)
    )
    assert found == Account(
        platform="mastodon",
        native_id="11@social.example",
        handle="kabul@social.example",
        url=f"{ROOT}/@kabul",
        name="کابل",
        description="خبرونه",
        metrics=(Metric(name="followers", value=5), Metric(name="posts", value=0)),
    )


@pytest.mark.parametrize(
    ("code", "body", "refusal"),
    [
        (404, {"error": "Record not found"}, "not_found"),
        (401, {"error": "unauthorized"}, "unauthorised"),
        (401, b"Unauthorized", "unauthorised"),
        (422, {"error": "This method requires an authenticated user"}, "unauthorised"),
        (403, {"error": "Invalid credentials."}, "unauthorised"),
        (410, b"Gone", "suspended"),
        (200, KABUL | {"suspended": True}, "suspended"),
        (200, KABUL | {"limited": True}, None),
        (403, b"<html>blocked by a firewall</html>", None),
        (500, {"error": "oops"}, None),
        (429, {"error": "Too many requests"}, None),
    ],
)
def test_refusals_are_only_answers_that_mean_the_account(code: int, body: Any, refusal: str | None) -> None:
    assert Mastodon().refusal(page(body, url=LOOKUP, status=code)) == refusal


def test_a_refused_token_is_our_problem_and_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_MASTODON_TOKEN_SOCIAL_EXAMPLE", "SEKRET")
    with pytest.raises(PageError, match="ARCHIVER_MASTODON_TOKEN_SOCIAL_EXAMPLE") as caught:
        Mastodon().refusal(page({"error": "invalid_token"}, status=401))
    assert "SEKRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "body"), [(404, b"<html>404</html>"), (501, {"error": "no"}), (200, b"<!doctype html>")]
)
def test_a_server_without_lookup_is_asked_through_webfinger_and_search(code: int, body: Any) -> None:
    mastodon = Mastodon()
    lookup = page(body, url=LOOKUP, status=code)
    finger = f"{ROOT}/.well-known/webfinger?resource=acct%3Akabul%40social.example"
    search = f"{ROOT}/api/v1/accounts/search?q=%40kabul%40social.example&limit=5"
    assert mastodon.elsewhere(lookup) == finger
    same = {"links": [{"rel": "self", "href": f"{ROOT}/users/kabul"}]}
    assert mastodon.elsewhere(page(same, url=finger)) == search
    assert mastodon.elsewhere(page(b"no", url=finger, status=404)) == search
    found = page([LAHORE, KABUL], url=search)
    account = mastodon.account(found)
    assert account is not None
    assert account.native_id == "11@social.example"
    assert mastodon.refusal(page([LAHORE], url=search)) == "not_found"


def test_a_handle_whose_domain_is_not_its_server_is_followed_there() -> None:
    mastodon = Mastodon()
    finger = f"{ROOT}/.well-known/webfinger?resource=acct%3Akabul%40social.example"
    links = {"links": [{"rel": "self", "href": "https://api.social.example/users/kabul"}]}
    there = mastodon.elsewhere(page(links, url=finger))
    assert there == "https://api.social.example/api/v1/accounts/lookup?acct=kabul%40social.example"
    account = mastodon.account(page(KABUL | {"url": "https://api.social.example/@kabul"}, url=there))
    assert account is not None
    assert account.native_id == "11@social.example"
    first = mastodon.first(HERE, account, None)
    assert first == "https://api.social.example/api/v1/accounts/11/statuses?limit=40"
    again = mastodon.elsewhere(page(b"<html>", url=there, status=404))
    assert again is not None
    assert again.startswith("https://api.social.example/api/v1/accounts/search?")


# -- what a status says ---------------------------------------------------------------------------


def test_a_post_keeps_paragraphs_links_in_full_and_utc() -> None:
    post = read(
        content='<p>لومړی</p><p>دوهم<br>کرښه <a href="https://example.org/a/long/path?x=1">'
        '<span class="invisible">https://</span><span class="ellipsis">example.org/a/long</span>'
        '<span class="invisible">/path?x=1</span></a> <a class="mention hashtag"'
        ' href="https://social.example/tags/x" rel="tag">#<span>کابل</span></a> :flag:</p>',
        tags=[{"name": "کابل", "url": "https://social.example/tags/x"}],
    )
    assert post.text == "لومړی\n\nدوهم\nکرښه https://example.org/a/long/path?x=1 #کابل :flag:"
    assert post.links == ("https://example.org/a/long/path?x=1",)
    assert post.tags == ("کابل",)
    assert post.published_at == datetime(2026, 11, 5, 16, 7, 0, 500000, tzinfo=UTC)
    assert (post.native_id, post.kind, post.url) == ("101@social.example", "post", f"{ROOT}/@kabul/101")


def test_what_the_server_does_not_say_stays_unknown() -> None:
    bare = {"id": "5", "account": KABUL, "content": "<p>x</p>"}
    post = Mastodon().read(page([bare])).posts[0]
    unknown = (
        "edited",
        "warning",
        "languages",
        "tags",
        "mentions",
        "references",
        "attachments",
        "metrics",
        "poll",
    )
    assert [getattr(post, name) for name in unknown] == [None] * len(unknown)
    said = read(edited_at=None, spoiler_text="", replies_count=0)
    assert (said.edited, said.warning, said.tags, said.references, said.attachments) == (
        False,
        "",
        (),
        (),
        (),
    )
    assert said.metrics == (Metric(name="replies", value=0),)


def test_a_repost_has_the_originals_words_and_the_reposters_name() -> None:
    original = status(
        id="90",
        account=LAHORE,
        content="<p>بارش کی خبر</p>",
        created_at="2026-11-01T00:00:00Z",
        language="ur",
        favourites_count=3,
        media_attachments=[{"id": "m", "type": "image", "url": "https://x/y.png", "description": "دریا"}],
    )
    post = read(reblog=original, content="<p>بارش کی خبر</p>", favourites_count=0)
    assert (post.kind, post.text, post.languages) == ("repost", "بارش کی خبر", ("ur",))
    assert post.author.handle == "kabul@social.example"
    assert post.published_at == datetime(2026, 11, 5, 16, 7, 0, 500000, tzinfo=UTC)
    assert post.attachments[0].alt == "دریا"
    assert post.metrics == (Metric(name="likes", value=3),)
    (where,) = post.references
    assert (where.relation, where.native_id) == ("repost", "90@social.example")
    assert (where.author_handle, where.author_native_id) == ("lahore@other.example", "12@social.example")
    assert where.published_at == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quote", "available"),
    [
        ({"state": "accepted", "quoted_status": status(id="90", account=LAHORE)}, True),
        ({"state": "accepted", "quoted_status_id": "90"}, True),
        (status(id="90", account=LAHORE), True),  # Fedibird, Pleroma, hollo
        ({"state": "pending", "quoted_status_id": "90"}, None),
        ({"state": "revoked", "quoted_status_id": "90"}, False),
    ],
)
def test_a_quote_names_the_quoted_post_in_every_shape(quote: Any, available: bool | None) -> None:
    post = read(quote=quote)
    assert post.kind == "quote"
    (where,) = post.references
    assert (where.relation, where.native_id, where.available) == ("quote", "90@social.example", available)
    assert where.text == ("سلام" if "account" in quote.get("quoted_status", quote) else None)


def test_a_deleted_quote_is_a_quote_of_something_gone() -> None:
    (where,) = read(quote={"state": "deleted", "quoted_status": None}).references
    assert (where.native_id, where.available) == (None, False)


def test_a_reply_names_whom_it_answers() -> None:
    mention = {"id": "12", "acct": "lahore@other.example", "url": "https://other.example/@lahore"}
    post = read(in_reply_to_id="90", in_reply_to_account_id="12", mentions=[mention])
    assert post.kind == "reply"
    assert post.mentions == ("lahore@other.example",)
    (where,) = post.references
    assert (where.native_id, where.author_handle) == ("90@social.example", "lahore@other.example")
    (own,) = read(in_reply_to_id="90", in_reply_to_account_id="11").references
    assert own.author_handle == "kabul@social.example"


def test_an_edit_keeps_its_time_and_changes_the_digest() -> None:
    post = read(edited_at="2026-11-06T00:00:00Z", content="<p>سمه شوه</p>")
    assert (post.edited, post.edited_at) == (True, datetime(2026, 11, 6, tzinfo=UTC))
    assert post.digest() != read().digest()
    assert read(favourites_count=9).digest() == read(favourites_count=1).digest()


def test_polls_warnings_cards_and_media_are_read() -> None:
    post = read(
        spoiler_text="تحذير",
        poll={
            "options": [{"title": "هو", "votes_count": 2}, {"title": "نه", "votes_count": None}],
            "votes_count": 2,
            "voters_count": None,
            "multiple": False,
            "expired": True,
            "expires_at": "2026-11-07T00:00:00Z",
        },
        card={"url": "https://example.org/", "title": "سرلیک", "provider_name": "", "image": None},
        media_attachments=[
            {"id": "1", "type": "gifv", "url": "https://x/1.mp4", "meta": {"original": {"duration": 0.8}}},
            {"id": "2", "type": "unknown", "url": None, "remote_url": None},
        ],
    )
    assert post.warning == "تحذير"
    assert [(o.text, o.votes) for o in post.poll.options] == [("هو", 2), ("نه", None)]
    assert (post.poll.voters, post.poll.closed, post.poll.multiple) == (2, True, False)
    assert (post.preview.url, post.preview.title, post.preview.site) == (
        "https://example.org/",
        "سرلیک",
        None,
    )
    gif, lost = post.attachments
    assert (gif.kind, gif.key, gif.duration_seconds, gif.available) == ("animation", "1", 0.8, None)
    assert (lost.kind, lost.available) == ("unknown", False)


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", b'"x"', b"null", b"[" * 100_000, b"\xff\xfe\x00"])
def test_a_page_that_is_no_list_of_statuses_says_so(body: bytes) -> None:
    with pytest.raises(PageChanged, match=r"social\.example"):
        Mastodon().read(page(body))


def test_one_unreadable_status_does_not_hide_the_others() -> None:
    reading = Mastodon().read(page([status(id="3"), {"id": "2"}, "junk", status(id="1")]))
    assert [p.native_id for p in reading.posts] == ["3@social.example", "1@social.example"]
    assert (reading.served, len(reading.problems)) == (4, 2)
    assert "account's id is missing" in reading.problems[0].what


def test_statuses_without_any_id_cannot_be_paged_and_say_so() -> None:
    with pytest.raises(PageChanged, match="no status has an id"):
        Mastodon().read(page([{"content": "x"}]))


@pytest.mark.parametrize("words", ["", "🙂🇦🇫", "ا" * 100_000, "a\x00b", "a\ud800b"])
def test_odd_texts_are_read(words: str) -> None:
    post = read(content=f"<p>{words}</p>")
    assert len(post.text) == len(words)
    assert post.html == f"<p>{words}</p>"
    assert post.digest()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
RICH = status(
    reblog=status(quote={"state": "accepted", "quoted_status": status(account=LAHORE)}),
    poll={"options": [{"title": "x"}], "multiple": False, "votes_count": 1},
    card={"url": "https://x/"},
    mentions=[{"id": "12", "acct": "a@b"}],
    tags=[{"name": "x", "url": "y"}],
    media_attachments=[{"id": "m", "type": "image", "meta": {"original": {"width": 1}}}],
)


@given(field=st.sampled_from(sorted(RICH)), junk=JSON, inner=st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_a_field_holds_a_page_is_read_or_named(field: str, junk: Any, inner: bool) -> None:
    item = RICH | {"reblog": RICH | {field: junk}} if inner else RICH | {field: junk}
    try:
        reading = Mastodon().read(page([item, status(id="1")]))
    except PageError as error:
        assert error.what
    else:
        assert reading.served == 2 == len(reading.posts) + len(reading.problems)
        assert not [p for p in reading.problems if "could not be read" in p.what]


def test_a_status_that_does_not_repeat_its_account_is_the_accounts_own() -> None:
    known = Account(platform="mastodon", native_id="11@social.example", handle="kabul@social.example")
    bare = status()
    del bare["account"]
    assert Mastodon().read(replace(page([bare]), account=known)).posts[0].author == known
    [problem] = Mastodon().read(page([bare])).problems  # nobody knows whose it is
    assert "account" in problem.what
