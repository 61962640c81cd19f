"""archiver watch"""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.commands._shared import (
    Interval,
    Moment,
    archive_option,
    day,
    json_option,
    open_config,
    say,
    visible,
    write_json,
)
from archiver.errors import Exit

if TYPE_CHECKING:
    from archiver.store.watches import Change, Media, Watch

_media = click.Choice(("none", "images", "all"))


@click.group(epilog="Example:  archiver watch add https://t.me/s/NAME @name@mastodon.social --tag kabul")
def command() -> None:
    """Say which accounts the archive follows, how often, and whether their media are wanted."""


@command.command(
    epilog="Example:  archiver watch add https://t.me/s/NAME https://bsky.app/profile/NAME --since 2026-01-01"
)
@click.argument("accounts", metavar="URL|PLATFORM:HANDLE...", nargs=-1, required=True)
@click.option("--note", help="Why this account is watched.")
@click.option("--tag", "tags", multiple=True, help="May be given again.")
@click.option("--since", type=Moment(), help="Go back to this day; otherwise as far as the platform goes.")
@click.option(
    "--revisit", type=Interval(or_none=True), help="Look at posts of so long ago again: 30d, 36h; 0: none."
)
@click.option("--every", type=Interval(), help="How often `run --due` visits it: 30m, 6h, 1d.")
@click.option("--media", type=_media, help="Which of its media to download.")
@archive_option
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    accounts: tuple[str, ...],
    note: str | None,
    tags: tuple[str, ...],
    since: datetime | None,
    revisit: int | None,
    every: int | None,
    media: "Media | None",
    as_json: bool,
) -> None:
    """Watch accounts: paste the addresses of their profiles."""
    from archiver.jobs import watch as job

    wishes = [
        job.Wish(named=a, since=since, note=note, tags=tags, revisit=revisit, every=every, media=media)
        for a in accounts
    ]
    _told(job.add(open_config(ctx), wishes), as_json)


@command.command("set", epilog="Example:  archiver watch set telegram:NAME --every 30m --media images")
@click.argument("accounts", metavar="WATCH...", nargs=-1, required=True)
@click.option("--note", help='Why this account is watched; "" for no note.')
@click.option("--tag", "tags", multiple=True, help="Put a tag on. May be given again.")
@click.option("--untag", multiple=True, help="Take a tag off. May be given again.")
@click.option("--since", help='Go back to this day; "beginning": as far as the platform goes.')
@click.option("--every", help='How often `run --due` visits it: 30m, 6h, 1d; "always": whenever it runs.')
@click.option(
    "--revisit", help='Look at posts of so long ago again: 30d; 0: none; "default": as archiver.toml.'
)
@click.option("--media", help='none, images or all; "default": as archiver.toml says.')
@archive_option
@click.pass_context
def set_(
    ctx: click.Context,
    accounts: tuple[str, ...],
    note: str | None,
    tags: tuple[str, ...],
    untag: tuple[str, ...],
    since: str | None,
    every: str | None,
    revisit: str | None,
    media: str | None,
) -> None:
    """Change what was decided about watches; `watch history` keeps what was before."""
    from archiver.jobs import watch as job

    values: dict[str, Any] = {}
    if note is not None:
        values["note"] = note or None
    if since is not None:
        values["since"] = None if since == "beginning" else Moment().convert(since, None, ctx)
    if every is not None:
        values["every"] = None if every == "always" else Interval().convert(every, None, ctx)
    if revisit is not None:
        chosen = None if revisit == "default" else Interval(or_none=True).convert(revisit, None, ctx)
        values["revisit"] = chosen
    if media is not None:
        values["media"] = None if media == "default" else _media.convert(media, None, ctx)
    if not (values or tags or untag):
        ways = "--note, --tag, --untag, --since, --every, --revisit or --media"
        raise click.UsageError(f"say what to change: {ways}", ctx)
    for watch in job.decide(open_config(ctx), accounts, values, tag=tags, untag=untag):
        print(f"{watch}  is changed")


@command.command("import", epilog="Example:  archiver watch import accounts.csv")
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@archive_option
@json_option
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> int:
    """Watch the accounts of a CSV file: watch, since, every, revisit, media, paused, tags, note.

    A line that cannot be read is named by its number and the others are taken; the exit code is then 10.
    """
    from archiver.jobs import watch as job
    from archiver.jobs import watch_files

    config = open_config(ctx)
    wishes, broken = watch_files.read(file)
    _told(job.add(config, wishes), as_json)
    for line in broken:
        say(f"{file}, line {line.line}: {line.why}")
    return Exit.OWED if broken else Exit.OK


@command.command(epilog="Example:  archiver watch export accounts.csv")
@click.argument("file", metavar="[FILE.csv]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--tag", help="Only watches with this tag.")
@archive_option
@click.pass_context
def export(ctx: click.Context, file: Path | None, tag: str | None) -> None:
    """Write the watch list as CSV, as `watch import` reads it; without FILE to stdout."""
    from archiver.jobs import watch as job
    from archiver.jobs import watch_files

    found = job.listed(open_config(ctx), tag=tag)
    text = watch_files.written(found)
    if file is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
    else:
        file.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))  # with the mark that spreadsheets look for
        say(f"{len(found)} watches in {file}")


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
    """Show the watch list: when each was last well, what it owes, when it is due, what is wrong."""
    from archiver.commands._watch_lines import lines
    from archiver.jobs import watch as job

    found = job.health(open_config(ctx), tag=tag)
    if as_json:
        for each in found:
            write_json({**_row(each.watch), "owed": each.owed})
    elif not found:
        say("nothing is watched yet: archiver watch add URL")
    else:
        for line in lines(found):
            print(line)


@command.command(epilog="Example:  archiver watch history telegram:NAME")
@click.argument("account", metavar="WATCH")
@archive_option
@json_option
@click.pass_context
def history(ctx: click.Context, account: str, as_json: bool) -> None:
    """Show what was decided about a watch and when, also of one that was removed."""
    from archiver.jobs import watch as job

    for change in job.history(open_config(ctx), account):
        if as_json:
            write_json(
                {
                    "watch": change.watch,
                    "at": change.at,
                    "what": change.what,
                    "before": change.before,
                    "after": change.after,
                }
            )
        else:
            print(visible(f"{day(change.at)}  {_decision(change)}"))


def _decision(change: "Change") -> str:
    match change.what, change.after:
        case "added", after:
            facts = ", ".join(f"{name} {_value(name, value)}" for name, value in (after or {}).items())
            return f"added{': ' if facts else ''}{facts}"
        case "removed", _:
            return "removed; its posts stay"
        case "paused", paused:
            return "paused" if paused else "resumed"
    before, after = (_value(change.what, value) for value in (change.before, change.after))
    return f"{change.what}: {before} -> {after}"


def _value(name: str, value: object) -> str:
    from archiver.spans import written

    match value:
        case None | [] | "":
            told = "as archiver.toml says"
            unsaid = {"since": "the beginning", "every": "always", "media": told, "revisit": told}
            return unsaid.get(name, "none")
        case int() if name in ("every", "revisit"):
            return written(value)
        case list():
            return ", ".join(map(str, value))
    return str(value)


def _row(watch: "Watch") -> dict[str, object]:
    return {
        "watch": f"{watch.platform}:{watch.handle}",
        "platform": watch.platform,
        "account": watch.handle,
        "since": watch.since,
        "tags": watch.tags,
        "note": watch.note,
        "revisit": watch.revisit,
        "every": watch.every,
        "media": watch.media,
        "paused": watch.paused,
        "added_at": watch.added_at,
        "due_at": watch.due_at,
        "visited_at": watch.visited_at,
        "last_ok": watch.last_ok,
        "last_error": watch.last_error,
        "refusal": watch.refusal,
    }


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
