"""A platform's tag and pycld2 settle near-ties and outvote nothing."""

import importlib.util
import sys
import types
from pathlib import Path

import pytest

from translations.detect import PROFILES_VERSION, detect, detect_all
from translations.errors import NoSecondOpinion

SERVED = ("ps", "ur", "ar", "fa", "en")


CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]


ARABIC_SCRIPT = [(language, text) for language, text in CORPUS if language in SERVED and language != "en"]


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
