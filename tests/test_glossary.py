"""A glossary's terms are found in every spelling and said once; what a change touches is translated again."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from translations import demo, packages, pool
from translations.engines import Engine, Output, Search
from translations.glossary import Fault, Glossary, Term, read
from translations.packages import Package
from translations.translator import Translator

TOWN = "بلدیہ نے شہر بھر میں صفائی مہم کا آغاز کر دیا ہے۔"
BRIDGE = "پرانے پل کی مرمت مکمل ہو گئی ہے اور ٹریفک بحال ہے۔"
Run = Callable[..., int]


def glossary(*terms: tuple[str, str, str]) -> Glossary:
    return Glossary([Term(term=t, language=lang, translation=said) for t, lang, said in terms])


TALIBAN = glossary(("طالبان", "", "Taliban"), ("وزارت خارجه", "fa", "Foreign Ministry"))


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("طالبان راغلل", "ps", ["طالبان"]),
        ("طَالِبَان راغلل", "ps", ["طَالِبَان"]),
        ("طـــالبان راغلل", "ps", ["طـــالبان"]),
        ("وايي: «طالبان».", "ps", ["طالبان"]),
        ("طالبانو وويل", "ps", []),  # inflected: left alone
        ("طالبان\u200cها آمدند", "fa", []),
        ("وزارت  خارجه گفت", "fa", ["وزارت  خارجه"]),
        ("وزارت خارجة گفت", "fa", ["وزارت خارجة"]),
        ("وزارت خارجه وويل", "ps", []),  # a term of another language
        ("طالبان و طالبانِ", "fa", ["طالبان", "طالبانِ"]),
    ],
)
def test_terms_are_found_as_whole_words_in_every_spelling(text: str, language: str, found: list[str]) -> None:
    uses = TALIBAN.find(text, language)
    assert [use.term for use in uses] == found
    assert [text[use.start : use.end] for use in uses] == found


def test_the_longest_term_wins() -> None:
    both = glossary(("وزارت", "fa", "ministry"), ("وزارت خارجه", "fa", "Foreign Ministry"))
    assert [u.translation for u in both.find("وزارت خارجه و وزارت", "fa")] == ["Foreign Ministry", "ministry"]


def test_bad_and_contradictory_rows_are_told_with_their_lines_and_the_rest_counts() -> None:
    lines = [
        "\ufeffterm\tlanguage\ttranslation\tnote\n",
        "# a remark\n",
        "طالبان\t\tTaliban\n",
        "طالِبان\t\tthe Taliban\n",
        "طالبان\t\tTaliban\n",
        "کابل\tps\t\n",
        "\tps\tKabul\n",
        "کابل\tnot a tag\tKabul\n",
        "کابل\tps\tKabul\tthe city\n",
        "هرات\n",
        "ن" * 201 + "\tps\tx\n",
    ]
    raw = [line.encode() for line in lines] + [b"\xff\tps\tx\n", b"a\tps\tb\x00c\n", b"a\txx\tb\n"]
    found, faults = read(raw)
    assert [(t.term, t.translation, t.line) for t in found.terms] == [
        ("طالبان", "Taliban", 3),
        ("کابل", "Kabul", 9),
    ]
    assert faults[0] == Fault(line=4, why="'طالِبان' is called 'Taliban' in line 3; that counts")
    assert faults[1] == Fault(line=5, why="'طالبان' stands in line 3 already")
    assert [f.line for f in faults] == [4, 5, 6, 7, 8, 10, 11, 12, 13, 14]
    assert faults[-1].why.startswith("no text is ever told to be in 'xx'")
    assert read([b"word\tmeaning\n"])[1][0].why.startswith("the header lacks term, language, translation")


@pytest.fixture(scope="module")
def urdu(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("packages")
    return next(packages.install(file, folder) for file in demo.packages() if file.stem == "ur_en")


def translated(urdu: Package, text: str, terms: Glossary | None = None) -> Any:
    return Translator([urdu], glossary=terms, allow_demo=True, threads=1).translate(text, "ur")


def test_what_the_model_says_by_itself_is_neither_lost_nor_doubled(urdu: Package) -> None:
    plain = translated(urdu, TOWN)
    assert "municipality" in plain.translation
    made = translated(urdu, TOWN, glossary(("بلدیہ", "ur", "Municipality")))
    assert made.translation == plain.translation
    assert made.segments[0].glossary == (("بلدیہ", "Municipality"),)
    assert "glossary_added" not in made.flags


def test_what_the_model_does_not_say_follows_once_and_nothing_is_replaced(urdu: Package) -> None:
    plain = translated(urdu, f"{TOWN}\n{BRIDGE} @user")
    terms = glossary(("بلدیہ", "ur", "Baladia"), ("پل", "ur", "Pul"))
    made = translated(urdu, f"{TOWN}\n{BRIDGE} @user", terms)
    for name in ("Baladia", "Pul"):
        assert made.translation.count(name) == 1
    for before, after in list(zip(plain.segments, made.segments, strict=True))[:2]:
        assert after.target.startswith(before.target)
        assert "glossary_added" in after.flags
    assert made.translation.count("@user") == 1
    assert made.identity.startswith(f"{made.options} glossary=")


def test_a_hashtag_stays_a_hashtag(urdu: Package) -> None:
    made = translated(urdu, f"#بلدیہ {TOWN}", glossary(("بلدیہ", "ur", "Baladia")))
    assert made.translation.count("#بلدیہ") == 1
    assert made.translation.count("Baladia") == 1


def test_a_text_without_terms_is_what_it_was(urdu: Package) -> None:
    made = translated(urdu, BRIDGE, glossary(("بلدیہ", "ur", "Baladia")))
    assert made == translated(urdu, BRIDGE)


class Copies:
    """An engine that copies words in Latin letters and calls every other word "word": as large models may."""

    window = 50

    def pieces(self, text: str) -> list[str]:
        return text.split()

    def starts(self, text: str) -> list[int]:
        return [0] * len(self.pieces(text))

    def text(self, pieces: Sequence[str]) -> str:
        return " ".join(pieces)

    def translate(self, inputs: Any, search: Search, *, attention: bool = False) -> list[Output]:
        said = [[p if p.isascii() else f"word{i}" for i, p in enumerate(pieces)] for pieces in inputs]
        return [Output(text=" ".join(s), pieces=tuple(s), score=-0.1, cut=False, attention=()) for s in said]


def test_where_the_model_copies_the_term_stands_in_its_place(urdu: Package) -> None:
    engine: Engine = Copies()  # type: ignore[assignment]
    terms = pool.terms_in("آج بلدیہ نے کہا", glossary(("بلدیہ", "ur", "Baladia")), "ur")
    [made] = pool.translate(["آج بلدیہ نے کہا"], urdu, engine, Search(), [terms])
    assert isinstance(made, pool.Translated)
    assert made.target == "word0 Baladia word2 word3"
    assert "glossary_added" not in made.flags


@pytest.fixture
def archive(tell: Any, database_url: str, tmp_path: Path) -> Any:
    (tmp_path / "archiver.toml").write_text(f'database = "{database_url}"\n', encoding="utf-8")
    return tell


@pytest.fixture
def run(archive: Any, tmp_path: Path) -> Run:
    return lambda *words: cli.run(["--archive", str(tmp_path), *words])


def test_a_changed_glossary_translates_again_what_it_touches_only(
    archive: Any, run: Run, tmp_path: Path, capsysbinary: Any
) -> None:
    def versions(number: int) -> list[Any]:
        capsysbinary.readouterr()
        assert run("show", f"telegram:{number}", "--json") == 0
        made = json.loads(capsysbinary.readouterr().out)["revisions"][0]["translations"]
        assert isinstance(made, list)
        return made

    def translate(*rows: str) -> Counter[int]:
        before = {n: len(versions(n)) for n in (1, 2)}
        (tmp_path / "glossary.tsv").write_text("\n".join(["term\tlanguage\ttranslation", *rows]), "utf-8")
        assert run("translate", "--from", "ur", "--demo-packages") == 0
        return Counter({n: len(versions(n)) - before[n] for n in (1, 2)})

    archive.post(1, TOWN, "ur")
    archive.post(2, BRIDGE, "ur")
    assert translate() == {1: 1, 2: 1}
    assert translate("بلدیہ\tur\tBaladia") == {1: 1, 2: 0}
    assert translate("بلدیہ\tur\tBaladia") == {1: 0, 2: 0}
    [segment] = versions(1)[-1]["segments"]
    assert segment["glossary"] == [{"term": "بلدیہ", "translation": "Baladia"}]
    assert segment["target"].endswith("[Baladia]")
    assert translate("بلدیہ\tur\tCity Hall", "پل\tur\tbridge") == {1: 1, 2: 1}
    assert versions(1)[-1]["text"].endswith("[City Hall]")
    assert versions(2)[-1]["text"] == versions(2)[0]["text"]
    (tmp_path / "glossary.tsv").write_text("term\tlanguage\ttranslation\nپل\tur\tPul\n", "utf-8")
    assert run("translate", "--from", "ur", "--demo-packages", "--only-missing") == 0
    assert (len(versions(1)), len(versions(2))) == (3, 2)
    # Back to an earlier glossary, and to none at all.
    assert translate("بلدیہ\tur\tBaladia") == {1: 1, 2: 1}
    assert versions(1)[-1]["text"].endswith("[Baladia]")
    assert translate() == {1: 1, 2: 0}
    assert versions(1)[-1]["text"] == versions(1)[0]["text"]
    assert translate() == {1: 0, 2: 0}


def test_check_names_what_is_wrong(run: Run, tmp_path: Path, capsysbinary: Any) -> None:
    assert run("glossary", "check") == 0
    (tmp_path / "glossary.tsv").write_text(
        "term\tlanguage\ttranslation\nکابل\tps\tKabul\nكابل\tps\tCabul\n", "utf-8"
    )
    capsysbinary.readouterr()
    assert run("glossary", "check") == 1
    printed = capsysbinary.readouterr()
    assert "glossary.tsv, line 3: 'كابل' is called 'Kabul' in line 2; that counts" in printed.out.decode()
    assert "1 terms are used, 1 rows are not" in printed.err.decode()
    assert run("glossary", "list", "--json") == 0
    assert json.loads(capsysbinary.readouterr().out)["translation"] == "Kabul"
