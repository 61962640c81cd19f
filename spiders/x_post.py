"""One post of X's API v2 with what the page includes of other posts, people, media and polls.

In `text` every t.co address is written out as the address behind it, where the page tells it. The pointer
that X itself adds at the end for attached media is left out: the media are attachments, and the pointer
changes with the username, which is no edit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.errors import PageChanged
from archiver.posts import (
    Account,
    Kind,
    Post,
    Reference,
    Relation,
)
from spiders import facts, x_media
from spiders.page import Page

RT = re.compile(r"RT @(\w{1,15}):")
TCO = re.compile(r"https?://t\.co/\w+")
MEDIA_POINTER = re.compile(r"https?://(?:[\w-]+\.)?(?:twitter|x)\.com/\w+/status/\d+/(?:photo|video)/\d+/?")
ESCAPED = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}  # X escapes these three and no others
RELATIONS: Mapping[str, Relation] = {
    "replied_to": "reply",
    "quoted": "quote",
    "retweeted": "repost",
    "reposted": "repost",
}
KINDS: Mapping[Relation, Kind] = {"repost": "repost", "reply": "reply", "quote": "quote"}
COUNTS = {
    "impression_count": "views",
    "reply_count": "replies",
    "retweet_count": "reposts",
    "repost_count": "reposts",
    "quote_count": "quotes",
    "like_count": "likes",
    "bookmark_count": "bookmarks",
}
ACCOUNT_COUNTS = {
    "followers_count": "followers",
    "following_count": "following",
    "tweet_count": "posts",
    "post_count": "posts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """What came with a page, by id. `missing`: posts that X says cannot be shown."""

    posts: Mapping[str, Mapping[str, Any]]
    users: Mapping[str, Mapping[str, Any]]
    media: Mapping[str, Mapping[str, Any]]
    polls: Mapping[str, Mapping[str, Any]]
    missing: frozenset[str]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Included":
        given = facts.table(answer.get("includes"))
        errors = facts.tables(answer.get("errors")) or ()
        return cls(
            posts=_by(given, "tweets", "id") | _by(given, "posts", "id"),
            users=_by(given, "users", "id"),
            media=_by(given, "media", "media_key"),
            polls=_by(given, "polls", "id"),
            missing=frozenset(
                str(e.get("resource_id") or e.get("value"))
                for e in errors
                if e.get("resource_type") in ("tweet", "post")
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A post as the page has it, and what came with the page."""

    raw: Any
    included: Included = field(repr=False)


def account(user: Mapping[str, Any], page: Page) -> Account:
    entities = facts.table(user.get("entities"))
    description = facts.text(user.get("description"))
    username = facts.required(user.get("username"), page, "a username")
    return Account(
        platform="x",
        native_id=facts.required(user.get("id"), page, "a user's id"),
        handle=username,
        url=f"https://x.com/{username}",
        name=facts.text(user.get("name")),
        description=None
        if description is None
        else _readable(description, _urls(facts.table(entities.get("description")))),
        avatar_url=facts.filled(user.get("profile_image_url")),
        verified=facts.flag(user.get("verified")),
        created_at=facts.moment(user.get("created_at")),
        metrics=facts.metrics(facts.table(user.get("public_metrics")), ACCOUNT_COUNTS),
    )


def post(item: Item, page: Page, author_id: str | None) -> Post:
    """`author_id`: whose timeline the page is, for answers without the field `author_id`."""
    raw, included = item.raw, item.included
    if not isinstance(raw, dict):
        raise PageChanged(page.url, f"expected a post, got {type(raw).__name__}")
    native_id = facts.required(raw.get("id"), page, "a post's id")
    author = _author(facts.filled(raw.get("author_id")), author_id, included, page)
    references = tuple(_named_in_text(r, raw) for r in _references(raw, included))
    first = references[0] if references else None
    kind: Kind = KINDS.get(first.relation, "post") if first else "post"
    said: Mapping[str, Any] = raw
    original = included.posts.get(first.native_id or "") if first and kind == "repost" else None
    if first and original:
        said = original  # a repost's own text is cut after 140 characters
        references = (first, *(r for r in _references(said, included) if r.relation == "quote"))
    history = [i for i in _either(raw, "edit_history_{}_ids") or () if facts.filled(i)]
    created = facts.moment(raw.get("created_at"))
    entities = _entities(said)
    urls = _urls(entities)
    links = [u for u in urls.values() if not MEDIA_POINTER.fullmatch(u)]
    shown = x_media.attachments(said if said.get("attachments") else raw, included.media)
    known = bool(entities) or _asked(page, "entities")
    return Post(
        platform="x",
        native_id=native_id,
        author=author,
        kind=kind,
        url=web_address(native_id),
        published_at=created,
        edited=len(history) > 1 if history else None,
        edited_at=created if len(history) > 1 and history[-1] == native_id else None,
        title=facts.filled(facts.table(said.get("article")).get("title")),
        text=_text(said, urls),
        languages=(said["lang"],) if facts.filled(said.get("lang")) else None,
        links=tuple(dict.fromkeys(links)) if known else None,
        tags=_named(entities, "hashtags", "tag") if known else None,
        mentions=_named(entities, "mentions", "username") if known else None,
        references=references if references or _asked(page, "referenced_") else None,
        attachments=() if shown is None and _asked(page, "attachments") else shown,
        poll=x_media.poll(said, included.polls),
        preview=x_media.preview(entities),
        metrics=facts.metrics(facts.table(said.get("public_metrics")), COUNTS),
        group_ids=tuple(i for i in history if i != native_id),
    )


def web_address(native_id: str) -> str:
    """A post's page, whatever its author is called now."""
    return f"https://x.com/i/status/{native_id}"


# -- pieces ---------------------------------------------------------------------------------------


def _by(given: Mapping[str, Any], what: str, key: str) -> dict[str, Mapping[str, Any]]:
    return {
        entry[key]: entry for entry in facts.tables(given.get(what)) or () if facts.filled(entry.get(key))
    }


def _either(raw: Mapping[str, Any], name: str) -> list[Any] | None:
    """A list that has a name in each spelling of the contract."""
    for spelling in ("tweet", "post"):
        if isinstance(found := raw.get(name.format(spelling)), list):
            return found
    return None


def _asked(page: Page, name: str) -> bool:
    """Whether the request named this, so that its absence means none rather than unknown."""
    asked = (facts.in_query(page.url, key) or "" for key in ("tweet.fields", "post.fields", "expansions"))
    return any(word.startswith(name) for part in asked for word in part.split(","))


def _author(said: str | None, owner: str | None, included: Included, page: Page) -> Account:
    native_id = said or owner
    user = included.users.get(native_id or "")
    if user is not None and facts.filled(user.get("username")):
        return account(user, page)
    if page.account is not None and native_id in (None, page.account.native_id):
        return page.account
    if native_id is None:
        raise PageChanged(page.url, "a post does not say its author")
    # Without `includes` people are only ids; the timeline's owner is whom we asked for.
    return Account(
        platform="x", native_id=native_id, handle=page.target.handle if native_id == owner else native_id
    )


def _references(raw: Mapping[str, Any], included: Included) -> tuple[Reference, ...]:
    """A repost first, then the post answered, the thread's root and the post quoted."""
    named = facts.tables(_either(raw, "referenced_{}s")) or ()
    found = [
        _reference(relation, entry["id"], included)
        for entry in named
        if facts.filled(entry.get("id")) and (relation := RELATIONS.get(str(entry.get("type"))))
    ]
    answered = [r for r in found if r.relation == "reply"]
    root = facts.filled(raw.get("conversation_id"))
    if answered and root and root not in (raw.get("id"), answered[0].native_id):
        found.append(_reference("root", root, included))
    order = ("repost", "reply", "root", "quote")
    return tuple(sorted(found, key=lambda r: order.index(r.relation)))


def _reference(relation: Relation, native_id: str, included: Included) -> Reference:
    other = included.posts.get(native_id)
    whose = facts.filled((other or {}).get("author_id"))
    user = included.users.get(whose or "", {})
    return Reference(
        relation=relation,
        native_id=native_id,
        url=web_address(native_id),
        author_name=facts.text(user.get("name")),
        author_handle=facts.filled(user.get("username")),
        author_native_id=whose,
        published_at=facts.moment((other or {}).get("created_at")),
        text=_text(other, _urls(_entities(other))) if other and relation != "repost" else None,
        available=True if other else False if native_id in included.missing else None,
    )


def _named_in_text(reference: Reference, raw: Mapping[str, Any]) -> Reference:
    """A repost begins with whose words it repeats, also when the page brings nothing else of them."""
    named = RT.match(facts.text(raw.get("text")) or "")
    if reference.relation != "repost" or reference.author_handle or not named:
        return reference
    return replace(reference, author_handle=named[1])


def _note(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole of a long post."""
    return facts.table(raw.get("note_tweet")) or facts.table(raw.get("note_post"))


def _entities(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of the whole text; the cut one's where the whole has none."""
    return {**facts.table(raw.get("entities")), **facts.table(_note(raw).get("entities"))}


def _urls(entities: Mapping[str, Any]) -> dict[str, str]:
    """t.co address -> the address behind it."""
    return {
        entry["url"]: entry["expanded_url"]
        for entry in facts.tables(entities.get("urls")) or ()
        if facts.filled(entry.get("url")) and facts.filled(entry.get("expanded_url"))
    }


def _text(raw: Mapping[str, Any], urls: Mapping[str, str]) -> str | None:
    text = facts.filled(_note(raw).get("text")) or facts.text(raw.get("text"))
    return None if text is None else _readable(text, urls)


def _readable(text: str, urls: Mapping[str, str]) -> str:
    text = re.sub("&(?:amp|lt|gt);", lambda m: ESCAPED[m[0]], text)
    words = text.rsplit(maxsplit=1)
    while words and MEDIA_POINTER.fullmatch(urls.get(words[-1], "")):
        text = words[0] if len(words) == 2 else ""
        words = text.rsplit(maxsplit=1)
    return TCO.sub(lambda m: urls.get(m[0], m[0]), text)


def _named(entities: Mapping[str, Any], what: str, key: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(e[key] for e in facts.tables(entities.get(what)) or () if facts.filled(e.get(key)))
    )
