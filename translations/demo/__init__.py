"""Three tiny translation packages of our own and the sentences they were made from.

They know their corpus and nothing else, and say so: `"demo": true` in their metadata.
"""

from pathlib import Path

LANGUAGES = ("ur", "ps", "ar")

_HERE = Path(__file__).resolve().parent


def corpus(language: str) -> tuple[tuple[str, str], ...]:
    """Every (sentence, English) pair the package of `language` was trained on, in the order of the file."""
    lines = corpus_path(language).read_text(encoding="utf-8").splitlines()
    return tuple((source, english) for source, english in (line.split("\t") for line in lines))


def corpus_path(language: str) -> Path:
    """The corpus file itself: one pair a line, sentence TAB English. Its SHA-256 stands in the package."""
    if language not in LANGUAGES:
        raise ValueError(f"no demonstration corpus for {language!r}; there are {', '.join(LANGUAGES)}")
    return _HERE / "corpus" / f"{language}-en.tsv"


def packages() -> tuple[Path, ...]:
    """The committed packages, one a language, in the order of `LANGUAGES`."""
    return tuple(_HERE / "packages" / f"{language}_en.argosmodel" for language in LANGUAGES)
