"""archiver verify"""

from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    archive_option,
    json_option,
    open_config,
    progress,
    visible,
    write_json,
)

if TYPE_CHECKING:
    from archiver.jobs.verify import Result


@click.command(epilog="Example:  archiver verify && archiver stamp")
@click.option("--quick", is_flag=True, help="The ledger and the files' lengths; not every byte and text.")
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, quick: bool, as_json: bool) -> int:
    """Check that everything stored still adds up, down to single bytes; names what does not.

    The exit code is 1 when something was altered or lost, and 10 when the counts of posts and translations do
    not balance.
    """
    from archiver.jobs.verify import verdict, verify

    results = []
    with progress() as bars:
        bar = bars.add_task("verifying", total=None)
        config = open_config(ctx)
        for result in verify(
            config,
            quick=quick,
            on_progress=lambda name, done: bars.update(bar, description=name, completed=done),
        ):
            results.append(result)
            if as_json:
                write_json(_row(result))
            else:
                _draw(result)
    wrong = sum(result.wrong for result in results)
    if not as_json and wrong:
        first = next(result.findings[0] for result in results if result.findings)
        print(visible(f"first: {first.where}: {first.what}"))
        print(f"{wrong - 1} more do not add up" if wrong > 1 else "everything else adds up")
    elif not as_json:
        print("everything adds up" + (", as far as --quick looks" if quick else ""))
    return verdict(results)


def _draw(result: "Result") -> None:
    print(f"{'WRONG  ' if result.wrong else 'ok     '}  {result.check}: {result.checked} {result.unit}")
    for finding in result.findings:
        print(visible(f"         {finding.where}: {finding.what}"))
    if result.wrong > len(result.findings):
        print(f"         and {result.wrong - len(result.findings)} more")
    for note in result.notes:
        print(visible(f"         note: {note}"))


def _row(result: "Result") -> dict[str, object]:
    return {
        "check": result.check,
        "checked": result.checked,
        "unit": result.unit,
        "wrong": result.wrong,
        "findings": [{"where": f.where, "what": f.what} for f in result.findings],
        "notes": result.notes,
    }
