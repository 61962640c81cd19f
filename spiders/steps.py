"""What follows from a page: something to store, something that went wrong, a page to ask for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archiver.posts import Capture, Harvest
from spiders.cursor import Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A page to ask for, and why."""

    step: Literal["account", "newest", "older", "standing", "single", "history"]
    url: str
    about: tuple[str, ...] = ()  # native ids of the posts that a single or history page is for
    hops: int = 0
    resumed: bool = False  # the address comes from a former run
    validators: Validators | None = None  # ask only if it changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A page that could not be had or read; its account is left alone for the rest of the run."""

    platform: str
    handle: str
    url: str
    what: str
    at: datetime
    capture: Capture | None = None
    rate_limited: bool = False
    changed: bool = False  # the page is there, but not as its platform documents it


Step = Harvest | Failed | Ask
