"""Loading a converted model of a published family: its tokenizer, and the marks that it was trained with."""

from __future__ import annotations

import json
from collections.abc import Mapping

from translations.engines._ctranslate2 import Frame, PieceEngine, adds_end, translator
from translations.engines._sentencepiece import SentencePiece
from translations.errors import BadPackage
from translations.packages.package import Package, read_metadata

END = "</s>"


def load(
    package: Package, frame: Frame, *, device: str, threads: int | None, two_tokenizers: bool = False
) -> PieceEngine:
    """The package's model with `frame` around its pieces; raises BadPackage where it lacks one of the marks.

    A package that claims a language which its model lacks fails here, when it is installed.
    """
    target = package.path / "target.spm" if two_tokenizers else None
    tokenizer = SentencePiece(package.path / "source.spm", target)
    missing = {*frame.before, *frame.target} - _known(package)
    if missing:
        raise BadPackage(
            f"{package.path.name}: its model has no {', '.join(sorted(missing))}, so it cannot translate "
            f"{package.source} to {package.target}"
        )
    return PieceEngine(package, translator(package, device=device, threads=threads), tokenizer, frame)


def end(package: Package) -> tuple[str, ...]:
    """The end mark behind a source, unless CTranslate2 puts it there itself."""
    return () if adds_end(package) else (END,)


def code(package: Package, language: str, known: Mapping[str, str]) -> str:
    """What the family calls `language`: by the package's own list, else by the family's."""
    own = read_metadata(package.path / "metadata.json").get("codes")
    found = own.get(language) if isinstance(own, dict) else None
    found = found or known.get(language)
    if not isinstance(found, str):
        raise BadPackage(
            f"{package.path.name}: no code for {language!r} in its model; name it in metadata.json, codes"
        )
    return found


def _known(package: Package) -> set[str]:
    model = package.path / "model"
    found: set[str] = set()
    for name in ("shared_vocabulary.json", "source_vocabulary.json", "target_vocabulary.json"):
        if (model / name).is_file():
            try:
                found |= set(json.loads((model / name).read_bytes()))
            except (OSError, ValueError, TypeError) as error:
                raise BadPackage(f"{model / name} cannot be read: {error}") from error
    return found
