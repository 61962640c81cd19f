"""archiver import"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    archive_option,
    json_option,
    open_config,
    progress,
    say,
    write_json,
)
from archiver.errors import Exit, Usage

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.jobs.imports import Imported

_NAMED = 10  # broken records and pairs that are named one by one


@click.command(
    epilog="Example:  archiver import tweets.jsonl zeeschuimer.ndjson twitter-2026-03-21.zip    "
    "archiver import result.json --as telegram:NAME    archiver import pashto.tmx --author 'Z. Ahmadi'"
)
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--format", metavar="NAME", help="The format, where the content does not tell; see below.")
@click.option(
    "--as", "account", metavar="ACCOUNT", help="Whose the file is, where it does not say: telegram:NAME."
)
@click.option("--dry-run", is_flag=True, help="Say what would come; store nothing.")
@click.option("--author", metavar="NAME", help="Who corrected a TMX, XLIFF or TSV; otherwise whom it names.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    format: str | None,
    account: str | None,
    dry_run: bool,
    author: str | None,
    as_json: bool,
) -> int:
    """Take in what you have already: posts collected by other programs, exports, corrections.

    The content tells the format: API v2 of X (twarc), API v1.1 (twarc1), Zeeschuimer, account archives of X
    (x_archive) and of Mastodon (mastodon), Telegram Desktop (telegram), 4CAT (fourcat), our own JSONL
    (jsonl). The bytes are kept as evidence, the posts are those that a crawl would have stored, and again
    changes nothing. Corrected TMX, XLIFF and TSV files become corrections.
    """
    from archiver.jobs.corrected import is_corrected

    config = open_config(ctx)
    verdicts = []
    for path in files:
        if format is None and is_corrected(path):
            if dry_run:
                raise Usage(f"{path.name} holds corrections, for which there is no --dry-run")
            verdicts.append(_corrections(config, path, author, as_json))
        else:
            verdicts.append(_posts(config, path, format, account, dry_run, as_json))
    return max(verdicts)


def _posts(
    config: "Config", path: Path, format: str | None, account: str | None, dry_run: bool, as_json: bool
) -> int:
    from archiver.jobs.imports import take

    with progress() as bars:
        bar = bars.add_task(path.name, total=None)
        done = take(
            config,
            path,
            format=format,
            account=account,
            dry_run=dry_run,
            on_progress=lambda at, size: bars.update(bar, completed=at, total=size),
        )
    if as_json:
        names = ("file", "format", "read", "new", "revised", "unchanged", "gone", "refused", "owed", "broken")
        write_json({**{name: getattr(done, name) for name in names}, "dry_run": dry_run})
    else:
        _tell(done, dry_run)
    return Exit.OK if done.is_whole else Exit.OWED


def _tell(done: "Imported", dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    gone = f", {done.gone} {would}marked as gone" if done.gone else ""
    print(
        f"{done.file} ({done.format}): {done.read} posts read: {done.new} {would}new, {done.revised} "
        f"{would}revised, {done.unchanged} unchanged{gone}"
    )
    for note in done.notes:
        say(note)
    for what, counts in (("left out", done.refused), ("not read", done.owed)):
        for why, count in counts.most_common():
            say(f"{what}: {count} × {why}")
    if done.broken:
        many = "1 record is" if len(done.broken) == 1 else f"{len(done.broken)} records are"
        say(f"{many} broken; the rest was taken:")
        for each in done.broken[:_NAMED]:
            say(f"  {each}")
        if len(done.broken) > _NAMED:
            say(f"  and {len(done.broken) - _NAMED} more")


def _corrections(config: "Config", path: Path, author: str | None, as_json: bool) -> int:
    from archiver.jobs.corrected import take

    taken = take(config, path, author=author)
    if as_json:
        names = ("new", "unchanged", "unknown", "refused")
        write_json({name: getattr(taken, name) for name in names})
    say(f"{taken.new} corrections kept, {taken.unchanged} pairs as they were")
    for what, named in (
        ("name no segment of this archive with that sentence", taken.unknown),
        ("cannot be kept", taken.refused),
    ):
        if named:
            more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
            say(f"{len(named)} pairs {what}: {'; '.join(named[:_NAMED])}{more}")
    if taken.unknown:
        say("what is to count for its sentences, wherever they stand, goes in by `archiver memory import`")
    return Exit.OWED if taken.unknown or taken.refused else Exit.OK
