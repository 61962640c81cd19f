"""Argos packages, run by CTranslate2 directly: Argos's own search, in batches as large as they should be."""

from __future__ import annotations

from pathlib import Path

from translations.engines._ctranslate2 import Frame, PieceEngine, Tokenizer, translator
from translations.engines._sentencepiece import SentencePiece
from translations.errors import BadPackage
from translations.packages import argos
from translations.packages.package import Package, read_metadata


def load(package: Package, *, device: str = "auto", threads: int | None = None) -> PieceEngine:
    """The package's model and tokenizer; raises BadPackage when one of them does not load."""
    prefix = read_metadata(package.path / "metadata.json").get("target_prefix")
    frame = Frame(target=(prefix,) if isinstance(prefix, str) and prefix else ())
    model = translator(package, device=device, threads=threads)
    return PieceEngine(package, model, _tokenizer(package.path), frame)


def _tokenizer(folder: Path) -> Tokenizer:
    if (folder / "sentencepiece.model").is_file():
        return SentencePiece(folder / "sentencepiece.model")
    if (folder / "bpe.model").is_file():
        return MosesBPE(folder)
    raise BadPackage(f"{folder} holds neither sentencepiece.model nor bpe.model")


class MosesBPE:
    """The tokenizer of the oldest packages, by argostranslate itself."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = argos.package(folder).tokenizer

    def encode(self, text: str) -> list[str]:
        pieces: list[str] = self._tokenizer.encode(text)
        return pieces

    def starts(self, text: str) -> list[int]:
        # Moses rewrites the text; the words' order is all that can be told.
        found, at = [], 0
        for piece in self.encode(text):
            place = text.find(piece.removesuffix("@@"), at)
            found.append(max(place, at))
            at = max(at, place + 1)
        return found

    def decode(self, pieces: list[str]) -> str:
        text: str = self._tokenizer.decode(pieces)
        return text
