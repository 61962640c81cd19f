"""Which of a revision's detections and translations counts, and what it reads like as a whole."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, select

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
    bodies = connection.execute(_BODIES, {"ids": translation_ids})
    return texts_of(connection, {row.id: row.body for row in bodies})


def texts_of(connection: Connection, bodies: Mapping[int, str]) -> dict[int, str]:
    """`translated_texts`, where the originals are known, by the ids of their translations."""
    if not bodies:
        return {}
    found: dict[int, list[Part]] = defaultdict(list)
    for translation_id, start, stop, source, text in connection.execute(_PARTS, {"ids": list(bodies)}).all():
        found[translation_id].append((start, stop, source, text))
    return {id: translated_text(body, found[id]) for id, body in bodies.items()}


_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_BODIES = (
    select(tables.translation.c.id, tables.revision.c.body)
    .join(tables.revision, tables.revision.c.id == tables.translation.c.revision_id)
    .where(tables.translation.c.id.in_(_ids))
)
_segment, _translated = tables.segment.c, tables.translated_segment.c
_PARTS = (
    select(_translated.translation_id, _segment.start, _segment.stop, _segment.source, _translated.text)
    .join(tables.segment, _segment.id == _translated.segment_id)
    .where(_translated.translation_id.in_(_ids))
    .order_by(_translated.translation_id, _segment.start)
)


def translated_text(body: str, parts: Sequence[Part]) -> str:
    """`body` with each part (start, stop, source, translation) translated."""
    segments = [
        Segment(index=index, start=start, end=stop, text=source)
        for index, (start, stop, source, _) in enumerate(parts)
    ]
    return join([text for *_, text in parts], segments, body)
