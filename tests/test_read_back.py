"""Other people's programs read our corpora back with equal text.

translate-toolkit, datasets, pandas, DuckDB and conllu are not in the lock (they are heavy): each test runs
where its program can be imported and says so where it cannot. To run them all, install translate-toolkit,
datasets, duckdb and conllu beside the project's own packages.
"""

import re
from pathlib import Path
from typing import Any

import pytest

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
