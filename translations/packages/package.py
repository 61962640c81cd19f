"""One translation package on this machine: what its metadata says, and whether its files are those installed.

A package is a folder in Argos's own layout: `argospm list` sees what we install, we see what it installed.
Among the package's files lies our manifest.json with the SHA-256 of each of them, and beside the packages
packages.lock with the SHA-256 of each package as it was when it was first installed. A model that was changed
is refused, because CTranslate2 loads most damaged models silently and translates into nonsense.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translations.errors import BadPackage
from translations.packages import argos

MANIFEST = "manifest.json"
LOCK = "packages.lock"
MAP = "model/vmap.txt"
_METADATA_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A translation package on this machine. `sha256` is over its files, see `digest`.

    `gist`: it gives the gist at best. `bleu`: as published, not measured. `has_map`: it has a vocabulary map;
    `map_checked`: with the map a sample of its language was translated into the same texts as without.
    """

    name: str
    source: str
    target: str
    version: str
    sha256: str
    path: Path
    licence: str | None = None
    demo: bool = False
    engine: str = "argos"
    gist: bool = False
    origin: str | None = None
    bleu: float | None = None
    has_map: bool = False
    map_checked: bool = False


def read(folder: Path) -> Package:
    """The package in `folder`, as its metadata describes it; raises BadPackage when that cannot be."""
    metadata = read_metadata(folder / "metadata.json")
    listed = argos.package(folder)
    if listed.type != "translate":
        raise BadPackage(
            f"{folder.name} is a package of type {listed.type!r}; only 'translate' packages are used"
        )
    manifest = _manifest(folder)
    return Package(
        name=argos.package_name(listed),
        source=checked_language(listed.from_code, folder.name),
        target=checked_language(listed.to_code, folder.name),
        version=checked_version(listed.package_version, folder.name),
        sha256=manifest["sha256"] if manifest else digest(file_digests(folder)),
        path=folder,
        licence=_text(metadata.get("licence") or metadata.get("license")),
        demo=metadata.get("demo") is True,
        engine=_text(metadata.get("engine")) or "argos",
        gist=metadata.get("gist") is True,
        origin=_text(metadata.get("origin")),
        bleu=_number(metadata.get("bleu")),
        has_map=(folder / MAP).is_file(),
        map_checked=bool(manifest and manifest["map_checked"]),
    )


def verify(package: Package) -> None:
    """Raise BadPackage, naming the first file that differs from what was installed."""
    pinned = _manifest(package.path)
    now = file_digests(package.path)
    remedy = f"remove it and install it again: archiver packages remove {package.name}"
    if pinned:
        then: Mapping[str, str] = {**pinned["files"], **pinned["added"]}
        for name in sorted({*then, *now}):
            if name not in now:
                raise BadPackage(f"{package.path / name} is missing since it was installed; {remedy}")
            if then.get(name) != now[name]:
                raise BadPackage(f"{package.path / name} is not the file that was installed; {remedy}")
        now = {name: now[name] for name in pinned["files"]}
    first = locks(package.path.parent).get(package.path.name, package.sha256)
    if digest(now) != package.sha256 or package.sha256 != first:
        raise BadPackage(f"{package.path} is not the package that was installed as {first[:12]}…; {remedy}")


def locks(directory: Path) -> dict[str, str]:
    """Folder -> SHA-256 of its package when it was first installed, from packages.lock."""
    file = directory / LOCK
    if not file.is_file():
        return {}
    found = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        sha256, _, folder = line.partition("  ")
        if not re.fullmatch("[0-9a-f]{64}", sha256) or not folder:
            raise BadPackage(f"{file}, line {number}: not `SHA-256  folder`; restore it from a backup")
        found[folder] = sha256
    return found


def lock(directory: Path, folder: str, sha256: str | None) -> None:
    """Record the package in `folder` in packages.lock, or forget it (None)."""
    known = locks(directory)
    known.pop(folder, None)
    if sha256:
        known[folder] = sha256
    file = directory / LOCK
    part = file.with_name(f".{LOCK}.part")
    part.write_text("".join(f"{known[name]}  {name}\n" for name in sorted(known)), encoding="utf-8")
    part.replace(file)


def digest(files: Mapping[str, str]) -> str:
    """One SHA-256 for a package: over its files' names and digests, in order of the names."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{files[name]}\n".encode())
    return whole.hexdigest()


def file_digests(folder: Path) -> dict[str, str]:
    """Relative name -> SHA-256 of every file in `folder` but our manifest."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise BadPackage(f"{path} is a link; a package holds its files itself")
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def read_metadata(file: Path) -> dict[str, Any]:
    """A package's metadata.json; raises BadPackage when it is none."""
    try:
        if file.stat().st_size > _METADATA_LIMIT:
            raise BadPackage(f"{file} is larger than a package's metadata can be")
        metadata = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise BadPackage(f"{file.parent} is no package: it has no metadata.json") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadPackage(f"{file} cannot be read: {error}") from error
    if not isinstance(metadata, dict):
        raise BadPackage(f"{file} is no package metadata")
    return metadata


_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+\-]{0,31}")


def checked_language(code: object, where: str) -> str:
    """`code`, when it can be a language: metadata is somebody else's text, and becomes a folder's name."""
    if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
        raise BadPackage(f"{where} claims to translate {code!r}, which is no language code")
    return code


def checked_version(version: object, where: str) -> str:
    """`version`, when it can be one."""
    if not isinstance(version, str) or not _VERSION.fullmatch(version) or ".." in version:
        raise BadPackage(f"{where} claims version {version!r}, which is no version")
    return version


def _manifest(folder: Path) -> dict[str, Any] | None:
    """What was recorded when the package was installed; None for a package that another tool installed."""
    file = folder / MANIFEST
    if not file.exists():
        return None
    try:
        manifest = json.loads(file.read_bytes())
        sha256, files = manifest["sha256"], manifest["files"]
        added = manifest.get("added", {})
        checked = manifest.get("vocabulary_map", {}).get("same_texts") is True
        whole = isinstance(added, dict) and isinstance(sha256, str) and digest(files) == sha256
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadPackage(f"{file} cannot be read: {error!r}") from error
    if not whole:
        raise BadPackage(f"{file} was changed: its digests do not add up")
    return {"sha256": sha256, "files": files, "added": added, "map_checked": checked}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
