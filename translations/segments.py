"""Where one sentence ends and the next begins in Urdu, Pashto, Arabic, Persian and English posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The smallest unit translated on its own: `text == whole[start:end]`, counted in code points."""

    index: int
    start: int
    end: int
    text: str


def split(text: str, language: str | None = None) -> tuple[Segment, ...]:
    """The segments of `text`; what lies between them (spaces, line ends, list markers) is not translated."""
    raise NotImplementedError


def join(texts: Sequence[str], segments: Sequence[Segment], original: str) -> str:
    """`original` with its segments replaced by `texts`; unchanged texts give `original` back, always."""
    raise NotImplementedError
