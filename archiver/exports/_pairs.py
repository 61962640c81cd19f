"""Aligned pairs: the segments of what posts say now, each beside its newest translation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.store.records import PostRecord, RevisionRecord, SegmentRecord, TranslationRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A segment in its post. A pair is machine-made unless somebody says otherwise."""

    post: PostRecord
    revision: RevisionRecord
    translation: TranslationRecord
    segment: SegmentRecord

    @property
    def confidence(self) -> float | None:
        """How sure it is that the text is in the language that it was translated from."""
        detection = self.revision.detection
        same = detection is not None and detection.language == self.translation.language
        return detection.confidence if detection and same else None

    @property
    def flags(self) -> list[str]:
        """What looks wrong with the segment; what a demonstration package made is marked as such."""
        demo = {"demo_package"} & set(self.translation.flags)
        return sorted({*self.segment.flags, *demo})


def pairs(records: Iterable[PostRecord]) -> Iterator[Pair]:
    for post in records:
        revision = post.revision
        translation = revision and revision.translation
        if revision and translation:
            for segment in translation.segments:
                yield Pair(post=post, revision=revision, translation=translation, segment=segment)


def decimal(number: float | None) -> str:
    """A number as text; nothing for an unknown one."""
    return "" if number is None else f"{number:.6g}"


def moment(time: object) -> str:
    """A time in ISO 8601 with a Z; nothing for an unknown one."""
    return "" if time is None else str(time).replace(" ", "T").replace("+00:00", "Z")
