"""Other people's programs read our corpora back with equal text.

None of them is in the lock (they are heavy), and the schemas are not ours to hand on: each test runs where
its program is and says so where it is not. `make read-backs` fetches the Python ones into an environment of
their own. OmegaT and the schemas come from the system (in Debian: omegat, php-symfony-translation), or from
where ARCHIVER_OMEGAT (a command) and ARCHIVER_SCHEMAS (a folder) say.
"""

import os
import re
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from archiver.config import Config
from archiver.exports._choices import Choices
from archiver.exports._tokens import one_line
from archiver.jobs.export import export
from archiver.store.filters import Filters

PAIRS = [
    ("د هرات لاره د واورې له امله بنده ده.", "The Herat road is closed because of snow."),
    ("=کابل 1+1", "=Kabul 1+1"),
    ("@user لینک https://example.org/?a=1&b=2 وګورئ", "See @user https://example.org/?a=1&b=2"),
    ('<b>پام</b> & "پام"', '<b>Care</b> & "care"'),
    ("لومړۍ کرښه\nدویمه\tکرښه", "First line\nsecond\tline"),
    ("\u2067راښي\u2069 خبر\u200cونه 😀", "\u2066right\u2069 to left 😀"),
    ("=cmd|'x'\x0bپای", "=cmd|'x'\x0bend"),
]
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@pytest.fixture
def corpus(sqlite_tell: Any, tmp_path: Path) -> Any:
    """A corpus of PAIRS, in a folder."""
    for number, pair in enumerate(PAIRS * 4):
        sqlite_tell.post(number, pair[0], "ps", [pair])

    def made(format: str, **choices: Any) -> Path:
        folder = tmp_path / "corpus"
        export(Config(folder=tmp_path), format, Filters(), folder, choices=Choices(**choices), folder=True)
        return folder

    return made


def in_xml(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(NOT_XML.sub("", source), NOT_XML.sub("", target)) for source, target in pairs]


def test_translate_toolkit_reads_the_tmx(corpus: Any) -> None:
    tmx = pytest.importorskip("translate.storage.tmx", reason="translate-toolkit is not installed")
    store = tmx.tmxfile.parsefile(str(corpus("tmx") / "pairs.tmx"))
    found = [(unit.source, unit.target) for unit in store.units if not unit.isheader()]
    assert found == in_xml(PAIRS * 4)


def test_translate_toolkit_reads_the_xliff(corpus: Any) -> None:
    xliff = pytest.importorskip("translate.storage.xliff2", reason="translate-toolkit is not installed")
    store = xliff.Xliff2File.parsefile(str(corpus("xliff") / "pairs.ps-en.xlf"))
    found = [(unit.source, unit.target) for unit in store.units if not unit.isheader()]
    whole = [pair for pair in zip(found, PAIRS * 4, strict=True) if not NOT_XML.search(pair[1][0])]
    assert len(whole) == 24 and all(got == wanted for got, wanted in whole)


def test_the_tmx_is_valid_by_its_dtd(corpus: Any) -> None:
    if _OMEGAT.is_file():
        with zipfile.ZipFile(_OMEGAT) as jar, jar.open("schemas/tmx14.dtd") as file:
            dtd = etree.DTD(file)
    else:
        dtd = etree.DTD(str(schema("tmx14.dtd", "DTD of TMX 1.4b")))
    tree = etree.parse(str(corpus("tmx") / "pairs.tmx"))
    assert dtd.validate(tree), dtd.error_log.filter_from_errors()


def test_the_xliff_is_valid_by_its_schema(corpus: Any) -> None:
    told = etree.parse(str(schema("xliff-core-2.0.xsd", "core schema of XLIFF 2.0 and 2.1")))
    [xml] = told.iter("{http://www.w3.org/2001/XMLSchema}import")
    xml.set("schemaLocation", schema("xml.xsd", "schema of xml:lang and xml:space").as_uri())
    core = etree.XMLSchema(told)
    tree = etree.parse(str(corpus("xliff") / "pairs.ps-en.xlf"))
    assert core.validate(tree), core.error_log.filter_from_errors()


def schema(name: str, what: str) -> Path:
    """A file of a schema, where somebody has it."""
    folders = [os.environ.get("ARCHIVER_SCHEMAS", "../shared/schemas"), *_FOLDERS]
    found = next((path for folder in folders if (path := Path(folder).resolve() / name).is_file()), None)
    if found is None:
        pytest.skip(f"no {what} ({name}) in {', '.join(folders)}; ARCHIVER_SCHEMAS can name another folder")
    return found


_FOLDERS = ("/usr/share/php/Symfony/Component/Translation/Resources/schemas",)
_OMEGAT = Path("/usr/share/omegat/OmegaT.jar")


def test_omegat_translates_from_the_tmx(corpus: Any, tmp_path: Path) -> None:
    """Headless, a text of our originals, the memory in tm/auto: it comes out as our translations."""
    command = shlex.split(os.environ.get("ARCHIVER_OMEGAT", shutil.which("omegat") or ""))
    if not command:
        pytest.skip("OmegaT is not installed; ARCHIVER_OMEGAT can name the command that starts it")
    known = [pair for pair in in_xml(PAIRS) if "\n" not in pair[0] and not NOT_XML.search(pair[0])]
    project = tmp_path / "project"
    for folder in ("source", "target", "omegat", "glossary", "dictionary", "tm/auto"):
        (project / folder).mkdir(parents=True)
    (project / "omegat.project").write_text(_PROJECT, encoding="utf-8")
    source = "\n\n".join(pair[0] for pair in known) + "\n"
    (project / "source" / "posts.txt").write_text(source, encoding="utf-8")
    shutil.copy(corpus("tmx") / "pairs.tmx", project / "tm" / "auto")
    home = {**os.environ, "HOME": str(tmp_path), "JAVA_TOOL_OPTIONS": f"-Duser.home={tmp_path}"}
    call = [*command, str(project), "--mode=console-translate", f"--config-dir={tmp_path / 'config'}"]
    subprocess.run(call, env=home, check=True, capture_output=True, timeout=120)
    made = (project / "target" / "posts.txt").read_text(encoding="utf-8")
    assert made.split("\n\n") == [*(pair[1] for pair in known[:-1]), known[-1][1] + "\n"]


_PROJECT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<omegat><project version="1.0">
<source_dir>__DEFAULT__</source_dir><target_dir>__DEFAULT__</target_dir><tm_dir>__DEFAULT__</tm_dir>
<glossary_dir>__DEFAULT__</glossary_dir><dictionary_dir>__DEFAULT__</dictionary_dir>
<source_lang>ps</source_lang><target_lang>en</target_lang><sentence_seg>false</sentence_seg>
</project></omegat>
"""


def test_pandas_reads_csv_jsonl_and_parquet(corpus: Any) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.read_csv(corpus("csv") / "pairs.csv", keep_default_na=False)
    for side, place in (("source", 0), ("target", 1)):
        cut = [
            text[1:] if side in escaped.split() else text
            for text, escaped in zip(frame[side], frame["escaped"], strict=True)
        ]
        assert cut == [pair[place] for pair in in_xml(PAIRS * 4)]
    frame = pandas.read_json(corpus("jsonl", by="segment") / "pairs.jsonl", lines=True)
    assert list(zip(frame["source"], frame["target"], strict=True)) == PAIRS * 4
    frame = pandas.read_parquet(corpus("parquet") / "ps-en" / "train.parquet")
    assert [(row["ps"], row["en"]) for row in frame["translation"]] == PAIRS * 4


def test_duckdb_reads_csv_and_parquet(corpus: Any) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    path = corpus("parquet") / "ps-en" / "train.parquet"
    query = "SELECT translation.ps, translation.en FROM read_parquet(?)"
    assert duckdb.execute(query, [str(path)]).fetchall() == PAIRS * 4
    path = corpus("csv") / "pairs.csv"
    read = "read_csv(?, header=true, all_varchar=true, quote='\"', escape='\"')"
    query = f"SELECT source, target, escaped FROM {read}"
    found = [
        (
            source[1:] if "source" in (escaped or "") else source,
            target[1:] if "target" in (escaped or "") else target,
        )
        for source, target, escaped in duckdb.execute(query, [str(path)]).fetchall()
    ]
    assert found == in_xml(PAIRS * 4)


def test_datasets_reads_the_folder_with_its_splits(corpus: Any, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    folder = corpus("parquet", split=(1, 1, 1))
    loaded = datasets.load_dataset(str(folder), "ps-en", cache_dir=str(tmp_path / "cache"))
    assert set(loaded) <= {"train", "validation", "test"} and len(loaded) > 1
    for split in loaded.values():
        assert split.features["translation"] == datasets.Translation(["ps", "en"])
    found = [
        (row["translation"]["ps"], row["translation"]["en"]) for split in loaded.values() for row in split
    ]
    assert sorted(found) == sorted(PAIRS * 4)


def test_conllu_reads_the_sentences(corpus: Any) -> None:
    conllu = pytest.importorskip("conllu", reason="conllu is not installed")
    found = conllu.parse((corpus("conllu") / "pairs.conllu").read_text("utf-8"))
    assert [sentence.metadata["text"] for sentence in found] == [one_line(pair[0]) for pair in PAIRS * 4]
    for sentence in found:
        spelled = "".join(
            token["form"] + ("" if (token["misc"] or {}).get("SpaceAfter") == "No" else " ")
            for token in sentence
        )
        assert spelled.rstrip() == sentence.metadata["text"]
