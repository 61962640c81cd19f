"""What is imported is what a crawl would have stored: nothing twice, nothing lost, no edit that was none."""

import gzip
import itertools
import json
import random
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator

from archiver import cli
from archiver.config import Config
from archiver.jobs.imports import take
from archiver.posts import Capture, Harvest
from archiver.store import queries, tables, watches, writes
from archiver.store.database import Database
from archiver.store.records import PostRecord
from spiders.mastodon import Mastodon
from spiders.page import Page, Target
from spiders.telegram import Telegram
from spiders.x import X

FILES = Path(__file__).parent / "imported"
CASES = sorted(p for p in FILES.glob("*/*") if p.is_dir())
TWARC = FILES / "twarc/pages/search.jsonl"
TWARC1 = FILES / "twarc1/statuses/tweets.json"
ZEESCHUIMER = FILES / "zeeschuimer/mixed/zeeschuimer-export.ndjson"
RESULT = FILES / "telegram/channel/result.json"
CRAWLED = datetime(2026, 3, 4, 12, tzinfo=UTC)
Run = Callable[..., int]
_page = itertools.count(1)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    Database.create(database_url).close()
    return Config(folder=tmp_path, database=database_url)


@pytest.fixture
def archive(tmp_path: Path) -> Config:
    """An archive on SQLite, for what does not depend on the kind of database."""
    (tmp_path / "archiver.toml").touch()
    Database.create(Config(folder=tmp_path).database_url).close()
    return Config(folder=tmp_path)


@pytest.fixture
def run(archive: Config) -> Run:
    return lambda *words: cli.run(["--archive", str(archive.folder), *words])


def made(case: Path, folder: Path) -> Path:
    """The file of a frozen case, as a user has it (see test_imports_frozen.py)."""
    (source,) = (p for p in case.iterdir() if p.name != "expected.json")
    if source.is_file():
        return source
    path = folder / source.name
    members = {p.relative_to(source).as_posix(): p for p in sorted(source.rglob("*")) if p.is_file()}
    if path.suffix == ".zip":
        return zipped(path, {name: member.read_bytes() for name, member in members.items()})
    with tarfile.open(path, "w:gz") as tar:
        for name, member in members.items():
            tar.add(member, name)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def everything(config: Config) -> dict[str, list[Any]]:
    """All that is stored, table by table."""
    with Database.open(config.database_url) as database, database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in tables.metadata.sorted_tables
        }


def post(config: Config, name: str) -> PostRecord:
    with Database.open(config.database_url) as database, database.read() as connection:
        return queries.show(connection, name)


def names(config: Config) -> set[str]:
    with Database.open(config.database_url) as database, database.read() as connection:
        return {f"{row.platform}:{row.native_id}" for row in connection.execute(select(tables.post))}


def crawled(
    config: Config, platform: Any, target: Target, url: str, body: str, at: datetime = CRAWLED
) -> None:
    """A page as a crawl stores it."""
    page = Page(url=url, body=body.encode(), target=target, fetched_at=at)
    reading = platform.read(page)
    assert not reading.problems
    number = next(_page)
    harvest = Harvest(
        platform=target.platform,
        handle=target.handle,
        capture=Capture(
            url=url,
            fetched_at=at,
            status=200,
            sha256=f"{number:064x}",
            size=1,
            warc="w",
            offset=number,
            length=1,
        ),
        cursor="{}",
        account=reading.account,
        posts=reading.posts,
        served=reading.served,
    )
    with Database.open(config.database_url) as database, database.write() as connection:
        watches.add(connection, platform=target.platform, handle=target.handle, at=at)
        writes.store_harvest(connection, harvest)


def crawl_x(config: Config, at: datetime = CRAWLED) -> None:
    """The posts of the twarc file, as X's API gives them to a crawl."""
    lines = [json.loads(line) for line in TWARC.read_text().splitlines() if line.endswith("}")]
    for line in lines:
        if "data" in line:
            url = line.pop("__twarc")["url"].replace("search/all", "../users/900100/tweets")
            body = json.dumps({**line, "data": [p for p in line["data"] if p["author_id"] == "900100"]})
            crawled(config, X(), Target(platform="x", handle="zarghuna_k"), url, body, at)


# -- again and again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_importing_twice_changes_nothing(archive: Config, case: Path, tmp_path: Path) -> None:
    path = made(case, tmp_path)
    first = take(archive, path)
    before, captures = everything(archive), sorted(archive.captures_dir.iterdir())
    renamed = path.rename(tmp_path / "renamed") if path.parent == tmp_path else path
    second = take(archive, renamed)
    assert everything(archive) == before
    assert sorted(archive.captures_dir.iterdir()) == captures
    assert (first.new, second.new, second.revised, second.unchanged) == (first.read, 0, 0, first.read)
    assert second.broken == first.broken and second.refused == first.refused


def test_every_kind_of_database_takes_imports(config: Config, tmp_path: Path) -> None:
    for case in CASES:
        done = take(config, made(case, tmp_path))
        assert done.new + done.revised + done.unchanged == done.read > 0
    assert take(config, TWARC).unchanged == 4


def test_a_file_that_grew_adds_what_is_new(archive: Config, tmp_path: Path) -> None:
    rows = TWARC.read_text().splitlines(keepends=True)
    path = tmp_path / "growing.jsonl"
    path.write_text(rows[0])
    assert take(archive, path).new == 2
    path.write_text("".join(rows))
    grown = take(archive, path)
    assert (grown.new, grown.unchanged) == (2, 2)


def test_a_dry_run_says_what_would_come_and_stores_nothing(run: Run, archive: Config, capsys: Any) -> None:
    before = everything(archive)
    assert run("import", "--dry-run", "--json", str(TWARC)) == 10
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["dry_run"], len(told["broken"])) == (4, True, 1)
    assert everything(archive) == before and not [*archive.captures_dir.glob("*")]
    assert run("import", str(TWARC)) == 10
    assert "4 posts read: 4 new" in capsys.readouterr().out


def test_the_order_of_imports_does_not_matter(tmp_path: Path) -> None:
    page = json.loads(TWARC.read_text().splitlines()[0])
    page["includes"]["tweets"] = []
    versions = []
    for hour, text, likes in ((10, "لومړی", 17), (12, "دوهم", 20), (14, "لومړی", 25), (16, "درېیم", 26)):
        page["__twarc"]["retrieved_at"] = f"2026-03-05T{hour}:00:00+00:00"
        page["data"] = [{**page["data"][0], "text": text, "public_metrics": {"like_count": likes}}]
        versions.append(json.dumps(page) + "\n")
    known = set()
    for number, order in enumerate(list(itertools.permutations(versions))[::6]):
        config = Config(folder=tmp_path / str(number))
        config.folder.mkdir()
        Database.create(config.database_url).close()
        for line in order:
            (path := config.folder / "part.jsonl").write_text(line)
            take(config, path)
        record = post(config, "x:1900000000000000001")
        assert record.revision is not None
        told = (
            record.revision.text,
            record.metrics["likes"]["value"],
            record.first_seen_at,
            record.last_seen_at,
            tuple(sorted((r.seen_at, r.text) for r in record.revisions)),
        )
        known.add(told)
    [(text, likes, first, last, revisions)] = known
    assert (text, likes, first.hour, last.hour) == ("درېیم", 26, 10, 16)
    assert [(at.hour, said) for at, said in revisions] == [(10, "لومړی"), (12, "دوهم"), (16, "درېیم")]


def test_an_import_that_is_killed_is_simply_done_again(archive: Config, tmp_path: Path) -> None:
    page = json.loads(TWARC.read_text().splitlines()[0])
    rows = []
    for number in range(1200):
        one = {**page["data"][0], "id": str(10**18 + number), "text": f"{number} کرښه"}
        rows.append(json.dumps({**page, "data": [one]}))
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(rows))
    command = [sys.executable, "-m", "archiver", "--archive", str(archive.folder), "import", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not names(archive) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(names(archive)) > 0
    done = take(archive, path)
    assert (done.read, done.broken) == (1200, [])
    assert names(archive) == {f"x:{10**18 + number}" for number in range(1200)}
    before = everything(archive)
    take(archive, path)
    assert everything(archive) == before
    assert len(before["revision"]) == len(before["post"]) == 1200


# -- what is crawled and what is imported are one ------------------------------------------------------------


@pytest.mark.parametrize("first", ["crawl", "import"])
@pytest.mark.parametrize("case", ["twarc/pages", "twarc/flattened", "twarc1/statuses", "zeeschuimer/mixed"])
def test_an_imported_post_is_the_crawled_one(archive: Config, tmp_path: Path, case: str, first: str) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: crawl_x(archive),
        lambda: take(archive, made(FILES / case, tmp_path)),
    ]
    for step in steps if first == "crawl" else reversed(steps):
        step()
    for number in (1, 3):
        record = post(archive, f"x:190000000000000000{number}")
        assert len(record.revisions) == 1, [r.text for r in record.revisions]
        assert record.account.handle == "zarghuna_k"
    with Database.open(archive.database_url) as database, database.read() as connection:
        people = [(row.native_id, row.handle) for row in connection.execute(select(tables.account))]
    assert people.count(("900100", "zarghuna_k")) == 1


@pytest.mark.parametrize("case", ["x_archive/archive", "fourcat/x_csv"])
def test_a_file_that_knows_less_adds_no_revision(archive: Config, tmp_path: Path, case: str) -> None:
    """The account archive has no alt texts, a table has the platform's shortened links."""
    crawl_x(archive)
    take(archive, made(FILES / case, tmp_path))
    record = post(archive, "x:1900000000000000001")
    [revision] = record.revisions
    assert revision.attachments[0].alt == "واوره پر لاره"
    assert record.last_seen_at >= CRAWLED


def test_a_file_without_a_time_does_not_turn_back_the_present(archive: Config, tmp_path: Path) -> None:
    crawl_x(archive)
    name = "1900000000000000001"
    with Database.open(archive.database_url) as database, database.write() as connection:
        capture = post(archive, f"x:{name}").revisions[0].capture
        facts = {n: getattr(capture, n) for n in Capture.__slots__}
        shown = Capture(**{**facts, "offset": 999, "fetched_at": datetime(2026, 3, 9, tzinfo=UTC)})
        writes.record_gone(connection, platform="x", native_id=name, capture=shown)
    old = TWARC1.read_text().replace("واوره ورېږي", "لمر دی")
    (path := tmp_path / "old.jsonl").write_text(old)
    done = take(archive, path)
    record = post(archive, f"x:{name}")
    assert done.revised == 1 and record.state == "gone"
    assert [r.current for r in record.revisions] == [True, False]
    assert record.revision is not None and "واوره ورېږي" in (record.revision.text or "")
    assert len(record.observations) == 2


TELEGRAM = """<html><body class="tgme_channel_history"><div class="tgme_channel_info">
<div class="tgme_channel_info_header_title"><span>هرات لارې</span></div>
<div class="tgme_channel_info_header_username"><a>@Herat_Roads</a></div></div>
<div class="tgme_widget_message" data-post="Herat_Roads/2" data-view="{view}">
<div class="tgme_widget_message_text js-message_text">د هرات پر لاره واوره ورېږي. <a href="?q=%23x">#هرات</a>
<a href="https://example.org/herat">دلته</a> <a href="https://example.org/b">https://example.org/b</a>
<a href="https://t.me/kabul_roads">@kabul_roads</a></div>
<a class="tgme_widget_message_date" href="https://t.me/Herat_Roads/2">
<time datetime="2026-03-04T06:00:02+00:00"></time></a></div>
<div class="tgme_widget_message" data-post="Herat_Roads/3" data-view="{view}">
<div class="tgme_widget_message_grouped_wrap">
<a class="tgme_widget_message_photo_wrap" href="https://t.me/Herat_Roads/3?single"
 style="background-image:url('https://cdn.example.org/3.jpg')"></a>
<a class="tgme_widget_message_photo_wrap" href="https://t.me/Herat_Roads/4?single"
 style="background-image:url('https://cdn.example.org/4.jpg')"></a></div>
<div class="tgme_widget_message_text js-message_text">سبا به ښوونځي خلاص وي.</div>
<a class="tgme_widget_message_date" href="https://t.me/Herat_Roads/3">
<time datetime="2026-03-04T06:01:43+00:00"></time></a></div></body></html>"""
VIEW = "eyJjIjotMTU5MDAwMX0"  # {"c":-1590001}
HERAT = Target(platform="telegram", handle="herat_roads")


def crawl_telegram(config: Config) -> None:
    body = TELEGRAM.replace("{view}", VIEW).replace("</a>\n<a href", "</a> <a href")
    crawled(config, Telegram(), HERAT, "https://t.me/s/herat_roads", body)


def test_a_telegram_export_is_known_by_the_channels_number(archive: Config) -> None:
    crawl_telegram(archive)
    done = take(archive, RESULT)
    assert (done.new, done.revised, done.unchanged) == (7, 0, 2)
    assert all(name.startswith("telegram:Herat_Roads/") for name in names(archive))
    album = post(archive, "telegram:Herat_Roads/3")
    assert [a.key for a in album.revisions[0].attachments] == ["Herat_Roads/3", "Herat_Roads/4"]
    assert post(archive, "telegram:Herat_Roads/7").revisions[0].references[0].native_id == "Herat_Roads/2"


def test_a_telegram_export_that_is_named_is_crawled_on_without_doubling(run: Run, archive: Config) -> None:
    assert run("import", str(RESULT), "--as", "telegram:Herat_Roads") == 10
    assert run("watch", "add", "https://t.me/s/Herat_Roads") == 0
    before = names(archive)
    crawl_telegram(archive)
    assert names(archive) == before
    assert {len(post(archive, f"telegram:Herat_Roads/{n}").revisions) for n in (2, 3)} == {1}


def test_an_export_is_never_taken_for_another_channels(
    run: Run, archive: Config, tmp_path: Path, capsys: Any
) -> None:
    crawl_telegram(archive)
    other = tmp_path / "result.json"
    other.write_text(RESULT.read_text().replace("1590001", "1590777"))
    assert run("import", str(other), "--as", "telegram:herat_roads") == 2
    assert "is another channel (its number is 1590001, not 1590777)" in capsys.readouterr().err
    assert run("import", str(RESULT), "--as", "telegram:kabul_roads") == 2
    assert "the archive knows as telegram:herat_roads" in capsys.readouterr().err
    assert run("import", str(FILES / "telegram/everything/result.json"), "--as", "telegram:herat_roads") == 2
    assert "holds several" in capsys.readouterr().err
    assert len(names(archive)) == 2


def test_of_private_chats_nothing_is_kept(archive: Config) -> None:
    done = take(archive, FILES / "telegram/everything/result.json")
    assert done.read == 3 and sum(done.refused.values()) == 4 and done.is_whole
    kept = b"".join(content for _, _, content in records(archive))
    assert b"secret words" not in kept and b"+93" not in kept and b"Mother" not in kept
    assert "د هرات پر لاره".encode() in kept


def test_a_mastodon_archive_is_the_crawled_account(archive: Config, tmp_path: Path) -> None:
    path = made(FILES / "mastodon/archive", tmp_path)
    take(archive, path)
    host = "social.example.org"
    status = {
        "id": "116000000000000001",
        "created_at": "2026-03-04T05:00:00.000Z",
        "in_reply_to_id": None,
        "spoiler_text": "",
        "language": "ps",
        "url": f"https://{host}/@zarghuna/116000000000000001",
        "edited_at": None,
        "content": "<p>د هرات پر لاره واوره ورېږي. <a href='https://social.example.org/tags/x'"
        " class='mention hashtag'>#<span>هرات</span></a></p>",
        "account": {"id": "7001", "acct": "zarghuna", "username": "zarghuna", "display_name": "زرغونه"},
        "media_attachments": [
            {
                "id": "116000000000000900",
                "type": "image",
                "url": f"https://{host}/f.jpg",
                "description": "واوره",
            }
        ],
        "mentions": [],
        "tags": [{"name": "هرات", "url": "https://social.example.org/tags/x"}],
        "favourites_count": 3,
    }
    url = f"https://{host}/api/v1/accounts/7001/statuses"
    before = names(archive)
    crawled(
        archive, Mastodon(), Target(platform="mastodon", handle=f"zarghuna@{host}"), url, json.dumps([status])
    )
    record = post(archive, f"mastodon:116000000000000001@{host}")
    assert names(archive) == before and len(record.revisions) == 1
    assert record.account.native_id == f"7001@{host}"  # told by the crawl; the archive's posts are its own
    with Database.open(archive.database_url) as database, database.read() as connection:
        assert len(connection.execute(select(tables.account)).all()) == 1


def test_what_the_website_calls_otherwise_is_found_by_its_address(archive: Config) -> None:
    media = {
        "id": "17900000000000001",
        "caption": "افتتحت المكتبة الجديدة أبوابها اليوم.",
        "media_type": "CAROUSEL_ALBUM",
    }
    media |= {
        "permalink": "https://www.instagram.com/p/DAbCdEfGhIj/",
        "timestamp": "2026-03-04T04:53:20+0000",
    }
    media["children"] = {"data": [{"id": "1", "media_type": "IMAGE"}, {"id": "2", "media_type": "VIDEO"}]}
    found = {"id": "17841", "username": "maktaba_press", "media": {"data": [media]}}
    from spiders.instagram import Instagram

    target = Target(platform="instagram", handle="maktaba_press")
    crawled(
        archive,
        Instagram(),
        target,
        "https://graph.facebook.com/x?fields=y",
        json.dumps({"business_discovery": found}),
    )
    take(archive, ZEESCHUIMER)
    assert {n for n in names(archive) if n.startswith("instagram")} == {"instagram:17900000000000001"}
    record = post(archive, "instagram:17900000000000001")
    assert record.account.native_id == "17841" and record.metrics["likes"]["value"] == 44


def test_a_deleted_post_of_an_archive_is_a_tombstone(
    run: Run, archive: Config, tmp_path: Path, capsys: Any
) -> None:
    assert run("import", str(made(FILES / "x_archive/archive", tmp_path))) == 10
    assert "1 marked as gone" in capsys.readouterr().out
    record = post(archive, "x:1900000000000000008")
    assert record.state == "deleted" and record.revision is not None
    assert [o.state for o in record.observations] == ["live", "deleted"]
    assert record.observations[1].capture.url.endswith("&gone")
    assert post(archive, "x:1900000000000000007").state == "live"


# -- evidence -----------------------------------------------------------------------------------------------


def records(config: Config) -> list[tuple[str, str, bytes]]:
    found = []
    for path in sorted(config.captures_dir.glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                uri = record.rec_headers.get_header("WARC-Target-URI") or ""
                found.append((record.rec_type, uri, record.content_stream().read()))
    return found


def test_the_bytes_are_kept_as_resource_records(archive: Config) -> None:
    take(archive, TWARC)
    kind, uri, content = next(each for each in records(archive) if each[0] != "warcinfo")
    assert (kind, content) == ("resource", TWARC.read_bytes())
    assert uri == f"import:search.jsonl#bytes=0-{len(content) - 1}"
    capture = post(archive, "x:1900000000000000002").revisions[0].capture
    assert (capture.url, capture.status, capture.size) == (uri, 0, len(content))


def test_imports_can_be_shown_searched_and_exported(run: Run, tmp_path: Path, capsys: Any) -> None:
    assert run("import", str(TWARC), str(ZEESCHUIMER)) == 10
    assert run("show", "x:1900000000000000001") == 0
    assert "import:search.jsonl#bytes=" in capsys.readouterr().out
    assert run("search", "--platform", "tiktok", "بارش", "--json") == 0
    assert json.loads(capsys.readouterr().out)["account"] == "lahore.rain"
    for format in ("warc", "wacz", "csv", "ids"):
        assert run("export", format, "-o", str(tmp_path / f"out.{format}")) == 0
    assert run("status") in (0, 10)


# -- bad input ----------------------------------------------------------------------------------------------


def test_broken_lines_anywhere_cost_only_themselves(archive: Config, tmp_path: Path) -> None:
    page = json.loads(TWARC.read_text().splitlines()[0])
    dice = random.Random(7)
    rows = [
        json.dumps(
            {**page, "data": [{**page["data"][0], "id": str(10**18 + n)}]}, ensure_ascii=False
        ).encode()
        for n in range(300)
    ]
    broken = sorted(dice.sample(range(300), 40))
    for n in broken:
        place = dice.randrange(1, len(rows[n]) - 1)
        rows[n] = dice.choice(
            [
                rows[n][:place],
                b"\xff\xfe" + rows[n],
                b"[" * 5000,
                b"nonsense",
                b"[1]",
                rows[n][place:],
                b"\x00",
            ]
        )
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(rows[:150]) + b"\n\n" + b"\n".join(rows[150:]))
    done = take(archive, path)
    lines = [n + 1 + (n >= 150) for n in broken]
    assert [each.partition(":")[0] for each in done.broken] == [f"line {line}" for line in lines]
    assert names(archive) == {f"x:{10**18 + n}" for n in range(300) if n not in broken}
    with Database.open(archive.database_url) as database, database.read() as connection:
        assert len(connection.execute(select(tables.problem)).all()) == 40


@pytest.mark.parametrize("indent", [1, 4])
def test_broken_messages_anywhere_cost_only_themselves(archive: Config, tmp_path: Path, indent: int) -> None:
    dice = random.Random(indent)
    export = json.loads(RESULT.read_text().replace('"سمون دی.', '"سمون دی."'))
    model = export["messages"][1]
    export["messages"] = [{**model, "id": n, "date_unixtime": str(1772604000 + n)} for n in range(1, 400)]
    text = json.dumps(export, ensure_ascii=False, indent=indent)
    broken = sorted(dice.sample(range(1, 400), 30))
    for n in broken:
        wrong = dice.choice([f'"id": {n}x', f'"id" {n}', f'"id: {n}', f'"id": [{n}', f'"id": {n}}}'])
        text = text.replace(f'"id": {n},', f"{wrong},")
    (path := tmp_path / "result.json").write_text(text)
    done = take(archive, path)
    there = {int(name.rpartition("/")[2]) for name in names(archive)}
    assert there == set(range(1, 400)) - set(broken)
    assert len(done.broken) >= 30 and not done.is_whole


def test_an_export_that_breaks_off_is_said_to(archive: Config, tmp_path: Path) -> None:
    (path := tmp_path / "result.json").write_bytes(RESULT.read_bytes()[:-1500])
    done = take(archive, path)
    assert done.read == 5
    assert any("the file breaks off" in each for each in done.broken)


def test_lines_may_be_gzipped_but_not_without_end(
    run: Run, archive: Config, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / "search.jsonl.gz"
    path.write_bytes(gzip.compress(TWARC.read_bytes()))
    assert take(archive, path).new == 4
    assert take(archive, TWARC).unchanged == 4  # the same pieces
    row = TWARC.read_bytes().splitlines(keepends=True)[0]
    (bomb := tmp_path / "bomb.gz").write_bytes(gzip.compress(row + b" " * 20_000_000))
    assert run("import", str(bomb)) == 2
    assert "unpacks to more than" in capsys.readouterr().err
    (cut := tmp_path / "cut.gz").write_bytes(path.read_bytes()[:-20])
    assert run("import", str(cut)) == 2
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing that can be imported; looked for CSV or NDJSON of 4CAT, our own"),
        (b"\x00\x01\x02", "nothing that can be imported"),
        (b'{"a": 1}\n', "nothing that can be imported"),
        (b"a\tb\n1\t2\n", "nothing that can be imported"),
        (b"<html/>", "nothing that can be imported"),
        (b"[" * 100_000, "nothing that can be imported"),
    ],
)
def test_a_file_of_no_known_format_is_an_error(
    run: Run, tmp_path: Path, capsys: Any, content: bytes, said: str
) -> None:
    (path := tmp_path / "unknown").write_bytes(content)
    assert run("import", str(path)) == 1
    line = capsys.readouterr().err
    assert said in line and len(line.splitlines()) == 1


def test_an_unknown_format_is_wrong_usage(run: Run, capsys: Any) -> None:
    assert run("import", str(TWARC), "--format", "twark") == 2
    assert "there are fourcat, jsonl, mastodon, telegram, twarc" in capsys.readouterr().err


ACCOUNT = b'window.YTD.account.part0 = [{"account": {"accountId": "1", "username": "a"}}]'


def test_archives_are_read_within_bounds(run: Run, tmp_path: Path, capsys: Any) -> None:
    bomb = b"window.YTD.tweets.part0 = [" + b" " * 20_000_000
    path = zipped(tmp_path / "bomb.zip", {"data/account.js": ACCOUNT, "data/tweets.js": bomb})
    assert run("import", str(path)) == 2
    assert "unpacks to more than" in capsys.readouterr().err
    path = zipped(tmp_path / "outside.zip", {"../../data/tweets.js": b"x", "/data/account.js": b"y"})
    assert run("import", str(path)) == 1
    encrypted = zipped(tmp_path / "e.zip", {"data/account.js": ACCOUNT, "data/tweets.js": b"window.x = []"})
    raw = bytearray(encrypted.read_bytes())
    for at in (raw.find(b"PK\x03\x04") + 6, raw.find(b"PK\x01\x02") + 8):
        raw[at] |= 1
    encrypted.write_bytes(raw)
    assert run("import", str(encrypted)) == 2
    assert "is encrypted: unpack it with its password" in capsys.readouterr().err
    cut = tmp_path / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-30])
    assert run("import", str(cut)) == 2
    assert "cannot be read" in capsys.readouterr().err
    nobody = zipped(
        tmp_path / "n.zip", {"data/account.js": b"window.x = []", "data/tweets.js": b"window.x = []"}
    )
    assert run("import", str(nobody)) == 2
    assert "does not say whose it is" in capsys.readouterr().err
