"""`make payloads`: every captured response beside the checkout, and what our readers make of it.

    python tests/payloads.py PAYLOADS_DIR CAPTURES_DIR

A line an answer: which platform's it is, how many posts, the first and the last, or why it is no answer to a
request of ours. Ends with 1 if one of ours could not be read whole, with 0 where a folder is absent.
"""

import gzip
import importlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, quote, urlsplit

import yaml

from archiver.config import PlatformConfig
from archiver.errors import PageError
from archiver.posts import Account
from spiders.page import Page
from spiders.platform import UNCLEAR, Platform, Reading

FOLDERS = (
    "telegram",
    "x",
    "mastodon",
    "bluesky",
    "rss_atom",
    "wordpress",
    "nitter",
    "threads",
    "instagram",
    "facebook",
)
CAPTURES = ("bluesky", "hollo", "mastodon-cassettes", "x-playground", "wordpress", "rssbridge")
META = Path("meta-testdata") / "testdata"
# What a reader is for: "posts" and "account" are our own requests, "like" is another endpoint whose answers
# look the same, so that its posts are read as a further test of the reader. "single" asks for posts by id,
# "history" for what one said before.
Use = Literal["posts", "account", "single", "history", "like"]
ENDPOINTS: tuple[tuple[str, str, Use], ...] = (
    (r"^https://t\.me/.*#header$", "telegram", "account"),
    (r"^https?://t\.me/", "telegram", "posts"),
    (r"/api/v1/accounts/lookup\?", "mastodon", "account"),
    (r"/api/v1/accounts/[^/?]+/statuses", "mastodon", "posts"),
    (r"/api/v1/accounts/[\w-]*\d[\w-]*$", "mastodon", "account"),
    (r"/api/v1/statuses/[^/?]+$", "mastodon", "single"),
    (r"/api/v1/statuses/[^/?]+/history$", "mastodon", "history"),
    (r"/api/v1/timelines/|/api/v1/statuses/[^/]+/quotes", "mastodon", "like"),
    (r"/xrpc/app\.bsky\.actor\.getProfile(\?|$)", "bluesky", "account"),
    (r"/xrpc/app\.bsky\.feed\.getAuthorFeed", "bluesky", "posts"),
    (r"/xrpc/app\.bsky\.feed\.getPosts\?|/xrpc/com\.atproto\.repo\.getRecord\?", "bluesky", "single"),
    (r"/xrpc/com\.atproto\.repo\.listRecords\?.*app\.bsky\.feed\.post(&|$)", "bluesky", "posts"),
    (r"//[^/]+/did:plc:\w+$", "bluesky", "posts"),  # the document that points to an account's own server
    (r"/xrpc/app\.bsky\.feed\.get(List)?Feed(\?|$)", "bluesky", "like"),
    (r"/2/users/by/username/", "x", "account"),
    (r"/2/users/\d+/tweets", "x", "posts"),
    (r"/2/tweets(\?|/search/|/\d+/quote_tweets)", "x", "like"),
    (r"/wp-json/$", "wordpress", "account"),
    (r"/wp-json/wp/v2/posts/\d+$", "wordpress", "single"),
    (r"/wp-json/wp/v2/posts\?_fields=", "wordpress", "like"),
    (r"/wp-json/wp/v2/posts(\?|$)", "wordpress", "posts"),
    (r"^https://nitter\.example/", "nitter", "posts"),
    (r"^https://graph\.threads\.net/v1\.0/(me|profile_lookup)\?", "threads", "account"),
    (r"^https://graph\.threads\.net/v1\.0/(me/threads|profile_posts)\?", "threads", "posts"),
    (r"^https://graph\.threads\.net/v1\.0/\d+/conversation", "threads", "like"),
    (r"^https://graph\.facebook\.com/.*business_discovery[^/]*profile$", "instagram", "account"),
    (r"^https://graph\.facebook\.com/.*business_discovery", "instagram", "posts"),
    (r"^https://graph\.facebook\.com/v\d+\.0/\d+/posts", "facebook", "posts"),
    (r"^https://graph\.facebook\.com/v\d+\.0/page\?", "facebook", "account"),
    (r"/feed/|[?&]feed=|[?&]format=(Atom|Mrss|Json)", "feed", "posts"),
    (r"^https://payloads\.example/[^/]+\.(rss|atom|xml|json)$", "feed", "posts"),
    (r"^http://localhost:8200/(\?p=\d+)?$", "feed", "posts"),  # a site's page points to its feed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One captured response; `url` is None where nobody wrote down what was asked."""

    name: str
    url: str | None
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


# -- the files ----------------------------------------------------------------------------------------


def answers(path: Path) -> Iterator[Answer]:
    """The responses in a file; none in the notes that belong to another file."""
    body = path.read_bytes()
    if path.suffix in (".yaml", ".yml"):
        yield from _cassette(path, body)
    elif path.suffix != ".json":
        if not path.with_suffix(".json").exists():  # else the body of a capture
            yield Answer(name=path.name, url=_made_up(path, body), body=body)
    elif not path.name.endswith(".http.json"):
        asked = path.with_suffix(".http.json")
        said = _json(body)  # a documentation's example may be none
        if asked.exists():
            http = json.loads(asked.read_bytes())
            yield _answer(path.name, http["url"], int(http["status"]), http["headers"], body)
        elif isinstance(said, dict) and {"request", "response"} <= said.keys():
            response = said["response"]
            content = _captured(response["body"], path.parent)
            yield _answer(path.name, said["request"]["url"], response["status"], response["headers"], content)
        else:
            made_up = _made_up(path, body, said)
            failed = "graph.facebook.com" in str(made_up) and isinstance(said, dict) and "error" in said
            yield Answer(name=path.name, url=made_up, body=body, status=400 if failed else 200)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _cassette(path: Path, body: bytes) -> Iterator[Answer]:
    """vcrpy's `interactions` and R vcr's `http_interactions`."""
    recorded = yaml.load(body, Loader=yaml.CSafeLoader)
    for number, each in enumerate(recorded.get("interactions") or recorded["http_interactions"], 1):
        response = each["response"]
        status = response["status"]
        if isinstance(status, dict):
            status = status.get("code") or status["status_code"]
        content = (response.get("body") or {}).get("string") or ""
        content = content.encode() if isinstance(content, str) else content
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        name = f"{path.name}[{number}] {each['request']['method'].upper()}"
        yield _answer(name, each["request"]["uri"], int(status), response.get("headers") or {}, content)


def _answer(name: str, url: str, status: int, headers: Any, body: bytes) -> Answer:
    pairs = headers.items() if isinstance(headers, dict) else headers
    plain = {k.lower(): ", ".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in pairs}
    return Answer(name=name, url=url, status=status, headers=plain, body=body)


def _captured(body: Any, folder: Path) -> bytes:
    """A capture's body: JSON in place, a text, or the name of a file beside it."""
    if isinstance(body, dict) and set(body) == {"file", "bytes"}:
        return (folder / body["file"]).read_bytes()
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _made_up(path: Path, body: bytes, said: Any = None) -> str | None:
    """The address that would have brought a body of which nobody wrote down the request: by its folder, the
    method in its name, or its shape."""
    if path.parent.name == "telegram":
        named = re.search(rb'data-post="(\w+)/\d+"|//t\.me/(\w+)', body)
        channel = (named[1] or named[2]).decode() if named else "some_channel"
        excerpt = b"tgme_channel_info" in body and b"tgme_channel_history" not in body
        return f"https://t.me/s/{channel}" + ("#header" if excerpt else "")
    if made := _of_meta(path.stem, path.parts, said):
        return made
    if path.parent.name == "nitter":
        named = re.search(rb'profile-card-username" href="/(\w+)"', body)
        return f"https://nitter.example/{named[1].decode()}" if named else None
    if path.parent.name == "wordpress" and "posts" in path.name and isinstance(said, list):
        return "https://payloads.example/wp-json/wp/v2/posts"
    if path.parent.name == "rss_atom":
        return f"https://payloads.example/{path.name}"
    if method := re.search(r"(app\.bsky|com\.atproto)(\.[a-zA-Z]+)+", path.name):
        return f"https://payloads.example/xrpc/{method[0]}"
    if path.parent.name == "x" and isinstance(said, dict) and isinstance(said.get("data"), list):
        return "https://payloads.example/2/tweets?ids=" if "text" in said["data"][0] else None
    return None


def _of_meta(name: str, folders: tuple[str, ...], said: Any) -> str | None:
    """The addresses of Meta's answers: those of other requests have other shapes."""
    if not isinstance(said, dict) or not {"threads", "instagram", "facebook", META.parts[0]} & set(folders):
        return None
    if "business_discovery" in said:
        what = "media.limit(50){id}" if "media" in said["business_discovery"] else "profile"
        return f"https://graph.facebook.com/v23.0/42?fields=business_discovery{what}"
    if "error" in said:
        return "https://graph.facebook.com/v23.0/100/posts"
    if "posts" in folders or name.startswith("pyfacebook_posts_"):
        return "https://graph.facebook.com/v23.0/100/posts" if "data" in said else None
    if "pages" in folders or name.startswith("pyfacebook_pages_"):
        return "https://graph.facebook.com/v23.0/page?fields=id" if "id" in said and "name" in said else None
    if "threads" in folders and name.startswith("postman_me_"):
        return "https://graph.threads.net/v1.0/me" + ("/threads?" if "data" in said else "?")
    return "https://graph.threads.net/v1.0/1/conversation" if name == "postman_conversation" else None


# -- reading ------------------------------------------------------------------------------------------


def target_of(platform: str, url: str, body: bytes) -> str:
    """The account that was asked for, as `PLATFORM:HANDLE` has it, as far as the answer tells."""
    parts = urlsplit(url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    said = _json(body)
    if platform == "telegram":
        return parts.path.removeprefix("/s").split("/")[1]
    if platform == "feed":
        return quote(url.split("#")[0], safe="/%:@!$&'()*+,;=~?[]#")
    if platform in ("threads", "instagram", "facebook"):
        return "somebody"
    if platform == "nitter":
        return f"{parts.path.split('/')[1]}@{parts.netloc}"
    if platform == "wordpress":
        return f"{parts.scheme}://{parts.netloc}"
    if platform == "bluesky":
        return asked.get("actor", "somebody.test")
    if platform == "mastodon":
        first = said[0] if isinstance(said, list) and said else {}
        one = said if isinstance(said, dict) else first
        name = asked.get("acct") or one.get("acct") or one.get("account", {}).get("acct") or "somebody"
        return name if "@" in name else f"{name}@{parts.netloc}"
    users = said.get("includes", {}).get("users", []) if isinstance(said, dict) else []
    named = re.search(r"/by/username/(\w+)", url)
    return named[1] if named else users[0]["username"] if users else "somebody"


def reader(name: str) -> Platform:
    module = importlib.import_module(f"spiders.{name}")
    found: list[type[Platform]] = [
        c for c in vars(module).values() if isinstance(c, type) and getattr(c, "name", None) == name
    ]
    made = found[0]()
    made.config = PlatformConfig(source="pds") if name == "bluesky" else made.config
    return made


def use_of(answer: Answer) -> tuple[str, Use] | None:
    matching = (e for e in ENDPOINTS if answer.url and re.search(e[0], answer.url))
    return next(((platform, use) for _, platform, use in matching), None)


def told(answer: Answer) -> tuple[str, bool]:
    """What is made of an answer, and whether that is as it should be."""
    found = use_of(answer)
    if found is None or answer.name.endswith((" POST", " PUT", " DELETE", " PATCH")):
        asked = urlsplit(answer.url).path if answer.url else "nobody wrote down which"
        return f"no answer to a request of ours: {asked}", True
    name, use = found
    platform = reader(name)
    try:
        return _read(platform, name, use, answer)
    except PageError as error:
        if answer.status >= 400 or error.what.startswith("RSS-Bridge"):
            return f"{name}: error answer (HTTP {answer.status}): {error.what}", True
        return f"{name}: FAILED {error.what}", use == "like"
    except Exception as error:  # noqa: BLE001 - this is the edge: a table of everything that goes wrong
        return f"{name}: FAILED {type(error).__name__}: {error}", False


def _read(platform: Platform, name: str, use: Use, answer: Answer) -> tuple[str, bool]:
    if answer.status == 304:
        return f"{name}: nothing new (HTTP 304)", True
    url = str(answer.url)
    page = Page(
        url=url,
        body=answer.body,
        target=platform.handle(target_of(name, url, answer.body)),
        status=answer.status,
        headers=answer.headers,
        fetched_at=datetime.now(UTC),
    )
    if use == "single":
        return _verdicts_line(platform, page)
    if use == "history":
        versions = platform.history(page) if page.status == 200 else ()
        said = [platform.post(version, page) for version in versions]
        return f"{name}: {len(said)} versions of a post (HTTP {page.status})", True
    if elsewhere := platform.elsewhere(page):
        return f"{name}: points to {elsewhere}", True
    if refusal := platform.refusal(page):
        return f"{name}: refused, {refusal} (HTTP {answer.status})", True
    if answer.status >= 400 and use == "like":
        return f"{name}: error answer (HTTP {answer.status})", True
    if use == "account":
        account = platform.account(page)
        return _account_line(name, account), account is not None
    reading = platform.read(page)
    return _posts_line(name, use, reading), use == "like" or _is_whole(reading)


def _verdicts_line(platform: Platform, page: Page) -> tuple[str, bool]:
    """What becomes of the posts that were asked for; one that is there has to be readable."""
    asked = _asked_for(platform.name, page)
    verdicts = platform.verdicts(page, asked)
    said = []
    for native_id in asked:
        verdict = verdicts.get(native_id, UNCLEAR)
        post = platform.post(verdict.item, page) if verdict.says == "live" else None
        said.append(f"{post.native_id if post else native_id} {verdict.says}")
    return f"{platform.name}: single posts: {', '.join(said)} (HTTP {page.status})", True


def _asked_for(platform: str, page: Page) -> tuple[str, ...]:
    parts = urlsplit(page.url)
    asked = parse_qs(parts.query)
    if platform == "bluesky":
        names = ("repo", "collection", "rkey")
        return tuple(asked.get("uris", ())) or ("at://" + "/".join(asked[name][0] for name in names),)
    return (f"{parts.path.rpartition('/')[2]}@{parts.netloc}",)


def _account_line(name: str, account: Account | None) -> str:
    return f"{name}: account page of {account.handle} ({account.native_id})" if account else f"{name}: FAILED"


def _posts_line(name: str, use: Use, reading: Reading) -> str:
    posts = reading.posts
    parts = [f"{name}{' (another endpoint, same form)' if use == 'like' else ''}: {len(posts)} posts"]
    if posts:
        ends = (posts[0], posts[-1])
        parts += [f"{p.native_id} {p.published_at and p.published_at.isoformat()}" for p in ends]
        parts.append(f"{sum(len(post.attachments or ()) for post in posts)} attachments")
    problems = Counter(problem.what for problem in reading.problems)
    return ", ".join([*parts, *(f"PROBLEM {what} ({times} times)" for what, times in problems.items())])


def _is_whole(reading: Reading) -> bool:
    """Nothing served was lost, but for what the captured file itself does not have."""
    return all(problem.what.startswith("the feed is cut off") for problem in reading.problems)


# -- the table ----------------------------------------------------------------------------------------


def files(root: Path, names: tuple[str, ...]) -> Iterator[Path]:
    deeper = sorted(p for p in (root / META).rglob("*") if p.is_file())
    for name in (*names, None):
        for path in sorted((root / name).glob("*")) if name else deeper:
            if path.suffix in (".html", ".json", ".xml", ".rss", ".atom", ".yaml", ".yml"):
                yield path


def table(payloads: Path, captures: Path, show: Callable[[str], object] = print) -> int:
    """Shows the table; 1 if an answer of ours could not be read whole."""
    counts: Counter[str] = Counter()
    for root, names in ((payloads, FOLDERS), (captures, CAPTURES)):
        if not root.is_dir():
            show(f"{root}: not there, nothing read")
            continue
        for path in files(root, names):
            for answer in answers(path):
                line, fine = told(answer)
                show(f"{path.parent.name}/{answer.name} -> {line}")
                counts["failed" if not fine else re.split(r"[:(,]", line)[0].strip()] += 1
    show("; ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing to read")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: payloads.py PAYLOADS_DIR CAPTURES_DIR")
    sys.exit(table(Path(sys.argv[1]), Path(sys.argv[2])))
