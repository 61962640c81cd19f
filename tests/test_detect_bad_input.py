"""Nothing to tell from, broken text and endless text: an answer, never an exception, never a minute."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translations.detect import Detection, detect, detect_all
from translations.mixed import segments

CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]


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


def test_no_texts_no_answers() -> None:
    assert detect_all([]) == []


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
