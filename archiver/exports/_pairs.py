"""Aligned pairs: what posts say now, segment by segment or as a whole, each beside its translation.

A pair is flat and complete: every format writes the same facts under the same names (`COLUMNS`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Literal

from archiver.store.aligned import AlignedPost, CurrentRevision
from archiver.store.records import SegmentRecord, TranslationRecord
from archiver.store.versions import PERSON

Level = Literal["segment", "post"]
MadeBy = Literal["machine", "person", "both", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A piece of media of the post: its description, that in another language, and the file on disk."""

    kind: str
    alt: str | None
    language: str | None
    translation: str | None
    target_language: str | None
    flags: tuple[str, ...]
    path: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A text and its translation.

    `made_by` is `machine` until a person has corrected it, `both` where that is so of some of a post's
    segments, `nobody` where there is no translation. `id` is `s` and the number of the segment, by which
    `archiver import` finds it again.
    """

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
    pictures: tuple[Picture, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)  # what its hashtags say: no part of the pair


_BESIDE = frozenset({"pictures", "readings"})  # stand beside the pair where posts are shown, in no column
COLUMNS = tuple(each.name for each in fields(Pair) if each.name not in _BESIDE)


def cells(pair: Pair) -> tuple[str, ...]:
    """The columns as text: nothing for what is unknown, times in ISO 8601, flags with spaces between."""
    return tuple([value if type(value) is str else _text(value) for value in _VALUES(pair)])


_VALUES = attrgetter(*COLUMNS)
_FACTS = tuple(name for name in COLUMNS if name not in ("id", "source", "target"))
_VALUES_OF_FACTS = attrgetter(*_FACTS)


def facts(pair: Pair) -> Iterator[tuple[str, str]]:
    """All that is known besides the two texts, as text."""
    for name, value in zip(_FACTS, _VALUES_OF_FACTS(pair), strict=True):
        if text := value if type(value) is str else _text(value):
            yield name, text


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
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


@lru_cache(maxsize=64)  # the pairs of a post share their times
def moment(time: datetime) -> str:
    """A time in ISO 8601 with a Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def pairs(record: AlignedPost, by: Level, *, untranslated: bool = False) -> Iterator[Pair]:
    """The pairs of one post; `untranslated` texts come as pairs without a target where they are wanted."""
    revision = record.revision
    if revision is None:
        return
    made = revision.translation
    if made is None:
        if untranslated and (revision.body or revision.attachments):
            yield _untranslated(record, revision)
    elif by == "post":
        yield _whole(record, revision, made)
    else:
        machine = _machine(revision, made)
        for segment in made.segments:
            yield _pair(record, revision, made, machine, segment)


_CORRECTED = "corrected"  # a flag that `made_by` says already


def _pair(
    post: AlignedPost,
    revision: CurrentRevision,
    made: TranslationRecord,
    machine: TranslationRecord | None,
    segment: SegmentRecord,
) -> Pair:
    """A segment of a corrected version is a person's or still the machine's that the version stands on."""
    person = segment.correction is not None
    by_machine = not person and "untranslatable" not in segment.flags
    said = None
    if person and machine:
        said = next((s for s in machine.segments if s.id == segment.id), None)
    by = made if person or machine is None else machine
    if segment.correction is not None:
        by = replace(made, package=segment.correction.author or "", at=segment.correction.at)
    return _made(
        post,
        revision,
        by,
        id=f"s{segment.id}",
        segment=segment.index,
        source=segment.source,
        target=segment.target,
        made_by="person" if person else "machine",
        machine_target=said.target if said else None,
        score=None if person else segment.score,
        flags=_flags(segment.flags, made, ("demo_package",) if by_machine else ()),
    )


def _whole(post: AlignedPost, revision: CurrentRevision, made: TranslationRecord) -> Pair:
    """The post as one pair: as sure as its least sure segment, with the flags of all of them."""
    machine = _machine(revision, made)
    people = sum(segment.correction is not None for segment in made.segments)
    all_people = people == len(made.segments)
    scores = [segment.score for segment in made.segments if segment.score is not None]
    return _made(
        post,
        revision,
        made if machine is None or (people and all_people) else machine,
        id=_name(post, revision),
        segment=None,
        source=revision.body,
        target=made.text,
        made_by="machine" if not people else "person" if all_people else "both",
        machine_target=machine.text if machine and people else None,
        score=min(scores, default=None),
        flags=_flags((flag for s in made.segments for flag in s.flags), made, ("demo_package", "partial")),
    )


def _machine(revision: CurrentRevision, made: TranslationRecord) -> TranslationRecord | None:
    """The machine's translation that `made` is, or that its corrections were made in: the newest that shares
    a segment with it."""
    if made.engine != PERSON:
        return made
    ids = {segment.id for segment in made.segments}
    return next(
        (
            other
            for other in reversed(revision.translations)
            if other.engine != PERSON
            and other.target == made.target
            and any(segment.id in ids for segment in other.segments)
        ),
        None,
    )


def _made(
    post: AlignedPost,
    revision: CurrentRevision,
    made: TranslationRecord,
    *,
    id: str,
    segment: int | None,
    source: str,
    target: str,
    made_by: MadeBy,
    machine_target: str | None,
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
        made_by=made_by,
        machine_target=machine_target,
        engine=made.engine,
        package=made.package,
        version=made.version,
        sha256=made.sha256,
        options=made.options,
        score=score,
        flags=flags,
        translated_at=made.at,
        pictures=_pictures(revision),
        readings=made.readings or {},
    )


def _untranslated(post: AlignedPost, revision: CurrentRevision) -> Pair:
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
        pictures=_pictures(revision),
    )


def _pictures(revision: CurrentRevision) -> tuple[Picture, ...]:
    return tuple(
        Picture(
            kind=each.kind,
            alt=each.alt,
            language=each.alt_language,
            translation=each.alt_translation.text if each.alt_translation else None,
            target_language=each.alt_translation.target if each.alt_translation else None,
            flags=each.alt_translation.flags if each.alt_translation else (),
            path=each.file.path if each.file else None,
            sha256=each.file.sha256 if each.file else None,
        )
        for each in revision.attachments
    )


def _name(post: AlignedPost, revision: CurrentRevision) -> str:
    """An id for a whole text that XML takes as an id, whatever the platform calls the post."""
    named = f"{post.post}#{revision.seq}".encode("utf-8", "surrogatepass")
    return f"p{hashlib.sha256(named).hexdigest()[:16]}"


def _confidence(revision: CurrentRevision, language: str) -> float | None:
    found = revision.detection
    return found.confidence if found and found.language == language else None


def _flags(found: Iterable[str], made: TranslationRecord, of_all: Iterable[str]) -> tuple[str, ...]:
    """What looks wrong, with what is so `of_all` the translation; that it is corrected, `made_by` says."""
    if not found and not made.flags:
        return ()
    return tuple(sorted({*found, *({*of_all} & {*made.flags})} - {_CORRECTED}))
