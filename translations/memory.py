"""What was translated before need not be translated again.

The translator only asks a memory. Whoever writes into one decides when a translation counts as kept: the
archive's memory is its own table of translations, filled in one transaction with what it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryKey:
    """One segment, one package, one set of options; equal keys have equal translations."""

    source: str
    source_language: str
    target_language: str
    package: str
    """The package's sha256."""
    options: str
    """`str(Options)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A translation kept from earlier. `origin` is "machine" or "person"; a memory prefers a person's."""

    target: str
    score: float | None = None
    flags: tuple[str, ...] = ()
    origin: str = "machine"
    glossary: tuple[tuple[str, str], ...] = ()
    """The terms that were kept, each with its translation."""
    correction: int | None = None
    """Which of the memory's own corrections it is."""


class Memory(Protocol):
    """Answers for many segments at once, so that a store needs one query, not thousands."""

    def get(self, keys: Sequence[MemoryKey]) -> Mapping[MemoryKey, Remembered]:
        """The known ones among `keys`."""
        ...


class NoMemory:
    """Remembers nothing."""

    def get(self, keys: Sequence[MemoryKey]) -> Mapping[MemoryKey, Remembered]:
        return {}


class DictMemory:
    """Remembers what it is told, for as long as the process lives."""

    def __init__(self) -> None:
        self._known: dict[MemoryKey, Remembered] = {}

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, key: MemoryKey, remembered: Remembered) -> None:
        """From now on `key` is answered with `remembered`."""
        self._known[key] = remembered

    def get(self, keys: Sequence[MemoryKey]) -> Mapping[MemoryKey, Remembered]:
        return {key: self._known[key] for key in keys if key in self._known}
