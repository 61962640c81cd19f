"""`archiver demo`: the whole way, offline, with the real spiders over real HTTP."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.demo.world import DELETED, EDITED, WATCHED, world


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "archive"
    done = archiver("demo", str(folder), within=folder.parent)
    assert done.returncode == 0, done.stderr
    (folder.parent / "printed").write_text(done.stdout, encoding="utf-8")
    return folder


def archiver(*words: str, within: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archiver", *words], cwd=within, capture_output=True, text=True, timeout=110
    )


def rows(archive: Path, *words: str) -> list[dict[str, object]]:
    done = archiver("--archive", str(archive), *words, within=archive.parent)
    assert done.returncode in (0, 10), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_originals_stand_beside_english(archive: Path) -> None:
    printed = (archive.parent / "printed").read_text(encoding="utf-8")
    assert "First day" in printed and "Second day" in printed
    assert "پياز" in printed and "price" in printed


def test_every_post_that_was_served_on_either_day_is_there(archive: Path) -> None:
    stored = {(row["watch"], row["stored"]) for row in rows(archive, "status", "--json")}
    assert len(stored) == len(WATCHED)
    for voice in WATCHED:
        served = {p.number for day in (1, 2) for p in world(day).said(voice)}
        assert any(
            str(watch).startswith(voice.platform) and count == len(served) for watch, count in stored
        ), (
            voice,
            stored,
        )


def test_a_deleted_post_is_kept_and_an_edit_is_a_new_revision(archive: Path) -> None:
    posts = [json.loads(line) for line in export(archive, "jsonl").splitlines()]
    telegram = [p for p in posts if p["platform"] == "telegram"]
    numbers = {int(str(p["native_id"]).split("/")[1]) for p in telegram}
    assert DELETED * 3 - 2 in numbers
    edited = [p for p in posts if len(p["revisions"]) > 1]
    assert {p["platform"] for p in edited} == {"telegram", "mastodon", "bluesky"}
    assert any(str(p["native_id"]).endswith(f"/{EDITED * 3 - 2}") for p in edited)


def test_pashto_urdu_and_arabic_come_with_english_and_persian_with_the_reason_why_not(archive: Path) -> None:
    posts = [json.loads(line) for line in export(archive, "jsonl").splitlines()]
    translated = {
        revision["detections"][-1]["language"]
        for post in posts
        for revision in post["revisions"]
        if revision["translations"]
    }
    assert {"ps", "ur", "ar"} <= translated
    assert "fa" not in translated
    done = archiver("--archive", str(archive), "status", within=archive.parent)
    assert "archiver packages install fa" in done.stdout + done.stderr


def test_links_handles_hashtags_and_emoji_come_back_intact(archive: Path) -> None:
    posts = [json.loads(line) for line in export(archive, "jsonl").splitlines()]
    text = " ".join(
        segment["target"]
        for post in posts
        for revision in post["revisions"]
        for translation in revision["translations"]
        for segment in translation["segments"]
    )
    for kept in (
        "#پاکي_کمپاين",
        "@demo_hawa",
        "https://example.org/pakhi?a=1&b=2",
        "#ٹریفک_اپڈیٹ",
        "🚗",
        "#العيد",
    ):
        assert kept in text, kept


def test_both_sides_can_be_searched(archive: Path) -> None:
    urdu = rows(archive, "search", "بجلى", "--json")  # typed with an Arabic keyboard
    assert any("بجلی" in str(row["original"]) and row["translation"] for row in urdu)
    english = rows(archive, "search", "price", "--side", "translation", "--json")
    assert any(row["language"] == "ps" for row in english)


def test_a_second_demo_replaces_only_what_a_demo_made(archive: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep", encoding="utf-8")
    done = archiver("demo", str(mine), within=tmp_path)
    assert done.returncode == 2
    assert (mine / "notes.txt").read_text(encoding="utf-8") == "keep"


def export(archive: Path, kind: str) -> str:
    done = archiver("--archive", str(archive), "export", kind, "-o", "-", within=archive.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout
