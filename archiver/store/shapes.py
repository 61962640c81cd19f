"""What a spider reports, as rows; and the JSON columns read back. Unknown stays None on both sides."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from archiver.posts import (
    Account,
    Attachment,
    Capture,
    LinkPreview,
    Metric,
    Poll,
    PollOption,
    Post,
    Reference,
)

Row = dict[str, Any]
Json = Any


def capture_row(capture: Capture) -> Row:
    return _row(capture)


def account_facts(account: Account) -> Row:
    """What may change about an account."""
    return {
        "handle": account.handle,
        "url": account.url,
        "name": account.name,
        "description": account.description,
        "avatar_url": account.avatar_url,
        "verified": account.verified,
        "created_at": account.created_at,
        "metrics": metrics_json(account.metrics),
    }


def revision_row(post: Post) -> Row:
    """What a post says, without the ids."""
    return {
        "title": post.title,
        "warning": post.warning,
        "text": post.text,
        "body": post.body,
        "html": post.html,
        "edited": post.edited,
        "edited_at": post.edited_at,
        "languages": _list(post.languages),
        "links": _list(post.links),
        "tags": _list(post.tags),
        "mentions": _list(post.mentions),
        "poll": poll_json(post.poll),
        "preview": None if post.preview is None else asdict(post.preview),
        "signature": post.signature,
        "unsupported": post.unsupported,
        "withheld": post.withheld,
    }


def reference_rows(post: Post) -> Iterator[Row]:
    for position, reference in enumerate(post.references or ()):
        yield {"position": position, **_row(reference)}


def attachment_rows(post: Post) -> Iterator[Row]:
    for position, attachment in enumerate(post.attachments or ()):
        yield {"position": position, **_row(attachment)}


def metrics_json(metrics: tuple[Metric, ...] | None) -> Json:
    """{"views": {"value": 1300, "granularity": 100}}; None where nothing was said of counts."""
    if metrics is None:
        return None
    return {metric.name: {"value": metric.value, "granularity": metric.granularity} for metric in metrics}


def metrics_of(stored: Json) -> tuple[Metric, ...] | None:
    if stored is None:
        return None
    return tuple(Metric(name=name, **count) for name, count in sorted(stored.items()))


def poll_json(poll: Poll | None) -> Json:
    if poll is None:
        return None
    closes_at = None if poll.closes_at is None else poll.closes_at.isoformat()
    return {**asdict(poll), "options": [asdict(option) for option in poll.options], "closes_at": closes_at}


def poll_of(stored: Json) -> Poll | None:
    if stored is None:
        return None
    closes_at = stored["closes_at"]
    return Poll(
        **{
            **stored,
            "options": tuple(PollOption(**option) for option in stored["options"]),
            "closes_at": None if closes_at is None else datetime.fromisoformat(closes_at),
        }
    )


def preview_of(stored: Json) -> LinkPreview | None:
    return None if stored is None else LinkPreview(**stored)


def reference_of(row: Mapping[str, Any]) -> Reference:
    return Reference(**{name: row[name] for name in Reference.__slots__})


def attachment_of(row: Mapping[str, Any]) -> Attachment:
    return Attachment(**{name: row[name] for name in Attachment.__slots__})


def _row(thing: Reference | Attachment | Capture) -> Row:
    return {name: getattr(thing, name) for name in thing.__slots__}


def _list(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)
