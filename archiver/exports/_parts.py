"""What a format is told: how it is laid out, and where to write."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from archiver.exports._pairs import Level

Add = Callable[[Any], None]  # takes a Pair or a PostRecord, as the format's shape says


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a format is laid out.

    of            what it is made of: aligned pairs, whole posts, or posts unless a level is chosen
    a_language    its files hold one pair of languages each
    folder        it is a folder, even when there is one file in it
    untranslated  it shows texts without a translation as well
    native        it holds what the platform gave, so that there is nothing to pseudonymise
    """

    of: Literal["pairs", "posts", "either"] = "pairs"
    a_language: bool = False
    folder: bool = False
    untranslated: bool = False
    native: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a corpus: a split, a pair of languages, or all of it. `counted` is for what it writes."""

    open: Callable[[str], IO[bytes]]  # a new file by its name in the corpus
    by: Level = "segment"
    split: str | None = None
    languages: tuple[str, str] | None = None
    captures: Path | None = None  # the archive's folder of captures
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def pair(self) -> str:
        """Such as `ps-en`."""
        return "-".join(self.languages or ())

    @property
    def stem(self) -> str:
        """The first part of the file names: `pairs`, `train`, `pairs.ps-en`."""
        return ".".join(filter(None, (self.split or "pairs", self.pair)))


Key = tuple[str | None, tuple[str, str] | None]  # (split, languages) of a part
Writing = Callable[[Part], AbstractContextManager[Add]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`head` gives what stands before the data card, from the parts that were written."""

    name: str
    shape: Shape
    writing: Writing
    head: Callable[[list[Key]], str] | None = None
