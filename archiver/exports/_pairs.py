"""Aligned pairs: what posts say now, segment by segment or as a whole, each beside its translation.

A pair is flat and complete: every format writes the same facts under the same names (`COLUMNS`).
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal

from archiver.store.records import PostRecord, RevisionRecord, SegmentRecord, TranslationRecord

Level = Literal["segment", "post"]
MadeBy = Literal["machine", "person", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A text and its translation. `made_by` is `machine` until a person has corrected it; `nobody` where a
    text has no translation. `id` is `s` and the segment's number, by which `archiver import` finds it again."""

    id: str
    post: str
    revision: int
    segment: int | None  # its place in the post; None for the whole of it
    source: str
    target: str | None
    language: str
    confidence: float | None  # how sure it is that `source` is in `language`
    target_language: str
    platform: str
    account: str
    url: str | None
    published_at: datetime | None
    made_by: MadeBy
    machine_target: str | None  # what the machine had said, where a person corrected it
    engine: str
    package: str
    version: str
    sha256: str
    options: str
    score: float | None
    flags: tuple[str, ...]
    translated_at: datetime | None


COLUMNS = tuple(field.name for field in fields(Pair))


def cells(pair: Pair) -> tuple[str, ...]:
    """The columns as text: nothing for what is unknown, times in ISO 8601, flags with spaces between."""
    return tuple(_text(getattr(pair, name)) for name in COLUMNS)


def facts(pair: Pair) -> Iterator[tuple[str, str]]:
    """All that is known besides the two texts, as text."""
    for name in COLUMNS:
        if name not in ("id", "source", "target") and (text := _text(getattr(pair, name))):
            yield name, text


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.6g}"
        case datetime():
            return moment(value)
        case tuple():
            return " ".join(map(str, value))
    return str(value)


def moment(time: datetime) -> str:
    """A time in ISO 8601 with a Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def pairs(record: PostRecord, by: Level, *, untranslated: bool = False) -> Iterator[Pair]:
    """The pairs of one post; `untranslated` texts come as pairs without a target where they are wanted."""
    revision = record.revision
    if revision is None:
        return
    made = revision.translation
    if made is None:
        if untranslated and revision.body:
            yield _untranslated(record, revision)
    elif by == "post":
        yield _whole(record, revision, made)
    else:
        for segment in made.segments:
            yield _pair(record, revision, made, segment)


def _pair(
    post: PostRecord, revision: RevisionRecord, made: TranslationRecord, segment: SegmentRecord
) -> Pair:
    return _made(
        post,
        revision,
        made,
        id=f"s{segment.id}",
        segment=segment.index,
        source=segment.source,
        target=segment.target,
        score=segment.score,
        flags=_flags(segment.flags, made),
    )


def _whole(post: PostRecord, revision: RevisionRecord, made: TranslationRecord) -> Pair:
    """The post as one pair: as sure as its least sure segment, with the flags of all of them."""
    scores = [segment.score for segment in made.segments if segment.score is not None]
    return _made(
        post,
        revision,
        made,
        id=_name(post, revision),
        segment=None,
        source=revision.body,
        target=made.text,
        score=min(scores, default=None),
        flags=_flags((flag for segment in made.segments for flag in segment.flags), made),
    )


def _made(
    post: PostRecord,
    revision: RevisionRecord,
    made: TranslationRecord,
    *,
    id: str,
    segment: int | None,
    source: str,
    target: str,
    score: float | None,
    flags: tuple[str, ...],
) -> Pair:
    return Pair(
        id=id,
        post=post.post,
        revision=revision.seq,
        segment=segment,
        source=source,
        target=target,
        language=made.language,
        confidence=_confidence(revision, made.language),
        target_language=made.target,
        platform=post.platform,
        account=post.account.handle,
        url=post.url,
        published_at=post.published_at,
        made_by="machine",
        machine_target=None,
        engine=made.engine,
        package=made.package,
        version=made.version,
        sha256=made.sha256,
        options=made.options,
        score=score,
        flags=flags,
        translated_at=made.at,
    )


def _untranslated(post: PostRecord, revision: RevisionRecord) -> Pair:
    language = revision.detection.language if revision.detection else "und"
    return Pair(
        id=_name(post, revision),
        post=post.post,
        revision=revision.seq,
        segment=None,
        source=revision.body,
        target=None,
        language=language,
        confidence=_confidence(revision, language),
        target_language="und",
        platform=post.platform,
        account=post.account.handle,
        url=post.url,
        published_at=post.published_at,
        made_by="nobody",
        machine_target=None,
        engine="",
        package="",
        version="",
        sha256="",
        options="",
        score=None,
        flags=(),
        translated_at=None,
    )


def _name(post: PostRecord, revision: RevisionRecord) -> str:
    """An id for a whole text that XML takes as an id, whatever the platform calls the post."""
    named = f"{post.post}#{revision.seq}".encode("utf-8", "surrogatepass")
    return f"p{hashlib.sha256(named).hexdigest()[:16]}"


def _confidence(revision: RevisionRecord, language: str) -> float | None:
    found = revision.detection
    return found.confidence if found and found.language == language else None


def _flags(found: Iterable[str], made: TranslationRecord) -> tuple[str, ...]:
    """What looks wrong; what a demonstration package made is marked as such."""
    return tuple(sorted({*found, *({"demo_package"} & set(made.flags))}))
