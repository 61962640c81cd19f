"""What a Bluesky post says: its text with facets, what is embedded, what it answers and quotes.

`record` is what the author signed; `view` is the AppView's rendering of it, with the addresses of the media
and with the posts that it refers to. What is said comes from the record, where it can be found from the view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.posts import Attachment, LinkPreview, MediaKind, Reference, Relation
from spiders import facts

POST = "app.bsky.feed.post"
PAGES = {  # records that have a page of their own in the app
    POST: "post",
    "app.bsky.feed.generator": "feed",
    "app.bsky.graph.list": "lists",
}
NO_LOGIN = "!no-unauthenticated"


def did_of(uri: str) -> str:
    return uri.removeprefix("at://").partition("/")[0]


def web_address(uri: str) -> str | None:
    """The app's page for an at:// address, by DID."""
    parts = uri.removeprefix("at://").split("/")
    if len(parts) != 3 or not parts[0].startswith("did:") or parts[1] not in PAGES:
        return None
    return f"https://bsky.app/profile/{parts[0]}/{PAGES[parts[1]]}/{parts[2]}"


def is_withheld(author: Mapping[str, Any]) -> bool | None:
    """Whether the account itself asks not to be shown without a login; others' labels are opinions."""
    labels = facts.tables(author.get("labels"))
    if labels is None:
        return None
    return any(
        label.get("val") == NO_LOGIN
        and label.get("neg") is not True
        and label.get("src") == author.get("did")
        for label in labels
    )


# -- text -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    text: str | None
    links: tuple[str, ...]
    tags: tuple[str, ...]
    mentions: tuple[str, ...]


def wording(record: Mapping[str, Any]) -> Wording:
    """The text with its links in full: one that is shown shortened ("example.org/long…") is written out,
    one behind words stays behind them and is among `links`. Facets count bytes of UTF-8."""
    text = facts.text(record.get("text"))
    coded = (text or "").encode("utf-8", "surrogatepass")
    links, tags, mentions = dict[str, None](), dict[str, None](), dict[str, None]()
    pieces, done = list[bytes](), 0
    for start, end, feature in _features(record, len(coded)):
        shown = coded[start:end].decode("utf-8", "replace")
        if uri := facts.filled(feature.get("uri")):
            links[uri] = None
            if start >= done and _is_short_for(shown, uri):
                pieces += [coded[done:start], uri.encode("utf-8", "surrogatepass")]
                done = end
        elif tag := facts.filled(feature.get("tag")):
            tags[tag] = None
        elif did := facts.filled(feature.get("did")):
            mentions[shown.removeprefix("@") or did] = None
    outside = record.get("tags")
    for tag in outside if isinstance(outside, list) else ():
        if facts.filled(tag):
            tags[tag] = None
    whole = b"".join([*pieces, coded[done:]]).decode("utf-8", "surrogatepass")
    return Wording(
        text=None if text is None else whole,
        links=tuple(links),
        tags=tuple(tags),
        mentions=tuple(mentions),
    )


def _features(record: Mapping[str, Any], length: int) -> Sequence[tuple[int, int, Mapping[str, Any]]]:
    """(first byte, byte after the last, feature) in the order of the text; ranges outside of it are empty."""
    found = []
    for facet in facts.tables(record.get("facets")) or ():
        index = facts.table(facet.get("index"))
        start, end = facts.count(index.get("byteStart")), facts.count(index.get("byteEnd"))
        if start is None or end is None or not start <= end <= length:
            start = end = length
        found += [(start, end, feature) for feature in facts.tables(facet.get("features")) or ()]
    return sorted(found, key=lambda f: f[:2])


def _is_short_for(shown: str, uri: str) -> bool:
    """Whether `shown` is the beginning of the address, as apps shorten it; not words, not the whole."""
    head = _bare(shown.removesuffix("…").removesuffix("..."))
    return len(head) > 3 and shown != uri and "." in head and _bare(uri).startswith(head)


def _bare(address: str) -> str:
    return address.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")


def warning(record: Mapping[str, Any]) -> str | None:
    """The labels that the author put on the post ("graphic-media"); moderators' labels come and go."""
    values = facts.tables(facts.table(record.get("labels")).get("values"))
    return ", ".join(v["val"] for v in values if facts.filled(v.get("val"))) or None if values else None


# -- what is embedded -----------------------------------------------------------------------------


def attachments(view: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[Attachment, ...]:
    signed = _media(facts.table(record.get("embed")))
    shown = _media(facts.table(view.get("embed")))
    kind = _type(signed) or _type(shown)
    if kind in ("images", "gallery"):
        return _images(shown, signed)
    if kind == "video":
        return (_video(shown, signed),)
    if kind in ("", "external", "record"):
        return ()
    return (Attachment(kind="unknown", title=str(signed.get("$type") or shown.get("$type"))),)


def preview(view: Mapping[str, Any]) -> LinkPreview | None:
    """The card under the post: a link's, or that of an embedded feed, list, starter pack or labeler."""
    embed = facts.table(view.get("embed"))
    external = facts.table(_media(embed).get("external"))
    if uri := facts.filled(external.get("uri")):
        return LinkPreview(
            url=uri,
            title=facts.text(external.get("title")),
            description=facts.text(external.get("description")),
            image_url=facts.filled(external.get("thumb")),
        )
    embedded = _record_view(embed)
    uri = facts.filled(embedded.get("uri"))
    if uri is None or _is_post(uri):
        return None
    pack = facts.table(embedded.get("record"))
    return LinkPreview(
        url=web_address(uri) or uri,
        title=facts.first(embedded.get("displayName"), embedded.get("name"), pack.get("name")),
        description=facts.first(embedded.get("description"), pack.get("description")),
        image_url=facts.filled(embedded.get("avatar")),
    )


def _media(embed: Mapping[str, Any]) -> Mapping[str, Any]:
    """The embed without the quotation around it."""
    return facts.table(embed.get("media")) if _type(embed) == "recordWithMedia" else embed


def _type(embed: Mapping[str, Any]) -> str:
    """`images` of `app.bsky.embed.images#view`; another namespace's stays whole."""
    return str(embed.get("$type") or "").partition("#")[0].removeprefix("app.bsky.embed.")


def _images(shown: Mapping[str, Any], signed: Mapping[str, Any]) -> tuple[Attachment, ...]:
    views = facts.tables(shown.get("images")) or facts.tables(shown.get("items")) or ()
    records = facts.tables(signed.get("images")) or facts.tables(signed.get("items")) or ()
    found = []
    for number in range(max(len(views), len(records))):
        one = views[number] if number < len(views) else {}
        own = records[number] if number < len(records) else {}
        url = facts.filled(one.get("fullsize"))
        found.append(
            _attachment(
                "image",
                own,
                one,
                blob=facts.table(own.get("image")),
                key=url.rpartition("/")[2].partition("@")[0] if url else None,
                url=url,
                preview_url=facts.first(one.get("thumb"), one.get("thumbnail")),
            )
        )
    return tuple(found)


def _video(shown: Mapping[str, Any], signed: Mapping[str, Any]) -> Attachment:
    is_gif = "gif" in (shown.get("presentation"), signed.get("presentation"))
    return _attachment(
        "animation" if is_gif else "video",
        signed,
        shown,
        blob=facts.table(signed.get("video")),
        key=facts.filled(shown.get("cid")),
        url=facts.filled(shown.get("playlist")),
        preview_url=facts.filled(shown.get("thumbnail")),
    )


# `aspectRatio` is a ratio ("16:9"), no size; width and height stay unknown.
def _attachment(
    kind: MediaKind,
    own: Mapping[str, Any],
    one: Mapping[str, Any],
    *,
    blob: Mapping[str, Any],
    key: str | None,
    url: str | None,
    preview_url: str | None,
) -> Attachment:
    alt = facts.text(own.get("alt"))
    return Attachment(
        kind=kind,
        key=facts.filled(facts.table(blob.get("ref")).get("$link")) or key,
        url=url,
        preview_url=preview_url,
        alt=alt if alt is not None else facts.text(one.get("alt")),
        content_type=facts.filled(blob.get("mimeType")),
        size_bytes=facts.count(blob.get("size")),
    )


# -- other posts ----------------------------------------------------------------------------------


def quoted(view: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[Reference, ...]:
    shown = _record_view(facts.table(view.get("embed")))
    signed = _record_view(facts.table(record.get("embed")))
    uri = facts.first(signed.get("uri"), shown.get("uri"))
    return (_reference("quote", uri, shown),) if uri and _is_post(uri) else ()


def answered(record: Mapping[str, Any], views: Mapping[str, Any]) -> tuple[Reference, ...]:
    """The post that this one answers and, where that is another, the one that began the thread."""
    reply = facts.table(record.get("reply"))
    parent = facts.filled(facts.table(reply.get("parent")).get("uri"))
    root = facts.filled(facts.table(reply.get("root")).get("uri"))
    found = []
    if parent:
        found.append(_reference("reply", parent, facts.table(views.get("parent"))))
    if root and root != parent:
        found.append(_reference("root", root, facts.table(views.get("root"))))
    return tuple(found)


def _record_view(embed: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = facts.table(embed.get("record"))
    return facts.table(inner.get("record")) if _type(embed) == "recordWithMedia" else inner


def _is_post(uri: str) -> bool:
    return f"/{POST}/" in uri


def _reference(relation: Relation, uri: str, view: Mapping[str, Any]) -> Reference:
    """`view` is a postView, a viewRecord, or says why there is nothing to see."""
    author = facts.table(view.get("author"))
    record = facts.table(view.get("record")) or facts.table(view.get("value"))
    gone = any(view.get(why) is True for why in ("notFound", "blocked", "detached"))
    hidden = is_withheld(author) is True
    did = did_of(uri)
    return Reference(
        relation=relation,
        native_id=uri,
        url=web_address(uri),
        author_name=None if hidden else facts.text(author.get("displayName")),
        author_handle=facts.filled(author.get("handle")),
        author_native_id=facts.filled(author.get("did")) or (did if did.startswith("did:") else None),
        published_at=facts.moment(record.get("createdAt")),
        text=None if hidden or not record else wording(record).text,
        available=False if gone else True if record else None,
    )
