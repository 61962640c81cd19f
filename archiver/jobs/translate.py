"""Detect and translate what has not been yet: a loop over two questions to the store.

"Not translated yet" is a SELECT, so stopping anywhere loses nothing and repeats nothing. Posts are read,
translated and stored in pages; memory use does not grow with the archive.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from archiver.config import FILE, Config
from archiver.errors import BadConfig, Exit
from archiver.jobs import alt_texts
from archiver.jobs import glossary as glossaries
from archiver.jobs.language import detect_new
from archiver.jobs.packages import install_demo
from archiver.store import corrected, translating, versions
from archiver.store.database import Database
from archiver.store.memory import ArchiveMemory
from translations import packages
from translations.detect import Detection
from translations.errors import BadPackage, NoPackage, TranslationsError
from translations.languages import primary
from translations.packages import Package
from translations.translator import Options, TextTranslation, Translator

_log = logging.getLogger(__name__)

PAGE = 500  # revisions read, translated and stored together


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageResult:
    """What became of one language: `owed` texts have an attempt with the reason on record.

    `refused`: its package is not what was installed, so nothing was translated with it.
    """

    language: str
    translated: int = 0
    owed: int = 0
    reason: str | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateResult:
    """`corrected` texts got a version with what people said of their sentences elsewhere."""

    detected: int
    languages: tuple[LanguageResult, ...]
    corrected: int = 0
    descriptions: int = 0  # of pictures, translated
    descriptions_owed: int = 0

    @property
    def exit(self) -> Exit:
        if any(r.refused for r in self.languages):
            return Exit.ERROR
        owed = self.descriptions_owed or any(r.owed for r in self.languages)
        return Exit.OWED if owed else Exit.OK


def translate(
    config: Config,
    *,
    languages: Sequence[str] | None = None,
    target: str | None = None,
    limit: int | None = None,
    shard: tuple[int, int] | None = None,
    only_missing: bool = False,
    allow_demo: bool = False,
    on_progress: Callable[[str, int], None] | None = None,
) -> TranslateResult:
    """Detect every new text, translate those in `languages`, then give texts the corrections made since.

    `limit` bounds the texts translated. What another package, quality or glossary translated is translated
    again, as a further version, unless `only_missing`.
    """
    database = Database.open(config.database_url)
    told = on_progress or (lambda what, count: None)
    target = target or config.translate.to
    options = options_of(config)
    glossary, faults = glossaries.load(config)
    for fault in faults:
        _log.warning("%s, line %d: %s", glossaries.FILE, fault.line, fault.why)
    if allow_demo:
        install_demo(config)
    installed = packages.installed(config.packages_dir)
    try:
        detected = detect_new(database, lambda count: told("detecting", count), cld2=config.detect.cld2)
        translator = Translator(
            installed,
            options=options,
            memory=ArchiveMemory(database),
            glossary=glossary,
            allow_demo=allow_demo,
            device=config.translate.device,
        )
        results = []
        left = limit
        for language in languages or config.translate.languages:
            if primary(language) == primary(target):
                continue
            work = _Work(
                database=database,
                translator=translator,
                installed=installed,
                options=options,
                language=language,
                target=target,
                shard=shard,
                allow_demo=allow_demo,
                has_glossary=bool(glossary),
            )
            result = work.run(left, partial(told, language), only_missing=only_missing)
            results.append(result)
            left = None if left is None else left - result.translated
        told("descriptions", alt_texts.detect(database, cld2=config.detect.cld2))
        described, undescribed = alt_texts.translate(
            database,
            translator,
            installed,
            options,
            _saved,
            languages=languages or config.translate.languages,
            target=target,
            shard=shard,
            allow_demo=allow_demo,
        )
        followed = follow_corrections(database, target, shard, partial(told, "following corrections"))
    finally:
        database.close()
    return TranslateResult(
        detected=detected,
        languages=tuple(results),
        corrected=followed,
        descriptions=described,
        descriptions_owed=undescribed,
    )


def options_of(config: Config) -> Options:
    try:
        return Options.named(config.translate.quality, config.translate.vocabulary)
    except ValueError as error:
        raise BadConfig(f"{config.folder / FILE}: [translate]: {error}") from None


def follow_corrections(
    database: Database, target: str, shard: tuple[int, int] | None, told: Callable[[int], None]
) -> int:
    """Give every text whose sentences were corrected, here or elsewhere, a version that says so."""
    count, after = 0, 0
    while True:
        with database.read() as connection:
            found = versions.pending(connection, target, limit=PAGE, after=after)
        if not found:
            return count
        after = found[-1]
        mine = [id for id in found if shard is None or id % shard[1] == shard[0] - 1]
        with database.write() as connection:
            count += versions.bring_up(connection, mine, datetime.now(UTC))
        told(count)


@dataclass(frozen=True, slots=True)
class _Work:
    """One language of one run."""

    database: Database
    translator: Translator
    installed: tuple[Package, ...]
    options: Options
    language: str
    target: str
    shard: tuple[int, int] | None
    allow_demo: bool
    has_glossary: bool

    def run(
        self, limit: int | None, told: Callable[[int], None], *, only_missing: bool = False
    ) -> LanguageResult:
        result = LanguageResult(language=self.language)
        try:
            package = packages.choose(self.installed, self.language, self.target, allow_demo=self.allow_demo)
        except NoPackage as error:
            return self._none(error, told)
        for rows in self._pages(None if only_missing else package, limit):
            result = self._page(rows, result)
            told(result.translated + result.owed)
        if only_missing:
            return _sound(package, result)
        left = None if limit is None else limit - result.translated
        for rows in self._otherwise_called(package, left):
            result = self._page(rows, result, again=True)
            told(result.translated + result.owed)
        return _sound(package, result)

    def _otherwise_called(
        self, package: Package, limit: int | None
    ) -> Iterator[list[translating.Untranslated]]:
        """Texts that this package translated when their terms were called otherwise: the glossary changed.

        With a glossary every text is read for it, and only those that a change touches are translated again.
        """
        after, left = 0, limit
        while left is None or left > 0:
            with self.database.read() as connection:
                page = translating.translated(
                    connection,
                    language=self.language,
                    target=self.target,
                    engine=package.engine,
                    package_sha256=package.sha256,
                    options=str(self.options.on(package)),
                    limit=PAGE,
                    after=after,
                    shard=self.shard,
                    with_terms=not self.has_glossary,
                )
            if not page:
                return
            after = page[-1][0].revision_id
            stale = [row for row, options in page if self._calls(row, package) != options]
            stale = stale if left is None else stale[:left]
            if stale:
                yield stale
            left = None if left is None else left - len(stale)

    def _calls(self, row: translating.Untranslated, package: Package) -> str:
        return self.translator.identity(row.body, row.language, package)

    def _pages(
        self, package: Package | None, limit: int | None = None
    ) -> Iterator[list[translating.Untranslated]]:
        after, left = 0, limit
        while left is None or left > 0:
            with self.database.read() as connection:
                rows = translating.untranslated(
                    connection,
                    language=self.language,
                    target=self.target,
                    engine=package.engine if package else None,
                    package_sha256=package.sha256 if package else None,
                    options=str(self.options.on(package) if package else self.options),
                    limit=PAGE if left is None else min(PAGE, left),
                    after=after,
                    shard=self.shard,
                )
            if not rows:
                return
            yield rows
            after = rows[-1].revision_id
            left = None if left is None else left - len(rows)

    def _page(
        self, rows: list[translating.Untranslated], result: LanguageResult, *, again: bool = False
    ) -> LanguageResult:
        """Translate one page and store what came of it, failures as attempts, in one transaction."""
        done: list[translating.SavedTranslation] = []
        failed: list[tuple[int, str, str, str | None]] = []
        refused = result.refused
        items = ((row.revision_id, row.body, _spoken(row)) for row in rows)
        for revision_id, outcome in self.translator.translate_all(items, self.target):
            if isinstance(outcome, TranslationsError):
                failed.append((revision_id, self.target, str(outcome), None))
                refused = refused or isinstance(outcome, BadPackage)
            else:
                done.append(_saved(revision_id, self.target, outcome))
        at = datetime.now(UTC)
        with self.database.write() as connection:
            translating.save_translations(
                connection, translating.told_apart(connection, done) if again else done, at
            )
            # What a person said of these very posts is never pushed aside by a newer package.
            versions.bring_up(
                connection, corrected.for_segments(connection, [r.revision_id for r in done]), at
            )
            translating.save_attempts(connection, failed, at)
        reason = failed[-1][2] if failed else result.reason
        return replace(
            result,
            translated=result.translated + len(done),
            owed=result.owed + len(failed),
            reason=reason,
            refused=refused,
        )

    def _none(self, error: NoPackage, told: Callable[[int], None]) -> LanguageResult:
        """No package: every text of the language gets an attempt that names the command that would help."""
        owed = 0
        for rows in self._pages(None):
            attempts = [(row.revision_id, self.target, str(error), error.remedy) for row in rows]
            with self.database.write() as connection:
                translating.save_attempts(connection, attempts, datetime.now(UTC))
            owed += len(rows)
            told(owed)
        return LanguageResult(language=self.language, owed=owed, reason=str(error) if owed else None)


def _sound(package: Package, result: LanguageResult) -> LanguageResult:
    """The result, refused where the package was tampered with, also when there was nothing to translate."""
    if result.translated or result.owed:
        return result  # it was checked when it was loaded
    try:
        packages.verify(package)
    except BadPackage as error:
        return replace(result, reason=str(error), refused=True)
    return result


def _spoken(row: translating.Untranslated) -> Detection:
    return Detection(language=row.language, confidence=row.confidence, method="stored")


def _saved(revision_id: int, target: str, made: TextTranslation) -> translating.SavedTranslation:
    return translating.SavedTranslation(
        revision_id=revision_id,
        target=target,
        engine=made.package.engine,
        package_name=made.package.name,
        package_version=made.package.version,
        package_sha256=made.package.sha256,
        options=made.identity,
        flags=made.flags,
        readings=made.readings,
        segments=tuple(
            translating.SavedSegment(
                index=s.index,
                start=s.start,
                end=s.end,
                source=s.source,
                target=s.target,
                score=s.score,
                flags=s.flags,
                correction_id=s.correction,
                glossary=[{"term": term, "translation": said} for term, said in s.glossary],
            )
            for s in made.segments
        ),
    )
