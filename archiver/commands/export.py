"""archiver export"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from archiver.commands._filters import filter_options
from archiver.commands._shared import archive_option, open_config, progress, say

# As `exports.names()` says; asking it would load the database's library to show help.
FORMATS = sorted(path.stem for path in (Path(__file__).parents[1] / "exports").glob("[a-z]*.py"))
HELP = f"""Write posts and their translations into a file: {", ".join(FORMATS)}.

The file appears when it is complete. jsonl holds everything known of each post; tsv and tmx hold aligned
pairs of what posts say now, marked as machine translations; ids name the posts only.
"""


@click.command(help=HELP, epilog="Example:  archiver export tmx --lang ps --since 2026-01-01 -o pashto.tmx")
@click.argument("format", metavar="FORMAT")
@click.option("--query", default="", help="Only posts that `archiver search` finds with it.")
@filter_options
@click.option("-o", "--output", "path", metavar="PATH", required=True, help="The file; - is standard output.")
@archive_option
@click.pass_context
def command(ctx: click.Context, format: str, query: str, filters: Callable[[str], Any], path: str) -> None:
    from archiver.jobs.export import export

    with progress() as bars:
        bar = bars.add_task(f"exporting {format}", total=None)
        done = export(
            open_config(ctx),
            format,
            filters(query),
            sys.stdout.buffer if path == "-" else Path(path),
            on_progress=lambda count, total: bars.update(bar, completed=count, total=total),
        )
    written = ", ".join(f"{count} {what}" for what, count in sorted(done.written.items()))
    say(
        f"{done.posts} posts exported"
        + (f" ({written})" if written and set(done.written) != {"posts"} else "")
    )
    if not done.posts:
        say(done.why or "no post fits")
