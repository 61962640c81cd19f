"""The corpus formats: what their standards ask of a file, and the texts that they give back."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from lxml import etree
from sqlalchemy import select, update
from warcio.archiveiterator import ArchiveIterator

from archiver.config import Config
from archiver.exports._choices import Choices
from archiver.exports._tokens import one_line, tokens
from archiver.exports._xml import XML
from archiver.exports.wacz import surt
from archiver.jobs.export import export
from archiver.store import tables
from archiver.store.captures import Captures, Exchange
from archiver.store.filters import Filters

Corpus = Callable[..., dict[str, bytes]]
SNOW = "د هرات لاره د واورې له امله بنده ده."
SNOW_EN = "The Herat road is closed because of snow."
HOSTILE = '=cmd|"x"\t<b>&\x00\x0b\x1b[31m\r\n\\n \u2028\u0085\ufffe\ud83d @user \u202eabc'
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
CARD = {"README.md", "manifest.json", "CITATION.cff"}
XLIFF = "{urn:oasis:names:tc:xliff:document:2.0}"
METADATA = "{urn:oasis:names:tc:xliff:metadata:2.0}"
TEI = "{http://www.tei-c.org/ns/1.0}"


@pytest.fixture
def corpus(sqlite_tell: Any, tmp_path: Path) -> Corpus:
    """A corpus's files but for its card: of a post with two pairs, a hostile one, and an untranslated one."""
    sqlite_tell.post(1, f"{SNOW} پام وکړئ.", "ps", [(SNOW, SNOW_EN), ("پام وکړئ.", "Take care.")])
    sqlite_tell.post(
        2, HOSTILE, "ur", [(HOSTILE, HOSTILE.upper())], handle='a"\t<b>', flags=("demo_package",)
    )
    sqlite_tell.post(3, "ابھی ترجمہ نہیں ہوا", "ur")

    def made(format: str, **choices: Any) -> dict[str, bytes]:
        folder = tmp_path / "corpus"
        export(Config(folder=tmp_path), format, Filters(), folder, choices=Choices(**choices), folder=True)
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in CARD)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}

    return made


# -- XLIFF ----------------------------------------------------------------------------------------


def test_xliff_keeps_the_rules_of_its_schema(corpus: Corpus) -> None:
    files = corpus("xliff")
    assert list(files) == ["pairs.ps-en.xlf", "pairs.ur-en.xlf"]
    for content in files.values():
        root = etree.fromstring(content)
        assert (root.tag, root.get("version"), root.get("trgLang")) == (f"{XLIFF}xliff", "2.1", "en")
        [file] = root
        assert file.tag == f"{XLIFF}file" and re.fullmatch(r"\S+", str(file.get("id")))
        units = file.findall(f"{XLIFF}unit")
        ids = [str(unit.get("id")) for unit in units]
        assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[\w.\-:]+", id) for id in ids)
        for unit in units:
            assert [child.tag for child in unit] == [f"{METADATA}metadata", f"{XLIFF}segment"]
            [segment] = unit.findall(f"{XLIFF}segment")
            assert segment.get("state") in ("initial", "translated", "reviewed", "final")
            assert ":" in str(segment.get("subState")), "a sub-state has a prefix"
            source, target = segment
            assert (source.tag, target.tag) == (f"{XLIFF}source", f"{XLIFF}target")
            assert source.get(f"{XML}lang") == root.get("srcLang")
            assert source.get(f"{XML}space") == target.get(f"{XML}space") == "preserve"


def test_xliff_says_who_made_a_translation(corpus: Corpus) -> None:
    root = etree.fromstring(corpus("xliff")["pairs.ps-en.xlf"])
    unit = root.find(f".//{XLIFF}unit")
    assert unit is not None
    told = {meta.get("type"): meta.text for meta in unit.iter(f"{METADATA}meta")}
    assert (told["made_by"], told["engine"], told["package"]) == ("machine", "argos", "translate-xx_en")
    assert (told["post"], told["url"]) == ("telegram:1", "https://example.org/1")
    assert (told["score"], told["confidence"], told["account"]) == ("-0.25", "0.97", "herat_roads")


# -- Moses ----------------------------------------------------------------------------------------


def test_moses_files_stay_aligned_whatever_is_in_a_text(corpus: Corpus) -> None:
    files = corpus("moses")
    for stem, count in (("pairs.ps-en", 2), ("pairs.ur-en", 1)):
        of = {name.removeprefix(f"{stem}."): content for name, content in files.items() if stem in name}
        source = stem[6:8]
        assert set(of) == {source, "en", "ids", "scores", "facts.jsonl"}
        assert {len(content.decode().splitlines()) for content in of.values()} == {count}
    assert files["pairs.ps-en.ps"].decode().splitlines()[0] == SNOW
    assert files["pairs.ps-en.en"].decode().splitlines() == [SNOW_EN, "Take care."]
    first = json.loads(files["pairs.ps-en.facts.jsonl"].splitlines()[0])
    assert first["id"] == files["pairs.ps-en.ids"].decode().split()[0]
    assert (first["package"], first["made_by"]) == ("translate-xx_en", "machine")


# -- CSV ------------------------------------------------------------------------------------------


def spreadsheet(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_gives_texts_back_and_says_what_it_defused(corpus: Corpus) -> None:
    rows = spreadsheet(corpus("csv")["pairs.csv"])
    assert [row["target"] for row in rows[:2]] == [SNOW_EN, "Take care."]
    hostile = rows[2]
    assert hostile["escaped"].split() == ["source", "target"]
    assert hostile["source"][0] == "'"
    assert hostile["source"][1:] == re.sub("[\x00\x0b\x1b\ud83d]", "", HOSTILE)
    assert hostile["score"] == "-0.25", "a number of ours is no formula"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@user سلام",
        "+92 300",
        "-1",
        "\u200f=1",
        "\ufeff=1",
        "\u2067@x",
        "\u00a0=1",
        "＝1",
        "＠x",
        "\t=1",
        "\r\n=1",
        " =1",
        "\ttext",
        "%0a",
    ],
)
def test_no_cell_begins_as_a_formula(sqlite_tell: Any, tmp_path: Path, text: str) -> None:
    sqlite_tell.post(1, text, "ur", [(text, text)], handle="=handle")
    file = BytesIO()
    export(Config(folder=tmp_path), "csv", Filters(), file)
    [row] = spreadsheet(file.getvalue())
    assert row["source"] == f"'{text}" and row["escaped"].split() == ["source", "target", "account"]


# -- Parquet --------------------------------------------------------------------------------------


def test_parquet_holds_a_struct_of_the_two_texts_and_typed_facts(corpus: Corpus) -> None:
    files = corpus("parquet")
    assert list(files) == ["ps-en/train.parquet", "ur-en/train.parquet"]
    table = pq.read_table(BytesIO(files["ps-en/train.parquet"]))
    rows = table.to_pylist()
    assert [row["translation"] for row in rows] == [
        {"ps": SNOW, "en": SNOW_EN},
        {"ps": "پام وکړئ.", "en": "Take care."},
    ]
    assert (rows[0]["score"], rows[0]["flags"], rows[0]["segment"]) == (-0.25, [], 0)
    assert rows[0]["published_at"].isoformat() == "2026-03-21T12:00:00+00:00"
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["translation"] == {"languages": ["ps", "en"], "_type": "Translation"}
    assert list(features) == table.column_names
    [hostile] = pq.read_table(BytesIO(files["ur-en/train.parquet"])).to_pylist()
    assert hostile["translation"]["ur"] == HOSTILE.replace("\ud83d", "\ufffd")


def test_parquet_has_a_file_a_split(corpus: Corpus) -> None:
    files = corpus("parquet", split=(1, 1, 1))
    assert sum(pq.read_table(BytesIO(content)).num_rows for content in files.values()) == 3
    assert {name.rpartition("/")[2] for name in files} <= {
        "train.parquet",
        "validation.parquet",
        "test.parquet",
    }


# -- CoNLL-U and vertical ---------------------------------------------------------------------------


def sentences(text: str) -> Iterator[tuple[dict[str, str], list[list[str]]]]:
    for block in text.strip("\n").split("\n\n"):
        lines = block.split("\n")
        told = dict(line[2:].split(" = ", 1) for line in lines if line.startswith("# "))
        yield told, [line.split("\t") for line in lines if not line.startswith("#")]


def test_conllu_has_ten_columns_whose_forms_spell_the_text(corpus: Corpus) -> None:
    content = corpus("conllu")["pairs.conllu"].decode()
    assert content.endswith("\n\n")
    found = list(sentences(content))
    assert len(found) == 3
    for told, rows in found:
        assert [row[0] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
        assert {len(row) for row in rows} == {10}
        spelled = "".join(row[1] + ("" if row[9] == "SpaceAfter=No" else " ") for row in rows).rstrip()
        assert spelled == told["text"]
    told, rows = found[0]
    assert told["newdoc id"] == "telegram:1" and told["text_en"] == SNOW_EN and told["lang"] == "ps"
    assert told["made_by"] == "machine"
    assert [row[1] for row in rows][-2:] == ["ده", "."]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("کِتابٌ، می‌خواهم!", ["کِتابٌ", "،", "می‌خواهم", "!"]),
        (
            "RT @a_b: #کابل_خبر https://example.org/a?b=1.",
            ["RT", "@a_b", ":", "#کابل_خبر", "https://example.org/a?b=1", "."],
        ),
        ("ساعت 6:40 و ۱۲٫۵٪", ["ساعت", "6:40", "و", "۱۲٫۵", "٪"]),
        ("don't 🇦🇫👍🏽", ["don't", "🇦🇫", "👍🏽"]),
    ],
)
def test_tokens_are_words_marks_links_and_emoji(text: str, forms: list[str]) -> None:
    assert [token.form for token in tokens(text)] == forms


@pytest.mark.parametrize("text", [HOSTILE, SNOW, " \n ", "a\u2028b", "x" * 1000])
def test_tokens_and_spaces_are_the_text(text: str) -> None:
    line = one_line(text)
    spelled = "".join(token.form + ("" if token.glued else " ") for token in tokens(line)).rstrip()
    assert spelled.split() == line.split()


def test_vertical_files_have_the_same_structures_in_the_same_order(corpus: Corpus) -> None:
    files = corpus("vertical")
    assert list(files) == [
        "pairs.ps-en.en.vert",
        "pairs.ps-en.ps.vert",
        "pairs.ur-en.en.vert",
        "pairs.ur-en.ur.vert",
    ]
    for pair in ("ps-en", "ur-en"):
        source, target = (
            [line for line in content.decode().split("\n") if re.match("</?(doc|align)", line)]
            for name, content in files.items()
            if pair in name
        )
        assert source == target
        for content in (content for name, content in files.items() if pair in name):
            whole = etree.fromstring(b"<x>" + content + b"</x>")
            assert {child.tag for child in whole} == {"doc"}
            for align in whole.iter("align"):
                assert [child.tag for child in align] == ["s"] and align.get("made_by") == "machine"


# -- TEI ------------------------------------------------------------------------------------------


def test_tei_ids_are_unique_and_segments_point_at_each_other(corpus: Corpus) -> None:
    root = etree.fromstring(corpus("tei")["pairs.tei.xml"])
    assert root.tag == f"{TEI}TEI"
    assert [child.tag for child in root] == [f"{TEI}teiHeader", f"{TEI}text"]
    assert [child.tag for child in root[0][0]] == [
        f"{TEI}titleStmt",
        f"{TEI}publicationStmt",
        f"{TEI}sourceDesc",
    ]
    ids = [str(e.get(f"{XML}id")) for e in root.iter() if e.get(f"{XML}id")]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[^\W\d][\w.\-]*", id) for id in ids)
    pointers = [str(e.get(name))[1:] for e in root.iter() for name in ("corresp", "resp") if e.get(name)]
    assert pointers and set(pointers) <= set(ids)
    texts = [seg.text for seg in root.iter(f"{TEI}seg")]
    assert texts[:2] == [SNOW, SNOW_EN]
    assert texts[4] == NOT_XML.sub("", HOSTILE)
    assert len(root.findall(f".//{TEI}div")) == 2


# -- HTML -----------------------------------------------------------------------------------------


def test_a_reading_copy_shows_every_post_and_fetches_nothing(corpus: Corpus) -> None:
    files = corpus("html")
    assert list(files) == ["index.html", "page-0001.html"]
    page = files["page-0001.html"].decode()
    for said in (
        SNOW,
        "not translated",
        "demo package",
        'lang="ps" dir="rtl"',
        "machine translation by argos",
    ):
        assert said in page, said
    assert "\u202e" not in page and "⟪202E⟫" in page and "<b>&" not in page
    for content in map(bytes.decode, files.values()):
        assert "default-src 'none'" in content and "prefers-color-scheme:dark" in content
        assert not re.search(r"<(script|img|link|iframe|object|embed|form)\b|url\(|@import|\bon\w+=", content)
    assert 'href="page-0001.html"' in files["index.html"].decode()


def test_a_reading_copy_keeps_addresses_together_in_text_of_the_other_direction(
    sqlite_tell: Any, tmp_path: Path
) -> None:
    text = "وګورئ @a_b_c، https://a.example/x_y?z=1! #کابل_خبر x@y.example."
    sqlite_tell.post(1, text, "ps", [(text, f"See {text}")])
    export(Config(folder=tmp_path), "html", Filters(), tmp_path / "copy", folder=True)
    page = (tmp_path / "copy" / "page-0001.html").read_text(encoding="utf-8")
    for item in ("@a_b_c", "https://a.example/x_y?z=1", "x@y.example"):
        assert page.count(f"<bdi dir=ltr>{item}</bdi>") == 2, item
    assert page.count("<bdi>#کابل_خبر</bdi>") == 2
    [source, _] = re.findall(r'<p class="(?:source|target)"[^>]*>(.*?)</p>', page)
    assert re.sub("<[^>]*>", "", source) == text, "nothing else changes"
    assert "score -0.25" in page


def test_a_long_reading_copy_has_pages_that_lead_to_each_other(sqlite_tell: Any, tmp_path: Path) -> None:
    for number in range(101):
        sqlite_tell.post(number, SNOW, "ps", [(SNOW, SNOW_EN)])
    export(Config(folder=tmp_path), "html", Filters(), tmp_path / "copy")
    first, second = ((tmp_path / "copy" / f"page-000{n}.html").read_text() for n in (1, 2))
    assert (first.count("<article>"), second.count("<article>")) == (100, 1)
    assert 'href="page-0002.html"' in first and 'href="page-0001.html"' in second


def test_a_link_that_is_no_web_address_is_not_one(sqlite_tell: Any, tmp_path: Path) -> None:
    sqlite_tell.post(1, SNOW, "ps", url="javascript:alert(1)")
    export(Config(folder=tmp_path), "html", Filters(), tmp_path / "copy")
    assert "javascript:" not in (tmp_path / "copy" / "page-0001.html").read_text()


# -- captures ---------------------------------------------------------------------------------------


@pytest.fixture
def captured(sqlite_tell: Any, tmp_path: Path) -> list[bytes]:
    """The bodies of the captures behind three posts, two of which lie on one page."""
    for number in (1, 2, 3):
        sqlite_tell.post(number, SNOW, "ps")
    bodies = []
    with Captures(tmp_path / "captures") as captures, sqlite_tell.database.write() as connection:
        capture, observation, revision = tables.capture.c, tables.observation.c, tables.revision.c
        ids = connection.scalars(select(capture.id).order_by(capture.id)).all()
        for id in ids:
            bodies.append(f"<p>page {id}".encode())
            exchange = Exchange(
                url=f"https://Example.org/s/x?page={id}",
                method="GET",
                request_headers=[],
                status=200,
                reason="OK",
                headers=[("Content-Type", "text/html")],
                body=bodies[-1],
                fetched_at=sqlite_tell.NOON,
            )
            kept = captures.append(exchange)
            names = ("url", "fetched_at", "sha256", "size", "warc", "offset", "length", "content_type")
            facts = {name: getattr(kept, name) for name in names}
            connection.execute(update(tables.capture).where(capture.id == id).values(**facts))
        for table, column in ((tables.observation, observation), (tables.revision, revision)):
            connection.execute(update(table).where(column.capture_id == ids[1]).values(capture_id=ids[0]))
    return [bodies[0], bodies[2]]


def responses(warc: bytes) -> list[tuple[str, bytes]]:
    return [(record.rec_type, record.raw_stream.read()) for record in ArchiveIterator(BytesIO(warc))]


def test_warc_holds_each_capture_once_byte_for_byte(
    sqlite_tell: Any, tmp_path: Path, captured: list[bytes]
) -> None:
    file = BytesIO()
    export(Config(folder=tmp_path), "warc", Filters(), file)
    found = responses(file.getvalue())
    assert [kind for kind, _ in found] == ["warcinfo", "response", "request", "response", "request"]
    assert [body for kind, body in found if kind == "response"] == captured


def test_wacz_tells_the_digest_and_place_of_everything(
    sqlite_tell: Any, tmp_path: Path, captured: list[bytes]
) -> None:
    file = BytesIO()
    export(Config(folder=tmp_path), "wacz", Filters(), file)
    with zipfile.ZipFile(file) as package:
        assert package.testzip() is None
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in package.infolist())
        told = json.loads(package.read("datapackage.json"))
        assert (told["profile"], told["wacz_version"]) == ("data-package", "1.1.1")
        for resource in told["resources"]:
            content = package.read(resource["path"])
            assert resource["bytes"] == len(content)
            assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"
        digest = json.loads(package.read("datapackage-digest.json"))
        assert digest["hash"] == f"sha256:{sha256(package.read('datapackage.json')).hexdigest()}"
        warc = package.read("archive/captures.warc.gz")
        index = package.read("indexes/index.cdxj").decode().splitlines()
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    assert index == sorted(index) and len(index) == 2
    for line, body in zip(index, captured, strict=True):
        key, stamp, entry = line.split(" ", 2)
        row = json.loads(entry)
        assert key.startswith("org,example)/s/x?page=") and stamp == "20260321120000"
        record = warc[int(row["offset"]) : int(row["offset"]) + int(row["length"])]
        assert responses(record) == [("response", body)]
        assert row["digest"] == f"sha256:{sha256(body).hexdigest()}"
    assert pages[0]["format"] == "json-pages-1.0" and len(pages) == 3


def test_a_capture_whose_bytes_have_changed_is_not_exported(
    sqlite_tell: Any, tmp_path: Path, captured: list[bytes]
) -> None:
    from archiver.errors import DamagedArchive

    [path] = (tmp_path / "captures").iterdir()
    content = bytearray(path.read_bytes())
    content[-400] ^= 0xFF
    path.write_bytes(bytes(content[:-300]))
    with pytest.raises(DamagedArchive):
        export(Config(folder=tmp_path), "warc", Filters(), tmp_path / "x.warc.gz")
    assert not (tmp_path / "x.warc.gz").exists()


def test_addresses_are_sorted_as_indexes_sort_them() -> None:
    assert surt("https://www.Example.org:443/A?b=2&a=1") == "org,example)/a?a=1&b=2"
    assert surt("http://localhost:8080") == "localhost:8080)/"
