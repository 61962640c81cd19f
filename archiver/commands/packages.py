"""archiver packages"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    archive_config_or_none,
    archive_option,
    json_option,
    open_config,
    say,
    table,
    write_json,
)
from archiver.errors import Usage

if TYPE_CHECKING:
    from translations.packages import Known, Package


@click.group(epilog="Example:  archiver packages install ur && archiver packages list")
def command() -> None:
    """Install, list and verify translation packages."""


@command.command(epilog="Example:  archiver packages available --lang ps")
@click.option("--lang", "language", metavar="ps", help="Only for this language.")
@click.option("--catalogue", "only_known", is_flag=True, help="Ask no network: only the models known here.")
@click.option("--index", help="Another index than Argos's: a URL or a file.")
@archive_option
@json_option
@click.pass_context
def available(
    ctx: click.Context, language: str | None, only_known: bool, index: str | None, as_json: bool
) -> None:
    """Say what there is: the models known here, and the packages of the Argos index (by network).

    The known models give the gist at best; scores are published BLEU on FLORES-200, not measured here.
    """
    from archiver.jobs import packages as job
    from translations.errors import IndexUnreadable

    for model in job.catalogue(language):
        write_json(_known_row(model)) if as_json else print(_known_line(model, language))
    if only_known:
        return
    try:
        offers = job.available(archive_config_or_none(ctx), index)
    except IndexUnreadable as error:
        # What is known here is an answer too, unless an index was asked for by name.
        if index or language is None:
            raise
        say(str(error))
        return
    for offer in offers:
        if language and language not in (offer.source, offer.target):
            continue
        row = {
            "name": offer.name,
            "from": offer.source,
            "to": offer.target,
            "version": offer.version,
            "links": offer.links,
        }
        if as_json:
            write_json(row)
        else:
            print(f"{offer.source} -> {offer.target}  {offer.version:8} {offer.name}")


@command.command(
    epilog="Example:  archiver packages install ur\n\n          archiver packages install mine.argosmodel"
    "\n\n          archiver packages install ps --package m2m100-418m"
)
@click.argument("what", metavar="LANGUAGE|FROM-TO|FILE.argosmodel...", nargs=-1, required=True)
@click.option("--package", "name", help="A model of the catalogue (`packages available --lang ps`).")
@click.option(
    "--from",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="With --package: the folder that holds it, converted or as published.",
)
@click.option("--accept-licence", is_flag=True, help="You have read the model's licence and agree.")
@click.option("--sha256", help="Refuse a file with any other digest.")
@click.option("--index", help="Another index than Argos's: a URL or a file.")
@archive_option
@json_option
@click.pass_context
def install(
    ctx: click.Context,
    what: tuple[str, ...],
    name: str | None,
    folder: Path | None,
    accept_licence: bool,
    sha256: str | None,
    index: str | None,
    as_json: bool,
) -> None:
    """Install packages from files, from the Argos index by language, or a model of the catalogue."""
    from archiver.jobs import packages as job

    if folder and not name:
        raise Usage("--from needs --package: which model of the catalogue is in the folder?")
    settings = open_config(ctx)
    for one in what:
        if name:
            package = job.install_known(settings, one, name, folder=folder, accept_licence=accept_licence)
        else:
            package = job.install(settings, one, sha256=sha256, index=index)
        write_json(_row(package)) if as_json else print(_line(package))


@command.command("list", epilog="Example:  archiver packages list --json")
@archive_option
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show the installed packages."""
    from archiver.jobs import packages as job

    found = job.installed(open_config(ctx))
    if as_json:
        for package in found:
            write_json(_row(package))
    elif not found:
        say("no package is installed: archiver packages install ur")
    else:
        columns = ("package", "from", "to", "version", "sha256", "licence", "")
        table(None, columns, (_cells(p) for p in found))


@command.command(epilog="Example:  archiver packages verify")
@archive_option
@json_option
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> int:
    """Compare every installed package with the digest taken when it was installed."""
    from archiver.jobs import packages as job

    bad = 0
    for package, problem in job.verified(open_config(ctx)):
        if as_json:
            write_json({**_row(package), "problem": problem})
        else:
            print(f"{package.name} {package.version}: {problem or 'as installed'}")
        bad += problem is not None
    return 1 if bad else 0


@command.command(epilog="Example:  archiver packages remove translate-ur_en")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@archive_option
@click.pass_context
def remove(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Remove packages. Translations made with them stay."""
    from archiver.jobs import packages as job

    for name in names:
        for folder in job.remove(open_config(ctx), name):
            print(f"{folder.name} is removed")


@command.command(epilog="Example:  archiver packages evaluate translate-ps_en sentences.tsv")
@click.argument("name", metavar="PACKAGE")
@click.argument("file", metavar="FILE.tsv", type=click.Path(path_type=Path))
@click.option("--quality", type=click.Choice(["exact", "balanced", "fast"]), help="Otherwise the archive's.")
@archive_option
@json_option
@click.pass_context
def evaluate(ctx: click.Context, name: str, file: Path, quality: str | None, as_json: bool) -> None:
    """Compare a package's translations with a person's: lines of source TAB reference."""
    from archiver.jobs import packages as job

    made = job.evaluate(open_config(ctx), name, file, quality)
    if as_json:
        write_json(
            {
                "package": {"name": made.package.name, "version": made.package.version},
                "sha256": made.package.sha256,
                "options": str(made.options),
                "texts": made.texts,
                "chrf": round(made.chrf, 2),
                "bleu": round(made.bleu, 2),
                "signatures": made.signatures,
                "seconds": round(made.seconds, 3),
                "flags": made.flags,
            }
        )
        return
    print(f"{made.package.name} {made.package.version}  {made.options}: {made.texts} texts")
    print(f"chrF  {made.chrf:6.2f}  {made.signatures['chrF']}")
    print(f"BLEU  {made.bleu:6.2f}  {made.signatures['BLEU']}")
    flags = ", ".join(f"{flag} {count}" for flag, count in made.flags.items())
    print(f"{made.seconds:.2f} seconds; flags: {flags or 'none'}")


def _row(package: "Package") -> dict[str, object]:
    return {
        "name": package.name,
        "from": package.source,
        "to": package.target,
        "version": package.version,
        "sha256": package.sha256,
        "path": package.path,
        "licence": package.licence,
        "demo": package.demo,
        "engine": package.engine,
        "gist": package.gist,
        "origin": package.origin,
        "bleu": package.bleu,
        "vocabulary_map": package.has_map,
        "vocabulary_map_checked": package.map_checked,
    }


def _known_row(model: "Known") -> dict[str, object]:
    return {
        "name": model.name,
        "from": model.sources,
        "to": model.target,
        "engine": model.engine,
        "licence": model.licence,
        "agreement": model.agreement,
        "size": model.size,
        "bleu": model.bleu,
        "origin": model.origin,
        "gist": True,
    }


def _known_line(model: "Known", language: str | None) -> str:
    read = model.source_for(language) if language else None
    score = f"BLEU {model.bleu[read]}" if read and read in model.bleu else "no score"
    asks = ", asks for agreement" if model.agreement else ""
    sources = read or ",".join(model.sources)
    return (
        f"{sources} -> {model.target}  {model.name:24} {model.size:8} {score:10} gist  {model.licence}{asks}"
    )


def _line(package: "Package") -> str:
    demo = "  (a demonstration: it knows a few hundred sentences)" if package.demo else ""
    gist = f"  (gist only; {package.licence})" if package.gist else ""
    return f"{package.name} {package.version}  {package.source} -> {package.target}{demo}{gist}"


def _cells(package: "Package") -> tuple[str, ...]:
    return (
        package.name,
        package.source,
        package.target,
        package.version,
        package.sha256[:12],
        package.licence or "unknown",
        "demonstration" if package.demo else "gist" if package.gist else "",
    )
