"""NLLB-200: `pbt_Arab pieces </s>`, and the translation begins with `eng_Latn`."""

from __future__ import annotations

from translations.engines import _families
from translations.engines._ctranslate2 import Frame, PieceEngine
from translations.packages.package import Package

CODES = {
    "ps": "pbt_Arab",
    "ur": "urd_Arab",
    "ar": "arb_Arab",
    "fa": "pes_Arab",
    "prs": "prs_Arab",
    "en": "eng_Latn",
}


def load(package: Package, *, device: str = "auto", threads: int | None = None) -> PieceEngine:
    """The model with NLLB's marks for the package's languages."""
    frame = Frame(
        before=(_families.code(package, package.source, CODES),),
        behind=_families.end(package),
        target=(_families.code(package, package.target, CODES),),
        length_penalty=1.0,
    )
    return _families.load(package, frame, device=device, threads=threads)
