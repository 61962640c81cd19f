"""archiver memory"""

import sys
from pathlib import Path

import click

from archiver.commands._shared import (
    archive_option,
    day,
    json_option,
    open_config,
    progress,
    say,
    table,
    write_json,
)


@click.group(epilog="Example:  archiver memory import glossaries/unhcr.tmx --from ps --by UNHCR")
def command() -> None:
    """What people said that sentences mean: it goes before every machine's translation."""


@command.command(
    "import", epilog="Example:  archiver memory import earlier.tmx --from ur --to en --by Zarmina"
)
@click.argument("file", metavar="FILE.tmx|FILE.tsv", type=click.Path(path_type=Path))
@click.option("--from", "source", metavar="ur", help="Only units from this language.")
@click.option("--to", "target", metavar="en", help="Only units into this language.")
@click.option("--by", metavar="NAME", help="Whose translations these are; otherwise as the file says.")
@archive_option
@json_option
@click.pass_context
def import_(
    ctx: click.Context, file: Path, source: str | None, target: str | None, by: str | None, as_json: bool
) -> None:
    """Bring in a translation memory: TMX, or TSV with the columns source, target and language.

    Nothing is kept of a file that breaks off. Of contradictory units for one sentence the last counts. Units
    that say of themselves that a machine made them are left out.
    """
    from archiver.jobs.memory import import_memory

    with progress() as bars:
        bar = bars.add_task("importing", total=None)
        done = import_memory(
            open_config(ctx),
            file,
            source=source,
            target=target,
            by=by,
            on_progress=lambda count: bars.update(bar, completed=count),
        )
    if as_json:
        write_json(
            {
                "new": done.new,
                "unchanged": done.unchanged,
                "overruled": done.overruled,
                "skipped": dict(done.skipped),
            }
        )
    else:
        print(f"{done.new} new, {done.unchanged} known already, {done.overruled} overruled by a later one")
    for line in done.refused:
        say(line)
    for why, count in sorted(done.skipped.items()):
        say(f"{count} left out: {why}")
    if done.new:
        say("`archiver translate` shows them where these sentences stand")


@command.command("list", epilog="Example:  archiver memory list --limit 20 --json")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@archive_option
@json_option
@click.pass_context
def list_(ctx: click.Context, limit: int, as_json: bool) -> None:
    """Show what people said, superseded corrections left out."""
    from archiver.jobs.memory import listed

    found = listed(open_config(ctx), limit)
    if as_json:
        for c in found:
            write_json(
                {
                    "source": c.source,
                    "target": c.text,
                    "language": c.language,
                    "target_language": c.target,
                    "author": c.author,
                    "note": c.note,
                    "at": c.at,
                    "segment": c.segment_id,
                }
            )
        return
    rows = [(f"{c.language} → {c.target}", c.source, c.text, c.author or "", day(c.at)) for c in found]
    if rows:
        table(None, ("languages", "sentence", "translation", "by", "when"), rows, wide=True)
    else:
        say("nobody has corrected anything yet: `archiver correct POST`, `archiver memory import FILE`")


@command.command("export", epilog="Example:  archiver memory export -o corrections.tmx")
@click.option("-o", "--output", "path", metavar="PATH", required=True, help="A .tmx or .tsv; - is stdout.")
@click.option("--format", type=click.Choice(["tmx", "tsv"]), help="Otherwise as the file's name says.")
@archive_option
@click.pass_context
def export(ctx: click.Context, path: str, format: str | None) -> None:
    """Write what people said into a file for other tools, or for another archive."""
    from archiver.jobs.memory import export_memory

    kind = format or (Path(path).suffix.lstrip(".").lower() if path != "-" else "tsv")
    count = export_memory(open_config(ctx), sys.stdout.buffer if path == "-" else Path(path), kind)
    say(f"{count} sentences written")
