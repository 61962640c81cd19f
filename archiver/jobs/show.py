"""Everything known of one post."""

from collections.abc import Iterator
from dataclasses import replace

from archiver.config import Config
from archiver.store import queries
from archiver.store.database import Database
from archiver.store.doubts import Doubts
from archiver.store.records import PostRecord, RevisionRecord, TranslationRecord


def show(config: Config, named: str) -> PostRecord:
    """The post called PLATFORM:NATIVE_ID, or found at an address. Raises NotFound."""
    database = Database.open(config.database_url)
    try:
        with database.read() as connection:
            return queries.show(connection, named)
    finally:
        database.close()


def only(post: PostRecord, doubts: Doubts) -> PostRecord:
    """The post with those segments alone that are meant; a translation without one is left out."""
    return replace(
        post, revisions=tuple(replace(r, translations=tuple(_meant(r, doubts))) for r in post.revisions)
    )


def segments(post: PostRecord) -> int:
    """How many segments all its translations have together."""
    return sum(len(made.segments) for revision in post.revisions for made in revision.translations)


def _meant(revision: RevisionRecord, doubts: Doubts) -> Iterator[TranslationRecord]:
    confidence = revision.detection.confidence if revision.detection else None
    for made in revision.translations:
        kept = tuple(
            segment
            for segment in made.segments
            if not doubts.why_not(
                flags=segment.flags,
                corrected=segment.correction is not None,
                score=segment.score,
                confidence=confidence,
            )
        )
        if kept:
            yield replace(made, segments=kept)
