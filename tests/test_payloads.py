"""`make payloads` says what our readers make of captured answers, and fails where one is not read whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("payloads.py")
SHARED = Path(__file__).parents[2] / "shared"
RSS = "<rss><channel><title>x</title><item><guid>https://e.example/1</guid><description>متن</description></item>"
MESSAGE = (
    '<div class="tgme_widget_message" data-post="herat_news/7"><a class="tgme_widget_message_date"'
    ' href="https://t.me/herat_news/7"><time datetime="2026-01-01T00:00:00+00:00"></time></a></div>'
)


def table(payloads: Path, captures: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, SCRIPT, payloads, captures], capture_output=True, encoding="utf-8", timeout=120
    )
    assert not ran.stderr, ran.stderr
    return ran.returncode, ran.stdout


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_a_line_says_whose_answer_it_is_and_what_is_in_it(tmp_path: Path) -> None:
    payloads, captures = tmp_path / "payloads", tmp_path / "captures"
    write(payloads / "telegram" / "one.html", MESSAGE)
    write(payloads / "rss_atom" / "one.xml", RSS + "</channel></rss>")
    write(
        payloads / "mastodon" / "cassette.yaml",
        "interactions:\n- request: {method: GET, uri: 'https://m.example/api/v1/instance'}\n"
        "  response: {status: {code: 200}, headers: {}, body: {string: '{}'}}\n",
    )
    write(
        captures / "bluesky" / "gone.json",
        {
            "request": {"url": "https://api.example/xrpc/app.bsky.feed.getAuthorFeed?actor=x.test"},
            "response": {
                "status": 400,
                "headers": {"Content-Type": "application/json"},
                "body": {"error": "InvalidRequest", "message": "Profile not found"},
            },
        },
    )
    code, said = table(payloads, captures)
    assert code == 0, said
    assert "telegram/one.html -> telegram: 1 posts, herat_news/7 2026-01-01T00:00:00+00:00" in said
    assert "rss_atom/one.xml -> feed: 1 posts, https://e.example/1 None" in said
    assert "mastodon/cassette.yaml[1] GET -> no answer to a request of ours: /api/v1/instance" in said
    assert "bluesky/gone.json -> bluesky: refused, not_found (HTTP 400)" in said


@pytest.mark.parametrize(
    "body", ["<html><body>new layout</body></html>", MESSAGE.replace("datetime", "data-time")]
)
def test_an_answer_that_is_not_read_whole_fails_the_table(tmp_path: Path, body: str) -> None:
    write(tmp_path / "telegram" / "new.html", body)
    code, said = table(tmp_path, tmp_path / "absent")
    assert code == 1, said
    assert "failed 1" in said


def test_an_absent_folder_is_said_to_be_absent(tmp_path: Path) -> None:
    code, said = table(tmp_path / "no", tmp_path / "none")
    assert code == 0
    assert said.count("not there, nothing read") == 2


@pytest.mark.shared
def test_every_captured_answer_is_read_whole() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the measured data are not beside the checkout ({SHARED})")
    code, said = table(SHARED / "payloads", SHARED / "captures")
    assert code == 0, "\n".join(line for line in said.splitlines() if "FAILED" in line or "PROBLEM" in line)
