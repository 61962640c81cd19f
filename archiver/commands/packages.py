"""archiver packages"""

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

if TYPE_CHECKING:
    from translations.packages import Package


@click.group(epilog="Example:  archiver packages install ur && archiver packages list")
def command() -> None:
    """Install, list and verify translation packages."""


@command.command(epilog="Example:  archiver packages available --json")
@click.option("--index", help="Another index than Argos's: a URL or a file.")
@archive_option
@json_option
@click.pass_context
def available(ctx: click.Context, index: str | None, as_json: bool) -> None:
    """Ask the package index what there is; of these commands, only this and `install` use the network."""
    from archiver.jobs import packages as job

    for offer in job.available(archive_config_or_none(ctx), index):
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
)
@click.argument("what", metavar="LANGUAGE|FROM-TO|FILE.argosmodel...", nargs=-1, required=True)
@click.option("--sha256", help="Refuse a file with any other digest.")
@click.option("--index", help="Another index than Argos's: a URL or a file.")
@archive_option
@json_option
@click.pass_context
def install(
    ctx: click.Context, what: tuple[str, ...], sha256: str | None, index: str | None, as_json: bool
) -> None:
    """Install packages from files, or from the Argos index by language."""
    from archiver.jobs import packages as job

    settings = open_config(ctx)
    for one in what:
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
    }


def _line(package: "Package") -> str:
    demo = "  (a demonstration: it knows a few hundred sentences)" if package.demo else ""
    return f"{package.name} {package.version}  {package.source} -> {package.target}{demo}"


def _cells(package: "Package") -> tuple[str, ...]:
    return (
        package.name,
        package.source,
        package.target,
        package.version,
        package.sha256[:12],
        package.licence or "unknown",
        "demonstration" if package.demo else "",
    )
