"""archiver watch"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    Moment,
    Span,
    archive_option,
    day,
    json_option,
    open_config,
    say,
    table,
    write_json,
)

if TYPE_CHECKING:
    from archiver.store.watches import Watch


@click.group(epilog="Example:  archiver watch add https://t.me/s/NAME @name@mastodon.social --tag kabul")
def command() -> None:
    """Say which accounts the archive follows."""


@command.command(
    epilog="Example:  archiver watch add https://t.me/s/NAME https://bsky.app/profile/NAME --since 2026-01-01"
)
@click.argument("accounts", metavar="URL|PLATFORM:HANDLE...", nargs=-1, required=True)
@click.option("--note", help="Why this account is watched.")
@click.option("--tag", "tags", multiple=True, help="May be given again.")
@click.option("--since", type=Moment(), help="Go back to this day; otherwise as far as the platform goes.")
@click.option(
    "--revisit", metavar="SPAN", type=Span(), help="Look at posts of so long ago again (30d, 36h; 0: none)."
)
@archive_option
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    accounts: tuple[str, ...],
    note: str | None,
    tags: tuple[str, ...],
    since: datetime | None,
    revisit: str | None,
    as_json: bool,
) -> None:
    """Watch accounts: paste the addresses of their profiles."""
    from archiver.jobs import watch as job

    wishes = [job.Wish(named=a, since=since, note=note, tags=tags, revisit=revisit) for a in accounts]
    _told(job.add(open_config(ctx), wishes), as_json)


@command.command("import", epilog="Example:  archiver watch import accounts.csv")
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@archive_option
@json_option
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Watch the accounts of a CSV file with the columns watch, since, note, tags."""
    from archiver.jobs import watch as job

    _told(job.add(open_config(ctx), job.read_csv(file)), as_json)


def _told(added: "list[tuple[Watch, bool]]", as_json: bool) -> None:
    for watch, new in added:
        if as_json:
            write_json({**_row(watch), "new": new})
        else:
            print(f"{watch.platform}:{watch.handle}{'' if new else '  (was watched already)'}")


@command.command("list", epilog="Example:  archiver watch list --tag kabul --json")
@click.option("--tag", help="Only watches with this tag.")
@archive_option
@json_option
@click.pass_context
def list_(ctx: click.Context, tag: str | None, as_json: bool) -> None:
    """Show the watch list."""
    from archiver.jobs import watch as job

    found = job.listed(open_config(ctx), tag=tag)
    if as_json:
        for watch in found:
            write_json(_row(watch))
    elif not found:
        say("nothing is watched yet: archiver watch add URL")
    else:
        columns = ("watch", "since", "tags", "note", "state", "last crawled")
        table(None, columns, (_cells(w) for w in found))


def _row(watch: "Watch") -> dict[str, object]:
    return {
        "watch": f"{watch.platform}:{watch.handle}",
        "platform": watch.platform,
        "account": watch.handle,
        "since": watch.since,
        "tags": watch.tags,
        "note": watch.note,
        "revisit": watch.revisit,
        "paused": watch.paused,
        "added_at": watch.added_at,
        "last_ok": watch.last_ok,
        "last_error": watch.last_error,
    }


def _cells(watch: "Watch") -> tuple[str, ...]:
    state = "paused" if watch.paused else (watch.last_error or "watched")
    since = f"{watch.since:%Y-%m-%d}" if watch.since else "the beginning"
    last = day(watch.last_ok) if watch.last_ok else "never"
    return (f"{watch.platform}:{watch.handle}", since, ", ".join(watch.tags), watch.note or "", state, last)


def _verb(verb: str, told: str, help: str) -> None:
    @command.command(verb, help=help, epilog=f"Example:  archiver watch {verb} telegram:NAME")
    @click.argument("accounts", metavar="URL|PLATFORM:HANDLE...", nargs=-1, required=True)
    @archive_option
    @click.pass_context
    def run(ctx: click.Context, accounts: tuple[str, ...]) -> None:
        from archiver.jobs import watch as job

        for watch in job.change(open_config(ctx), accounts, verb):
            print(f"{watch.platform}:{watch.handle}  {told}")


_verb("pause", "is paused", "Leave accounts out of crawls for now.")
_verb("resume", "is watched again", "Take paused accounts back into crawls.")
_verb("remove", "is no longer watched; its posts stay", "Stop watching accounts. Their posts stay.")
