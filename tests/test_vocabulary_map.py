"""A vocabulary map makes a model faster; it is used where it changes nothing, or where it is asked for."""

import json
import zipfile
from pathlib import Path

import pytest

from translations import demo
from translations.errors import BadPackage
from translations.packages import Package, install, installed, verify, vocabulary
from translations.packages.samples import SIZE, sample
from translations.translator import Options, Translator

UR = demo.packages()[0]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """The demonstration's package, as if it were large enough for a map to matter."""
    monkeypatch.setattr(vocabulary, "SMALLEST", 100)
    return install(UR, tmp_path / "packages")


@pytest.fixture
def narrow(tmp_path: Path) -> Package:
    """The same with a map of its own, which lacks nearly every piece."""
    file = tmp_path / "narrow.argosmodel"
    with zipfile.ZipFile(UR) as whole, zipfile.ZipFile(file, "w") as made:
        for name in whole.namelist():
            made.writestr(name, whole.read(name))
        made.writestr("ur_en/model/vmap.txt", "\t▁the ▁a ▁in .\n")
    return install(file, tmp_path / "narrow")


def texts(package: Package, options: Options) -> list[str]:
    translate = Translator([package], options=options, allow_demo=True)
    return [translate.translate(source, "ur").translation for source, _ in demo.corpus("ur")[:60]]


def test_a_map_holds_every_piece_without_foreign_letters(package: Package) -> None:
    first, _, kept = (
        (package.path / "model/vmap.txt").read_text(encoding="utf-8").rstrip("\n").partition("\t")
    )
    known = json.loads((package.path / "model/shared_vocabulary.json").read_bytes())
    assert first == ""
    assert set(kept.split(" ")) == {piece for piece in known if vocabulary.latin(piece)}
    assert 0.3 < len(kept.split(" ")) / len(known) < 0.7


@pytest.mark.parametrize(
    ("piece", "fits"),
    [
        *((piece, True) for piece in ("▁the", "é", "12", "۱۲", "!", "<s>", "▁😀", "'")),
        *((piece, False) for piece in ("▁کا", "aک", "ً", "д", "中")),
    ],
)
def test_digits_and_marks_are_anybodys(piece: str, fits: bool) -> None:
    assert vocabulary.latin(piece) is fits


def test_a_map_that_leaves_the_sample_unchanged_is_used_and_named(package: Package) -> None:
    assert (package.has_map, package.map_checked) == (True, True)
    manifest = json.loads((package.path / "manifest.json").read_bytes())
    assert manifest["vocabulary_map"]["sample"] == manifest["vocabulary_map"]["same"] == SIZE
    done = Translator([package], allow_demo=True).translate(demo.corpus("ur")[0][0], "ur")
    assert str(done.options) == "method=3 beam=2 map=1"
    assert str(Options(vocabulary="whole").on(package)) == "method=3 beam=2"
    assert texts(package, Options()) == texts(package, Options(vocabulary="whole"))


def test_a_map_that_changes_the_sample_is_used_only_when_asked_for(narrow: Package) -> None:
    assert (narrow.has_map, narrow.map_checked) == (True, False)
    assert str(Options().on(narrow)) == "method=3 beam=2"
    assert str(Options(vocabulary="mapped").on(narrow)) == "method=3 beam=2 map=1"
    (source, english), *_ = demo.corpus("ur")
    assert Translator([narrow], allow_demo=True).translate(source, "ur").translation == english
    asked = Translator([narrow], options=Options(vocabulary="mapped"), allow_demo=True)
    said = asked.translate(source, "ur").translation.rstrip(".").split()
    # What the map leaves no piece for is copied from the source, as every unknown piece is.
    assert said and all(word in ("the", "a", "in") or not vocabulary.latin(word) for word in said)


def test_our_map_is_no_part_of_a_packages_identity_and_its_own_is(
    package: Package, narrow: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    plain = install(UR, tmp_path / "plain")
    assert not plain.has_map
    assert package.sha256 == plain.sha256 != narrow.sha256
    assert installed(package.path.parent) == (package,)
    verify(package)


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_map_that_was_tampered_with_is_refused(package: Package, harm: str) -> None:
    file = package.path / "model/vmap.txt"
    file.unlink() if harm == "gone" else file.write_text("\t▁the\n", encoding="utf-8")
    with pytest.raises(BadPackage, match=r"model/vmap\.txt"):
        verify(package)


@pytest.mark.parametrize(
    ("language", "size"), [("ur", SIZE), ("ps", SIZE), ("ar", SIZE), ("fa", 12), ("sd", 0)]
)
def test_samples_are_small_and_of_the_language(language: str, size: int) -> None:
    assert len(set(sample(language))) == size


def test_no_map_for_a_target_in_arabic_letters(package: Package) -> None:
    (package.path / "model/vmap.txt").unlink()
    assert vocabulary.write(package.path, "ur") is None
    assert vocabulary.write(package.path, "en")


def test_an_unknown_vocabulary_is_an_error_that_names_the_choices() -> None:
    with pytest.raises(ValueError, match="no vocabulary 'half'; there are: auto, whole, mapped"):
        Options(vocabulary="half")
