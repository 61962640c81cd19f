"""What ships: n-gram statistics that langdetect would count the same way, and what they were built from."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from langdetect.utils.ngram import NGram

from translations import profiles
from translations.cleaning import clean, clean_all
from translations.detect import PROFILES_VERSION, detect
from translations.profiles.counting import count_words
from translations.profiles.training import Example
from translations.vocabulary import hashes_of

CORPUS = [
    (language, text)
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    for language, text in [line.split("\t")]
]


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


def ngrams_by_langdetect(text: str) -> list[list[str]]:
    """What langdetect's own `NGram` makes of a text, for each letter the n-grams that it brings."""
    found, gram = [], NGram()
    for letter in text + " ":
        gram.add_char(letter)
        found.append([ngram for size in (1, 2, 3) if (ngram := gram.get(size)) and ngram.strip()])
    return found


@pytest.mark.parametrize("language", ["ps", "ur", "ar", "fa", "ckb", "ug", "azb"])
def test_a_score_counts_the_ngrams_that_langdetect_finds_and_the_known_words(language: str) -> None:
    """Exactly, for texts in which no letter stands between the same neighbours twice: those count once."""
    weights, vocabulary = profiles.arabic_weights(), profiles.arabic_words()
    rows = {ngram: row for row, ngram in enumerate(weights.ngrams.tolist(), start=1)}
    compared = 0
    for text in [clean(text) for named, text in CORPUS if named == language]:
        words = re.findall(r"[^\W\d_]+", text)
        pieces = [" ".join(words[first : first + 3]) for first in range(0, len(words), 3)]
        for piece in pieces:
            near = list(zip(f" {piece}", piece, f"{piece} "[1:], strict=False))
            if len(set(near)) < len(near) or NGram.normalize("\u06cc") in piece:
                continue
            ngrams = [ngram for letter in ngrams_by_langdetect(piece) for ngram in letter if ngram in rows]
            expected = sum(
                (weights.weights[rows[ngram]] for ngram in ngrams), np.zeros(len(weights.languages))
            )
            cleaned = clean_all([piece])
            numbers = weights.letters.take(cleaned.codes, mode="clip")
            known, _ = vocabulary.words.rows(hashes_of(numbers, np.flatnonzero(numbers))[0])
            expected = expected + vocabulary.weights[known].sum(axis=0)
            scores, lengths = profiles.arabic().scorer.score(cleaned)
            assert lengths[0] == sum(letter.isalpha() for letter in piece)
            assert scores[0] == pytest.approx(expected / np.sqrt(lengths[0]), abs=0.01)
            compared += 1
    assert compared > 10


def test_words_tell_what_three_letters_do_not() -> None:
    """The same letters, n-grams almost alike: only the little words say whose they are."""
    assert detect("کتاب کو میز پر رکھا ہے").language == "ur"
    assert detect("کتاب نوں میز تے رکھیا اے").language == "pnb"


def test_what_ships_is_what_the_manifest_says() -> None:
    manifest = json.loads((profiles.HERE / "MANIFEST.json").read_text("utf-8"))
    shipped = {path.name: path for path in [*profiles.HERE.glob("*.json"), *profiles.HERE.glob("*.npz")]}
    del shipped["MANIFEST.json"]
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in shipped.items()}
    assert digests == manifest["outputs"]
    own = hashlib.sha256((profiles.HERE / "own.tsv").read_bytes()).hexdigest()
    assert own == manifest["inputs"]["own.tsv"]
    assert manifest["version"] == PROFILES_VERSION
    assert sum(path.stat().st_size for path in shipped.values()) < 2_000_000


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


def test_words_ship_as_hashes_in_order_and_not_as_words() -> None:
    for name, languages in (("words-Arab.npz", profiles.ARABIC_SCRIPT), ("words-Latn.npz", profiles.HEARD)):
        with np.load(profiles.HERE / name) as counted:
            assert sorted(counted) == ["hashes", "size", "steps"]
            assert (np.diff(counted["hashes"].astype(np.int64)) > 0).all()
            assert counted["steps"].shape == (len(counted["hashes"]), len(languages))


def test_counting_the_same_lines_again_gives_the_same_words() -> None:
    lines = [Example(language=language, text=clean(text)) for language, text in CORPUS]
    lines = [line for line in lines if line.language in profiles.ARABIC_SCRIPT]
    once, again = (count_words(profiles.arabic_weights(), lines, profiles.ARABIC_SCRIPT) for _ in range(2))
    assert len(once.hashes) > 300
    assert np.array_equal(once.hashes, again.hashes)
    assert np.array_equal(once.steps, again.steps)
    turned = count_words(profiles.arabic_weights(), lines[::-1], profiles.ARABIC_SCRIPT)
    assert np.array_equal(once.steps, turned.steps)
