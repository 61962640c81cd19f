"""archiver text"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from archiver.commands._shared import (
    archive_config_or_none,
    archive_option,
    json_option,
    say,
    visible,
    write_json,
)
from archiver.errors import Exit, Usage


@click.group(epilog="Example:  echo 'نن هوا ښه ده' | archiver text detect")
def command() -> None:
    """Detect and translate lines of text, outside any archive."""


BATCH = 1000  # lines looked at together; memory use does not grow with the input

files = click.argument(
    "files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path, dir_okay=False)
)


@command.command(epilog="Example:  archiver text detect --json < posts.txt")
@files
@click.option("--cld2", is_flag=True, help="Ask pycld2 about near-ties (the extra `cld2`).")
@json_option
def detect(files: tuple[Path, ...], cld2: bool, as_json: bool) -> None:
    """Tell the language of each line of the files, or of standard input."""
    from translations.detect import detect_all
    from translations.mixed import segments_all

    for batch in _batches(files):
        answers = detect_all(batch, cld2=cld2)
        if not as_json:
            for text, found in zip(batch, answers, strict=True):
                click.echo(f"{found.language}\t{found.confidence:.2f}\t{visible(text)}")
            continue
        for text, found, spans in zip(batch, answers, segments_all(batch, answers), strict=True):
            row = {
                "text": text,
                "language": found.language,
                "confidence": round(found.confidence, 4),
                "method": found.method,
            }
            if spans:
                row["segments"] = [span._asdict() for span in spans]
            write_json(row)


@command.command(epilog="Example:  archiver text translate --from ur --json < posts.txt")
@files
@click.option("--from", "source", metavar="ur", help="The language; otherwise each line's is detected.")
@click.option("--to", "target", metavar="en", default="en", show_default=True)
@click.option(
    "--packages",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where packages are installed; otherwise the archive's.",
)
@click.option(
    "--demo-packages", is_flag=True, help="Use the packages of the demonstration; they know little."
)
@click.option("--quality", type=click.Choice(["exact", "balanced", "fast"]), default="balanced")
@archive_option
@json_option
@click.pass_context
def translate(
    ctx: click.Context,
    files: tuple[Path, ...],
    source: str | None,
    target: str,
    folder: Path | None,
    demo_packages: bool,
    quality: str,
    as_json: bool,
) -> int:
    """Translate each line of the files, or of standard input, offline."""
    from archiver.jobs.texts import translate_lines

    settings = archive_config_or_none(ctx)
    folder = folder or (settings.packages_dir if settings else None)
    if folder is None and not demo_packages:
        raise Usage(
            "no packages: run this in an archive, or name a folder with --packages (or try --demo-packages)"
        )
    owed = refused = False
    for batch in _batches(files):
        for line in translate_lines(
            batch, source=source, target=target, folder=folder, demo=demo_packages, quality=quality
        ):
            owed, refused = owed or line.error is not None, refused or line.refused
            if as_json:
                write_json(line.as_json())
            elif line.error:
                click.echo("")
                say(line.error)
            else:
                click.echo(visible(line.translation or ""))
    return Exit.ERROR if refused else Exit.OWED if owed else Exit.OK


def _batches(files: tuple[Path, ...]) -> Iterator[list[str]]:
    lines = _lines(files)
    while batch := list(islice(lines, BATCH)):
        yield batch


def _lines(files: tuple[Path, ...]) -> Iterator[str]:
    """Lines without their end. Bytes that are no UTF-8 come as lone surrogates: none is lost."""
    for path in files or (Path("-"),):
        with click.open_file(str(path), encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                yield line.rstrip("\r\n")
