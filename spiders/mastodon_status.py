"""A status and an account as Mastodon's API writes them, with the shapes of its relatives.

A repost says what its original says, counts and media included; who passed it on is its author. The text is
the content's as a reader sees it: links in full, custom emoji as :code:.
"""

from collections.abc import Mapping, Sequence
from typing import Any

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
from spiders import facts
from spiders.html import links_of, parse, text_of
from spiders.page import Page, Target

PLATFORM = "mastodon"
MEDIA: Mapping[str, MediaKind] = {"image": "image", "gifv": "animation", "video": "video", "audio": "audio"}
COUNTS = {
    "replies_count": "replies",
    "reblogs_count": "reposts",
    "quotes_count": "quotes",
    "favourites_count": "likes",
}
ACCOUNT_COUNTS = {
    "followers_count": "followers",
    "following_count": "following",
    "statuses_count": "posts",
}
# What a quote's state says of the quoted post; pending and unknown ones say nothing.
SHOWN = {"accepted": True} | dict.fromkeys(
    ("rejected", "revoked", "deleted", "unauthorized", "blocked_account", "blocked_domain", "muted_account"),
    False,
)


def post(item: Any, page: Page) -> Post:
    if not isinstance(item, dict):
        raise PageChanged(page.url, f"expected a status, got {type(item).__name__}")
    native_id = facts.required(item.get("id"), page, "a status's id")
    told = facts.table(item.get("account"))
    # A status of the watched account's own list is the account's, also where it does not repeat whose it is.
    author = account(told, page) if told or page.account is None else page.account
    original = facts.table(item.get("reblog"))
    said = original or item  # a repost says what its original says
    content = facts.text(said.get("content"))
    root = parse(content) if content else None
    kind, references = _references(item, said, page)
    tags, mentions = facts.tables(said.get("tags")), facts.tables(said.get("mentions"))
    return Post(
        platform=PLATFORM,
        native_id=f"{native_id}@{host_of(page.target)}",
        author=author,
        kind=kind,
        url=facts.first(item.get("url"), item.get("uri")),
        published_at=facts.moment(item.get("created_at")),
        edited=bool(said["edited_at"]) if "edited_at" in said else None,
        edited_at=facts.moment(said.get("edited_at")),
        warning=facts.text(said.get("spoiler_text")),
        text=None if content is None else "" if root is None else text_of(root),
        html=content,
        languages=(said["language"],) if facts.filled(said.get("language")) else None,
        links=_links(root, tags, mentions) if content is not None else None,
        tags=None if tags is None else tuple(t["name"] for t in tags if facts.filled(t.get("name"))),
        mentions=None
        if mentions is None
        else tuple(filter(None, (handle_of(m, page.target) for m in mentions))),
        references=references,
        attachments=_attachments(said),
        poll=_poll(said.get("poll")),
        preview=_preview(said.get("card")),
        metrics=facts.metrics(said, COUNTS),
    )


def account(found: Mapping[str, Any], page: Page) -> Account:
    host = host_of(page.target)
    native_id = facts.required(found.get("id"), page, "an account's id")
    note = facts.text(found.get("note"))
    return Account(
        platform=PLATFORM,
        native_id=f"{native_id}@{host}",
        handle=facts.required(handle_of(found, page.target), page, "an account's handle"),
        url=facts.filled(found.get("url")),
        name=facts.text(found.get("display_name")),
        description=None if note is None else text_of(note),
        avatar_url=facts.filled(found.get("avatar")),
        created_at=facts.moment(found.get("created_at")),
        metrics=facts.metrics(found, ACCOUNT_COUNTS),
    )


def _references(
    item: Mapping[str, Any], said: Mapping[str, Any], page: Page
) -> tuple[Kind, tuple[Reference, ...] | None]:
    host = host_of(page.target)
    quoted = _quote(said, page)
    if said is not item:
        of = facts.table(said.get("account"))
        repost = Reference(
            relation="repost",
            native_id=_id_at(said.get("id"), host),
            url=facts.first(said.get("url"), said.get("uri")),
            author_name=facts.text(of.get("display_name")),
            author_handle=handle_of(of, page.target),
            author_native_id=_id_at(of.get("id"), host),
            published_at=facts.moment(said.get("created_at")),
            available=True,
        )
        return "repost", (repost, *quoted)
    answered = facts.filled(item.get("in_reply_to_id"))
    if answered is None:
        known = "in_reply_to_id" in item
        return ("quote" if quoted else "post"), quoted or (() if known else None)
    return "reply", (_reply(item, answered, page), *quoted)


# -- pieces ---------------------------------------------------------------------------------------


def host_of(target: Target) -> str:
    return target.handle.rpartition("@")[2]


def handle_of(account: Mapping[str, Any], target: Target) -> str | None:
    """`name@host`; a server calls its own accounts by name alone."""
    acct = facts.first(account.get("acct"), account.get("username"))
    return acct if acct is None or "@" in acct else f"{acct}@{host_of(target)}"


def _id_at(native_id: Any, host: str) -> str | None:
    """Ids mean something on their server only."""
    return f"{native_id}@{host}" if facts.filled(native_id) else None


def _reply(item: Mapping[str, Any], answered: str, page: Page) -> Reference:
    host = host_of(page.target)
    author = facts.filled(item.get("in_reply_to_account_id"))
    known = [a for a in facts.tables(item.get("mentions")) or () if a.get("id") == author and a.get("acct")]
    own = facts.table(item.get("account"))
    people = known or ([own] if author and own.get("id") == author else [])
    return Reference(
        relation="reply",
        native_id=_id_at(answered, host),
        author_handle=handle_of(people[0], page.target) if people else None,
        author_native_id=_id_at(author, host),
    )


def _quote(said: Mapping[str, Any], page: Page) -> tuple[Reference, ...]:
    """Mastodon 4.4+ wraps the quoted status with a state; Fedibird, Pleroma and hollo give it bare."""
    host = host_of(page.target)
    fork = facts.table(said.get("pleroma"))
    quote = facts.table(said.get("quote")) or facts.table(fork.get("quote"))
    wrapped = "state" in quote or "quoted_status" in quote
    status = facts.table(quote.get("quoted_status")) if wrapped else quote
    shown = SHOWN.get(str(quote.get("state"))) if wrapped else (True if status else None)
    of = facts.table(status.get("account"))
    native_id = facts.first(
        status.get("id"), quote.get("quoted_status_id"), said.get("quote_id"), fork.get("quote_id")
    )
    url = facts.first(status.get("url"), status.get("uri"), fork.get("quote_url"))
    if not quote and not native_id and not url:
        return ()
    content = facts.text(status.get("content"))
    return (
        Reference(
            relation="quote",
            native_id=_id_at(native_id, host),
            url=url,
            author_name=facts.text(of.get("display_name")),
            author_handle=handle_of(of, page.target),
            author_native_id=_id_at(of.get("id"), host),
            published_at=facts.moment(status.get("created_at")),
            text=None if content is None else text_of(content),
            available=shown,
        ),
    )


def _links(
    root: Any, tags: Sequence[Mapping[str, Any]] | None, mentions: Sequence[Mapping[str, Any]] | None
) -> tuple[str, ...]:
    """The links that the author wrote: not those that the server made of #tags and @mentions."""
    if root is None:
        return ()
    made = {entry.get("url") for entry in (*(tags or ()), *(mentions or ()))}
    for anchor in root.iter("a"):
        if {"mention", "hashtag"} & set((anchor.get("class") or "").split()):
            made.add(anchor.get("href"))
    return tuple(link for link in links_of(root) if link not in made)


def _attachments(said: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
    media = facts.tables(said.get("media_attachments"))
    return None if media is None else tuple(map(_attachment, media))


def _attachment(media: Mapping[str, Any]) -> Attachment:
    meta = facts.table(media.get("meta"))
    size = facts.table(meta.get("original")) or meta
    url = facts.first(media.get("url"), media.get("remote_url"))
    return Attachment(
        kind=MEDIA.get(str(media.get("type")), "unknown"),
        key=facts.filled(media.get("id")),
        url=url,
        preview_url=facts.filled(media.get("preview_url")),
        alt=facts.text(media.get("description")),
        content_type=facts.filled(facts.table(media.get("pleroma")).get("mime_type")),
        width=facts.count(size.get("width")),
        height=facts.count(size.get("height")),
        duration_seconds=facts.number(size.get("duration")),
        available=None if url else False,
    )


def _poll(said: Any) -> Poll | None:
    options = facts.tables(facts.table(said).get("options"))
    if options is None:
        return None
    multiple = facts.flag(said.get("multiple"))
    voters = facts.count(said.get("voters_count"))
    if voters is None and multiple is False:  # one vote each
        voters = facts.count(said.get("votes_count"))
    return Poll(
        options=tuple(
            PollOption(text=str(o.get("title") or ""), votes=facts.count(o.get("votes_count")))
            for o in options
        ),
        voters=voters,
        closes_at=facts.moment(said.get("expires_at")),
        closed=facts.flag(said.get("expired")),
        multiple=multiple,
    )


def _preview(card: Any) -> LinkPreview | None:
    card = facts.table(card)
    url = facts.filled(card.get("url"))
    if url is None:
        return None
    return LinkPreview(
        url=url,
        title=facts.text(card.get("title")),
        description=facts.text(card.get("description")),
        site=facts.filled(card.get("provider_name")),
        image_url=facts.filled(card.get("image")),
    )
