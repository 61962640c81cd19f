"""archiver language"""

from typing import TYPE_CHECKING

import click

from archiver.commands._shared import archive_option, day, json_option, open_config, say, table, write_json

if TYPE_CHECKING:
    from archiver.store.languages import Rule

of_account = click.option(
    "--account", is_flag=True, help="NAME is an account (PLATFORM:HANDLE): all its posts, later ones too."
)


@click.group(epilog="Example:  archiver language set telegram:NAME/123 ps")
def command() -> None:
    """Say which language posts are in; a person's word outranks the text and the platform."""


@command.command("set", epilog="Example:  archiver language set --account telegram:NAME prs")
@click.argument("named", metavar="NAME")
@click.argument("language", metavar="LANGUAGE")
@of_account
@archive_option
@click.pass_context
def set_(ctx: click.Context, named: str, language: str, account: bool) -> None:
    """Say the language of a post (PLATFORM:NATIVE_ID or its address), or of a whole account."""
    from archiver.jobs import language as job

    changed = job.set_language(open_config(ctx), named, language, account=account)
    say(f"{named} is in {language}: {changed} texts changed")


@command.command(epilog="Example:  archiver language unset telegram:NAME/123")
@click.argument("named", metavar="NAME")
@of_account
@archive_option
@click.pass_context
def unset(ctx: click.Context, named: str, account: bool) -> None:
    """Take a word back; the texts decide again."""
    from archiver.jobs import language as job

    asked = job.unset_language(open_config(ctx), named, account=account)
    say(f"nothing is said of {named} any more: {asked} texts detected")


@command.command(epilog="Example:  archiver language show telegram:NAME/123")
@click.argument("post", metavar="POST")
@archive_option
@json_option
@click.pass_context
def show(ctx: click.Context, post: str, as_json: bool) -> None:
    """Show what was answered for a post, by what, and what the platform says."""
    from archiver.jobs import language as job

    found = job.shown(open_config(ctx), post)
    rows = [
        {
            "post": found.post,
            "revision": revision.seq,
            "language": detection.language,
            "confidence": detection.confidence,
            "method": detection.method,
            "at": detection.at,
            "current": detection.current,
            "parts": detection.parts,
            "platform_says": revision.languages,
        }
        for revision in found.revisions
        for detection in revision.detections
    ]
    if as_json:
        for row in rows:
            write_json(row)
    elif not rows:
        say("no language yet: archiver translate")
    else:
        columns = ("revision", "language", "confidence", "by", "when", "platform says")
        cells = [
            (
                str(row["revision"]),
                f"{row['language']}{'' if row['current'] else ' (superseded)'}",
                f"{row['confidence']:.2f}",
                str(row["method"]),
                day(row["at"]),
                ", ".join(row["platform_says"] or ()),
            )
            for row in rows
        ]
        table(None, columns, cells)


@command.command("list", epilog="Example:  archiver language list --json")
@archive_option
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Show all that persons said of posts and accounts."""
    from archiver.jobs import language as job

    found = job.listed(open_config(ctx))
    if as_json:
        for rule in found:
            write_json(_row(rule))
    elif not found:
        say("nobody has said anything: archiver language set POST LANGUAGE")
    else:
        table(None, ("of", "language", "since"), ((_about(r), r.language, day(r.at)) for r in found))


@command.command(epilog="Example:  archiver language redetect")
@archive_option
@click.pass_context
def redetect(ctx: click.Context) -> None:
    """Ask texts again that older language profiles answered. A person's word stays; old answers are kept."""
    from archiver.jobs import language as job

    say(f"{job.redetect(open_config(ctx))} texts detected again")


def _row(rule: "Rule") -> dict[str, object]:
    return {"post": rule.post, "account": rule.account, "language": rule.language, "at": rule.at}


def _about(rule: "Rule") -> str:
    return rule.post or f"{rule.account} (all posts)"
