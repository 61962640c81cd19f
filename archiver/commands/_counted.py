"""What `search` prints besides posts: a concordance, and counts."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archiver.commands._shared import console, day, table, visible, write_json

if TYPE_CHECKING:
    from archiver.store.counts import Facets
    from archiver.store.search import Hit

SHOWN = 15  # values of a facet that a terminal gets; --json gives all


def show_lines(hits: Sequence["Hit"], width: int, sort: str, as_json: bool) -> None:
    """A line for every place where a post says what was searched for."""
    from archiver.store.concordance import concordance

    order: Any = sort if sort in ("left", "right") else None
    lines = concordance(hits, width, order)
    if not as_json:
        return _draw(lines) if lines else None
    for line in lines:
        write_json(
            {
                "post": line.hit.post,
                "url": line.hit.url,
                "account": line.hit.account,
                "platform": line.hit.platform,
                "published_at": line.hit.published_at,
                "language": line.hit.language,
                "side": line.side,
                "left": line.left,
                "match": line.match,
                "right": line.right,
            }
        )
    return None


def _draw(lines: Sequence[Any]) -> None:
    """The match in the middle. In a right-to-left text, what comes before it stands on its right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD)
    drawn.add_column("post", max_width=30, overflow="fold")
    drawn.add_column("", justify="right", ratio=1, overflow="fold")
    drawn.add_column("match", justify="center", overflow="fold")
    drawn.add_column("", justify="left", ratio=1, overflow="fold")
    for line in lines:
        from archiver.commands.search import right_to_left

        sides = (line.right, line.left) if right_to_left(line.match) else (line.left, line.right)
        drawn.add_row(
            Text(visible(f"{line.hit.post}\n{day(line.hit.published_at)}")),
            Text(visible(sides[0])),
            Text(visible(line.match), style="bold black on yellow"),
            Text(visible(sides[1])),
        )
    console(sys.stdout).print(drawn)


def show_facets(facets: "Facets", as_json: bool) -> None:
    for name in ("language", "platform", "account", "month", "flag"):
        counts = getattr(facets, f"{name}s")
        if as_json:
            for count in counts:
                write_json({"facet": name, "value": count.value, "posts": count.posts})
        elif counts:
            shown = counts[-SHOWN:] if name == "month" else counts[:SHOWN]
            more = f"{name} ({len(shown)} of {len(counts)})" if len(shown) < len(counts) else name
            table(None, (more, "posts"), [(count.value, str(count.posts)) for count in shown])
