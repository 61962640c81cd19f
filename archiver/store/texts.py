"""Which of a revision's detections and translations counts, and what it reads like as a whole."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from archiver.store import tables
from translations.segments import Segment, join

Part = tuple[int, int, str, str]


def current_detection() -> Any:
    """The join condition of `detection` with `revision`: the one that no later detection replaced."""
    detection = tables.detection.c
    return (detection.revision_id == tables.revision.c.id) & detection.superseded_at.is_(None)


def current_translation() -> Any:
    """The id of the translation of `revision` that is shown and searched: the newest."""
    made = tables.translation.alias("made")
    # "+ 0", or PostgreSQL looks for the revision among all translations, from the newest backwards.
    newest = select(func.max(made.c.id + 0)).where(made.c.revision_id == tables.revision.c.id)
    return newest.scalar_subquery()


def translated_texts(connection: Connection, translation_ids: Sequence[int]) -> dict[int, str]:
    """Translations as one text each: the original with every segment in its place translated."""
    whole = (
        select(tables.translation.c.id, tables.revision.c.body)
        .join(tables.revision, tables.revision.c.id == tables.translation.c.revision_id)
        .where(tables.translation.c.id.in_(translation_ids))
    )
    segment, translated = tables.segment.c, tables.translated_segment.c
    parts = (
        select(translated.translation_id, segment.start, segment.stop, segment.source, translated.text)
        .join(tables.segment, segment.id == translated.segment_id)
        .where(translated.translation_id.in_(translation_ids))
        .order_by(translated.translation_id, segment.start)
    )
    found: dict[int, list[Part]] = defaultdict(list)
    for translation_id, *part in connection.execute(parts):
        found[translation_id].append(tuple(part))
    return {id: translated_text(body, found[id]) for id, body in connection.execute(whole)}


def translated_text(body: str, parts: Sequence[Part]) -> str:
    """`body` with each part (start, stop, source, translation) translated."""
    segments = [
        Segment(index=index, start=start, end=stop, text=source)
        for index, (start, stop, source, _) in enumerate(parts)
    ]
    return join([text for *_, text in parts], segments, body)
