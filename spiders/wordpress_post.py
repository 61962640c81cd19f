"""A post as WordPress's REST API writes it, with what `_embed` brings: author, picture, tags."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archiver.errors import PageChanged
from archiver.posts import Account, Attachment, Post
from spiders import facts
from spiders.feeds.document import media_kind, merged, pictures
from spiders.html import absolute, links_of, parse, text_of
from spiders.page import Page, Target

PLATFORM = "wordpress"


def post(item: Any, page: Page) -> Post:
    if not isinstance(item, dict):
        raise PageChanged(page.url, f"expected a post, got {type(item).__name__}")
    number = facts.count(item.get("id"))
    if number is None:
        raise PageChanged(page.url, "a post's id is missing")
    content = facts.table(item.get("content"))
    protected = content.get("protected") is True
    # A protected post's content is sent as "": that is unknown, not empty.
    markup = None if protected else facts.text(content.get("rendered"))
    root = parse(markup) if markup else None
    link = facts.filled(item.get("link"))
    published, modified = _utc(item.get("date_gmt")), _utc(item.get("modified_gmt"))
    edited = None if published is None or modified is None else modified > published
    embedded = facts.table(item.get("_embedded"))
    title = facts.text(facts.table(item.get("title")).get("rendered"))
    return Post(
        platform=PLATFORM,
        native_id=f"{number}@{site(page.target)}",
        author=page.account or _somebody(page.target),
        url=link,
        published_at=published,
        edited=edited,
        edited_at=modified if edited else None,
        title=None if title is None else text_of(title),
        text=None if markup is None else "" if root is None else text_of(root),
        html=markup,
        languages=_languages(item),
        links=None if markup is None else () if root is None else links_of(root, link),
        tags=_terms(embedded),
        attachments=_attachments(item, embedded, root, link) if markup is not None else None,
        signature=_signature(embedded),
        withheld=protected if "protected" in content else None,
    )


def site(target: Target) -> str:
    """The watched site without its scheme: ids count on one site only."""
    parts = urlsplit(target.handle)
    return parts.netloc + parts.path


def _somebody(target: Target) -> Account:
    return Account(platform=PLATFORM, native_id=f"@{target.handle}", handle=target.handle)


def _utc(said: Any) -> datetime | None:
    """`date_gmt` is UTC and does not say so."""
    written = facts.filled(said)
    return facts.moment(written if written is None or written.endswith("Z") else written + "Z")


def _languages(item: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Polylang and its like add `lang`; WordPress itself does not say."""
    said = facts.filled(item.get("lang"))
    return (said,) if said else None


def _terms(embedded: Mapping[str, Any]) -> tuple[str, ...] | None:
    groups = embedded.get("wp:term")
    if not isinstance(groups, list):
        return None
    terms = (term for group in groups for term in facts.tables(group) or ())
    return tuple(dict.fromkeys(text_of(t["name"]) for t in terms if facts.filled(t.get("name"))))


def _signature(embedded: Mapping[str, Any]) -> str | None:
    names = (facts.filled(a.get("name")) for a in facts.tables(embedded.get("author")) or ())
    return ", ".join(filter(None, names)) or None


def _attachments(
    item: Mapping[str, Any], embedded: Mapping[str, Any], root: HtmlElement | None, base: str | None
) -> tuple[Attachment, ...]:
    featured = [a for m in facts.tables(embedded.get("wp:featuredmedia")) or () if (a := _featured(m, base))]
    if "wp:featuredmedia" in embedded and not featured:
        key = f"media:{item.get('featured_media')}"  # named, but not shown to the public
        featured = [Attachment(kind="unknown", key=key, available=False)]
    return merged([*featured, *pictures(root, base), *_players(root, base)])


def _featured(media: Mapping[str, Any], base: str | None) -> Attachment | None:
    url = absolute(facts.filled(media.get("source_url")), base)
    if url is None:
        return None
    details, mime = facts.table(media.get("media_details")), facts.filled(media.get("mime_type"))
    title = facts.filled(facts.table(media.get("title")).get("rendered"))
    return Attachment(
        kind=media_kind(mime, url),
        key=url,
        url=url,
        alt=facts.text(media.get("alt_text")),
        content_type=mime,
        width=facts.count(details.get("width")),
        height=facts.count(details.get("height")),
        size_bytes=facts.count(details.get("filesize")),
        title=text_of(title) if title else None,
    )


def _players(root: HtmlElement | None, base: str | None) -> Iterator[Attachment]:
    """Videos and sound inside the text."""
    for player in () if root is None else root.iter("video", "audio"):
        sources = [player.get("src"), *(source.get("src") for source in player.iter("source"))]
        url = next(filter(None, (absolute(source, base) for source in sources)), None)
        if url:
            found = Attachment(kind=media_kind(None, url), key=url, url=url)
            yield replace(
                found,
                kind="video" if player.tag == "video" else "audio",
                preview_url=absolute(player.get("poster"), base),
            )
