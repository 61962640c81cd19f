"""archiver index"""

import click

from archiver.commands._shared import archive_option, json_option, open_config, progress, say, write_json
from archiver.errors import Exit


@click.group(epilog="Example:  archiver index check || archiver index rebuild")
def command() -> None:
    """The search index: check it, make it anew. It is derived from the posts and can always be rebuilt."""


@command.command(epilog="Example:  archiver index check --json")
@archive_option
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:
    """Compare the index with the posts; 1 when it is damaged. Reads all of it."""
    from archiver.jobs.index import check

    found = check(open_config(ctx))
    if as_json:
        write_json({"sound": not found.wrong, "wrong": found.wrong, "waiting": found.waiting})
    for line in found.wrong:
        say(line)
    if found.wrong:
        say("the posts are untouched; `archiver index rebuild` makes the index anew")
        return Exit.ERROR
    more = f"; {found.waiting} posts wait for the next search to index them" if found.waiting else ""
    say(f"the index is sound{more}")
    return Exit.OK


@command.command(epilog="Example:  archiver index rebuild")
@archive_option
@json_option
@click.pass_context
def rebuild(ctx: click.Context, as_json: bool) -> None:
    """Throw the index away and index all posts again. Interrupted, the next search goes on with it."""
    from archiver.jobs.index import rebuild

    with progress() as bars:
        bar = bars.add_task("indexing", total=None)
        count = rebuild(open_config(ctx), lambda done: bars.update(bar, completed=done))
    if as_json:
        write_json({"indexed": count})
    say(f"{count} posts indexed")
