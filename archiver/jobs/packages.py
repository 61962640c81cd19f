"""Translation packages of an archive: what is offered, installed, verified, removed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from archiver.config import Config
from archiver.errors import NotFound
from translations import demo, evaluating, packages
from translations.errors import BadPackage, NoPackage
from translations.evaluating import Evaluation
from translations.packages import AvailablePackage, Known, Package
from translations.translator import Options


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


def install_known(
    config: Config, language: str, name: str, *, folder: Path | None, accept_licence: bool
) -> Package:
    """Install the catalogue's model `name` for `language`, from a folder or fetched and converted."""
    return packages.install_known(
        packages.known(name),
        language,
        config.translate.to,
        config.packages_dir,
        folder=folder,
        accept_licence=accept_licence,
    )


def catalogue(language: str | None = None) -> list[Known]:
    """The models of the catalogue, those that read `language` when it is given. Asks no network."""
    return [m for m in packages.catalogue() if language is None or m.source_for(language)]


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
        others = ", ".join(m.name for m in catalogue(source)) if target == "en" else ""
        remedy = (
            f"archiver packages install {source} --package NAME, where NAME is one of {others}"
            if others
            else f"a file of your own, or one of the index's: {pairs or 'none'}"
        )
        raise NoPackage(source, target, remedy)
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


def evaluate(config: Config, name: str, file: Path, quality: str | None = None) -> Evaluation:
    """Scores of an installed package (by its name or its folder's) on a file of source TAB reference."""
    found = [p for p in installed(config) if name in (p.name, p.path.name)]
    if len(found) != 1:
        known = ", ".join(p.path.name for p in installed(config)) or "none"
        problem = "more than one package is" if found else "no package is"
        raise NotFound(f"{problem} called {name}; installed: {known}")
    options = Options.named(quality or config.translate.quality, config.translate.vocabulary)
    return evaluating.evaluate(found[0], file, options, device=config.translate.device)


def remove(config: Config, name: str) -> tuple[Path, ...]:
    return packages.remove(name, config.packages_dir)
