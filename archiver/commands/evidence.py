"""archiver evidence"""

from pathlib import Path

import click

from archiver.commands._shared import archive_option, json_option, open_config, say, visible, write_json


@click.command(epilog="Example:  archiver evidence telegram:NAME/123 -o dossier/")
@click.argument("posts", metavar="POST...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new folder for the dossier.",
)
@click.option("--machine", is_flag=True, help="Also name the machine that this was collected on.")
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, posts: tuple[str, ...], to: Path, machine: bool, as_json: bool) -> None:
    """Write posts into a dossier that anybody can check without this program.

    It holds the captures byte for byte, every revision and translation, downloaded media, the account's
    profile, the ledger's rows up to a stamp, the stamp, a page to read, and digests of all (BagIt). Its
    README.txt says how to check it.
    """
    from archiver.jobs.evidence import evidence

    found = evidence(open_config(ctx), posts, to, machine=machine)
    made = found.made
    if as_json:
        write_json(
            {
                "path": str(to),
                "posts": found.posts,
                "captures": made.captures,
                "captures_elsewhere": made.elsewhere,
                "media_files": made.files,
                "ledger_rows": made.rows,
                "stamps": len(made.stamps),
                "stamped": not made.unstamped,
            }
        )
        return
    count = f"{len(found.posts)} post{'s' if len(found.posts) > 1 else ''}"
    media = f"{made.files} media file{'s' if made.files > 1 else ''}, " if made.files else ""
    print(
        visible(
            f"{to}: {count}, {made.captures} captures, {media}{made.rows} ledger rows, "
            f"{len(made.stamps)} stamps; read {to / 'data' / 'index.html'}"
        )
    )
    if made.elsewhere:
        say(f"captures that lie in the archive that this was imported from: {made.elsewhere} more; ask there")
    if made.unstamped:
        say("not stamped yet: run `archiver stamp`, then write the dossier again into a new folder")
