"""A revision's translation with what people corrected in it: a version of its own, beside the machine's.

Which revisions need one is a query: those whose newest translation does not say what was corrected since. So
a correction shows at once where it was made, and everywhere else after the next `archiver translate`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from archiver.store import corrected, tables
from archiver.store.corrected import Correction
from archiver.store.dialects import in_batches
from archiver.store.translating import SavedSegment, SavedTranslation, save_translations
from archiver.store.types import original
from translations.doubt import in_order
from translations.segments import split

PERSON = "person"
"""The name of the engine that people are."""

_revision, _segment = tables.revision.c, tables.segment.c
_translation, _part, _engine = tables.translation.c, tables.translated_segment.c, tables.engine.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A segment in a translation. `text` None: nobody has translated it."""

    segment_id: int | None
    start: int
    end: int
    source: str
    text: str | None = None
    score: float | None = None
    flags: tuple[str, ...] = ()
    correction_id: int | None = None
    glossary: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A stored translation. `made_by` says in words what made it."""

    id: int
    by_person: bool
    language: str
    target: str
    sha256: str
    made_by: str
    flags: tuple[str, ...]
    parts: tuple[Part, ...]
    readings: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a post says, in which language, and its translations so far, oldest first."""

    revision_id: int
    body: str
    language: str
    versions: tuple[Version, ...]

    def shown(self, target: str) -> Version | None:
        """The translation that readers see: the newest."""
        return next((v for v in reversed(self.versions) if v.target == target), None)

    def parts(self, target: str) -> tuple[Part, ...]:
        """The segments that can be corrected: those of what is shown, or as a translator would cut them."""
        if shown := self.shown(target):
            return shown.parts
        return _cut(self)


def pending(connection: Connection, target: str, *, limit: int, after: int = 0) -> list[int]:
    """Current revisions whose newest translation may lack a correction of one of its sentences, by id."""
    correction, newer = tables.correction.c, tables.translation.alias("newer")
    shown = ~exists().where(
        newer.c.revision_id == _translation.revision_id,
        newer.c.target == _translation.target,
        newer.c.id > _translation.id,
    )
    lacking = (
        select(_segment.revision_id)
        .distinct()
        .select_from(tables.correction)
        .join(tables.segment, _segment.source_key == correction.source_key)
        .join(tables.translated_segment, _part.segment_id == _segment.id)
        .join(tables.translation, _translation.id == _part.translation_id)
        .where(
            _segment.revision_id > after,
            _translation.target == target,
            func.coalesce(_part.correction_id, 0) < correction.id,
            _part.text != correction.text,
            shown,
            exists().where(tables.post.c.current_revision_id == _segment.revision_id),
        )
    )
    return list(connection.scalars(lacking.order_by(_segment.revision_id).limit(limit)))


def bring_up(connection: Connection, revision_ids: Iterable[int], at: datetime) -> int:
    """Give these revisions a version with all corrections that concern them; how many got one."""
    found = texts(connection, revision_ids)
    own = corrected.for_segments(connection, found)
    wanted = [
        (text, target, [c for c in own.get(text.revision_id, []) if c.target == target])
        for text in found.values()
        for target in sorted(
            {v.target for v in text.versions} | {c.target for c in own.get(text.revision_id, [])}
        )
    ]
    bases = [(text, target, said, _base(text, target, said)) for text, target, said in wanted]
    memory = corrected.for_sources(
        connection,
        {
            (part.source, base.language if base else text.language, target)
            for text, target, _, base in bases
            for part in (base.parts if base else _cut(text))
        },
    )
    made = [
        row
        for text, target, said, base in bases
        if (row := _version(text, target, base, said, memory)) is not None
    ]
    save_translations(connection, made, at)
    return len(made)


def texts(connection: Connection, revision_ids: Iterable[int]) -> dict[int, Text]:
    """These revisions as they are stored. One that is not here is left out."""
    ids = sorted(set(revision_ids))
    versions = _versions(connection, ids)
    current = (tables.detection.c.revision_id == _revision.id) & tables.detection.c.superseded_at.is_(None)
    found = {}
    for some in in_batches(ids):
        rows = select(_revision.id, _revision.body, tables.detection.c.language).outerjoin_from(
            tables.revision, tables.detection, current
        )
        for row in connection.execute(rows.where(_revision.id.in_(some))):
            found[row.id] = Text(
                revision_id=row.id,
                body=original(row.body),
                language=row.language or "und",
                versions=tuple(versions.get(row.id, ())),
            )
    return found


# -- the parts of it --------------------------------------------------------------------------------------


def _versions(connection: Connection, revision_ids: Sequence[int]) -> dict[int, list[Version]]:
    found: dict[int, list[Version]] = {}
    for some in in_batches(revision_ids):
        heads = (
            select(tables.translation, tables.engine)
            .add_columns(_translation.id.label("version_id"), _translation.target.label("into"))
            .join(tables.engine, _engine.id == _translation.engine_id)
            .where(_translation.revision_id.in_(some))
            .order_by(_translation.id)
        )
        rows = connection.execute(heads).mappings().all()
        parts = _parts(connection, [row["version_id"] for row in rows])
        for row in rows:
            maker = f"{row['name']} {row['package_name']} {row['package_version']}".strip()
            found.setdefault(row["revision_id"], []).append(
                Version(
                    id=row["version_id"],
                    by_person=row["name"] == PERSON,
                    language=row["language"],
                    target=row["into"],
                    sha256=row["package_sha256"],
                    made_by=f"{maker} ({row['options']})",
                    flags=tuple(row["flags"]),
                    parts=tuple(parts.get(row["version_id"], ())),
                    readings=row["readings"],
                )
            )
    return found


def _parts(connection: Connection, translation_ids: Sequence[int]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = {}
    for some in in_batches(translation_ids):
        rows = (
            select(tables.translated_segment, _segment.start, _segment.stop, _segment.source)
            .join(tables.segment, _segment.id == _part.segment_id)
            .where(_part.translation_id.in_(some))
            .order_by(_part.translation_id, _segment.start)
        )
        for row in connection.execute(rows):
            found.setdefault(row.translation_id, []).append(
                Part(
                    segment_id=row.segment_id,
                    start=row.start,
                    end=row.stop,
                    source=original(row.source),
                    text=original(row.text),
                    score=row.score,
                    flags=tuple(row.flags),
                    correction_id=row.correction_id,
                    glossary=row.glossary,
                )
            )
    return found


def _cut(text: Text) -> tuple[Part, ...]:
    """The segments of a text that nothing has translated."""
    return tuple(
        Part(segment_id=None, start=s.start, end=s.end, source=s.text)
        for s in split(text.body, text.language)
    )


def _base(text: Text, target: str, said: Sequence[Correction]) -> Version | None:
    """The machine's translation that corrections go into: the newest with the segment corrected last."""
    machines = [v for v in reversed(text.versions) if v.target == target and not v.by_person]
    last = said[-1].segment_id if said else None
    fitting = (v for v in machines if any(part.segment_id == last for part in v.parts))
    return next(fitting, machines[0] if machines else None)


def _version(
    text: Text,
    target: str,
    base: Version | None,
    said: Sequence[Correction],
    memory: dict[corrected.Pair, Correction],
) -> SavedTranslation | None:
    """The text with its corrections; None where what is shown says all of that already."""
    language = base.language if base else text.language
    whole = said[-1] if said and said[-1].source == text.body else None
    if whole:
        parts = [Part(segment_id=whole.segment_id, start=0, end=len(text.body), source=text.body)]
    else:
        parts = list(base.parts if base else _cut(text))
    here = {correction.segment_id: correction for correction in said}
    by_source = {correction.source: correction for correction in said}
    done: list[Part] = []
    used: list[Correction] = []
    for part in parts:
        # Whoever corrects a post has read it: that goes before what others made of the same sentence.
        own = here.get(part.segment_id) if part.segment_id else by_source.get(part.source)
        correction = own or memory.get((part.source, language, target))
        if correction:
            used.append(correction)
            part = _said(part, correction)
        done.append(part)
    shown = text.shown(target)
    if not used or (shown and _words(shown.parts) == _words(done)):
        return None
    return _saved(text, target, language, base, done, used)


def _said(part: Part, correction: Correction) -> Part:
    return Part(
        segment_id=part.segment_id,
        start=part.start,
        end=part.end,
        source=part.source,
        text=correction.text,
        flags=("corrected",),
        correction_id=correction.id,
    )


def _words(parts: Iterable[Part]) -> list[tuple[int, int, str | None, bool]]:
    """What readers see of a version, and whose words these are."""
    return [(p.start, p.end, p.text, p.correction_id is not None) for p in parts if p.text is not None]


def _saved(
    text: Text,
    target: str,
    language: str,
    base: Version | None,
    parts: Sequence[Part],
    used: Sequence[Correction],
) -> SavedTranslation:
    kept = [part for part in parts if part.text is not None]
    authors = dict.fromkeys(c.author or "somebody" for c in used)
    return SavedTranslation(
        revision_id=text.revision_id,
        target=target,
        engine=PERSON,
        package_name=", ".join(authors)[:255],
        package_version="",
        package_sha256=_digest(base, used),
        options=(f"on {base.made_by}" if base else "")[:255],
        language=language,
        flags=_flags(base, parts),
        readings=base.readings if base else None,
        segments=tuple(
            SavedSegment(
                index=index,
                start=part.start,
                end=part.end,
                source=part.source,
                target=part.text or "",
                score=part.score,
                flags=part.flags,
                correction_id=part.correction_id,
                glossary=part.glossary,
            )
            for index, part in enumerate(kept)
        ),
    )


def _digest(base: Version | None, used: Sequence[Correction]) -> str:
    """The identity of a version: what it stands on, and each correction in it."""
    told = [base.made_by, base.sha256] if base else []
    told += sorted({str(correction.id) for correction in used})
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _flags(base: Version | None, parts: Sequence[Part]) -> tuple[str, ...]:
    """What is still doubtful of the whole: the doubts of a sentence go with the machine's words for it."""
    machine = [part for part in parts if part.correction_id is None and part.text is not None]
    flags = {flag for part in machine for flag in part.flags} | {"corrected"}
    if base and machine:
        of_segments = {flag for part in base.parts for flag in part.flags}
        flags |= set(base.flags) - of_segments
    if any(part.text is None for part in parts):
        flags.add("partial")
    return in_order(flags - {"untranslatable"})
