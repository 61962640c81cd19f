"""What comes back: a corrected file becomes corrections, and what nobody touched stays a machine's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.config import Config
from archiver.exports._reading import read
from archiver.jobs.export import export
from archiver.store import queries
from archiver.store.filters import Filters

SNOW = "د هرات لاره د واورې له امله بنده ده."
SNOW_EN = "The Herat road is closed because of snow."
BETTER = "Snow has closed the road to Herat."
HOSTILE = "=cmd\t<b>&\x00\x0b\r\n\\n \u2028\ufffe\ud83d @user"
Run = Callable[..., int]


@pytest.fixture
def run(sqlite_tell: Any, tmp_path: Path) -> Run:
    (tmp_path / "archiver.toml").touch()
    sqlite_tell.post(1, f"{SNOW} پام وکړئ.", "ps", [(SNOW, SNOW_EN), ("پام وکړئ.", "Take care.")])
    sqlite_tell.post(2, HOSTILE, "ps", [(HOSTILE, HOSTILE.upper())])
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


def exported(tmp_path: Path, format: str) -> Path:
    path = tmp_path / f"pairs.{format}"
    export(Config(folder=tmp_path), format, Filters(), path)
    return path


@pytest.mark.parametrize("format", ["tmx", "xliff", "tsv"])
def test_what_nobody_touched_stays_a_machine_translation(
    run: Run, sqlite_tell: Any, tmp_path: Path, capsys: Any, format: str
) -> None:
    assert run("import", str(exported(tmp_path, format))) == 0
    assert "0 corrections kept, 3 pairs as they were" in capsys.readouterr().err
    with sqlite_tell.database.read() as connection:
        assert len(queries.show(connection, "telegram:1").revisions[0].translations) == 1


@pytest.mark.parametrize("format", ["tmx", "xliff", "tsv"])
def test_a_corrected_pair_is_first_choice_and_both_versions_are_shown(
    run: Run, tmp_path: Path, capsys: Any, format: str
) -> None:
    path = exported(tmp_path, format)
    path.write_bytes(path.read_bytes().replace(SNOW_EN.encode(), BETTER.encode()))
    assert run("import", str(path), "--author", "Zarghuna") == 0
    assert "1 corrections kept, 2 pairs as they were" in capsys.readouterr().err
    assert run("show", "telegram:1", "--json") == 0
    machine, person = json.loads(capsys.readouterr().out)["revisions"][0]["translations"]
    assert machine["text"] == f"{SNOW_EN} Take care."
    assert person["text"] == f"{BETTER} Take care."
    assert run("show", "telegram:1") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "closed because of snow" in shown and "Snow has closed" in shown and "Zarghuna" in shown
    # Out again: the person's words are marked as such, beside what the machine had said.
    assert run("export", "jsonl", "--by", "segment", "-o", "-") == 0
    first, second, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["target"], first["made_by"], first["machine_target"]) == (BETTER, "person", SNOW_EN)
    assert (second["made_by"], second["package"]) == ("machine", "translate-xx_en")
    assert run("export", "tsv", "--only-corrected", "-o", "-") == 0
    assert [line.split("\t")[5] for line in capsys.readouterr().out.splitlines()[1:]] == [BETTER]
    # And in again: nothing is new.
    assert run("import", str(exported(tmp_path, format))) == 0
    assert "0 corrections kept" in capsys.readouterr().err


def test_a_post_that_is_corrected_in_part_says_so(run: Run, tmp_path: Path, capsys: Any) -> None:
    path = exported(tmp_path, "tmx")
    path.write_bytes(path.read_bytes().replace(SNOW_EN.encode(), BETTER.encode()))
    run("import", str(path))
    capsys.readouterr()
    assert run("export", "jsonl", "--by", "post", "-o", "-") == 0
    first, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["made_by"], first["package"]) == ("both", "translate-xx_en")
    assert (first["target"], first["machine_target"]) == (f"{BETTER} Take care.", f"{SNOW_EN} Take care.")


def test_a_pair_of_another_sentence_is_not_taken_for_ours(run: Run, tmp_path: Path, capsys: Any) -> None:
    path = exported(tmp_path, "tmx")
    changed = (
        path.read_bytes()
        .replace(SNOW.encode(), "بله جمله".encode())
        .replace(SNOW_EN.encode(), BETTER.encode())
    )
    path.write_bytes(changed.replace(b'tuid="s2"', b'tuid="s99999"'))
    assert run("import", str(path)) == 10
    assert "2 pairs name no segment of this archive with that sentence: s1; s99999" in capsys.readouterr().err


def test_a_foreign_memory_is_taken_in_by_its_own_command(run: Run, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "foreign.tmx"
    path.write_text(
        '<tmx version="1.4"><header/><body><tu><tuv xml:lang="ps"><seg>سلام <ph>{x}</ph>وروره</seg></tuv>'
        '<tuv xml:lang="en" changeid="A. Khan"><seg>Hello, <hi>brother</hi></seg></tuv></tu></body></tmx>',
        encoding="utf-8",
    )
    [pair] = read(path)
    assert (pair.source, pair.text, pair.author) == ("سلام وروره", "Hello, brother", "A. Khan")
    assert run("import", str(path)) == 10
    assert "`archiver memory import`" in capsys.readouterr().err
    assert run("memory", "import", str(path)) == 0


def test_a_target_that_was_emptied_is_refused_by_name(run: Run, tmp_path: Path, capsys: Any) -> None:
    path = exported(tmp_path, "tmx")
    path.write_bytes(path.read_bytes().replace(SNOW_EN.encode(), b" "))
    assert run("import", str(path), "--json") == 10
    said = capsys.readouterr()
    assert "s1: the translation is empty" in said.err
    assert json.loads(said.out)["refused"] == ["s1: the translation is empty"]


def test_segments_that_a_tool_has_cut_are_put_together_again(tmp_path: Path) -> None:
    path = tmp_path / "cut.xlf"
    path.write_text(
        '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="ps" trgLang="en">'
        '<file id="f">'
        '<unit id="s7"><segment><source>یو.</source><target>One.</target></segment>'
        "<ignorable><source> </source></ignorable>"
        '<segment><source>دوه<cp hex="0000"/>.</source><target>Tw<mrk id="m">o</mrk>.</target></segment>'
        "</unit>"
        "<unit id='s8'><segment><source>درې</source></segment></unit></file></xliff>",
        encoding="utf-8",
    )
    [pair] = read(path)
    assert (pair.segment_id, pair.source, pair.text) == (7, "یو. دوه\x00.", "One. Two.")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'<!DOCTYPE tmx [<!ENTITY l0 "ha">{LAUGHS}]><tmx><body>&l9;</body></tmx>', "declares entities"),
        ('<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]><tmx>&x;</tmx>', "declares entities"),
        ('<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><tmx/>', "declares entities"),
        ("<tmx><body><tu>", "line 1"),
        ('<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"/>', "is xliff"),
        ("id\tsource\ttarget\tlanguage\ttarget_language\ns1\tx\n", "line 2: 2 cells under 5 columns"),
        (f"<tmx>{'<a>' * 5000}</tmx>", "line 1"),
        (f"<tmx><body><tu><tuv><seg>{'x' * 11_000_000}</seg></tuv></tu></body></tmx>", "line 1"),
    ],
    ids=range(8),
)
def test_hostile_files_change_nothing_and_are_told_why(
    run: Run, sqlite_tell: Any, tmp_path: Path, capsys: Any, content: str, said: str
) -> None:
    path = tmp_path / "hostile"
    path.write_text(content, encoding="utf-8")
    assert run("import", str(path)) == 2
    line = capsys.readouterr().err
    assert said in line and "root:" not in line and len(line.splitlines()) == 1


def test_a_file_that_breaks_off_changes_nothing(run: Run, sqlite_tell: Any, tmp_path: Path) -> None:
    path = exported(tmp_path, "tmx")
    content = path.read_bytes().replace(SNOW_EN.encode(), BETTER.encode())
    path.write_bytes(content[: -len(b"</body></tmx>\n")])
    assert run("import", str(path)) == 2
    with sqlite_tell.database.read() as connection:
        assert len(queries.show(connection, "telegram:1").revisions[0].translations) == 1
