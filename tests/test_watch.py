"""The watch list at the command line: from and to a spreadsheet, its health, and what was decided when."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlalchemy import update

from archiver import cli, config, spans
from archiver.commands._watch_lines import lines
from archiver.jobs import watch as job
from archiver.jobs.watch import Health
from archiver.store import tables
from archiver.store.database import Database

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    assert cli.run(["init", str(tmp_path / "a")]) == 0
    return lambda *words: cli.run(["--archive", str(tmp_path / "a"), *words])


def test_a_spreadsheet_becomes_the_watch_list(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "\ufeffwatch,since,note,tags\nhttps://t.me/s/herat_news,2026-01-01,د هرات خبرونه,herat; news\n"
        "\n@zmaray@souq.example,,,\n",
        encoding="utf-8",
    )
    assert run("watch", "import", str(file)) == 0
    assert capsys.readouterr().out.split() == ["telegram:herat_news", "mastodon:zmaray@souq.example"]
    assert run("watch", "list", "--tag", "herat") == 0
    assert "د هرات خبرونه" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"who\nx\n", "must name a column 'watch', 'url' or 'account'"),
        ("watch,note\nhttps://t.me/s/herat_news,خبر\n".encode("cp1256"), "is not UTF-8"),
        (b"watch\n" + b"x" * 200_000 + b"\n", "is no CSV file"),
    ],
    ids=["column", "encoding", "huge cell"],
)
def test_a_spreadsheet_that_cannot_be_read_changes_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    assert run("watch", "import", str(file)) == 2
    assert said in capsys.readouterr().err
    assert run("watch", "list") == 0
    assert capsys.readouterr().out == ""


def test_broken_lines_are_named_by_number_and_the_others_taken(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "watch,since,every,media,paused,note\n"
        "https://t.me/s/herat_news,,30m,images,,\n"
        "tiktok:x,,,,,\n"
        "telegram:a_channel,soon,,,,\n"
        'telegram:b_channel,,now and then,,,"two\nlines"\n'
        "telegram:c_channel,,,films,,\n"
        "telegram:d_channel,,,,perhaps,\n"
        ",2026-01-01,,,,nobody\n"
        "telegram:e_channel,,6h,all,yes,\n",
        encoding="utf-8",
    )
    assert run("watch", "import", str(file)) == 10
    told = capsys.readouterr()
    assert told.out.split() == ["telegram:herat_news", "telegram:e_channel"]
    said = [line.removeprefix(f"{file}, ") for line in told.err.splitlines() if str(file) in line]
    assert [line.partition(":")[0] for line in said] == [f"line {n}" for n in (3, 4, 5, 7, 8, 9)]
    for what, line in zip(
        ("no platform 'tiktok'", "no date", "no span", "no choice of media", "write yes", "no watch"),
        said,
        strict=True,
    ):
        assert what in line
    assert run("watch", "list", "--json") == 0
    rows = {row["watch"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (rows["telegram:e_channel"]["every"], rows["telegram:e_channel"]["paused"]) == (6 * 3600, True)
    assert (rows["telegram:herat_news"]["every"], rows["telegram:herat_news"]["media"]) == (1800, "images")


NOTES = (
    "=HYPERLINK(\"http://x.example\")",
    "+1", "-1 خبر", "@name", "'quoted'", "''=1", "'=1", "\u200f=1", "two\nlines, with a comma",
    "د هرات د سړکونو خبرونه (A-1)", "plain",
)  # fmt: skip


def test_the_list_comes_back_from_a_spreadsheet_as_it_was_and_runs_no_formula(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, note in enumerate(NOTES):
        add = ("watch", "add", f"telegram:channel_{number}", "--note", note, "--tag", "herat")
        assert run(*add, "--since", "2026-01-01", "--every", "1d", "--media", "all") == 0
    assert run("watch", "pause", "telegram:channel_1") == 0
    assert run("watch", "export", str(tmp_path / "list.csv")) == 0
    capsys.readouterr()
    assert run("watch", "export") == 0
    cells = [cell for row in csv.reader(io.StringIO(capsys.readouterr().out)) for cell in row]
    assert not [cell for cell in cells if cell.lstrip("\u200f")[:1] in tuple("=+-@\t")]
    first = config.load(tmp_path / "a")
    other = tmp_path / "other"
    assert cli.run(["init", str(other)]) == 0
    assert cli.run(["--archive", str(other), "watch", "import", str(tmp_path / "list.csv")]) == 0

    def facts(settings: config.Config) -> list[tuple[object, ...]]:
        return [(str(w), w.since, w.note, w.tags, w.paused, w.every, w.media) for w in job.listed(settings)]

    assert facts(config.load(other)) == facts(first)
    assert [note for _, _, note, *_ in sorted(facts(first), key=lambda f: int(str(f[0])[17:]))] == list(NOTES)


def test_the_history_of_a_watch_outlives_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    name = "telegram:herat_news"
    assert run("watch", "add", name, "--every", "30m", "--tag", "herat") == 0
    assert run("watch", "add", name) == 0, "nothing changes, and nothing is noted"
    assert run("watch", "set", name, "--every", "2h", "--untag", "herat", "--since", "2026-01-01") == 0
    assert run("watch", "set", name, "--every", "always", "--note", "مهم") == 0
    assert run("watch", "pause", name) == run("watch", "pause", name) == 0
    assert run("watch", "resume", name) == 0
    assert run("watch", "remove", name) == 0
    capsys.readouterr()
    assert run("watch", "history", name) == 0
    told = [line[18:] for line in capsys.readouterr().out.splitlines()]
    assert told == [
        "added: every 30m, tags herat",
        "since: the beginning -> 2026-01-01T00:00:00Z",
        "every: 30m -> 2h",
        "tags: herat -> none",
        "note: none -> مهم",
        "every: 2h -> always",
        "paused",
        "resumed",
        "removed; its posts stay",
    ]
    assert run("watch", "history", "telegram:never_seen") == 1
    assert run("watch", "set", name, "--every", "1h") == 1
    assert run("watch", "add", name, "--every", "often") == 2
    assert run("watch", "set", name) == 2


def test_the_list_shows_health_within_eighty_columns(run: Run, tmp_path: Path) -> None:
    assert run("watch", "add", "telegram:herat_news", "--every", "1h", "--note", NOTES[9] * 6) == 0
    assert run("watch", "add", "https://blog.example/" + "long/" * 20 + "feed.xml", "--every", "1h") == 0
    assert run("watch", "add", "telegram:kabul_news") == 0
    assert run("watch", "pause", "telegram:kabul_news") == 0
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    settings = config.load(tmp_path / "a")
    seen = {"last_ok": now - timedelta(minutes=40), "visited_at": now - timedelta(minutes=20)}
    wrong = {"last_error": "https://t.me/s/herat_news: HTTP 503, " * 5, "last_error_at": now}
    with Database.open(settings.database_url) as database, database.write() as connection:
        watch = tables.watch
        connection.execute(update(watch).where(watch.c.handle == "herat_news"), {**seen, **wrong})
    found = job.health(settings)
    told = list(lines(found, now))
    assert max(map(cell_len, told)) <= 80
    (herat,) = [line for line in told if line.startswith("telegram:herat_news")]
    assert herat.split() == ["telegram:herat_news", "40m", "ago", "in", "35m", "1", "failed"]
    (kabul,) = [line for line in told if line.startswith("telegram:kabul_news")]
    assert kabul.split() == ["telegram:kabul_news", "never", "-", "0", "paused"]
    assert [line for line in told if "HTTP 503" in line and line.endswith("…")]
    # Whatever runs from right to left stands by itself, closed off on both sides.
    for line in told:
        if "خبر" in line:
            assert line.strip()[0] == "\u2068" and line.strip()[-1] == "\u2069"
    assert all(isinstance(each, Health) for each in found)


def test_a_watch_is_due_again_after_its_interval_give_or_take_a_timer(run: Run, tmp_path: Path) -> None:
    assert run("watch", "add", "telegram:herat_news", "--every", "30m") == 0
    (watch,) = job.listed(config.load(tmp_path / "a"))
    now = datetime.now(UTC)
    assert watch.is_due(now), "never visited"
    with Database.open(config.load(tmp_path / "a").database_url).write() as connection:
        connection.execute(update(tables.watch), {"visited_at": now})
    (watch,) = job.listed(config.load(tmp_path / "a"))
    assert not watch.is_due(now + timedelta(minutes=26))
    assert watch.is_due(now + timedelta(minutes=29, seconds=50))
    assert watch.is_due(now + timedelta(days=9)), "missed ticks only delay"


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("1h30m", 5400), (" 2 W ", 1209600)])
def test_spans_of_time_are_read_and_written(text: str, seconds: int) -> None:
    assert spans.seconds(text) == seconds
    assert spans.seconds(spans.written(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "30", "0m", "m", "-1h", "1y", "1h x", "99999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write 30m, 6h, 1d or 2w"):
        spans.seconds(text)
