"""archiver run"""

import click

from archiver.commands._shared import archive_option, json_option, open_config, say
from archiver.errors import Exit


@click.command(epilog="Example:  */30 * * * *  archiver --archive /srv/afghanistan run --due")
@click.option(
    "--due",
    is_flag=True,
    help="Visit only watches whose interval is over; do nothing when none is, "
    "while another run is under way, and in the quiet hours (for cron; see `archiver schedule`).",
)
@click.option("--now", is_flag=True, help="Also during the quiet hours of archiver.toml.")
@click.option("--no-media", is_flag=True, help="Leave pictures and films to `archiver media`.")
@click.option(
    "--demo-packages", is_flag=True, help="Allow packages that know only their few example sentences."
)
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, due: bool, now: bool, no_media: bool, demo_packages: bool, as_json: bool
) -> int:
    """Crawl, download media where they are wanted, then translate: what cron or a systemd timer calls."""
    from archiver.commands import crawl as crawling
    from archiver.commands import media
    from archiver.commands import translate as translating
    from archiver.errors import ArchiveBusy
    from archiver.jobs.crawl import crawl
    from archiver.jobs.quiet import quiet_until, refuse_when_quiet
    from archiver.jobs.translate import translate

    settings = open_config(ctx)
    if not now and due and (until := quiet_until(settings)):
        say(f"quiet hours until {until:%H:%M %Z}: nothing is asked for")
        return Exit.OK
    if not now and not due:
        refuse_when_quiet(settings)
    try:
        crawled = crawl(settings, due=due)
    except ArchiveBusy:
        if due:
            return Exit.OK
        raise
    if due and not crawled.outcomes:
        say("nothing is due")
        return Exit.OK
    crawling.show(crawled, as_json)
    so_far = media.after(settings, crawled.exit, (), as_json, wanted=not no_media)
    if so_far in (Exit.DISK_FULL, Exit.INTERRUPTED):
        return int(so_far)
    translated = translate(settings, allow_demo=demo_packages)
    translating.show(translated, as_json)
    # A package that was tampered with outweighs what is owed.
    return int(translated.exit if translated.exit is Exit.ERROR else so_far or translated.exit)
