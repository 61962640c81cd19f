"""archiver alerts"""

from typing import TYPE_CHECKING

import click

from archiver.commands._shared import archive_option, day, json_option, open_config, say, table, write_json

if TYPE_CHECKING:
    from archiver.config import Config


@click.command(
    epilog="Example:  archiver search 'ژغورنه OR rescue' --lang ps --save rescue && archiver alerts rescue"
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Posts a search."
)
@click.option("--peek", is_flag=True, help="Print them again next time.")
@click.option("--list", "only_list", is_flag=True, help="Which searches are saved.")
@click.option("--remove", is_flag=True, help="Remove the named searches.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    limit: int,
    peek: bool,
    only_list: bool,
    remove: bool,
    as_json: bool,
) -> None:
    """Print what is new in the saved searches since last time.

    New is a post that did not match before: it was stored since then, or translated, or edited. Searches
    are saved by `archiver search QUERY --save NAME`.
    """
    config = open_config(ctx)
    if remove:
        if not names:
            raise click.UsageError("name the searches to remove", ctx)
        from archiver.jobs import alerts

        alerts.remove(config, names)
        say(f"removed {', '.join(names)}")
    elif only_list:
        _list(config, names, as_json)
    else:
        _alerts(config, names, limit, peek, as_json)


def _list(config: "Config", names: tuple[str, ...], as_json: bool) -> None:
    from archiver.jobs import alerts
    from archiver.store.saved import as_json as told

    searches = alerts.listed(config, names)
    if as_json:
        for search in searches:
            write_json({"name": search.name, "saved_at": search.saved_at, **told(search.filters)})
    elif searches:
        rows = []
        for search in searches:
            given = told(search.filters)
            query = given.pop("query", "")
            rows.append(
                (search.name, query, ", ".join(f"{n} {v}" for n, v in given.items()), day(search.saved_at))
            )
        table(None, ("name", "query", "filters", "saved"), rows)
    else:
        say("no search is saved; `archiver search QUERY --save NAME` saves one")


def _alerts(config: "Config", names: tuple[str, ...], limit: int, peek: bool, as_json: bool) -> None:
    from archiver.commands.search import draw, row_of
    from archiver.jobs import alerts

    count = 0
    for news in alerts.alerts(config, names, limit=limit, peek=peek, on_behind=say):
        count += 1
        for hit in news.hits:
            if as_json:
                write_json({"search": news.search.name, **row_of(hit)})
        if news.hits and not as_json:
            draw(news.hits)
        more = f", the newest {len(news.hits)} shown" if len(news.hits) < len(news.posts) else ""
        say(f"{news.search.name}: {len(news.posts)} new{more}")
    if not count:
        say("no search is saved; `archiver search QUERY --save NAME` saves one")
