"""A post with everything the archive knows of it, down to the bytes that showed it."""

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from archiver.posts import Reference

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRecord:
    """Where the bytes are: `sha256` is over the body as received, the WARC record at `offset` of `warc`.

    `record_sha256` is over the `record_length` bytes there: the response and the request that it answers.
    """

    url: str
    fetched_at: datetime
    status: int
    sha256: str
    size: int
    warc: str
    offset: int
    length: int
    content_type: str | None
    record_length: int | None
    record_sha256: str | None
    file_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    platform: str
    native_id: str
    handle: str
    name: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRecord:
    language: str
    confidence: float
    method: str
    at: datetime
    current: bool
    parts: Json  # of a mixed text, the languages of its parts


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRecord:
    """Whose words these are, since when, and why."""

    id: int
    author: str | None
    note: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRecord:
    """An aligned pair. `source == body[start:end]`, in code points.

    `correction` None: the words are a machine's. `glossary` are the terms that were kept through the machine.
    """

    id: int
    index: int
    start: int
    end: int
    source: str
    target: str
    score: float | None
    flags: tuple[str, ...]
    correction: CorrectionRecord | None = None
    glossary: Json = None

    @property
    def made_by(self) -> Literal["machine", "person"]:
        return "machine" if self.correction is None else "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationRecord:
    """A translation: what made it, from which language, and the pairs it consists of.

    One that a person corrected has the engine `person`; `package` says who, `options` what it stands on.
    `readings` is what the hashtags of the text say, by the machine: {"#کابل": "Kabul"}.
    """

    language: str
    target: str
    engine: str
    package: str
    version: str
    sha256: str
    options: str
    flags: tuple[str, ...]
    at: datetime
    text: str
    segments: tuple[SegmentRecord, ...]
    readings: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """The bytes on disk: `path` starts at the archive, `content_type` is what the first bytes are."""

    sha256: str
    size: int
    content_type: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRecord:
    """A try to have a file, and what the server said; `file` is what came, `reason` why nothing did."""

    at: datetime
    url: str
    final_url: str | None
    status: int | None
    headers: Json
    file: FileRecord | None
    reason: str | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AltTranslationRecord:
    """A description in another language, beside the post and no part of it."""

    language: str
    target: str
    engine: str
    package: str
    version: str
    sha256: str
    options: str
    flags: tuple[str, ...]
    score: float | None
    at: datetime
    text: str
    segments: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRecord:
    """A piece of media as a revision has it (see `posts.Attachment`), what `alt` is in other languages, and
    what is on disk of it."""

    kind: str
    key: str | None
    url: str | None
    preview_url: str | None
    alt: str | None
    content_type: str | None
    width: int | None
    height: int | None
    duration_seconds: float | None
    size_bytes: int | None
    title: str | None
    available: bool | None
    alt_language: str | None = None
    alt_translations: tuple[AltTranslationRecord, ...] = ()
    downloads: tuple[DownloadRecord, ...] = ()

    @property
    def file(self) -> FileRecord | None:
        """The newest that is on disk."""
        return next((d.file for d in reversed(self.downloads) if d.file), None)

    @property
    def alt_translation(self) -> AltTranslationRecord | None:
        """The one that is shown: the newest."""
        return self.alt_translations[-1] if self.alt_translations else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRecord:
    """A translation that could not be made, and what would help."""

    target: str
    reason: str
    remedy: str | None
    tries: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRecord:
    """What the post said, and since when that is known. `body` is what is translated and searched."""

    seq: int
    current: bool
    digest: str
    seen_at: datetime
    capture: CaptureRecord
    title: str | None
    warning: str | None
    text: str | None
    body: str
    html: str | None
    edited: bool | None
    edited_at: datetime | None
    languages: Json
    links: Json
    tags: Json
    mentions: Json
    poll: Json
    preview: Json
    signature: str | None
    unsupported: bool | None
    withheld: bool | None
    references: tuple[Reference, ...]
    attachments: tuple[AttachmentRecord, ...]
    detections: tuple[DetectionRecord, ...]
    translations: tuple[TranslationRecord, ...]
    owed: tuple[OwedRecord, ...]

    @property
    def detection(self) -> DetectionRecord | None:
        """The one that counts."""
        return next((d for d in self.detections if d.current), None)

    @property
    def translation(self) -> TranslationRecord | None:
        """The one that is shown: the newest."""
        return self.translations[-1] if self.translations else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRecord:
    """What one capture showed of the post: whether it was there, its counts, its poll."""

    at: datetime
    state: str
    metrics: Json
    poll: Json
    revision: int | None
    capture: CaptureRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRecord:
    at: datetime
    url: str
    what: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRecord:
    """`post` is its name everywhere: PLATFORM:NATIVE_ID."""

    post: str
    platform: str
    native_id: str
    url: str | None
    account: AccountRecord
    kind: str
    published_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    state: str
    group_ids: Json
    metrics: Json
    revisions: tuple[RevisionRecord, ...]
    observations: tuple[ObservationRecord, ...]
    problems: tuple[ProblemRecord, ...]

    @property
    def revision(self) -> RevisionRecord | None:
        """What the post says now."""
        return next((r for r in self.revisions if r.current), None)


def as_json(record: Any) -> Any:
    """A record as JSON knows it: objects, lists, and times in ISO 8601 with a Z."""
    if isinstance(record, _AS_THEY_ARE):
        return record
    if is_dataclass(record):
        return {name: as_json(getattr(record, name)) for name in _names(record.__class__)}
    match record:
        case datetime():
            return record.isoformat().replace("+00:00", "Z")
        case list() | tuple():
            return [as_json(item) for item in record]
        case dict():
            return {key: as_json(item) for key, item in record.items()}
    return record


_AS_THEY_ARE = (str, int, float, bool, type(None))


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
