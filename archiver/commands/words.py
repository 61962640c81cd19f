"""archiver words"""

from collections.abc import Callable
from typing import Any

import click

from archiver.commands._filters import filter_options
from archiver.commands._shared import archive_option, json_option, open_config, say, table, write_json


@click.command(epilog="Example:  archiver words 'has:translation' --lang ur --side original --limit 100")
@click.argument("query", metavar="QUERY", default="")
@filter_options
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True)
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, query: str, filters: Callable[[str], Any], limit: int, as_json: bool) -> None:
    """The frequency list: which words posts are made of, of the whole archive or of those that match.

    Words are counted as the index holds them: spellings of one word (keyboards, vowel marks) as one.
    """
    from archiver.jobs.search import word_list

    found = word_list(open_config(ctx), filters(query), limit=limit, on_behind=say)
    if as_json:
        for f in found.frequencies:
            write_json({"word": f.word, "count": f.count, "posts": f.posts})
    elif found.frequencies:
        rows = [
            (f.word, str(f.count), f"{1e6 * f.count / found.words:,.0f}", str(f.posts))
            for f in found.frequencies
        ]
        table(None, ("word", "count", "per million", "posts"), rows)
    if found.read < found.total:
        say(f"the newest {found.read} of {found.total} posts were read; narrow the search to read all")
    say(f"{found.words} words, {found.kinds} different ones, in {found.read} posts")
