"""Which pairs go into a corpus, and into which part of it: told once, applied to one pair after the other."""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeVar

from archiver.exports._pairs import Level, MadeBy, Pair
from archiver.store.aligned import AlignedPost
from archiver.store.doubts import Doubts
from archiver.store.records import PostRecord
from translations.fold import fold, loose
from translations.protect import items

Dedup = Literal["exact", "folded"]
AnyPost = TypeVar("AnyPost", PostRecord, AlignedPost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What may be chosen of the pairs, besides the filters that choose posts. Each default leaves all in.

    Lengths are in characters and hold for both texts; `max_ratio` is the longer over the shorter one.
    `split` are shares such as (80, 10, 10). How sure a pair has to be is told by the filters' `Doubts`.
    """

    by: Level | None = None
    dedup: Dedup | None = None
    min_length: int = 0
    max_length: int | None = None
    max_ratio: float | None = None
    min_account_posts: int = 0
    split: tuple[int, ...] = ()
    seed: str = "0"
    pseudonymise: bool = False

    @property
    def leaves_out(self) -> bool:
        """Whether any pair can stay out."""
        placing = replace(self, by=None, split=(), seed="0", pseudonymise=False, min_account_posts=0)
        return placing != type(self)()

    @property
    def of_pairs(self) -> bool:
        """Whether something is chosen that makes sense of pairs only."""
        return self != type(self)(min_account_posts=self.min_account_posts)


SPLITS: Mapping[int, tuple[str, ...]] = {2: ("train", "test"), 3: ("train", "validation", "test")}


_CORRECTED: Mapping[MadeBy, bool | None] = {"person": True, "both": None, "machine": False, "nobody": False}


def why_not(pair: Pair, wanted: Choices, doubts: Doubts) -> str | None:
    """Why the pair stays out; None: it does not."""
    source, target = len(pair.source), len(pair.target or "")
    if min(source, target if pair.target is not None else source) < wanted.min_length:
        return "shorter than --min-length"
    if wanted.max_length is not None and max(source, target) > wanted.max_length:
        return "longer than --max-length"
    if wanted.max_ratio is not None and max(source, target) > wanted.max_ratio * min(source, target):
        return "lengths differ by more than --max-ratio"
    corrected = _CORRECTED[pair.made_by]
    return doubts.why_not(flags=pair.flags, corrected=corrected, score=pair.score, confidence=pair.confidence)


def split_of(pair: Pair, wanted: Choices) -> str | None:
    """Which part the pair belongs to, by its source alone: sources that differ only in spelling, punctuation,
    numbers, links or mentions always go into the same part."""
    if not wanted.split:
        return None
    key = f"{wanted.seed}\0{gist(pair.source, pair.language)}".encode("utf-8", "surrogatepass")
    place = int.from_bytes(hashlib.sha256(key).digest()[:8]) % sum(wanted.split)
    for name, share in zip(SPLITS[len(wanted.split)], wanted.split, strict=True):
        if place < share:
            return name
        place -= share
    raise AssertionError("a place below the sum lies in one of the shares")


_NOT_WORDS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def gist(text: str, language: str) -> str:
    """What near-duplicates have in common: their folded words, without links, mentions and numbers."""
    kept, place = [], 0
    for item in items(text):
        kept.append(text[place : item.start])
        place = item.end if item.kind in ("link", "email", "handle", "emoji") else item.start
    words = loose(fold("".join((*kept, text[place:])), language))
    return _NOT_WORDS.sub(" ", _DIGITS.sub("0", words)).strip() or text


class Seen:
    """Keys that have been met, on the disk once they are many: memory stays flat."""

    def __init__(self) -> None:
        self._keys = sqlite3.connect("", isolation_level=None)  # a file of its own, gone when closed
        self._keys.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;"
            "CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN"
        )

    def add(self, *parts: str) -> bool:
        """Whether these are new."""
        joined = "\0".join(parts).encode("utf-8", "surrogatepass")
        key = hashlib.sha256(joined).digest()[:16]
        return self._keys.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 1

    def close(self) -> None:
        self._keys.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(slots=True, kw_only=True)
class Chooser:
    """Applies the choices to what comes and counts what stays out; of two alike the first stays."""

    wanted: Choices
    doubts: Doubts = field(default_factory=Doubts)
    small: frozenset[tuple[str, str]] = frozenset()  # accounts with too few posts: (platform, native id)
    left_out: Counter[str] = field(default_factory=Counter)

    def posts(self, records: Iterable[AnyPost]) -> Iterator[AnyPost]:
        for record in records:
            if (record.platform, record.account.native_id) in self.small:
                self.left_out["posts: accounts below --min-account-posts"] += 1
            else:
                yield record

    def pairs(self, found: Iterable[Pair]) -> Iterator[Pair]:
        if not self.wanted.leaves_out and self.doubts == self.doubts.without_doubts():
            yield from found
            return
        with closing(Seen()) as seen:
            for pair in found:
                reason = why_not(pair, self.wanted, self.doubts) or self._repeated(pair, seen)
                if reason:
                    self.left_out[f"pairs: {reason}"] += 1
                else:
                    yield pair

    def _repeated(self, pair: Pair, seen: Seen) -> str | None:
        source, target = pair.source, pair.target or ""
        if self.wanted.dedup is None:
            return None
        if self.wanted.dedup == "folded":
            source = " ".join(fold(source, pair.language).split())
            target = " ".join(fold(target, pair.target_language).split())
        new = seen.add(pair.language, source, pair.target_language, target)
        return None if new else f"repeated ({self.wanted.dedup})"
