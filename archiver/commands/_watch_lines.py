"""The watch list within 80 columns: a line of health for each watch, and under it what people wrote of it.

Notes and handles may run from right to left. Each is a line or a cell of its own, closed off by invisible
isolates, so that it cannot turn its neighbours round.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from unicodedata import bidirectional

from rich.cells import cell_len, chop_cells, set_cell_size

from archiver.commands._shared import visible
from archiver.jobs.watch import Health

WIDTH = 80
_NAME, _LAST, _DUE, _OWED = 36, 10, 10, 6
_ISOLATE, _END = "\u2068", "\u2069"


def lines(found: Sequence[Health], now: datetime | None = None) -> Iterator[str]:
    now = now or datetime.now(UTC)
    yield f"{'watch':<{_NAME}}  {'last ok':<{_LAST}}  {'due':<{_DUE}}  {'owed':>{_OWED}}  state"
    for each in found:
        yield from _watch(each, now)


def _watch(health: Health, now: datetime) -> Iterator[str]:
    watch = health.watch
    name = visible(str(watch))
    if cell_len(name) > _NAME:
        yield from _wrapped(name, "")
        name = ""
    last = _ago(now - watch.last_ok) if watch.last_ok else "never"
    cells = (last.ljust(_LAST), _due(health, now).ljust(_DUE), str(health.owed).rjust(_OWED))
    yield f"{_alone(set_cell_size(name, _NAME))}  {'  '.join(cells)}  {_state(health)}".rstrip()
    said = " ".join(f"#{tag}" for tag in watch.tags)
    if watch.note:
        yield from _wrapped(" ".join(visible(watch.note).split()), "    ")
    if said:
        yield from _wrapped(visible(said), "    ")
    if wrong := watch.last_error or (watch.refusal and f"the platform shows nothing: {watch.refusal}"):
        text = " ".join(visible(wrong).split())
        room = WIDTH - 6
        if cell_len(text) > room:
            text = f"{chop_cells(text, room - 1)[0]}…"
        yield f"    ! {_alone(text)}"


def _state(health: Health) -> str:
    watch = health.watch
    if watch.paused:
        return "paused"
    if watch.last_error:
        return "failed"
    if watch.refusal:
        return "refused"
    return "ok" if watch.last_ok else "new"


def _due(health: Health, now: datetime) -> str:
    watch = health.watch
    if watch.paused:
        return "-"
    if watch.every is None:
        return "each run"
    at = watch.due_at
    return "now" if at is None or at <= now else f"in {_span(at - now)}"


def _ago(span: timedelta) -> str:
    return "just now" if span < timedelta(minutes=1) else f"{_span(span)} ago"


def _span(span: timedelta) -> str:
    """The largest unit is enough at a glance."""
    seconds = max(60, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600)):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds // 60}m"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """`text` in lines of its own, broken between words where that is possible."""
    room, line = WIDTH - len(indent), ""
    for word in text.split(" "):
        for part in chop_cells(word, room) or [""]:
            longer = f"{line} {part}" if line else part
            if cell_len(longer) > room:
                yield f"{indent}{_alone(line)}"
                line = part
            else:
                line = longer
    yield f"{indent}{_alone(line)}"


def _alone(text: str) -> str:
    """Text of any direction, closed off where its letters could turn what stands beside it."""
    turns = any(bidirectional(char) in ("R", "AL", "AN") for char in text)
    return f"{_ISOLATE}{text}{_END}" if turns else text
