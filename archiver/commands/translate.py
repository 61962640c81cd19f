"""archiver translate"""

from typing import TYPE_CHECKING

import click

from archiver.commands._shared import (
    Shard,
    archive_option,
    json_option,
    open_config,
    progress,
    say,
    write_json,
)

if TYPE_CHECKING:
    from archiver.jobs.translate import TranslateResult


@click.command(epilog="Example:  archiver translate --from ps,ur --limit 1000")
@click.option("--from", "languages", metavar="ur,ps,ar", help="Only these languages.")
@click.option("--to", "target", metavar="en", help="The language to translate into.")
@click.option("--limit", type=click.IntRange(1), help="Stop after so many texts.")
@click.option("--shard", type=Shard(), metavar="i/n", help="Only the i-th of n parts of the texts.")
@click.option(
    "--only-missing", is_flag=True, help="Leave alone what an older package or glossary has translated."
)
@click.option(
    "--demo-packages", is_flag=True, help="Allow packages that know only their few example sentences."
)
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    languages: str | None,
    target: str | None,
    limit: int | None,
    shard: tuple[int, int] | None,
    only_missing: bool,
    demo_packages: bool,
    as_json: bool,
) -> int:
    """Detect the language of new texts and translate them, offline."""
    from archiver.jobs.translate import translate

    with progress() as bars:
        tasks: dict[str, int] = {}

        def told(what: str, count: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            bars.update(tasks[what], completed=count)  # type: ignore[arg-type]

        result = translate(
            open_config(ctx),
            languages=[part.strip() for part in languages.split(",") if part.strip()] if languages else None,
            target=target,
            limit=limit,
            shard=shard,
            only_missing=only_missing,
            allow_demo=demo_packages,
            on_progress=told,
        )
    show(result, as_json)
    return int(result.exit)


def show(result: "TranslateResult", as_json: bool) -> None:
    for language in result.languages:
        if as_json:
            write_json(
                {
                    "language": language.language,
                    "translated": language.translated,
                    "owed": language.owed,
                    "reason": language.reason,
                }
            )
            continue
        print(f"{language.language}: {language.translated} translated, {language.owed} owed")
        if language.reason:
            say(f"  {language.language}: {language.reason}")
    if (result.descriptions or result.descriptions_owed) and not as_json:
        print(f"descriptions of pictures: {result.descriptions} translated, {result.descriptions_owed} owed")
    if result.corrected and not as_json:
        texts = "text follows" if result.corrected == 1 else "texts follow"
        print(f"{result.corrected} {texts} a correction made elsewhere")
