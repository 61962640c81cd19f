"""The choices among pairs that `export` takes."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from archiver.exports._choices import Choices


class Shares(click.ParamType[tuple[int, ...], tuple[int, ...]]):
    """80/10/10: shares of train, validation and test; or 90/10, of train and test."""

    name = "shares"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        written = str(value).split("/")
        if len(written) not in (2, 3) or not all(w.isdecimal() and 0 < int(w) <= 10**6 for w in written):
            self.fail(f"'{value}' is no split; write 80/10/10 or 90/10", param, ctx)
        return tuple(map(int, written))


_OPTIONS = (
    click.option("--by", type=click.Choice(["segment", "post"]), help="What a pair is; a segment otherwise."),
    click.option("--dedup", type=click.Choice(["exact", "folded"]), help="Leave out pairs that repeat."),
    click.option("--min-length", type=click.IntRange(0), default=0, help="Characters, of both texts."),
    click.option("--max-length", type=click.IntRange(1), help="Characters, of both texts."),
    click.option("--max-ratio", type=click.FloatRange(1), help="The longer text over the shorter one."),
    click.option(
        "--min-account-posts", type=click.IntRange(0), default=0, help="Leave out accounts with fewer posts."
    ),
    click.option(
        "--split", type=Shares(), default=(), metavar="80/10/10", help="Into train, validation, test."
    ),
    click.option("--seed", default="0", show_default=True, help="Another seed, another split."),
    click.option(
        "--pseudonymise", is_flag=True, help="Keyed hashes for accounts, mentions and links; no native ids."
    ),
)
_NAMES = (
    "by",
    "dedup",
    "min_length",
    "max_length",
    "max_ratio",
    "min_account_posts",
    "split",
    "seed",
    "pseudonymise",
)


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as `choices`, a function that makes them one."""

    @wraps(command)
    def run(**given: Any) -> Any:
        chosen = {name: given.pop(name) for name in _NAMES}

        def choices() -> "Choices":
            from archiver.exports._choices import Choices

            return Choices(**chosen)

        return command(choices=choices, **given)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run
