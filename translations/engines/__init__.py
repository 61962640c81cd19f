"""How a package's model is run: one module an engine, named in the package's metadata (or `argos`).

An engine takes pieces (what its tokenizer makes of a text) and gives texts back. What a post needs around it
(splitting, protecting, remembering, doubting) is the translator's business, and the same for every engine.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from translations.errors import NoEngine
from translations.packages.package import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How the model looks for a translation; the default is Argos's own.

    `vocabulary_map` keeps to the pieces that the package's map names; `no_repeat` forbids that many pieces
    in a row to come twice (0: nothing is forbidden). `unpadded` translates every input exactly as it would be
    translated alone.
    """

    beam: int = 4
    vocabulary_map: bool = False
    no_repeat: int = 0
    unpadded: bool = False
    max_batch_tokens: int = 1024
    max_target_tokens: int = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a model made of one input. `score` is the mean log-probability of its tokens.

    `cut` says that it ran into the length limit. `attention[t][s]` is how much target piece t looked at
    source piece s, when it was asked for.
    """

    pieces: tuple[str, ...]
    text: str
    score: float
    cut: bool = False
    attention: Sequence[Sequence[float]] = ()


class Engine(Protocol):
    """A loaded model."""

    window: int
    """The most pieces it takes at once."""

    def pieces(self, text: str) -> list[str]:
        """`text` as the model reads it."""
        ...

    def starts(self, text: str) -> list[int]:
        """Where in `text` each of its pieces begins."""
        ...

    def text(self, pieces: Sequence[str]) -> str:
        """What the model's pieces say."""
        ...

    def translate(
        self, inputs: Sequence[list[str]], search: Search, *, attention: bool = False
    ) -> list[Output]:
        """The inputs' translations, in their order."""
        ...


def load(package: Package, *, device: str = "auto", threads: int | None = None) -> Engine:
    """The package's model, ready. Its files are the caller's to verify."""
    known = sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )
    if package.engine not in known:
        raise NoEngine(f"{package.name} needs the engine {package.engine!r}; there are: {', '.join(known)}")
    module = importlib.import_module(f"{__name__}.{package.engine}")
    engine: Engine = module.load(package, device=device, threads=threads)
    return engine
