"""Pashto, Urdu, Arabic, Persian and English are told apart in what people post."""

import hashlib
import importlib.util
import itertools
import json
import multiprocessing
import random
import subprocess
import sys
import time
import tomllib
import types
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdetect.utils.ngram import NGram

from translations import profiles
from translations.cleaning import clean, clean_all
from translations.detect import PROFILES_VERSION, Detection, detect, detect_all
from translations.errors import NoSecondOpinion
from translations.mixed import segments, segments_all
from translations.profiles.evaluation import f1_of

SERVED = ("ps", "ur", "ar", "fa", "en")
CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]
ARABIC_SCRIPT = [(language, text) for language, text in CORPUS if language in SERVED and language != "en"]

_FORMS = dict(zip("ابتجدرسكلمنهوي", "ﺍﺏﺕﺝﺩﺭﺱﻙﻝﻡﻥﻩﻭﻱ", strict=True))
HARAKAT = "\u064e\u0650\u064f\u0652\u0651"


def hashtag(text: str) -> str:
    words = text.rstrip("۔.؟?!").split()
    return " ".join(words[:-2]) + " #" + "_".join(words[-2:])


def vowelled(text: str) -> str:
    return "".join(c + HARAKAT[index % 5] if c.isalpha() else c for index, c in enumerate(text))


FLOORS = tomllib.loads(Path(__file__).with_name("language_floors.toml").read_text("utf-8"))

# What is done to a sentence; language_floors.toml has the share that must still be right.
NOISE: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "link": lambda text: f"{text} https://t.co/AbCdEfGh12",
    "two links and a site": lambda text: (
        f"www.example.org/a?b=c {text} http://example.com/news/today bbc.com"
    ),
    "mentions": lambda text: f"@someone @tolo_news {text} @name@social.example",
    "repost": lambda text: f"RT @someone: {text}",
    "mail": lambda text: f"{text} write.to@example.org",
    "hashtag words": hashtag,
    "English hashtag": lambda text: f"{text} #Breaking #Kabul",
    "emoji": lambda text: f"🔴 {text} 😢🤲🏽 👨‍👩‍👧‍👦",
    "numbers": lambda text: f"۱۲:۳۰ {text} 2024 ١٢٣",
    "everything": lambda text: f"RT @who: 🔴 {hashtag(text)} https://t.co/Zz99 @x 😭 123",
    "harakat": vowelled,
    "tatweel": lambda text: text.replace("ا", "ـــا").replace("ل", "لـ"),
    "letters stretched": lambda text: text.replace("و", "ووووو", 1).replace("e", "eeeee", 1),
    "bidi marks": lambda text: f"\u202b\u200f{text}\u202c\u2069\ufeff",
    "presentation forms": lambda text: "".join(_FORMS.get(c, c) for c in text),
    "Arabic keyboard": lambda text: text.translate(str.maketrans("یک", "يك")),
    "Persian keyboard": lambda text: text.translate(str.maketrans("يكى", "یکی")),
    "shouted": str.upper,
    "line breaks": lambda text: text.replace(" ", "\r\n"),
    "first 40 characters": lambda text: text[:40],
    "first 25 characters": lambda text: text[:25],
}


@pytest.mark.parametrize("noise", NOISE)
def test_the_five_languages_are_told_apart(noise: str) -> None:
    served = [(language, NOISE[noise](text)) for language, text in CORPUS if language in SERVED]
    answers = detect_all([text for _, text in served])
    wrong = [
        (language, answer.language, text)
        for (language, text), answer in zip(served, answers, strict=True)
        if answer.language != language
    ]
    assert 1 - len(wrong) / len(served) >= FLOORS["accuracy"][noise], wrong


@pytest.mark.parametrize("size", [20, 40, 1000])
def test_no_language_falls_below_its_floor(size: int) -> None:
    gold = [language for language, _ in CORPUS]
    said = [answer.language for answer in detect_all([text[:size] for _, text in CORPUS])]
    found = {language: f1_of(gold, said, language) for language in SERVED}
    floors = FLOORS[f"f1_{size}"]
    assert not {language: f1 for language, f1 in found.items() if f1 < floors[language]}
    assert sum(found.values()) / len(found) >= floors["macro"]


@pytest.mark.parametrize("language", FLOORS["named"])
def test_neighbours_are_named_and_not_taken_for_the_five(language: str) -> None:
    texts = [text for named, text in CORPUS if named == language]
    said = [answer.language for answer in detect_all(texts)]
    assert said.count(language) / len(said) >= FLOORS["named"][language], said


def test_every_floor_is_of_something_that_is_measured() -> None:
    assert FLOORS["accuracy"].keys() == NOISE.keys()
    assert FLOORS["named"].keys() == {language for language, _ in CORPUS} - set(SERVED)
    assert min(FLOORS["accuracy"].values()) >= 0.9


def test_the_corpus_is_large_enough_to_judge() -> None:
    counts = Counter(language for language, _ in CORPUS)
    assert all(counts[language] >= 60 for language in SERVED)
    assert all(counts[language] >= 15 for language in FLOORS["named"])
    assert len(set(CORPUS)) == len(CORPUS)


def test_answers_are_as_sure_as_they_are_right() -> None:
    answers = [
        (answer.confidence, answer.language == language)
        for change in NOISE.values()
        for (language, _), answer in zip(
            CORPUS, detect_all([change(text)[:40] for _, text in CORPUS]), strict=True
        )
        if language not in FLOORS["uncalibrated"]["languages"]
    ]
    for low, high in ((0.9, 1.0), (0.8, 0.9), (0.6, 0.8)):
        some = [right for confidence, right in answers if low <= confidence <= high]
        assert len(some) > 50
        assert sum(some) / len(some) >= low, (low, high, len(some), sum(some) / len(some))


def test_pashto_is_never_taken_for_another_language() -> None:
    texts = [text for language, text in CORPUS if language == "ps"]
    assert {answer.language for answer in detect_all(texts)} == {"ps"}


BAD = {
    "empty": "",
    "blanks": " \t\n\r\u00a0\u3000 ",
    "digits": "1234 ۱۲۳ ٤٥٦",
    "emoji": "😀😭🔥🇦🇫👨‍👩‍👧",
    "a link": "https://example.com/اخبار/today?x=1#y",
    "a mention": "@someone",
    "one letter": "ا",
    "one Latin letter": "x",
    "NUL": "\x00" * 50,
    "lone surrogates": "\ud800\udfff\udc00",
    "controls": "".join(map(chr, range(32))) + "\x7f\u0085",
    "bidi controls": "\u202a\u202b\u202c\u2066\u2069\u200e\u200f\u061c",
    "unassigned": "\u0378\u0380\U000e0fff\uffff",
    "private use": "\ue000\uf8ff\U0010fffd",
    "punctuation": "،؛؟۔!!!...,,,",
    "harakat alone": "\u064e\u0650\u0651\u0670",
    "tatweel alone": "ـــــ",
    "one astral letter": "\U0001e900",
    "separators": "\x1c\x1d\x1e\x1f\x1e",
    "a million blanks": " " * 1_000_000,
    "a million NUL": "\x00" * 1_000_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_nothing_to_tell_from_is_undetermined(text: str) -> None:
    answer = detect(text)
    assert (answer.language, answer.confidence) == ("und", 0.0)


def test_a_million_characters_are_no_slower_than_a_long_post() -> None:
    sentence = next(text for language, text in CORPUS if language == "ps")
    assert detect(sentence * (1_000_000 // len(sentence))).language == "ps"
    started = time.process_time()
    for endless in (
        "ا" * 1_000_000,
        "a.com" * 200_000,
        "a@b" * 300_000,
        "\x1e#a" * 300_000,
        "http://" * 150_000,
        "RT " * 300_000,
        "&amp" * 250_000,
        "ا\u0654" * 500_000,
        "م. " * 300_000,
        "я" * 1_000_000,
        "ab" * 500_000,
        "a." * 500_000,
        "@" * 1_000_000,
        "#a_" * 300_000,
        "ﷺ" * 1_000_000,
    ):
        assert isinstance(detect(endless), Detection)
        assert isinstance(segments(endless), tuple)
    assert time.process_time() - started < 20


def test_broken_characters_do_not_hide_the_language() -> None:
    text = next(text for language, text in CORPUS if language == "ur")
    assert detect(f"\ud800\x00{text}\udfff\x07").language == "ur"


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


@given(st.lists(ANYTHING, max_size=6), st.sampled_from([None, "ur", "xx", "", "en-US", "-", "prs"]))
@settings(deadline=None)
def test_any_text_and_any_hint_get_an_answer(texts: list[str], hint: str | None) -> None:
    answers = detect_all(texts, [hint] * len(texts))
    assert len(answers) == len(texts)
    for answer in answers:
        assert 0.0 <= answer.confidence <= 1.0
        assert answer.language
        assert answer.method
        assert (answer.language == "und") == (answer.confidence == 0.0)


def test_the_answer_does_not_depend_on_order_batch_or_thread() -> None:
    texts = [change(text) for _, text in CORPUS for change in list(NOISE.values())[::5]] + list(BAD.values())[
        :-2
    ]
    alone = [detect(text) for text in texts]
    assert detect_all(texts) == alone
    assert [
        answer for first in range(0, len(texts), 7) for answer in detect_all(texts[first : first + 7])
    ] == alone
    shuffled = random.Random(4).sample(range(len(texts)), len(texts))
    assert detect_all([texts[index] for index in shuffled]) == [alone[index] for index in shuffled]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(detect, texts)) == alone
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        assert process.submit(detect_all, texts).result() == alone


COLD = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from translations.detect import detect
texts = ["نن هوا ښه ده او موږ کور ته ځو", "How are you all doing?", "Привет, как у вас сегодня дела?"] * 8
start = Barrier(len(texts))
def ask(text):
    start.wait()
    return detect(text).language
with ThreadPoolExecutor(len(texts)) as threads:
    print(*threads.map(ask, texts))
heavy = {"torch", "stanza", "spacy", "argostranslate", "ctranslate2", "scrapy"} & set(sys.modules)
print(*sorted(heavy))
"""


def test_the_first_call_may_come_from_many_threads_at_once_and_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLD], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split("\n")[:2] == [" ".join(["ps en ru"] * 8), ""]


def test_the_method_names_the_profiles() -> None:
    assert detect(CORPUS[0][1]).method == f"langdetect+ngram/{PROFILES_VERSION}"


OTHER_SCRIPTS = [
    ("ru", "Сегодня утром в городе прошёл сильный дождь, и несколько улиц закрыты."),
    ("ru", "Привет, мир! Как дела?"),
    ("uk", "Сьогодні вранці в місті пройшов сильний дощ."),
    ("hi", "आज सुबह से शहर में तेज़ बारिश हो रही है और कई सड़कें बंद हैं।"),
    ("he", "הבוקר ירד גשם חזק בעיר וכמה רחובות נסגרו."),
    ("zh-Hans", "今天早上城里下了大雨，几条路关闭了。"),
    ("ja", "今朝、町で大雨が降り、いくつかの道路が閉鎖されました。"),
    ("ko", "오늘 아침 시내에 비가 많이 와서 길이 막혔습니다."),
    ("el", "Σήμερα το πρωί έβρεξε πολύ στην πόλη."),
    ("pa", "ਅੱਜ ਸਵੇਰ ਤੋਂ ਸ਼ਹਿਰ ਵਿੱਚ ਬਹੁਤ ਮੀਂਹ ਪੈ ਰਿਹਾ ਹੈ।"),
    ("ka", "დღეს დილით ქალაქში ძლიერი წვიმა იყო."),
    ("hy", "Այսօր առավոտյան քաղաքում ուժեղ անձրև եկավ։"),
    ("am", "ዛሬ ጠዋት በከተማው ከባድ ዝናብ ዘነበ።"),
    ("fr", "Ce matin il a beaucoup plu en ville et plusieurs routes sont fermées."),
    ("de", "Heute Morgen hat es in der Stadt stark geregnet, mehrere Straßen sind gesperrt."),
    ("es", "Esta mañana llovió mucho en la ciudad y varias calles están cerradas."),
    ("tr", "Bu sabah şehirde çok yağmur yağdı ve birkaç yol kapandı."),
    ("id", "Pagi ini hujan deras turun di kota dan beberapa jalan ditutup."),
    ("uz", "Bugun ertalab shaharda kuchli yomgʻir yogʻdi va bir nechta yoʻl yopildi."),
]


@pytest.mark.parametrize(("language", "text"), OTHER_SCRIPTS)
def test_other_languages_keep_their_names(language: str, text: str) -> None:
    assert detect(text).language == language


ROMANISED = [
    ("ur-Latn", "aaj subah se bohat tez barish ho rahi hai aur sab log ghar mein hain"),
    ("ur-Latn", "mujhe nahi pata tha ke aap kal aa rahe hain, pehle kyun nahi bataya"),
    ("ur-Latn", "Yaar ye match bohat acha tha lekin humari team haar gayi"),
    ("ar-Latn", "wallah ma 3andi wa9t lyoum, bokra inshallah"),
    ("ar-Latn", "ya habibi kifek enta, wen kont mbare7?"),
    ("en", "Zubair Durrani and Gulalai Achakzai met Naseebullah Tareen in Zhob on Friday"),
    ("en", "Mawlawi Sadiqullah, Lutfullah Hakimi and Qudratullah Jamal arrived in Taloqan"),
    ("en", "Allah is great, inshallah we will meet in Karachi after Eid"),
    ("en", "Chai and naan with dal at Habib's place in Quetta were great"),
]


@pytest.mark.parametrize(("language", "text"), ROMANISED)
def test_romanised_posts_are_not_english_and_names_do_not_make_english_romanised(
    language: str, text: str
) -> None:
    assert detect(text).language == language


SECOND_OPINION = pytest.mark.skipif(
    importlib.util.find_spec("pycld2") is None, reason="the extra `cld2` is not installed"
)


def test_a_second_opinion_that_cannot_be_had_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycld2", None)
    with pytest.raises(NoSecondOpinion, match=r"pip install 'bilingual-archiver\[cld2\]'"):
        detect_all(["سلام"], cld2=True)


def test_a_second_opinion_decides_near_ties_only_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for pycld2 that answers Persian to everything: what it may change, and how it shows."""
    stand_in = types.SimpleNamespace(
        error=ValueError, detect=lambda *_, **__: (True, 9, (("PERSIAN", "fa", 99, 1.0),))
    )
    monkeypatch.setitem(sys.modules, "pycld2", stand_in)
    texts = [text[:size] for _, text in ARABIC_SCRIPT for size in (5, 9, 13, 200)]
    turned = 0
    for before, after in zip(detect_all(texts), detect_all(texts, cld2=True), strict=True):
        if after != before:
            assert (after.language, after.method) == ("fa", f"langdetect+ngram+cld2/{PROFILES_VERSION}")
            turned += after.language != before.language
        if before.confidence > 0.95:
            assert after.language == before.language
    assert turned


@SECOND_OPINION
def test_pycld2_makes_short_texts_no_worse() -> None:
    for size in (20, 40):
        served = [(language, text[:size]) for language, text in CORPUS if language in SERVED]
        texts, gold = [text for _, text in served], [language for language, _ in served]
        with_it = [answer.language for answer in detect_all(texts, cld2=True)]
        without = [answer.language for answer in detect_all(texts)]
        assert sum(map(str.__eq__, with_it, gold)) >= sum(map(str.__eq__, without, gold))


HALF = [
    ("ur", "breaking news آج لاہور میں دھماکے کی آواز سنی گئی"),
    ("ps", "د طالبانو new rules په اړه BBC report ولولئ"),
    ("en", "He said salam (سلام) to everyone in the room and left without another word"),
]


@pytest.mark.parametrize(("language", "text"), HALF)
def test_a_quotation_does_not_outvote_the_post(language: str, text: str) -> None:
    assert detect(text).language == language


PASHTO_WITH_URDU = (
    "د طالبانو نوي مقررات. وزیر وویل: «ہم نے تمام سکول بند کرنے کا فیصلہ کیا ہے اور یہ عارضی ہے» خو خلک او "
    "ښوونکي په دې خبره باور نه کوي او وايي چې دروازې به بیا هم تړلې وي."
)
MIXED = [
    (
        ["ar", "ur"],
        "قال الوزير: سوف نفتح الطريق غدا إن شاء الله.\n"
        "وزیر نے کہا کہ سڑک کل کھول دی جائے گی اور ٹریفک بحال ہو گی۔",
    ),
    (["en", "ur"], "breaking news from the capital today آج لاہور میں دھماکے کی آواز سنی گئی"),
    (["ps", "ur", "ps"], PASHTO_WITH_URDU),
]


@pytest.mark.parametrize(("languages", "text"), MIXED)
def test_the_languages_of_a_mixed_post_are_told_apart(languages: list[str], text: str) -> None:
    spans = segments(text)
    assert [span.language for span in spans] == languages
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in itertools.pairwise(spans))
    assert all(0 < span.confidence <= 1 for span in spans)


def test_a_post_in_one_language_has_no_parts() -> None:
    served = [text for language, text in CORPUS if language in SERVED]
    posts = [
        f"{a} {b} https://t.co/Ab12 #Kabul @BBC" for a, b in zip(served[::2], served[1::2], strict=False)
    ]
    assert segments_all(posts, detect_all(posts)) == [()] * len(posts)


def test_a_hint_never_outvotes_the_text() -> None:
    for language, text in CORPUS:
        if language in SERVED and len(text) > 40:
            plain = detect(text)
            for hint in ("en-US", "ur", "ps", "fa", "ar"):
                if plain.confidence > 0.8:
                    assert detect(text, hint).language == plain.language


def test_a_hint_breaks_a_near_tie() -> None:
    texts = [text[:size] for _, text in ARABIC_SCRIPT for size in range(3, 14)]
    plain = detect_all(texts)
    turned = 0
    for hint in ("ps", "ur", "ar", "fa"):
        for before, after in zip(plain, detect_all(texts, [hint] * len(texts)), strict=True):
            if after != before:
                turned += 1
                assert after.language == hint
                assert after.method == f"langdetect+ngram+hint/{PROFILES_VERSION}"
                assert before.confidence < 0.8
    assert turned


def test_dari_is_named_only_by_somebody_who_knows() -> None:
    text = next(text for language, text in CORPUS if language == "fa")
    assert detect(text).language == "fa"
    assert detect(text, "prs").language == detect(text, "fa_AF").language == "prs"
    assert detect("How are you all doing today?", "prs").language == "en"


def test_hints_must_match_the_texts() -> None:
    with pytest.raises(ValueError, match="2 texts but 1 hints"):
        detect_all(["a", "b"], ["en"])


def test_no_texts_no_answers() -> None:
    assert detect_all([]) == []


def test_cleaning_keeps_words_and_drops_the_rest() -> None:
    assert clean("RT @who: سلام #پاکستان_زندہ_باد https://t.co/abcدنیا 12").split() == [
        "سلام",
        "#پاکستان",
        "زندہ",
        "باد",
        "دنیا",
        "12",
    ]
    assert clean("#Kabul #خبر see example.com/x").split() == ["#خبر", "see"]
    assert clean("ﻋﺎﺍﺍﺍﺟﻞ مُحَمَّد سـلام") == "عاجل محمد سلام"
    assert clean("sooooo good &amp; fine") == "so good   fine"


def ngrams_by_langdetect(text: str) -> list[str]:
    """What langdetect's own `NGram` makes of a text."""
    found, gram = [], NGram()
    for letter in text + " ":
        gram.add_char(letter)
        found += [ngram for size in (1, 2, 3) if (ngram := gram.get(size)) and ngram.strip()]
    return found


@pytest.mark.parametrize("language", ["ps", "ur", "ar", "fa", "ckb", "ug", "azb"])
def test_a_score_counts_exactly_the_ngrams_that_langdetect_finds(language: str) -> None:
    weights = profiles.arabic_weights()
    rows = {ngram: row for row, ngram in enumerate(weights.ngrams, start=1)}
    for text in [clean(text) for named, text in CORPUS if named == language]:
        expected = sum(
            (weights.weights[rows[ngram]] for ngram in ngrams_by_langdetect(text) if ngram in rows),
            start=np.zeros(len(weights.languages)),
        )
        scores, lengths = profiles.arabic().scorer.score(clean_all([text]))
        assert lengths[0] == sum(letter.isalpha() for letter in text)
        assert scores[0] == pytest.approx(expected / np.sqrt(lengths[0]), abs=0.01)


def test_what_ships_is_what_the_manifest_says() -> None:
    manifest = json.loads((profiles.HERE / "MANIFEST.json").read_text("utf-8"))
    shipped = {path.name: path for path in [*profiles.HERE.glob("*.json"), profiles.HERE / "correction.npz"]}
    del shipped["MANIFEST.json"]
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in shipped.items()}
    assert digests == manifest["outputs"]
    own = hashlib.sha256((profiles.HERE / "own.tsv").read_bytes()).hexdigest()
    assert own == manifest["inputs"]["own.tsv"]
    assert manifest["version"] == PROFILES_VERSION
    assert sum(path.stat().st_size for path in shipped.values()) < 1_500_000


def test_statistics_ship_and_sentences_do_not() -> None:
    for language in (*profiles.ARABIC_SCRIPT, *profiles.LATIN_SCRIPT):
        profile = json.loads((profiles.HERE / f"{language}.json").read_text("utf-8"))
        assert profile["name"] == language
        assert all(1 <= len(ngram) <= 3 for ngram in profile["freq"])
        assert min(profile["freq"].values()) > 2


def test_a_correction_for_other_ngrams_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    altered = profiles.manifest() | {"ngrams_sha256": "0" * 64}
    monkeypatch.setattr(profiles, "manifest", lambda: altered)
    with pytest.raises(profiles.ProfilesMismatch, match="make profiles"):
        profiles.load_arabic()


def test_a_build_without_its_texts_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from translations.profiles.build import main

    assert main([str(tmp_path)]) == 1
    assert "no dev.tsv.gz and no SOURCES.tsv" in capsys.readouterr().err


STREAM = """
import io, sys
from archiver import cli
from archiver.commands import text
lines = ("%d نن هوا ښه ده او موږ کور ته ځو\\n" % i for i in range(int(sys.argv[1])))
class Endless(io.TextIOBase):
    def __iter__(self): return lines
    def __enter__(self): return self
    def __exit__(self, *_): return None
text.click.open_file = lambda *_, **__: Endless()
code = cli.run(["text", "detect", "--json"])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(code, peak.split()[1], file=sys.stderr)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_detecting_a_long_stream_takes_no_more_memory_than_a_short_one() -> None:
    peaks = []
    for count in (2_000, 60_000):
        done = subprocess.run(
            [sys.executable, "-c", STREAM, str(count)], capture_output=True, check=True, timeout=120
        )
        code, peak = done.stderr.split()[-2:]
        assert (code, done.stdout.count(b"\n")) == (b"0", count)
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < 4_000  # KB
