"""archiver glossary"""

import click

from archiver.commands._shared import (
    archive_option,
    json_option,
    open_config,
    say,
    table,
    visible,
    write_json,
)


@click.group(epilog="Example:  archiver glossary check")
def command() -> None:
    """Terms with fixed translations, from glossary.tsv in the archive's folder."""


@command.command(epilog="Example:  archiver glossary check --json")
@archive_option
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:
    """Read glossary.tsv and name every row that cannot be used; exit 1 where there is one.

    Its columns are term, language, translation, note, separated by tabs, with a header; # begins a remark. Of
    rows that contradict each other the first one counts.
    """
    from archiver.errors import Exit
    from archiver.jobs.glossary import FILE, load

    config = open_config(ctx)
    glossary, faults = load(config)
    for fault in faults:
        if as_json:
            write_json({"line": fault.line, "fault": fault.why})
        else:
            print(visible(f"{FILE}, line {fault.line}: {fault.why}"))
    if not (config.folder / FILE).exists():
        say(f"there is no {FILE} in {config.folder}: nothing is called otherwise")
    say(f"{len(glossary.terms)} terms are used, {len(faults)} rows are not")
    return int(Exit.ERROR if faults else Exit.OK)


@command.command("list", epilog="Example:  archiver glossary list --json")
@archive_option
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show the terms that are used."""
    from archiver.jobs.glossary import load

    glossary, _ = load(open_config(ctx))
    if as_json:
        for t in glossary.terms:
            write_json({"term": t.term, "language": t.language, "translation": t.translation, "note": t.note})
        return
    rows = [(t.language or "any", t.term, t.translation, t.note) for t in glossary.terms]
    table(None, ("language", "term", "translation", "note"), rows)
