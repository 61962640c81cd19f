"""`archiver correct` and what follows from it: the command line, a real package, both databases."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from archiver import cli
from archiver.store import tables

SHARED = "پرانے پل کی مرمت مکمل ہو گئی ہے اور ٹریفک بحال ہے۔"
OTHER = "بلدیہ نے شہر بھر میں صفائی مہم کا آغاز کر دیا ہے۔"
BETTER = "The old bridge is repaired; traffic flows again."

Run = Callable[..., int]


@pytest.fixture
def archive(tell: Any, database_url: str, tmp_path: Path) -> Any:
    (tmp_path / "archiver.toml").write_text(f'database = "{database_url}"\n', encoding="utf-8")
    return tell


@pytest.fixture
def run(archive: Any, tmp_path: Path) -> Run:
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


@pytest.fixture
def rows(run: Run, capsysbinary: Any) -> Callable[..., list[dict[str, Any]]]:
    """What a command prints as JSON."""

    def read(*words: str, exit: int = 0) -> list[dict[str, Any]]:
        capsysbinary.readouterr()
        assert run(*words, "--json") == exit
        return [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]

    return read


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    class Piped:
        def __init__(self, raw: bytes) -> None:
            self.buffer = BytesIO(raw)

    return lambda raw: monkeypatch.setattr("sys.stdin", Piped(raw))


def test_a_corrected_sentence_is_shown_in_ten_other_posts_after_the_next_translate(
    archive: Any, run: Run, rows: Any, capsysbinary: Any
) -> None:
    archive.post("city/0", f"{OTHER}\n{SHARED}", "ur")
    for number in range(1, 11):
        archive.post(f"city/{number}", f"{SHARED}\n{OTHER} {number}", "ur")
    assert run("translate", "--from", "ur", "--demo-packages") == 0
    numbered = rows("correct", "telegram:city/0")
    assert [(r["segment"], r["source"]) for r in numbered] == [(1, OTHER), (2, SHARED)]
    machine = numbered[1]["translation"]
    assert machine and machine != BETTER

    assert run("correct", "telegram:city/0", "--segment", "2", "--text", BETTER, "--by", "Zarmina") == 0
    [post] = rows("show", "telegram:city/0")
    first, second = post["revisions"][0]["translations"]
    assert (first["engine"], second["engine"], second["package"]) == ("argos", "person", "Zarmina")
    assert second["text"].endswith(BETTER)
    assert first["segments"][1]["target"] == machine

    archive.post("city/11", SHARED.replace("ک", "ك"), "ur")  # another keyboard
    capsysbinary.readouterr()
    assert run("translate", "--from", "ur", "--demo-packages") == 0
    assert "10 texts follow" in capsysbinary.readouterr().out.decode()
    for number in range(1, 11):
        [post] = rows("show", f"telegram:city/{number}")
        old, new = post["revisions"][0]["translations"]
        assert new["text"].startswith(BETTER)
        assert new["segments"][0]["correction"]["author"] == "Zarmina"
        assert new["segments"][0]["flags"] == ["corrected"]
        assert old["segments"][0]["target"] == machine, "the machine's version stays"
    [post] = rows("show", "telegram:city/11")
    [only] = post["revisions"][0]["translations"]
    assert only["segments"][0]["target"] == BETTER
    assert only["segments"][0]["flags"] == ["corrected", "memory_folded"]
    assert run("translate", "--from", "ur", "--demo-packages") == 0
    assert len(rows("show", "telegram:city/3")[0]["revisions"][0]["translations"]) == 2


def test_search_and_exports_say_what_the_person_said(
    archive: Any, run: Run, rows: Any, tmp_path: Path
) -> None:
    archive.post(1, f"{SHARED} {OTHER}", "ur", [(SHARED, "Street"), (OTHER, "Town")])
    assert rows("search", "traffic") == []
    assert run("correct", "telegram:1", "--segment", "1", "--text", BETTER, "--by", "زرمينه") == 0
    [hit] = rows("search", "traffic")
    assert (hit["translation"], hit["flags"]) == (f"{BETTER} Town", ["corrected"])
    assert rows("search", "street") == [], "what is searched is what is shown"
    assert run("export", "tsv", "-o", str(tmp_path / "pairs.tsv")) == 0
    header, *lines = (tmp_path / "pairs.tsv").read_text(encoding="utf-8").splitlines()
    told = [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert [(r["target"], r["made_by"]) for r in told] == [(BETTER, "person"), ("Town", "machine")]
    assert run("export", "tmx", "-o", str(tmp_path / "pairs.tmx")) == 0
    tmx = (tmp_path / "pairs.tmx").read_text(encoding="utf-8")
    assert 'creationid="person: زرمينه"' in tmx
    assert "machine: argos translate-xx_en 1.0" in tmx


def test_show_says_who_corrected_what_and_what_the_flags_mean(
    archive: Any, run: Run, capsysbinary: Any
) -> None:
    archive.post(1, SHARED, "ur", [(SHARED, "Street")], flags=("repetition",))
    assert run("correct", "telegram:1", "--text", BETTER, "--by", "Zarmina", "--note", "asked the mason") == 0
    capsysbinary.readouterr()
    assert run("show", "telegram:1") == 0
    printed = capsysbinary.readouterr().out.decode()
    assert "machine translation ur -> en by argos" in printed
    assert "translation ur -> en corrected by Zarmina, on argos translate-xx_en 1.0" in printed
    assert "asked the mason" in printed
    assert "corrected: a person's words, not a machine's" in printed
    assert "repetition: the model repeats itself" in printed


def test_several_segments_come_from_a_table_or_a_pipe(
    archive: Any, run: Run, rows: Any, stdin: Any, tmp_path: Path
) -> None:
    archive.post(1, f"{SHARED}\n{OTHER}", "ur", [(SHARED, "Street"), (OTHER, "Town")])
    stdin(b"# mine\n1\tOne \\n and \\\\n\n2\tTwo\r\n")
    assert run("correct", "telegram:1", "--tsv", "-") == 0
    assert [r["translation"] for r in rows("correct", "telegram:1")] == ["One \n and \\n", "Two"]
    stdin("پل\n".encode())
    assert run("correct", "telegram:1", "--text", "-") == 0
    [whole] = rows("correct", "telegram:1")
    assert whole["translation"] == "پل"
    (tmp_path / "x.tsv").write_bytes(b"\xef\xbb\xbf1\tAll of it\n")
    assert run("correct", "telegram:1", "--tsv", str(tmp_path / "x.tsv")) == 0
    assert [r["translation"] for r in rows("correct", "telegram:1")] == ["All of it"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["telegram:vanished", "--text", "x"], 1, "no post 'telegram:vanished' in this archive"),
        (["telegram:1", "--segment", "3", "--text", "x"], 2, "telegram:1 has 2 segments, and no segment 3"),
        (["telegram:1", "--segment", "0", "--text", "x"], 2, "no segment 0"),
        (["telegram:1", "--segment", "-1", "--text", "x"], 2, "no segment -1"),
        (["telegram:1", "--segment", "7"], 2, "no segment 7"),
        (["telegram:1", "--text", "  "], 2, "telegram:1: the translation is empty"),
        (["telegram:1", "--segment", "1", "--text", "a\udcffb"], 2, "holds U+DCFF at character 2"),
        (["telegram:1", "--text", "a\x00b"], 2, "holds U+0000"),
        (["telegram:1", "--text", "x" * 100_001], 2, "100001 characters; there is room for 100000"),
        (["telegram:1", "--text", "x", "--by", "a\nb"], 2, "--by: one line"),
        (["telegram:1", "--text", "x", "--to", "not a tag"], 2, "'not a tag' is no language"),
        (["telegram:1", "--text", "x", "--to", "ur"], 2, "ur is not translated to ur"),
        (["telegram:wordless", "--text", "x"], 2, "telegram:wordless says nothing in words"),
        (["telegram:1", "--tsv", "none.tsv"], 2, "there is no file none.tsv"),
        (["telegram:1", "--text", "x", "--tsv", "none.tsv"], 2, "not both"),
    ],
)
def test_what_cannot_be_corrected_is_one_clear_line_and_changes_nothing(
    archive: Any, run: Run, rows: Any, capsysbinary: Any, words: list[str], code: int, said: str
) -> None:
    archive.post(1, f"{SHARED}\n{OTHER}", "ur", [(SHARED, "Street"), (OTHER, "Town")])
    archive.post("wordless", None, "ur")
    before = rows("show", "telegram:1")
    capsysbinary.readouterr()
    assert run("correct", *words) == code
    assert said in capsysbinary.readouterr().err.decode()
    assert rows("show", "telegram:1") == before


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"1 no tab\n", "line 1: write the segment's number"),
        (b"x\ty\n", "line 1: write the segment's number"),
        (b"1\t\xff\n", "line 1: this is no UTF-8"),
        (b"1\tgood\n9\tbad\n", "no segment 9"),
        (b"1\tgood\n2\t \n", "segment 2 of telegram:1: the translation is empty"),
        (b"", "no line says"),
    ],
)
def test_a_bad_line_of_a_table_leaves_all_as_it_was(
    archive: Any, run: Run, rows: Any, stdin: Any, capsysbinary: Any, raw: bytes, said: str
) -> None:
    archive.post(1, f"{SHARED}\n{OTHER}", "ur", [(SHARED, "Street"), (OTHER, "Town")])
    before = rows("show", "telegram:1")
    stdin(raw)
    assert run("correct", "telegram:1", "--tsv", "-") == 2
    assert said in capsysbinary.readouterr().err.decode()
    assert rows("show", "telegram:1") == before


def test_a_gone_post_can_still_be_corrected(archive: Any, run: Run, rows: Any) -> None:
    archive.post(1, SHARED, "ur", [(SHARED, "Street")])
    with archive.database.write() as connection:
        connection.execute(update(tables.post).values(state="gone"))
    assert run("correct", "telegram:1", "--text", BETTER) == 0
    assert rows("correct", "telegram:1")[0]["translation"] == BETTER


def test_search_can_ask_for_what_was_corrected_and_for_what_is_doubtful(
    archive: Any, run: Run, rows: Any
) -> None:
    archive.post(1, SHARED, "ur", [(SHARED, "Street")], flags=("repetition",))
    archive.post(2, OTHER, "ur", [(OTHER, "Town")], flags=("repetition",))
    assert run("correct", "telegram:1", "--text", BETTER) == 0
    for query in ("has:correction", "flag:corrected", "NOT flag:repetition"):
        assert [row["post"] for row in rows("search", query)] == ["telegram:1"], query
    for query in ("NOT has:correction", "flag:repetition"):
        assert [row["post"] for row in rows("search", query)] == ["telegram:2"], query
