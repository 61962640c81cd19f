"""`archiver verify` passes an archive that is as it was written, and names whatever is not, to the byte."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.config import load
from archiver.errors import Exit
from archiver.jobs import verify as job
from archiver.jobs.verify import Result, verdict, verify
from archiver.posts import Account, Attachment, Harvest, Poll, PollOption, Post
from archiver.store import corrections, media, translating, watches, writes
from archiver.store.captures import Captures, Exchange
from archiver.store.checks import Tally
from archiver.store.checks.warcs import check
from archiver.store.corrections import CorrectionRow
from archiver.store.database import Database
from archiver.store.media import File, Tried
from archiver.store.translating import SavedSegment, SavedTranslation

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
ROAD = "د هرات لاره د واورې له امله بنده ده."
AUTHOR = Account(platform="telegram", native_id="7", handle="herat_roads")


def exchange(number: int, path: str = "s/herat_roads") -> Exchange:
    body = f"<html><p>{ROAD}</p>{number}</html>".encode() * 3
    return Exchange(
        url=f"https://example.org/{path}?{number}",
        method="GET",
        request_headers=(("Accept", "*/*"),),
        status=200,
        reason="OK",
        headers=(("Content-Type", "text/html"),),
        body=body,
        fetched_at=NOON + timedelta(days=1, minutes=number),
        ip_address="192.0.2.7",
    )


def post(number: int) -> Post:
    return Post(
        platform="telegram",
        native_id=f"herat_roads/{number}",
        author=AUTHOR,
        text=f"{number}: {ROAD}\x00",
        title="لاره" if number % 2 else None,
        published_at=NOON,
        attachments=(Attachment(kind="image", key=f"k{number}", alt="یو سړک"),),
        poll=Poll(question="کوم؟", options=(PollOption(text="الف", votes=1),)) if number == 2 else None,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two runs of a crawl: pages that are stored, and responses between them that nothing points at."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archiver.toml").touch()
    config = load(folder)
    with Database.create(config.database_url) as database:
        for run in range(2):
            with Captures(config.captures_dir) as captures:
                for page in range(3):
                    number = 10 * run + page
                    captures.append(exchange(number, "robots.txt"))
                    capture = captures.append(exchange(number))
                    harvest = Harvest(
                        platform="telegram",
                        handle="herat_roads",
                        capture=capture,
                        cursor="{}",
                        account=AUTHOR,
                        posts=(post(2 * number + 1), post(2 * number + 2)),
                        served=2,
                    )
                    with database.write() as connection:
                        watches.add(connection, platform="telegram", handle="herat_roads", at=NOON)
                        writes.store_harvest(connection, harvest)
        _translate(database)
    return folder


def _translate(database: Database) -> None:
    with database.write() as connection:
        translating.save_detections(connection, [(1, "ps", 0.9, "ngrams")], NOON)
        body = connection.exec_driver_sql("SELECT body FROM revision WHERE id = 1").scalar_one()
        start = body.index(ROAD)
        part = SavedSegment(
            index=0, start=start, end=start + len(ROAD), source=ROAD, target="The Herat road is closed."
        )
        made = SavedTranslation(
            revision_id=1,
            target="en",
            engine="argos",
            package_name="ps_en",
            package_version="1",
            package_sha256="0" * 64,
            options="beam=2",
            segments=(part,),
        )
        translating.save_translations(connection, [made], NOON)
        said = CorrectionRow(segment_id=1, text="The Herat road is closed because of snow.", author="Z.")
        corrections.save_corrections(connection, [said], NOON)


def run(folder: Path, **how: Any) -> list[Result]:
    return list(verify(load(folder), **how))


def findings(folder: Path, **how: Any) -> list[str]:
    return [f"{f.where}: {f.what}" for result in run(folder, **how) for f in result.findings]


def warcs(folder: Path) -> list[Path]:
    return sorted((folder / "captures").glob("*.warc.gz"))


def sql(folder: Path, *statements: str) -> None:
    """As somebody would who knows SQL and not this program."""
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_archive_adds_up_as_it_was_written(archive: Path) -> None:
    results = run(archive)
    assert findings(archive) == []
    assert verdict(results) is Exit.OK
    checked = {result.check: result.checked for result in results}
    assert checked["captures"] == 6 and checked["revisions"] == 12 and checked["translations"] == 1
    assert {"ledger", "stamps", "packages", "database", "balance"} <= checked.keys()
    assert findings(archive, quick=True) == []


# -- bytes ------------------------------------------------------------------------------------------------


def test_any_changed_byte_of_a_warc_is_noticed_and_its_record_named(archive: Path) -> None:
    """Some 250 bytes all over the file, and each of the first record's gzip header and trailer."""
    path = warcs(archive)[0]
    whole = path.read_bytes()
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        spans = connection.execute(
            'SELECT "offset", "offset" + record_length, url FROM capture WHERE warc LIKE ? ORDER BY 1',
            (f"%{path.name}",),
        ).fetchall()
    first = spans[0][0]
    ends = [
        *range(10),
        *range(first, first + 10),
        *range(first - 8, first),
        *range(len(whole) - 8, len(whole)),
    ]
    chance = random.Random(20261122)
    places = {*ends, *(chance.randrange(len(whole)) for _ in range(120))}
    database = Database.open(load(archive).database_url)
    for place in sorted(places):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        found = list(check(database, archive / "captures", Tally(unit="")))
        assert found, f"byte {place} of {len(whole)}"
        named = [url for begin, end, url in spans if begin <= place < end]
        if named:
            assert named[0] in found[0].what, (place, found)
        else:
            assert str(path) in found[0].where
    path.write_bytes(whole)
    assert not list(check(database, archive / "captures", Tally(unit="")))
    database.close()


def test_the_first_damaged_record_is_named_with_its_post_and_the_others_are_counted(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = warcs(archive)[1]
    damaged = bytearray(path.read_bytes())
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        places = connection.execute(
            'SELECT "offset", record_length FROM capture WHERE warc LIKE ? ORDER BY 1', (f"%{path.name}",)
        ).fetchall()
    for offset, length in places[1:]:
        damaged[offset + length // 3] ^= 0x10
    path.write_bytes(damaged)
    assert cli.run(["--archive", str(archive), "verify"]) == 1
    out = capsys.readouterr().out
    assert f"first: {path} at {places[1][0]}: " in out
    assert "which shows telegram:herat_roads/23 and 1 more" in out
    assert "1 more do not add up" in out


def cut(path: Path, at: int) -> None:
    path.write_bytes(path.read_bytes()[:at])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: cut(path, len(path.read_bytes()) // 2), "the file ends at "),
        (lambda path: cut(path, 5), "the file ends at 5"),
        (Path.unlink, "the file is missing; it held 3 captures"),
        (lambda path: path.write_bytes(b""), "the file ends at 0"),
        (lambda path: path.write_bytes(path.read_bytes() + b"more bytes"), "these bytes are no record"),
        (lambda path: path.write_bytes(b"\x00" + path.read_bytes()), "these bytes are no record"),
    ],
)
def test_a_file_that_is_cut_lost_or_grown_is_named(
    archive: Path, harm: Callable[[Path], None], said: str
) -> None:
    path = warcs(archive)[0]
    harm(path)
    found = findings(archive)
    assert str(path) in found[0] and said in found[0]
    if "ends" in said or "missing" in said:
        assert any(said in line for line in findings(archive, quick=True))


def test_the_torn_end_of_a_killed_crawl_is_no_damage_and_is_told(archive: Path) -> None:
    path = warcs(archive)[0]
    whole = path.read_bytes()
    for length in (1, 2, 11, 300):
        path.write_bytes(whole + whole[:length])
        results = run(archive)
        assert verdict(results) is Exit.OK
        assert f"ends in {length} bytes of a record that was never finished" in results[0].notes[0]


def test_records_of_another_file_in_its_place_are_noticed(archive: Path) -> None:
    one, two = warcs(archive)
    content = one.read_bytes(), two.read_bytes()
    one.write_bytes(content[1])
    two.write_bytes(content[0])
    assert len(run(archive)[0].findings) >= 6


def test_media_are_held_to_their_digests(archive: Path) -> None:
    content = b"\x89PNG\r\n\x1a\n a picture"
    kept = File(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content_type="image/png",
        path="media/one.png",
    )
    picture = archive / kept.path
    picture.parent.mkdir()
    picture.write_bytes(content)
    tried = Tried(attachment_ids=(1,), url="https://example.org/one.png", at=NOON, status=200, file=kept)
    with Database.open(load(archive).database_url) as database, database.write() as connection:
        media.record(connection, tried)
    assert findings(archive) == []
    picture.write_bytes(content[:-1] + b"E")
    assert findings(archive) == [f"{picture}: its bytes are not those that were downloaded"]
    assert findings(archive, quick=True) == []
    sql(archive, f"UPDATE media_file SET sha256 = '{hashlib.sha256(picture.read_bytes()).hexdigest()}'")
    assert "is not in the ledger" in " ".join(findings(archive))
    picture.unlink()
    assert f"{picture}: the file is missing" in findings(archive, quick=True)


def test_imported_files_are_captures_like_others(archive: Path) -> None:
    said = {"id": "1", "text": ROAD, "author_id": "2", "created_at": "2026-03-21T12:00:00Z"}
    user = {"id": "2", "username": "herat_roads", "name": "Herat"}
    (archive / "posts.jsonl").write_text(json.dumps({"data": [said], "includes": {"users": [user]}}))
    assert cli.run(["--archive", str(archive), "import", str(archive / "posts.jsonl")]) == 0
    assert findings(archive) == []
    path = warcs(archive)[-1]
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)
    assert "import:posts.jsonl" in findings(archive)[0]


# -- rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE revision SET text = text || '!' WHERE id = 3"], "revision HERE/3#1: its text is not"),
        (["UPDATE revision SET title = NULL WHERE id = 3"], "revision HERE/3#1: its text is not"),
        (["UPDATE revision SET body = 'x' WHERE id = 3"], "is searched and translated of it (its body)"),
        (["UPDATE attachment SET alt = 'x' WHERE revision_id = 3"], "revision HERE/3#1: its text is not"),
        (
            ["UPDATE revision SET poll = json_set(poll, '$.question', 'x') WHERE seq = 1"],
            "#1: its text is not",
        ),
        (["DELETE FROM post WHERE id = 2"], "revision HERE/2#1 is no longer in the archive"),
        (["UPDATE correction SET text = 'It is open.'"], "correction 1: was altered"),
        (["UPDATE segment SET source = 'x'"], "segment 1 of HERE/1#1, "),
        (["UPDATE segment SET start = 1, stop = 5"], "segment 1 of HERE/1#1, 1 to 5"),
        (["UPDATE post SET current_revision_id = 5 WHERE id = 1"], "post HERE/1: it has no text"),
        (["UPDATE post SET state = 'gone' WHERE id = 1"], "post HERE/1: its state is not"),
        (["UPDATE account SET handle = 'x'"], "account telegram:7: its handle was never seen"),
        (["UPDATE capture SET size = 1 WHERE id = 1"], "the body is not the one that was captured"),
        (["UPDATE capture SET record_sha256 = NULL"], "was altered: it is not what ledger row"),
        (["DELETE FROM capture WHERE id = 6"], "no longer in the archive"),
        (["DROP TRIGGER ledger_no_delete", "DELETE FROM ledger WHERE seq > 5"], "is not in the ledger"),
    ],
)
def test_an_altered_or_deleted_row_is_named(archive: Path, statements: list[str], said: str) -> None:
    sql(archive, *statements)
    found = findings(archive)
    assert any(said.replace("HERE", "telegram:herat_roads") in line for line in found), found
    assert verdict(run(archive)) is Exit.ERROR


def test_a_revision_whose_digest_was_made_to_fit_is_still_not_the_ledgers(archive: Path) -> None:
    changed = "UPDATE revision SET title = NULL, text = 'x', body = 'x', poll = NULL"
    said = {
        "title": None,
        "warning": None,
        "text": "x",
        "attachments": [["image", "k3", "یو سړک"]],
        "poll": None,
    }
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    sql(archive, f"{changed}, digest = '{digest}' WHERE id = 3")
    [line] = findings(archive)
    assert line.startswith("revision telegram:herat_roads/3#1: was altered")


def test_a_damaged_database_file_is_an_error_in_one_line(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive / "archive.db"
    content = bytearray(path.read_bytes())
    content[40960 : 40960 + 20000] = b"\xa5" * 20000
    path.write_bytes(content)
    assert cli.run(["--archive", str(archive), "verify"]) == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out


# -- counts -----------------------------------------------------------------------------------------------


def test_counts_that_do_not_balance_are_owed(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql(archive, "UPDATE page SET served = 5 WHERE id = 1")
    assert cli.run(["--archive", str(archive), "verify"]) == 10
    assert "15 posts were served, but 12 were stored" in capsys.readouterr().out
    sql(archive, "UPDATE page SET served = 2, new = 4, unchanged = -2 WHERE id = 1")
    assert "posts: 14 were stored as new, and 12 are there" in findings(archive)


# -- the command ------------------------------------------------------------------------------------------


def test_json_has_a_line_a_check(archive: Path, capsysbinary: Any) -> None:
    sql(archive, "UPDATE correction SET text = 'It is open.'")
    assert cli.run(["--archive", str(archive), "verify", "--json"]) == 1
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert {"check", "checked", "unit", "wrong", "findings", "notes"} <= rows[0].keys()
    [row] = [row for row in rows if row["check"] == "ledger"]
    assert row["wrong"] == 1 and row["findings"][0]["where"] == "correction 1"


def test_ctrl_c_ends_it_with_11(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(job.chain, "check", interrupted)
    assert cli.run(["--archive", str(archive), "verify"]) == 11
