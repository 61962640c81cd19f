"""What posts say now beside its translations: the part of a post that aligned pairs are made of.

`loading` reads all that hangs on a post; corpora of a million pairs need a tenth of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from archiver.store import attachments, tables
from archiver.store.dialects import in_batches
from archiver.store.records import (
    AccountRecord,
    AttachmentRecord,
    CorrectionRecord,
    DetectionRecord,
    SegmentRecord,
    TranslationRecord,
)
from archiver.store.texts import current_detection, translated_text
from archiver.store.types import original


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentRevision:
    """What a post says now; `detection` is the one that counts, the last of `translations` is shown."""

    seq: int
    body: str
    detection: DetectionRecord | None
    translations: tuple[TranslationRecord, ...]
    attachments: tuple[AttachmentRecord, ...]

    @property
    def translation(self) -> TranslationRecord | None:
        return self.translations[-1] if self.translations else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedPost:
    """`post` is its name everywhere: PLATFORM:NATIVE_ID."""

    post: str
    platform: str
    account: AccountRecord
    url: str | None
    published_at: datetime | None
    last_seen_at: datetime
    revision: CurrentRevision | None


def load(connection: Connection, post_ids: Sequence[int]) -> list[AlignedPost]:
    """The posts, in the order of their ids. Segments come without the glossary's terms."""
    return [post for ids in in_batches(sorted(post_ids)) for post in _page(connection, ids)]


def _page(connection: Connection, post_ids: Sequence[int]) -> list[AlignedPost]:
    rows = connection.execute(_POSTS, {"ids": post_ids}).all()
    bodies = {row.revision_id: original(row.body) for row in rows if row.revision_id is not None}
    translations = _translations(connection, bodies)
    hanging = attachments.of_revisions(connection, list(bodies))
    accounts: dict[int, AccountRecord] = {}
    return [_post(row, bodies, translations, hanging, accounts) for row in rows]


def _post(
    row: Any,
    bodies: dict[int, str],
    translations: dict[int, list[TranslationRecord]],
    hanging: Mapping[int, tuple[AttachmentRecord, ...]],
    accounts: dict[int, AccountRecord],
) -> AlignedPost:
    account = accounts.get(row.account_id)
    if account is None:
        account = accounts[row.account_id] = AccountRecord(
            platform=row.account_platform,
            native_id=original(row.account_native_id),
            handle=original(row.handle),
            name=row.name and original(row.name),
            url=row.account_url and original(row.account_url),
        )
    revision = None
    if row.revision_id is not None:
        revision = CurrentRevision(
            seq=row.seq,
            body=bodies[row.revision_id],
            detection=_detection(row),
            translations=tuple(translations.get(row.revision_id, ())),
            attachments=hanging.get(row.revision_id, ()),
        )
    return AlignedPost(
        post=f"{row.platform}:{original(row.native_id)}",
        platform=row.platform,
        account=account,
        url=row.url and original(row.url),
        published_at=row.published_at,
        last_seen_at=row.last_seen_at,
        revision=revision,
    )


def _detection(row: Any) -> DetectionRecord | None:
    if row.language is None:
        return None
    return DetectionRecord(
        language=row.language,
        confidence=row.confidence,
        method=row.method,
        at=row.at,
        current=True,
        parts=row.parts,
    )


def _translations(connection: Connection, bodies: dict[int, str]) -> dict[int, list[TranslationRecord]]:
    """The translations of revisions, the oldest first."""
    if not bodies:
        return {}
    made = connection.execute(_TRANSLATIONS, {"ids": list(bodies)}).all()
    segments = _segments(connection, [row.id for row in made])
    found: dict[int, list[TranslationRecord]] = defaultdict(list)
    for row in made:
        parts = segments.get(row.id, [])
        pairs = [(part.start, part.end, part.source, part.target) for part in parts]
        found[row.revision_id].append(
            TranslationRecord(
                engine=row.name,
                package=original(row.package_name),
                version=original(row.package_version),
                sha256=row.package_sha256,
                options=row.options,
                language=row.language,
                target=row.target,
                flags=tuple(row.flags),
                at=row.at,
                text=translated_text(bodies[row.revision_id], pairs),
                segments=tuple(parts),
                readings=row.readings,
            )
        )
    return found


def _segments(connection: Connection, translation_ids: Sequence[int]) -> dict[int, list[SegmentRecord]]:
    found: dict[int, list[SegmentRecord]] = defaultdict(list)
    for ids in in_batches(translation_ids):
        for row in connection.execute(_SEGMENTS, {"ids": ids}).all():
            translation_id, id, start, stop, source, text, score, flags, correction_id, *correction = row
            parts = found[translation_id]
            parts.append(
                SegmentRecord(
                    id=id,
                    index=len(parts),
                    start=start,
                    end=stop,
                    source=original(source),
                    target=original(text),
                    score=score,
                    flags=tuple(flags),
                    correction=None if correction_id is None else _correction(correction_id, *correction),
                )
            )
    return found


def _correction(id: int, author: str | None, note: str | None, at: datetime) -> CorrectionRecord:
    return CorrectionRecord(id=id, author=author and original(author), note=note and original(note), at=at)


_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_post_, _account, _revision = tables.post.c, tables.account.c, tables.revision.c
_detected, _translated, _engine = tables.detection.c, tables.translation.c, tables.engine.c
_part, _source, _corrected = tables.translated_segment.c, tables.segment.c, tables.correction.c
_POSTS = (
    select(
        _post_.platform,
        _post_.native_id,
        _post_.url,
        _post_.published_at,
        _post_.last_seen_at,
        _post_.account_id,
        _account.platform.label("account_platform"),
        _account.native_id.label("account_native_id"),
        _account.handle,
        _account.name,
        _account.url.label("account_url"),
        _revision.id.label("revision_id"),
        _revision.seq,
        _revision.body,
        _detected.language,
        _detected.confidence,
        _detected.method,
        _detected.at,
        _detected.parts,
    )
    .select_from(tables.post)
    .join(tables.account, _account.id == _post_.account_id)
    .outerjoin(tables.revision, _revision.id == _post_.current_revision_id)
    .outerjoin(tables.detection, current_detection())
    .where(_post_.id.in_(_ids))
    .order_by(_post_.id)
)
_TRANSLATIONS = (
    select(
        _translated.id,
        _translated.revision_id,
        _translated.language,
        _translated.target,
        _translated.flags,
        _translated.readings,
        _translated.at,
        _engine.name,
        _engine.package_name,
        _engine.package_version,
        _engine.package_sha256,
        _engine.options,
    )
    .join(tables.engine, _engine.id == _translated.engine_id)
    .where(_translated.revision_id.in_(_ids))
    .order_by(_translated.id)
)
_SEGMENTS = (
    select(
        _part.translation_id,
        _part.segment_id,
        _source.start,
        _source.stop,
        _source.source,
        _part.text,
        _part.score,
        _part.flags,
        _part.correction_id,
        _corrected.author,
        _corrected.note,
        _corrected.at,
    )
    .join(tables.segment, _source.id == _part.segment_id)
    .outerjoin(tables.correction, _corrected.id == _part.correction_id)
    .where(_part.translation_id.in_(_ids))
    .order_by(_part.translation_id, _source.start)
)
