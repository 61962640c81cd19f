"""One module a format, found by its name. A module has one function: `write(records, file) -> Counter`.

It writes posts to a binary file as they come, keeps none of them, and returns what it counted. The same posts
give the same bytes, so no format writes the time of day.
"""

import importlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Protocol

from archiver.errors import Usage
from archiver.store.records import PostRecord


class Write(Protocol):
    def __call__(self, records: Iterable[PostRecord], file: IO[bytes], /) -> Counter[str]: ...


def names() -> list[str]:
    """The formats there are."""
    return sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_"))


def writer(name: str) -> Write:
    """The format's function. Raises Usage, which names the formats there are."""
    if name not in names():
        raise Usage(f"no format '{name}'; there are {', '.join(names())}")
    write: Write = importlib.import_module(f"{__name__}.{name}").write
    return write
