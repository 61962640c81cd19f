"""A dossier: posts as evidence, in a bag (BagIt 1.0) that can be checked without this program.

Everything under `data/` is listed with its SHA-256 in manifest-sha256.txt; captures are copied byte for byte.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from archiver import __version__
from archiver.errors import DamagedArchive
from archiver.exports import _dossier_media, _dossier_page
from archiver.exports._captures import CaptureReader, warcinfo
from archiver.exports._places import Place
from archiver.store import ledger
from archiver.store.dossiers import Dossier, chain, is_elsewhere
from archiver.store.records import CaptureRecord, RevisionRecord, as_json
from archiver.store.stamps import Stamp

_WARC = "captures.warc.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How, with what and (if it is to be told) on which machine the posts were collected."""

    made_at: datetime
    user_agent: str
    contact: str | None
    settings: Mapping[str, str]
    machine: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where the bytes are: the archive's folder, under which media lie, and that of its WARC files."""

    folder: Path
    captures: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A capture's place in the dossier's own WARC file. None: its bytes are in another archive alone."""

    capture: CaptureRecord
    offset: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is in a dossier. `unstamped`: rows of the ledger that no stamp covers yet; `elsewhere`: captures
    that are told of and whose bytes only another archive has; `files`: downloaded media."""

    captures: int
    elsewhere: int
    files: int
    rows: int
    stamps: tuple[Stamp, ...]
    unstamped: bool


def write(
    connection: Connection, dossiers: Sequence[Dossier], place: Place, archive: Archive, told: Collected
) -> Made:
    """All files of the bag. Raises DamagedArchive where a capture or a file is not what was kept."""
    placed = _captures(dossiers, place, archive.captures, told.made_at)
    media = {file.sha256: file for each in dossiers for file in each.files}
    files_copied = _dossier_media.copy(media.values(), place, archive.folder)
    names = [f"posts/{number:04d}-{_slug(each.record.post)}" for number, each in enumerate(dossiers, start=1)]
    for name, each in zip(names, dossiers, strict=True):
        _post(place, name, each)
    rows, stamps, unstamped = _ledger(connection, dossiers, place)
    for number, stamp in enumerate(stamps, start=1):
        _stamp(connection, place, f"stamps/{number}", stamp)
    _write(place, "collection.json", _json(_collection(told)))
    here = sum(each.offset is not None for each in placed)
    made = Made(
        captures=here,
        elsewhere=len(placed) - here,
        files=files_copied,
        rows=rows,
        stamps=tuple(stamps),
        unstamped=unstamped,
    )
    shown = [each.capture for each in placed]
    page = _dossier_page.page(
        list(zip(names, dossiers, strict=True)), shown, stamps, _collection(told), unstamped=unstamped
    )
    _write(place, "index.html", page)
    for name in ("check.py", "README.txt"):
        _write(place, name, files(__package__).joinpath("dossier", name).read_text(encoding="utf-8"))
    place.close()
    _bag(place, told, [each.record.post for each in dossiers])
    return made


# -- what is in it ------------------------------------------------------------------------------------------


def _captures(dossiers: Sequence[Dossier], place: Place, folder: Path, made_at: datetime) -> list[Placed]:
    """The records as they lie in the archive, and where each is in the copy; first those that are here."""
    wanted = {(c.warc, c.offset): c for each in dossiers for c in each.captures}
    placed: list[Placed] = []
    file = place.open(f"data/{_WARC}")
    file.write(warcinfo(_WARC, min((c.fetched_at for c in wanted.values()), default=made_at)))
    with closing(CaptureReader(folder)) as reader:
        for kept in reader.each(wanted.values()):
            records = kept.response + kept.request
            expected = kept.capture.record_sha256
            if expected is not None and sha256(records).hexdigest() != expected:
                where = f"{kept.capture.warc} at {kept.capture.offset}"
                raise DamagedArchive(f"{where}: not the bytes that were written; run `archiver verify`")
            placed.append(Placed(capture=kept.capture, offset=file.tell(), length=len(records)))
            file.write(records)
    placed += [Placed(capture=each) for each in wanted.values() if is_elsewhere(each)]
    listed = [{**as_json(each.capture), "here": _here(each)} for each in placed]
    _write(place, "captures.json", _json(listed))
    return placed


def _here(each: Placed) -> dict[str, Any] | None:
    if each.offset is None:
        return None
    return {"file": _WARC, "offset": each.offset, "length": each.length}


def _post(place: Place, name: str, each: Dossier) -> None:
    _write(place, f"{name}/post.json", _json({**as_json(each.record), "profiles": as_json(each.profiles)}))
    for revision in each.record.revisions:
        _write(place, f"{name}/revision-{revision.seq}.txt", revision.body)
        for number, (language, text) in enumerate(_translations(revision), start=1):
            _write(place, f"{name}/revision-{revision.seq}.translation-{number}.{language}.txt", text)


def _translations(revision: RevisionRecord) -> Iterator[tuple[str, str]]:
    for made in revision.translations:
        yield _slug(made.target), made.text


def _ledger(
    connection: Connection, dossiers: Sequence[Dossier], place: Place
) -> tuple[int, list[Stamp], bool]:
    """The rows about these posts and those that lead from them to stamped ones, each as the very text that
    its hash is over; and what the rows about these posts are about."""
    attested = {a.entry.seq: a for each in dossiers for a in each.attested}
    rows, stamps, last_stamped = 0, [], True
    file = place.open("data/ledger.jsonl")
    for entries, stamp in chain(connection, attested):
        for entry in entries:
            file.write(entry.text() + b"\n")
        rows += len(entries)
        last_stamped = stamp is not None
        if stamp is not None:
            stamps.append(stamp)
    for seq, about in sorted(attested.items()):
        if about.fact is not None:
            place.open(f"data/facts/{seq}.json").write(ledger.canonical(about.fact.payload))
    return rows, stamps, rows > 0 and not last_stamped


def _stamp(connection: Connection, place: Place, name: str, stamp: Stamp) -> None:
    [entry] = ledger.entries(connection, after=stamp.seq - 1, limit=1)
    place.open(f"data/{name}.row").write(entry.text())
    place.open(f"data/{name}.tsr").write(stamp.token)
    place.open(f"data/{name}.pem").write(stamp.certificates.encode("ascii"))
    told = {
        "ledger_row": stamp.seq,
        "hash": stamp.hash,
        "at": stamp.at,
        "authority": stamp.authority,
        "signer": stamp.signer,
        "root": stamp.root,
    }
    _write(place, f"{name}.json", _json(as_json(told)))


def _collection(told: Collected) -> dict[str, Any]:
    made = {
        "software": f"bilingual-archiver/{__version__}",
        "dossier_made_at": as_json(told.made_at),
        "user_agent": told.user_agent,
        "contact": told.contact,
        "settings": dict(told.settings),
        "machine": told.machine,
    }
    return {name: value for name, value in made.items() if value is not None}


# -- the bag ------------------------------------------------------------------------------------------------


def _bag(place: Place, told: Collected, posts: Sequence[str]) -> None:
    """The tag files, when everything under data/ is written."""
    payload = place.written()
    manifest = "".join(f"{file.sha256}  {file.name}\n" for file in payload)
    info = {
        "Source-Organization": None,
        "Bagging-Date": told.made_at.date().isoformat(),
        "Bag-Software-Agent": f"bilingual-archiver/{__version__}",
        "Payload-Oxum": f"{sum(file.size for file in payload)}.{len(payload)}",
        "External-Description": _one_line(f"Public posts as evidence: {', '.join(posts)}"),
    }
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{name}: {said}\n" for name, said in info.items() if said),
        "manifest-sha256.txt": manifest,
    }
    tagged = "".join(f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in tags.items())
    for name, text in {**tags, "tagmanifest-sha256.txt": tagged}.items():
        place.write(name, text)


def _write(place: Place, name: str, text: str) -> None:
    """A text under data/. A lone surrogate, which UTF-8 cannot hold, is written as `\\udXXX`."""
    place.open(f"data/{name}").write(text.encode("utf-8", "backslashreplace"))


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _slug(name: str) -> str:
    """A name for files on any system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:80] or "post"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:2000]
