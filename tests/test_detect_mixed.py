"""Posts in two languages: the whole has one, its parts have theirs."""

import itertools
from pathlib import Path

import pytest

from translations.detect import detect, detect_all
from translations.mixed import segments, segments_all

SERVED = ("ps", "ur", "ar", "fa", "en")


CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]


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
