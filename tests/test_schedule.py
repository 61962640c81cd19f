"""An archive that crawls by itself: what is due, quiet hours, systemd units and cron lines."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from archiver import cli, config
from archiver.config import Config, CrawlConfig
from archiver.crawl.lock import locked
from archiver.demo.server import WorldServer
from archiver.errors import BadConfig, Exit
from archiver.jobs import schedule
from archiver.jobs.quiet import quiet_until
from archiver.store import tables
from archiver.store.database import Database

NAME = "د ښار 100% $ archive"


@pytest.fixture
def world() -> Iterator[WorldServer]:
    with WorldServer() as server:
        yield server


def archive(folder: Path, world: WorldServer, more: str = "") -> Path:
    assert cli.run(["init", str(folder)]) == 0
    toml = folder / "archiver.toml"
    places = "".join(
        f'[platforms.{name}]\nbase_url = "{world.url}/{name}"\n' for name in ("telegram", "mastodon")
    )
    toml.write_text(f"{toml.read_text()}\n{more}\n{places}")
    return folder


def test_only_what_is_due_is_visited_and_a_tick_too_many_does_nothing(
    tmp_path: Path, world: WorldServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = archive(tmp_path / "a", world)

    def run(*words: str) -> int:
        return cli.run(["--archive", str(folder), *words])

    assert run("watch", "add", "telegram:demo_khar_ghag", "--every", "6h") == 0
    assert run("watch", "add", "mastodon:souq@social.demo.example", "--every", "30m") == 0
    run("run", "--due")
    both = capsys.readouterr().out
    assert "telegram:demo_khar_ghag: 45 new" in both and "mastodon:souq" in both
    asked = len(world.requests)
    assert run("run", "--due") == 0
    told = capsys.readouterr()
    assert (told.out, told.err.strip(), len(world.requests)) == ("", "nothing is due", asked)
    with Database.open(config.load(folder).database_url).write() as connection:
        past = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(update(tables.watch), {"visited_at": past})
    run("run", "--due")
    told = capsys.readouterr()
    assert "mastodon:souq" in told.out and "telegram" not in told.out
    assert run("watch", "list", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(row["visited_at"] and row["due_at"] for row in rows)


def test_one_run_at_a_time(tmp_path: Path, world: WorldServer, capsys: pytest.CaptureFixture[str]) -> None:
    folder = archive(tmp_path / "a", world)
    assert cli.run(["--archive", str(folder), "watch", "add", "telegram:demo_khar_ghag"]) == 0
    with locked(folder):
        assert cli.run(["--archive", str(folder), "run", "--due"]) == 0
        assert cli.run(["--archive", str(folder), "run"]) == Exit.ERROR
    assert world.requests == []


# -- quiet hours ------------------------------------------------------------------------------------------


def settings(hours: str, zone: str | None = "Asia/Kabul") -> Config:
    return Config(folder=Path(), crawl=CrawlConfig(quiet_hours=hours, time_zone=zone))


@pytest.mark.parametrize(
    ("hours", "utc", "until"),
    [
        ("22:00-06:00", "17:29", None),  # 21:59 in Kabul
        ("22:00-06:00", "17:30", "2026-11-23T06:00:00+04:30"),
        ("22:00-06:00", "01:29", "2026-11-22T06:00:00+04:30"),
        ("22:00-06:00", "01:30", None),
        ("09:00-12:30", "04:31", "2026-11-22T12:30:00+04:30"),
        ("09:00-12:30", "08:00", None),
        ("00:00-00:00", "12:00", "2026-11-23T00:00:00+04:30"),
    ],
)
def test_quiet_hours_are_kept_in_their_own_time_zone(hours: str, utc: str, until: str | None) -> None:
    found = quiet_until(settings(hours), datetime.fromisoformat(f"2026-11-22T{utc}:00+00:00"))
    assert (found and found.isoformat()) == until


def test_without_a_time_zone_it_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Karachi")
    time.tzset()
    try:
        now = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 23:00 in Karachi
        found = quiet_until(settings("22:00-06:00", None), now)
        assert found is not None and found.isoformat() == "2026-11-23T06:00:00+05:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_nobody_is_asked_in_the_quiet_hours_unless_told_to(
    tmp_path: Path, world: WorldServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = archive(tmp_path / "a", world, '[crawl]\nquiet_hours = "00:00-00:00"')

    def run(*words: str) -> int:
        return cli.run(["--archive", str(folder), *words])

    assert run("watch", "add", "telegram:demo_khar_ghag") == 0
    capsys.readouterr()
    assert run("run", "--due") == 0
    assert "quiet hours until 00:00" in capsys.readouterr().err
    for command in ("crawl", "run", "media"):
        assert run(command) == Exit.USAGE
        assert "add --now to crawl all the same" in capsys.readouterr().err
    assert world.requests == []
    assert run("crawl", "--now") == 0
    assert world.requests


@pytest.mark.parametrize(
    "line",
    ['quiet_hours = "22-6"', 'quiet_hours = "25:00-06:00"', 'time_zone = "Kabul"', 'media = "films"'],
)
def test_wrong_settings_are_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "archiver.toml").write_text(f"[crawl]\n{line}\n")
    with pytest.raises(BadConfig, match=f"archiver.toml: 'crawl.{line.partition(' ')[0]}' must"):
        config.load(tmp_path)


# -- units ------------------------------------------------------------------------------------------------


def made(folder: Path, *watches: str) -> Config:
    assert cli.run(["init", str(folder)]) == 0
    for every in watches:
        name = f"telegram:channel_{every}"
        assert cli.run(["--archive", str(folder), "watch", "add", name, "--every", every]) == 0
    return config.load(folder)


def test_the_timer_ticks_as_often_as_the_watch_that_is_visited_most_often(tmp_path: Path) -> None:
    found = made(tmp_path / "a", "6h", "45m", "1d")
    assert schedule.tick(found) == 45 * 60
    assert "OnUnitInactiveSec=2700s" in schedule.units(found).timer
    assert "OnUnitInactiveSec=600s" in schedule.units(found, every=600).timer
    assert schedule.tick(made(tmp_path / "b")) == 30 * 60
    assert schedule.tick(made(tmp_path / "c", "1m")) == 5 * 60


@pytest.mark.parametrize("user", [False, True], ids=["system", "user"])
def test_systemd_takes_the_units(tmp_path: Path, user: bool) -> None:
    found = made(tmp_path / NAME, "30m")
    assert (
        cli.run(
            ["--archive", str(found.folder), "schedule", "-o", str(tmp_path / "units"), *(["--user"] * user)]
        )
        == 0
    )
    files = sorted((tmp_path / "units").iterdir())
    assert [file.suffix for file in files] == [".service", ".timer"]
    service = files[0].read_text(encoding="utf-8")
    (line,) = [line for line in service.splitlines() if line.startswith("ExecStart=")]
    word = line.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$")
    program, *rest = shlex.split(word)
    assert Path(program).is_absolute() and rest[-4:] == ["--archive", str(found.folder), "run", "--due"]
    assert ("ProtectSystem=strict" in service) is not user
    if analyze := shutil.which("systemd-analyze"):
        (tmp_path / "run").mkdir(mode=0o700)
        words = [analyze, "verify", *(["--user"] * user), *map(str, files)]
        env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
        done = subprocess.run(words, capture_output=True, text=True, env=env)
        if "Failed to initialize manager" not in done.stderr:  # as in most containers
            assert (done.returncode, done.stderr) == (0, "")


def test_the_line_for_cron_is_the_command_as_a_shell_reads_it(tmp_path: Path) -> None:
    found = made(tmp_path / NAME)
    line = schedule.cron(found)
    times, _, command = line.partition("  ")
    assert times == "*/30 * * * *"
    # cron itself takes a % for a line break unless it is escaped.
    assert "%" not in command.replace(r"\%", "")
    words = shlex.split(command.replace(r"\%", "%").partition(" >>")[0])
    assert words[-4:] == ["--archive", str(found.folder), "run", "--due"]
    done = subprocess.run(["/bin/sh", "-c", command.replace(r"\%", "%")], cwd="/", check=False)
    assert done.returncode in (0, 10)
    assert (found.folder / "run.log").is_file()


def test_what_lies_outside_the_archive_can_be_written_as_well(tmp_path: Path) -> None:
    made(tmp_path / "a")
    (tmp_path / "db").mkdir()
    toml = tmp_path / "a" / "archiver.toml"
    toml.write_text(f'database = "sqlite:///{tmp_path}/db/x.db"\npackages = "{tmp_path}/packages"\n')
    found = config.load(tmp_path / "a")
    Database.create(found.database_url).close()
    service = schedule.units(found).service
    assert f"ReadWritePaths={tmp_path}/a {tmp_path}/db {tmp_path}/packages" in service
    assert "PrivateTmp" not in service, "the archive of this test lies in /tmp itself"


def test_schedule_installs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = made(tmp_path / "a", "30m")
    before = sorted(found.folder.iterdir())
    capsys.readouterr()
    assert cli.run(["--archive", str(found.folder), "schedule"]) == 0
    told = capsys.readouterr()
    assert told.out.count("# archiver-a-") == 2 and "daemon-reload" in told.err
    assert cli.run(["--archive", str(found.folder), "schedule", "--cron", "--user"]) == 2
    assert sorted(found.folder.iterdir()) == before
