"""archiver export"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.commands._choices import choice_options
from archiver.commands._filters import filter_options
from archiver.commands._shared import archive_option, open_config, progress, say

if TYPE_CHECKING:
    from archiver.jobs.export import Exported


@click.command(epilog="Example:  archiver export tmx --lang ps --since 2026-01-01 -o pashto.tmx")
@click.argument("format", metavar="FORMAT")
@click.option("--query", default="", help="Only posts that `archiver search` finds with it.")
@filter_options
@choice_options
@click.option(
    "-o",
    "--output",
    "path",
    metavar="PATH",
    required=True,
    help="A file, or a folder/; - is standard output.",
)
@archive_option
@click.pass_context
def command(
    ctx: click.Context,
    format: str,
    query: str,
    filters: Callable[[str], Any],
    choices: Callable[[], Any],
    path: str,
) -> None:
    """Write posts and their translations into a corpus.

    Aligned pairs: tmx, xliff, tsv, csv, moses, parquet, conllu, tei, vertical; to read: html. Whole posts:
    jsonl (with --by, pairs), ids, and the captures behind them: warc, wacz. Machine translations are
    marked as such. A corpus appears when it is complete, with a data card, manifest and CITATION.cff.
    """
    from archiver.jobs.export import export

    with progress() as bars:
        bar = bars.add_task(f"exporting {format}", total=None)
        done = export(
            open_config(ctx),
            format,
            filters(query),
            sys.stdout.buffer if path == "-" else Path(path),
            choices=choices(),
            folder=path.endswith("/"),
            on_progress=lambda count, total: bars.update(bar, completed=count, total=total),
        )
    for line in _told(done):
        say(line)


def _told(done: "Exported") -> list[str]:
    counts = {**({"pairs": done.pairs} if done.pairs else {}), **done.written}
    written = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    lines = [f"{done.posts} posts exported" + (f" ({written})" if written else "")]
    lines += [f"left out: {count} {reason}" for reason, count in sorted(done.left_out.items())]
    if not done.posts:
        lines.append(done.why or ("nothing is left after these choices" if done.left_out else "no post fits"))
    return lines
