"""Instagram's business and creator accounts, looked up through our own (Graph API, `business_discovery`).

Asked for with a token and the id of the account that it belongs to: `[platforms.instagram] user_id`, or
INSTAGRAM_USER_ID. Private and personal accounts, and those with an age limit, are answered like unknown ones.
There are no stories and no mark of an edit: a changed caption is a new revision. The cursor stands inside the
expression that names the fields.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult

from archiver.errors import BadConfig, PageChanged
from archiver.posts import Account, Attachment, MediaKind, Post
from spiders import facts, graph
from spiders.page import Page, Target
from spiders.platform import Mark

HOSTS = frozenset({"instagram.com", "m.instagram.com", "instagr.am"})
RESERVED = facts.words("p reel reels tv explore stories accounts direct about legal developer web")
USER_ID = "INSTAGRAM_USER_ID"
MEDIA: Mapping[str, MediaKind] = {"IMAGE": "image", "VIDEO": "video"}
CHILDREN = "children{id,media_type,media_url,thumbnail_url}"
FIELDS = (
    "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,like_count,"
    f"comments_count,{CHILDREN}"
)
PROFILE = "id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count"
COUNTS = {"followers_count": "followers", "follows_count": "following", "media_count": "posts"}
CURSOR = re.compile(r"[\w=+/.-]+", re.ASCII)
_AFTER = re.compile(r"media(?:\.after\(([^()]*)\))?\.limit\((\d+)\)")
_NOBODY = (110, 2207013)  # "The user with username: ... cannot be found."


class Instagram(graph.Graph):
    name = "instagram"
    base_url = graph.FACEBOOK
    token_env = "INSTAGRAM_ACCESS_TOKEN"
    hosts = HOSTS
    example = "https://www.instagram.com/name"

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def named_in(cls, url: SplitResult) -> str | None:
        first = url.path.strip("/").partition("/")[0]
        return None if first.lower() in RESERVED else first

    # -- where ------------------------------------------------------------------------------------

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        own = self.config.user_id or os.environ.get(USER_ID)
        if not own or not own.isascii() or not own.isdigit():
            raise BadConfig(
                f"instagram looks others up through your own account: put its id into {USER_ID} "
                "or [platforms.instagram] user_id"
            )
        size = max(1, min(self.config.page_size or 50, 50))
        media = f"media.limit({size}){{{FIELDS}}}"
        asked = f"business_discovery.username({target.handle}){{{PROFILE},{media}}}"
        return f"{self.root(target)}/{graph.VERSION}/{own}?{facts.query([('fields', asked)])}"

    def means_nobody(self, error: Mapping[str, Any]) -> bool:
        return error.get("code") == _NOBODY[0] or error.get("error_subcode") == _NOBODY[1]

    # -- what a page says -------------------------------------------------------------------------

    def account(self, page: Page) -> Account | None:
        if page.status != 200:
            return None
        found = _discovered(page)
        username = facts.filled(found.get("username"))
        if username is None:  # asked for media only
            return None
        return Account(
            platform=self.name,
            native_id=facts.required(found.get("id"), page, "the account's id"),
            handle=username.lower(),
            url=f"https://www.instagram.com/{username}/",
            name=facts.filled(found.get("name")),
            description=facts.text(found.get("biography")),
            avatar_url=facts.filled(found.get("profile_picture_url")),
            metrics=facts.metrics(found, COUNTS),
        )

    def items(self, page: Page) -> Sequence[Any]:
        found = _discovered(page)
        if "media" not in found and found.get("media_count") == 0:
            return ()
        return graph.listed(facts.table(found.get("media")), page, "a list of media")

    def post(self, item: Any, page: Page) -> Post:
        if not isinstance(item, dict):
            raise PageChanged(page.url, f"expected a medium, got {type(item).__name__}")
        handle = page.target.handle
        unknown = Account(platform=self.name, native_id=f"@{handle}", handle=handle)
        return Post(
            platform=self.name,
            native_id=facts.required(item.get("id"), page, "a medium's id"),
            author=self.account(page) or page.account or unknown,
            url=facts.filled(item.get("permalink")),
            published_at=facts.moment(item.get("timestamp")),
            # A medium without a caption is sent without the field.
            text=facts.text(item.get("caption")) or "",
            attachments=_attachments(item),
            metrics=facts.metrics(item, {"like_count": "likes", "comments_count": "comments"}),
        )

    def next(self, page: Page) -> str | None:
        media = facts.table(_discovered(page).get("media"))
        after = facts.filled(facts.table(facts.table(media.get("paging")).get("cursors")).get("after"))
        fields = facts.in_query(page.url, "fields") or ""
        asked = _AFTER.search(fields)
        if after is None or asked is None or asked[1] == after or not media.get("data"):
            return None
        if not CURSOR.fullmatch(after):
            raise PageChanged(page.url, "the cursor of the next page cannot stand in an expression")
        expression = f"media.after({after}).limit({asked[2]})"
        return facts.with_query(
            page.url, {"fields": fields[: asked.start()] + expression + fields[asked.end() :]}
        )


def _discovered(page: Page) -> Mapping[str, Any]:
    found = facts.answer(page).get("business_discovery")
    if not isinstance(found, dict):
        why = facts.first(graph.error_of(page).get("message")) or "the answer has no 'business_discovery'"
        raise PageChanged(page.url, f"expected an account: {why}")
    return found


def _attachments(item: Mapping[str, Any]) -> tuple[Attachment, ...]:
    children = facts.tables(facts.table(item.get("children")).get("data"))
    return tuple(_medium(each) for each in children or (item,))


def _medium(each: Mapping[str, Any]) -> Attachment:
    """Its address is left away where the sound is somebody's property or downloads are off."""
    url = facts.filled(each.get("media_url"))
    return Attachment(
        kind=MEDIA.get(str(each.get("media_type")), "unknown"),
        key=facts.filled(each.get("id")),
        url=url,
        preview_url=facts.filled(each.get("thumbnail_url")),
        available=None if url else False,
    )
