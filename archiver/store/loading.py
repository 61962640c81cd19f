"""Reading posts with all that hangs on them: one statement a table, whatever the number of posts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from archiver.posts import Reference
from archiver.store import attachments, tables
from archiver.store.dialects import in_batches
from archiver.store.reading import Row, as_written, facts, made
from archiver.store.records import (
    AccountRecord,
    CaptureRecord,
    CorrectionRecord,
    DetectionRecord,
    ObservationRecord,
    OwedRecord,
    PostRecord,
    ProblemRecord,
    RevisionRecord,
    SegmentRecord,
    TranslationRecord,
)
from archiver.store.texts import translated_text


def load(connection: Connection, post_ids: Sequence[int]) -> list[PostRecord]:
    """The posts, in the order of their ids, each with all that hangs on it."""
    return [record for ids in in_batches(sorted(post_ids)) for record in _Loader(connection, ids).records()]


_Rows = Mapping[int, Sequence[Row]]


def _when_written(revision: Row) -> tuple[Any, ...]:
    """A server may tell an earlier version after a later one. What was never edited comes first."""
    return revision["edited_at"] is not None, revision["edited_at"] or 0, revision["seq"]


class _Loader:
    """One statement a table, whatever the number of posts."""

    def __init__(self, connection: Connection, post_ids: Sequence[int]) -> None:
        self.connection = connection
        self.posts = self._rows(select(tables.post).where(tables.post.c.id.in_(post_ids)))
        stored = self._of(tables.revision, "post_id", post_ids, "seq")
        self.revisions: _Rows = {post: sorted(rows, key=_when_written) for post, rows in stored.items()}
        self.observations = self._of(tables.observation, "post_id", post_ids, "at", "id")
        self.revision_ids = [row["id"] for rows in self.revisions.values() for row in rows]
        self.detections = self._of(tables.detection, "revision_id", self.revision_ids, "id")
        self.references = self._of(tables.reference, "revision_id", self.revision_ids, "position")
        self.attachments = attachments.of_revisions(connection, self.revision_ids)
        self.attempts = self._of(tables.attempt, "revision_id", self.revision_ids, "first_at", "id")
        self.translations = self._of(tables.translation, "revision_id", self.revision_ids, "id")
        made = [row for rows in self.translations.values() for row in rows]
        self.engines = self._by_id(tables.engine, {row["engine_id"] for row in made})
        self.segments = self._segments([row["id"] for row in made])
        self.accounts = self._by_id(tables.account, {row["account_id"] for row in self.posts})
        shown = (
            row for found in (self.revisions, self.observations) for rows in found.values() for row in rows
        )
        self.captures = self._by_id(tables.capture, {row["capture_id"] for row in shown})
        self.problems = self._problems()

    def records(self) -> list[PostRecord]:
        return [self._post(row) for row in sorted(self.posts, key=lambda row: row["id"])]

    # -- reading --------------------------------------------------------------------------------------

    def _rows(self, query: Select[Any]) -> list[Row]:
        result = self.connection.execute(query)
        names = tuple(result.keys())
        return [dict(zip(names, map(as_written, row), strict=True)) for row in result]

    def _of(self, table: Table, key: str, ids: Sequence[int], *order: str) -> _Rows:
        found: dict[int, list[Row]] = defaultdict(list)
        for some in in_batches(ids):
            query = select(table).where(table.c[key].in_(some)).order_by(*(table.c[name] for name in order))
            for row in self._rows(query):
                found[row[key]].append(row)
        return found

    def _by_id(self, table: Table, ids: set[int]) -> Mapping[int, Row]:
        batches = in_batches(sorted(ids))
        return {
            row["id"]: row
            for some in batches
            for row in self._rows(select(table).where(table.c.id.in_(some)))
        }

    def _segments(self, translation_ids: Sequence[int]) -> _Rows:
        translated, segment, correction = tables.translated_segment, tables.segment, tables.correction
        found: dict[int, list[Row]] = defaultdict(list)
        for some in in_batches(translation_ids):
            query = (
                select(translated, segment.c.start, segment.c.stop, segment.c.source)
                .add_columns(correction.c.author, correction.c.note, correction.c.at.label("corrected_at"))
                .join(segment, segment.c.id == translated.c.segment_id)
                .outerjoin(correction, correction.c.id == translated.c.correction_id)
                .where(translated.c.translation_id.in_(some))
                .order_by(translated.c.translation_id, segment.c.start)
            )
            for row in self._rows(query):
                found[row["translation_id"]].append(row)
        return found

    def _problems(self) -> Mapping[str, Sequence[Row]]:
        """What could not be read at the address of a post."""
        found: dict[str, list[Row]] = defaultdict(list)
        problem = tables.problem
        for urls in in_batches(sorted({row["url"] for row in self.posts if row["url"]})):
            for row in self._rows(select(problem).where(problem.c.url.in_(urls)).order_by(problem.c.id)):
                found[row["url"]].append(row)
        return found

    # -- putting together -----------------------------------------------------------------------------

    def _post(self, row: Row) -> PostRecord:
        account = self.accounts[row["account_id"]]
        seqs = {r["id"]: r["seq"] for r in self.revisions[row["id"]]}
        return PostRecord(
            post=f"{row['platform']}:{row['native_id']}",
            account=made(AccountRecord, account),
            revisions=tuple(self._revision(r, row["current_revision_id"]) for r in self.revisions[row["id"]]),
            observations=tuple(self._observation(o, seqs) for o in self.observations[row["id"]]),
            problems=tuple(made(ProblemRecord, p) for p in self.problems.get(row["url"], ())),
            **facts(PostRecord, row, but=("post", "account", "revisions", "observations", "problems")),
        )

    def _revision(self, row: Row, current_id: int | None) -> RevisionRecord:
        id = row["id"]
        owed = (a for a in self.attempts[id] if a["closed_at"] is None)
        hanging = {
            "current": id == current_id,
            "capture": made(CaptureRecord, self.captures[row["capture_id"]]),
            "references": tuple(made(Reference, r) for r in self.references[id]),
            "attachments": self.attachments.get(id, ()),
            "detections": tuple(
                made(DetectionRecord, {**d, "current": d["superseded_at"] is None})
                for d in self.detections[id]
            ),
            "translations": tuple(self._translation(t, row["body"]) for t in self.translations[id]),
            "owed": tuple(made(OwedRecord, a) for a in owed),
        }
        return made(RevisionRecord, {**row, **hanging})

    def _translation(self, row: Row, body: str) -> TranslationRecord:
        engine, parts = self.engines[row["engine_id"]], self.segments[row["id"]]
        text = translated_text(body, [(p["start"], p["stop"], p["source"], p["text"]) for p in parts])
        return TranslationRecord(
            engine=engine["name"],
            package=engine["package_name"],
            version=engine["package_version"],
            sha256=engine["package_sha256"],
            options=engine["options"],
            language=row["language"],
            target=row["target"],
            flags=tuple(row["flags"]),
            at=row["at"],
            readings=row["readings"],
            text=text,
            segments=tuple(
                SegmentRecord(
                    id=p["segment_id"],
                    index=index,
                    start=p["start"],
                    end=p["stop"],
                    source=p["source"],
                    target=p["text"],
                    score=p["score"],
                    flags=tuple(p["flags"]),
                    correction=_correction(p),
                    glossary=p["glossary"],
                )
                for index, p in enumerate(parts)
            ),
        )

    def _observation(self, row: Row, seqs: Mapping[int, int]) -> ObservationRecord:
        capture = made(CaptureRecord, self.captures[row["capture_id"]])
        more = {"capture": capture, "revision": seqs.get(row["revision_id"])}
        return made(ObservationRecord, {**row, **more})


def _correction(row: Row) -> CorrectionRecord | None:
    if row["correction_id"] is None:
        return None
    return CorrectionRecord(
        id=row["correction_id"], author=row["author"], note=row["note"], at=row["corrected_at"]
    )
