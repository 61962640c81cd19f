"""The same answer in any order, batch, thread and process, and to a phrase said once or sixty times."""

import multiprocessing
import random
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from translations.detect import detect, detect_all

CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]


def test_the_answer_does_not_depend_on_order_batch_or_thread() -> None:
    texts = [
        changed
        for _, text in CORPUS[::2]
        for changed in (
            text,
            text[:25],
            text.upper(),
            f"RT @who: 🔴 {text} #خبر_نن https://t.co/Zz99",
            text * 9,
        )
    ]
    texts += [
        "",
        " \t\n",
        "1234 ۱۲۳",
        "😀😭",
        "\x00" * 50,
        "\ud800\udfff",
        "ا",
        "ـــــ",
        "\x1c\x1d\x1e\x1f\x1e",
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
import pytest

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


@pytest.mark.parametrize("language", ["ps", "ur", "ar", "fa", "pnb"])
def test_saying_it_sixty_times_makes_nothing_surer(language: str) -> None:
    """A phrase that could be of two languages does not become one of them, for certain, by being repeated."""
    words = [text.rstrip(".!؟۔?").split() for named, text in CORPUS if named == language]
    phrases = [" ".join(some[first : first + 3]) for some in words for first in range(0, len(some) - 2, 3)]
    assert len(phrases) > 25
    assert detect_all([f"{phrase} " * 60 for phrase in phrases]) == detect_all(phrases)


def test_a_long_text_is_sure() -> None:
    for language in ("ps", "ur", "ar", "fa"):
        answer = detect(" ".join(text for named, text in CORPUS if named == language))
        assert answer.language == language
        assert answer.confidence > 0.99
