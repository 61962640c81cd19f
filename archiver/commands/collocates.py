"""archiver collocates"""

from collections.abc import Callable
from typing import Any

import click

from archiver.commands._filters import filter_options
from archiver.commands._shared import archive_option, json_option, open_config, say, table, write_json


@click.command(epilog="Example:  archiver collocates امداد --lang ur --side original --window 5")
@click.argument("query", metavar="QUERY")
@filter_options
@click.option(
    "--window", type=click.IntRange(1, 50), default=5, show_default=True, help="Words to each side."
)
@click.option(
    "--at-least", type=click.IntRange(1), default=3, show_default=True, help="Posts that hold them together."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    query: str,
    filters: Callable[[str], Any],
    window: int,
    at_least: int,
    limit: int,
    as_json: bool,
) -> None:
    """Which words keep company with a word: those near it more often than they are elsewhere.

    The score is logDice, counted in posts: 14 when two words always come together, 1 less when half as
    often. It does not depend on the size of the archive, so it can be compared between archives.
    """
    from archiver.jobs.search import collocates

    found = collocates(
        open_config(ctx), filters(query), window=window, at_least=at_least, limit=limit, on_behind=say
    )
    if as_json:
        for c in found.collocates:
            write_json(
                {
                    "word": c.word,
                    "score": c.score,
                    "posts": c.posts,
                    "left": c.left,
                    "right": c.right,
                    "archived": c.archived,
                }
            )
    elif found.collocates:
        rows = [
            (c.word, f"{c.score:.2f}", str(c.posts), str(c.left), str(c.right), str(c.archived))
            for c in found.collocates
        ]
        table(None, ("word", "logDice", "posts", "left", "right", "in the archive"), rows)
    else:
        say(f"no word stands near it in {at_least} or more posts; --at-least 1 shows all")
    if found.also:
        say(f'also: {", ".join(found.also)}  ("quotes" find only the spelling that you type)')
    if found.read < found.total:
        say(f"the newest {found.read} of {found.total} posts were read; narrow the search to read all")
