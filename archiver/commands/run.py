"""archiver run"""

import click

from archiver.commands._shared import archive_option, json_option, open_config
from archiver.errors import Exit


@click.command(epilog="Example:  */30 * * * *  archiver --archive /srv/afghanistan run --due")
@click.option("--due", is_flag=True, help="Quietly do nothing while another run is under way (for cron).")
@click.option(
    "--demo-packages", is_flag=True, help="Allow packages that know only their few example sentences."
)
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, due: bool, demo_packages: bool, as_json: bool) -> int:
    """Crawl, then translate: what cron or a systemd timer calls."""
    from archiver.commands import crawl as crawling
    from archiver.commands import translate as translating
    from archiver.errors import ArchiveBusy
    from archiver.jobs.crawl import crawl
    from archiver.jobs.translate import translate

    settings = open_config(ctx)
    try:
        crawled = crawl(settings)
    except ArchiveBusy:
        if due:
            return Exit.OK
        raise
    crawling.show(crawled, as_json)
    if crawled.exit in (Exit.DISK_FULL, Exit.INTERRUPTED):
        return int(crawled.exit)
    translated = translate(settings, allow_demo=demo_packages)
    translating.show(translated, as_json)
    # A package that was tampered with outweighs what is owed.
    return int(translated.exit if translated.exit is Exit.ERROR else crawled.exit or translated.exit)
