"""Nothing of a post is lost on its way through a translation: each thing that is no word comes back, once."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver import cli
from translations import demo
from translations.numbers import missing_numbers, numbers
from translations.packages import install
from translations.protect import items
from translations.translator import TextTranslation, Translator

# None is a part of another, so that each can be counted.
ITEMS = (
    "https://a.example/b_c?d=1&e=2#f",
    "https://x.example/_a_?q=ا#ب",
    "http://example.org/Kabul_(province)",
    "www.mail.example/x",
    "dawn.com/news",
    "a_b@mail.example",
    "first.last+tag@sub.mail.example.org",
    "@user_1",
    "@a_b_c",
    "@x_y@host.example",
    "#کابل_خبر",
    "#می‌خواهم",
    "#Herat_2024",
    "#مُحَمَّد",
    "❤️",
    "🇵🇰",
    "🇦🇫🇵🇸",
    "👩🏽‍🚒",
    "👨‍👩‍👧‍👦",
    "1️⃣",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    ":party_cat:",
    '"Breaking news, now"',
    "“Go home. Stay there!”",
    "«Radio Free Herat»",
)
NUMBERS = (
    "۱۲",
    "٣٤",
    "56",
    "١٢٣٫٤٥",
    "۱۴۰۳/۵/۱۲",
    "10:30",
    "۳٬۵۰۰",
    "12,000",
    "٢٠٢٦-١١-٢٢",
    "75%",
    "+93701234567",
)
MARKERS = ("- ", "• ", "۱۔ ", "2) ", "* ", "")
GLUE = (" ", "  ", " \u200f", "\u200e ", " \u2067", "، ", ": ")


@pytest.fixture(scope="module")
def translate(tmp_path_factory: pytest.TempPathFactory) -> Translator:
    folder = tmp_path_factory.mktemp("archive") / "packages"
    return Translator([install(file, folder) for file in demo.packages()], allow_demo=True)


def words(language: str) -> list[str]:
    """Words that the demonstration package has seen; none is a number."""
    seen = {word for source, _ in demo.corpus(language)[:60] if not items(source) for word in source.split()}
    return sorted(word for word in seen if word.isalpha())


@st.composite
def posts(draw: Callable[..., Any], language: str) -> list[tuple[str, list[str]]]:
    """Lines of a post: the list marker and the pieces of each."""
    piece = st.one_of(*map(st.sampled_from, (words(language), ITEMS, NUMBERS)))
    line = st.tuples(st.sampled_from(MARKERS), st.lists(piece, min_size=1, max_size=9))
    found: list[tuple[str, list[str]]] = draw(st.lists(line, min_size=1, max_size=4))
    return found


@pytest.mark.parametrize("language", demo.LANGUAGES)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_item_comes_back_once_and_every_number_by_its_value(
    translate: Translator, language: str, data: st.DataObject
) -> None:
    post = data.draw(posts(language))
    glue = data.draw(st.sampled_from(GLUE))
    text = "\n".join(marker + glue.join(pieces) for marker, pieces in post)
    done = translate.translate(text, language)
    lines = done.translation.split("\n")
    assert len(lines) == len(post)
    for line, (marker, pieces) in zip(lines, post, strict=True):
        assert line.startswith(marker) or not any(map(str.isalpha, line))
        told = Counter(pieces)
        for item in set(pieces) & set(ITEMS):
            assert line.count(item) == told[item], item
    for segment in done.segments:
        assert numbers(_without_items(segment.source)) <= numbers(_without_items(segment.target))


def _without_items(text: str) -> str:
    for item in ITEMS:
        text = text.replace(item, " ")
    return text


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_the_command_gives_each_of_them_back(
    language: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    chance, known = random.Random(1405), words(language)
    lines = []
    for _ in range(60):
        pieces = [
            chance.choice(chance.choice((known, known, ITEMS, NUMBERS))) for _ in range(chance.randint(2, 12))
        ]
        lines.append((chance.choice(MARKERS) + chance.choice(GLUE).join(pieces), pieces))
    posts = tmp_path / "posts.txt"
    posts.write_text("".join(f"{line}\n" for line, _ in lines), encoding="utf-8")
    command = ["text", "translate", "--from", language, "--demo-packages", "--json", str(posts)]
    assert cli.run(command) == 0
    rows = [json.loads(row) for row in capsysbinary.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == [line for line, _ in lines]
    for row, (_, pieces) in zip(rows, lines, strict=True):
        for item in set(pieces) & set(ITEMS):
            assert row["translation"].count(item) == pieces.count(item), item
            assert sum(part["target"].count(item) for part in row["segments"]) == pieces.count(item), item


def test_items_side_by_side_in_a_translation_do_not_run_into_each_other() -> None:
    """A model that doubles its spaces shifts no place."""
    from translations.engines import Output
    from translations.placing import place
    from translations.protect import Inner

    class Spelled:
        """Every word is a piece."""

        def text(self, pieces: Any) -> str:
            return "  ".join(pieces)

        def starts(self, core: str) -> list[int]:
            return [0, 4, 8]

    inner = [Inner(start=8, end=8, text="first@a.example"), Inner(start=8, end=8, text="@second")]
    attention = ((0.8, 0.1, 0.1), (0.3, 0.4, 0.3), (0.0, 0.1, 0.9))
    output = Output(pieces=("one", "two", "six"), text="one  two  six", score=-0.1, attention=attention)
    engine: Any = Spelled()
    assert place("aaa bbb ccc", inner, output, engine).text == "one  two first@a.example @second six"


# -- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("۲۵ تنه", "25 people", []),
        ("٢٥ شخصا و٣ أطفال", "3 children, 25 people", []),
        ("۱۴۰۳/۵/۱۲", "on 12/5/1403", []),
        ("۱۴۰۳/۵/۱۲ ته", "on 1403", ["۱۴۰۳/۵/۱۲"]),
        ("۱۰٬۰۰۰ کسان", "10,000 people", []),
        ("۱۰٬۰۰۰ کسان", "1000 people", ["۱۰٬۰۰۰"]),
        ("۵۰٪ او ۵۰٪", "50%", ["۵۰٪"]),
        ("١٢٣٫٤٥", "123.45", []),
        ("10:30 بجے", "at half past ten", ["10:30"]),
        ("+93 70", "call 70", ["+93"]),
        ("کوئی نہیں", "3 of them", []),
    ],
)
def test_a_number_counts_by_its_value(source: str, translation: str, expected: list[str]) -> None:
    assert missing_numbers([source], translation) == expected


def test_a_number_that_the_machine_loses_follows_in_brackets_flagged(translate: Translator) -> None:
    source = next(s for s, _ in demo.corpus("ps") if not any(map(str.isdigit, s)) and not items(s))
    words_of = source.rstrip(".!؟").split()
    done = translate.translate(" ".join([*words_of[:2], "۹۸۷۶۵۴۳", *words_of[2:]]) + ".", "ps")
    [segment] = done.segments
    assert segment.target.endswith(" [۹۸۷۶۵۴۳]") == ("number_changed" in segment.flags)
    assert 9876543 in numbers(segment.target)


def test_a_number_inside_a_link_or_hashtag_stands_for_no_other(translate: Translator) -> None:
    source = next(s for s, _ in demo.corpus("ur") if not any(map(str.isdigit, s)) and not items(s))
    done = translate.translate(f"{source} #Herat_2024 https://a.example/2024", "ur")
    assert "number_changed" not in done.flags
    assert done.translation.count("2024") == 2


# -- quotes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('هغه وویل "Breaking news" او لاړ', ['"Breaking news"']),
        ("وقال «Radio Free» ثم «راديو»", ["«Radio Free»"]),
        ("اس نے “Go. Now!” کہا", ["“Go. Now!”"]),
        ('په "BBC پښتو" کې', []),
        ('قیمت "۱۲" دی', []),
        ('لینک "see https://a.example/x" دی', ['"see https://a.example/x"']),
        ('نیمګړی "quote بله کرښه', []),
    ],
)
def test_what_is_quoted_in_a_foreign_script_is_one_item(text: str, quoted: list[str]) -> None:
    assert [item.text for item in items(text, "ps") if item.kind == "quote"] == quoted
    assert not [item for item in items(text) if item.kind == "quote"], "only where the language is told"
    assert not [item for item in items(text, "en") if item.kind == "quote"]


def test_a_foreign_quote_is_in_one_segment(translate: Translator) -> None:
    done = translate.translate('وزیر وویل "This is it. We go home! Now?" او بیا لاړ.', "ps")
    assert isinstance(done, TextTranslation) and len(done.segments) == 1
    assert done.translation.count('"This is it. We go home! Now?"') == 1
