"""archiver status"""

from typing import TYPE_CHECKING

import click

from archiver.commands._shared import archive_option, day, json_option, open_config, say, table, write_json
from archiver.errors import Exit

if TYPE_CHECKING:
    from archiver.store.totals import Totals, WatchTotals


@click.command(epilog="Example:  archiver status --json")
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> int:
    """Show what is there and what is owed, a line a watch; the exit code is 10 when something is owed."""
    from archiver.jobs.status import status

    found = status(open_config(ctx))
    if as_json:
        for watch in found.watches:
            write_json(_row(watch))
    else:
        _draw(found)
    return Exit.OK if found.adds_up else Exit.OWED


def _row(watch: "WatchTotals") -> dict[str, object]:
    return {
        "watch": watch.watch,
        "platform": watch.platform,
        "account": watch.account,
        "served": watch.served,
        "stored": watch.stored,
        "revised": watch.revised,
        "gone": watch.gone,
        "owed": watch.owed,
        "oldest": watch.oldest,
        "newest": watch.newest,
        "last_ok": watch.last_ok,
        "last_error": watch.last_error,
        "untranslated": watch.untranslated,
        "refusal": watch.refusal,
        "paused": watch.paused,
        "media_files": watch.media_files,
        "media_missing": watch.media_missing,
    }


def _draw(found: "Totals") -> None:
    if found.watches:
        columns = ("watch", "served", "stored", "revised", "gone", "owed", "oldest", "newest", "last crawl")
        table("Watches", columns, (_cells(watch) for watch in found.watches))
    else:
        say("nothing is watched yet: archiver watch add URL")
    for watch in found.watches:
        if watch.last_error:
            say(f"{watch.watch}: {watch.last_error}")
        if watch.refusal:
            say(f"{watch.watch}: the platform shows nothing: {watch.refusal}")
    if found.languages:
        rows = (
            (row.language or "not detected yet", str(row.texts), str(row.translated), str(row.owed))
            for row in found.languages
        )
        table("Texts", ("language", "texts", "translated", "owed"), rows)
    if found.owed:
        owed = (
            (str(row.texts), row.language or "unknown", row.reason, row.remedy or "") for row in found.owed
        )
        table("Translations owed", ("texts", "language", "why", "what would help"), owed)
    print(f"{found.posts} posts, {found.captures} captures{_media(found)}")
    for why, count in found.media.reasons:
        say(f"media: {count} not on disk: {why}")


def _media(found: "Totals") -> str:
    """Files and descriptions, where there are some."""
    from archiver.commands.media import size

    told, media = "", found.media
    if media.files:
        files = "1 file" if media.files == 1 else f"{media.files} files"
        told += f", {files} of media ({size(media.bytes)})"
    if texts := sum(each.texts for each in found.descriptions):
        translated = sum(each.translated for each in found.descriptions)
        told += f", {texts} descriptions of pictures ({translated} translated)"
    return told


def _cells(watch: "WatchTotals") -> tuple[str, ...]:
    last = day(watch.last_ok) if watch.last_ok else "never"
    return (
        watch.watch,
        str(watch.served),
        str(watch.stored),
        str(watch.revised),
        str(watch.gone),
        str(watch.owed),
        day(watch.oldest) if watch.oldest else "",
        day(watch.newest) if watch.newest else "",
        f"{last} (paused)" if watch.paused else last,
    )
