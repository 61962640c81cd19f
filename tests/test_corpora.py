"""What may be chosen of a corpus, and what lies beside it."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver import cli, exports
from archiver.config import Config
from archiver.exports import _places
from archiver.exports._choices import Choices, gist
from archiver.exports._pseudonyms import Pseudonyms
from archiver.jobs.export import Exported, export
from archiver.store.doubts import Doubts
from archiver.store.filters import Filters

Made = Callable[..., tuple[Exported, dict[str, str]]]
SNOW = "د هرات لاره د واورې له امله بنده ده."
SNOW_EN = "The Herat road is closed because of snow."


@pytest.fixture
def made(sqlite_tell: Any, tmp_path: Path) -> Made:
    """Exports into a folder: what is said of it, and its files by name."""

    def run(format: str = "tsv", **choices: Any) -> tuple[Exported, dict[str, str]]:
        folder = tmp_path / "corpus"
        done = export(
            Config(folder=tmp_path), format, Filters(), folder, choices=Choices(**choices), folder=True
        )
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes().decode()
            for path in folder.rglob("*")
            if path.is_file()
        }
        return done, files

    return run


def rows(text: str) -> list[dict[str, str]]:
    header, *lines = (line.split("\t") for line in text.splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


def sources(files: dict[str, str]) -> list[str]:
    return [row["source"] for row in rows(files["pairs.tsv"])]


# -- choices --------------------------------------------------------------------------------------


def test_a_pair_is_a_segment_or_a_whole_post(sqlite_tell: Any, made: Made) -> None:
    sqlite_tell.post(1, f"{SNOW} پام وکړئ.", "ps", [(SNOW, SNOW_EN), ("پام وکړئ.", "Take care.")])
    assert len(rows(made()[1]["pairs.tsv"])) == 2
    [whole] = rows(made(by="post")[1]["pairs.tsv"])
    assert whole["source"] == f"{SNOW} پام وکړئ."
    assert whole["target"] == f"{SNOW_EN} Take care."
    assert whole["segment"] == "" and whole["id"].startswith("p")


def test_repetitions_go_by_the_letter_or_by_the_folded_pair(sqlite_tell: Any, made: Made) -> None:
    for number, (text, english) in enumerate(
        [("كتاب", "Book"), ("کتاب", "book"), ("کتاب", "book"), ("کتاب", "a book")]
    ):
        sqlite_tell.post(number, text, "ur", [(text, english)])
    assert sources(made(dedup="exact")[1]) == ["كتاب", "کتاب", "کتاب"]
    done, files = made(dedup="folded")
    assert sources(files) == ["كتاب", "کتاب"], "the first of those alike stays"
    assert done.left_out == {"pairs: repeated (folded)": 2}


@pytest.mark.parametrize(
    ("choices", "left"),
    [
        ({"min_length": 5}, "long unsure flagged"),
        ({"max_length": 8}, "tiny unsure flagged"),
        ({"max_ratio": 2.0}, "tiny unsure flagged"),
        ({"max_length": 2}, ""),
    ],
)
def test_pairs_can_be_left_out_for_what_they_are(
    sqlite_tell: Any, made: Made, choices: dict[str, Any], left: str
) -> None:
    for number, (name, target, facts) in enumerate(
        [
            ("tiny", "mini", {}),
            ("long", "much too long a translation", {}),
            ("unsure", "unsure!", {"score": -2.0}),
            ("flagged", "flagged", {"flags": ("demo_package",), "confidence": 0.4}),
        ]
    ):
        source = f"x{name}" if name == "long" else name
        sqlite_tell.post(number, source, "ur", [(source, target)], **facts)
    done, files = made(**choices)
    if not left:
        assert "pairs.tsv" in files and done.posts == 0 and sum(done.left_out.values()) == 4
    assert [source.removeprefix("x") for source in sources(files)] == left.split()


def test_accounts_with_few_posts_can_stay_out(sqlite_tell: Any, made: Made) -> None:
    for number in range(5):
        sqlite_tell.post(number, SNOW, "ps", [(SNOW, SNOW_EN)], handle="rare" if number == 2 else "often")
    done, files = made(min_account_posts=2)
    assert {row["account"] for row in rows(files["pairs.tsv"])} == {"often"}
    assert done.left_out == {"posts: accounts below --min-account-posts": 1}
    assert made("ids", min_account_posts=2)[1]["ids.txt"].count("\n") == 4


# -- splits ---------------------------------------------------------------------------------------


def test_near_duplicates_never_straddle_a_split(sqlite_tell: Any, made: Made) -> None:
    alike = []
    for number in range(40):
        text = f"خبر {chr(0x0627 + number % 7)}{chr(0x0631 + number // 7)} كتاب"
        alike.append([text, f"RT @someone: {text.replace('ك', 'ک')}!! https://example.org/{number} 😀"])
    for number, (one, other) in enumerate(alike):
        sqlite_tell.post(f"a{number}", one, "ur", [(one, "x")])
        sqlite_tell.post(f"b{number}", other, "ur", [(other, "y")])
    files = made(split=(80, 10, 10))[1]
    names = ("train", "validation", "test")
    part = {row["post"]: name for name in names for row in rows(files[f"{name}.tsv"])}
    assert len(part) == 80 and set(part.values()) == {"train", "validation", "test"}
    assert all(part[f"telegram:a{n}"] == part[f"telegram:b{n}"] for n in range(40))
    assert json.loads(files["manifest.json"])["by_split"]["train"] > 40
    again = made(split=(80, 10, 10), seed="another")[1]
    assert again["train.tsv"] != files["train.tsv"]
    assert made(split=(80, 10, 10))[1] == files


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("په کابل کې ۵ تنه", "په كابل كې 7 تنه."),
        ("کِتاب", "کتاب"),
        ("RT @a: سلام", "سلام https://t.co/x"),
    ],
)
def test_spelling_numbers_links_and_mentions_make_no_new_text(one: str, other: str) -> None:
    assert gist(one, "ps") == gist(other, "ps")


# -- pseudonyms -----------------------------------------------------------------------------------


def test_pseudonyms_leave_no_name_address_or_native_id(sqlite_tell: Any, made: Made) -> None:
    text = "@Herat_Roads وګورئ https://example.org/secret او herat_roads، mail me@example.org"
    english = "See @herat_roads https://example.org/secret and HERAT_ROADS, mail me@example.org"
    sqlite_tell.post("native77", text, "ps", [(text, english)], handle="herat_roads")
    sqlite_tell.post("native78", SNOW, "ps", [(SNOW, SNOW_EN)], handle="herat_roads")
    files = made(pseudonymise=True)[1]
    for name, content in files.items():
        for secret in ("herat_roads", "example.org", "native7", "12:00:00"):
            assert secret not in content.casefold(), (name, secret)
    first, second = rows(files["pairs.tsv"])
    assert first["account"] == second["account"]
    assert first["source"].startswith(f"@{first['account']} ")
    assert first["source"].count(first["account"]) == first["target"].count(first["account"]) == 2
    assert len(set(re.findall(r"https://\w+\.invalid", first["source"] + first["target"]))) == 1
    assert second["source"] == SNOW and first["post"] != second["post"]
    assert first["published_at"] == "2026-03-21T00:00:00Z"
    assert "not anonymity" in files["README.md"]
    other = rows(made(pseudonymise=True)[1]["pairs.tsv"])[0]
    assert other["account"] != first["account"], "every export has a key of its own"


def test_what_the_filters_named_is_withheld_with_the_names(sqlite_tell: Any, tmp_path: Path) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)])
    folder = tmp_path / "corpus"
    wanted = Filters(account="telegram:herat_roads")
    export(Config(folder=tmp_path), "tmx", wanted, folder, choices=Choices(pseudonymise=True), folder=True)
    assert all(b"herat_roads" not in path.read_bytes() for path in folder.iterdir())
    assert json.loads((folder / "manifest.json").read_text())["query"]["account"] == "(withheld)"


def test_a_mention_has_the_pseudonym_of_its_account() -> None:
    names = Pseudonyms()
    assert names.text("سلام @Name", "x") == f"سلام @{names.account('x', 'name')}"
    assert names.account("x", "@name") == names.account("x", "NAME") != names.account("telegram", "name")


# -- what lies beside -------------------------------------------------------------------------------


@pytest.mark.parametrize("format", [n for n in exports.names() if n not in ("warc", "wacz", "parquet")])
def test_the_manifest_tells_the_digest_of_every_file(sqlite_tell: Any, made: Made, format: str) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)])
    files = made(format)[1]
    told = {file["name"]: file for file in json.loads(files.pop("manifest.json"))["files"]}
    assert set(told) == set(files) - {"README.md", "CITATION.cff"}
    for name, file in told.items():
        content = files[name].encode()
        assert (file["bytes"], file["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )


def test_the_card_names_the_machines_as_such_and_counts(sqlite_tell: Any, made: Made) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)], flags=("demo_package",))
    sqlite_tell.post(2, SNOW, "ps")
    files = made(max_length=200)[1]
    card = files["README.md"]
    for said in (
        "1 pairs from 1 posts",
        "1 translations are a machine's and no person has checked them; 0 were corrected",
        "| argos | translate-xx\\_en | 1.0 |",
        "| ps-en | 1 |",
        "| telegram:herat\\_roads | 1 |",
        "- max length: 200\n- left out",
        "left out, posts: without a translation: 1",
        "worth nothing",
    ):
        assert said in card, said
    assert "cff-version: 1.2.0" in files["CITATION.cff"]


def test_a_hostile_handle_writes_no_markup_into_the_card(sqlite_tell: Any, made: Made) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)], handle="a|b](http://x)<script>\n# h")
    card = made()[1]["README.md"]
    assert "<script>" not in card and "\n# h" not in card and "a\\|b\\](http" in card


def test_one_file_has_its_card_beside_it(sqlite_tell: Any, tmp_path: Path) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)])
    export(Config(folder=tmp_path), "tmx", Filters(), tmp_path / "a.tmx")
    names = {path.name for path in tmp_path.iterdir() if path.name.startswith("a.")}
    assert names == {"a.tmx", "a.tmx.README.md", "a.tmx.manifest.json", "a.tmx.CITATION.cff"}
    assert json.loads((tmp_path / "a.tmx.manifest.json").read_text())["files"][0]["name"] == "a.tmx"


# -- all or nothing ---------------------------------------------------------------------------------


@pytest.fixture
def run(sqlite_tell: Any, tmp_path: Path) -> Callable[..., int]:
    (tmp_path / "archiver.toml").touch()
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


@pytest.mark.parametrize("format", ["tmx", "moses", "parquet", "html", "csv"])
def test_a_full_disk_leaves_no_half_corpus(
    sqlite_tell: Any, run: Any, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)])
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    full = Path("/dev/full")

    def onto_a_full_disk(self: Any, name: str) -> Any:
        return full.open("wb")

    monkeypatch.setattr(_places.Folder, "_open", onto_a_full_disk)
    assert run("export", format, "-o", f"{tmp_path}/corpus/") == 3
    assert "disk is full" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in before}


def test_a_limit_of_the_system_is_a_full_disk_too(sqlite_tell: Any, tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").touch()
    long = SNOW * 2000
    sqlite_tell.post(1, long, "ps", [(long, SNOW_EN * 2000)])
    sqlite_tell.database.close()
    code = (
        "import resource, sys\n"
        "from archiver import cli\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "sys.exit(cli.run(sys.argv[1:]))\n"
    )
    to = str(tmp_path / "a.tmx")
    call = [sys.executable, "-c", code, "--archive", str(tmp_path), "export", "tmx", "-o", to]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3 and "disk is full" in done.stderr
    assert not [path for path in tmp_path.iterdir() if "a.tmx" in path.name]


def test_a_newer_export_takes_the_place_of_an_older_one_and_of_nothing_else(
    sqlite_tell: Any, run: Any, tmp_path: Path, capsys: Any
) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)])
    folder = tmp_path / "corpus"
    assert run("export", "moses", "-o", str(folder)) == 0
    assert run("export", "tmx", "-o", str(folder)) == 0
    assert {path.name for path in folder.iterdir()} == {
        "pairs.tmx",
        "README.md",
        "manifest.json",
        "CITATION.cff",
    }
    other = tmp_path / "mine"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert run("export", "moses", "-o", str(other)) == 2
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["notes.txt"]


def test_a_path_that_cannot_be_written_is_named(sqlite_tell: Any, run: Any, capsys: Any) -> None:
    assert run("export", "tmx", "-o", "/proc/pairs.tmx") == 1
    said = capsys.readouterr().err
    assert "/proc" in said and len(said.splitlines()) == 1


def test_a_format_without_its_extra_says_which(
    run: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "archiver.exports.parquet", raising=False)
    assert run("export", "parquet", "-o", str(tmp_path / "corpus")) == 1
    assert "bilingual-archiver[parquet]" in capsys.readouterr().err


def test_choices_that_leave_nothing_are_no_error(sqlite_tell: Any, run: Any, capsys: Any) -> None:
    sqlite_tell.post(1, SNOW, "ps", [(SNOW, SNOW_EN)])
    assert run("export", "tsv", "-o", "-", "--min-score", "0") == 0
    said = capsys.readouterr()
    assert "nothing is left after these choices" in said.err and "below --min-score" in said.err


# -- told once --------------------------------------------------------------------------------------


def test_the_page_on_corpora_names_every_format_column_and_choice() -> None:
    from archiver.commands.export import command
    from archiver.exports._pairs import COLUMNS

    page = (Path(__file__).parents[1] / "docs" / "corpora.md").read_text(encoding="utf-8")
    for name in (*exports.names(), *COLUMNS):
        assert f"`{name}`" in page, name
    chosen = {*Choices.__dataclass_fields__, *Doubts.__dataclass_fields__}
    options = [o for p in command.params if p.name in chosen for o in (*p.opts, *p.secondary_opts)]
    assert len(options) == len(chosen) + 3, "and --without-flag, --only-corrected, --not-corrected"
    assert all(option in page for option in options)
