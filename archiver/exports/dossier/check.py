"""Checks this dossier: its captures, media, texts, ledger. Needs Python 3.9 or newer and nothing else."""

import hashlib
import json
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
wrong: list[str] = []


def read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str:
    """Of a file of any size."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(2**20), b""):
            found.update(block)
    return found.hexdigest()


def check(is_right: bool, what: str) -> None:
    if not is_right:
        wrong.append(what)
        print("WRONG  " + what)


def files() -> int:
    """The bag's own list."""
    count = 0
    for line in (HERE.parent / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines():
        told, _, name = line.partition("  ")
        path = HERE.parent / name
        check(path.is_file() and digest_of(path) == told, name + " is not as listed")
        count += 1
    return count


def captures() -> int:
    """Each capture's records as they were written, and the body of its response."""
    content = (HERE / "captures.warc.gz").read_bytes()
    listed = read("captures.json")
    for each in listed:
        name = "capture of " + each["url"]
        place = each["here"]
        if place is None:
            print("note   " + name + ": another archive has its bytes, they are not in this dossier")
            continue
        records = content[place["offset"] : place["offset"] + place["length"]]
        if each["record_sha256"]:
            check(digest(records) == each["record_sha256"], name + ": not the bytes that were written")
        plain = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(records)
        head, _, block = plain.partition(b"\r\n\r\n")
        block = block[:-4]
        body = block.partition(b"\r\n\r\n")[2] if b"\r\nContent-Type: application/http" in head else block
        check(digest(body) == each["sha256"], name + ": the body is not the one that was captured")
        check(len(body) == each["size"], name + ": the body is not as long as it was")
    return sum(each["here"] is not None for each in listed)


def posts() -> list[Any]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("posts/*/post.json"))]


def downloaded() -> dict[str, Any]:
    """What the posts tell of the files of their media, by digest."""
    tries = [
        tried
        for post in posts()
        for revision in post["revisions"]
        for attachment in revision["attachments"]
        for tried in attachment["downloads"]
    ]
    return {tried["file"]["sha256"]: tried["file"] for tried in tries if tried["file"]}


def media() -> int:
    """Each file is the one that its post tells of, and none is here that no post tells of."""
    told = downloaded()
    for sha256, file in told.items():
        path = HERE / file["path"]
        if not path.is_file():
            check(False, file["path"] + " is missing")
            continue
        check(digest_of(path) == sha256, file["path"] + ": not the bytes that were downloaded")
        check(path.stat().st_size == file["size"], file["path"] + ": not as long as it was")
    known = {file["path"] for file in told.values()}
    for path in HERE.glob("media/*/*"):
        name = path.relative_to(HERE).as_posix()
        check(name in known, name + ": no post tells of it")
    return len(told)


def texts() -> int:
    """Each revision's digest, over what it says."""
    count = 0
    for path in sorted(HERE.glob("posts/*/post.json")):
        for revision in json.loads(path.read_text(encoding="utf-8"))["revisions"]:
            poll = revision["poll"]
            said = {
                "title": revision["title"],
                "warning": revision["warning"],
                "text": revision["text"],
                "attachments": [[a["kind"], a["key"], a["alt"]] for a in revision["attachments"]],
                "poll": [poll["question"], [o["text"] for o in poll["options"]]] if poll else None,
            }
            spelled = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
            name = f"{path.parent.name}, revision {revision['seq']}"
            check(digest(spelled.encode()) == revision["digest"], name + ": the text is not the one stored")
            count += 1
    return count


def ledger() -> dict[int, str]:
    """The hash of every row that is here; each row follows from the one before."""
    hashes: dict[int, str] = {}
    payloads = {}
    for line in (HERE / "ledger.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        before = hashes.get(row["seq"] - 1)
        check(before in (None, row["prev"]), f"ledger row {row['seq']} does not follow from the one before")
        hashes[row["seq"]] = digest(line)
        payloads[row["seq"]] = row["payload_sha256"]
    for path in HERE.glob("facts/*.json"):
        seq = int(path.stem)
        right = digest(path.read_bytes()) == payloads.get(seq)
        check(right, f"facts/{path.name} is not what ledger row {seq} vouches for")
    return hashes


def facts() -> int:
    """What the ledger vouches for is what the dossier shows."""
    shown = {f"{c['warc']}@{c['offset']}": c for c in read("captures.json")}
    digests = {(p["post"], r["seq"]): r["digest"] for p in posts() for r in p["revisions"]}
    files_told = downloaded()
    found = [json.loads(p.read_text(encoding="utf-8")) for p in HERE.glob("facts/*.json")]
    for fact in found:
        if "digest" in fact:
            told = digests.get((fact["post"], fact["seq"]))
            check(told == fact["digest"], f"{fact['post']}, revision {fact['seq']}: not the ledger's")
        elif "record_sha256" in fact:
            capture = shown.get(f"{fact['warc']}@{fact['offset']}", {})
            same = all(capture.get(n) == fact[n] for n in ("url", "sha256", "size", "record_sha256"))
            check(same, f"capture of {fact['url']}: not the ledger's")
        elif "stored_at" in fact:
            file = files_told.get(fact["sha256"], {})
            same = all(file.get(n) == fact[n] for n in ("sha256", "size", "content_type", "path"))
            check(same, f"{fact['path']}: not the ledger's")
    return len(found)


def stamps(hashes: dict[int, str]) -> int:
    """The stamped rows are rows of this ledger; openssl, where it is installed, checks the signatures."""
    count = 0
    for path in sorted(HERE.glob("stamps/*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        row, token, chain = (path.with_suffix(end) for end in (".row", ".tsr", ".pem"))
        check(digest(row.read_bytes()) == told["hash"], row.name + " is not the row that was stamped")
        check(hashes.get(told["ledger_row"]) == told["hash"], row.name + " is not a row of this ledger")
        count += 1
        if shutil.which("openssl") is None:
            print(f"note   openssl is not installed: the signature of {token.name} was not checked")
            continue
        asked = ["openssl", "ts", "-verify", "-data", str(row), "-in", str(token), "-CAfile", str(chain)]
        done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        check(done.returncode == 0, f"{token.name}: openssl does not accept it")
        print(f"note   stamped {told['at']} by {told['signer']}, trusted through {told['root']}")
    return count


print(f"{files()} files as listed")
print(f"{captures()} captures")
print(f"{media()} media files")
print(f"{texts()} texts")
rows = ledger()
print(f"{len(rows)} rows of the ledger")
print(f"{facts()} facts that it vouches for")
print(f"{stamps(rows)} stamps")
print(f"{len(wrong)} things do not add up" if wrong else "everything adds up")
sys.exit(1 if wrong else 0)
