"""Where and when something was seen, and what that changes about what was known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A look at a page: the capture that shows it and its time."""

    capture_id: int
    at: datetime


def changed(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What of `told` is known (not None) and differs. Counts that were not told stay as they were."""
    values: dict[str, Any] = {}
    for name, fact in told.items():
        if name == "metrics" and fact is not None:
            fact = {**(known[name] or {}), **fact}
        if fact is not None and fact != known[name]:
            values[name] = fact
    return values
