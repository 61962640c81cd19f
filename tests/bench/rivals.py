"""Requests, bytes and posts a second of a whole account, against the collectors that people use now.

gallery-dl on the same Mastodon and Bluesky endpoints, minet on the same Telegram pages: a server on loopback
in a process of its own, with the shapes of the real ones and gzip for whoever takes it. Each tool starts
fresh, writes every post to disk its own way and waits for nobody (no delay between requests). Bytes are those
of requests and answers with their heads. The rivals have an environment of their own: `make bench-rivals`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

POSTS, ROUNDS = 1000, 3
RIVALS = Path(os.environ.get("RIVALS", Path(__file__).parents[2] / ".venv-rivals")) / "bin"
CHANNEL, HANDLE, PROFILE = "demo_khar_ghag", "souq", "maidan.demo.test"

SERVER = """
import asyncio, gzip, json, sys, time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit
from archiver.demo import bluesky, mastodon, telegram
from archiver.demo.world import START, WATCHED, Said, World, world
POSTS = int(sys.argv[1])
first = world(1)
def many(platform):
    odd = ("service", "poll", "pictures", "by", "answers", "quotes")
    said = [s for s in first.posts[platform] if not any(getattr(s, name) for name in odd)]
    return tuple(Said(number=n, at=START + timedelta(minutes=n), text=f"{n}: {said[n % len(said)].text}",
        language=said[n % len(said)].language, views=n) for n in range(1, POSTS + 1))
WORLD = World(voices=first.voices, posts={p: many(p) for p in ("telegram", "mastodon", "bluesky")})
ROUTES = (("/s/", telegram), ("/api/v1/", mastodon), ("/xrpc/", bluesky))
# What the real pages have as well, and minet looks for.
REAL = ('<div class="tgme_widget_message js-widget_message"',
    '<div class="tgme_widget_message text_not_supported_wrap js-widget_message"')
USER = ('<div class="tgme_widget_message_bubble">', '<div class="tgme_widget_message_user"><a href="https://t.me/x">'
    '<i class="tgme_widget_message_user_photo"><img src="https://cdn.example.org/p.jpg"></i></a></div>'
    '<div class="tgme_widget_message_bubble">')
PAGES, told, where = {}, {}, []
def page(target):
    if target not in PAGES:
        parts = urlsplit(target)
        module = next((m for start, m in ROUTES if parts.path.startswith(start)), None)
        if module is None:
            PAGES[target] = (404, "text/plain", b"", b"", {})
        else:
            got = module.answer(WORLD, unquote(parts.path), dict(parse_qsl(parts.query)), where[0])
            body = got.body
            if module is telegram:
                body = body.decode().replace(*REAL).replace(*USER).encode()
            PAGES[target] = (got.status, got.content_type, body, gzip.compress(body, 6), got.headers)
    return PAGES[target]
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            target = head.split()[1].decode()
            posted = head.lower().partition(b"content-length:")[2].split(b"\\r\\n")[0]
            if posted:
                await reader.readexactly(int(posted))
            # gallery-dl logs in where it is sent to another server; at the real one it need not: not counted
            login = target.endswith(("createSession", "refreshSession"))
            apart = target == "/told" or login
            if login:
                body, coding, status, kind, more = b'{"accessJwt":"a","refreshJwt":"b"}', "", 200, "", {}
            elif target == "/told":
                body, coding, status, kind, more = json.dumps(told).encode(), "", 200, "application/json", {}
                told.clear()
            else:
                status, kind, plain, packed, more = page(target)
                takes = b"gzip" in head.lower().partition(b"accept-encoding:")[2].partition(b"\\r\\n")[0]
                body, coding = (packed, "Content-Encoding: gzip\\r\\n") if takes else (plain, "")
            lines = "".join(f"{n}: {v}\\r\\n" for n, v in more.items())
            answer = (f"HTTP/1.1 {status} OK\\r\\nContent-Type: {kind}\\r\\n{coding}{lines}"
                f"Content-Length: {len(body)}\\r\\n\\r\\n").encode() + body
            if not apart:
                told["requests"] = told.get("requests", 0) + 1
                told["bytes"] = told.get("bytes", 0) + len(head) + len(answer)
                told.setdefault("first", time.perf_counter())
                told["last"] = time.perf_counter()
            writer.write(answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    where.append(f"http://127.0.0.1:{port}")
    print(port, flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

# minet knows t.me only; it is pointed at the server and not changed otherwise.
MINET = """
import sys
from minet.telegram import scraper
URL = sys.argv.pop(1)
scraper.TELEGRAM_URL = URL + "/"
scraper.convert_telegram_url_to_public = lambda url: url.replace(URL, URL + "/s")
from minet.cli.__main__ import main
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run of one tool; `seconds` by the clock on the wall, start-up and all."""

    posts: int
    requests: int
    bytes: int
    seconds: float
    asking: float  # seconds from the first request to the last


Tool = Callable[[str, str, Path], int]
"""Collects the account of a platform from the server at an address into a folder; how many posts it wrote."""


def ours(platform: str, url: str, folder: Path) -> int:
    handles = {"telegram": CHANNEL, "mastodon": f"{HANDLE}@example.org", "bluesky": PROFILE}
    archiver = str(Path(sys.executable).parent / "archiver")
    _run([archiver, "init", str(folder / "a")])
    (folder / "a" / "archiver.toml").write_text(f'[platforms.{platform}]\nbase_url = "{url}"\n')
    _run([archiver, "--archive", str(folder / "a"), "watch", "add", f"{platform}:{handles[platform]}"])
    began = time.perf_counter()
    _run([archiver, "--archive", str(folder / "a"), "crawl"])
    _took.append(time.perf_counter() - began)
    told = _run([archiver, "--archive", str(folder / "a"), "status", "--json"], also=(10,))
    return int(json.loads(told)["stored"])


def gallery_dl(platform: str, url: str, folder: Path) -> int:
    """All posts of the account, those without media too, as JSON lines; media are not downloaded."""
    metadata = {"name": "metadata", "event": "post", "mode": "jsonl", "filename": "posts.jsonl"}
    shared = {
        "sleep-request": 0,
        "base-directory": str(folder),
        "directory": [],
        "postprocessors": [metadata],
    }
    settings = {
        "mastodon": {**shared, "text-posts": True, "reblogs": True},
        "bluesky": {**shared, "api-server": url, "reposts": True, "quoted": True},
    }
    config = {"extractor": settings, "cache": {"file": None}}
    (folder / "config.json").write_text(json.dumps(config))
    target = {"mastodon": f"mastodon:{url}/@{HANDLE}", "bluesky": f"https://bsky.app/profile/{PROFILE}/posts"}
    began = time.perf_counter()
    words = ["--config-ignore", "-c", str(folder / "config.json"), "--no-download", "-q", target[platform]]
    _run([str(RIVALS / "gallery-dl"), *words])
    _took.append(time.perf_counter() - began)
    return sum(1 for _ in (folder / "posts.jsonl").open(encoding="utf-8"))


def minet(platform: str, url: str, folder: Path) -> int:
    """All messages of the channel as CSV."""
    began = time.perf_counter()
    words = [
        "telegram",
        "channel-messages",
        CHANNEL,
        "--desc",
        "--throttle",
        "0.0001",
        "-o",
        str(folder / "x.csv"),
    ]
    _run([str(RIVALS / "python"), "-c", MINET, url, *words])
    _took.append(time.perf_counter() - began)
    import csv

    with (folder / "x.csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


_took: list[float] = []


def _run(words: list[str], also: tuple[int, ...] = ()) -> str:
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, *also):
        sys.exit(f"{' '.join(words[:3])} ...: {ran.returncode}\n{ran.stderr or ran.stdout}")
    return ran.stdout


def measured(tool: Tool, platform: str, url: str) -> Measured:
    urlopen(f"{url}/told").read()
    with tempfile.TemporaryDirectory() as folder:
        posts = tool(platform, url, Path(folder))
    told = json.loads(urlopen(f"{url}/told").read())
    return Measured(
        posts=posts,
        requests=told["requests"],
        bytes=told["bytes"],
        seconds=_took.pop(),
        asking=told["last"] - told["first"],
    )


def main() -> None:
    """Print a table: per platform ours and the rival."""
    rivals = {"mastodon": gallery_dl, "bluesky": gallery_dl, "telegram": minet}
    if not (RIVALS / "gallery-dl").exists():
        print("rivals: gallery-dl and minet are not installed; `make bench-rivals` sets them up and measures")
        return
    command = [sys.executable, "-c", SERVER, str(POSTS)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    print(f"rivals: an account of {POSTS} posts, nothing known before, medians of {ROUNDS} rounds")
    print(f"  {'':24}{'posts':>6}{'requests':>10}{'bytes/post':>12}{'posts/s':>9}{'without start-up':>18}")
    try:
        for platform, rival in rivals.items():
            rounds: dict[str, list[Measured]] = {}
            for _ in range(ROUNDS):
                for tool in (ours, rival):
                    rounds.setdefault(tool.__name__, []).append(measured(tool, platform, url))
            for name, runs in rounds.items():
                _print(f"{platform}, {name.replace('_', '-')}", runs)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    print(
        "  ours also keeps every answer byte for byte (WARC, forced to disk), revisions, counts and a cursor"
    )


def _print(name: str, runs: list[Measured]) -> None:
    last = runs[-1]
    wall, asking = (median(each) for each in ([r.seconds for r in runs], [r.asking for r in runs]))
    print(
        f"  {name:24}{last.posts:>6}{last.requests:>10}{last.bytes / max(1, last.posts):>12,.0f}"
        f"{last.posts / wall:>9,.0f}{last.posts / asking:>18,.0f}"
    )


if __name__ == "__main__":
    main()
