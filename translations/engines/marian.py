"""OPUS-MT and other Marian models: two SentencePiece models; a mark only where they write many languages."""

from __future__ import annotations

from translations.engines import _families
from translations.engines._ctranslate2 import Frame, PieceEngine
from translations.packages.package import Package, read_metadata


def load(package: Package, *, device: str = "auto", threads: int | None = None) -> PieceEngine:
    """`pieces </s>`; where metadata.json has a "target_mark" (">>eng<<"), that stands first."""
    mark = read_metadata(package.path / "metadata.json").get("target_mark")
    frame = Frame(
        before=(mark,) if isinstance(mark, str) and mark else (),
        behind=_families.end(package),
        length_penalty=1.0,
    )
    return _families.load(package, frame, device=device, threads=threads, two_tokenizers=True)
