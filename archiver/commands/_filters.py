"""The filters that `search`, `export` and all that counts share; of them, those that `show` takes."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from archiver.commands._shared import Moment, until_end_of

if TYPE_CHECKING:
    from archiver.store.doubts import Doubts
    from archiver.store.filters import Filters


class LastMoment(Moment):
    """A bare day means the whole day."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        read = super().convert(value, param, ctx)
        return read if isinstance(value, datetime) else until_end_of(read, str(value)) or read


class Languages(click.ParamType[tuple[str, ...], tuple[str, ...]]):
    """Tags with commas between them."""

    name = "languages"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        tags = tuple(tag.strip() for tag in str(value).split(",") if tag.strip())
        return tags or self.fail("name a language, such as ps, or several: ps,ur", param, ctx)


class Flag(click.ParamType[str, str]):
    """A flag of translations, or `any`."""

    name = "flag"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from archiver.store.doubts import problem

        if said := problem(str(value)):
            self.fail(said, param, ctx)
        return str(value).lower()


_DOUBTS = ("flags", "no_flags", "corrected", "min_score", "min_confidence")
_DOUBT_OPTIONS = (
    click.option(
        "--flag",
        "flags",
        type=Flag(),
        multiple=True,
        metavar="NAME",
        help="Only what has this flag, such as repetition; any: what has one. Repeatable: all of them.",
    ),
    click.option(
        "--no-flag",
        "--without-flag",
        "no_flags",
        type=Flag(),
        multiple=True,
        metavar="NAME",
        help="Only what has not; any: what has none. Repeatable.",
    ),
    click.option(
        "--corrected/--not-corrected",
        "--only-corrected",
        "corrected",
        default=None,
        help="Only what a person corrected, or what nobody did.",
    ),
    click.option(
        "--min-score", type=float, metavar="-0.5", help="The engine's score, of the least sure segment."
    ),
    click.option(
        "--min-confidence", type=click.FloatRange(0, 1), metavar="0.8", help="How sure the language is."
    ),
)
_NAMES = ("side", "languages", "platform", "account", "since", "until", *_DOUBTS)
_OPTIONS = (
    click.option(
        "--side",
        type=click.Choice(["both", "original", "translation"]),
        default="both",
        show_default=True,
        help="Where the words are looked for.",
    ),
    click.option(
        "--lang", "languages", type=Languages(), metavar="ps,ur", help="Only posts in these languages."
    ),
    click.option("--platform", metavar="NAME", help="Only posts of one platform."),
    click.option("--account", metavar="PLATFORM:HANDLE", help="Only posts of one account."),
    click.option("--since", type=Moment(), help="Only posts of this day or later."),
    click.option("--until", type=LastMoment(), help="Only posts of this day or earlier."),
    *_DOUBT_OPTIONS,
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as `filters`, a function of the query."""

    @wraps(command)
    def run(**given: Any) -> Any:
        chosen = {name: given.pop(name) for name in _NAMES}
        chosen["languages"] = chosen["languages"] or ()

        def filters(query: str) -> "Filters":
            from archiver.store.filters import Filters

            return Filters(query=query, **chosen)

        return command(filters=filters, **given)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def doubt_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add those about the translation alone; the command gets them as `doubts`, a function."""

    @wraps(command)
    def run(**given: Any) -> Any:
        chosen = {name: given.pop(name) for name in _DOUBTS}

        def doubts() -> "Doubts":
            from archiver.store.doubts import Doubts

            return Doubts(**chosen)

        return command(doubts=doubts, **given)

    for option in reversed(_DOUBT_OPTIONS):
        run = option(run)
    return run
