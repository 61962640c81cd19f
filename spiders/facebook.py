"""Facebook pages by the Graph API: what a page posts itself.

Pages of others need a token whose app has "Page Public Content Access". Groups, events and people have no
public API. `updated_time` also changes with a comment, so it is no mark of an edit: changed text is a new
revision.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from archiver.errors import PageChanged, Usage
from archiver.posts import Account, Attachment, Kind, LinkPreview, MediaKind, Metric, Post, Reference
from spiders import facts, graph
from spiders.page import Page, Target
from spiders.platform import Mark

NAME = re.compile(r"@?([A-Za-z0-9.-]{3,75})")
HOSTS = frozenset(
    {"facebook.com", "m.facebook.com", "web.facebook.com", "mbasic.facebook.com", "fb.com", "fb.me"}
)
RESERVED = facts.words(
    "ads business events gaming groups hashtag help home.php l.php login login.php marketplace media messages"
    " notes permalink.php photo photo.php plugins policies privacy public reel reels search share share.php"
    " sharer sharer.php stories story.php video.php videos watch"
)
PROFILE = "id,name,username,about,description,link,picture{url},verification_status,fan_count,followers_count"
ATTACHMENT = "media_type,type,media,url,unshimmed_url,title,description,target"
FIELDS = (
    "id,message,story,created_time,updated_time,permalink_url,message_tags,status_type,parent_id,from,"
    f"is_published,attachments{{{ATTACHMENT},subattachments{{{ATTACHMENT}}}}},"
    "shares,reactions.summary(true).limit(0),comments.summary(true).limit(0)"
)
COUNTS = {"followers_count": "followers", "fan_count": "likes"}
KINDS: Mapping[str, MediaKind] = {"photo": "image", "video": "video", "animated_image": "animation"}


class Facebook(graph.Graph):
    name = "facebook"
    base_url = graph.FACEBOOK
    token_env = "FACEBOOK_ACCESS_TOKEN"
    hosts = HOSTS
    username = NAME
    called = "page"
    example = "https://www.facebook.com/name"

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def named_in(cls, url: SplitResult) -> str | None:
        parts = [part for part in url.path.split("/") if part]
        first = parts[0] if parts else ""
        if first == "profile.php":
            name = parse_qs(url.query).get("id", [""])[0]
        elif first in ("pages", "pg", "people", "p"):  # /pages/Name/123, /p/Name-123
            name = re.sub(r".*-(?=\d+$)", "", parts[-1])
        else:
            name = first
        return None if name.lower() in RESERVED else name

    # -- where ------------------------------------------------------------------------------------

    def account_url(self, target: Target, account: Account | None = None) -> str:
        return f"{self.root(target)}/{graph.VERSION}/{target.handle}?{facts.query([('fields', PROFILE)])}"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        if account is None:
            raise Usage(f"{target}: its page must be looked up before its posts")
        size = str(max(1, min(self.config.page_size or 50, 100)))
        asked = facts.query([("fields", FIELDS), ("limit", size)])
        return f"{self.root(target)}/{graph.VERSION}/{account.native_id}/posts?{asked}"

    def single_url(self, native_id: str, target: Target) -> str | None:
        return f"{self.root(target)}/{graph.VERSION}/{native_id}?{facts.query([('fields', FIELDS)])}"

    # -- what a page says -------------------------------------------------------------------------

    def account(self, page: Page) -> Account | None:
        if _is_posts(page):
            return None
        told = facts.answer(page)
        username = facts.filled(told.get("username"))
        return Account(
            platform=self.name,
            native_id=facts.required(told.get("id"), page, "the page's id"),
            handle=(username or page.target.handle).lower(),
            url=facts.filled(told.get("link")) or f"https://www.facebook.com/{page.target.handle}",
            name=facts.filled(told.get("name")),
            description=facts.first(told.get("about"), told.get("description")),
            avatar_url=facts.filled(facts.table(facts.table(told.get("picture")).get("data")).get("url")),
            verified=_verified(told.get("verification_status")),
            metrics=facts.metrics(told, COUNTS),
        )

    def items(self, page: Page) -> Sequence[Any]:
        listed = graph.listed(facts.answer(page), page, "a list of posts")
        return [item for item in listed if facts.table(item).get("is_published") is not False]

    def post(self, item: Any, page: Page) -> Post:
        if not isinstance(item, dict):
            raise PageChanged(page.url, f"expected a post, got {type(item).__name__}")
        attached = facts.tables(facts.table(item.get("attachments")).get("data"))
        message, story = facts.text(item.get("message")), facts.filled(item.get("story"))
        parent = facts.filled(item.get("parent_id"))
        service = not message and story and not attached and not parent
        kind: Kind = "service" if service else "post" if not parent else "quote" if message else "repost"
        relation = "quote" if kind == "quote" else "repost"
        references = (Reference(relation=relation, native_id=parent),) if parent else None  # type: ignore[arg-type]
        tags = facts.tables(item.get("message_tags"))
        links = None if attached is None else tuple(filter(None, (_link(a) for a in attached if _is_link(a))))
        return Post(
            platform=self.name,
            native_id=facts.required(item.get("id"), page, "a post's id"),
            author=page.account or _author(facts.table(item.get("from")), page),
            kind=kind,
            url=facts.filled(item.get("permalink_url")),
            published_at=facts.moment(item.get("created_time")),
            text=_text(message, story, kind, attached or ()),
            links=links,
            mentions=None
            if tags is None
            else tuple(filter(None, (facts.filled(t.get("name")) for t in tags))),
            references=references,
            attachments=tuple(_attachments(attached or ())),
            preview=next((_preview(a) for a in attached or () if _is_link(a)), None),
            metrics=_metrics(item),
        )

    def next(self, page: Page) -> str | None:
        return graph.following(facts.answer(page), page)


def _is_posts(page: Page) -> bool:
    return urlsplit(page.url).path.endswith(("/posts", "/feed", "/published_posts"))


def _verified(status: Any) -> bool | None:
    return None if facts.filled(status) is None else status in ("blue_verified", "gray_verified")


def _author(told: Mapping[str, Any], page: Page) -> Account:
    handle = page.target.handle
    native_id = facts.filled(told.get("id")) or f"@{handle}"
    return Account(
        platform="facebook", native_id=native_id, handle=handle, name=facts.filled(told.get("name"))
    )


def _text(
    message: str | None, story: str | None, kind: Kind, attached: Sequence[Mapping[str, Any]]
) -> str | None:
    """A post without words is sent without `message`. What Facebook says of it (`story`) is a text only where
    there is nothing else; what a shared post said stands with what is attached, if anywhere."""
    if message is not None or kind == "post":
        return message or ""
    if kind == "service":
        return story
    return next(filter(None, (facts.filled(each.get("description")) for each in attached)), None)


# -- what hangs on it -----------------------------------------------------------------------------


def _attachments(attached: Sequence[Mapping[str, Any]]) -> Iterator[Attachment]:
    """An album's pictures stand below it; the album itself shows the first of them again."""
    for each in attached:
        below = facts.tables(facts.table(each.get("subattachments")).get("data"))
        if below:
            yield from _attachments(below)
        elif not _is_link(each) and each.get("media_type") != "album":
            yield _attachment(each)


def _attachment(each: Mapping[str, Any]) -> Attachment:
    media, target = facts.table(each.get("media")), facts.table(each.get("target"))
    image = facts.table(media.get("image"))
    kind = KINDS.get(str(each.get("media_type")), KINDS.get(str(each.get("type")).split("_")[0], "unknown"))
    shown, source = facts.filled(image.get("src")), facts.filled(media.get("source"))
    return Attachment(
        kind=kind,
        key=facts.first(target.get("id"), target.get("url"), each.get("url")),
        url=source if kind == "video" else shown,
        preview_url=shown if kind == "video" else None,
        width=facts.count(image.get("width")),
        height=facts.count(image.get("height")),
        title=facts.filled(each.get("title")),
        available=None if shown or source else False,
    )


def _is_link(each: Mapping[str, Any]) -> bool:
    return each.get("media_type") == "link" or each.get("type") == "share"


def _link(each: Mapping[str, Any]) -> str | None:
    """The address itself rather than Facebook's way to it (l.facebook.com/l.php?u=...)."""
    url = facts.first(each.get("unshimmed_url"), each.get("url"))
    leads = urlsplit(url or "").path == "/l.php" and facts.in_query(str(url), "u")
    return leads or url


def _preview(each: Mapping[str, Any]) -> LinkPreview | None:
    url = _link(each)
    if url is None:
        return None
    image = facts.table(facts.table(each.get("media")).get("image"))
    return LinkPreview(
        url=url,
        title=facts.filled(each.get("title")),
        description=facts.filled(each.get("description")),
        image_url=facts.filled(image.get("src")),
    )


def _metrics(item: Mapping[str, Any]) -> tuple[Metric, ...] | None:
    counted = {
        "reactions": _total(item.get("reactions")),
        "comments": _total(item.get("comments")),
        "reposts": facts.count(facts.table(item.get("shares")).get("count")),
    }
    return (
        tuple(Metric(name=name, value=value) for name, value in counted.items() if value is not None) or None
    )


def _total(told: Any) -> int | None:
    return facts.count(facts.table(facts.table(told).get("summary")).get("total_count"))
