"""Translate lines that belong to no archive."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from translations import demo as demonstration
from translations import packages
from translations.detect import Detection, detect_all
from translations.errors import BadPackage, NoPackage, TranslationsError
from translations.languages import primary
from translations.packages import Package
from translations.translator import Options, SegmentTranslation, Translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line beside its translation, or the reason why it has none."""

    text: str
    language: str
    translation: str | None = None
    segments: tuple[SegmentTranslation, ...] = ()
    package: Package | None = None
    flags: tuple[str, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)  # what its hashtags say
    error: str | None = None
    refused: bool = False  # its package is not what was installed

    def as_json(self) -> dict[str, Any]:
        package = self.package
        return {
            "text": self.text,
            "language": self.language,
            "translation": self.translation,
            "segments": [
                {"source": s.source, "target": s.target, "score": s.score, "flags": s.flags}
                for s in self.segments
            ],
            "package": {"name": package.name, "version": package.version, "sha256": package.sha256}
            if package
            else None,
            "flags": self.flags,
            **({"readings": dict(self.readings)} if self.readings else {}),
            **({"error": self.error} if self.error else {}),
        }


def translate_lines(
    lines: Sequence[str],
    *,
    source: str | None,
    target: str,
    folder: Path | None,
    demo: bool,
    quality: str,
) -> Iterator[Line]:
    """Each line in its order; without `source` its language is detected.

    A line that looks like another language than `source` is translated as it was asked, and flagged.
    """
    translator = _translator(folder, demo, quality)
    detected = detect_all(lines)
    spoken = [_named(source, found) for found in detected] if source else detected
    languages = [one.language for one in spoken]
    items = ((n, text, language) for n, (text, language) in enumerate(zip(lines, spoken, strict=True)))
    for number, outcome in translator.translate_all(items, target):
        text, language = lines[number], languages[number] or "und"
        if isinstance(outcome, TranslationsError):
            refused = isinstance(outcome, BadPackage)
            yield Line(text=text, language=language, error=_why(outcome, language), refused=refused)
        else:
            yield Line(
                text=text,
                language=language,
                translation=outcome.translation,
                segments=outcome.segments,
                package=outcome.package,
                flags=outcome.flags,
                readings=outcome.readings,
            )


def _named(language: str, found: Detection) -> Detection:
    """The language that a person named, and how well the text bears it out."""
    other = found.language != "und" and primary(found.language) != primary(language)
    confidence = 1 - found.confidence if other else 1.0
    return Detection(language=language, confidence=confidence, method="person")


def _why(error: TranslationsError, language: str) -> str:
    if language == "und" and isinstance(error, NoPackage):
        return "the language cannot be told from this line; name it with --from"
    return str(error)


@cache
def _translator(folder: Path | None, demo: bool, quality: str) -> Translator:
    """Loaded once a process, models included."""
    found = packages.installed(folder) if folder else ()
    return Translator(
        (*found, *(_demonstration() if demo else ())), options=Options.named(quality), allow_demo=demo
    )


def _demonstration() -> tuple[Package, ...]:
    """The packages that come with the project, unpacked for as long as this process lives."""
    folder = Path(tempfile.mkdtemp(prefix="archiver-demo-packages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return tuple(packages.install(file, folder) for file in demonstration.packages())
