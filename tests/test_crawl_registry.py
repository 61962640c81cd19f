"""A platform is one file; what people paste finds the right one."""

import subprocess
import sys
from pathlib import Path

import pytest

import spiders
from archiver.errors import UnknownPlatform, Usage
from spiders.base import AccountSpider, spider
from spiders.platform import Platform


def test_every_platform_is_found_by_its_file_and_nothing_else_is() -> None:
    assert set(spiders.names()) >= {"telegram", "x", "mastodon", "bluesky", "feed"}
    assert not {"base", "cursor", "page", "platform", "visit", "backoff", "html"} & set(spiders.names())
    for name in spiders.names():
        platform = spiders.load(name)
        assert issubclass(platform, Platform) and platform.name == name
        assert issubclass(spider(name), AccountSpider) and spider(name).name == name


def test_a_new_file_is_a_new_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "diary.py").write_text(
        "from spiders.platform import Platform\n\n\nclass Diary(Platform):\n    name = 'diary'\n"
    )
    (tmp_path / "helper.py").write_text("class Helper:\n    name = 'diary'\n")
    monkeypatch.setattr(spiders, "__file__", str(tmp_path / "__init__.py"))
    spiders.names.cache_clear()
    assert spiders.names() == ("diary",)
    monkeypatch.undo()
    spiders.names.cache_clear()


def test_names_are_listed_without_importing_a_platform() -> None:
    loaded = "[m for m in sys.modules if m.startswith(('spiders.', 'scrapy'))]"
    code = f"import sys, spiders; spiders.names(); print({loaded})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_addresses_are_identified_without_scrapy() -> None:
    code = "import sys, spiders; spiders.identify('https://t.me/s/channel'); print('scrapy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("pasted", "target"),
    [
        ("https://t.me/s/Channel", "telegram:channel"),
        (" t.me/channel ", "telegram:channel"),
        ("telegram:channel", "telegram:channel"),
        ("Telegram:@channel", "telegram:channel"),
        ("https://x.com/name", "x:name"),
        ("https://twitter.com/name/status/1", "x:name"),
        ("https://mastodon.social/@name", "mastodon:name@mastodon.social"),
        ("@name@mastodon.social", "mastodon:name@mastodon.social"),
        ("mastodon:name@mastodon.social", "mastodon:name@mastodon.social"),
        ("https://bsky.app/profile/name.example", "bluesky:name.example"),
        ("https://blog.example/feed.xml", "feed:https://blog.example/feed.xml"),
        ("feed:https://blog.example/", "feed:https://blog.example/"),
        ("blog.example/feed", "feed:https://blog.example/feed"),
    ],
)
def test_what_people_paste(pasted: str, target: str) -> None:
    assert str(spiders.identify(pasted)) == target


@pytest.mark.parametrize("pasted", ["", "hello", "@name", "myspace:tom", "ftp://h.example/x", "telgram:name"])
def test_what_nobody_reads_names_the_choices(pasted: str) -> None:
    with pytest.raises(UnknownPlatform, match="bluesky, feed, mastodon, telegram, x") as raised:
        spiders.identify(pasted)
    assert "\n" not in str(raised.value)
    assert raised.value.exit == Usage.exit
