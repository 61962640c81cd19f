"""archiver import"""

from pathlib import Path

import click

from archiver.commands._shared import archive_option, json_option, open_config, say, write_json
from archiver.errors import Exit

_NAMED = 10  # pairs that are named one by one


@click.command(
    epilog="Example:  archiver export tmx --lang ps -o pashto.tmx    ... correct it ...    "
    "archiver import pashto.tmx --author 'Z. Ahmadi'"
)
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--author", metavar="NAME", help="Who corrected it; otherwise whom the file names.")
@click.option(
    "--memory",
    is_flag=True,
    help="Pairs that are not from this archive count for their sentences: only for a person's translations.",
)
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, file: Path, author: str | None, memory: bool, as_json: bool) -> int:
    """Take a corrected TMX, XLIFF or TSV file back.

    What differs from what the archive shows becomes a correction: a version of its own beside the machine's,
    and the first choice from then on. What was left as it was stays a machine translation.
    """
    from archiver.jobs.corrected import take

    taken = take(open_config(ctx), file, author=author, memory=memory)
    if as_json:
        names = ("new", "unchanged", "unknown", "refused")
        write_json({name: getattr(taken, name) for name in names})
    say(f"{taken.new} corrections kept, {taken.unchanged} pairs as they were")
    for what, named in (
        ("name no segment of this archive with that sentence", taken.unknown),
        ("cannot be kept", taken.refused),
    ):
        if named:
            more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
            say(f"{len(named)} pairs {what}: {'; '.join(named[:_NAMED])}{more}")
    return Exit.OWED if taken.unknown or taken.refused else Exit.OK
