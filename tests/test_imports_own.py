"""Our own JSONL comes back: an archive exported, imported elsewhere and exported again is the same."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from archiver import cli
from archiver.config import Config
from archiver.jobs.export import export
from archiver.jobs.imports import take
from archiver.posts import Attachment, Capture, Metric, Poll, PollOption, Reference
from archiver.store import attempts, corrections, detections, queries, tables, writes
from archiver.store.corrections import CorrectionRow
from archiver.store.database import Database
from archiver.store.filters import Filters

SNOW, SNOW_EN = "د هرات لاره بنده ده.", "The Herat road is closed."
HOSTILE = "=cmd\t<b>\x00\u2028\ud83d \u202e متن"


@pytest.fixture
def full(tell: Any) -> Any:
    """An archive with an edit, a tombstone, counts, a poll, a correction, two detections, what is owed."""
    facts: dict[str, Any] = {
        "metrics": (Metric(name="views", value=1300, granularity=100), Metric(name="likes", value=0)),
        "attachments": (Attachment(kind="image", key="k1", alt="واوره", duration_seconds=1.5),),
        "references": (Reference(relation="reply", native_id="9", published_at=tell.NOON, available=False),),
        "poll": Poll(
            question="څه؟", options=(PollOption(text="هو", votes=3, percent=60.0),), closes_at=tell.NOON
        ),
        "group_ids": ("1a", "1b"),
        "tags": (),
        "edited": True,
        "edited_at": tell.NOON,
    }
    tell.post("1", f"{SNOW} پام وکړئ.", "ps", [(SNOW, SNOW_EN), ("پام وکړئ.", "Take care.")], **facts)
    tell.post("1", f"{SNOW} ډېر پام وکړئ.", "ur", flags=("unsure",), **{**facts, "metrics": None})
    tell.post("2", HOSTILE, "ps", [(HOSTILE, HOSTILE.upper())])
    tell.post("3", "لرې شوی", platform="x", handle="zarghuna", html="<p>لرې شوی</p>", preview=None)
    later = tell.NOON + timedelta(days=3)
    with tell.database.write() as connection:
        revisions = list(
            connection.execute(select(tables.revision.c.id).order_by(tables.revision.c.id)).scalars()
        )
        said = {"#هرات_لاره": "Herat road"}
        connection.execute(
            update(tables.translation).where(tables.translation.c.id == 1).values(readings=said)
        )
        detections.save_detections(connection, [(revisions[1], "ps", 1.0, "person")], later)
        attempts.save_attempts(connection, [(revisions[1], "en", "no package", "install one")], later)
        segment = connection.scalar(select(tables.segment.c.id).limit(1))
        row = CorrectionRow(text="Snow has closed the road.", segment_id=segment, author="Zarmina", note="سم")
        corrections.save_corrections(connection, [row], later)
        shown = Capture(
            url="https://x.com/3",
            fetched_at=later,
            status=404,
            sha256="f" * 64,
            size=1,
            warc="w",
            offset=5,
            length=1,
        )
        writes.record_gone(connection, platform="x", native_id="3", capture=shown, state="gone")
    return tell


def exported(url: str, folder: Path, name: str) -> Path:
    path = folder / f"{name}.jsonl"
    export(Config(folder=folder, database=url), "jsonl", Filters(), path)
    return path


def as_facts(content: bytes, url: str) -> bytes:
    """Without the mark of captures whose bytes another archive has, and the numbers of rows. PostgreSQL keeps
    JSON in an order of its own."""
    content = content.replace(b'"warc": "elsewhere:', b'"warc": "')
    content = re.sub(rb'"id": \d+', b'"id": 0', content)
    if url.startswith("sqlite"):
        return content
    return b"\n".join(json.dumps(json.loads(row), sort_keys=True).encode() for row in content.splitlines())


def empty(folder: Path, name: str) -> Config:
    (folder / name).mkdir()
    config = Config(folder=folder / name)
    Database.create(config.database_url).close()
    return config


def test_out_and_in_and_out_again_is_the_same(full: Any, database_url: str, tmp_path: Path) -> None:
    first = exported(database_url, tmp_path, "first")
    other = empty(tmp_path, "other")
    done = take(other, first)
    assert (done.new, done.broken) == (3, [])
    second = exported(other.database_url, tmp_path, "second")
    assert as_facts(second.read_bytes(), database_url) == as_facts(first.read_bytes(), database_url)
    assert b'"state": "gone"' in second.read_bytes() and b"Zarmina" in second.read_bytes()
    # And once more, from the second: nothing is lost on the way.
    third = empty(tmp_path, "third")
    take(third, second)
    assert exported(third.database_url, tmp_path, "third-out").read_bytes() == second.read_bytes()


def test_again_changes_nothing(full: Any, database_url: str, tmp_path: Path) -> None:
    first = exported(database_url, tmp_path, "first")
    own = Config(folder=tmp_path, database=database_url)
    for config in (own, empty(tmp_path, "other")):
        take(config, first)
        before = exported(config.database_url, tmp_path, f"before-{config.folder.name}").read_bytes()
        done = take(config, first)
        assert (done.new, done.revised, done.unchanged) == (0, 0, 3)
        assert exported(config.database_url, tmp_path, f"after-{config.folder.name}").read_bytes() == before
    assert (tmp_path / f"before-{tmp_path.name}.jsonl").read_bytes() == first.read_bytes()


def test_two_archives_of_one_account_become_one(tell: Any, database_url: str, tmp_path: Path) -> None:
    tell.post("1", "لومړی", "ps")
    early = exported(database_url, tmp_path, "early")
    tell.post("1", "دوهم", "ps")
    late = exported(database_url, tmp_path, "late")
    outcomes = set()
    for name, order in (("a", (early, late)), ("b", (late, early))):
        config = empty(tmp_path, name)
        for path in order:
            take(config, path)
        with Database.open(config.database_url) as database, database.read() as connection:
            record = queries.show(connection, "telegram:1")
        assert record.revision is not None
        outcomes.add(
            (
                record.revision.text,
                tuple(sorted(str(r.text) for r in record.revisions)),
                len(record.observations),
            )
        )
    assert outcomes == {("دوهم", ("دوهم", "لومړی"), 2)}


def test_whichever_archive_looked_last_says_whether_a_post_is_there(
    tell: Any, database_url: str, tmp_path: Path
) -> None:
    tell.post("1", "لومړی", "ps")
    live = exported(database_url, tmp_path, "live")
    at = tell.NOON + timedelta(days=3)
    shown = Capture(url="u", fetched_at=at, status=404, sha256="f" * 64, size=1, warc="w", offset=5, length=1)
    with tell.database.write() as connection:
        writes.record_gone(connection, platform="telegram", native_id="1", capture=shown)
    gone = exported(database_url, tmp_path, "gone")
    for name, order in (("a", (live, gone)), ("b", (gone, live))):
        config = empty(tmp_path, name)
        for path in order:
            take(config, path)
        with Database.open(config.database_url) as database, database.read() as connection:
            record = queries.show(connection, "telegram:1")
        assert record.state == "gone", name
        assert [o.state for o in record.observations] == ["live", "gone"]


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row["revisions"][0].update(text="another text"),
        lambda row: row["revisions"][0].update(body="another body"),
        lambda row: row["revisions"][0]["translations"][0]["segments"][0].update(source="no part of it"),
        lambda row: row.update(first_seen_at="2026-01-01T00:00:00"),
        lambda row: row.pop("account"),
        lambda row: row["observations"][0].update(metrics={"views": 5}),
        lambda row: row.update(revisions=7),
    ],
    ids=range(7),
)
def test_a_record_that_does_not_add_up_is_refused_whole(
    full: Any, database_url: str, tmp_path: Path, change: Change
) -> None:
    path = exported(database_url, tmp_path, "first")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    change(rows[0])
    path.write_text("\n".join(map(json.dumps, rows)))
    config = empty(tmp_path, "other")
    done = take(config, path)
    assert [each.partition(":")[0] for each in done.broken] == ["line 1"] and done.new == 2
    with Database.open(config.database_url) as database, database.read() as connection:
        assert len(connection.execute(select(tables.post)).all()) == 2


def test_captures_of_another_archive_are_said_to_be_elsewhere(
    full: Any, database_url: str, tmp_path: Path
) -> None:
    path = exported(database_url, tmp_path, "first")
    config = empty(tmp_path, "other")
    (config.folder / "archiver.toml").touch()
    take(config, path)
    with Database.open(config.database_url) as database, database.read() as connection:
        warcs = set(connection.execute(select(tables.capture.c.warc)).scalars())
    assert {w.partition(":")[0] for w in warcs if not w.startswith("captures/")} == {"elsewhere"}
    assert (
        cli.run(["--archive", str(config.folder), "export", "warc", "-o", str(tmp_path / "out.warc.gz")]) == 0
    )
