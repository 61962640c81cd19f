"""Models that are known to translate our languages and are in no Argos index: catalogue.tsv, a row a model.

Sizes are those of the converted 8-bit model, about. Scores are BLEU on FLORES-200 as published, never
measured here; empty where none was found. All of them give the gist at best.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from translations.errors import NoSuchPackage
from translations.packages.choice import codes

FILE = Path(__file__).parent / "catalogue.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A row of the catalogue. `agreement`: its licence binds whoever uses it, so they are asked."""

    name: str
    engine: str
    sources: tuple[str, ...]
    target: str
    licence: str
    agreement: bool
    size: str
    bleu: Mapping[str, float]
    origin: str
    address: str

    def source_for(self, language: str) -> str | None:
        """The language among `sources` by which it reads `language`; None where it reads it not at all."""
        return next((code for code in codes(language) if code in self.sources), None)


@cache
def catalogue() -> tuple[Known, ...]:
    """Every known model."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(map(_known, csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)))


def known(name: str) -> Known:
    """The model called `name`; raises NoSuchPackage with those that there are."""
    for row in catalogue():
        if row.name == name:
            return row
    names = ", ".join(row.name for row in catalogue())
    raise NoSuchPackage(f"the catalogue knows no package {name!r}; it has: {names}")


def _known(row: Mapping[str, str]) -> Known:
    scores = (score.split() for score in row["bleu"].split(",") if score)
    return Known(
        name=row["name"],
        engine=row["engine"],
        sources=tuple(row["from"].split(",")),
        target=row["to"],
        licence=row["licence"],
        agreement=row["agreement"] == "yes",
        size=row["size"],
        bleu={language: float(score) for language, score in scores},
        origin=row["origin"],
        address=row["address"],
    )
