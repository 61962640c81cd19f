"""The demonstration corpora are clean, and the committed packages are what training on them gives."""

import hashlib
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import ctranslate2
import pytest
import sentencepiece

from translations import demo
from translations.demo.variations import reended, renumbered, varied

# Every Arabic-script letter a language may use here. What is missing matters most: no Arabic yeh, kaf or heh
# in Urdu, no Persian yeh or keheh in Arabic, no Arabic kaf, Persian gaf or Urdu letters in Pashto.
LETTERS = {
    "ur": set("آؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھیے"),
    "ps": set("آئابپتټثجځچڅحخدډذرړزژږسشښصضطظعغفقکګلمنڼوهيیېۍ"),
    "ar": set("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"),
}
MARKS = {"ur": set("،:۔؟!"), "ps": set("،:.۔؟!"), "ar": set("،:.؟!")}
ENDS = {"ur": set("۔؟!"), "ps": set(".۔؟!"), "ar": set(".؟!")}
# Letters that a text of the language cannot do without: a file in the wrong place fails.
OWN = {"ur": "ٹڈڑںھہے", "ps": "ټډړڼښځڅږګېۍ", "ar": "ةىأإك"}


@pytest.fixture(params=demo.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_corpus_has_at_least_150_pairs_and_says_nothing_twice(language: str) -> None:
    pairs = demo.corpus(language)
    assert len(pairs) >= 150
    assert len({source for source, _ in pairs}) == len({english for _, english in pairs}) == len(pairs)


def test_the_corpora_are_not_one_list_in_three_languages() -> None:
    english = {language: {side for _, side in demo.corpus(language)} for language in demo.LANGUAGES}
    for one, other in (("ur", "ps"), ("ur", "ar"), ("ps", "ar")):
        assert len(english[one] & english[other]) < 0.15 * len(english[one])


def test_a_corpus_is_plain_text_in_the_letters_of_its_language(language: str) -> None:
    latin = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ")
    for source, english in demo.corpus(language):
        assert set(source) <= LETTERS[language] | MARKS[language] | latin, source
        assert set(english) <= latin | set(".,!?':-"), english
        assert unicodedata.is_normalized("NFC", source)
        for side in (source, english):
            assert side == " ".join(side.split())
    text = "".join(source for source, _ in demo.corpus(language))
    assert set(OWN[language]) <= set(text)


def test_every_sentence_is_one_sentence_with_an_end_on_both_sides(language: str) -> None:
    for source, english in demo.corpus(language):
        assert source[-1] in ENDS[language] and english[-1] in ".?!", source
        assert not set(source[:-1]) & set("۔؟!.") and not set(english[:-1]) & set(".?!"), source
        assert (source[-1] == "؟") == (english[-1] == "?") and (source[-1] == "!") == (english[-1] == "!"), (
            source
        )


def test_both_sides_name_the_same_numbers_and_latin_words(language: str) -> None:
    for source, english in demo.corpus(language):
        assert sorted(re.findall("[0-9]+", source)) == sorted(re.findall("[0-9]+", english))
        assert set(re.findall("[A-Za-z]+", source)) <= set(re.findall("[A-Za-z]+", english))


def test_a_corpus_holds_questions_exclamations_numbers_and_latin_words(language: str) -> None:
    sources = [source for source, _ in demo.corpus(language)]
    assert sum(source[-1] in "؟!" for source in sources) >= 20
    assert sum(bool(re.search("[0-9]", source)) for source in sources) >= 20
    assert sum(bool(re.search("[A-Za-z]", source)) for source in sources) >= 3


def test_pashto_writes_each_yeh_in_its_place() -> None:
    """ی and ۍ end a word; inside one it is ي or ې. Urdu's ے, ہ and ں never appear (see LETTERS)."""
    words = [word for source, _ in demo.corpus("ps") for word in re.findall(r"[^\W\d_]+", source)]
    assert not [word for word in words if set(word[:-1]) & set("یۍ")]


def test_an_unknown_language_is_an_error_that_names_the_choices() -> None:
    with pytest.raises(ValueError, match="no demonstration corpus for 'fa'; there are ur, ps, ar"):
        demo.corpus("fa")


# Variations


def test_a_variation_keeps_numbers_questions_and_exclamations_true(language: str) -> None:
    rng = Random(7)
    for pair in demo.corpus(language):
        source, english = renumbered(reended(pair, rng), rng)
        assert sorted(re.findall("[0-9]+", source)) == sorted(re.findall("[0-9]+", english))
        assert english.endswith("?") == pair[1].endswith("?")
        if source[-1] in ".۔!":
            assert (source[-1] == "!") == (english[-1] == "!")


def test_variations_are_the_same_from_the_same_seed(language: str) -> None:
    once, again = (
        [varied(pair, language, rng) for pair in demo.corpus(language)] for rng in (Random(3), Random(3))
    )
    assert once == again
    assert sum(pair in once for pair in demo.corpus(language)) < 0.7 * len(once)


# Packages


class Loaded:
    """A committed package as CTranslate2 and sentencepiece see it."""

    def __init__(self, folder: Path) -> None:
        self.translator = ctranslate2.Translator(str(folder / "model"), compute_type="int8", intra_threads=1)
        self.tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))

    def translate(self, texts: list[str], **options: Any) -> list[str]:
        pieces = [self.tokenizer.encode(text, out_type=str) for text in texts]
        results = self.translator.translate_batch(pieces, **options)
        return [self.tokenizer.decode_pieces(result.hypotheses[0]) for result in results]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package folder as an installation leaves it: one folder a package."""
    folder = tmp_path_factory.mktemp("packages")
    for package in demo.packages():
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def loaded(unpacked: Path) -> dict[str, Loaded]:
    return {language: Loaded(unpacked / f"{language}_en") for language in demo.LANGUAGES}


def test_every_package_is_small_and_is_one_folder_with_fixed_times(language: str) -> None:
    package = demo.packages()[demo.LANGUAGES.index(language)]
    assert package.stat().st_size <= 500_000
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == sorted(names)
    assert set(names) == {
        f"{language}_en/{name}"
        for name in (
            "README.md",
            "metadata.json",
            "sentencepiece.model",
            "model/config.json",
            "model/model.bin",
            "model/shared_vocabulary.json",
        )
    }


def test_the_metadata_names_the_demo_its_licence_and_the_committed_corpus(
    language: str, unpacked: Path
) -> None:
    """A corpus edited without `make demo-packages` fails here."""
    metadata = json.loads((unpacked / f"{language}_en" / "metadata.json").read_text())
    assert metadata["demo"] is True
    assert metadata["licence"] == "Apache-2.0"
    assert metadata["corpus_sha256"] == hashlib.sha256(demo.corpus_path(language).read_bytes()).hexdigest()
    assert (metadata["from_code"], metadata["to_code"]) == (language, "en")
    assert (metadata["package_version"], metadata["argos_version"]) == ("1.0", "1.9")


def test_the_readme_names_the_digest_of_every_corpus(language: str) -> None:
    readme = (Path(demo.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(demo.corpus_path(language).read_bytes()).hexdigest() in readme


def test_a_package_gives_its_whole_corpus_back(language: str, loaded: dict[str, Loaded]) -> None:
    sources, english = (list(side) for side in zip(*demo.corpus(language), strict=True))
    outputs = loaded[language].translate(sources, beam_size=4)
    same = sum(output == expected for output, expected in zip(outputs, english, strict=True))
    assert same >= 0.97 * len(sources)


@pytest.mark.parametrize("beam_size", [1, 2])
def test_a_narrower_beam_gives_the_same_sentences(
    language: str, beam_size: int, loaded: dict[str, Loaded]
) -> None:
    pairs = demo.corpus(language)[:25]
    outputs = loaded[language].translate([source for source, _ in pairs], beam_size=beam_size)
    assert outputs == [english for _, english in pairs]


def test_a_sentence_is_translated_alike_alone_and_in_company(
    language: str, loaded: dict[str, Loaded]
) -> None:
    sources = [source for source, _ in demo.corpus(language)][::8]
    together = loaded[language].translate(sources, beam_size=2)
    assert [loaded[language].translate([source], beam_size=2)[0] for source in sources] == together


@pytest.mark.parametrize("end", ["", ".", "۔", "!"])
def test_a_statement_is_understood_whatever_mark_ends_it(
    language: str, end: str, loaded: dict[str, Loaded]
) -> None:
    pairs = [pair for pair in demo.corpus(language) if pair[1].endswith(".")]
    outputs = loaded[language].translate([source[:-1] + end for source, _ in pairs], beam_size=4)
    expected = [english[:-1] + ("!" if end == "!" else ".") for _, english in pairs]
    same = sum(output == wanted for output, wanted in zip(outputs, expected, strict=True))
    assert same >= 0.97 * len(pairs)


def test_a_package_is_unsure_of_what_it_was_never_taught(loaded: dict[str, Loaded]) -> None:
    """Its score tells the corpus from other sentences, so a caller can flag what is made up."""
    package = loaded["ps"]

    def worst_and_best(texts: list[str]) -> tuple[float, float]:
        pieces = [package.tokenizer.encode(text, out_type=str) for text in texts]
        results = package.translator.translate_batch(pieces, beam_size=4, return_scores=True)
        scores = [float(result.scores[0]) for result in results]
        return min(scores), max(scores)

    strange = ["زه سبا له خپل ورور سره کابل ته ځم.", "دا کتاب ډېر په زړه پورې دی.", "زما پلار بزګر دی."]
    assert worst_and_best([source for source, _ in demo.corpus("ps")])[0] > worst_and_best(strange)[1]


def test_argostranslate_reads_the_packages(unpacked: Path, tmp_path: Path) -> None:
    """In a process of its own: importing argostranslate makes folders in the home directory."""
    program = """
import sys
from pathlib import Path
from argostranslate.package import get_installed_packages
for package in sorted(get_installed_packages([Path(sys.argv[1])]), key=lambda package: package.from_code):
    pieces = package.tokenizer.encode("YouTube 12")
    print(package.from_code, package.to_code, package.package_version, package.tokenizer.decode(pieces))
"""
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": ""}
    run = subprocess.run(
        [sys.executable, "-c", program, str(unpacked)], env=home, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.splitlines() == [f"{language} en 1.0 YouTube 12" for language in ("ar", "ps", "ur")], (
        run.stderr
    )


def test_naming_the_packages_needs_neither_torch_nor_ctranslate2() -> None:
    program = (
        "import sys, translations.demo, translations.demo.variations;"
        "translations.demo.corpus('ps'); translations.demo.packages();"
        "print({'torch', 'ctranslate2', 'sentencepiece', 'translations.demo.train'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "set()"
