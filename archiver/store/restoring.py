"""A post as another archive exported it, with its whole history, put into this one.

Revisions are recognised by their digest, which is computed anew: a record whose words do not fit it is
refused. The captures named are those of the other archive; where their WARC files are not here, their place
says so.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from archiver.posts import Account, Attachment, Capture, Post, Reference
from archiver.store import accounts, detections, tables
from archiver.store.captures import ELSEWHERE
from archiver.store.memory_keys import folded_key, source_key
from archiver.store.observing import last_observed
from archiver.store.seen import Seen
from archiver.store.shapes import (
    attachment_rows,
    metrics_of,
    poll_of,
    preview_of,
    reference_rows,
    revision_row,
)
from archiver.store.translating import SavedSegment, SavedTranslation, save_translations, segment_ids
from archiver.store.types import storable, storable_id
from archiver.store.writes import store_capture

Told = Mapping[str, Any]
Outcome = Literal["new", "revised", "unchanged"]
_post, _revision, _observation = tables.post, tables.revision, tables.observation
_detection, _correction = tables.detection, tables.correction


def restore(connection: Connection, told: Told, seen: Seen, is_here: Callable[[str], bool]) -> Outcome:
    """Put an exported post back: what was lost becomes known, what is known stays.

    `seen` is the look at the file; `is_here(warc)` says whether this archive has a WARC file. Raises
    ValueError, LookupError or TypeError where the record is not what an export writes; the caller undoes what
    was done.
    """
    account_id = _account(
        connection, told["account"], Seen(capture_id=seen.capture_id, at=_time(told["last_seen_at"]))
    )
    row = _known(connection, told)
    post_id = row["id"] if row else _insert_post(connection, told, account_id)
    captures = _captures(connection, is_here)
    revisions, fresh = _restore_revisions(connection, told, post_id, captures)
    _restore_observations(connection, told, post_id, captures, revisions)
    _restore_problems(connection, told)
    is_newer = row is None or _time(told["last_seen_at"]) > row["last_seen_at"]
    _bring_up_to_date(connection, told, post_id, row, revisions, is_newer)
    if row is None:
        return "new"
    return "revised" if fresh else "unchanged"


def _time(written: Any) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(f"the time {written!r} has no zone")
    return moment.astimezone(UTC)


def _maybe(written: Any) -> datetime | None:
    return None if written is None else _time(written)


def _texts(listed: Any) -> tuple[str, ...] | None:
    return None if listed is None else tuple(str(text) for text in listed)


# -- account and post -------------------------------------------------------------------------------------


def _account(connection: Connection, told: Told, seen: Seen) -> int:
    account = Account(
        platform=told["platform"],
        native_id=told["native_id"],
        handle=told["handle"],
        name=told["name"],
        url=told["url"],
    )
    return accounts.store(connection, [account], seen)[account.platform, account.native_id]


def _known(connection: Connection, told: Told) -> dict[str, Any] | None:
    named = (_post.c.platform == storable(told["platform"])) & (
        _post.c.native_id == storable_id(told["native_id"])
    )
    row = connection.execute(select(_post).where(named)).mappings().one_or_none()
    return None if row is None else dict(row)


def _insert_post(connection: Connection, told: Told, account_id: int) -> int:
    row = {
        "platform": told["platform"],
        "native_id": told["native_id"],
        "account_id": account_id,
        "kind": told["kind"],
        "url": told["url"],
        "published_at": _maybe(told["published_at"]),
        "group_ids": told["group_ids"],
        "first_seen_at": _time(told["first_seen_at"]),
        "last_seen_at": _time(told["last_seen_at"]),
        "state": told["state"],
        "metrics": told["metrics"],
    }
    return int(connection.execute(insert(_post).returning(_post.c.id), row).scalar_one())


def _bring_up_to_date(
    connection: Connection,
    told: Told,
    post_id: int,
    row: Mapping[str, Any] | None,
    revisions: Mapping[int, int],
    is_newer: bool,
) -> None:
    values: dict[str, Any] = {}
    current = next((revisions[r["seq"]] for r in told["revisions"] if r["current"]), None)
    if is_newer and current is not None:
        values["current_revision_id"] = current
    if row is not None:
        facts = {"url": told["url"], "published_at": _maybe(told["published_at"]), "metrics": told["metrics"]}
        values |= {n: fact for n, fact in facts.items() if fact is not None and (is_newer or row[n] is None)}
        if is_newer:
            values |= {
                "last_seen_at": _time(told["last_seen_at"]),
                "kind": told["kind"],
            }
        last_seen = max(row["last_seen_at"], _time(told["last_seen_at"]))
        newest = last_observed(connection, [post_id], None).get(post_id)
        if newest is not None:  # told by whichever of the two archives looked last
            values["state"] = newest["state"] if newest["at"] >= last_seen else "live"
        if _time(told["first_seen_at"]) < row["first_seen_at"]:
            values["first_seen_at"] = _time(told["first_seen_at"])
    if values:
        connection.execute(update(_post).where(_post.c.id == post_id).values(**values))


# -- captures ---------------------------------------------------------------------------------------------


def _captures(connection: Connection, is_here: Callable[[str], bool]) -> Callable[[Told], int]:
    def stored(capture: Told) -> int:
        plain = capture["warc"].removeprefix(ELSEWHERE)
        is_ours = is_here(plain) or _is_known(connection, plain, capture)
        warc = plain if is_ours else f"{ELSEWHERE}{plain}"
        facts = {**{name: capture[name] for name in Capture.__slots__}, "warc": warc}
        return store_capture(connection, Capture(**{**facts, "fetched_at": _time(capture["fetched_at"])}))

    return stored


def _is_known(connection: Connection, warc: str, capture: Told) -> bool:
    """Whether this archive itself captured it."""
    known = tables.capture.c
    here = (known.warc == warc) & (known.offset == capture["offset"]) & (known.sha256 == capture["sha256"])
    return connection.execute(select(known.id).where(here)).first() is not None


# -- revisions --------------------------------------------------------------------------------------------


def _restore_revisions(
    connection: Connection, told: Told, post_id: int, capture_id: Callable[[Told], int]
) -> tuple[dict[int, int], int]:
    """Row ids by the number that each revision has in the record, and how many of them are new here."""
    here = select(_revision.c.id, _revision.c.digest, _revision.c.seq).where(_revision.c.post_id == post_id)
    rows = connection.execute(here).all()
    by_digest = {row.digest: int(row.id) for row in rows}
    taken = {int(row.seq) for row in rows}
    ids: dict[int, int] = {}
    fresh = 0
    for revision in told["revisions"]:
        post = _said(told, revision)
        if post.digest() != revision["digest"]:
            raise ValueError(f"what revision {revision['seq']} says does not fit its digest")
        known = by_digest.get(revision["digest"])
        if known is None:
            seq = revision["seq"] if revision["seq"] not in taken else max(taken) + 1
            taken.add(seq)
            fresh += 1
            known = _insert_revision(connection, post, revision, post_id, seq, capture_id)
            _restore_detections(connection, revision["detections"], known)
        else:
            _redetect(connection, revision["detections"], known)
        ids[revision["seq"]] = known
        _restore_translations(connection, revision["translations"], known)
        _restore_owed(connection, revision["owed"], known)
    return ids, fresh


def _said(told: Told, revision: Told) -> Post:
    return Post(
        platform=told["platform"],
        native_id=told["native_id"],
        author=Account(platform=told["platform"], native_id="", handle=""),
        title=revision["title"],
        warning=revision["warning"],
        text=revision["text"],
        html=revision["html"],
        edited=revision["edited"],
        edited_at=_maybe(revision["edited_at"]),
        languages=_texts(revision["languages"]),
        links=_texts(revision["links"]),
        tags=_texts(revision["tags"]),
        mentions=_texts(revision["mentions"]),
        references=tuple(
            Reference(**{**_only(r, Reference), "published_at": _maybe(r["published_at"])})
            for r in revision["references"]
        ),
        attachments=tuple(Attachment(**_only(a, Attachment)) for a in revision["attachments"]),
        poll=poll_of(revision["poll"]),
        preview=preview_of(revision["preview"]),
        signature=revision["signature"],
        unsupported=revision["unsupported"],
        withheld=revision["withheld"],
    )


def _only(told: Told, kind: Any) -> dict[str, Any]:
    return {name: told[name] for name in kind.__slots__}


def _insert_revision(
    connection: Connection,
    post: Post,
    told: Told,
    post_id: int,
    seq: int,
    capture_id: Callable[[Told], int],
) -> int:
    row = {
        "post_id": post_id,
        "seq": seq,
        "digest": told["digest"],
        "capture_id": capture_id(told["capture"]),
        "seen_at": _time(told["seen_at"]),
        **revision_row(post),
    }
    if row["body"] != told["body"]:
        raise ValueError(f"the body of revision {told['seq']} is not what it says")
    made = connection.execute(insert(_revision).returning(_revision.c.id), row)
    revision_id = int(made.scalar_one())
    for table, rows in (
        (tables.reference, [*reference_rows(post)]),
        (tables.attachment, [*attachment_rows(post)]),
    ):
        if rows:
            connection.execute(insert(table), [{"revision_id": revision_id, **part} for part in rows])
    return revision_id


# -- what was made of them --------------------------------------------------------------------------------


def _restore_detections(connection: Connection, told: Sequence[Told], revision_id: int) -> None:
    """All of them, in their order; one that was superseded was so by the next."""
    rows = [
        {
            "revision_id": revision_id,
            "language": each["language"],
            "confidence": each["confidence"],
            "method": each["method"],
            "at": _time(each["at"]),
            "superseded_at": None if each["current"] else _time(after["at"]),
            "parts": each["parts"],
        }
        for each, after in zip(told, [*told[1:], *told[-1:]], strict=True)
    ]
    if rows:
        connection.execute(insert(_detection), rows)


def _redetect(connection: Connection, told: Sequence[Told], revision_id: int) -> None:
    """Only where this archive has none: its own word counts here."""
    there = select(_detection.c.id).where(_detection.c.revision_id == revision_id)
    if connection.execute(there).first() is None:
        _restore_detections(connection, told, revision_id)
        return
    for each in told:
        if each["current"] and each["method"] == detections.PERSON:
            one = (revision_id, each["language"], each["confidence"], each["method"])
            detections.save_detections(connection, [one], _time(each["at"]))


def _restore_translations(connection: Connection, told: Sequence[Told], revision_id: int) -> None:
    for each in told:
        spans = {(revision_id, s["start"], s["end"]): s["source"] for s in each["segments"]}
        segments = segment_ids(connection, spans)
        parts = tuple(
            SavedSegment(
                index=index,
                start=s["start"],
                end=s["end"],
                source=s["source"],
                target=s["target"],
                score=s["score"],
                flags=tuple(s["flags"]),
                correction_id=_correction_id(
                    connection, each, s, segments[revision_id, s["start"], s["end"]]
                ),
                glossary=s["glossary"],
            )
            for index, s in enumerate(each["segments"])
        )
        saved = SavedTranslation(
            revision_id=revision_id,
            target=each["target"],
            engine=each["engine"],
            package_name=each["package"],
            package_version=each["version"],
            package_sha256=each["sha256"],
            options=each["options"],
            flags=tuple(each["flags"]),
            segments=parts,
            language=each["language"],
            readings=each["readings"],
        )
        save_translations(connection, [saved], _time(each["at"]))


def _correction_id(connection: Connection, translation: Told, told: Told, segment_id: int) -> int | None:
    """The correction whose words a segment has: the one that is here, or a new one that supersedes it."""
    said = told["correction"]
    if said is None:
        return None
    here = _correction.c
    mine = (here.segment_id == segment_id) & (here.target == translation["target"])
    rows = connection.execute(select(_correction).where(mine).order_by(here.id)).mappings().all()
    for row in rows:
        if (row["text"], row["author"], row["at"]) == (
            storable(told["target"]),
            said["author"],
            _time(said["at"]),
        ):
            return int(row["id"])
    source, language = told["source"], translation["language"]
    made = {
        "segment_id": segment_id,
        "source": source,
        "source_key": source_key(source),
        "folded_key": folded_key(source, language),
        "language": language,
        "target": translation["target"],
        "text": told["target"],
        "author": said["author"],
        "note": said["note"],
        "at": _time(said["at"]),
        "supersedes_id": rows[-1]["id"] if rows else None,
    }
    return int(connection.execute(insert(_correction).returning(here.id), made).scalar_one())


def _restore_owed(connection: Connection, told: Sequence[Told], revision_id: int) -> None:
    attempt = tables.attempt
    for each in told:
        same = (
            (attempt.c.revision_id == revision_id)
            & (attempt.c.target == each["target"])
            & (attempt.c.reason == storable(each["reason"]))
        )
        if connection.execute(select(attempt.c.id).where(same)).first() is None:
            times = {name: _time(each[name]) for name in ("first_at", "last_at")}
            facts = {name: each[name] for name in ("target", "reason", "remedy", "tries")}
            connection.execute(insert(attempt), {"revision_id": revision_id, **facts, **times})


# -- what was seen ----------------------------------------------------------------------------------------


def _restore_observations(
    connection: Connection,
    told: Told,
    post_id: int,
    capture_id: Callable[[Told], int],
    revisions: Mapping[int, int],
) -> None:
    there = set(
        connection.execute(
            select(_observation.c.capture_id).where(_observation.c.post_id == post_id)
        ).scalars()
    )
    rows = []
    for each in told["observations"]:
        metrics_of(each["metrics"])  # raises where these are no counts
        shown = capture_id(each["capture"])
        if shown not in there:
            there.add(shown)
            rows.append(
                {
                    "post_id": post_id,
                    "capture_id": shown,
                    "at": _time(each["at"]),
                    "state": each["state"],
                    "metrics": each["metrics"],
                    "poll": each["poll"],
                    "revision_id": None if each["revision"] is None else revisions[each["revision"]],
                }
            )
    if rows:
        connection.execute(insert(_observation), rows)


def _restore_problems(connection: Connection, told: Told) -> None:
    problem = tables.problem
    for each in told["problems"]:
        same = (problem.c.url == storable(each["url"])) & (problem.c.what == storable(each["what"]))
        if (
            connection.execute(select(problem.c.id).where(same, problem.c.at == _time(each["at"]))).first()
            is None
        ):
            row = {
                "url": each["url"],
                "what": each["what"],
                "at": _time(each["at"]),
                "whole_page": False,
                "resolved_at": _maybe(each["resolved_at"]),
            }
            connection.execute(insert(problem), row)
