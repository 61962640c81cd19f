"""What exported files promise."""

import json
import os
import re
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select, update

from archiver import cli, exports
from archiver.config import Config
from archiver.errors import Usage
from archiver.exports._cells import cell
from archiver.exports._choices import Choices
from archiver.exports._pairs import pairs
from archiver.exports._parts import Format, Part, Shape
from archiver.exports._reading import unescaped
from archiver.jobs.export import Exported, export
from archiver.posts import Capture
from archiver.store import queries, tables
from archiver.store.captures import Captures, Exchange
from archiver.store.filters import Filters

ROAD = "د هرات لاره د واورې له امله بنده ده."
ROAD_EN = "The Herat road is closed because of snow."
HOSTILE = '=cmd|"x"\t<b>&\x00\x0b\x1b[31m\r\n\\n \u2028\u0085\ufffe\ud83d @user \u202eabc'
SHA256 = sha256(b"translate-xx_en").hexdigest()
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Run = Callable[..., int]


@pytest.fixture
def tell(sqlite_tell: Any, tmp_path: Path) -> Any:
    """An archive with a folder, so that commands find it."""
    (tmp_path / "archiver.toml").touch()
    return sqlite_tell


@pytest.fixture
def run(tell: Any, tmp_path: Path) -> Run:
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


def exported(tell: Any, name: str, **wanted: Any) -> bytes:
    """What a format of one file writes to standard output."""
    file = BytesIO()
    _export(tell, name, file, **wanted)
    return file.getvalue()


def _export(tell: Any, name: str, to: Any, **wanted: Any) -> Exported:
    folder = Path(tell.database.engine.url.database).parent
    return export(Config(folder=folder), name, Filters(**wanted), to)


def corpus(tell: Any, name: str, folder: Path, choices: Choices | None = None) -> dict[str, bytes]:
    """All files of a corpus in a folder, by name."""
    archive = Path(tell.database.engine.url.database).parent
    export(Config(folder=archive), name, Filters(), folder, choices=choices, folder=True)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def two_posts(tell: Any, captured: Path | None = None) -> None:
    """`captured`: with real captures in that archive, as a crawl keeps them."""
    tell.post(1, f"{ROAD} خلک دې پام وکړي.", "ps", [(ROAD, ROAD_EN), ("خلک دې پام وکړي.", "Take care.")])
    tell.post(2, HOSTILE, "ur", [(HOSTILE, HOSTILE.upper())], handle="a\tb", flags=("demo_package",))
    tell.post(3, "ابھی ترجمہ نہیں ہوا", "ur")
    if captured:
        keep_captures(tell, captured)


def keep_captures(tell: Any, archive: Path) -> list[Capture]:
    """Give every capture of the archive the bytes that it speaks of."""
    kept = []
    with Captures(archive / "captures") as captures, tell.database.write() as connection:
        for id, url in connection.execute(select(tables.capture.c.id, tables.capture.c.url)).all():
            page = f"<p>page {id}".encode()
            capture = captures.append(
                Exchange(
                    url=url,
                    method="GET",
                    request_headers=[("Accept", "*/*")],
                    status=200,
                    reason="OK",
                    headers=[("Content-Type", "text/html")],
                    body=page,
                    fetched_at=tell.NOON,
                )
            )
            names = ("sha256", "size", "warc", "offset", "length", "content_type")
            facts = {name: getattr(capture, name) for name in names}
            connection.execute(update(tables.capture).where(tables.capture.c.id == id).values(**facts))
            kept.append(capture)
    return kept


# -- formats ------------------------------------------------------------------------------------------


def test_jsonl_holds_every_post_with_all_its_revisions(tell: Any) -> None:
    two_posts(tell)
    tell.post(1, "لاره خلاصه ده.", "ps", [("لاره خلاصه ده.", "The road is open.")])
    first, second, third = map(json.loads, exported(tell, "jsonl").splitlines())
    assert (first["post"], first["account"]["handle"]) == ("telegram:1", "herat_roads")
    assert [r["current"] for r in first["revisions"]] == [False, True]
    assert [r["translations"][0]["text"] for r in first["revisions"]] == [
        f"{ROAD_EN} Take care.",
        "The road is open.",
    ]
    assert first["revisions"][0]["detections"][0]["language"] == "ps"
    assert first["revisions"][0]["capture"]["sha256"] == f"{1:064x}"
    assert second["revisions"][0]["text"] == HOSTILE, "a lone surrogate and NUL come back"
    assert third["revisions"][0]["translations"] == []


def test_ids_are_platform_and_native_id(tell: Any) -> None:
    tell.post(1, ROAD)
    tell.post("a\tb\n", ROAD, platform="feed", handle="https://example.org/feed")
    assert exported(tell, "ids") == b"telegram\t1\nfeed\ta\\tb\\n\n"


def test_tsv_is_a_header_and_an_aligned_pair_a_line(tell: Any) -> None:
    two_posts(tell)
    lines = exported(tell, "tsv").decode().splitlines()
    header, *rows = (line.split("\t") for line in lines)
    assert [len(row) for row in rows] == [len(header)] * 3
    first, second, hostile = (dict(zip(header, map(unescaped, row), strict=True)) for row in rows)
    assert (first["source"], first["target"]) == (ROAD, ROAD_EN)
    assert (second["segment"], second["target"]) == ("1", "Take care.")
    assert (first["language"], first["confidence"], first["target_language"]) == ("ps", "0.97", "en")
    assert (first["post"], first["url"], first["published_at"]) == (
        "telegram:1",
        "https://example.org/1",
        "2026-03-21T12:00:00Z",
    )
    assert (first["made_by"], first["package"], first["version"]) == ("machine", "translate-xx_en", "1.0")
    assert (first["sha256"], first["score"], first["flags"]) == (SHA256, "-0.25", "")
    assert (hostile["source"], hostile["target"]) == (HOSTILE, HOSTILE.upper())
    assert (hostile["account"], hostile["flags"]) == ("a\tb", "demo_package")


@pytest.mark.parametrize("text", [HOSTILE, "", "\\", "\\u0000", "\\\\t", "".join(map(chr, range(0x2100)))])
def test_a_cell_is_one_line_without_a_tab_and_can_be_read_back(text: str) -> None:
    written = cell(text)
    assert written.splitlines() in ([written], [])
    assert "\t" not in written
    written.encode("utf-8")
    assert unescaped(written) == text


def test_tmx_is_made_of_marked_machine_translations(tell: Any) -> None:
    two_posts(tell)
    tree = etree.fromstring(exported(tell, "tmx"))
    header, body = tree
    assert (tree.tag, tree.get("version"), header.tag, body.tag) == ("tmx", "1.4", "header", "body")
    for name in ("creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "datatype"):
        assert header.get(name), name
    assert header.get("srclang") == "*all*"
    units = list(body)
    assert len({unit.get("tuid") for unit in units}) == len(units) == 3
    for unit in units:
        kinds = [child.tag for child in unit]
        assert kinds == sorted(kinds), "the properties come before the two variants"
        assert kinds.count("tuv") == 2 and {"prop", "tuv"} == set(kinds)
        source, target = unit.findall("tuv")
        assert source.get(XML_LANG) == unit.get("srclang") and target.get(XML_LANG) == "en"
        assert re.fullmatch(r"\d{8}T\d{6}Z", unit.get("creationdate") or "")
        assert target.get("creationid") == "machine: argos translate-xx_en 1.0"
    first = units[0]
    assert [seg.text for seg in first.iter("seg")] == [ROAD, ROAD_EN]
    said = {prop.get("type"): prop.text for prop in first.findall("prop")}
    assert said["x-human"] == "no"
    assert (said["x-post"], said["x-url"]) == ("telegram:1", "https://example.org/1")
    assert (said["x-account"], said["x-published"]) == ("herat_roads", "2026-03-21T12:00:00Z")
    assert (said["x-package"], said["x-package-sha256"]) == ("translate-xx_en", SHA256)
    assert (said["x-score"], said["x-language-confidence"]) == ("-0.25", "0.97")
    assert "x-flags" not in said


def test_tmx_leaves_out_what_xml_cannot_hold_and_counts_it(tell: Any) -> None:
    two_posts(tell)
    file = BytesIO()
    counted = _export(tell, "tmx", file).written
    unit = etree.fromstring(file.getvalue())[1][2]
    said = {prop.get("type"): prop.text for prop in unit.findall("prop")}
    assert said["x-flags"] == "demo_package"
    seg = unit.find("tuv/seg")
    assert seg is not None and seg.text == re.sub("[\x00\x0b\x1b\ufffe\ud83d]", "", HOSTILE)
    assert counted == {"characters left out": 10}


@pytest.mark.parametrize("name", exports.names())
def test_an_archive_without_posts_gives_a_whole_corpus(tell: Any, name: str, tmp_path: Path) -> None:
    files = corpus(tell, name, tmp_path / "corpus")
    assert {"README.md", "manifest.json", "CITATION.cff"} <= set(files)
    for file, content in files.items():
        if file.endswith((".tmx", ".xml", ".xlf")):
            assert etree.fromstring(content) is not None


@pytest.mark.parametrize("name", exports.names())
def test_the_same_archive_gives_the_same_bytes(tell: Any, name: str, tmp_path: Path) -> None:
    two_posts(tell, captured=tmp_path)
    first, second = (corpus(tell, name, tmp_path / folder) for folder in ("one", "two"))
    assert first == second
    assert len(first) > 3 or name in ("ids",)


@pytest.mark.parametrize("name", [n for n in exports.names() if n not in ("warc", "wacz")])
def test_memory_does_not_grow_with_the_number_of_posts(tell: Any, name: str, tmp_path: Path) -> None:
    two_posts(tell)
    [record, *_] = queries.records(tell.database, Filters())
    [aligned, *_] = queries.aligned_posts(tell.database, Filters())
    format = exports.named(name)
    things = [record] if format.shape.of != "pairs" else list(pairs(aligned, "segment"))

    def peak(count: int) -> int:
        with ExitStack() as opened:
            part = Part(
                open=lambda file: opened.enter_context((tmp_path / file.replace("/", "-")).open("wb")),
                languages=("ps", "en") if format.shape.a_language else None,
            )
            tracemalloc.start()
            with format.writing(part) as add:
                for _ in range(count):
                    for thing in things:
                        add(thing)
            (_, most) = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    peak(10)
    # Their lines alone would be more than 2 MB; parquet has a block of rows at a time.
    assert peak(1500) < (8_000_000 if name == "parquet" else 2_000_000)


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(Usage, match="no format 'docx'; there are conllu, csv, html, ids"):
        exports.named("docx")


# -- the command --------------------------------------------------------------------------------------


def test_a_file_appears_when_it_is_complete(tell: Any, run: Run, tmp_path: Path, capsys: Any) -> None:
    two_posts(tell)
    path = tmp_path / "pairs.tsv"
    assert run("export", "tsv", "-o", str(path)) == 0
    assert path.read_bytes() == exported(tell, "tsv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~_umask()
    assert "2 posts exported (3 pairs)\nleft out: 1 posts: without a translation" in capsys.readouterr().err


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_filters_of_search_choose_what_is_exported(tell: Any, run: Run, capsysbinary: Any) -> None:
    two_posts(tell)
    for words, ids in (
        (("--lang", "ps"), b"1"),
        (("--query", "واوره OR snow"), b"1"),
        (("--query", "snow", "--lang", "ur"), b""),
        (("--account", "herat_roads", "--since", "2026-03-21", "--until", "2026-03-21"), b"13"),
        (("--until", "2026-03-20"), b""),
    ):
        assert run("export", "ids", *words, "-o", "-") == 0
        out = capsysbinary.readouterr().out
        assert b"".join(line.split(b"\t")[1] for line in out.splitlines()) == ids, words


def test_nothing_that_fits_is_said_and_is_no_error(tell: Any, run: Run, capsys: Any) -> None:
    two_posts(tell)
    assert run("export", "ids", "--lang", "fr", "-o", "-") == 0
    assert "no post is in 'fr'; there are posts in ps, ur" in capsys.readouterr().err


def test_a_failure_leaves_what_was_there(
    tell: Any, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_posts(tell)
    path = tmp_path / "posts.jsonl"
    path.write_text("an older export")
    before = sorted(tmp_path.iterdir())

    @contextmanager
    def broken(part: Part) -> Iterator[Any]:
        part.open("posts.jsonl").write(b"half a line")
        raise OSError(28, "No space left on device", str(path))
        yield

    monkeypatch.setattr(exports, "named", lambda name: Format(name=name, shape=Shape(), writing=broken))
    assert run("export", "jsonl", "-o", str(path)) == 3
    assert path.read_text() == "an older export"
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_device_is_told_as_such(tell: Any, run: Run, capsys: Any) -> None:
    two_posts(tell)
    assert run("export", "jsonl", "-o", "/dev/full") == 3
    assert "disk is full" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("docx", "-o", "x"), 2, "no format 'docx'"),
        (("tsv", "-o", "no/such/folder/x"), 2, "there is no folder"),
        (("tsv", "-o", "ARCHIVE"), 2, "holds something else"),
        (("moses", "-o", "-"), 2, "several files"),
        (("ids", "-o", "-", "--pseudonymise"), 2, "nothing to pseudonymise"),
        (("jsonl", "-o", "-", "--dedup", "exact"), 2, "--by segment"),
        (("tsv", "-o", "-", "--split", "80/20/x"), 2, "no split"),
        (("tsv", "-o", "-", "--without-flag", "nonsense"), 2, "no flag 'nonsense'"),
        (("tsv",), 2, "--output"),
        (("ids", "-o", "-", "--query", "(a"), 2, "character 1"),
        (("ids", "-o", "-", "--since", "soon"), 2, "'soon' is no date"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(
    tell: Any, run: Run, capsys: Any, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    assert run("export", *(str(tmp_path) if word == "ARCHIVE" else word for word in words)) == code
    assert said in capsys.readouterr().err
