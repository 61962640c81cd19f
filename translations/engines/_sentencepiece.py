"""The tokenizer of nearly every model: SentencePiece, which also knows where in the text a piece begins."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path
from typing import Any

from translations.errors import BadPackage


class SentencePiece:
    """One SentencePiece model for both sides, or one a side."""

    def __init__(self, model: Path, target: Path | None = None) -> None:
        self.processor = _loaded(model)
        self._target = _loaded(target) if target else self.processor

    def encode(self, text: str) -> list[str]:
        pieces: list[str] = self.processor.encode(text, return_type=str)
        return pieces

    def starts(self, text: str) -> list[int]:
        # The proto counts bytes; each character begins at one that is no continuation (10xxxxxx).
        begins = [at for at, byte in enumerate(text.encode()) if byte & 0xC0 != 0x80]
        proto = self.processor.encode(text, return_type="proto")
        return [min(bisect_left(begins, piece.begin), len(text)) for piece in proto.pieces]

    def decode(self, pieces: list[str]) -> str:
        # Argos also turns every "_" into a space; a post's underscores are its own.
        text: str = self._target.decode_pieces(pieces)
        return text.replace("▁", " ")


def _loaded(model: Path) -> Any:
    import sentencepiece

    if not model.is_file():
        raise BadPackage(f"{model.parent} holds no {model.name}")
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(model))
    except (OSError, RuntimeError, ValueError) as error:
        raise BadPackage(f"{model} does not load: {error}") from error
