"""Texts in, translations out: split, protected, remembered, pooled into batches, checked, put together again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from translations.errors import TranslationsError
from translations.memory import Memory
from translations.packages import Package

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the model searches. beam 4 is Argos's own ("exact"), 2 "balanced", 1 "fast"."""

    beam: int = 2
    max_batch_tokens: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTranslation:
    """A segment and its translation; `source == text[start:end]`. `score` is the mean log-probability a token."""

    index: int
    start: int
    end: int
    source: str
    target: str
    score: float | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTranslation:
    """A text beside its translation, segment by segment."""

    text: str
    translation: str
    segments: tuple[SegmentTranslation, ...]
    package: Package
    options: Options
    flags: tuple[str, ...] = ()


class Translator:
    """Translates with the packages it was given, and with nothing else: no file is written, no network touched."""

    def __init__(
        self,
        packages: Sequence[Package],
        *,
        options: Options = Options(),
        memory: Memory | None = None,
        allow_demo: bool = False,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        raise NotImplementedError

    def translate(self, text: str, source: str, target: str = "en") -> TextTranslation:
        """One text. Raises NoPackage when no package translates `source`."""
        raise NotImplementedError

    def translate_all(
        self, items: Iterable[tuple[K, str, str]], target: str = "en"
    ) -> Iterator[tuple[K, TextTranslation | TranslationsError]]:
        """Many texts, (key, text, source language), in the order they came; what fails is yielded as its error."""
        raise NotImplementedError
