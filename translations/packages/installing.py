"""Bringing an .argosmodel file into the folder of packages: whole and checked, or not at all.

The file is hostile until proven otherwise. It is a zip archive: its names may point anywhere, its sizes may
lie, its model may crash the loader. So it is unpacked by an allow-list, with limits, into a folder beside
the packages; the model is loaded there by a process of its own; one rename makes it an installed package.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from translations.errors import BadPackage, NoEngine, PackageClash
from translations.packages import splitter, vocabulary
from translations.packages.package import (
    LOCK,
    MANIFEST,
    MAP,
    Package,
    checked_language,
    checked_version,
    digest,
    file_digests,
    lock,
    locks,
    read,
    read_metadata,
    verify,
)

logger = logging.getLogger(__name__)

MOST_ENTRIES = 10_000
MOST_BYTES = 8 << 30
"""The largest package unpacked: an 8-bit model of 3 billion weights fits."""
MOST_RATIO = 100
"""Trained weights hardly compress; a few kilobytes that become gigabytes are a bomb."""
_SMALL = 16 << 20
_KEPT = re.compile(
    r"metadata\.json|sentencepiece\.model|bpe\.model|vmap\.txt"
    r"|(?:source|target)\.spm"
    r"|model/[\w.\-]+|minisbd/[\w.\-]+\.onnx"
    r"|(?:README|LICEN[CS]E|COPYING|NOTICE|CHANGELOG|CITATION|AUTHORS)[\w.\-]*"
)


def install(file: Path, directory: Path, sha256: str | None = None) -> Package:
    """Install an .argosmodel file into `directory`; whatever else is installed stays as it is.

    Raises BadPackage for a file that is damaged, foreign, hostile or not the one that `sha256` names, and
    PackageClash when the same pair and version is there with other content. Installing a file twice is
    installing it once.
    """
    archive_sha256 = _sha256_of(file)
    if sha256 and archive_sha256 != sha256.lower():
        raise BadPackage(
            f"{file} has SHA-256 {archive_sha256}, not {sha256.lower()}: it is not the expected file"
        )
    directory.mkdir(parents=True, exist_ok=True)
    # Staged beside the folder, not in it: argospm breaks on a half-written folder among the packages.
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}-", dir=directory.parent) as staging:
        staged = Path(staging) / "package"
        dropped = _unpack(file, staged)
        metadata = read_metadata(staged / "metadata.json")
        source = checked_language(metadata.get("from_code"), file.name)
        target = checked_language(metadata.get("to_code"), file.name)
        version = checked_version(metadata.get("package_version"), file.name)
        _write_manifest(staged, file.name, archive_sha256, dropped)
        package = read(staged)
        home = directory / f"translate-{source}_{target}-{version.replace('.', '_')}"
        if home.exists():
            return _already(home, package)
        _check_lock(directory, home, package)
        kept = vocabulary.write(staged, target)
        written = splitter.write(staged, source) if package.engine == "argos" else None
        found = _check_model(package, file)
        _record(staged, [name for name in (kept and MAP, written) if name])
        if found:
            _record_map(staged, found, kept)
        lock(directory, home.name, package.sha256)
        staged.rename(home)
    if dropped:
        logger.warning("%s: left out %s", file.name, ", ".join(dropped))
    return read(home)


def _sha256_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadPackage(f"{file} cannot be read: {error.strerror or error}") from error


def _already(home: Path, new: Package) -> Package:
    there = read(home)
    if there.sha256 != new.sha256:
        raise PackageClash(
            f"{there.name} {there.version} is installed with other content ({there.sha256[:12]}…, the file "
            f"has {new.sha256[:12]}…); to replace it: archiver packages remove {there.name}"
        )
    verify(there)
    return there


def _check_lock(directory: Path, home: Path, new: Package) -> None:
    first = locks(directory).get(home.name, new.sha256)
    if first != new.sha256:
        raise PackageClash(
            f"{directory / LOCK} knows {home.name} with other content ({first[:12]}…, the file has "
            f"{new.sha256[:12]}…); if you trust the file, remove that line"
        )


def _unpack(file: Path, staged: Path) -> list[str]:
    """Unpack what a package may hold into `staged`; returns the names of what was left out."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = list(_entries(archive, file))
            staged.mkdir()
            dropped = []
            for name, entry in entries:
                if _KEPT.fullmatch(name):
                    _write(archive, entry, staged / name)
                else:
                    dropped.append(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadPackage(f"{file} is damaged or no .argosmodel file (a zip archive): {error}") from error
    for needed in ("metadata.json", "model/model.bin"):
        if not (staged / needed).is_file():
            raise BadPackage(f"{file} is no translation package: it holds no {needed}")
    return dropped


def _entries(archive: zipfile.ZipFile, file: Path) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The files of the archive with their names inside its one top folder, after every limit was checked."""
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise BadPackage(f"{file} holds {len(infos)} entries; a package has a dozen")
    size = sum(info.file_size for info in infos)
    packed = file.stat().st_size
    if size > MOST_BYTES or (size > _SMALL and size > MOST_RATIO * packed):
        raise BadPackage(f"{file} ({packed:,} bytes) would unpack to {size:,} bytes; that is no model")
    tops, seen = set(), set()
    for info in infos:
        if info.filename.startswith("__MACOSX/"):
            continue
        parts = info.filename.rstrip("/").split("/")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if "" in parts or ".." in parts or "\\" in info.filename or "\0" in info.orig_filename:
            raise BadPackage(f"{file} holds {info.orig_filename!r}, which points outside the package")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadPackage(f"{file} holds {info.filename!r}, which is a link or device, not a file")
        tops.add(parts[0])
        if info.is_dir():
            continue
        name = "/".join(parts[1:])
        if name.lower() in seen:
            raise BadPackage(f"{file} holds {info.filename!r} twice")
        seen.add(name.lower())
        yield name, info
    if len(tops) != 1:
        raise BadPackage(f"{file} is no translation package: it must hold one folder, and holds {len(tops)}")


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path) -> None:
    to.parent.mkdir(exist_ok=True)
    # zipfile stops at the size the archive declares and checks the CRC at the end.
    with archive.open(entry) as packed, to.open("xb") as unpacked:
        shutil.copyfileobj(packed, unpacked, 1 << 20)


def _write_manifest(staged: Path, name: str, archive_sha256: str, dropped: list[str]) -> None:
    files = file_digests(staged)
    files.pop(MANIFEST, None)
    manifest = {
        "sha256": digest(files),
        "files": files,
        "installed_from": name,
        "archive_sha256": archive_sha256,
        "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "left_out": dropped,
    }
    _write_json(staged / MANIFEST, manifest)


def _record(staged: Path, added: list[str]) -> None:
    """What we add is not the package's: its digest is kept, but is no part of the package's identity."""
    manifest = json.loads((staged / MANIFEST).read_bytes())
    manifest["added"] = {name: _sha256_of(staged / name) for name in added}
    _write_json(staged / MANIFEST, manifest)


def _record_map(staged: Path, tried: dict[str, Any], kept: int | None) -> None:
    manifest = json.loads((staged / MANIFEST).read_bytes())
    manifest["vocabulary_map"] = {"pieces": kept, **tried}
    _write_json(staged / MANIFEST, manifest)


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _check_model(package: Package, file: Path) -> dict[str, Any]:
    """Load the model and translate with it, in a process of its own: a crash there harms nobody.

    Returns what was found out about its vocabulary map.
    """
    command = [sys.executable, "-m", "translations.engines", str(package.path.absolute())]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        raise BadPackage(f"{file}: its model does not load within ten minutes") from None
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
        return found
    reason = (done.stderr.strip().splitlines() or [f"the loader died ({done.returncode})"])[-1]
    if done.returncode == 4:
        raise NoEngine(f"{file}: {reason}")
    raise BadPackage(f"{file}: its model does not work: {reason}")
