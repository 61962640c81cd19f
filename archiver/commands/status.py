"""archiver status"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import archive_option, day, json_option, open_config, say, table, write_json
from archiver.errors import Exit

if TYPE_CHECKING:
    from archiver.jobs.status import Coverage, Status
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
        for watch in found.totals.watches:
            write_json(_row(watch, found.coverage[watch.watch]))
    else:
        _draw(found)
    return Exit.OK if found.totals.adds_up else Exit.OWED


def _row(watch: "WatchTotals", covered: "Coverage") -> dict[str, object]:
    numbers = covered.numbers
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
        "missing": watch.missing,
        "back_fill": {
            "complete": covered.complete,
            "down_to": covered.down_to,
            "since": covered.since,
            "reach": covered.reach,
        },
        "revisited": covered.revisited,
        "moved_to": covered.moved_to,
        "ids": None
        if numbers is None
        else {
            "first": numbers.first,
            "newest": numbers.newest,
            "album": numbers.album,
            "service": numbers.service,
            "deleted": numbers.deleted,
            "not_fetched": numbers.not_fetched,
        },
        "media_files": watch.media_files,
        "media_missing": watch.media_missing,
    }


def _draw(status: "Status") -> None:
    found = status.totals
    if found.watches:
        columns = ("watch", "served", "stored", "revised", "gone", "owed", "newest", "back to", "last crawl")
        table("Watches", columns, (_cells(watch, status.coverage[watch.watch]) for watch in found.watches))
    else:
        say("nothing is watched yet: archiver watch add URL")
    for watch in found.watches:
        for line in _said(watch, status.coverage[watch.watch]):
            say(f"{watch.watch}: {line}")
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


def _said(watch: "WatchTotals", covered: "Coverage") -> Iterator[str]:
    if watch.last_error:
        yield watch.last_error
    if watch.refusal:
        yield f"the platform shows nothing: {watch.refusal}"
    if covered.moved_to:
        yield f"has moved: archiver watch add {covered.moved_to}"
    if covered.reach:
        yield f"the platform lists only the newest {covered.reach} posts, and the account has more"
    if watch.missing:
        posts = "1 post was" if watch.missing == 1 else f"{watch.missing} posts were"
        yield f"{posts} not there when last asked for; gone if so on another day"
    if numbers := covered.numbers:
        told = {
            "of albums": numbers.album,
            "service messages": numbers.service,
            "deleted or never shown": numbers.deleted,
            "not fetched yet": numbers.not_fetched,
        }
        if any(told.values()):
            counted = ", ".join(f"{count} {what}" for what, count in told.items() if count)
            yield f"ids {numbers.first} to {numbers.newest}: {counted}"


def _cells(watch: "WatchTotals", covered: "Coverage") -> tuple[str, ...]:
    last = day(watch.last_ok) if watch.last_ok else "never"
    down = day(covered.down_to or watch.oldest) if watch.oldest else ""
    return (
        watch.watch,
        str(watch.served),
        str(watch.stored),
        str(watch.revised),
        str(watch.gone),
        str(watch.owed),
        day(watch.newest) if watch.newest else "",
        down if covered.complete or not down else f"{down}, going on",
        f"{last} (paused)" if watch.paused else last,
    )
