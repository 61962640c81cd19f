"""MADLAD-400: `<2en> pieces </s>`; only the target's language is named, and it stands before the source."""

from __future__ import annotations

from translations.engines import _families
from translations.engines._ctranslate2 import Frame, PieceEngine
from translations.engines._sentencepiece import SentencePiece
from translations.packages.package import Package

CODES = {"en": "<2en>", "ps": "<2ps>", "ur": "<2ur>", "ar": "<2ar>", "fa": "<2fa>"}


def load(package: Package, *, device: str = "auto", threads: int | None = None) -> PieceEngine:
    """The model with MADLAD's mark for the package's target."""
    mark = _families.code(package, package.target, CODES)
    frame = Frame(before=_before(package, mark), behind=_families.end(package), length_penalty=1.0)
    return _families.load(package, frame, device=device, threads=threads)


def _before(package: Package, mark: str) -> tuple[str, ...]:
    """The mark as the tokenizer itself reads it at the start of a text: it may put a "▁" before it."""
    pieces = SentencePiece(package.path / "source.spm").encode(f"{mark} x")
    return tuple(pieces[: pieces.index(mark) + 1]) if mark in pieces else (mark,)
