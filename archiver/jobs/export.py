"""Write posts into a corpus of some format, with its data card: all of it or nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from archiver import exports
from archiver.config import Config
from archiver.errors import ArchiveBusy, Usage
from archiver.exports import _card
from archiver.exports._choices import SPLITS, Choices, Chooser, split_of
from archiver.exports._pairs import Pair, pairs
from archiver.exports._parts import Add, Format, Part
from archiver.exports._places import MANIFEST, Place, place
from archiver.exports._pseudonyms import Pseudonyms
from archiver.exports._tally import Tally
from archiver.jobs.search import bring_up
from archiver.store import queries
from archiver.store.aligned import AlignedPost
from archiver.store.database import Database
from archiver.store.filters import Filters, why_nothing
from archiver.store.records import PostRecord

Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written, and what was left out; `why` says which filter left nothing."""

    posts: int
    pairs: int
    written: Counter[str]
    left_out: Counter[str]
    why: str | None = None


def export(
    config: Config,
    format: str,
    filters: Filters,
    to: Path | IO[bytes],
    *,
    choices: Choices | None = None,
    folder: bool = False,
    on_progress: Progress | None = None,
) -> Exported:
    """Write all that fits, in one order and with flat memory.

    Raises Usage for an unknown format or choices that do not go together, MissingExtra.
    """
    chosen = choices or Choices()
    wanted = exports.named(format)
    _check(wanted, chosen)
    database = Database.open(config.database_url)
    try:
        if filters.query.strip() and (behind := bring_up(database)):
            raise ArchiveBusy(f"{behind}: no whole corpus can be made; try later, or without a query")
        # What is asked of translations is asked of each pair, or else of whole posts.
        posts = filters.without_doubts() if _of_pairs(wanted, chosen) else filters
        total = queries.count(database, posts)
        told = _Told(total, on_progress or (lambda done, total: None))
        small = _small(database, posts, chosen.min_account_posts)
        chooser = Chooser(wanted=chosen, doubts=filters, small=small)
        several = folder or wanted.shape.folder or bool(chosen.split)
        with place(to, folder=several) as here:
            corpus = _Corpus(wanted, chosen, here, config.captures_dir)
            if corpus.of_pairs:
                corpus.write_pairs(chooser, told.of(queries.aligned_posts(database, posts)))
            else:
                corpus.write_posts(chooser, told.of(queries.records(database, posts)))
            here.close()
            made = corpus.made(filters, chooser)
            if here.beside:
                here.write("README.md", _card.readme(made))
                here.write("CITATION.cff", _card.citation(made))
                here.write(MANIFEST, _card.manifest(made))
        why = None
        if not corpus.tally.posts:
            with database.read() as connection:
                why = why_nothing(connection, posts) if not told.count else None
        return Exported(
            posts=corpus.tally.posts,
            pairs=corpus.tally.pairs,
            written=corpus.counted,
            left_out=chooser.left_out,
            why=why,
        )
    finally:
        database.close()


def _check(wanted: Format, chosen: Choices) -> None:
    shape = wanted.shape
    if shape.of == "posts" and chosen.of_pairs:
        more = ", and there is nothing to pseudonymise in it" if shape.native and chosen.pseudonymise else ""
        raise Usage(f"{wanted.name} holds whole posts: --by and the choices among pairs are not for it{more}")
    if shape.of == "either" and chosen.of_pairs and chosen.by is None:
        raise Usage(f"{wanted.name} holds whole posts: say --by segment or --by post to choose among pairs")
    if chosen.split and len(chosen.split) not in SPLITS:
        raise Usage("a split has two or three shares: 90/10 or 80/10/10")


def _of_pairs(wanted: Format, chosen: Choices) -> bool:
    return wanted.shape.of == "pairs" or chosen.by is not None


def _small(database: Database, filters: Filters, least: int) -> frozenset[tuple[str, str]]:
    """The accounts with fewer than `least` posts among those that fit."""
    if least <= 1:
        return frozenset()
    counts = queries.posts_by_account(database, filters)
    return frozenset(account for account, count in counts.items() if count < least)


class _Corpus:
    """A corpus being written: sends each pair, or post, to the part that it belongs to."""

    def __init__(self, wanted: Format, chosen: Choices, here: Place, captures: Path) -> None:
        self.format, self.chosen, self.here, self.captures = wanted, chosen, here, captures
        self.of_pairs = _of_pairs(wanted, chosen)
        self.tally, self.counted = Tally(), Counter[str]()
        self._parts: dict[tuple[str | None, tuple[str, str] | None], Add] = {}
        self._open = ExitStack()

    def write_posts(self, chooser: Chooser, read: Iterable[PostRecord]) -> None:
        with self._open:
            add = self._part(None, None)
            for record in chooser.posts(self.tally.saw(read)):
                add(record)
                self.tally.post(record)

    def write_pairs(self, chooser: Chooser, read: Iterable[AlignedPost]) -> None:
        with self._open:
            if not self.format.shape.a_language:  # no pair, but a whole file
                for split in SPLITS[len(self.chosen.split)] if self.chosen.split else (None,):
                    self._part(split, None)
            posts = chooser.posts(self.tally.saw(read))
            self._write_pairs(chooser.pairs(self._pairs(posts, chooser)))

    def made(self, filters: Filters, chooser: Chooser) -> _card.Made:
        return _card.Made(
            format=self.format.name,
            filters=filters,
            choices=self.chosen,
            tally=self.tally,
            counted=self.counted,
            left_out=chooser.left_out,
            files=self.here.written(),
            head=self.format.head(list(self._parts)) if self.format.head else "",
        )

    def _pairs(self, posts: Iterable[AlignedPost], chooser: Chooser) -> Iterator[Pair]:
        by = self.chosen.by or "segment"
        for post in posts:
            found = list(pairs(post, by, untranslated=self.format.shape.untranslated))
            if not found:
                chooser.left_out["posts: without a translation"] += 1
            yield from found

    def _write_pairs(self, found: Iterable[Pair]) -> None:
        hide = Pseudonyms().pair if self.chosen.pseudonymise else None
        for pair in found:
            split = split_of(pair, self.chosen)
            written = hide(pair) if hide else pair
            languages = (pair.language, pair.target_language) if self.format.shape.a_language else None
            self._part(split, languages)(written)
            self.tally.pair(written, split)

    def _part(self, split: str | None, languages: tuple[str, str] | None) -> Add:
        key = (split, languages)
        if key not in self._parts:
            part = Part(
                open=self.here.open,
                by=self.chosen.by or "segment",
                split=split,
                languages=languages,
                captures=self.captures,
                counted=self.counted,
            )
            self._parts[key] = self._open.enter_context(self.format.writing(part))
        return self._parts[key]


class _Told:
    """Posts on their way, counted."""

    def __init__(self, total: int, told: Progress) -> None:
        self.total, self.told = total, told
        self.count = 0

    def of(self, posts: Iterable[T]) -> Iterator[T]:
        for post in posts:
            yield post
            self.count += 1
            self.told(self.count, self.total)
