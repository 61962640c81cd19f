"""Threads by its API: public profiles and their posts, with a token that has `threads_profile_discovery`.

Without Meta's review of the app a token reads only a few profiles of Meta's own; the answer says so. There is
no mark of an edit: changed text is a new revision. `threads:me` is the account that the token belongs to.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult

from archiver.errors import PageChanged
from archiver.posts import (
    Account,
    Attachment,
    Kind,
    LinkPreview,
    MediaKind,
    Poll,
    PollOption,
    Post,
    Reference,
)
from spiders import facts, graph
from spiders.page import Page, Target
from spiders.platform import Mark

HOSTS = frozenset({"threads.net", "threads.com"})
MEDIA: Mapping[str, MediaKind] = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio"}
ME = "me"
PROFILE = "id,username,name,threads_profile_picture_url,threads_biography,is_verified"
CHILD = "id,media_type,media_url,thumbnail_url,alt_text"
OTHER = "id,username,text,timestamp,permalink"
FIELDS = (
    "id,media_product_type,media_type,media_url,gif_url,permalink,owner,username,text,timestamp,shortcode,"
    f"thumbnail_url,children{{{CHILD}}},is_quote_post,quoted_post{{{OTHER}}},reposted_post{{{OTHER}}},alt_text,"
    "link_attachment_url,has_replies,is_reply,root_post,replied_to,poll_attachment,topic_tag"
)
OPTIONS = ("a", "b", "c", "d")
COUNTS = {"follower_count": "followers"}  # likes_count and its like are of the last seven days


class Threads(graph.Graph):
    name = "threads"
    base_url = "https://graph.threads.net"
    token_env = "THREADS_ACCESS_TOKEN"
    hosts = HOSTS
    example = "https://www.threads.com/@name"

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def named_in(cls, url: SplitResult) -> str | None:
        named = re.match(r"/@([A-Za-z0-9._]{1,30})(?:/|$)", url.path)
        return named[1] if named else None

    # -- where ------------------------------------------------------------------------------------

    def account_url(self, target: Target, account: Account | None = None) -> str:
        if target.handle == ME:
            return f"{self.root(target)}/v1.0/me?fields={PROFILE}"
        return f"{self.root(target)}/v1.0/profile_lookup?{facts.query([('username', target.handle)])}"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        size = str(max(1, min(self.config.page_size or 100, 100)))
        asked = [("fields", FIELDS), ("limit", size)]
        if target.handle == ME:
            return f"{self.root(target)}/v1.0/me/threads?{facts.query(asked)}"
        return f"{self.root(target)}/v1.0/profile_posts?{facts.query([('username', target.handle), *asked])}"

    def single_url(self, native_id: str, target: Target) -> str | None:
        return f"{self.root(target)}/v1.0/{native_id}?{facts.query([('fields', FIELDS)])}"

    # -- what a page says -------------------------------------------------------------------------

    def account(self, page: Page) -> Account | None:
        if page.status != 200:
            return None
        answer = facts.answer(page)
        if "data" not in answer:
            return _account(answer, page)
        owners = (facts.table(facts.table(item).get("owner")).get("id") for item in answer.get("data") or ())
        owner = next(filter(None, map(facts.filled, owners)), None)
        if owner is None or (page.account and page.account.native_id == owner):
            return None
        return _named(owner, page.target.handle)

    def items(self, page: Page) -> Sequence[Any]:
        return graph.listed(facts.answer(page), page, "a list of posts")

    def post(self, item: Any, page: Page) -> Post:
        author = self.account(page) or page.account or _named(None, page.target.handle)
        if not isinstance(item, dict):
            raise PageChanged(page.url, f"expected a post, got {type(item).__name__}")
        reposted = facts.table(item.get("reposted_post"))
        said = reposted if reposted.get("text") is not None else item
        # A post without words is sent without the field; a repost's original is not always told.
        silent = None if item.get("media_type") == "REPOST_FACADE" else ""
        kind, references = _references(item)
        link = facts.filled(item.get("link_attachment_url"))
        topic = facts.filled(item.get("topic_tag"))
        return Post(
            platform=self.name,
            native_id=facts.required(item.get("id"), page, "a post's id"),
            author=author,
            kind=kind,
            url=facts.filled(item.get("permalink")),
            published_at=facts.moment(item.get("timestamp")),
            text=silent if said.get("text") is None else facts.text(said["text"]),
            links=(link,) if link else None,
            tags=(topic,) if topic else None,
            references=references or None,
            attachments=_attachments(item),
            poll=_poll(facts.table(item.get("poll_attachment"))),
            preview=LinkPreview(url=link) if link else None,
        )

    def next(self, page: Page) -> str | None:
        return graph.following(facts.answer(page), page)


def _named(native_id: str | None, handle: str) -> Account:
    """An id made of the name until a post tells the real one."""
    url = f"https://www.threads.com/@{handle}"
    return Account(platform="threads", native_id=native_id or f"@{handle}", handle=handle, url=url)


def _account(user: Mapping[str, Any], page: Page) -> Account:
    username = facts.required(user.get("username"), page, "the profile's username").lower()
    known = page.account.native_id if page.account else None
    base = _named(facts.filled(user.get("id")) or known, username)
    return Account(
        platform=base.platform,
        native_id=base.native_id,
        handle=base.handle,
        url=base.url,
        name=facts.filled(user.get("name")),
        description=facts.first(user.get("biography"), user.get("threads_biography")),
        avatar_url=facts.first(user.get("profile_picture_url"), user.get("threads_profile_picture_url")),
        verified=facts.flag(user.get("is_verified")),
        metrics=facts.metrics(user, COUNTS),
    )


def _references(item: Mapping[str, Any]) -> tuple[Kind, tuple[Reference, ...]]:
    found: list[Reference] = []
    if item.get("media_type") == "REPOST_FACADE" or item.get("reposted_post"):
        found.append(_other("repost", item.get("reposted_post")))
    if item.get("is_reply") is True or item.get("replied_to"):
        found.append(_other("reply", item.get("replied_to")))
    if item.get("root_post"):
        found.append(_other("root", item.get("root_post")))
    if item.get("is_quote_post") is True or item.get("quoted_post"):
        found.append(_other("quote", item.get("quoted_post")))
    relations = [reference.relation for reference in found]
    kinds: tuple[Kind, ...] = ("repost", "reply", "quote")
    return next((kind for kind in kinds if kind in relations), "post"), tuple(found)


def _other(relation: Any, told: Any) -> Reference:
    other = facts.table(told)
    return Reference(
        relation=relation,
        native_id=facts.filled(other.get("id")),
        url=facts.filled(other.get("permalink")),
        author_handle=facts.filled(other.get("username")),
        published_at=facts.moment(other.get("timestamp")),
        text=facts.text(other.get("text")),
    )


def _attachments(item: Mapping[str, Any]) -> tuple[Attachment, ...]:
    children = facts.tables(facts.table(item.get("children")).get("data")) or ()
    media = children or ((item,) if item.get("media_type") in MEDIA else ())
    found = [_medium(each) for each in media]
    if gif := facts.filled(item.get("gif_url")):
        found.append(Attachment(kind="animation", key=f"{item.get('id')}:gif", url=gif))
    return tuple(found)


def _medium(each: Mapping[str, Any]) -> Attachment:
    url = facts.filled(each.get("media_url"))
    return Attachment(
        kind=MEDIA.get(str(each.get("media_type")), "unknown"),
        key=facts.filled(each.get("id")),
        url=url,
        preview_url=facts.filled(each.get("thumbnail_url")),
        alt=facts.text(each.get("alt_text")),
        available=None if url else False,
    )


def _poll(told: Mapping[str, Any]) -> Poll | None:
    options = []
    for letter in OPTIONS:
        text, share = (
            facts.filled(told.get(f"option_{letter}")),
            facts.number(told.get(f"option_{letter}_votes_percentage")),
        )
        if text:
            options.append(PollOption(text=text, percent=None if share is None else share * 100))
    return (
        Poll(options=tuple(options), closes_at=facts.moment(told.get("expiration_timestamp")))
        if options
        else None
    )
