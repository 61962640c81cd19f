"""archiver media"""

from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    archive_option,
    json_option,
    open_config,
    progress,
    say,
    write_json,
)

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.jobs.media import MediaResult


@click.command(epilog="Example:  archiver watch set telegram:NAME --media images && archiver media")
@click.argument("watches", metavar="[WATCH...]", nargs=-1)
@click.option("--limit", type=click.IntRange(1), help="Ask for at most so many attachments, the latest.")
@click.option("--again", is_flag=True, help="Ask again for what was given up or is to wait.")
@click.option("--now", is_flag=True, help="Also during the quiet hours of archiver.toml.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, watches: tuple[str, ...], limit: int | None, again: bool, now: bool, as_json: bool
) -> int:
    """Download the pictures and films that watches want and that are not on disk yet.

    `crawl` and `run` do it as well, after the pages. Which watches want media: `watch add --media images`
    or `all`, or `media = "images"` under [crawl] in archiver.toml.
    """
    from archiver.jobs.quiet import refuse_when_quiet

    config = open_config(ctx)
    if not now:
        refuse_when_quiet(config)
    found = run(config, watches, limit=limit, again=again)
    show(found, as_json, quiet=False)
    return int(found.exit)


def run(
    config: "Config", watches: tuple[str, ...] = (), *, limit: int | None = None, again: bool = False
) -> "MediaResult":
    """Download with a progress bar."""
    from archiver.jobs.media import download

    with progress() as bars:
        bar = bars.add_task("downloading media", total=None)
        return download(
            config,
            named=watches or None,
            limit=limit,
            again=again,
            on_progress=lambda so_far: bars.update(bar, completed=so_far.asked),
        )


def after(config: "Config", crawled: int, watches: tuple[str, ...], as_json: bool, *, wanted: bool) -> int:
    """Download what a crawl that ended with the code `crawled` found; the verdict on both."""
    from archiver.errors import ArchiveBusy, Exit
    from archiver.jobs.media import wanted_by_any

    if not wanted or crawled in (Exit.ERROR, Exit.DISK_FULL, Exit.INTERRUPTED) or not wanted_by_any(config):
        return int(crawled)
    try:
        result = run(config, watches)
    except ArchiveBusy as error:  # somebody was quicker to begin a run, which brings them as well
        say(f"media: {error}")
        return int(crawled)
    show(result, as_json, quiet=True)
    outweighs = result.exit in (Exit.ERROR, Exit.DISK_FULL, Exit.INTERRUPTED)
    return int(result.exit if outweighs else crawled or result.exit)


def show(result: "MediaResult", as_json: bool, *, quiet: bool) -> None:
    """What came, and why the rest did not; `quiet`: nothing where nothing was wanted."""
    if as_json:
        write_json(
            {
                "media": {
                    "kept": result.kept,
                    "same": result.same,
                    "bytes": result.bytes,
                    "later": result.later,
                    "given_up": result.given_up,
                    "unasked": result.unasked,
                    "reasons": dict(result.reasons),
                }
            }
        )
    elif result.asked or result.unasked or not quiet:
        same = f" ({result.same} of them the same as others)" if result.same else ""
        print(f"media: {result.kept} files{same}, {size(result.bytes)}")
    if result.failure:
        say(f"  media: stopped early: {result.failure}")
    if result.bound:
        say(f"  media: {result.bound} is reached; raise it in archiver.toml, or run it again later")
    for why, count in result.reasons:
        say(f"  media: {count} not had: {why}")
    if result.unasked:
        say(f"  media: {result.unasked} not asked for; `archiver media` goes on")


def size(count: int) -> str:
    """Bytes as people read them."""
    value, unit = float(count), "bytes"
    for bigger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, bigger
    return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
