"""X's API v2: what an address names, what is asked in each spelling, what a post says."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.config import PlatformConfig
from archiver.errors import BadConfig, PageChanged, PageError, Usage
from archiver.posts import Account, Metric
from spiders.page import Page, Target
from spiders.platform import Mark
from spiders.x import X

HERE = Target(platform="x", handle="KabulAkhbar")
ACCOUNT = Account(platform="x", native_id="7", handle="KabulAkhbar")
PROFILE = "https://api.x.com/2/users/by/username/KabulAkhbar"
TIMELINE = "https://api.x.com/2/users/7/tweets"
ALL = TIMELINE + "?tweet.fields=attachments,entities,referenced_tweets"
KABUL = {"id": "7", "username": "KabulAkhbar", "name": "کابل"}
LAHORE = {"id": "8", "username": "LahoreNews", "name": "لاہور"}


def page(body: Any, url: str = ALL, status: int = 200) -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Page(url=url, body=raw, status=status, target=HERE, fetched_at=at)


def tweet(**fields: Any) -> dict[str, Any]:
    return {"id": "100", "author_id": "7", "text": "سلام", "created_at": "2026-11-05T20:37:00.000Z"} | fields


def read(*, includes: Any = None, errors: Any = None, url: str = ALL, **fields: Any) -> Any:
    given_ = {"users": [KABUL, LAHORE]} | (includes or {})
    answer = {"data": [tweet(**fields)], "includes": given_, "meta": {"result_count": 1}}
    reading = X().read(page(answer | ({"errors": errors} if errors else {}), url=url))
    assert reading.problems == ()
    return reading.posts[0]


def link(short: str, full: str, **more: Any) -> dict[str, Any]:
    return {"start": 0, "end": 23, "url": short, "expanded_url": full, "display_url": "x…"} | more


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "https://x.com/KabulAkhbar",
        "http://www.twitter.com/KabulAkhbar/",
        "https://mobile.twitter.com/KabulAkhbar?s=20",
        "https://x.com/KabulAkhbar/status/2118442477286326272",
        "https://x.com/@KabulAkhbar/with_replies",
    ],
)
def test_an_address_names_the_account(pasted: str) -> None:
    assert X.address(pasted) == HERE


@pytest.mark.parametrize(
    "pasted",
    [
        *(
            f"https://x.com/{word}"
            for word in ("home", "i/status/1", "search?q=x", "hashtag/x", "Settings", "intent")
        ),
        "https://x.com/",
        "https://x.com/name_longer_than_15",
        "https://example.org/KabulAkhbar",
        "KabulAkhbar",
        "http://[",
    ],
)
def test_other_addresses_are_not_claimed(pasted: str) -> None:
    assert X.address(pasted) is None


def test_a_bare_username_is_taken_and_an_impossible_one_is_a_usage_error() -> None:
    assert X.handle("@KabulAkhbar") == HERE == X.handle("https://x.com/KabulAkhbar")
    with pytest.raises(Usage, match="at most 15"):
        X.handle("not a name")


# -- requests -------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [None, "tweet", "post"])
def test_what_is_asked_follows_the_configured_spelling(spelling: str | None) -> None:
    x = X()
    x.config = PlatformConfig(spelling=spelling, page_size=3)
    first = urlsplit(x.first(HERE, ACCOUNT, None))
    asked = parse_qs(first.query)
    assert (first.netloc, first.path, asked["max_results"]) == ("api.x.com", "/2/users/7/tweets", ["5"])
    word = spelling or "tweet"
    assert f"note_{word}" in asked[f"{word}.fields"][0].split(",")
    other = {"tweet": "post", "post": "tweet"}[word]
    names = {w for values in asked.values() for v in values for w in v.split(",")} - {"referenced_tweets"}
    assert not [n for n in (*asked, *names) if other in n]
    assert "author_id" in asked["expansions"][0].split(",")


def test_an_unknown_spelling_is_bad_configuration() -> None:
    x = X()
    x.config = PlatformConfig(spelling="toot")
    with pytest.raises(BadConfig, match="toot"):
        x.first(HERE, ACCOUNT, None)


def test_a_second_crawl_asks_only_for_what_is_newer_by_number() -> None:
    mark = Mark(ids=("999", "1000", "odd"))
    assert parse_qs(urlsplit(X().first(HERE, ACCOUNT, mark)).query)["since_id"] == ["1000"]
    assert "since_id" not in X().first(HERE, ACCOUNT, Mark(ids=()))
    assert "since_id" not in X().first(HERE, ACCOUNT, None)


def test_the_next_page_keeps_the_query_and_escapes_the_token() -> None:
    x = X()
    first = x.first(HERE, ACCOUNT, Mark(ids=("5",)))
    older = x.next(page({"data": [], "meta": {"next_token": "AAA=="}}, url=first))
    assert older == first + "&pagination_token=AAA%3D%3D"
    assert (
        x.next(page({"data": [], "meta": {"next_token": "BBB"}}, url=older))
        == first + "&pagination_token=BBB"
    )
    assert x.next(page({"data": [], "meta": {"next_token": "AAA=="}}, url=older)) is None
    assert x.next(page({"meta": {"result_count": 0}})) is None


def test_the_token_is_in_a_header_and_nowhere_else() -> None:
    x = X()
    x.token = "SEKRET"
    assert x.headers(HERE) == {"Authorization": "Bearer SEKRET"}
    assert "SEKRET" not in x.first(HERE, ACCOUNT, None) + x.account_url(HERE)
    assert X.needs_token


# -- who ------------------------------------------------------------------------------------------


def test_an_account_is_known_by_its_id() -> None:
    user = KABUL | {
        "description": "خبر https://t.co/aaa &amp; تحلیل",
        "entities": {"description": {"urls": [link("https://t.co/aaa", "https://example.org/")]}},
        "verified": True,
        "created_at": "2015-03-01T00:00:00.000Z",
        "public_metrics": {"followers_count": 10, "post_count": 4},
    }
    assert X().account(page({"data": user}, url=PROFILE)) == Account(
        platform="x",
        native_id="7",
        handle="KabulAkhbar",
        url="https://x.com/KabulAkhbar",
        name="کابل",
        description="خبر https://example.org/ & تحلیل",
        verified=True,
        created_at=datetime(2015, 3, 1, tzinfo=UTC),
        metrics=(Metric(name="followers", value=10), Metric(name="posts", value=4)),
    )


def error(title: str, detail: str, **more: str) -> dict[str, Any]:
    about = {"resource_type": "user", "parameter": "username"}
    return {"errors": [about | {"title": title, "detail": detail} | more]}


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (error("Not Found Error", "Could not find user with username: [KabulAkhbar]."), "not_found"),
        (error("Forbidden", "User has been suspended: [KabulAkhbar]."), "suspended"),
        (error("Authorization Error", "Sorry, you are not authorized to see the user."), "protected"),
        (error("Not Found Error", "Could not find tweet", resource_type="tweet", parameter="id"), None),
        ({"data": KABUL | {"protected": True}}, "protected"),
        ({"data": KABUL | {"protected": False}}, None),
    ],
)
def test_an_answer_with_only_errors_refuses_although_it_is_200(answer: Any, refusal: str | None) -> None:
    assert X().refusal(page(answer, url=PROFILE)) == refusal


def test_errors_about_others_beside_posts_refuse_nothing() -> None:
    beside = error("Not Found Error", "Could not find user", parameter="entities.mentions.username")
    assert X().refusal(page({"data": [tweet()], "meta": {}} | beside)) is None


@pytest.mark.parametrize("code", [401, 402, 403])
def test_a_refused_token_is_our_problem_and_names_its_variable(code: int) -> None:
    x = X()
    x.token = "SEKRET"
    with pytest.raises(PageError, match="X_BEARER_TOKEN") as caught:
        x.refusal(page({"title": "Unauthorized", "detail": "Unauthorized", "status": code}, status=code))
    assert "SEKRET" not in str(caught.value)
    x.config = PlatformConfig(token_env="MY_X_TOKEN")
    with pytest.raises(PageError, match="MY_X_TOKEN"):
        x.refusal(page({"title": "Unauthorized"}, status=code))


@pytest.mark.parametrize("code", [429, 500, 503])
def test_limits_and_failures_of_the_server_are_no_refusals(code: int) -> None:
    assert X().refusal(page({"title": "x", "detail": "User has been suspended"}, status=code)) is None


# -- what a post says -----------------------------------------------------------------------------


def test_short_links_are_written_out_and_three_entities_decoded() -> None:
    post = read(
        text="خبر &lt;b&gt; &amp;copy; https://t.co/aaa او https://t.co/aaab",
        entities={
            "urls": [link("https://t.co/aaa", "https://example.org/report?id=7&l=ps")],
            "hashtags": [{"tag": "کابل"}],
            "mentions": [{"username": "LahoreNews"}],
        },
    )
    assert post.text == "خبر <b> &copy; https://example.org/report?id=7&l=ps او https://t.co/aaab"
    assert post.links == ("https://example.org/report?id=7&l=ps",)
    assert (post.tags, post.mentions) == (("کابل",), ("LahoreNews",))
    assert (post.native_id, post.url) == ("100", "https://x.com/i/status/100")
    assert post.published_at == datetime(2026, 11, 5, 20, 37, tzinfo=UTC)


def test_the_pointer_to_attached_media_is_not_text() -> None:
    def pictured(name: str) -> Any:
        pointer = link("https://t.co/pic", f"https://x.com/{name}/status/100/photo/1")
        return read(
            text="انځور 📷 https://t.co/pic",
            entities={"urls": [pointer]},
            attachments={"media_keys": ["3_1"]},
            includes={
                "media": [{"media_key": "3_1", "type": "photo", "url": "https://p/1.jpg", "alt_text": "کوڅه"}]
            },
        )

    post = pictured("KabulAkhbar")
    assert (post.text, post.links) == ("انځور 📷", ())
    (image,) = post.attachments
    assert (image.kind, image.key, image.url, image.alt) == ("image", "3_1", "https://p/1.jpg", "کوڅه")
    assert post.digest() == pictured("NewName").digest()
    assert (
        read(text="https://t.co/aaa", entities={"urls": [link("https://t.co/aaa", "https://x.org")]}).text
        == "https://x.org"
    )


@pytest.mark.parametrize("name", ["note_tweet", "note_post"])
def test_a_long_post_is_read_whole(name: str) -> None:
    long = "اوږد متن " * 100 + "https://t.co/end"
    note = {"text": long, "entities": {"urls": [link("https://t.co/end", "https://example.org/end")]}}
    post = read(text=long[:270] + "…", **{name: note})
    assert post.text == long.replace("https://t.co/end", "https://example.org/end")
    assert post.links == ("https://example.org/end",)


@pytest.mark.parametrize("word", ["tweet", "post"])
def test_a_repost_is_taken_whole_from_what_is_included(word: str) -> None:
    original = {
        "id": "90",
        "author_id": "8",
        "text": "پوری خبر " * 30,
        "created_at": "2026-11-01T00:00:00.000Z",
        "lang": "ur",
        "public_metrics": {"repost_count" if word == "post" else "retweet_count": 4},
        "attachments": {"media_keys": ["7_1"]},
    }
    films = [
        {"content_type": "application/x-mpegURL", "url": "https://v/x.m3u8"},
        {"content_type": "video/mp4", "bit_rate": 1, "url": "https://v/small.mp4"},
        {"content_type": "video/mp4", "bit_rate": 9, "url": "https://v/big.mp4"},
    ]
    media = {"media_key": "7_1", "type": "video", "variants": films, "duration_ms": 1500}
    post = read(
        text="RT @LahoreNews: پوری خبر…",
        includes={f"{word}s": [original], "media": [media]},
        **{f"referenced_{word}s": [{"type": "retweeted", "id": "90"}]},
    )
    assert (post.kind, post.text, post.languages) == ("repost", "پوری خبر " * 30, ("ur",))
    assert post.author.handle == "KabulAkhbar"
    assert post.metrics == (Metric(name="reposts", value=4),)
    (film,) = post.attachments
    assert (film.kind, film.url, film.content_type, film.duration_seconds) == (
        "video",
        "https://v/big.mp4",
        "video/mp4",
        1.5,
    )
    (where,) = post.references
    assert (where.relation, where.native_id, where.author_handle) == ("repost", "90", "LahoreNews")
    assert (where.published_at, where.text) == (datetime(2026, 11, 1, tzinfo=UTC), None)


def test_a_repost_of_something_that_is_gone_still_names_whose_it_was() -> None:
    post = read(
        text="RT @LahoreNews: پوری خبر…",
        referenced_tweets=[{"type": "retweeted", "id": "90"}],
        errors=[{"resource_type": "tweet", "resource_id": "90", "title": "Authorization Error"}],
    )
    assert (post.kind, post.text) == ("repost", "RT @LahoreNews: پوری خبر…")
    (where,) = post.references
    assert (where.native_id, where.author_handle, where.available) == ("90", "LahoreNews", False)


def test_replies_and_quotes_name_the_other_post_its_words_and_the_thread() -> None:
    other = {
        "id": "90",
        "author_id": "8",
        "text": "سوال &amp; جواب",
        "created_at": "2026-11-01T00:00:00.000Z",
    }
    post = read(
        conversation_id="80",
        referenced_tweets=[{"type": "quoted", "id": "70"}, {"type": "replied_to", "id": "90"}],
        includes={"tweets": [other]},
        errors=[{"resource_type": "tweet", "resource_id": "70", "title": "Not Found Error", "value": "70"}],
    )
    reply, root, quote = post.references
    assert post.kind == "reply"
    assert (reply.relation, reply.native_id, reply.text, reply.available) == (
        "reply",
        "90",
        "سوال & جواب",
        True,
    )
    assert (reply.author_name, reply.author_handle, reply.author_native_id) == ("لاہور", "LahoreNews", "8")
    assert (root.relation, root.native_id, root.available) == ("root", "80", None)
    assert (quote.relation, quote.native_id, quote.available) == ("quote", "70", False)
    assert read(conversation_id="100").references == ()
    assert read(referenced_tweets=[{"type": "quoted", "id": "70"}]).kind == "quote"


@pytest.mark.parametrize("word", ["tweet", "post"])
def test_an_edit_is_a_post_of_its_own_that_knows_its_other_versions(word: str) -> None:
    later = read(id="101", **{f"edit_history_{word}_ids": ["100", "101"]})
    assert (later.edited, later.group_ids) == (True, ("100",))
    assert later.edited_at == later.published_at
    first = read(id="100", **{f"edit_history_{word}_ids": ["100", "101"]})
    assert (first.edited, first.edited_at, first.group_ids) == (True, None, ("101",))
    assert read(**{f"edit_history_{word}_ids": ["100"]}).edited is False
    assert read().edited is None


def test_polls_cards_languages_and_counts_are_read() -> None:
    poll = {
        "id": "p",
        "options": [{"position": 2, "label": "نه", "votes": 1}, {"position": 1, "label": "هو", "votes": 0}],
        "end_datetime": "2026-11-07T00:00:00.000Z",
        "voting_status": "closed",
    }
    post = read(
        lang="qme",
        attachments={"poll_ids": ["p"]},
        includes={"polls": [poll]},
        public_metrics={"impression_count": 9, "retweet_count": 0, "like_count": 2},
        entities={
            "urls": [
                link("https://t.co/a", "https://s.org", unwound_url="https://example.org/x", title="سرلیک")
            ]
        },
    )
    assert post.languages == ("qme",)
    assert [(o.text, o.votes) for o in post.poll.options] == [("هو", 0), ("نه", 1)]
    assert (post.poll.closed, post.poll.closes_at) == (True, datetime(2026, 11, 7, tzinfo=UTC))
    assert (post.preview.url, post.preview.title, post.preview.site) == (
        "https://example.org/x",
        "سرلیک",
        "example.org",
    )
    assert [(m.name, m.value) for m in post.metrics] == [("views", 9), ("reposts", 0), ("likes", 2)]


def test_a_card_with_an_impossible_address_does_not_cost_the_post() -> None:
    card = read(entities={"urls": [link("https://t.co/a", "http://[", title="x")]}).preview
    assert (card.url, card.site) == ("http://[", None)


def test_absent_fields_are_none_of_it_only_where_they_were_asked_for() -> None:
    names = ("links", "tags", "mentions", "references", "attachments")
    assert [getattr(read(), name) for name in names] == [()] * 5
    assert [getattr(read(url=TIMELINE), name) for name in names] == [None] * 5


def test_media_that_did_not_come_along_are_named() -> None:
    (film,) = read(attachments={"media_keys": ["13_5"]}).attachments
    assert (film.kind, film.key, film.url, film.available) == ("video", "13_5", None, None)


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"{}", b'{"data": {}}', b"null", b"[" * 100_000])
def test_a_page_that_is_no_timeline_says_so(body: bytes) -> None:
    with pytest.raises(PageChanged, match="/2/users/7/tweets"):
        X().read(page(body))
    with pytest.raises(PageChanged, match="/2/users/by/username"):
        X().account(page(body.replace(b"{}}", b"[]}"), url=PROFILE))


def test_no_posts_at_all_is_an_empty_page() -> None:
    reading = X().read(page({"meta": {"result_count": 0}}))
    assert (reading.posts, reading.served, reading.next) == ((), 0, None)


def test_one_unreadable_post_does_not_hide_the_others() -> None:
    answer = {"data": [tweet(), {"text": "x"}, None, tweet(id="99")], "includes": {"users": [KABUL]}}
    reading = X().read(page(answer))
    assert [p.native_id for p in reading.posts] == ["100", "99"]
    assert [p.what for p in reading.problems] == ["a post's id is missing", "expected a post, got NoneType"]


def test_posts_without_an_author_are_the_timelines() -> None:
    raw = {"id": "100", "text": "سلام"}
    (post,) = X().read(page({"data": [raw]})).posts
    assert (post.author.native_id, post.author.handle) == ("7", "KabulAkhbar")
    (post,) = X().read(page({"data": [raw | {"author_id": "8"}]})).posts
    assert (post.author.native_id, post.author.handle) == ("8", "8")


@pytest.mark.parametrize("words", ["", "🙂🇦🇫", "ا" * 100_000, "a\x00b", "a\ud800b", " " * 100_000])
def test_odd_texts_are_kept_as_they_are(words: str) -> None:
    assert read(text=words).text == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
RICH = tweet(
    entities={
        "urls": [link("https://t.co/a", "https://x", title="t", images=[{"width": 1}])],
        "hashtags": [],
    },
    attachments={"media_keys": ["3_1"], "poll_ids": ["p"]},
    referenced_tweets=[{"type": "retweeted", "id": "90"}],
    edit_history_tweet_ids=["100"],
    note_tweet={"text": "x"},
    public_metrics={"like_count": 1},
    lang="ps",
    article={"title": "t"},
)
INCLUDES = {
    "users": [KABUL],
    "tweets": [RICH | {"id": "90"}],
    "media": [{"media_key": "3_1", "variants": [{"content_type": "video/mp4", "bit_rate": 1}]}],
    "polls": [{"id": "p", "options": [{"position": 1, "label": "x"}]}],
}


@given(
    field=st.sampled_from(sorted(RICH)),
    included=st.sampled_from(sorted(INCLUDES)),
    junk=JSON,
    where=st.integers(0, 3),
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_field_holds_a_page_is_read_or_named(
    field: str, included: str, junk: Any, where: int
) -> None:
    item, includes, errors = dict(RICH), dict(INCLUDES), junk if where == 3 else []
    if where == 0:
        item[field] = junk
    elif where == 1:
        includes[included] = junk
    elif where == 2:
        includes["tweets"] = [RICH | {field: junk, "id": "90"}]
    try:
        reading = X().read(page({"data": [item, tweet(id="1")], "includes": includes, "errors": errors}))
    except PageError as caught:
        assert caught.what
    else:
        assert reading.served == 2 == len(reading.posts) + len(reading.problems)
        assert not [p for p in reading.problems if "could not be read" in p.what]
