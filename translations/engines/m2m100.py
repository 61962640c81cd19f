"""M2M100: `__ps__ pieces </s>`, and the translation begins with `__en__`."""

from __future__ import annotations

from translations.engines import _families
from translations.engines._ctranslate2 import Frame, PieceEngine
from translations.packages.package import Package

CODES = {"ps": "__ps__", "ur": "__ur__", "ar": "__ar__", "fa": "__fa__", "en": "__en__"}


def load(package: Package, *, device: str = "auto", threads: int | None = None) -> PieceEngine:
    """The model with M2M100's marks for the package's languages."""
    frame = Frame(
        before=(_families.code(package, package.source, CODES),),
        behind=_families.end(package),
        target=(_families.code(package, package.target, CODES),),
        length_penalty=1.0,
    )
    return _families.load(package, frame, device=device, threads=threads)
