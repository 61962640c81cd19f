"""One item as Zeeschuimer took it from a platform's own website, by platform.

The website's numbers for posts and people of Instagram and Threads are not those of Meta's APIs: such a post
is called by the code in its address, its author by name, and what a crawl has stored is found by the address.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.errors import PageChanged
from archiver.imports import _x
from archiver.imports._parts import Found, Refused, Thing
from archiver.posts import Account, Attachment, LinkPreview, MediaKind, Metric, Post, Reference
from spiders import facts, mastodon_status
from spiders.page import Page, Target

Row = Mapping[str, Any]
Reader = Callable[[Row, datetime], Thing]

_PRIVATE = Refused(why="a post of an account that is not public", private=True)


def item(platform: str, told: Row, at: datetime | None) -> Thing:
    """What an item gives; one of a platform that nobody here reads is refused by name."""
    reader = READERS.get(platform.lower().removeprefix("www."))
    if reader is None:
        return Refused(why=f"{platform or 'an item of no platform'}: nobody here reads that", owed=True)
    thing = reader(told, at or datetime.now(UTC))
    return Found(post=thing.post, at=at, also=thing.also) if isinstance(thing, Found) else thing


def _twitter(told: Row, at: datetime) -> Thing:
    inner = facts.table(told.get("tweet")) or told
    user = facts.table(facts.table(facts.table(inner.get("core")).get("user_results")).get("result"))
    people = (
        facts.table(user.get("legacy")),
        facts.table(user.get("privacy")),
        facts.table(told.get("user")),
    )
    if any(who.get("protected") is True for who in people):
        return _PRIVATE
    return Found(post=_x.from_graphql(told, seen_at=at))


# -- Instagram and Threads --------------------------------------------------------------------------------

_TYPES: Mapping[Any, MediaKind] = {1: "image", 2: "video", 19: "unknown"}


def _instagram(told: Row, at: datetime) -> Thing:
    if told.get("product_type") == "ad":
        return Refused(why="instagram.com: advertisements")
    node = told if "code" in told else _from_graph(told)
    user = facts.table(node.get("user")) or facts.table(node.get("owner"))
    if user.get("is_private") is True:
        return _PRIVATE
    code, handle = _code(node), _username(user)
    counts = {"views": "play_count", "likes": "like_count", "comments": "comment_count"}
    post = Post(
        platform="instagram",
        native_id=code,
        author=_person("instagram", user, f"https://www.instagram.com/{handle}/"),
        url=f"https://www.instagram.com/p/{code}/",
        published_at=_second(node.get("taken_at")),
        text=_caption(node),
        attachments=_media(node, code),
        metrics=_metrics(node, counts),
    )
    also = tuple(f"https://www.instagram.com/{kind}/{code}/" for kind in ("p", "reel", "tv"))
    return Found(post=post, also=also)


def _from_graph(told: Row) -> Row:
    """The website's shape of before 2021 in that of since."""
    captions = facts.tables(facts.table(told.get("edge_media_to_caption")).get("edges")) or ()
    text = facts.table(captions[0].get("node")).get("text") if captions else None
    children = facts.tables(facts.table(told.get("edge_sidecar_to_children")).get("edges")) or ()
    return {
        "code": told.get("shortcode"),
        "user": {**facts.table(told.get("owner")), **facts.table(told.get("user"))},
        "taken_at": told.get("taken_at_timestamp"),
        "caption": {"text": text} if text is not None else None,
        "like_count": facts.table(told.get("edge_media_preview_like")).get("count"),
        "comment_count": facts.table(told.get("edge_media_preview_comment")).get("count"),
        "carousel_media": [_graph_medium(facts.table(child.get("node"))) for child in children],
        **_graph_medium(told),
    }


def _graph_medium(node: Row) -> dict[str, Any]:
    film = node.get("__typename") in ("GraphVideo", "XDTGraphVideo") or node.get("is_video") is True
    return {
        "id": node.get("id"),
        "media_type": 2 if film else 1,
        "image_versions2": {"candidates": [{"url": node.get("display_url")}]},
        "video_versions": [{"url": node.get("video_url")}],
    }


def _threads(told: Row, at: datetime) -> Thing:
    user = facts.table(told.get("user"))
    if user.get("text_post_app_is_private") is True or user.get("is_private") is True:
        return _PRIVATE
    code, handle = _code(told), _username(user)
    app = facts.table(told.get("text_post_app_info"))
    card = facts.table(app.get("link_preview_attachment"))
    link = facts.filled(card.get("url"))
    share = facts.table(app.get("share_info"))
    references = tuple(
        Reference(
            relation="repost" if name == "reposted_post" else "quote",
            url=_thread_address(other),
            author_handle=facts.filled(facts.table(other.get("user")).get("username")),
            text=None if name == "reposted_post" else _caption(other),
        )
        for name in ("reposted_post", "quoted_post")
        if (other := facts.table(share.get(name)))
    )
    if app.get("is_reply") is True:
        answered = facts.filled(facts.table(app.get("reply_to_author")).get("username"))
        references = (Reference(relation="reply", author_handle=answered), *references)
    counts = {"reposts": "repost_count", "replies": "direct_reply_count", "quotes": "quote_count"}
    post = Post(
        platform="threads",
        native_id=code,
        author=_person("threads", user, f"https://www.threads.com/@{handle}"),
        kind="post" if not references else _KIND[references[0].relation],
        url=f"https://www.threads.com/@{handle}/post/{code}",
        published_at=_second(told.get("taken_at")),
        text=_caption(told),
        links=(link,) if link else None,
        references=references,
        attachments=_media(told, code) if _has_media(told) else (),
        preview=LinkPreview(url=link, title=facts.text(card.get("title"))) if link else None,
        metrics=(*(_metrics(told, {"likes": "like_count"}) or ()), *(_metrics(app, counts) or ())) or None,
    )
    hosts = ("www.threads.com", "www.threads.net", "threads.com", "threads.net")
    return Found(post=post, also=tuple(f"https://{host}/@{handle}/post/{code}" for host in hosts))


_KIND: Mapping[str, Any] = {"repost": "repost", "reply": "reply", "quote": "quote"}


def _thread_address(post: Row) -> str | None:
    handle, code = facts.filled(facts.table(post.get("user")).get("username")), facts.filled(post.get("code"))
    return f"https://www.threads.com/@{handle}/post/{code}" if handle and code else None


def _code(node: Row) -> str:
    code = facts.filled(node.get("code"))
    if code is None:
        raise PageChanged("", "a post's code is missing")
    return code


def _username(user: Row) -> str:
    handle = facts.filled(user.get("username"))
    if handle is None:
        raise PageChanged("", "the author's username is missing")
    return handle.lower()


def _person(platform: str, user: Row, url: str) -> Account:
    handle = _username(user)
    return Account(
        platform=platform,
        native_id=f"@{handle}",
        handle=handle,
        url=url,
        name=facts.filled(user.get("full_name")),
        avatar_url=facts.filled(user.get("profile_pic_url")),
        verified=facts.flag(user.get("is_verified")),
    )


def _caption(node: Row) -> str | None:
    if "caption" not in node:
        return None
    caption = node["caption"]
    return "" if caption is None else facts.text(facts.table(caption).get("text"))


def _has_media(node: Row) -> bool:
    return node.get("media_type") in (1, 2, 8) and bool(
        node.get("carousel_media") or _address(node, "image_versions2") or _address(node, "video_versions")
    )


def _media(node: Row, code: str) -> tuple[Attachment, ...]:
    """Their numbers are the website's, which an API does not use: known by their place in the post."""
    parts = facts.tables(node.get("carousel_media")) or (node,)
    return tuple(_medium(part, f"{code}/{number}") for number, part in enumerate(parts, 1))


def _medium(part: Row, key: str) -> Attachment:
    image, film = _address(part, "image_versions2"), _address(part, "video_versions")
    return Attachment(
        kind=_TYPES.get(part.get("media_type"), "unknown"),
        key=key,
        url=film or image,
        preview_url=image if film else None,
        width=facts.count(part.get("original_width")),
        height=facts.count(part.get("original_height")),
        duration_seconds=facts.number(part.get("video_duration")),
    )


def _address(part: Row, name: str) -> str | None:
    versions = part.get(name)
    listed = facts.table(versions).get("candidates") if isinstance(versions, dict) else versions
    return next((url for v in facts.tables(listed) or () if (url := facts.filled(v.get("url")))), None)


# -- others -----------------------------------------------------------------------------------------------


def _tiktok(told: Row, at: datetime) -> Thing:
    """No spider serves TikTok; what was collected elsewhere can be searched and translated all the same."""
    author = told.get("author")
    person = author if isinstance(author, dict) else {"uniqueId": author, "id": told.get("authorId")}
    if person.get("privateAccount") is True or told.get("privateItem") is True:
        return _PRIVATE
    native_id, handle = facts.filled(told.get("id")), facts.filled(person.get("uniqueId"))
    if native_id is None or handle is None:
        raise PageChanged("", "the video's id or its author is missing")
    video = facts.table(told.get("video"))
    counts = facts.table(told.get("stats"))
    names = {"views": "playCount", "likes": "diggCount", "comments": "commentCount", "reposts": "shareCount"}
    tags = [facts.filled(extra.get("hashtagName")) for extra in facts.tables(told.get("textExtra")) or ()]
    language = facts.filled(told.get("textLanguage"))
    post = Post(
        platform="tiktok",
        native_id=native_id,
        author=Account(
            platform="tiktok",
            native_id=facts.filled(person.get("id")) or f"@{handle}",
            handle=handle,
            url=f"https://www.tiktok.com/@{handle}",
            name=facts.text(person.get("nickname")),
            verified=facts.flag(person.get("verified")),
        ),
        url=f"https://www.tiktok.com/@{handle}/video/{native_id}",
        published_at=_second(told.get("createTime")),
        text=facts.text(told.get("desc")),
        languages=(language,) if language and language != "un" else None,
        tags=tuple(tag for tag in tags if tag),
        attachments=(
            Attachment(
                kind="video",
                key=native_id,
                url=facts.filled(video.get("playAddr")),
                preview_url=facts.filled(video.get("cover")),
                duration_seconds=facts.number(video.get("duration")),
            ),
        ),
        metrics=_metrics(counts, names),
    )
    return Found(post=post)


def _truth(told: Row, at: datetime) -> Thing:
    """Truth Social speaks Mastodon's API."""
    account = facts.table(told.get("account"))
    if told.get("visibility") not in (None, "public", "unlisted"):
        return _PRIVATE
    name = facts.filled(account.get("acct")) or "unknown"
    target = Target(platform="mastodon", handle=f"{name.partition('@')[0]}@truthsocial.com")
    return Found(post=mastodon_status.post(told, Page(url="", body=b"", target=target, fetched_at=at)))


def _second(value: Any) -> datetime | None:
    number = _x.whole_number(value)
    return datetime.fromtimestamp(number, UTC) if number and number < 2**34 else None


def _metrics(counts: Row, names: Mapping[str, str]) -> tuple[Metric, ...] | None:
    found = ((name, _x.whole_number(counts.get(key))) for name, key in names.items())
    return tuple(Metric(name=name, value=value) for name, value in found if value is not None) or None


READERS: Mapping[str, Reader] = {
    "twitter.com": _twitter,
    "x.com": _twitter,
    "instagram.com": _instagram,
    "threads.net": _threads,
    "threads.com": _threads,
    "tiktok.com": _tiktok,
    "truthsocial.com": _truth,
}


def collected(value: Any) -> datetime | None:
    """Zeeschuimer's time of collection: milliseconds since 1970."""
    number = _x.whole_number(value)
    if number is None or not 0 < number < 2**44:
        return None
    return datetime.fromtimestamp(number // 1000, UTC).replace(microsecond=number % 1000 * 1000)


def items(told: Row, about: Row) -> Iterator[Thing]:
    """An item with what Zeeschuimer says about it."""
    yield item(str(about.get("source_platform") or ""), told, collected(about.get("timestamp_collected")))
