"""How many posts a second a crawl archives, against plain Scrapy writing JSON lines from the same server.

Ours: responses in WARC on disk before they are read, posts with revisions, accounts and counts in the
database, a cursor after each page, syncs included. Plain Scrapy: the server's own objects, a line each,
Scrapy's defaults, nothing synced. Both follow the same pages of the same accounts from a server in a process
of its own; start-up and imports are not counted.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ACCOUNTS, POSTS, SIZE, ROUNDS = 20, 300, 50, 3

SERVER = """
import asyncio, json, sys
from datetime import UTC, datetime, timedelta
ACCOUNTS, POSTS = map(int, sys.argv[1:])
START = datetime(2026, 1, 1, tzinfo=UTC)
SAID = "د هرات لاره د واورې له امله بنده ده. آج شہر میں بازار کھلے رہیں گے۔ الطريق مفتوح منذ الصباح. "
def post(actor, n):
    at = (START + timedelta(minutes=n)).isoformat().replace("+00:00", "Z")
    return {"post": {"uri": f"at://{actor}/app.bsky.feed.post/{n:06d}", "cid": f"bafy{n}",
        "author": {"did": actor, "handle": "h.example", "displayName": "Name"},
        "record": {"$type": "app.bsky.feed.post", "text": f"{n}: {SAID * 2}", "createdAt": at},
        "replyCount": n % 3, "repostCount": n % 5, "likeCount": n, "quoteCount": 0, "indexedAt": at}}
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n"
PAGES = {}
def answer(path):
    if path not in PAGES:
        query = dict(pair.split("=") for pair in path.partition("?")[2].split("&"))
        actor = query["actor"].replace("%3A", ":")
        if "getProfile" in path:
            did = "did:plc:" + actor.partition(".")[0].ljust(24, "a")
            told = {"did": did, "handle": actor, "displayName": "Name"}
        else:
            top, size = int(query.get("cursor", POSTS)), int(query["limit"])
            numbers = range(top - 1, max(-1, top - 1 - size), -1)
            told = {"feed": [post(actor, n) for n in numbers]}
            if numbers and numbers[-1] > 0:
                told["cursor"] = str(numbers[-1])
        PAGES[path] = json.dumps(told).encode()
    return PAGES[path]
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            body = answer(head.split()[1].decode())
            writer.write(HEAD % len(body) + body)
    except asyncio.IncompleteReadError:
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

PLAIN = """
import json, sys, time
import scrapy
from scrapy.crawler import CrawlerProcess
URL, ACCOUNTS, SIZE, OUT = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
FEED = URL + "/xrpc/app.bsky.feed.getAuthorFeed?actor=%s&limit=" + SIZE
class Plain(scrapy.Spider):
    name = "plain"
    count = 0
    async def start(self):
        self.started = time.perf_counter()
        for number in range(ACCOUNTS):
            yield scrapy.Request(FEED % f"did:plc:n{number}".ljust(32, "a"))
    def parse(self, response):
        page = response.json()
        for item in page["feed"]:
            Plain.count += 1
            yield item["post"]
        if "cursor" in page:
            yield scrapy.Request(response.url.partition("&cursor")[0] + "&cursor=" + page["cursor"])
    def closed(self, reason):
        Plain.seconds = time.perf_counter() - self.started
FEEDS = {OUT: {"format": "jsonlines", "encoding": "utf-8"}}
process = CrawlerProcess({"LOG_LEVEL": "WARNING", "FEEDS": FEEDS})
process.crawl(Plain)
process.start()
print(json.dumps({"posts": Plain.count, "seconds": Plain.seconds}))
"""

OURS = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from archiver import config
from archiver.jobs.crawl import crawl
from archiver.store import watches
from archiver.store.database import Database
import spiders.bluesky, archiver.crawl.capture, archiver.crawl.robots, archiver.crawl.pipeline
URL, ACCOUNTS, SIZE, FOLDER = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
toml = f"[platforms.bluesky]\\nbase_url = '{URL}'\\npage_size = {SIZE}\\n"
(FOLDER / "archiver.toml").write_text(toml)
settings = config.load(FOLDER)
database = Database.create(settings.database_url)
with database.write() as connection:
    for number in range(ACCOUNTS):
        watches.add(connection, platform="bluesky", handle=f"n{number}.example", at=datetime.now(UTC))
database.close()

started = time.perf_counter()
first = crawl(settings)
seconds = time.perf_counter() - started
started = time.perf_counter()
again = crawl(settings)
print(json.dumps({"posts": sum(o.new for o in first.outcomes), "seconds": seconds, "exit": first.exit,
    "again": time.perf_counter() - started, "pages_again": sum(o.pages for o in again.outcomes)}))
"""


def run(script: str, *words: object) -> dict[str, float]:
    """What a script in a process of its own says on its last line."""
    ran = subprocess.run(
        [sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        sys.exit(ran.stderr)
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Print posts a second of both and their ratio."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(ACCOUNTS), str(POSTS)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    ours, plain, again = [], [], []
    try:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                told = run(PLAIN, url, ACCOUNTS, SIZE, Path(folder) / "posts.jsonl")
                assert told["posts"] == ACCOUNTS * POSTS
                plain.append(told["posts"] / told["seconds"])
                told = run(OURS, url, ACCOUNTS, SIZE, folder)
                assert (told["posts"], told["exit"]) == (ACCOUNTS * POSTS, 0)
                ours.append(told["posts"] / told["seconds"])
                again.append(told["again"] / told["pages_again"])
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    total = ACCOUNTS * POSTS
    ratio = median(ours) / median(plain)
    print(f"crawling: {ACCOUNTS} accounts, {total} posts, pages of {SIZE}, median of {ROUNDS} rounds")
    print(f"  archived     {median(ours):>9,.0f} posts/s   {ratio:.2f} of plain Scrapy")
    print(f"  plain Scrapy {median(plain):>9,.0f} posts/s   JSON lines, nothing kept of the responses")
    print(f"  nothing new  {median(again) * 1000:>9,.1f} ms an account (one page each)")


if __name__ == "__main__":
    main()
