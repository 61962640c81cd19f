"""archiver init"""

from pathlib import Path

import click

from archiver.commands._shared import say


@click.command(epilog="Example:  archiver init afghanistan && cd afghanistan")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--database", default="sqlite:///archive.db", show_default=True, help="Or a PostgreSQL URL.")
def command(folder: Path, database: str) -> None:
    """Make a new archive: archiver.toml, database, folders."""
    from sqlalchemy import make_url

    from archiver.jobs.init import init

    made = init(folder, database)
    print(made.folder)
    if make_url(made.database).password:
        say(
            "The password now stands in archiver.toml: keep that file to yourself,"
            " or take it out and set ARCHIVER_DATABASE"
        )
    say("Next: archiver watch add https://t.me/s/NAME, then archiver crawl")
