"""Detect and translate what has not been yet: a loop over two questions to the store.

"Not translated yet" is a SELECT, so stopping anywhere loses nothing and repeats nothing. Posts are read,
translated and stored in pages; memory use does not grow with the archive.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from archiver.config import FILE, Config
from archiver.errors import BadConfig, Exit
from archiver.jobs.packages import install_demo
from archiver.store import translating
from archiver.store.database import Database
from archiver.store.memory import ArchiveMemory
from translations import packages
from translations.detect import detect_all
from translations.errors import NoPackage, TranslationsError
from translations.languages import primary
from translations.packages import Package
from translations.translator import Options, TextTranslation, Translator

PAGE = 500  # revisions read, translated and stored together


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageResult:
    """What became of one language: `owed` texts have an attempt with the reason on record."""

    language: str
    translated: int = 0
    owed: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateResult:
    detected: int
    languages: tuple[LanguageResult, ...]

    @property
    def exit(self) -> Exit:
        return Exit.OWED if any(r.owed for r in self.languages) else Exit.OK


def translate(
    config: Config,
    *,
    languages: Sequence[str] | None = None,
    target: str | None = None,
    limit: int | None = None,
    shard: tuple[int, int] | None = None,
    allow_demo: bool = False,
    on_progress: Callable[[str, int], None] | None = None,
) -> TranslateResult:
    """Detect every new text, then translate those in `languages`. `limit` bounds the texts translated."""
    database = Database.open(config.database_url)
    told = on_progress or (lambda what, count: None)
    target = target or config.translate.to
    options = options_of(config)
    if allow_demo:
        install_demo(config)
    installed = packages.installed(config.packages_dir)
    try:
        detected = detect_new(database, lambda count: told("detecting", count))
        translator = Translator(
            installed, options=options, memory=ArchiveMemory(database), allow_demo=allow_demo
        )
        results = []
        left = limit
        for language in languages or config.translate.languages:
            if primary(language) == primary(target):
                continue
            work = _Work(database, translator, installed, options, language, target, shard, allow_demo)
            result = work.run(left, partial(told, language))
            results.append(result)
            left = None if left is None else left - result.translated
    finally:
        database.close()
    return TranslateResult(detected=detected, languages=tuple(results))


def options_of(config: Config) -> Options:
    try:
        return Options.named(config.translate.quality)
    except ValueError as error:
        raise BadConfig(f"{config.folder / FILE}: [translate] quality: {error}") from None


def detect_new(database: Database, told: Callable[[int], None]) -> int:
    """Give every current revision that has none a detection; the platform's hint only breaks near-ties."""
    count, after = 0, 0
    while True:
        with database.read() as connection:
            rows = translating.undetected(connection, limit=PAGE, after=after)
        if not rows:
            return count
        found = detect_all([r.body for r in rows], [r.hint for r in rows])
        at = datetime.now(UTC)
        with database.write() as connection:
            translating.save_detections(
                connection,
                [
                    (row.revision_id, d.language, d.confidence, d.method)
                    for row, d in zip(rows, found, strict=True)
                ],
                at,
            )
        after = rows[-1].revision_id
        count += len(rows)
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

    def run(self, limit: int | None, told: Callable[[int], None]) -> LanguageResult:
        result = LanguageResult(language=self.language)
        try:
            package = packages.choose(self.installed, self.language, self.target, allow_demo=self.allow_demo)
        except NoPackage as error:
            return self._none(error, told)
        for rows in self._pages(package, limit):
            result = self._page(rows, result)
            told(result.translated + result.owed)
        return result

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
                    options=str(self.options),
                    limit=PAGE if left is None else min(PAGE, left),
                    after=after,
                    shard=self.shard,
                )
            if not rows:
                return
            yield rows
            after = rows[-1].revision_id
            left = None if left is None else left - len(rows)

    def _page(self, rows: list[translating.Untranslated], result: LanguageResult) -> LanguageResult:
        """Translate one page and store what came of it, failures as attempts, in one transaction."""
        done: list[translating.SavedTranslation] = []
        failed: list[tuple[int, str, str, str | None]] = []
        items = ((row.revision_id, row.body, row.language) for row in rows)
        for revision_id, outcome in self.translator.translate_all(items, self.target):
            if isinstance(outcome, TranslationsError):
                failed.append((revision_id, self.target, str(outcome), None))
            else:
                done.append(_saved(revision_id, self.target, outcome))
        at = datetime.now(UTC)
        with self.database.write() as connection:
            translating.save_translations(connection, done, at)
            translating.save_attempts(connection, failed, at)
        reason = failed[-1][2] if failed else result.reason
        return replace(
            result, translated=result.translated + len(done), owed=result.owed + len(failed), reason=reason
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


def _saved(revision_id: int, target: str, made: TextTranslation) -> translating.SavedTranslation:
    return translating.SavedTranslation(
        revision_id=revision_id,
        target=target,
        engine=made.package.engine,
        package_name=made.package.name,
        package_version=made.package.version,
        package_sha256=made.package.sha256,
        options=str(made.options),
        flags=made.flags,
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
            )
            for s in made.segments
        ),
    )
