"""Detect and translate the descriptions of pictures, as `translate` does the posts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from archiver.store import alt_texts
from archiver.store.alt_texts import Description
from archiver.store.database import Database
from archiver.store.translating import SavedTranslation
from translations import packages
from translations.detect import Detection, detect_all
from translations.errors import NoPackage, TranslationsError
from translations.languages import primary
from translations.packages import Package
from translations.translator import Options, TextTranslation, Translator

PAGE = 500
Saved = Callable[[int, str, TextTranslation], SavedTranslation]  # how a translation is kept, by its key


def detect(database: Database, *, cld2: bool = False) -> int:
    """Give every description its language; how many there were."""
    count, after = 0, 0
    while True:
        with database.read() as connection:
            rows = alt_texts.undetected(connection, limit=PAGE, after=after)
        if not rows:
            return count
        found = detect_all([row.text for row in rows], [row.hint for row in rows], cld2=cld2)
        told = [(row.id, f.language, f.confidence, f.method) for row, f in zip(rows, found, strict=True)]
        with database.write() as connection:
            alt_texts.save_languages(connection, told, datetime.now(UTC))
        count, after = count + len(rows), rows[-1].id


def translate(
    database: Database,
    translator: Translator,
    installed: Sequence[Package],
    options: Options,
    saved: Saved,
    *,
    languages: Sequence[str],
    target: str,
    shard: tuple[int, int] | None = None,
    allow_demo: bool = False,
) -> tuple[int, int]:
    """How many descriptions were translated, and how many could not be."""
    done = owed = 0
    for language in languages:
        if primary(language) == primary(target):
            continue
        try:
            package = packages.choose(installed, language, target, allow_demo=allow_demo)
        except NoPackage:
            owed += sum(map(len, _pages(database, None, str(options), language, target, shard)))
            continue
        for rows in _pages(database, package, str(options.on(package)), language, target, shard):
            made = _made(translator, rows, target, saved)
            with database.write() as connection:
                alt_texts.save_translations(connection, made, datetime.now(UTC))
            done, owed = done + len(made), owed + len(rows) - len(made)
    return done, owed


def _pages(
    database: Database,
    package: Package | None,
    options: str,
    language: str,
    target: str,
    shard: tuple[int, int] | None,
) -> Iterator[list[Description]]:
    after = 0
    while True:
        with database.read() as connection:
            rows = alt_texts.untranslated(
                connection,
                language=language,
                target=target,
                engine=package.engine if package else None,
                package_sha256=package.sha256 if package else None,
                options=options,
                limit=PAGE,
                after=after,
                shard=shard,
            )
        if not rows:
            return
        yield rows
        after = rows[-1].id


def _made(
    translator: Translator, rows: Sequence[Description], target: str, saved: Saved
) -> list[tuple[int, str, SavedTranslation]]:
    spoken = (
        (row.id, row.text, Detection(language=row.language, confidence=row.confidence, method="stored"))
        for row in rows
    )
    return [
        (id, outcome.translation, saved(id, target, outcome))
        for id, outcome in translator.translate_all(spoken, target)
        if not isinstance(outcome, TranslationsError)
    ]
