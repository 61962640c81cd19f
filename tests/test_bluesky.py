"""Bluesky's AppView: what an address names, what is asked, what a record says."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.config import PlatformConfig
from archiver.errors import PageChanged, PageError, Usage
from archiver.posts import Account, Metric
from spiders.bluesky import Bluesky
from spiders.page import Page, Target

DID = "did:plc:" + "a" * 24
OTHER = "did:plc:" + "b" * 24
HERE = Target(platform="bluesky", handle="kabul.example")
ROOT = "https://public.api.bsky.app/xrpc"
PROFILE = f"{ROOT}/app.bsky.actor.getProfile?actor=kabul.example"
FEED = (
    f"{ROOT}/app.bsky.feed.getAuthorFeed?actor={DID.replace(':', '%3A')}&limit=100&filter=posts_with_replies"
)
KABUL = {"did": DID, "handle": "kabul.example", "displayName": "کابل", "labels": []}
LAHORE = {"did": OTHER, "handle": "lahore.example", "displayName": "لاہور", "labels": []}
QUIET = LAHORE | {"labels": [{"src": OTHER, "val": "!no-unauthenticated"}]}
URI = f"at://{DID}/app.bsky.feed.post/3aaa"
OTHER_URI = f"at://{OTHER}/app.bsky.feed.post/3bbb"


def page(body: Any, url: str = FEED, status: int = 200, account: Account | None = None) -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Page(url=url, body=raw, status=status, target=HERE, fetched_at=at, account=account)


def record(**fields: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.post", "text": "سلام", "createdAt": "2024-03-01T08:00:00.000Z"} | fields


def view(author: Any = KABUL, uri: str = URI, said: Any = None, **fields: Any) -> dict[str, Any]:
    return {"uri": uri, "cid": "b", "author": author, "record": said or record(), "likeCount": 0} | fields


def read_item(item: Any) -> Any:
    reading = Bluesky().read(page({"feed": [item]}))
    assert reading.problems == ()
    return reading.posts[0]


def read(*, embed: Any = None, reply: Any = None, **said: Any) -> Any:
    item = {"post": view(said=record(**said), **({"embed": embed} if embed else {}))}
    return read_item(item | ({"reply": reply} if reply else {}))


def facet(text: str, shown: str, **feature: str) -> dict[str, Any]:
    start = text.encode().index(shown.encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(shown.encode())}, "features": [feature]}


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "handle"),
    [
        ("https://bsky.app/profile/Kabul.bsky.social", "kabul.bsky.social"),
        ("https://bsky.app/profile/kabul.example/post/3aaa", "kabul.example"),
        (f"https://bsky.app/profile/{DID}/post/3aaa?x=1", DID),
        (f"https://bsky.app/profile/{DID.replace(':', '%3A')}", DID),
        (f"at://{DID}/app.bsky.feed.post/3aaa", DID),
        ("at://kabul.example", "kabul.example"),
        ("@kabul.bsky.social", "kabul.bsky.social"),
        ("https://kabul.bsky.social/", "kabul.bsky.social"),
    ],
)
def test_an_address_names_the_account(pasted: str, handle: str) -> None:
    assert Bluesky.address(pasted) == Target(platform="bluesky", handle=handle)


@pytest.mark.parametrize(
    "pasted",
    [
        "https://bsky.app/search",
        "https://example.org/profile/a.b",
        "@a@b.example",
        "did:key:z",
        "",
        "http://[",
    ],
)
def test_other_addresses_are_not_claimed(pasted: str) -> None:
    assert Bluesky.address(pasted) is None


def test_a_bare_handle_is_taken_and_a_name_without_a_domain_is_a_usage_error() -> None:
    assert Bluesky.handle("@Kabul.Example") == HERE
    assert Bluesky.handle(DID).handle == DID
    with pytest.raises(Usage, match=r"name\.bsky\.social"):
        Bluesky.handle("kabul")


# -- requests -------------------------------------------------------------------------------------


def test_the_feed_is_asked_by_did_with_replies() -> None:
    account = Account(platform="bluesky", native_id=DID, handle="kabul.example")
    assert Bluesky().account_url(HERE) == PROFILE
    assert Bluesky().first(HERE, account, None) == FEED
    bluesky = Bluesky()
    bluesky.config = PlatformConfig(base_url="http://127.0.0.1:9/", page_size=1000)
    assert bluesky.first(HERE, account, None) == FEED.replace(
        "https://public.api.bsky.app", "http://127.0.0.1:9"
    )


def test_the_cursor_is_opaque_and_its_absence_is_the_end() -> None:
    bluesky = Bluesky()
    older = bluesky.next(page({"feed": [], "cursor": "17__b+=&x"}))
    assert older == FEED + "&cursor=17__b%2B%3D%26x"
    assert bluesky.next(page({"feed": [], "cursor": "18"}, url=older)) == FEED + "&cursor=18"
    assert bluesky.next(page({"feed": []})) is None
    assert bluesky.next(page({"feed": [], "cursor": "18"}, url=FEED + "&cursor=18")) is None


# -- who ------------------------------------------------------------------------------------------


def test_an_account_is_known_by_its_did() -> None:
    profile = KABUL | {
        "followersCount": 2,
        "postsCount": 0,
        "createdAt": "2024-01-01T00:00:00Z",
        "verification": {"verifiedStatus": "valid"},
    }
    account = Bluesky().account(page(profile, url=PROFILE))
    assert account == Account(
        platform="bluesky",
        native_id=DID,
        handle="kabul.example",
        url=f"https://bsky.app/profile/{DID}",
        name="کابل",
        verified=True,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        metrics=(Metric(name="followers", value=2), Metric(name="posts", value=0)),
    )


@pytest.mark.parametrize(
    ("code", "error", "message", "refusal"),
    [
        (400, "InvalidRequest", "Profile not found", "not_found"),
        (400, "InvalidRequest", "Unable to resolve handle", "not_found"),
        (400, "AccountDeactivated", "Account is deactivated", "suspended"),
        (400, "AccountTakedown", "Account has been suspended", "suspended"),
        (400, "BlockedActor", "Requester has blocked actor", "protected"),
        (400, "InvalidRequest", "Invalid params: integer too big (maximum 100, got 101)", None),
        (429, "RateLimitExceeded", "Rate Limit Exceeded", None),
        (500, "InternalServerError", "Internal Server Error", None),
    ],
)
def test_errors_are_refusals_where_they_mean_the_account(
    code: int, error: str, message: str, refusal: str | None
) -> None:
    answer = page({"error": error, "message": message}, status=code)
    assert Bluesky().refusal(answer) == refusal


def test_an_error_page_of_a_proxy_is_no_refusal() -> None:
    assert Bluesky().refusal(page(b"<html>not found</html>", status=404)) is None


def test_an_account_that_asks_not_to_be_shown_without_login_is_refused() -> None:
    asks = KABUL | {"labels": [{"src": DID, "val": "!no-unauthenticated"}]}
    account = Account(platform="bluesky", native_id=DID, handle="kabul.example")
    assert Bluesky().refusal(page(asks, url=PROFILE)) == "protected"
    assert Bluesky().refusal(page({"feed": [{"post": view(author=asks)}]}, account=account)) == "protected"
    others_label = KABUL | {"labels": [{"src": OTHER, "val": "!no-unauthenticated"}]}
    assert Bluesky().refusal(page(others_label, url=PROFILE)) is None
    withdrawn = KABUL | {"labels": [{"src": DID, "val": "!no-unauthenticated", "neg": True}]}
    assert Bluesky().refusal(page(withdrawn, url=PROFILE)) is None


def test_of_others_who_ask_so_only_the_fact_is_kept() -> None:
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": KABUL, "indexedAt": "2024-03-02T00:00:00Z"}
    item = {"post": view(author=QUIET, uri=OTHER_URI), "reason": reason}
    assert Bluesky().refusal(page({"feed": [item]})) is None
    post = read_item(item)
    assert (post.kind, post.withheld, post.text, post.attachments) == ("repost", True, None, None)
    assert post.references[0].native_id == OTHER_URI
    quoted = {
        "$type": "app.bsky.embed.record#viewRecord",
        "uri": OTHER_URI,
        "author": QUIET,
        "value": record(),
    }
    (where,) = read(embed={"$type": "app.bsky.embed.record#view", "record": quoted}).references
    assert (where.native_id, where.text, where.author_name) == (OTHER_URI, None, None)


# -- what a record says ---------------------------------------------------------------------------


def test_a_shortened_link_is_given_back_in_full_by_its_bytes() -> None:
    text = "د کابل خبر 📷 example.org/a/lon... او نور"
    link = "https://example.org/a/long/path?x=1"
    post = read(text=text, facets=[facet(text, "example.org/a/lon...", uri=link)])
    assert post.text == f"د کابل خبر 📷 {link} او نور"
    assert post.links == (link,)


def test_a_link_behind_words_leaves_the_words() -> None:
    text = "دلته ولولئ #کابل @lahore.example"
    post = read(
        text=text,
        tags=["خبر"],
        facets=[
            facet(text, "@lahore.example", did=OTHER),
            facet(text, "#کابل", tag="کابل"),
            facet(text, "دلته", uri="https://example.org/"),
        ],
    )
    assert post.text == text
    assert (post.links, post.tags, post.mentions) == (
        ("https://example.org/",),
        ("کابل", "خبر"),
        ("lahore.example",),
    )


@pytest.mark.parametrize("start, end", [(0, 999), (5, 2), (-1, 3), (1, 3), ("0", "4"), (None, None)])
def test_a_facet_with_impossible_bytes_leaves_the_text_alone(start: Any, end: Any) -> None:
    wrong = {"index": {"byteStart": start, "byteEnd": end}, "features": [{"uri": "https://example.org/"}]}
    post = read(text="سلام example.org", facets=[wrong])
    assert post.text == "سلام example.org"
    assert post.links == ("https://example.org/",)


def test_times_are_the_records_own_and_an_impossible_one_is_unknown() -> None:
    assert read(createdAt="2024-03-01T12:30:00.123456+04:30").published_at == datetime(
        2024, 3, 1, 8, 0, 0, 123456, tzinfo=UTC
    )
    for wrong in (
        "2024-13-01T00:00:00Z",
        "yesterday",
        "2024-03-01T00:00:00",
        5,
        None,
        "0001-01-01T00:00:00+14:00",
    ):
        assert read(createdAt=wrong, text="x").published_at is None


def test_a_repost_is_the_reposters_and_does_not_collide_with_the_post() -> None:
    by = {"$type": "app.bsky.feed.defs#reasonRepost", "by": KABUL, "indexedAt": "2024-03-02T00:00:00Z"}
    uri = f"at://{DID}/app.bsky.feed.repost/3ccc"
    own = {"post": view()}
    reading = Bluesky().read(page({"feed": [{"post": view(), "reason": by | {"uri": uri}}, own]}))
    repost, post = reading.posts
    assert (repost.native_id, post.native_id) == (uri, URI)
    assert (repost.kind, post.kind, repost.text) == ("repost", "post", "سلام")
    assert repost.published_at == datetime(2024, 3, 2, tzinfo=UTC)
    assert (repost.references[0].native_id, repost.references[0].published_at) == (URI, post.published_at)
    assert post.url == f"https://bsky.app/profile/{DID}/post/3aaa"
    older = read_item({"post": view(author=LAHORE, uri=OTHER_URI), "reason": by})
    assert older.native_id == f"{OTHER_URI}#repost-by-{DID}"
    assert (older.author.handle, older.references[0].author_handle) == ("kabul.example", "lahore.example")


def test_a_pin_is_the_post_itself() -> None:
    pinned = {"post": view(), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}}
    assert read_item(pinned) == read_item({"post": view()})


def test_a_reply_names_its_parent_and_its_root() -> None:
    gone = f"at://{OTHER}/app.bsky.feed.post/3root"
    post = read(
        reply={
            "parent": view(author=LAHORE, uri=OTHER_URI, said=record(text="پوښتنه")),
            "root": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": gone, "notFound": True},
        }
    )
    assert post.kind == "post"  # the record does not say that it answers
    answer = {"parent": {"uri": OTHER_URI}, "root": {"uri": gone}}
    said = record(reply=answer)
    item = {
        "post": view(said=said),
        "reply": {
            "parent": view(author=LAHORE, uri=OTHER_URI, said=record(text="پوښتنه")),
            "root": {"uri": gone, "notFound": True},
        },
    }
    post = read_item(item)
    parent, root = post.references
    assert post.kind == "reply"
    assert (parent.relation, parent.native_id, parent.text, parent.available) == (
        "reply",
        OTHER_URI,
        "پوښتنه",
        True,
    )
    assert (root.relation, root.native_id, root.available, root.author_native_id) == (
        "root",
        gone,
        False,
        OTHER,
    )
    alone = read_item(
        {"post": view(said=record(reply={"parent": {"uri": OTHER_URI}, "root": {"uri": OTHER_URI}}))}
    )
    assert [(r.relation, r.available) for r in alone.references] == [("reply", None)]


@pytest.mark.parametrize(
    ("shown", "available"),
    [
        ({"uri": OTHER_URI, "author": LAHORE, "value": record(text="اصل")}, True),
        ({"uri": OTHER_URI, "notFound": True}, False),
        ({"uri": OTHER_URI, "blocked": True, "author": {"did": OTHER}}, False),
        ({"uri": OTHER_URI, "detached": True}, False),
    ],
)
@pytest.mark.parametrize("with_media", [False, True])
def test_a_quote_names_the_quoted_post(shown: Any, available: bool, with_media: bool) -> None:
    embed: Any = {"$type": "app.bsky.embed.record#view", "record": shown}
    if with_media:
        images = {
            "$type": "app.bsky.embed.images#view",
            "images": [{"alt": "ښار", "fullsize": "https://x/bafy@jpeg"}],
        }
        embed = {"$type": "app.bsky.embed.recordWithMedia#view", "record": {"record": shown}, "media": images}
    post = read(embed=embed)
    (where,) = post.references
    assert (post.kind, where.native_id, where.available) == ("quote", OTHER_URI, available)
    assert where.text == ("اصل" if available else None)
    assert [(a.key, a.alt) for a in post.attachments] == ([("bafy", "ښار")] if with_media else [])


def test_an_embedded_list_is_a_card_and_not_a_quote() -> None:
    uri = f"at://{OTHER}/app.bsky.graph.list/3l"
    post = read(embed={"$type": "app.bsky.embed.record#view", "record": {"uri": uri, "name": "خبریالان"}})
    assert (post.kind, post.references) == ("post", ())
    assert (post.preview.url, post.preview.title) == (
        f"https://bsky.app/profile/{OTHER}/lists/3l",
        "خبریالان",
    )


def test_pictures_carry_their_blob_and_description() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafyimg"}, "mimeType": "image/jpeg", "size": 12}
    signed = [{"alt": "د کابل کوڅه", "image": blob, "aspectRatio": {"width": 16, "height": 9}}]
    shown = [{"alt": "د کابل کوڅه", "fullsize": "https://cdn/x/bafyimg@jpeg", "thumb": "https://cdn/t"}]
    for kind, key in (("images", "images"), ("gallery", "items")):
        name = f"app.bsky.embed.{kind}"
        (image,) = read(embed={"$type": name + "#view", key: shown}).attachments
        assert (image.kind, image.key, image.url) == ("image", "bafyimg", "https://cdn/x/bafyimg@jpeg")
        item = {
            "post": view(
                said=record(embed={"$type": name, key: signed}), embed={"$type": name + "#view", key: shown}
            )
        }
        (image,) = read_item(item).attachments
        assert (image.key, image.alt, image.content_type, image.size_bytes) == (
            "bafyimg",
            "د کابل کوڅه",
            "image/jpeg",
            12,
        )
        assert (image.width, image.height, image.preview_url) == (None, None, "https://cdn/t")
        (unseen,) = read_item({"post": view(said=record(embed={"$type": name, key: signed}))}).attachments
        assert (unseen.key, unseen.alt, unseen.url) == ("bafyimg", "د کابل کوڅه", None)


def test_films_cards_and_unknown_embeds() -> None:
    film = {
        "$type": "app.bsky.embed.video#view",
        "cid": "bafyv",
        "playlist": "https://v/x.m3u8",
        "alt": "باران",
    }
    (video,) = read(embed=film).attachments
    assert (video.kind, video.key, video.url, video.alt) == ("video", "bafyv", "https://v/x.m3u8", "باران")
    assert read(embed=film | {"presentation": "gif"}).attachments[0].kind == "animation"
    card = {
        "$type": "app.bsky.embed.external#view",
        "external": {"uri": "https://example.org/", "title": "سرلیک"},
    }
    assert read(embed=card).preview.title == "سرلیک"
    (odd,) = read(embed={"$type": "app.bsky.embed.hologram#view"}).attachments
    assert (odd.kind, odd.title, odd.available) == ("unknown", "app.bsky.embed.hologram#view", None)


def test_languages_self_labels_and_edits() -> None:
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}
    post = read(langs=["ps", "ar"], labels=labels)
    assert (post.languages, post.warning) == (("ps", "ar"), "graphic-media")
    assert read().languages is None
    assert read(text="سمه شوه").digest() != read().digest()


def test_a_handle_that_is_invalid_now_gives_way_to_the_did() -> None:
    post = read_item({"post": view(author=KABUL | {"handle": "handle.invalid"})})
    assert post.author.handle == DID


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"feed": {}}', b"null", b"[" * 100_000])
def test_a_page_that_is_no_feed_says_so(body: bytes) -> None:
    with pytest.raises(PageChanged, match="getAuthorFeed"):
        Bluesky().read(page(body))


def test_one_unreadable_post_does_not_hide_the_others() -> None:
    feed = [
        {"post": view()},
        {"post": {"uri": OTHER_URI, "author": LAHORE}},
        5,
        {"post": view(uri=OTHER_URI)},
    ]
    reading = Bluesky().read(page({"feed": feed}))
    assert [p.native_id for p in reading.posts] == [URI, OTHER_URI]
    assert reading.served == 4
    assert [p.what for p in reading.problems] == [f"{OTHER_URI} has no record", "a post's uri is missing"]


@pytest.mark.parametrize("words", ["", "🙂🇦🇫", "ا" * 100_000, "a\x00b", "a\ud800b"])
def test_odd_texts_are_kept_as_they_are(words: str) -> None:
    assert read(text=words).text == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
EMBED = {
    "$type": "app.bsky.embed.recordWithMedia#view",
    "record": {"record": {"uri": OTHER_URI, "author": LAHORE, "value": record()}},
    "media": {"$type": "app.bsky.embed.images#view", "images": [{"alt": "x", "fullsize": "https://x/y@z"}]},
}
RICH = {
    "record": record(
        reply={"parent": {"uri": OTHER_URI}}, langs=["ps"], facets=[facet("سلام", "سلام", uri="https://x")]
    ),
    "embed": EMBED,
    "author": KABUL,
    "uri": URI,
    "likeCount": 1,
}


@given(outer=st.sampled_from(sorted(RICH)), inner=st.text(max_size=3), pick=st.integers(0, 9), junk=JSON)
@settings(max_examples=150, deadline=None)
def test_whatever_a_field_holds_a_page_is_read_or_named(outer: str, inner: str, pick: int, junk: Any) -> None:
    held = RICH[outer]
    keys = sorted(held) if isinstance(held, dict) else []
    changed = held | {keys[pick % len(keys)]: junk} if keys and pick else junk
    item = {"post": RICH | {outer: changed}, "reply": junk, "reason": junk}
    try:
        reading = Bluesky().read(page({"feed": [item, {"post": view()}], "cursor": junk}))
    except PageError as error:
        assert error.what
    else:
        assert reading.served == 2 == len(reading.posts) + len(reading.problems)
        assert not [p for p in reading.problems if "could not be read" in p.what]
