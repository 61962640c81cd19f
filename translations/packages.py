"""Translation packages (.argosmodel): listed, installed safely, verified, chosen, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ARGOS_INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A translation package on this machine. `sha256` is over its files, in order of their names."""

    name: str
    source: str
    target: str
    version: str
    sha256: str
    path: Path
    licence: str | None = None
    demo: bool = False
    engine: str = "argos"


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailablePackage:
    """A package that an index offers."""

    name: str
    source: str
    target: str
    version: str
    links: tuple[str, ...]
    sha256: str | None = None


def installed(directory: Path) -> tuple[Package, ...]:
    """The packages in `directory`, by name and version; a broken folder among them hides no other."""
    raise NotImplementedError


def install(file: Path, directory: Path, sha256: str | None = None) -> Package:
    """Install an .argosmodel file; nothing that is installed changes when it is refused (`BadPackage`)."""
    raise NotImplementedError


def verify(package: Package) -> None:
    """Raise BadPackage, naming the first file that differs from what was installed."""
    raise NotImplementedError


def remove(name: str, directory: Path, version: str | None = None) -> tuple[Package, ...]:
    """Remove the packages called `name` (of `version`, when given) and return them."""
    raise NotImplementedError


def available(index: str | None = None) -> list[AvailablePackage]:
    """What the Argos index (or the one at `index`) offers. Touches the network; nothing else here does but `download`."""
    raise NotImplementedError


def download(package: AvailablePackage, to: Path, sha256: str | None = None) -> Path:
    """Fetch the package's file to `to` (a folder or a file name), whole or not at all."""
    raise NotImplementedError


def choose(
    packages: Sequence[Package], source: str, target: str = "en", *, allow_demo: bool = False
) -> Package:
    """The newest package from `source` to `target`; raises NoPackage with the command that would help."""
    raise NotImplementedError
