"""Whether what is stored still adds up: one module a kind of thing, each a function that yields findings.

A check reads and never writes, in short transactions, with flat memory. It counts what it looked at in its
Tally, and says of each thing that does not add up where it is and what it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not add up. `where` is a file and offset, or the name of a fact or row."""

    where: str
    what: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """How much a check looked at, and what is worth saying though nothing is wrong with it."""

    unit: str
    checked: int = 0
    notes: list[str] = field(default_factory=list)
    on_progress: Callable[[int], None] = lambda checked: None

    def count(self, more: int = 1) -> None:
        self.checked += more
        self.on_progress(self.checked)
