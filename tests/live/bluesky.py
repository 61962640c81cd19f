"""A real Bluesky network (PLC, PDS and AppView of @atproto/dev-env): published, archived, changed, archived.

What was published is read from the accounts' own repositories on the PDS; the archive asked the AppView.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from parts import Absent, Archive, Findings, ask, shell, wait_until

PDS, APPVIEW, DIRECTORY = "http://localhost:2583", "http://localhost:2584", "http://localhost:2582"
POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
WINDOW = "9999d"  # the seeded posts are dated 2024
SETTINGS = f'[crawl]\nrevisit = "{WINDOW}"\n[platforms.bluesky]\nbase_url = "{APPVIEW}"\n'
FROM_PDS = f'{SETTINGS}source = "pds"\ndirectory = "{DIRECTORY}"\n'


def check(lab: Path) -> None:
    """Raises Absent where something is missing that no script here installs."""
    if not (lab / "bluesky/node_modules/@atproto/dev-env").is_dir():
        raise Absent(f"npm's @atproto/dev-env in {lab}/bluesky (npm i @atproto/dev-env, see {lab}/README.md)")
    if not (lab / "bluesky/node_modules/better-sqlite3/build/Release").is_dir():
        raise Absent(f"better-sqlite3 built for this node in {lab}/bluesky (see {lab}/README.md)")
    for command in ("redis-server", "psql"):
        if shell(f"command -v {command} || true", lab) == "":
            raise Absent(f"{command} (apt install redis-server postgresql)")


def start(lab: Path) -> None:
    print(shell("bash bluesky/start.sh 2>&1 </dev/null | tail -2", lab, LAB=str(lab)).rstrip())
    shell('. ./lib.sh; cd bluesky; node seed.mjs "${POSTS:-120}" > seed.log', lab, LAB=str(lab))


def stop(lab: Path) -> None:
    for server in ("bluesky", "redis", "pg"):
        shell(f"bash {server}/stop.sh || true", lab, LAB=str(lab))


class Author:
    """An account as its owner uses it."""

    def __init__(self, handle: str, password: str) -> None:
        told = self._do("com.atproto.server.createSession", {"identifier": handle, "password": password})
        self.did, self.token = told["did"], told["accessJwt"]

    def _do(self, method: str, body: Any) -> Any:
        return ask(f"{PDS}/xrpc/{method}", body, getattr(self, "token", None))

    def records(self, collection: str) -> dict[str, Any]:
        """All records of a collection by their addresses."""
        found: dict[str, Any] = {}
        cursor = None
        while True:
            asked = {"repo": self.did, "collection": collection, "limit": 100}
            page = ask(
                f"{PDS}/xrpc/com.atproto.repo.listRecords?"
                + urlencode(asked | ({"cursor": cursor} if cursor else {}))
            )
            found |= {record["uri"]: record["value"] for record in page["records"]}
            cursor = page.get("cursor")
            if not cursor or not page["records"]:
                return found

    def write(self, text: str) -> str:
        from datetime import UTC, datetime

        record = {"$type": POST, "text": text, "createdAt": datetime.now(UTC).isoformat(), "langs": ["ps"]}
        made = self._do(
            "com.atproto.repo.createRecord", {"repo": self.did, "collection": POST, "record": record}
        )
        return str(made["uri"])

    def edit(self, uri: str, text: str) -> None:
        record = {k: v for k, v in self.records(POST)[uri].items() if k != "facets"} | {"text": text}
        place = {"repo": self.did, "collection": POST, "rkey": uri.rpartition("/")[2], "record": record}
        self._do("com.atproto.repo.putRecord", place)

    def delete(self, uri: str) -> None:
        _, _, _, collection, key = uri.split("/")
        self._do("com.atproto.repo.deleteRecord", {"repo": self.did, "collection": collection, "rkey": key})

    def deactivate(self) -> None:
        self._do("com.atproto.server.deactivateAccount", {})

    def rename(self, handle: str) -> None:
        self._do("com.atproto.identity.updateHandle", {"handle": handle})

    @property
    def published(self) -> set[str]:
        return {*self.records(POST), *self.records(REPOST)}


def _feed(did: str) -> dict[str, str]:
    """What the AppView shows of the newest posts, by address."""
    answer = ask(f"{APPVIEW}/xrpc/app.bsky.feed.getAuthorFeed?" + urlencode({"actor": did, "limit": 100}))
    return {
        (item.get("reason") or item["post"])["uri"]: item["post"]["record"]["text"] for item in answer["feed"]
    }


def run(lab: Path, folder: Path) -> Findings:
    found = Findings("bluesky")
    seeded = json.loads((lab / "bluesky/seeded.json").read_text())
    pashto, urdu, arabic = (
        Author(handle, f"pw-{handle.replace('-new', '')}")
        for handle in ("kabul-akhbar.test", "urdu-akhbar.test", "arab-nashra-new.test")
    )
    reader = Author("commenter-1.test", "pw-commenter-1.test")
    watched = ["kabul-akhbar.test", "urdu-akhbar.test", "arab-nashra-new.test", "commenter-1.test"]
    watched += ["gone.test", "no-unauth.test"]
    archive = Archive(folder / "bluesky", SETTINGS, [f"bluesky:{handle}" for handle in watched])

    archive.crawl()
    for name, author in (("Pashto", pashto), ("Urdu", urdu), ("Arabic", arabic)):
        found.equal(f"{name}: posts and reposts", archive.ids(author.did), author.published)
        wanted = {u: r["text"] for u, r in author.records(POST).items()}
        kept = {uri: archive.texts(uri) for uri in wanted}
        same = {uri for uri, texts in kept.items() if len(texts) == 1 and _plain(texts[0], wanted[uri])}
        found.equal(f"{name}: texts as published", same, set(wanted))
    refusals = {watch.account: watch.refusal for watch in archive.status.totals.watches if watch.refusal}
    found.equal("refused", refusals, {"gone.test": "not_found", "no-unauth.test": "protected"})

    deleted, edited = sorted(pashto.records(POST))[3:5]
    [repost] = pashto.records(REPOST)
    before = pashto.records(POST)[edited]["text"]
    pashto.edit(edited, "دا خبر سم شو.")
    pashto.delete(deleted)
    pashto.delete(repost)
    new = pashto.write("نوی خبر د بدلون وروسته.")
    arabic.rename("arab-third-name.test")
    said = reader.published
    reader.deactivate()
    wait_until(
        lambda: (
            (feed := _feed(pashto.did)).get(edited) == "دا خبر سم شو."
            and new in feed
            and not {deleted, repost} & feed.keys()
        ),
        "the AppView shows the changes",
    )
    archive.crawl(day=1)
    archive.crawl(day=1)
    found.equal("a day later: the edit is a revision", archive.texts(edited), [before, "دا خبر سم شو."])
    found.equal("a day later: deleted, asked once", archive.ids(pashto.did, "missing"), {deleted})
    archive.crawl(day=2)
    found.equal("two days later: tombstones", archive.ids(pashto.did, "gone"), {deleted, repost})
    found.equal("and their evidence", archive.states(deleted), ["live 200", "missing 200", "gone 200"])
    found.equal("a repost says so at once", archive.states(repost), ["live 200", "gone 400"])
    found.equal("nothing else is gone", archive.ids(urdu.did, "gone", "missing"), set())
    found.equal("all that is live", archive.ids(pashto.did, "live"), pashto.published)
    found.equal("the renamed account goes on", archive.ids(arabic.did), arabic.published)
    found.equal("of an account that left, nothing is gone", archive.ids(reader.did, "live"), said)
    refusals = {watch.account: watch.refusal for watch in archive.status.totals.watches if watch.refusal}
    found.equal("and that is said", refusals.get("commenter-1.test"), "suspended")
    total = sum(len(a.published) for a in (pashto, urdu, arabic)) + len(said) + 2
    found.equal("revisions: one a post and one edit", archive.revisions, total + 1)

    archive.configure(FROM_PDS)
    archive.crawl(day=3, full=True, watches=["bluesky:kabul-akhbar.test", "bluesky:urdu-akhbar.test"])
    found.equal("by --source pds: no false revision", archive.revisions, total + 1)
    other = Archive(folder / "bluesky-pds", FROM_PDS, ["bluesky:kabul-akhbar.test"])
    other.crawl()
    found.equal("by the PDS alone: all posts", other.ids(pashto.did), set(pashto.records(POST)))
    found.equal("everything adds up", [*archive.wrong, *other.wrong], [])
    assert seeded["accounts"]["kabul-akhbar"]["did"] == pashto.did
    return found


def _plain(kept: str, published: str) -> bool:
    """A link that was shown shortened is written out in the archive, a warning stands before the text."""
    return kept.endswith(published) or "…" in published or "https://" in published
