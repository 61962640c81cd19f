"""Translation memories come in from TMX and TSV, hostile ones do not, and go out again."""

import json
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.jobs.memory_files import read

ROAD, WEATHER = "سڑک کھلی ہے۔", "موسم اچھا ہے۔"
Run = Callable[..., int]
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
<header creationtool="x" segtype="sentence" o-tmf="x" adminlang="en" srclang="ur" datatype="plaintext"/>
<body>
{}
</body>
</tmx>
"""


def unit(source: str, target: str, *, more: str = "", languages: tuple[str, str] = ("ur-PK", "en-GB")) -> str:
    one, two = languages
    return (
        f'<tu creationid="Zarmina">{more}<tuv xml:lang="{one}"><seg>{source}</seg></tuv>'
        f'<tuv xml:lang="{two}"><seg>{target}</seg></tuv></tu>'
    )


@pytest.fixture
def archive(tell: Any, database_url: str, tmp_path: Path) -> Any:
    (tmp_path / "archiver.toml").write_text(f'database = "{database_url}"\n', encoding="utf-8")
    return tell


@pytest.fixture
def run(archive: Any, tmp_path: Path) -> Run:
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


@pytest.fixture
def memory(run: Run, capsysbinary: Any) -> Callable[[], list[dict[str, Any]]]:
    def read_it() -> list[dict[str, Any]]:
        capsysbinary.readouterr()
        assert run("memory", "list", "--json") == 0
        return [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]

    return read_it


def file(tmp_path: Path, name: str, text: str | bytes) -> str:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_tmx_file_is_remembered_and_shown_after_translate(
    archive: Any, run: Run, memory: Any, tmp_path: Path, capsysbinary: Any
) -> None:
    archive.post(1, f"{ROAD} {WEATHER}", "ur", [(ROAD, "Street."), (WEATHER, "Season.")])
    body = unit(ROAD, "The <hi>road</hi> is <ph>{1}</ph>open.", more="<note>heard twice</note>")
    path = file(tmp_path, "m.tmx", TMX.format(body))
    assert run("memory", "import", path) == 0
    assert b"1 new" in capsysbinary.readouterr().out
    [row] = memory()
    assert (row["source"], row["target"]) == (ROAD, "The road is open.")
    assert (row["language"], row["author"], row["note"]) == ("ur-PK", "Zarmina", "heard twice")
    assert run("translate", "--from", "ps") == 0
    capsysbinary.readouterr()
    assert run("search", "road", "--json") == 0
    assert json.loads(capsysbinary.readouterr().out)["translation"] == "The road is open. Season."
    assert run("memory", "import", path) == 0
    assert b"0 new, 1 known already" in capsysbinary.readouterr().out


def test_a_tsv_file_needs_no_header_when_the_language_is_named(
    archive: Any, run: Run, memory: Any, tmp_path: Path, capsysbinary: Any
) -> None:
    bare = file(tmp_path, "bare.tsv", f"{ROAD}\tThe road is open.\n# a remark\n\n{WEATHER}\tIt is fine.\n")
    assert run("memory", "import", bare) == 2
    assert b"name the language with --from" in capsysbinary.readouterr().err
    assert run("memory", "import", bare, "--from", "ur", "--by", "Zarmina") == 0
    assert [(r["target"], r["author"]) for r in memory()] == [
        ("The road is open.", "Zarmina"),
        ("It is fine.", "Zarmina"),
    ]


def test_contradictory_rows_are_counted_and_the_last_one_counts(
    archive: Any, run: Run, memory: Any, tmp_path: Path, capsysbinary: Any
) -> None:
    path = file(tmp_path, "m.tsv", f"source\ttarget\tlanguage\n{ROAD}\tOne.\tur\n{ROAD}\tTwo.\tur\n")
    assert run("memory", "import", path) == 0
    assert b"1 new, 0 known already, 1 overruled" in capsysbinary.readouterr().out
    assert [row["target"] for row in memory()] == ["Two."]


def test_what_a_machine_said_does_not_become_a_persons_word(
    archive: Any, run: Run, memory: Any, tmp_path: Path, capsysbinary: Any
) -> None:
    archive.post(1, f"{ROAD} {WEATHER}", "ur", [(ROAD, "Street."), (WEATHER, "Season.")])
    assert run("correct", "telegram:1", "--segment", "1", "--text", "The road is open.") == 0
    for name in ("pairs.tsv", "pairs.tmx"):
        assert run("export", name.rpartition(".")[2], "-o", str(tmp_path / name)) == 0
        capsysbinary.readouterr()
        assert run("memory", "import", str(tmp_path / name)) == 0
        assert b"1 left out: a machine's translation" in capsysbinary.readouterr().err
    assert [row["target"] for row in memory()] == ["The road is open."]


@pytest.mark.parametrize("format", ["tmx", "tsv"])
def test_what_goes_out_comes_in_again(
    archive: Any, run: Run, memory: Any, tmp_path: Path, format: str
) -> None:
    body = unit(ROAD, "The road &amp; all\nis open. \\n &lt;") + unit(
        "لاره خلاصه ده.", "Open.", languages=("ps", "en")
    )
    assert run("memory", "import", file(tmp_path, "m.tmx", TMX.format(body))) == 0
    before = memory()
    assert len(before) == 2
    out = tmp_path / f"out.{format}"
    assert run("memory", "export", "-o", str(out)) == 0
    assert run("memory", "import", str(out)) == 0
    assert memory() == before, "nothing new was found in it"
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        assert run("init", str(tmp_path / "other")) == 0
    assert cli.run(["--archive", str(tmp_path / "other"), "memory", "import", str(out)]) == 0
    found = cli.run(["--archive", str(tmp_path / "other"), "memory", "export", "-o", str(tmp_path / "o.tsv")])
    assert found == 0
    assert run("memory", "export", "-o", str(tmp_path / "m.tsv")) == 0
    told = [
        [line.split("\t")[:5] for line in (tmp_path / n).read_text().splitlines()] for n in ("o.tsv", "m.tsv")
    ]
    assert told[0] == told[1]


BOMB = """<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<tmx version="1.4"><header srclang="ur"/><body>
<tu><tuv xml:lang="ur"><seg>&b;</seg></tuv></tu></body></tmx>"""
SECRET = BOMB.replace('b "&a;', 'b SYSTEM "file:///etc/hostname"><!ENTITY c "')


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bomb.tmx", BOMB, "defines entities of its own"),
        ("secret.tmx", SECRET, "defines entities of its own"),
        ("cut.tmx", TMX.format(unit(ROAD, "The road."))[:-30], "this is no TMX file"),
        ("html.tmx", "<html><body/></html>", "begins with <html>, which is no TMX"),
        ("empty.tmx", "", "this is no TMX file"),
        ("many.tmx", TMX.format("<tu>" + "<prop/>" * 6000 + "</tu>"), "a unit of more than 5000 elements"),
        ("deep.tmx", TMX.format("<tu>" + "<hi>" * 3000), "this is no TMX file"),
        (
            "latin.tsv",
            "source\ttarget\tlanguage\ncaf\xe9\tx\tur\n".encode("latin-1"),
            "line 2: this is no UTF-8",
        ),
        ("long.tsv", "x" * (2**20 + 1), "line 1: longer than"),
        ("none.tsv", None, "there is no file"),
        ("sheet.xlsx", "PK", "is no .tmx and no .tsv"),
    ],
)
def test_a_hostile_or_broken_file_is_one_clear_line_and_changes_nothing(
    archive: Any, run: Run, memory: Any, tmp_path: Path, capsysbinary: Any, name: str, content: Any, said: str
) -> None:
    path = str(tmp_path / name) if content is None else file(tmp_path, name, content)
    assert run("memory", "import", path) == 2
    told = capsysbinary.readouterr().err.decode()
    assert said in told
    assert len(told.splitlines()) == 1
    assert memory() == []


def test_units_that_are_no_text_are_told_and_the_rest_goes_on(
    archive: Any, run: Run, memory: Any, tmp_path: Path, capsysbinary: Any
) -> None:
    rows = [
        "source\ttarget\tlanguage\ttarget_language",
        f"{ROAD}\t\tur\ten",
        f"{ROAD}\ta\\u0000b\tur\ten",
        f"{ROAD}\t{'x' * 100_001}\tur\ten",
        f"{ROAD}\tThe road is open.\tur\ten",
        f"{WEATHER}\tDas Wetter.\tur\tde",
        f"{WEATHER}\tIt\tis this!\ten",
    ]
    assert run("memory", "import", file(tmp_path, "m.tsv", "\n".join(rows))) == 0
    told = capsysbinary.readouterr().err.decode()
    assert "m.tsv, line 2: the translation is empty" in told
    assert "m.tsv, line 3: the translation holds U+0000 at character 2" in told
    assert "m.tsv, line 4: the translation has 100001 characters" in told
    assert "m.tsv, line 7: 'is this!' is no language" in told
    assert "1 left out: other languages" in told
    assert [row["target"] for row in memory()] == ["The road is open."]


def test_memory_use_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(units: int) -> int:
        body = "\n".join(unit(f"{ROAD} {n} " + "x" * 500, f"Open {n}.") for n in range(units))
        path = Path(file(tmp_path, "m.tmx", TMX.format(body)))
        del body
        tracemalloc.start()
        assert sum(1 for _ in read(path, "ur", "en", Counter())) == units
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(5_000) < 2 * peak(200)
