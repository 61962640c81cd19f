"""What every command does alike: find the archive, print results, show hostile text safely."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver import config
from archiver.errors import BadConfig, NoArchive

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def _note_archive(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        ctx.ensure_object(dict)["archive"] = value


archive_option = click.option(
    "--archive", metavar="DIR", expose_value=False, callback=_note_archive, help="The archive to use."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")


def open_config(ctx: click.Context) -> config.Config:
    """The settings of the archive that this call is about. Raises NoArchive, BadConfig."""
    import spiders

    named = (ctx.obj or {}).get("archive")
    settings = config.load(config.find(Path(named) if named else None))
    for name in settings.platforms:
        if name not in spiders.names():
            known = ", ".join(spiders.names())
            raise BadConfig(f"{settings.folder / config.FILE}: [platforms.{name}]: there are {known}")
    return settings


def archive_config_or_none(ctx: click.Context) -> config.Config | None:
    """For commands that also work outside an archive."""
    try:
        return open_config(ctx)
    except NoArchive:
        if (ctx.obj or {}).get("archive"):
            raise
        return None


class Moment(click.ParamType[datetime, datetime]):
    """A day or time in ISO 8601; without a zone it is UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is no date; write 2026-11-22 or 2026-11-22T08:00+04:30", param, ctx)
        return read if read.tzinfo else read.replace(tzinfo=UTC)


class Interval(click.ParamType[int, int]):
    """A span of time, as seconds; `or_none` takes 0 as well."""

    name = "30m"

    def __init__(self, *, or_none: bool = False) -> None:
        self.or_none = or_none

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from archiver.spans import seconds

        if isinstance(value, int):
            return value
        try:
            return seconds(str(value), or_none=self.or_none)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Shard(click.ParamType[tuple[int, int], tuple[int, int]]):
    """i/n: the i-th of n parts, counted from 1."""

    name = "i/n"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        part, slash, parts = str(value).partition("/")
        if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
            self.fail(f"'{value}' is no shard; write 1/4 for the first of four", param, ctx)
        return int(part), int(parts)


def until_end_of(moment: datetime | None, written: str | None) -> datetime | None:
    """A bare day as the end of a span means the whole day."""
    if moment is None or written is None or len(written) > len("2026-11-22"):
        return moment
    return moment.replace(hour=23, minute=59, second=59, microsecond=999999)


def write_json(row: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout, as UTF-8 whatever the terminal says."""
    line = json.dumps(row, ensure_ascii=False, default=_plain)
    try:
        raw = line.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it in ASCII, UTF-8 cannot
        raw = json.dumps(row, ensure_ascii=True, default=_plain).encode("ascii")
    sys.stdout.buffer.write(raw + b"\n")
    sys.stdout.buffer.flush()


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | Path():
            return str(value)
        case tuple() | frozenset() | set():
            return list(value)
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def visible(text: str) -> str:
    """`text` fit for a terminal: control and bidirectional override characters are shown as ⟪202E⟫.

    A post can carry terminal escapes or right-to-left overrides; neither may act on the reader's screen.
    Line breaks and tabs stay, and so do the joiners that Persian and emoji need.
    """
    return "".join(_shown(c) for c in text)


_KEPT = frozenset("\n\t\u200c\u200d")


def _shown(char: str) -> str:
    if char in _KEPT or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return char
    return f"⟪{ord(char):04X}⟫"


def table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[str]], *, wide: bool = False
) -> None:
    """Print rows as a table on stdout; every cell is made visible first."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, box=box.SIMPLE_HEAD, show_lines=wide, title_justify="left")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(visible(cell)) for cell in row))
    console(sys.stdout).print(drawn)


def console(stream: Any) -> "Console":
    from rich.console import Console

    width = None if stream.isatty() else 140
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False)


def progress() -> "Progress":
    """Progress bars on stderr, only on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console(sys.stderr), transient=True, disable=not sys.stderr.isatty())


def say(line: str) -> None:
    """A line for the person at the terminal: to stderr, so that stdout stays data."""
    print(visible(line), file=sys.stderr)


def day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else "unknown"


__all__ = [
    "Interval",
    "Moment",
    "Shard",
    "archive_config_or_none",
    "archive_option",
    "console",
    "day",
    "json_option",
    "open_config",
    "progress",
    "say",
    "table",
    "until_end_of",
    "visible",
    "write_json",
]
