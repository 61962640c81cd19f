"""`archiver evidence` writes a dossier that anybody can check, and check again, without this program."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bagit
import pytest
from sqlalchemy import select, update
from warcio.archiveiterator import ArchiveIterator

from archiver import cli
from archiver.config import load
from archiver.errors import DamagedArchive, NotFound, Usage
from archiver.jobs.evidence import evidence
from archiver.posts import Account, Attachment, Harvest, Poll, PollOption, Post
from archiver.store import alt_texts, corrections, media, tables, translating, watches, writes
from archiver.store.captures import Captures, Exchange
from archiver.store.corrections import CorrectionRow
from archiver.store.database import Database
from archiver.store.translating import SavedSegment, SavedTranslation

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
ROAD = "د هرات لاره بنده ده، @herat_roads وګورئ: https://example.org/roads?id=7 #هرات"
ENGLISH = "The Herat road is closed, see @herat_roads: https://example.org/roads?id=7 #هرات"
AUTHOR = Account(
    platform="telegram", native_id="7", handle="herat_roads", name="د هرات لارې", description="خبرونه"
)
POST = "telegram:herat_roads/1"


def exchange(number: int, status: int = 200) -> Exchange:
    return Exchange(
        url=f"https://example.org/s/herat_roads?before={number}",
        method="GET",
        request_headers=(("Accept", "*/*"), ("Authorization", "Bearer SEKRET")),
        status=status,
        reason="OK",
        headers=(("Content-Type", "text/html"),),
        body=f"<html>{number}</html>".encode(),
        fetched_at=NOON + timedelta(hours=number),
    )


def post(number: int, said: str, **facts: Any) -> Post:
    return Post(
        platform="telegram",
        native_id=f"herat_roads/{number}",
        author=AUTHOR,
        text=said,
        url=f"https://example.org/herat_roads/{number}",
        published_at=NOON,
        attachments=(Attachment(kind="image", key="k", url="https://cdn.example/1.jpg", alt="یو سړک"),),
        **facts,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Post 1 was edited, translated, corrected and is gone; post 2 carries a poll and hostile text."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archiver.toml").write_text('[crawl]\ncontact = "team@example.org"\n')
    config = load(folder)
    hostile = post(
        2,
        "<script>alert(1)</script>\u202e\ud800 &amp; x",
        title="T",
        poll=Poll(question="کوم؟", options=(PollOption(text="الف", votes=1),)),
    )
    with Database.create(config.database_url) as database, Captures(config.captures_dir) as captures:
        for number, posts in enumerate([(post(1, ROAD), hostile), (post(1, f"{ROAD} نور"),)], start=1):
            capture = captures.append(exchange(number))
            harvest = Harvest(
                platform="telegram",
                handle="herat_roads",
                capture=capture,
                cursor="{}",
                account=AUTHOR,
                posts=posts,
                served=len(posts),
            )
            with database.write() as connection:
                watches.add(connection, platform="telegram", handle="herat_roads", at=NOON)
                writes.store_harvest(connection, harvest)
        with database.write() as connection:
            gone = captures.append(exchange(9, status=404))
            writes.record_gone(connection, platform="telegram", native_id="herat_roads/1", capture=gone)
        with database.write() as connection:
            translating.save_detections(connection, [(1, "ps", 0.97, "ngrams")], NOON)
            part = SavedSegment(
                index=0, start=0, end=len(ROAD), source=ROAD, target=ENGLISH, flags=("repetition",)
            )
            made = SavedTranslation(
                revision_id=1,
                target="en",
                engine="argos",
                package_name="translate-ps_en",
                package_version="1.0",
                package_sha256="ab" * 32,
                options="beam=2",
                segments=(part,),
            )
            translating.save_translations(connection, [made], NOON)
        with database.write() as connection:
            said = CorrectionRow(segment_id=1, text="The road is shut.", author="Z. Ahmadi", note="shorter")
            corrections.save_corrections(connection, [said], NOON)
    return folder


@pytest.fixture
def dossier(archive: Path, tmp_path: Path) -> Path:
    evidence(load(archive), [POST], tmp_path / "dossier")
    return tmp_path / "dossier"


def read(dossier: Path, name: str) -> Any:
    return json.loads((dossier / "data" / name).read_text(encoding="utf-8"))


def checked(dossier: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(dossier / "data" / "check.py")],
        capture_output=True,
        text=True,
        check=False,
    )


# -- a bag ------------------------------------------------------------------------------------------------


def test_it_is_a_valid_bag_and_sha256sum_agrees(dossier: Path) -> None:
    bagit.Bag(str(dossier)).validate()
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        done = subprocess.run(
            ["sha256sum", "-c", "--strict", manifest], cwd=dossier, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    listed = {line.split("  ", 1)[1] for line in (dossier / "manifest-sha256.txt").read_text().splitlines()}
    there = {str(path.relative_to(dossier)) for path in (dossier / "data").rglob("*") if path.is_file()}
    assert listed == there


def test_its_own_check_passes_and_needs_nothing_of_ours(dossier: Path) -> None:
    done = checked(dossier)
    assert done.returncode == 0, done.stdout
    assert "3 captures" in done.stdout and "2 texts" in done.stdout and "everything adds up" in done.stdout
    assert "import archiver" not in (dossier / "data" / "check.py").read_text()


def change(path: Path, old: str, new: str) -> None:
    said = path.read_text(encoding="utf-8")
    assert old in said
    path.write_text(said.replace(old, new), encoding="utf-8")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            lambda d: change(next(d.glob("posts/*/post.json")), "بنده", "خلاصه"),
            "the text is not the one stored",
        ),
        (lambda d: flip(d / "captures.warc.gz"), "not the bytes that were written"),
        (lambda d: change(d / "ledger.jsonl", '"kind":"revision"', '"kind":"capture"'), "does not follow"),
        (lambda d: change(next(d.glob("facts/*.json")), "2026", "2025"), "vouches for"),
        (lambda d: change(d / "captures.json", "before=1", "before=7"), "not the ledger's"),
    ],
)
def test_its_own_check_names_what_was_changed(dossier: Path, harm: Callable[[Path], None], said: str) -> None:
    harm(dossier / "data")
    done = checked(dossier)
    assert done.returncode == 1
    assert said in done.stdout and "is not as listed" in done.stdout


# -- what is in it ----------------------------------------------------------------------------------------


def test_the_captures_are_the_very_bytes_of_the_archive(archive: Path, dossier: Path) -> None:
    copied = (dossier / "data" / "captures.warc.gz").read_bytes()
    kept = b"".join(path.read_bytes() for path in (archive / "captures").iterdir())
    for each in read(dossier, "captures.json"):
        place = each["here"]
        records = copied[place["offset"] : place["offset"] + place["length"]]
        assert records in kept and hashlib.sha256(records).hexdigest() == each["record_sha256"]
    with (dossier / "data" / "captures.warc.gz").open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", *["response", "request"] * 3]
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", str(dossier / "data" / "captures.warc.gz")],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0


def test_each_line_of_the_ledger_hashes_to_what_the_next_one_names(dossier: Path) -> None:
    lines = (dossier / "data" / "ledger.jsonl").read_bytes().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["seq"] for row in rows] == list(range(rows[0]["seq"], rows[0]["seq"] + len(rows)))
    for line, after in zip(lines, rows[1:], strict=False):
        assert hashlib.sha256(line).hexdigest() == after["prev"]
    facts = {int(path.stem): path for path in (dossier / "data" / "facts").iterdir()}
    told = {row["seq"]: row for row in rows}
    assert {told[seq]["kind"] for seq in facts} == {
        "capture",
        "account",
        "revision",
        "observation",
        "correction",
    }
    for seq, path in facts.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == told[seq]["payload_sha256"]


def test_texts_translations_and_profile_are_there_to_read(dossier: Path) -> None:
    [folder] = (dossier / "data" / "posts").iterdir()
    assert (folder / "revision-1.txt").read_text(encoding="utf-8") == ROAD
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.translation-*")}
    assert texts["revision-1.translation-1.en.txt"] == ENGLISH
    assert texts["revision-1.translation-2.en.txt"] == "The road is shut."
    told = read(dossier, f"posts/{folder.name}/post.json")
    assert told["profiles"][0]["description"] == "خبرونه" and told["state"] == "gone"
    assert len(told["revisions"]) == 2 and told["observations"][-1]["state"] == "gone"
    collected = read(dossier, "collection.json")
    assert collected["software"].startswith("bilingual-archiver/")
    assert "team@example.org" in collected["user_agent"] and "machine" not in collected


def test_the_page_shows_both_scripts_runs_nothing_and_fetches_nothing(archive: Path, tmp_path: Path) -> None:
    evidence(load(archive), [POST, "telegram:herat_roads/2"], tmp_path / "both")
    page = (tmp_path / "both" / "data" / "index.html").read_text(encoding="utf-8")
    assert 'lang="ps" dir="rtl"' in page and "<bdi dir=ltr>@herat_roads</bdi>" in page
    assert "<script" not in page and "&lt;script&gt;" in page and "⟪202E⟫" in page and "⟪D800⟫" in page
    assert not re.search(
        r"""(?i)<(img|link|iframe|object|video|audio|form)\b|\bon\w+=|url\(|@import|\ssrc=""", page
    )
    assert "default-src 'none'" in page
    for said in (
        "No longer there: gone",
        "Version 1 of 2",
        "Version 2 of 2, the current one",
        "not translated",
        "Machine translation by argos, translate-ps_en 1.0",
        "ab" * 32,
        "repetition",
        "Z. Ahmadi",
        "shorter",
        "یو سړک",
        "have no stamp",
        "الف",
    ):
        assert said in page, said


def test_the_machine_is_named_only_when_asked(archive: Path, tmp_path: Path) -> None:
    import platform

    evidence(load(archive), [POST], tmp_path / "named", machine=True)
    assert platform.node() in read(tmp_path / "named", "collection.json")["machine"]


def test_no_credential_is_in_it(dossier: Path) -> None:
    for path in dossier.rglob("*"):
        if path.is_file():
            assert b"SEKRET" not in path.read_bytes()


# -- media ------------------------------------------------------------------------------------------------

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9
PICTURE = hashlib.sha256(JPEG).hexdigest()
FILE = f"media/{PICTURE[:2]}/{PICTURE}.jpg"


@pytest.fixture
def pictured(archive: Path) -> Path:
    """The picture of both versions of post 1 was had at the second try; what it shows is translated."""
    config = load(archive)
    (archive / FILE).parent.mkdir(parents=True)
    (archive / FILE).write_bytes(JPEG)
    kept = media.File(sha256=PICTURE, size=len(JPEG), content_type="image/jpeg", path=FILE)
    url = "https://cdn.example/1.jpg"
    busy = media.Tried(
        attachment_ids=(1,), url=url, at=NOON, status=503, reason="HTTP 503: busy", next_at=NOON
    )
    had = media.Tried(
        attachment_ids=(1,),
        url=url,
        at=NOON + timedelta(hours=5),
        final_url="https://far.example/1.jpg",
        status=200,
        headers={"content-type": "image/jpeg"},
        file=kept,
    )
    made = SavedTranslation(
        revision_id=1,
        target="en",
        engine="argos",
        package_name="translate-ps_en",
        package_version="1.0",
        package_sha256="cd" * 32,
        options="beam=2",
        segments=(
            SavedSegment(index=0, start=0, end=7, source="یو سړک", target="A road", flags=("copied",)),
        ),
    )
    with Database.open(config.database_url) as database, database.write() as connection:
        media.record(connection, busy)
        media.record(connection, had)
        alt_texts.save_languages(connection, [(1, "ps", 0.9, "ngrams")], NOON)
        alt_texts.save_translations(connection, [(1, "A road", made)], NOON)
    return archive


def test_a_downloaded_picture_is_in_it_with_all_that_is_known_of_it(pictured: Path, tmp_path: Path) -> None:
    made = evidence(load(pictured), [POST], tmp_path / "dossier").made
    assert made.files == 1
    dossier = tmp_path / "dossier"
    assert (dossier / "data" / FILE).read_bytes() == JPEG
    assert f"{PICTURE}  data/{FILE}\n" in (dossier / "manifest-sha256.txt").read_text()
    bagit.Bag(str(dossier)).validate()
    [folder] = (dossier / "data" / "posts").iterdir()
    told = read(dossier, f"posts/{folder.name}/post.json")
    for revision in told["revisions"]:  # the same piece of media in both versions
        tries = revision["attachments"][0]["downloads"]
        assert [(t["status"], t["reason"]) for t in tries] == [(503, "HTTP 503: busy"), (200, None)]
        assert (tries[1]["at"], tries[1]["file"]["sha256"]) == ("2026-03-21T17:00:00Z", PICTURE)
    facts = [json.loads(p.read_text()) for p in (dossier / "data" / "facts").iterdir()]
    assert [f["path"] for f in facts if "stored_at" in f] == [FILE]
    page = (dossier / "data" / "index.html").read_text(encoding="utf-8")
    for said in (
        f'<a href="{FILE}">',
        f"<code>{PICTURE}</code>",
        "HTTP 503: busy",
        "2026-03-21 17:00:00",
        "https://far.example/1.jpg",
        "A road",
        "cd" * 32,
        "copied",
    ):
        assert said in page, said
    assert "<img" not in page
    done = checked(dossier)
    assert done.returncode == 0 and "1 media files" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda d: flip(d / FILE), "not the bytes that were downloaded"),
        (lambda d: (d / FILE).unlink(), "is missing"),
        (lambda d: (d / FILE).with_name("other.jpg").write_bytes(b"x"), "no post tells of it"),
        (lambda d: change(next(d.glob("posts/*/post.json")), "image/jpeg", "image/png"), "not the ledger's"),
    ],
    ids=["changed", "missing", "another", "another kind"],
)
def test_its_own_check_looks_at_the_pictures(
    pictured: Path, tmp_path: Path, harm: Callable[[Path], Any], said: str
) -> None:
    evidence(load(pictured), [POST], tmp_path / "dossier")
    harm(tmp_path / "dossier" / "data")
    done = checked(tmp_path / "dossier")
    assert done.returncode == 1 and said in done.stdout, done.stdout


def test_a_picture_that_is_not_what_was_downloaded_leaves_no_dossier(pictured: Path, tmp_path: Path) -> None:
    flip(pictured / FILE)
    with pytest.raises(DamagedArchive, match="not the bytes that were downloaded; run `archiver verify`"):
        evidence(load(pictured), [POST], tmp_path / "dossier")
    (pictured / FILE).unlink()
    with pytest.raises(DamagedArchive, match="the file is missing; run `archiver verify`"):
        evidence(load(pictured), [POST], tmp_path / "dossier")
    assert not (tmp_path / "dossier").exists() and not list(tmp_path.glob(".dossier*"))


def test_no_name_leads_out_of_the_dossier(pictured: Path, tmp_path: Path) -> None:
    config = load(pictured)
    with Database.open(config.database_url) as database, database.write() as connection:
        connection.execute(update(tables.media_file).values(path="media/../../stolen"))
    (tmp_path / "stolen").write_bytes(JPEG)
    with pytest.raises(DamagedArchive, match="not a name that a downloaded file has"):
        evidence(config, [POST], tmp_path / "dossier")


# -- what was imported ------------------------------------------------------------------------------------


def test_captures_that_another_archive_has_are_told_and_not_vouched_for(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = tmp_path / "posts.jsonl"
    assert cli.run(["--archive", str(archive), "export", "jsonl", "-o", str(exported)]) == 0
    other, dossier = str(tmp_path / "other"), tmp_path / "dossier"
    assert cli.run(["init", other]) == 0
    assert cli.run(["--archive", other, "import", str(exported)]) == 0
    capsys.readouterr()
    assert cli.run(["--archive", other, "evidence", POST, "-o", str(dossier)]) == 0
    told = capsys.readouterr()
    assert "1 captures" in told.out and "lie in the archive that this was imported from: 3 more" in told.err
    bagit.Bag(str(dossier)).validate()
    done = checked(dossier)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("another archive has its bytes") == 3 and "1 captures" in done.stdout
    listed = read(dossier, "captures.json")
    away = [each for each in listed if each["here"] is None]
    assert len(away) == 3 and all(each["warc"].startswith("elsewhere:") for each in away)
    page = (dossier / "data" / "index.html").read_text(encoding="utf-8")
    assert "Captures that lie in the archive that this post was imported from: 3 of 4." in page
    assert page.count("<b>not here</b>: HTTP") == 3
    assert set(re.findall(r'href="#(capture-\d+)"', page)) <= set(re.findall(r'id="(capture-\d+)"', page))
    change(dossier / "data" / "captures.json", "before=1", "before=7")
    assert "not the ledger's" in checked(dossier).stdout


def test_a_piece_of_an_imported_file_is_called_that(tmp_path: Path, capsys: Any) -> None:
    here, dossier = str(tmp_path / "archive"), tmp_path / "dossier"
    assert cli.run(["init", here]) == 0
    posts = tmp_path / "result.json"
    said = {"id": 1, "type": "message", "date": "2026-03-21T12:00:00", "date_unixtime": "1774094400"}
    said |= {"from": "د هرات لارې", "from_id": "channel7", "text": ROAD}
    channel = {"name": "د هرات لارې", "type": "public_channel", "id": 7, "messages": [said]}
    posts.write_text(json.dumps(channel), encoding="utf-8")
    words = ["import", str(posts), "--as", "telegram:herat_roads"]
    assert cli.run(["--archive", here, *words]) == 0, capsys.readouterr()
    config = load(tmp_path / "archive")
    with Database.open(config.database_url) as database, database.read() as connection:
        [native_id] = connection.execute(select(tables.post.c.native_id)).scalars()
    assert cli.run(["--archive", here, "evidence", f"telegram:{native_id}", "-o", str(dossier)]) == 0
    page = (dossier / "data" / "index.html").read_text(encoding="utf-8")
    assert "Captures that are pieces of files that somebody imported: 1 of 1." in page
    assert "piece of an imported file" in page and "HTTP 0" not in page and "import:result.json" in page
    done = checked(dossier)
    assert done.returncode == 0, done.stdout
    with (dossier / "data" / "captures.warc.gz").open("rb") as file:
        assert [r.rec_type for r in ArchiveIterator(file)] == ["warcinfo", "resource"]


# -- all or nothing ---------------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_left_alone(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(Usage, match="not empty"):
        evidence(load(archive), [POST], tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    evidence(load(archive), [POST], tmp_path / "empty")
    bagit.Bag(str(tmp_path / "empty")).validate()


def test_a_damaged_capture_or_an_unknown_post_leaves_no_dossier(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no post 'telegram:nobody/1'"):
        evidence(load(archive), [POST, "telegram:nobody/1"], tmp_path / "dossier")
    [path] = (archive / "captures").iterdir()
    flip(path)
    with pytest.raises(DamagedArchive):
        evidence(load(archive), [POST], tmp_path / "dossier")
    assert not (tmp_path / "dossier").exists() and not list(tmp_path.glob(".dossier*"))


# -- the command ------------------------------------------------------------------------------------------


def test_the_command_takes_addresses_and_says_what_it_wrote(
    archive: Path, tmp_path: Path, capsysbinary: Any
) -> None:
    words = ["--archive", str(archive), "evidence", "https://example.org/herat_roads/1", POST, "--json"]
    assert cli.run([*words, "-o", str(tmp_path / "dossier")]) == 0
    row = json.loads(capsysbinary.readouterr().out)
    assert (row["posts"], row["captures"], row["stamped"]) == ([POST], 3, False)
    assert cli.run([*words, "-o", str(tmp_path / "dossier")]) == 2
    assert cli.run([*words, "-o", str(tmp_path / "none" / "dossier")]) == 2
