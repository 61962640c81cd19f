"""A trend as a picture: SVG that takes the colour of the text around it, with its numbers in a table.

There is no PNG: browsers and Inkscape make one of an SVG, and no light library of Python does it well.
"""

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from archiver.store.counts import By, Period

WIDTH, HEIGHT = 960, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 40, 48
_LABELS = 12  # of the time axis, at most


def svg(periods: Sequence[Period], *, query: str, by: By) -> str:
    """A bar for every period. The numbers are in the bars' titles and, as a table, in the description."""
    top = _round_up(max((period.posts for period in periods), default=0))
    title = f"Posts a {by} that match {query or 'anything'}"
    rows = "\n".join(f"{period.start}\t{period.posts}\t{period.archived}" for period in periods)
    inner = "\n".join((*_scale(top), *_bars(periods, top), *_times(periods, by)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'fill="currentColor" font-family="sans-serif" font-size="12" aria-labelledby="title numbers">\n'
        f'<title id="title">{_plain(title)}</title>\n'
        f'<desc id="numbers">{by} from\tposts that match\tposts archived\n{rows}</desc>\n'
        f'<text x="{_LEFT}" y="20" font-size="14" unicode-bidi="plaintext">{_plain(title)}</text>\n'
        f"{inner}\n</svg>\n"
    )


def _bars(periods: Sequence[Period], top: int) -> Iterator[str]:
    step = _step(periods)
    for index, period in enumerate(periods):
        height = period.posts / top * (HEIGHT - _TOP - _BOTTOM)
        yield (
            f'<rect x="{_LEFT + index * step:.2f}" y="{HEIGHT - _BOTTOM - height:.2f}" '
            f'width="{max(step * 0.8, 0.5):.2f}" height="{height:.2f}">'
            f"<title>{period.start}: {period.posts} of {period.archived}</title></rect>"
        )


def _scale(top: int) -> Iterator[str]:
    """Lines across, each with its number."""
    for quarter in range(5):
        value = top * quarter / 4
        y = HEIGHT - _BOTTOM - quarter / 4 * (HEIGHT - _TOP - _BOTTOM)
        yield (
            f'<line x1="{_LEFT}" y1="{y:.2f}" x2="{WIDTH - _RIGHT}" y2="{y:.2f}" '
            'stroke="currentColor" stroke-opacity="0.25"/>'
        )
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.2f}" text-anchor="end">{value:,g}</text>'


def _times(periods: Sequence[Period], by: By) -> Iterator[str]:
    step, every = _step(periods), max(1, ceil(len(periods) / _LABELS))
    for index in range(0, len(periods), every):
        start = periods[index].start
        label = f"{start:%Y-%m}" if by == "month" else f"{start}"
        yield f'<text x="{_LEFT + index * step:.2f}" y="{HEIGHT - _BOTTOM + 18}">{label}</text>'


def _step(periods: Sequence[Period]) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(len(periods), 1)


def _round_up(largest: int) -> int:
    """The next of 4, 8, 20, 40, 80, 200 ...: quarters of it are whole numbers."""
    unit = int(10 ** max(0, floor(log10(max(largest, 1))) - 1))
    return next(n * unit for n in (4, 8, 12, 20, 40, 60, 80, 100) if n * unit >= largest)


def _plain(text: str) -> str:
    """Text that XML takes: no controls, no lone surrogates."""
    return escape("".join(c if c.isprintable() or c == "\u200c" else "\ufffd" for c in text))
