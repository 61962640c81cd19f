"""archiver trends"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from archiver.commands._filters import filter_options
from archiver.commands._shared import archive_option, json_option, open_config, say, table, write_json


@click.command(epilog="Example:  archiver trends 'ژغورنه OR rescue' --by week --lang ps --svg rescue.svg")
@click.argument("query", metavar="QUERY", default="")
@filter_options
@click.option("--by", type=click.Choice(["day", "week", "month"]), default="month", show_default=True)
@click.option(
    "--svg",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also draw it into a file (SVG; a browser makes a PNG of it).",
)
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    query: str,
    filters: Callable[[str], Any],
    by: Any,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Count the posts that match by day, week (from Monday) or month (all times are UTC).

    Beside them, how many posts of that time are archived under the same filters: an archive that grew
    has more of every word. Posts without a time are left out.
    """
    from archiver.jobs.search import trend

    periods = trend(open_config(ctx), filters(query), by, on_behind=say)
    if picture:
        from archiver.jobs.charts import svg

        picture.write_text(svg(periods, query=query, by=by), encoding="utf-8", errors="replace")
    if as_json:
        for p in periods:
            write_json(
                {"start": p.start, "posts": p.posts, "archived": p.archived, "share": round(p.share, 6)}
            )
    elif periods:
        rows = [(str(p.start), str(p.posts), str(p.archived), f"{p.share:.2%}") for p in periods]
        table(None, (by, "posts", "archived", "share"), rows)
    else:
        say("nothing found")
