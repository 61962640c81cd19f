"""archiver crawl"""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    Moment,
    Shard,
    archive_option,
    json_option,
    open_config,
    progress,
    say,
    write_json,
)

if TYPE_CHECKING:
    from archiver.jobs.crawl import CrawlResult


@click.command(epilog="Example:  archiver crawl --platform telegram --since 2026-01-01")
@click.argument("watches", metavar="[WATCH...]", nargs=-1)
@click.option("--platform", help="Only the watches of one platform.")
@click.option("--since", type=Moment(), help="Do not go further back than this day.")
@click.option("--max-posts", type=click.IntRange(1), help="Stop after so many new posts an account.")
@click.option("--full", is_flag=True, help="Read every account again from its newest to its oldest post.")
@click.option(
    "--revisit", is_flag=True, help="Look at recent posts again now, also where that is not due yet."
)
@click.option(
    "--source",
    type=click.Choice(["appview", "pds"]),
    help="Where Bluesky is read this time; pds: each account's own server, with --full the whole of it.",
)
@click.option("--no-media", is_flag=True, help="Leave pictures and films to `archiver media`.")
@click.option("--now", is_flag=True, help="Also during the quiet hours of archiver.toml.")
@click.option("--shard", type=Shard(), metavar="i/n", help="Only the i-th of n parts of the watch list.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    watches: tuple[str, ...],
    platform: str | None,
    since: datetime | None,
    max_posts: int | None,
    full: bool,
    revisit: bool,
    source: str | None,
    no_media: bool,
    now: bool,
    shard: tuple[int, int] | None,
    as_json: bool,
) -> int:
    """Ask the watched accounts for what is new and store it, then the media of watches that want them."""
    from archiver.commands import media
    from archiver.jobs.crawl import crawl
    from archiver.jobs.quiet import refuse_when_quiet

    config = open_config(ctx)
    if source:
        config = config.reading("bluesky", source=source)
    if not now:
        refuse_when_quiet(config)
    with progress() as bars:
        bar = bars.add_task("crawling", total=None)
        result = crawl(
            config,
            watches=watches or None,
            platform=platform,
            since=since,
            max_posts=max_posts,
            full=full,
            revisit=revisit,
            shard=shard,
            on_progress=lambda seen: bars.update(bar, completed=seen.served),
        )
    show(result, as_json)
    return media.after(config, result.exit, watches, as_json, wanted=not no_media and shard is None)


def show(result: "CrawlResult", as_json: bool) -> None:
    """A line an account, then what is owed."""
    for outcome in result.outcomes:
        if as_json:
            write_json(
                {
                    "watch": outcome.watch,
                    "pages": outcome.pages,
                    "served": outcome.served,
                    "new": outcome.new,
                    "revised": outcome.revised,
                    "unchanged": outcome.unchanged,
                    "gone": outcome.gone,
                    "problems": outcome.problems,
                    "refusal": outcome.refusal,
                    "error": outcome.error,
                }
            )
            continue
        gone = f", {outcome.gone} gone" if outcome.gone else ""
        print(
            f"{outcome.watch}: {outcome.new} new, {outcome.revised} revised, {outcome.unchanged} unchanged"
            f"{gone} ({outcome.pages} pages)"
        )
        if outcome.problem:
            what = f"{outcome.problems} posts could not be read; the first: {outcome.problem}"
            say(f"  {outcome.watch}: {what}")
        if outcome.lost:
            say(f"  {outcome.watch}: {outcome.lost} posts were read and are not stored; please report it")
        if outcome.refusal:
            say(f"  {outcome.watch}: the platform shows nothing: {outcome.refusal}")
        if outcome.error:
            say(f"  {outcome.watch}: {outcome.error}")
    if result.failure:
        say(f"the crawl stopped early: {result.failure}")
    if not result.outcomes:
        say("nothing to crawl: archiver watch add URL")
