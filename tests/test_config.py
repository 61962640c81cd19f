"""archiver.toml: read whole, or refused with the nearest known key."""

from pathlib import Path

import pytest

from archiver import cli, config
from archiver.errors import BadConfig, Exit, NoArchive
from archiver.jobs.init import TEMPLATE


def load(folder: Path, text: str) -> config.Config:
    (folder / config.FILE).write_text(text, encoding="utf-8")
    return config.load(folder)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    loaded = load(tmp_path, "")
    assert loaded == config.Config(folder=tmp_path)
    assert loaded.database_url == f"sqlite:///{tmp_path / 'archive.db'}"


def test_the_template_of_a_new_archive_is_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, TEMPLATE.format(database="sqlite:///archive.db")) == config.Config(folder=tmp_path)


def test_every_commented_key_of_the_template_is_known(tmp_path: Path) -> None:
    section, tried = "", 0
    for line in TEMPLATE.splitlines():
        bare = line.removeprefix("# ")
        if bare.startswith("["):
            section = bare
        elif line.startswith("# ") and " = " in line and section:
            load(tmp_path, f"{section}\n{bare}\n")
            tried += 1
    assert tried >= 10


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('databse = "x"', "database"),
        ("[crawl]\ntimeot = 3", "timeout"),
        ('[platforms.x]\nbase-url = "x"', "base_url"),
        ("[crwl]\n", "crawl"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path, text: str, near: str) -> None:
    with pytest.raises(BadConfig, match=f"unknown key .* nearest known one is '{near}'"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "database = 3",
        "[crawl]\ntimeout = 'soon'",
        "[crawl]\nretries = 1.5",
        "[crawl]\nretries = -1",
        "crawl = 1",
        "a = ",
    ],
)
def test_a_value_of_the_wrong_type_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConfig, match=r"archiver\.toml"):
        load(tmp_path, text)


def test_values_are_read_as_their_types(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        '[crawl]\ntimeout = 5\nverify_tls = false\n[translate]\nlanguages = ["ps"]\n'
        '[platforms.telegram]\nbase_url = "http://127.0.0.1:9"\ndelay = 0',
    )
    assert loaded.crawl.timeout == 5.0 and loaded.crawl.verify_tls is False
    assert loaded.translate.languages == ("ps",)
    assert loaded.platform("telegram").base_url == "http://127.0.0.1:9"
    assert loaded.platform("x") == config.PlatformConfig()


def test_the_nearest_archive_upward_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHIVER_DIR", raising=False)
    (tmp_path / config.FILE).touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert config.find() == tmp_path.resolve()
    with pytest.raises(NoArchive):
        config.find(below)


def test_the_environment_names_the_archive_and_its_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / config.FILE).touch()
    monkeypatch.setenv("ARCHIVER_DIR", str(tmp_path))
    monkeypatch.setenv("ARCHIVER_DATABASE", "postgresql://someone@localhost/archive")
    assert config.load(config.find()).database_url == "postgresql://someone@localhost/archive"


def test_a_platform_that_nobody_knows_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["init", str(tmp_path / "a")]) == 0
    with (tmp_path / "a" / "archiver.toml").open("a") as file:
        file.write('[platforms.mastadon]\nbase_url = "https://example.org"\n')
    assert cli.run(["--archive", str(tmp_path / "a"), "status"]) == Exit.CONFIG
    assert "[platforms.mastadon]: there are bluesky" in capsys.readouterr().err


def test_an_archive_without_its_database_says_what_to_do_and_can_do_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a"
    assert cli.run(["init", str(folder)]) == 0
    assert cli.run(["init", str(folder)]) == Exit.USAGE
    settings = (folder / "archiver.toml").read_text()
    (folder / "archive.db").unlink()
    assert cli.run(["--archive", str(folder), "status"]) == Exit.CONFIG
    assert f"or run `archiver init {folder}` for an empty one" in capsys.readouterr().err
    assert cli.run(["init", str(folder)]) == 0
    assert cli.run(["--archive", str(folder), "status"]) == 0
    assert (folder / "archiver.toml").read_text() == settings


def test_a_setting_of_one_platform_can_be_otherwise_for_once(tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_text(
        "[platforms.bluesky]\ndelay = 2.5\n[platforms.x]\npage_size = 7\n"
    )
    kept = config.load(tmp_path)
    once = kept.reading("bluesky", source="pds")
    assert (once.platform("bluesky").source, once.platform("bluesky").delay) == ("pds", 2.5)
    assert once.platform("x") == kept.platform("x") and kept.platform("bluesky").source is None
