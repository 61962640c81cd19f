"""Translation packages of an archive: what is offered, installed, verified, removed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from archiver.config import Config
from archiver.errors import NotFound
from translations import demo, packages
from translations.errors import BadPackage, NoPackage
from translations.packages import AvailablePackage, Package


def available(config: Config | None, index: str | None = None) -> list[AvailablePackage]:
    """What the index offers; asks the network."""
    return packages.available(index or (config.translate.index if config else None))


def installed(config: Config) -> tuple[Package, ...]:
    return packages.installed(config.packages_dir)


def install(config: Config, what: str, *, sha256: str | None = None, index: str | None = None) -> Package:
    """Install a file, or the newest package of the index for `ur` (into [translate] to) or `ur-en`."""
    config.packages_dir.mkdir(parents=True, exist_ok=True)
    file = Path(what)
    if file.suffix == ".argosmodel" or file.is_file():
        if not file.is_file():
            raise NotFound(f"there is no file {what}")
        return packages.install(file, config.packages_dir, sha256)
    offer = _offer(config, what, index)
    with tempfile.TemporaryDirectory() as folder:
        fetched = packages.download(offer, Path(folder), sha256)
        return packages.install(fetched, config.packages_dir, sha256)


def install_demo(config: Config) -> None:
    """Install the project's own demonstration packages for the pairs that have no package at all."""
    config.packages_dir.mkdir(parents=True, exist_ok=True)
    known = {(p.source, p.target) for p in installed(config)}
    for file in demo.packages():
        source, _, target = file.stem.partition("_")
        if (source, target) not in known:
            packages.install(file, config.packages_dir)


def _offer(config: Config, what: str, index: str | None) -> AvailablePackage:
    source, _, target = what.replace("_", "-").partition("-")
    target = target or config.translate.to
    offers = available(config, index)
    fitting = [o for o in offers if (o.source, o.target) == (source, target)]
    if not fitting:
        pairs = ", ".join(sorted(f"{o.source}-{o.target}" for o in offers if o.target == target))
        raise NoPackage(source, target, f"a file of your own, or one of the index's: {pairs or 'none'}")
    return max(fitting, key=lambda o: [int(n) if n.isdecimal() else 0 for n in o.version.split(".")])


def verified(config: Config) -> Iterator[tuple[Package, str | None]]:
    """Every package, with what is wrong with it, or None."""
    for package in installed(config):
        try:
            packages.verify(package)
        except BadPackage as error:
            yield package, str(error)
        else:
            yield package, None


def remove(config: Config, name: str) -> tuple[Path, ...]:
    return packages.remove(name, config.packages_dir)
