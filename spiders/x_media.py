"""What hangs on a post of X: pictures and films, polls, the card of a link."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.posts import Attachment, LinkPreview, MediaKind, Poll, PollOption
from spiders import facts

MEDIA: Mapping[str, MediaKind] = {"photo": "image", "video": "video", "animated_gif": "animation"}
# The number before the _ of a media key.
KEY_MEDIA: Mapping[str, MediaKind] = {"3": "image", "7": "video", "13": "video", "16": "animation"}


def attachments(
    raw: Mapping[str, Any], media: Mapping[str, Mapping[str, Any]]
) -> tuple[Attachment, ...] | None:
    """A post's media; what the page does not bring along is known by its key alone."""
    keys = facts.table(raw.get("attachments")).get("media_keys")
    if not isinstance(keys, list):
        return None
    return tuple(_attachment(key, media.get(key)) for key in keys if facts.filled(key))


def _attachment(key: str, media: Mapping[str, Any] | None) -> Attachment:
    kind = KEY_MEDIA.get(key.partition("_")[0], "unknown")
    if media is None:
        return Attachment(kind=kind, key=key)
    best = _best_film(media)
    duration = facts.number(media.get("duration_ms"))
    return Attachment(
        kind=MEDIA.get(str(media.get("type")), kind),
        key=key,
        url=facts.first(media.get("url"), best.get("url")),
        preview_url=facts.filled(media.get("preview_image_url")),
        alt=facts.text(media.get("alt_text")),
        content_type=facts.filled(best.get("content_type")),
        width=facts.count(media.get("width")),
        height=facts.count(media.get("height")),
        duration_seconds=None if duration is None else duration / 1000,
    )


def _best_film(media: Mapping[str, Any]) -> Mapping[str, Any]:
    films = [v for v in facts.tables(media.get("variants")) or () if v.get("content_type") == "video/mp4"]
    return max(films, key=lambda v: facts.count(v.get("bit_rate")) or 0, default={})


def poll(raw: Mapping[str, Any], polls: Mapping[str, Mapping[str, Any]]) -> Poll | None:
    ids = facts.table(raw.get("attachments")).get("poll_ids")
    asked = [polls.get(i) for i in ids if facts.filled(i)] if isinstance(ids, list) else []
    said = next(filter(None, asked), None)
    if said is None:
        return None
    options = sorted(
        facts.tables(said.get("options")) or (), key=lambda o: facts.count(o.get("position")) or 0
    )
    status = said.get("voting_status")
    return Poll(
        options=tuple(
            PollOption(text=str(o.get("label") or ""), votes=facts.count(o.get("votes"))) for o in options
        ),
        closes_at=facts.moment(said.get("end_datetime")),
        closed={"open": False, "closed": True}.get(str(status)),
    )


def preview(entities: Mapping[str, Any]) -> LinkPreview | None:
    """The card of the first link that X has looked at."""
    return next(_previews(entities), None)


def _previews(entities: Mapping[str, Any]) -> Iterator[LinkPreview]:
    for entry in facts.tables(entities.get("urls")) or ():
        url = facts.first(entry.get("unwound_url"), entry.get("expanded_url"))
        if url and facts.filled(entry.get("title")):
            image = max(
                facts.tables(entry.get("images")) or (),
                key=lambda i: facts.count(i.get("width")) or 0,
                default={},
            )
            yield LinkPreview(
                url=url,
                title=facts.text(entry.get("title")),
                description=facts.text(entry.get("description")),
                site=facts.host(url),
                image_url=facts.filled(image.get("url")),
            )
