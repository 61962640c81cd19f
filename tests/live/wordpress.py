"""A real WordPress: archived by its REST API while its owner writes, edits, trashes and deletes.

What was published is asked of WordPress itself (change.php), not of its API.
"""

import html
import json
import shutil
from pathlib import Path
from typing import Any

from parts import Absent, Archive, Findings, ask, shell

SITE = "http://localhost:8200"
SETTINGS = '[crawl]\nrevisit = "9999d"\n'
HERE = Path(__file__).parent


def check(lab: Path) -> None:
    if not Path("/usr/share/wordpress/wp-load.php").is_file():
        raise Absent("WordPress (apt install wordpress wordpress-theme-twentytwentythree)")
    for command, package in (("php", "php-cli php-mysql"), ("mariadbd", "mariadb-server")):
        if shutil.which(command) is None and not Path(f"/usr/sbin/{command}").exists():
            raise Absent(f"{command} (apt install {package})")


def start(lab: Path) -> None:
    # The script leaves servers behind that would hold a pipe open.
    shell("bash wordpress/start.sh > wordpress/start.log 2>&1 </dev/null", lab, LAB=str(lab), RESET="1")
    print(shell("tail -1 wordpress/start.log", lab).rstrip())


def stop(lab: Path) -> None:
    shell("bash wordpress/stop.sh || true", lab, LAB=str(lab))


def run(lab: Path, folder: Path) -> Findings:
    found = Findings("wordpress")

    def owner(*words: str) -> Any:
        told = shell(
            "php " + " ".join(f"'{word}'" for word in (str(HERE / "change.php"), *words)),
            lab,
            ROOT=str(lab / "wordpress/site"),
            SITE=SITE,
        )
        return json.loads(told[told.index("{") :])

    def published(told: Any) -> set[str]:
        return {f"{number}@localhost:8200" for number in told["posts"]}

    archive = Archive(folder / "wordpress", SETTINGS, [f"wordpress:{SITE}"])
    api = f"{SITE}/wp-json/"
    archive.crawl()
    told = owner("list")
    found.equal("posts", archive.ids(api), published(told))
    titles = {f"{number}@localhost:8200": title for number, title in told["posts"].items()}
    kept = {i for i, title in titles.items() if html.unescape(title) in archive.texts(i)[0]}
    found.equal("titles as published", kept, set(titles))

    numbers = sorted(told["posts"], key=int)
    edited, trashed, deleted = numbers[10], numbers[20], numbers[30]
    owner("edit", edited, "سمه شوې بڼه")
    owner("trash", trashed)
    owner("delete", deleted)
    told = owner("write", "نوی خبر")
    new = f"{told['id']}@localhost:8200"
    ids = {name: f"{n}@localhost:8200" for name, n in (("trash", trashed), ("deleted", deleted))}
    archive.crawl(day=1)
    texts = archive.texts(f"{edited}@localhost:8200")
    found.equal("a day later: the edit is a revision", [len(texts), "سمه شوې بڼه" in texts[-1]], [2, True])
    found.equal("a day later: the new post is there", new in archive.ids(api), True)
    found.equal("a day later: asked once", archive.ids(api, "missing"), set(ids.values()))
    archive.crawl(day=2)
    found.equal("two days later: tombstones", archive.ids(api, "gone"), set(ids.values()))
    found.equal(
        "and their evidence",
        [archive.states(ids["deleted"]), archive.states(ids["trash"])],
        [["live 200", "missing 404", "gone 404"], ["live 200", "missing 401", "gone 401"]],
    )
    found.equal("all that is live", archive.ids(api, "live"), published(told))
    found.equal("revisions: one a post and one edit", archive.revisions, len(numbers) + 1 + 1)
    found.equal("everything adds up", archive.wrong, [])
    assert ask(api)["namespaces"]
    return found
