"""archiver schedule"""

from pathlib import Path

import click

from archiver.commands._shared import Interval, archive_option, open_config, say


@click.command(epilog="Example:  archiver schedule --user -o ~/.config/systemd/user")
@click.option("--every", type=Interval(), help="How often to look what is due; else the shortest interval.")
@click.option("--user", is_flag=True, help="For your own systemd (systemctl --user), not the system's.")
@click.option("--cron", is_flag=True, help="A line for crontab -e instead.")
@click.option(
    "-o", "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Write the files."
)
@archive_option
@click.pass_context
def command(ctx: click.Context, every: int | None, user: bool, cron: bool, folder: Path | None) -> None:
    """Print the systemd service and timer that keep this archive up to date; nothing is installed."""
    from archiver.jobs import schedule

    config = open_config(ctx)
    if cron:
        if folder or user:
            raise click.UsageError("--cron prints one line: leave out -o and --user", ctx)
        print(schedule.cron(config, every=every))
        return
    units = schedule.units(config, every=every, user=user)
    files = {f"{units.name}.service": units.service, f"{units.name}.timer": units.timer}
    for name, text in files.items():
        if folder is None:
            print(f"# {name}\n{text}")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
            print(folder / name)
    place = "~/.config/systemd/user" if user else "/etc/systemd/system"
    call = "systemctl --user" if user else "systemctl"
    say(f"put both into {place}, then: {call} daemon-reload && {call} enable --now {units.name}.timer")
