"""Pashto, Urdu, Arabic, Persian and English are told apart in what people post."""

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from translations.detect import PROFILES_VERSION, detect, detect_all
from translations.profiles.evaluation import f1_of

SERVED = ("ps", "ur", "ar", "fa", "en")


CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]


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


def test_the_method_names_the_profiles() -> None:
    assert detect(CORPUS[0][1]).method == f"langdetect+ngram/{PROFILES_VERSION}"
