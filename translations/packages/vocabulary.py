"""The vocabulary map: the pieces that a text in Latin letters can need, so that no others are weighed.

The last step of every target token compares it with every piece the model knows, and a model that reads
Urdu and writes English knows mostly pieces that no English text has. CTranslate2 reads the map from
model/vmap.txt; its one line, for the empty source n-gram, names the pieces that are always candidates.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from translations.doubt import written_in_arabic
from translations.errors import BadPackage
from translations.packages.package import MAP

SMALLEST = 4000
"""Below so many pieces a map saves nothing worth having."""
_MOST_KEPT = 0.9


def write(folder: Path, target: str) -> int | None:
    """Write the map of the package in `folder`; returns how many pieces it keeps, None where it is no use."""
    if (folder / MAP).exists() or written_in_arabic(target) or target not in LATIN:
        return None
    pieces = _target_pieces(folder / "model")
    kept = [piece for piece in pieces if latin(piece) and not any(map(str.isspace, piece))]
    if len(pieces) < SMALLEST or len(kept) > _MOST_KEPT * len(pieces):
        return None
    (folder / MAP).write_text("\t" + " ".join(kept) + "\n", encoding="utf-8")
    return len(kept)


LATIN = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "tr", "id", "sw", "so"})
"""Languages we may be asked to translate into that are written in Latin letters."""


def latin(piece: str) -> bool:
    """Whether every letter of `piece` is a Latin one; digits, marks and symbols are anybody's."""
    return all(map(_fits, piece))


@cache
def _fits(character: str) -> bool:
    if unicodedata.category(character)[0] == "M":
        return "ARABIC" not in unicodedata.name(character, "")
    return not character.isalpha() or "LATIN" in unicodedata.name(character, "")


def _target_pieces(model: Path) -> Sequence[str]:
    for name in ("target_vocabulary.json", "shared_vocabulary.json"):
        if (model / name).is_file():
            return _from_json(model / name)
    for name in ("target_vocabulary.txt", "shared_vocabulary.txt"):
        if (model / name).is_file():
            return (model / name).read_text(encoding="utf-8").splitlines()
    return ()


def _from_json(file: Path) -> Sequence[str]:
    try:
        pieces = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadPackage(f"{file} cannot be read: {error}") from error
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise BadPackage(f"{file} is no list of pieces")
    return pieces
