"""The packages in a folder: found through argostranslate.package, listed, removed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from translations.errors import BadPackage
from translations.packages.choice import version_order
from translations.packages.package import Package, read


def installed(directory: Path) -> tuple[Package, ...]:
    """The packages in `directory`, by name and version; a broken folder among them hides no other."""
    found = [package for _, package in _folders(directory) if isinstance(package, Package)]
    return tuple(sorted(found, key=lambda package: (package.name, version_order(package.version))))


def broken(directory: Path) -> tuple[tuple[Path, BadPackage], ...]:
    """The folders in `directory` that are no packages, each with the reason."""
    return tuple((folder, why) for folder, why in _folders(directory) if isinstance(why, BadPackage))


def remove(name: str, directory: Path, version: str | None = None) -> tuple[Package, ...]:
    """Remove the packages called `name` (of `version`, when given) and return them."""
    known = installed(directory)
    gone = tuple(p for p in known if p.name == name and version in (None, p.version))
    if not gone:
        names = ", ".join(f"{p.name} {p.version}" for p in known) or "none"
        raise BadPackage(
            f"no package {name!r}{f' {version}' if version else ''} in {directory}; there are: {names}"
        )
    for package in gone:
        shutil.rmtree(package.path)
    return gone


def _folders(directory: Path) -> Iterator[tuple[Path, Package | BadPackage]]:
    if not directory.is_dir():
        return
    for folder in sorted(directory.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            try:
                yield folder, read(folder)
            except BadPackage as error:
                yield folder, error
