"""What researchers have already, read in: one module a format, found by its name, the mirror of `exports`.

A module says in `SAYS` what it is known by, in `recognises(head)` whether a file is one of its own, and gives
in `read(file, asked)` portions: bytes to keep and what was found in them. It knows no database.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import Usage
from archiver.imports._files import Opened
from archiver.imports._parts import Asked, Broken, Found, Head, Note, Piece, Portion, Refused, Thing, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format by its name. `says`: what a file of it is recognised by."""

    name: str
    says: str
    recognises: Callable[[Head], bool]
    read: Callable[[Opened, Asked], Iterator[Portion]]


def names() -> list[str]:
    """The formats there are."""
    return sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_"))


def named(name: str) -> Format:
    """The format. Raises Usage, which names the formats there are."""
    if name not in names():
        raise Usage(f"no format '{name}'; there are {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    return Format(name=name, says=module.SAYS, recognises=module.recognises, read=module.read)


def recognised(head: Head) -> Format | None:
    """The format that the content is of, whatever the file is called."""
    return next((found for found in map(named, names()) if found.recognises(head)), None)


__all__ = [
    "Asked",
    "Broken",
    "Format",
    "Found",
    "Head",
    "Note",
    "Opened",
    "Piece",
    "Portion",
    "Refused",
    "Thing",
    "Whole",
    "named",
    "names",
    "recognised",
]
