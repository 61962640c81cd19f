"""archiver search"""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from archiver.commands._counted import show_facets, show_lines
from archiver.commands._filters import filter_options
from archiver.commands._shared import (
    archive_option,
    console,
    day,
    json_option,
    open_config,
    progress,
    say,
    visible,
    write_json,
)

if TYPE_CHECKING:
    from rich.text import Text

    from archiver.jobs.search import Found
    from archiver.store.search import Hit

SNIPPET = 280  # code points of a text that are shown


@click.command(
    epilog="Example:  archiver search 'هرات لاره OR \"Herat road\"' --lang ps --since 2026-01-01",
)
@click.argument("query", metavar="QUERY")
@filter_options
@click.option(
    "--sort",
    type=click.Choice(["newest", "best", "left", "right"]),
    default="newest",
    show_default=True,
    help="left and right: the concordance by its words there.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option(
    "--kwic", type=click.IntRange(0, 100), metavar="N", help="A concordance, N words on each side of a hit."
)
@click.option("--facets", is_flag=True, help="Count by language, platform, account, month, flag instead.")
@click.option("--save", metavar="NAME", help="Keep this search: `archiver alerts` says what is new in it.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    query: str,
    filters: Callable[[str], Any],
    sort: Any,
    limit: int,
    kwic: int | None,
    facets: bool,
    save: str | None,
    as_json: bool,
) -> None:
    """Find posts by their words, in the original and in the translation.

    All words must be there; "quoted words" in their order; OR, NOT or -word, (parentheses), pref*, #tag,
    @mention, "a b"~5, exact:word, and fields: lang: platform: account: since: until: tag: has: flag: side:.
    Arabic script is found however it is spelled: kaf, yeh, vowel marks and digits of all keyboards.
    """
    from archiver.jobs import search

    if sort in ("left", "right") and kwic is None:
        kwic = 8
    with progress() as bars:
        bar = bars.add_task("indexing", total=None, visible=False)
        config, wanted = open_config(ctx), filters(query)

        def told(count: int) -> None:
            bars.update(bar, completed=count, visible=True)

        if save:
            from archiver.jobs.alerts import keep

            known = keep(config, save, wanted, on_progress=told)
        counted = search.facets(config, wanted, told) if facets else None
        by: Any = sort if sort == "best" else "newest"
        found = search.search(config, wanted, sort=by, limit=1 if facets or save else limit, on_progress=told)
    if save:
        say(f"saved as '{save}'; {known} posts match now, `archiver alerts` prints those that are new")
    elif counted:
        show_facets(counted, as_json)
        say(f"{found.answer.total} posts found")
    else:
        if kwic is not None:
            show_lines(found.answer.hits, kwic, sort, as_json)
        elif as_json:
            for hit in found.answer.hits:
                write_json(row_of(hit))
        elif found.answer.hits:
            draw(found.answer.hits)
        _tell(found, by)
    if found.behind:
        say(found.behind)


def row_of(hit: "Hit") -> dict[str, object]:
    """A hit as it is printed with --json."""
    return {
        "post": hit.post,
        "url": hit.url,
        "account": hit.account,
        "platform": hit.platform,
        "published_at": hit.published_at,
        "language": hit.language,
        "original": hit.original,
        "translation": hit.translation,
        "highlights": dict(hit.highlights),
        "confidence": hit.confidence,
        "kind": hit.kind,
        "state": hit.state,
        "revision": hit.revision,
        "target": hit.target,
        "package": hit.package,
        "flags": hit.flags,
        "descriptions": [{"text": d.text, "translation": d.translation} for d in hit.descriptions],
    }


def _tell(found: "Found", sort: str) -> None:
    """What the hits do not say themselves, for the person at the terminal."""
    answer = found.answer
    if not answer.total:
        say(found.why or "nothing found")
    elif len(answer.hits) < answer.total:
        say(f"{answer.total} posts found, {len(answer.hits)} shown; --limit shows more")
    else:
        say(f"{answer.total} {'post' if answer.total == 1 else 'posts'} found")
    if answer.also:
        say(f'also: {", ".join(answer.also)}  ("quotes" find only the spelling that you type)')
    if answer.sort != sort:
        say("sorted by time: so many posts are not ranked; narrow the search")


def draw(hits: Sequence["Hit"]) -> None:
    """Posts with original and translation side by side, the hits marked."""
    from rich import box
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, show_lines=True)
    drawn.add_column("post", max_width=34, overflow="fold")
    drawn.add_column("original", ratio=1, overflow="fold")
    drawn.add_column("translation (by machine, unless corrected)", ratio=1, overflow="fold")
    for hit in hits:
        drawn.add_row(_about(hit), _original(hit), _translation(hit))
    console(sys.stdout).print(drawn)


def _about(hit: "Hit") -> "Text":
    from rich.text import Text

    language = hit.language or "language unknown yet"
    sure = "" if hit.confidence is None else f" {hit.confidence:.2f}"
    state = "" if hit.state == "live" else f"\n{hit.state}"
    return Text(visible(f"{hit.post}\n{hit.account}\n{day(hit.published_at)}\n{language}{sure}{state}"))


def _original(hit: "Hit") -> "Text":
    text = _snippet(hit.original, hit.highlights["original"])
    text.justify = "right" if right_to_left(hit.original) else "left"
    for each in hit.descriptions:
        if each.found:
            text.append(visible(f"\n[picture: {each.text}]"), style="dim")
    return text


def _translation(hit: "Hit") -> "Text":
    from rich.text import Text

    if hit.translation is None:
        return Text("(not translated)", style="dim")
    text = _snippet(hit.translation, hit.highlights["translation"])
    if hit.flags:
        text.append(f"\n[{', '.join(hit.flags)}]", style="dim")
    for each in hit.descriptions:
        if each.found and each.translation:
            text.append(visible(f"\n[picture: {each.translation}]"), style="dim")
    return text


def _snippet(text: str, spans: Sequence[tuple[int, int]]) -> "Text":
    """As much of `text` as fits, around the first hit, with all hits marked."""
    from rich.text import Text

    start, end = _window(text, spans[0] if spans else None)
    drawn = Text("…" if start else "")
    place = start
    for first, last in spans:
        first, last = max(first, place), min(last, end)
        if first < last:
            drawn.append(visible(text[place:first]))
            drawn.append(visible(text[first:last]), style="bold black on yellow")
            place = last
    drawn.append(visible(text[place:end]))
    return drawn.append("…" if end < len(text) else "")


def _window(text: str, hit: tuple[int, int] | None) -> tuple[int, int]:
    """A span of at most SNIPPET around the hit; it begins and ends between words where it can."""
    if len(text) <= SNIPPET:
        return 0, len(text)
    start = max(0, min((hit[0] if hit else 0) - SNIPPET // 3, len(text) - SNIPPET))
    end = min(len(text), start + SNIPPET)
    if start and (space := text.find(" ", start, start + 20)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - 20, end)) > start:
        end = space
    return start, end


def right_to_left(text: str) -> bool:
    """By the first letter that has a direction, as the Unicode algorithm decides."""
    from unicodedata import bidirectional

    return next((d != "L" for c in text if (d := bidirectional(c)) in ("L", "R", "AL")), False)
