"""One module a format, found by its name. A module has a SHAPE and `writing(part)`, a context manager.

Entered, it gives a function that takes pairs (or posts) one by one and keeps none of them; left, its files
are complete. The same pairs give the same bytes, so no format writes the time of day. What a format counts
goes to `part.counted`. A module whose library is not installed raises MissingExtra when it is imported.
"""

import importlib
from pathlib import Path

from archiver.errors import Usage
from archiver.exports._parts import Add, Format, Part, Shape


def names() -> list[str]:
    """The formats there are."""
    return sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_"))


def named(name: str) -> Format:
    """The format. Raises Usage, which names the formats there are, and MissingExtra."""
    if name not in names():
        raise Usage(f"no format '{name}'; there are {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    return Format(name=name, shape=module.SHAPE, writing=module.writing, head=getattr(module, "head", None))


__all__ = ["Add", "Format", "Part", "Shape", "named", "names"]
