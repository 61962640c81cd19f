"""The watch list at the command line: a list from a spreadsheet, all of it or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archiver import cli

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
        (b"watch\nhttps://t.me/s/herat_news\ntiktok:x\n", "no platform 'tiktok'"),
        (b"who\nx\n", "must name a column 'watch', 'url' or 'account'"),
        (b"watch,since\nhttps://t.me/s/herat_news,soon\n", "line 2: 'soon' is no date"),
        ("watch,note\nhttps://t.me/s/herat_news,خبر\n".encode("cp1256"), "is not UTF-8"),
        (b"watch\n" + b"x" * 200_000 + b"\n", "is no CSV file"),
    ],
    ids=["platform", "column", "date", "encoding", "huge cell"],
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
