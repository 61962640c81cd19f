"""archiver doctor"""

from pathlib import Path

import click

from archiver import config
from archiver.commands._shared import archive_option, json_option, visible, write_json
from archiver.errors import Exit, NoArchive


@click.command(epilog="Example:  archiver doctor")
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> int:
    """Check whether this machine, and the archive if there is one, are fit; says what would help."""
    from archiver.jobs.doctor import doctor

    problems = 0
    for check in doctor(_folder(ctx)):
        problems += not check.ok
        if as_json:
            write_json({"check": check.name, "ok": check.ok, "said": check.said, "remedy": check.remedy})
        else:
            print(visible(f"{'ok     ' if check.ok else 'PROBLEM'}  {check.name}: {check.said}"))
            if check.remedy:
                print(visible(f"         -> {check.remedy}"))
    return Exit.ERROR if problems else Exit.OK


def _folder(ctx: click.Context) -> Path | None:
    """The archive's folder; outside of one the machine alone is looked at."""
    named = (ctx.obj or {}).get("archive")
    try:
        return config.find(Path(named) if named else None)
    except NoArchive:
        if named:
            raise
        return None
