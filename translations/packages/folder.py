"""The packages in a folder: found through argostranslate.package, listed, removed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from translations.errors import BadPackage, NoSuchPackage
from translations.packages.choice import version_order
from translations.packages.package import Package, lock, read


def installed(directory: Path) -> tuple[Package, ...]:
    """The packages in `directory`, by name and version; a broken folder among them hides no other."""
    found = [package for _, package in _folders(directory) if isinstance(package, Package)]
    return tuple(sorted(found, key=lambda package: (package.name, version_order(package.version))))


def broken(directory: Path) -> tuple[tuple[Path, BadPackage], ...]:
    """The folders in `directory` that are no packages, each with the reason."""
    return tuple((folder, why) for folder, why in _folders(directory) if isinstance(why, BadPackage))


def remove(name: str, directory: Path, version: str | None = None) -> tuple[Path, ...]:
    """Remove the packages called `name` (of `version`, when given) and return the folders that are gone.

    A broken package goes by its folder's name too, since it has no other that can be trusted.
    """
    gone = tuple(folder for folder, found in _folders(directory) if _called(folder, found, name, version))
    if not gone:
        names = ", ".join(f"{package.name} {package.version}" for package in installed(directory)) or "none"
        wanted = f"{name} {version}" if version else name
        raise NoSuchPackage(f"no package {wanted} is installed in {directory}; there are: {names}")
    for folder in gone:
        shutil.rmtree(folder)
        lock(directory, folder.name, None)
    return gone


def _called(folder: Path, found: Package | BadPackage, name: str, version: str | None) -> bool:
    if isinstance(found, Package):
        return name in (found.name, folder.name) and version in (None, found.version)
    return version is None and name in (folder.name, folder.name.rpartition("-")[0])


def _folders(directory: Path) -> Iterator[tuple[Path, Package | BadPackage]]:
    if not directory.is_dir():
        return
    for folder in sorted(directory.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            try:
                yield folder, read(folder)
            except BadPackage as error:
                yield folder, error
