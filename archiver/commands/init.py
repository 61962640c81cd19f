"""archiver init"""

from pathlib import Path

import click

from archiver.commands._shared import say


@click.command(epilog="Example:  archiver init afghanistan && cd afghanistan")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--database", default="sqlite:///archive.db", show_default=True, help="Or a PostgreSQL URL.")
def command(folder: Path, database: str) -> None:
    """Make a new archive: archiver.toml, database, folders."""
    from archiver.jobs.init import init

    made = init(folder, database)
    print(made.folder)
    say("Next: archiver watch add https://t.me/s/NAME, then archiver crawl")
