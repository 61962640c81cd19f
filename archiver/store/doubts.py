"""How sure a translation has to be: its flags, its score, a person's hand in it, how sure its language is.

A search asks it of posts, an export of pairs asks it of each pair, `show` of each segment.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from sqlalchemy import ColumnElement, Text, cast, exists, false, func, not_, or_, select

from archiver.store import tables
from translations.doubt import FLAGS

ANY = "any"
"""Every flag that tells of a doubt; that a text is corrected is none."""
DOUBTFUL = tuple(flag for flag in FLAGS if flag != "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """All `flags`, none of `no_flags` (`any`: any of them); corrected by a person, or not; and sure enough.

    The score of a post is that of its least sure segment. One that is unknown is below any that is asked for,
    as is an unknown confidence; what a person corrected has no score and needs none.
    """

    flags: tuple[str, ...] = ()
    no_flags: tuple[str, ...] = ()
    corrected: bool | None = None
    min_score: float | None = None
    min_confidence: float | None = None

    def without_doubts(self) -> Self:
        """The same, of any translation."""
        return replace(self, **asdict(Doubts()))

    def why_not(
        self, *, flags: Iterable[str], corrected: bool | None, score: float | None, confidence: float | None
    ) -> str | None:
        """Why a segment, or a pair, is not meant; None: it is. `corrected` None: in part."""
        here = {*flags, "corrected"} if corrected else {*flags} - {"corrected"}
        if self.corrected is not None and self.corrected is not corrected:
            return "not corrected" if self.corrected else "corrected"
        if any(here.isdisjoint(meant(flag)) for flag in self.flags):
            return "not flagged"
        if any(not here.isdisjoint(meant(flag)) for flag in self.no_flags):
            return "flagged"
        if self.min_score is not None and not corrected and (score is None or score < self.min_score):
            return "below --min-score"
        if self.min_confidence is not None and (confidence or 0.0) < self.min_confidence:
            return "below --min-confidence"
        return None


def meant(flag: str) -> tuple[str, ...]:
    """The flags that `flag` stands for."""
    return DOUBTFUL if flag.lower() == ANY else (flag.lower(),)


def problem(flag: str) -> str | None:
    """What is wrong with the name of a flag: it is unknown, and another is near."""
    if flag.lower() in (*FLAGS, ANY):
        return None
    [near] = difflib.get_close_matches(flag.lower(), (*FLAGS, ANY), n=1, cutoff=0.0)
    return f"there is no flag '{flag}'; the nearest is '{near}' (all: {', '.join(FLAGS)}, {ANY})"


def sure_enough(wanted: Doubts, translation: Any, confidence: Any) -> Sequence[ColumnElement[bool]]:
    """What is asked of scores and confidence, of the `translation` with that id."""
    asked: list[ColumnElement[bool]] = []
    if wanted.min_score is not None:
        part = tables.translated_segment.c
        parts = part.translation_id == translation
        least = select(func.min(part.score)).where(parts).scalar_subquery()
        said_by_people = exists().where(parts) & ~exists().where(parts, part.correction_id.is_(None))
        asked.append(or_(func.coalesce(least >= wanted.min_score, false()), said_by_people))
    if wanted.min_confidence is not None:
        asked.append(func.coalesce(confidence, 0.0) >= wanted.min_confidence)
    return asked


def flagged_so(wanted: Doubts, flags: Any) -> Sequence[ColumnElement[bool]]:
    """What is asked of flags and corrections, of the translation with this column of `flags`."""
    told = func.coalesce(cast(flags, Text), "")

    def carries(flag: str) -> ColumnElement[bool]:
        return or_(*(told.contains(f'"{name}"', autoescape=True) for name in meant(flag)))

    asked = [carries(flag) for flag in wanted.flags]
    asked += [not_(carries(flag)) for flag in wanted.no_flags]
    if wanted.corrected is not None:
        asked.append(carries("corrected") if wanted.corrected else not_(carries("corrected")))
    return asked
