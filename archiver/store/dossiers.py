"""All that the archive knows of a post and of how it knows it: the post, its account, its ledger rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from archiver.posts import Capture
from archiver.store import facts, ledger, tables
from archiver.store.captures import ELSEWHERE
from archiver.store.dialects import in_batches
from archiver.store.facts import Fact
from archiver.store.imported import URL
from archiver.store.ledger import Entry
from archiver.store.loading import load
from archiver.store.records import CaptureRecord, FileRecord, PostRecord
from archiver.store.stamps import Stamp, stamps
from archiver.store.types import original

_BATCH = 2000
_snapshot, _capture, _revision = tables.account_snapshot.c, tables.capture.c, tables.revision.c
_ledger = tables.ledger.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRecord:
    """How the account described itself, when that was seen, and where."""

    at: datetime
    handle: str
    name: str | None
    description: str | None
    verified: bool | None
    metrics: Any
    avatar_url: str | None
    capture: CaptureRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """A row of the ledger about the post. `fact` is what it is about, as it still is; None where a newer row
    about the same replaced this one."""

    entry: Entry
    fact: Fact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One post. `captures` are those that show it, its changes or its account; `files` are what was
    downloaded of its media, each once."""

    record: PostRecord
    profiles: tuple[ProfileRecord, ...]
    captures: tuple[CaptureRecord, ...]
    files: tuple[FileRecord, ...]
    attested: tuple[Attested, ...]


def is_elsewhere(capture: CaptureRecord) -> bool:
    """Whether its bytes are only in the archive that the post was imported from."""
    return capture.warc.startswith(ELSEWHERE)


def is_imported(capture: CaptureRecord) -> bool:
    """Whether it is a piece of a file that somebody imported, not a server's answer."""
    return capture.status == 0 and capture.url.startswith(URL)


def dossier(connection: Connection, post_id: int) -> Dossier:
    [record] = load(connection, [post_id])
    post = connection.execute(select(tables.post).where(tables.post.c.id == post_id)).one()
    revisions = list(connection.scalars(select(_revision.id).where(_revision.post_id == post_id)))
    snapshots = _snapshots(connection, post.account_id, record)
    profiles = tuple(_profile(connection, id) for id in snapshots)
    shown = {
        (capture.warc, capture.offset): capture
        for capture in (
            *(revision.capture for revision in record.revisions),
            *(observation.capture for observation in record.observations),
            *(profile.capture for profile in profiles),
        )
    }
    captures = tuple(sorted(shown.values(), key=lambda each: (each.fetched_at, each.warc, each.offset)))
    files = {
        tried.file.sha256: tried.file
        for revision in record.revisions
        for attachment in revision.attachments
        for tried in attachment.downloads
        if tried.file is not None
    }
    found = list(_facts(connection, post_id, revisions, snapshots, captures))
    for some in in_batches(files):
        found += facts.FILE.facts(connection, tables.media_file.c.sha256.in_(some))
    return Dossier(
        record=record,
        profiles=profiles,
        captures=captures,
        files=tuple(files.values()),
        attested=tuple(_attested(connection, found)),
    )


def chain(connection: Connection, seqs: Iterable[int]) -> Iterator[tuple[Sequence[Entry], Stamp | None]]:
    """Rows of the ledger from each of `seqs` to the first stamped row from there on (to the head, where there
    is none), in pieces; each row once. With the last piece of a run comes its stamp."""
    known = stamps(connection)
    head = ledger.head(connection)
    done = 0
    for seq in sorted(seqs):
        if seq <= done or head is None:
            continue
        stamp = next((each for each in known if each.seq >= seq), None)
        end = stamp.seq if stamp else head.seq
        done = seq - 1
        while done < end:
            some = ledger.entries(connection, _ledger.seq <= end, after=done, limit=_BATCH)
            if not some:
                return
            done = some[-1].seq
            yield some, stamp if done == end else None


# -- the parts of it --------------------------------------------------------------------------------------


def _snapshots(connection: Connection, account_id: int, record: PostRecord) -> list[int]:
    """The account's first and last description, and those that held when the post was seen or changed."""
    rows = connection.execute(
        select(_snapshot.id, _snapshot.at)
        .where(_snapshot.account_id == account_id)
        .order_by(_snapshot.at, _snapshot.id)
    ).all()
    seen = [*(r.seen_at for r in record.revisions), *(o.at for o in record.observations)]
    held = [next((row.id for row in reversed(rows) if row.at <= at), None) for at in seen]
    ends = [rows[0].id, rows[-1].id] if rows else []
    return sorted({id for id in (*ends, *held) if id is not None})


def _profile(connection: Connection, id: int) -> ProfileRecord:
    row = connection.execute(select(tables.account_snapshot).where(_snapshot.id == id)).mappings().one()
    wanted = select(*(_capture[name] for name in Capture.__slots__)).where(_capture.id == row["capture_id"])
    capture = connection.execute(wanted).mappings().one()
    names = ("at", "handle", "name", "description", "verified", "metrics", "avatar_url")
    return ProfileRecord(
        **{name: _read(row[name]) for name in names},
        capture=CaptureRecord(**{name: _read(value) for name, value in capture.items()}),
    )


def _read(value: Any) -> Any:
    return original(value) if isinstance(value, str) else value


def _facts(
    connection: Connection,
    post_id: int,
    revisions: Sequence[int],
    snapshots: Sequence[int],
    captures: Sequence[CaptureRecord],
) -> Iterator[Fact]:
    """What the ledger vouches for about the post."""
    places: list[ColumnElement[bool]] = [
        (_capture.warc == each.warc) & (_capture.offset == each.offset) for each in captures
    ]
    for some in in_batches(places):
        yield from facts.CAPTURE.facts(connection, or_(*some))
    yield from facts.ACCOUNT.facts(connection, _snapshot.id.in_(snapshots))
    yield from facts.REVISION.facts(connection, _revision.post_id == post_id)
    yield from facts.OBSERVATION.facts(connection, tables.observation.c.post_id == post_id)
    yield from facts.CORRECTION.facts(connection, tables.segment.c.revision_id.in_(revisions))
    yield from facts.LANGUAGE.facts(connection, tables.detection.c.revision_id.in_(revisions))


def _attested(connection: Connection, found: Sequence[Fact]) -> Iterator[Attested]:
    by_name: Mapping[tuple[str, str], Fact] = {(fact.kind, fact.ref): fact for fact in found}
    rows: list[Entry] = []
    for refs in in_batches({fact.ref for fact in found}):
        rows += ledger.entries(connection, _ledger.ref.in_(refs))
    mine = sorted((row for row in rows if (row.kind, row.ref) in by_name), key=lambda row: row.seq)
    newest = {(row.kind, row.ref): row.seq for row in mine}
    for row in mine:
        name = (row.kind, row.ref)
        yield Attested(entry=row, fact=by_name[name] if newest[name] == row.seq else None)
