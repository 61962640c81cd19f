"""A Nitter instance's RSS: what its pages say, without counts, polls and descriptions of pictures."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archiver.errors import PageChanged, Truncated
from archiver.posts import Account, Attachment, Kind, Post, Reference
from spiders.feeds.document import Entry, Feed, Unread
from spiders.html import inner_html, links_of, parse, text_of
from spiders.nitter_item import PLATFORM, STATUS, media_key, name_of
from spiders.page import Page

REPLY = re.compile(r"R to @(\w+): ", re.ASCII)
REPOST = re.compile(r"RT by @(\w+): ", re.ASCII)


def account(feed: Feed, page: Page) -> Account:
    """Whose feed it is. It tells no number of X's, so what is known of the account stays."""
    name = name_of(page.target)
    shown = (feed.title or "").rpartition(" / @")
    return Account(
        platform=PLATFORM,
        native_id=page.account.native_id if page.account else f"@{name.lower()}",
        handle=page.target.handle,
        url=f"https://x.com/{shown[2] or name}",
        name=shown[0] or None,
        avatar_url=feed.image,
    )


def items(feed: Feed, page: Page) -> Sequence[Entry | Unread]:
    return feed.entries


def post(item: Entry | Unread, page: Page, author: Account | None) -> Post:
    if isinstance(item, Unread):
        raise Truncated(page.url, item.what)
    named = STATUS.search(item.link or item.guid or "")
    if named is None:
        raise PageChanged(page.url, "an entry is no post: its address names no status")
    name, title = name_of(page.target), (item.title or "").removeprefix("Pinned: ")
    root = parse(item.html) if item.html else None
    quote = _without_quote(root)
    repost, reply = bool(REPOST.match(title)), REPLY.match(title)
    references: list[Reference] = []
    if repost:
        url = f"https://x.com/{named[1]}/status/{named[2]}"
        given = Reference(relation="repost", native_id=named[2], url=url, author_handle=named[1])
        references.append(given)
    if reply:
        references.append(Reference(relation="reply", author_handle=reply[1]))
    if quote:
        references.append(quote)
    kind: Kind = "repost" if repost else "reply" if reply else "quote" if quote else "post"
    return Post(
        platform=PLATFORM,
        native_id=f"{named[2]}:repost:{name.lower()}" if repost else named[2],
        author=author or account(Feed(), page),
        kind=kind,
        url=f"https://x.com/{named[1]}/status/{named[2]}",
        published_at=None if repost else item.published,
        text=_text(root),
        html=item.html,
        links=() if root is None else _links(root, page),
        references=tuple(references) or None,
        attachments=_media(root),
    )


def _without_quote(root: HtmlElement | None) -> Reference | None:
    """Takes the quoted post out of `root`: it is somebody else's text."""
    found = (
        [each for each in root.iter("blockquote") if each.find(".//footer") is not None]
        if root is not None
        else []
    )
    if not found:
        return None
    quote = found[0]
    named = next((m for a in quote.iter("a") for m in [STATUS.search(a.get("href") or "")] if m), None)
    text = next(filter(None, map(text_of, quote.iter("p"))), None)  # the outer ends at once
    parent = quote.getparent()
    if parent is not None:
        parent.remove(quote)
    if named is None:
        return Reference(relation="quote", text=text)
    url = f"https://x.com/{named[1]}/status/{named[2]}"
    return Reference(relation="quote", native_id=named[2], url=url, author_handle=named[1], text=text)


def _links(root: HtmlElement, page: Page) -> tuple[str, ...]:
    """Not those into the instance: hashtags, names, the post itself."""
    return tuple(url for url in links_of(root) if urlsplit(url).netloc != urlsplit(page.url).netloc)


def _text(root: HtmlElement | None) -> str:
    """The first paragraph: after it come pictures and the word "Video"."""
    said = next(root.iter("p"), None) if root is not None else None
    return "" if said is None else text_of(inner_html(said))


def _media(root: HtmlElement | None) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for image in () if root is None else root.iter("img"):
        url, around = image.get("src"), image.getparent()
        kind = "video" if around is not None and around.tag == "a" else "image"
        if url and "card_img" not in url:
            shown = {"preview_url": url} if kind == "video" else {"url": url}
            found.append(Attachment(kind=kind, key=media_key(url), **shown))  # type: ignore[arg-type]
    for video in () if root is None else root.iter("video"):
        url = next((source.get("src") for source in video.iter("source")), None)
        found.append(
            Attachment(kind="animation", key=media_key(url or ""), url=url, preview_url=video.get("poster"))
        )
    return tuple(found)
