"""Texts are translated in pools, give everything protected back, and say where they are doubtful."""

import itertools
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import ctranslate2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from translations import demo, pool, translator
from translations.detect import Detection
from translations.doubt import FLAGS, doubts
from translations.engines import Engine, Output, Search, load
from translations.errors import BadPackage, DemoPackageRefused, NoPackage, TranslationsError
from translations.memory import DictMemory, MemoryKey, Remembered
from translations.packages import Package, install
from translations.protect import items
from translations.translator import Options, TextTranslation, Translator


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Package, ...]:
    directory = tmp_path_factory.mktemp("archive") / "packages"
    return tuple(install(file, directory) for file in demo.packages())


@pytest.fixture(scope="module")
def translate(packages: tuple[Package, ...]) -> Translator:
    return Translator(packages, allow_demo=True)


def known(language: str) -> list[tuple[str, str]]:
    """Sentences of one segment that the demonstration package has learnt."""
    return [pair for pair in demo.corpus(language) if not items(pair[0]) and len(pair[0].split()) > 3]


def all_of(translate: Translator, texts: list[str], language: str) -> list[TextTranslation]:
    done = [translated for _, translated in translate.translate_all((None, text, language) for text in texts)]
    assert all(isinstance(translated, TextTranslation) for translated in done)
    return [translated for translated in done if isinstance(translated, TextTranslation)]


@pytest.mark.parametrize("language", demo.LANGUAGES)
@pytest.mark.parametrize("quality", ["exact", "balanced", "fast"])
def test_a_demonstration_package_knows_its_corpus(
    packages: tuple[Package, ...], language: str, quality: str
) -> None:
    pairs = demo.corpus(language)
    translate = Translator(packages, options=Options.named(quality), allow_demo=True)
    done = all_of(translate, [source for source, _ in pairs], language)
    right = sum(
        translated.translation == english for translated, (_, english) in zip(done, pairs, strict=True)
    )
    assert right / len(pairs) > 0.9


def test_a_translation_says_where_it_comes_from(translate: Translator) -> None:
    (source, english), (second, _) = known("ur")[:2]
    text = f"{source}\n\n{second}"
    done = translate.translate(text, "ur")
    assert done.text == text
    assert done.package.source == "ur" and len(done.package.sha256) == 64
    assert str(done.options) == "method=3 beam=2"
    first, last = done.segments
    assert (first.index, first.start, first.end, first.source) == (0, 0, len(source), source)
    assert first.target == english
    assert text[last.start : last.end] == last.source == second
    assert done.translation == f"{first.target}\n\n{last.target}"
    assert first.score is not None and -3 < first.score <= 0
    assert done.flags == first.flags == ("demo_package",)


def test_a_sentence_it_never_saw_scores_lower(translate: Translator) -> None:
    source = known("ur")[0][0]
    words = source.split()
    learnt, scrambled = all_of(translate, [source, " ".join(reversed(words))], "ur")
    assert learnt.segments[0].score is not None and scrambled.segments[0].score is not None
    assert learnt.segments[0].score > scrambled.segments[0].score


ITEMS = ["https://a.example/b_c?d=1&e=2", "a_b@mail.example", "@user_1", "@x_y@host.example", "#کابل_خبر", 
         "❤️", "🇵🇰", "👩🏽‍🚒", ":party_cat:", "#Kabul_2024", "@bbc_urdu"]  # fmt: skip
WORDS = sorted(
    {word for language in demo.LANGUAGES for source, _ in known(language)[:40] for word in source.split()}
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.one_of(st.sampled_from(ITEMS), st.sampled_from(WORDS)), max_size=14), max_size=6))
def test_every_item_comes_back_exactly_once(translate: Translator, lines: list[list[str]]) -> None:
    text = "\n".join(" ".join(line) for line in lines)
    done = translate.translate(text, "ur")
    assert Counter(item.text for item in items(done.translation)) == Counter(
        item.text for item in items(text)
    )
    assert done.translation.count("\n") == text.count("\n")
    for segment in done.segments:
        assert Counter(item.text for item in items(segment.target)) == Counter(
            item.text for item in items(segment.source)
        )


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_items_at_the_edges_leave_the_sentence_as_it_was(translate: Translator, language: str) -> None:
    for source, _ in known(language)[:20]:
        plain = translate.translate(source, language).translation
        done = translate.translate(f"@user_1 {source} #کابل_خبر ❤️ https://a.example/x_y", language)
        assert done.translation == f"@user_1 {plain} #کابل_خبر ❤️ https://a.example/x_y"


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_an_item_inside_leaves_the_sentence_whole_around_it(translate: Translator, language: str) -> None:
    for source, _ in known(language)[:20]:
        words = source.split()
        plain = translate.translate(source, language).translation
        done = translate.translate(" ".join([*words[:2], "@user_1", *words[2:]]), language)
        assert done.translation.count("@user_1") == 1
        assert "".join(done.translation.replace("@user_1", "").split()) == "".join(plain.split())


@pytest.mark.parametrize(
    "text", ["❤️🙏", "@user_1 #کابل", "https://a.example/?q=۱", "۱۲۳", "؟!", "Breaking news", "_", "\x00"]
)
def test_what_holds_no_word_of_the_language_is_given_back_unasked(translate: Translator, text: str) -> None:
    done = translate.translate(text, "ur")
    assert done.translation == text
    assert done.flags == ("untranslatable",)
    assert all(segment.score is None for segment in done.segments)


@pytest.mark.parametrize("text", ["", " \n\t ", "\n"])
def test_an_empty_text_has_an_empty_translation(translate: Translator, text: str) -> None:
    done = translate.translate(text, "ur")
    assert (done.translation, done.segments, done.flags) == (text, (), ("untranslatable",))


def test_nul_and_surrogates_stay_in_the_source_and_out_of_the_model(translate: Translator) -> None:
    source, english = known("ur")[0]
    text = f"\x00{source[:5]}\ud800{source[5:]}"
    done = translate.translate(text, "ur")
    assert done.text == text
    assert [segment.source for segment in done.segments] == [text]
    assert done.translation == english


def test_five_thousand_emoji_come_back(translate: Translator) -> None:
    text = "❤️" * 5000
    assert translate.translate(text, "ur").translation == text


def test_a_sentence_of_a_hundred_thousand_characters_is_translated_in_parts(
    packages: tuple[Package, ...],
) -> None:
    words = [word for word in WORDS if word.isalpha()]
    text = " ".join(itertools.islice(itertools.cycle(words), 20_000))[:100_000] + " @user_1"
    done = Translator(packages, options=Options(beam=1), allow_demo=True).translate(text, "ur")
    (segment,) = done.segments
    assert segment.source == text
    assert "cut_by_window" in done.flags
    assert len(done.translation.split()) > 2000
    assert done.translation.endswith(" @user_1")


def test_a_word_longer_than_the_window_is_cut_too(translate: Translator) -> None:
    done = translate.translate("ابپتٹ" * 400, "ur")
    assert "cut_by_window" in done.flags


def test_a_missing_package_is_that_texts_answer_and_no_others(translate: Translator) -> None:
    source, english = known("ar")[0]
    items = [
        (1, source, "ar"),
        (2, "salam", "sd"),
        (3, "", "und"),
        (4, source, "ar-SY"),
        (5, "سلام", "ur-Latn"),
    ]
    done = dict(translate.translate_all(items))
    assert list(done) == [1, 2, 3, 4, 5]
    for key in (1, 4):
        translated = done[key]
        assert isinstance(translated, TextTranslation) and translated.translation == english
    missing = done[2]
    assert isinstance(missing, NoPackage)
    assert str(missing) == "no package translates sd to en; try: archiver packages install sd"
    assert isinstance(done[3], NoPackage) and isinstance(done[5], NoPackage)
    with pytest.raises(NoPackage):
        translate.translate("salam", "sd")


def test_a_demonstration_package_is_refused_until_allowed(packages: tuple[Package, ...]) -> None:
    with pytest.raises(DemoPackageRefused):
        Translator(packages).translate("سلام", "ur")


def test_a_tampered_package_is_not_loaded(tmp_path: Path) -> None:
    package = install(demo.packages()[0], tmp_path / "packages")
    other = install(demo.packages()[2], tmp_path / "packages")
    model = package.path / "model" / "model.bin"
    content = bytearray(model.read_bytes())
    content[-100] ^= 1
    model.write_bytes(content)
    source, english = known("ar")[0]
    translate = Translator([package, other], allow_demo=True)
    done = dict(translate.translate_all([("ur", "سلام", "ur"), ("ar", source, "ar")]))
    assert isinstance(done["ur"], BadPackage) and "model/model.bin" in str(done["ur"])
    assert isinstance(done["ar"], TextTranslation) and done["ar"].translation == english


def test_a_text_that_breaks_the_model_does_not_take_the_others_with_it(packages: tuple[Package, ...]) -> None:
    class Fragile:
        """The real model, but for one word."""

        def __init__(self, engine: Engine) -> None:
            self.engine = engine

        def __getattr__(self, name: str) -> object:
            return getattr(self.engine, name)

        def translate(self, inputs: list[list[str]], *args: object, **options: bool) -> object:
            if any("".join(pieces) == "▁مجرم" for pieces in inputs):
                raise translator.EngineFailed("broken")
            return self.engine.translate(inputs, *args, **options)  # type: ignore[arg-type]

    engine = Fragile(load(packages[0], threads=1))
    sources = [source for source, _ in known("ur")[:5]]
    done = pool.translate([*sources, "مجرم"], packages[0], engine, translator.Search(beam=1))  # type: ignore[arg-type]
    assert [isinstance(one, TranslationsError) for one in done] == [False] * 5 + [True]


def test_pooling_and_order_do_not_change_a_translation(
    packages: tuple[Package, ...], translate: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{a} {b}\n{c}" for (a, _), (b, _), (c, _) in zip(*[iter(known("ps")[:60])] * 3, strict=True)]
    pooled = [done.translation for done in all_of(translate, texts, "ps")]
    monkeypatch.setattr(translator, "_WINDOW", 300)
    small = Translator(packages, options=Options(max_batch_tokens=32), allow_demo=True, threads=1)
    assert [done.translation for done in all_of(small, texts, "ps")] == pooled
    assert [done.translation for done in all_of(translate, texts[::-1], "ps")] == pooled[::-1]


def test_texts_are_read_as_they_are_needed(translate: Translator) -> None:
    sentences = [source for source, _ in known("ur")[:50]]
    read = 0

    def endless() -> Iterator[tuple[int, str, str]]:
        nonlocal read
        for read in itertools.count(1):
            yield read, sentences[read % 50], "ur"

    first = [key for key, _ in itertools.islice(translate.translate_all(endless()), 10)]
    assert first == list(range(1, 11))
    assert read < 10_000


def test_a_segment_is_translated_once_however_often_it_is_posted(
    translate: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    honest = pool.translate

    def counting(segments: list[str], *args: object) -> object:
        asked.extend(segments)
        return honest(segments, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(pool, "translate", counting)
    (a, _), (b, _) = known("ur")[:2]
    done = all_of(translate, [a, b, f"{a}\n{b}", a] * 25, "ur")
    assert len({text.translation for text in done}) == 3
    assert sorted(asked) == sorted([a, b])


def test_the_memory_is_asked_first_and_a_persons_words_win(packages: tuple[Package, ...]) -> None:
    (a, english), (b, _) = known("ur")[:2]
    memory = DictMemory()
    key = MemoryKey(
        source=b,
        source_language="ur",
        target_language="en",
        package=packages[0].sha256,
        options=str(Options()),
    )
    memory.remember(key, Remembered(target="A person's words.", origin="person"))
    done = Translator(packages, memory=memory, allow_demo=True).translate(f"{a}\n{b}", "ur")
    assert done.translation == f"{english}\nA person's words."
    assert done.segments[1].flags == ()


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("آج بارش ہوگی", "It will rain today", []),
        ("آج بارش ہوگی", "", ["empty"]),
        ("آج بارش ہوگی", "…", ["empty"]),
        ("آج بارش ہوگی", "آج بارش ہوگی", ["copied_source", "source_script_left"]),
        ("آج بارش ہوگی", "It will بارش today", ["source_script_left"]),
        ("آج بارش ہوگی", "rain rain rain rain rain", ["repetition"]),
        (
            "آج بارش ہوگی",
            "it will rain, it will rain, it will rain, it will rain",
            ["repetition", "length_ratio"],
        ),
        ("سلام سلام سلام سلام", "hello hello hello hello", []),
        ("۱۲٬۵۰۰ روپے اور ۳٫۵ فیصد", "12,500 rupees and 3.5 percent", []),
        ("الساعة ٦ و٤٠ دقيقة", "at 6:40", []),
        ("آج ۲۵ افراد زخمی ہوئے", "Today 52 people were hurt", ["number_changed"]),
        ("آج", "Today it will rain in the whole of the country", ["length_ratio"]),
        ("آج پورے ملک میں موسلا دھار بارش ہوگی اور تیز ہوا چلے گی", "Rain", ["length_ratio"]),
    ],
)
def test_doubt_is_shown(source: str, translation: str, expected: list[str]) -> None:
    assert doubts(source, translation, "ur", "en") == expected
    assert set(expected) <= FLAGS.keys()


class Looping:
    """The real model, but it repeats itself unless that is forbidden; `always` even then."""

    def __init__(self, engine: Engine, always: bool) -> None:
        self.engine = engine
        self.always = always
        self.asked: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)

    def translate(self, inputs: list[list[str]], search: Search, *, attention: bool = False) -> list[Output]:
        self.asked.append(search.no_repeat)
        done = self.engine.translate(inputs, search, attention=attention)
        if search.no_repeat and not self.always:
            return done
        return [replace(output, text="the road " * 5) for output in done]


@pytest.mark.parametrize("always", [False, True])
def test_a_model_that_repeats_itself_is_asked_once_more(packages: tuple[Package, ...], always: bool) -> None:
    source, english = known("ur")[0]
    engine = Looping(load(packages[0], threads=1), always)
    (done,) = pool.translate([source], packages[0], engine, Search(beam=2))  # type: ignore[arg-type]
    assert isinstance(done, pool.Translated)
    assert engine.asked == [0, pool.NO_REPEAT]
    assert "retried" in done.flags
    assert ("repetition" in done.flags) is always
    assert (done.target == english) is not always


def test_forbidding_repetition_reaches_the_model(packages: tuple[Package, ...]) -> None:
    engine = load(packages[0], threads=1)
    pieces = engine.pieces(next(source for source, english in known("ur") if english.count(" the ") > 1))
    (free,) = engine.translate([pieces], Search(beam=1))
    (bound,) = engine.translate([pieces], Search(beam=1, no_repeat=1))
    assert len(set(bound.pieces)) == len(bound.pieces)
    assert len(set(free.pieces)) < len(free.pieces)


def test_an_unsure_detection_makes_its_text_uncertain_and_no_other(
    packages: tuple[Package, ...],
) -> None:
    source, _ = known("ur")[0]
    memory = DictMemory()
    key = MemoryKey(
        source=source,
        source_language="ur",
        target_language="en",
        package=packages[0].sha256,
        options=str(Options()),
    )
    memory.remember(key, Remembered(target="Known.", flags=("language_uncertain", "demo_package")))
    for kept in (None, memory):
        translate = Translator(packages, memory=kept, allow_demo=True)
        unsure, sure = (Detection(language="ur", confidence=c, method="test") for c in (0.6, 0.95))
        items = [(1, source, unsure), (2, source, sure), (3, source, "ur"), (4, "❤️", unsure)]
        done = dict(translate.translate_all(items))
        flags = [d.flags for d in done.values() if isinstance(d, TextTranslation)]
        assert flags == [
            ("demo_package", "language_uncertain"),
            ("demo_package",),
            ("demo_package",),
            ("untranslatable",),
        ]


def test_a_gist_package_marks_everything_it_translates(packages: tuple[Package, ...]) -> None:
    gist = replace(packages[0], gist=True)
    done = Translator([gist], allow_demo=True).translate(known("ur")[0][0], "ur")
    assert done.flags == ("demo_package", "gist_only")


def test_without_a_graphics_card_auto_is_the_processor(
    packages: tuple[Package, ...], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, english = known("ur")[0]
    for cards in (0, 1):  # one that CTranslate2 cannot use after all
        monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda cards=cards: cards)
        real = ctranslate2.Translator

        def refusing(*args: object, device: str, **options: object) -> object:
            if device == "cuda":
                raise RuntimeError("libcublas is not found")
            return real(*args, device=device, **options)  # noqa: B023

        with monkeypatch.context() as patched:
            patched.setattr("ctranslate2.Translator", refusing)
            translate = Translator(packages, allow_demo=True, device="auto")
            assert translate.translate(source, "ur").translation == english
        assert ("the graphics card is not used" in caplog.text) is bool(cards)


GUARDED = """
import socket, sys
def refuse(*args, **kwargs): raise SystemExit("the network was touched")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from pathlib import Path
from translations.packages import installed
from translations.translator import Translator
assert "ctranslate2" not in sys.modules and "argostranslate" not in sys.modules
translate = Translator(installed(Path(sys.argv[1])), allow_demo=True)
for language, text in zip(("ur", "ps", "ar"), sys.argv[2:]):
    print(translate.translate(text, language).translation)
heavy = {"torch", "stanza", "spacy", "argostranslate.translate", "onnxruntime"} & sys.modules.keys()
assert not heavy, heavy
"""


def test_with_the_network_closed_everything_is_translated(
    packages: tuple[Package, ...], tmp_path: Path
) -> None:
    pairs = [known(language)[0] for language in demo.LANGUAGES]
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(packages[0].path.parent), *(source for source, _ in pairs)],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [english for _, english in pairs]
    assert list(home.iterdir()) == []


def test_no_text_of_a_post_is_logged(translate: Translator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        translate.translate(known("ur")[0][0], "ur")
    assert caplog.text == ""
