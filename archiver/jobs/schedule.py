"""What makes an archive crawl by itself: systemd units, or a line for cron. Nothing is installed here.

Both call `archiver run --due`, which does nothing when nothing is due or another run is under way: a tick too
many costs nothing, and a tick that is missed only delays.
"""

import hashlib
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from archiver import spans
from archiver.config import Config
from archiver.store import watches
from archiver.store.database import Database

_DEFAULT = 30 * 60  # seconds between two ticks
_LEAST = 5 * 60

# What both kinds of unit can have without losing the right to write into the archive. Memory must stay
# writable and executable: the engine of the translations makes code as it runs.
_HARDENED = """\
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
UMask=0077
"""
# What only the system's manager can do everywhere.
_WALLED = """\
ProtectSystem=strict
ProtectHome=read-only
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
CapabilityBoundingSet=
"""
_SHARED = ("/tmp", "/var/tmp")  # with PrivateTmp, what lies in them is out of reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The two files of a timer. `name` is that of both, without its ending."""

    name: str
    service: str
    timer: str


def units(config: Config, *, every: int | None = None, user: bool = False) -> Units:
    """A oneshot service for this archive and the timer that starts it, for the system's systemd (as the user
    who asks) or, with `user`, for the user's own."""
    every = every or tick(config)
    name = _name(config.folder)
    call = (*program(), "--archive", str(config.folder), "run", "--due")
    run = " ".join(_quoted(word).replace("$", "$$") for word in call)
    writable = " ".join(_quoted(str(place)) for place in _writable(config))
    environment = f"%h/.config/{name}.env" if user else f"/etc/{name}.env"
    owner = "" if user else f"User={_user()}\n"
    apart = any(place.is_relative_to(shared) for place in _writable(config) for shared in _SHARED)
    own_tmp = "" if apart else "PrivateTmp=yes\n"
    walls = "" if user else f"{_WALLED}{own_tmp}ReadWritePaths={writable}\n"
    service = f"""\
[Unit]
Description=Archive what is due in {_plain(str(config.folder))}
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
{owner}ExecStart={run}
# Tokens such as X_BEARER_TOKEN=..., a line each; readable by its owner only.
EnvironmentFile=-{environment}
# 10: something is owed, 18: a platform's limit was met. `archiver status` says what; the next run goes on.
SuccessExitStatus=10 18
TimeoutStartSec=infinity
Nice=10
IOSchedulingClass=idle
{_HARDENED}{walls}"""
    timer = f"""\
[Unit]
Description=Look every {spans.written(every)} what is due in {_plain(str(config.folder))}

[Timer]
OnBootSec=2min
OnUnitInactiveSec={every}s
RandomizedDelaySec={min(120, every // 10)}s

[Install]
WantedBy=timers.target
"""
    return Units(name=name, service=service, timer=timer)


def cron(config: Config, *, every: int | None = None) -> str:
    """A line for `crontab -e`; what is said goes into run.log in the archive."""
    every = every or tick(config)
    run = shlex.join((*program(), "--archive", str(config.folder), "run", "--due"))
    log = shlex.quote(str(config.folder / "run.log"))
    return f"{_times(every)}  {run} >>{log} 2>&1".replace("%", r"\%")


def tick(config: Config) -> int:
    """Seconds: as often as the watch that is visited most often, but every five minutes at most."""
    with Database.open(config.database_url) as database, database.read() as connection:
        every = [watch.every for watch in watches.listed(connection) if not watch.paused]
    named = [seconds for seconds in every if seconds is not None]
    return max(_LEAST, min([*named, *([_DEFAULT] if len(named) < len(every) or not every else [])]))


def program() -> tuple[str, ...]:
    """This very archiver, by its absolute path."""
    script = Path(sys.executable).parent / "archiver"
    return (str(script),) if os.access(script, os.X_OK) else (sys.executable, "-m", "archiver")


def _writable(config: Config) -> list[Path]:
    places = {config.folder, config.packages_dir}
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        places.add(Path(url.database).parent)
    return sorted(p for p in places if p == config.folder or not p.is_relative_to(config.folder))


def _name(folder: Path) -> str:
    """The folder's name, and what tells it from another folder of that name."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.name).strip("-.") or "archive"
    return f"archiver-{plain}-{hashlib.sha256(str(folder).encode()).hexdigest()[:6]}"


def _user() -> str:
    import getpass

    return getpass.getuser()


def _plain(text: str) -> str:
    """Text in a unit: no specifiers, one line."""
    return " ".join(text.split()).replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of a unit: systemd reads quotes, backslashes and % in it, and $ in a command line."""
    safe = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./$-]+", safe):
        return safe
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _times(every: int) -> str:
    """The nearest that cron can say: so many minutes of an hour, hours of a day, or once a day."""
    minutes = max(1, every // 60)
    if minutes < 60:
        return f"*/{max(n for n in (5, 6, 10, 12, 15, 20, 30) if n <= max(5, minutes))} * * * *"
    hours = minutes // 60
    if hours < 24:
        return f"7 */{max(n for n in (1, 2, 3, 4, 6, 8, 12) if n <= hours)} * * *"
    return "7 3 * * *"
