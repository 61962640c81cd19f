"""Texts in, translations out: split, protected, remembered, pooled, checked, put together again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from translations import pool
from translations.doubt import in_order
from translations.engines import Engine, Search, load
from translations.errors import EngineFailed, TranslationsError
from translations.glossary import Glossary, Use, digest
from translations.memory import Memory, MemoryKey, NoMemory, Remembered
from translations.packages.choice import choose
from translations.packages.package import Package, verify
from translations.protect import hashtags
from translations.segments import Segment, join, split

if TYPE_CHECKING:
    from translations.detect import Detection

K = TypeVar("K")

# Texts are worked on together until they hold this many characters: enough for full batches on every core,
# few enough that memory does not grow with the number of posts.
_WINDOW = 250_000

# Raised when splitting, protecting or placing change, so that old translations are not taken for new ones.
# 2: a model that repeats itself is asked once more. 3: foreign quotes and numbers come back as they were.
_METHOD = 3

SURE = 0.8
"""Below this confidence of the detection a translation is uncertain: one such answer in five is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How hard the model searches: beam 4 is Argos's own way ("exact"), 2 "balanced", 1 "fast".

    `vocabulary` says whether the model keeps to its package's vocabulary map, which is faster: "auto" where
    the map left the translations of a sample as they were, "mapped" wherever there is one, "whole" nowhere.

    `str(options.on(package))` names everything that can change a translation, and is part of its identity.
    """

    beam: int = 2
    vocabulary: str = "auto"
    max_batch_tokens: int = 1024

    def __post_init__(self) -> None:
        if self.vocabulary not in VOCABULARIES:
            raise ValueError(f"no vocabulary {self.vocabulary!r}; there are: {', '.join(VOCABULARIES)}")

    def __str__(self) -> str:
        return f"method={_METHOD} beam={self.beam}" + (" map=1" if self.vocabulary == "mapped" else "")

    def on(self, package: Package) -> Options:
        """These options as they are with `package`: "auto" decided, "mapped" only where there is a map."""
        wanted = {"auto": package.map_checked, "mapped": package.has_map, "whole": False}[self.vocabulary]
        return replace(self, vocabulary="mapped" if wanted else "whole")

    @classmethod
    def named(cls, quality: str, vocabulary: str = "auto") -> Options:
        """The options called "exact", "balanced" or "fast"."""
        if quality not in QUALITIES:
            raise ValueError(f"no quality {quality!r}; there are: {', '.join(QUALITIES)}")
        return cls(beam=QUALITIES[quality], vocabulary=vocabulary)


VOCABULARIES = ("auto", "whole", "mapped")
QUALITIES: Mapping[str, int] = {"exact": 4, "balanced": 2, "fast": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTranslation:
    """A segment and its translation; `source == text[start:end]`.

    `score` is the mean log-probability a token, None when no model was asked. `flags` are `doubt.FLAGS`.
    """

    index: int
    start: int
    end: int
    source: str
    target: str
    score: float | None = None
    flags: tuple[str, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()
    """The terms that were kept, each with its translation."""
    correction: int | None = None
    """Which of the memory's corrections it is; None: a machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTranslation:
    """A text beside its translation, segment by segment; between segments stands what stood there before."""

    text: str
    translation: str
    segments: tuple[SegmentTranslation, ...]
    package: Package
    options: Options
    flags: tuple[str, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    """What the hashtags say, which stay as they are in the translation: {"#کابل_خبر": "Kabul news"}."""
    identity: str = ""
    """`str(options)`, and a digest of the glossary's terms where there are some in the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A text that can be translated: it is split, and its package is chosen and loaded."""

    text: str
    package: Package
    options: Options
    segments: tuple[Segment, ...]
    keys: tuple[MemoryKey, ...]
    terms: tuple[tuple[Use, ...], ...]
    identity: str
    uncertain: bool
    tags: Mapping[str, MemoryKey]


class Translator:
    """Translates with the packages it was given: it writes no file, logs no text and touches no network.

    A package's files are verified against its SHA-256 when its model is loaded: when it is first needed.
    """

    def __init__(
        self,
        packages: Sequence[Package],
        *,
        options: Options | None = None,
        memory: Memory | None = None,
        glossary: Glossary | None = None,
        allow_demo: bool = False,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        self.options = options or Options()
        self._packages = tuple(packages)
        self._memory = memory or NoMemory()
        self._glossary = glossary or Glossary()
        self._allow_demo = allow_demo
        self._device = device
        self._threads = threads
        self._engines: dict[str, Engine | TranslationsError] = {}

    def translate(self, text: str, source: str | Detection, target: str = "en") -> TextTranslation:
        """One text. Raises NoPackage where none translates `source`, BadPackage when it was tampered with."""
        ((_, translated),) = self.translate_all([(None, text, source)], target)
        if isinstance(translated, TranslationsError):
            raise translated
        return translated

    def translate_all(
        self, items: Iterable[tuple[K, str, str | Detection]], target: str = "en"
    ) -> Iterator[tuple[K, TextTranslation | TranslationsError]]:
        """Many texts, (key, text, source language), in their order; what fails is yielded as its error.

        A language that was only detected may come as its Detection; where that is unsure, so is the text.
        """
        window: list[tuple[K, str, str | Detection]] = []
        size = 0
        for item in items:
            window.append(item)
            size += len(item[1]) + 50
            if size >= _WINDOW:
                yield from self._together(window, target)
                window, size = [], 0
        yield from self._together(window, target)

    def _together(
        self, window: Sequence[tuple[K, str, str | Detection]], target: str
    ) -> Iterator[tuple[K, TextTranslation | TranslationsError]]:
        jobs = [self._job(text, source, target) for _, text, source in window]
        known = self._segments([job for job in jobs if isinstance(job, _Job)])
        for (key, _, _), job in zip(window, jobs, strict=True):
            yield key, self._assembled(job, known) if isinstance(job, _Job) else job

    def _job(self, text: str, spoken: str | Detection, target: str) -> _Job | TranslationsError:
        source = spoken if isinstance(spoken, str) else spoken.language
        try:
            package = choose(self._packages, source, target, allow_demo=self._allow_demo)
            self._engine(package)
        except TranslationsError as error:
            return error
        segments = split(text, source)
        terms = tuple(pool.terms_in(segment.text, self._glossary, source) for segment in segments)
        options = self.options.on(package)
        return _Job(
            text=text,
            package=package,
            options=options,
            segments=segments,
            keys=tuple(
                MemoryKey(
                    source=segment.text,
                    source_language=source,
                    target_language=target,
                    package=package.sha256,
                    options=_identity(options, uses, source),
                )
                for segment, uses in zip(segments, terms, strict=True)
            ),
            terms=terms,
            identity=_identity(options, [use for uses in terms for use in uses], source),
            uncertain=not isinstance(spoken, str) and spoken.confidence < SURE,
            tags={
                tag: MemoryKey(
                    source=words,
                    source_language=source,
                    target_language=target,
                    package=package.sha256,
                    options=str(options),
                )
                for tag, words in hashtags(text).items()
            },
        )

    def identity(self, text: str, source: str, package: Package) -> str:
        """The options that a translation of `text` by `package` would carry, and the terms in the text."""
        options = self.options.on(package)
        if not self._glossary.find(text, source):
            return str(options)
        parts = (pool.terms_in(segment.text, self._glossary, source) for segment in split(text, source))
        return _identity(options, [use for uses in parts for use in uses], source)

    def _segments(self, jobs: Sequence[_Job]) -> Mapping[MemoryKey, Remembered | EngineFailed]:
        """Every distinct segment of the jobs, remembered or translated now."""
        wanted = {key: job.package for job in jobs for key in (*job.keys, *job.tags.values())}
        terms = {key: uses for job in jobs for key, uses in zip(job.keys, job.terms, strict=True)}
        known: dict[MemoryKey, Remembered | EngineFailed] = dict(self._memory.get(list(wanted)))
        new: dict[str, list[MemoryKey]] = {}
        for key in wanted.keys() - known.keys():
            new.setdefault(key.package, []).append(key)
        for keys in new.values():
            package = wanted[keys[0]]
            # Sorted, so that a run over the same texts pools them the same way.
            keys.sort(key=lambda key: (len(key.source), key.source))
            options = self.options.on(package)
            search = Search(
                beam=options.beam,
                # Argos's own search is chosen for Argos's own texts.
                unpadded=options.beam == QUALITIES["exact"],
                max_batch_tokens=options.max_batch_tokens,
                vocabulary_map=options.vocabulary == "mapped",
            )
            done = pool.translate(
                [key.source for key in keys],
                package,
                self._engine(package),
                search,
                [terms.get(key, ()) for key in keys],
            )
            for key, translated in zip(keys, done, strict=True):
                known[key] = (
                    translated
                    if isinstance(translated, EngineFailed)
                    else Remembered(
                        target=translated.target,
                        score=translated.score,
                        flags=translated.flags,
                        glossary=translated.glossary,
                    )
                )
        return known

    def _assembled(
        self, job: _Job, known: Mapping[MemoryKey, Remembered | EngineFailed]
    ) -> TextTranslation | TranslationsError:
        segments = []
        for segment, key in zip(job.segments, job.keys, strict=True):
            done = known[key]
            if isinstance(done, EngineFailed):
                return done
            segments.append(
                SegmentTranslation(
                    index=segment.index,
                    start=segment.start,
                    end=segment.end,
                    source=segment.text,
                    target=done.target,
                    score=done.score,
                    flags=_with_certainty(done.flags, uncertain=job.uncertain),
                    glossary=done.glossary,
                    correction=done.correction,
                )
            )
        return TextTranslation(
            text=job.text,
            translation=join([segment.target for segment in segments], job.segments, job.text),
            segments=tuple(segments),
            package=job.package,
            options=job.options,
            identity=job.identity,
            readings=_readings(job, known),
            flags=_flags_of_text(segments),
        )

    def _engine(self, package: Package) -> Engine:
        """The package's model, verified and loaded once; what is wrong with it stays wrong for this run."""
        if package.sha256 not in self._engines:
            try:
                verify(package)
                self._engines[package.sha256] = load(package, device=self._device, threads=self._threads)
            except TranslationsError as error:
                self._engines[package.sha256] = error
        engine = self._engines[package.sha256]
        if isinstance(engine, TranslationsError):
            raise engine
        return engine


def _readings(job: _Job, known: Mapping[MemoryKey, Remembered | EngineFailed]) -> dict[str, str]:
    """What the model said of each hashtag's words, where it said something."""
    found = {}
    for tag, key in job.tags.items():
        said = known[key]
        if isinstance(said, Remembered) and said.target and not {"untranslatable", "empty"} & {*said.flags}:
            found[tag] = said.target.rstrip(".!?") or said.target
    return found


def _identity(options: Options, uses: Sequence[Use], language: str) -> str:
    return f"{options} glossary={digest(uses, language)}" if uses else str(options)


def _with_certainty(flags: Sequence[str], *, uncertain: bool) -> tuple[str, ...]:
    """How sure the language is belongs to this text, not to the others that say the same."""
    found = {*flags} - {"language_uncertain"}
    return in_order(found | {"language_uncertain"} if uncertain and "untranslatable" not in found else found)


def _flags_of_text(segments: Sequence[SegmentTranslation]) -> tuple[str, ...]:
    """The flags of any segment; "untranslatable" only when that is all there is."""
    flags = {flag for segment in segments for flag in segment.flags}
    if all("untranslatable" in segment.flags for segment in segments):
        return ("untranslatable",)
    return in_order(flags - {"untranslatable"})
