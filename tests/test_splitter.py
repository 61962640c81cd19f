"""Stock argostranslate finds our sentence ends in the packages that we install, and needs no network."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from translations import demo
from translations.errors import BadPackage
from translations.packages import install, splitter, verify
from translations.segments import split
from translations.translator import Options, Translator


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from minisbd import SBDetect

    file = tmp_path_factory.mktemp("splitter") / "ours.onnx"
    file.write_bytes(splitter.model("ur"))
    return SBDetect(str(file), use_gpu=False)


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_it_ends_sentences_where_we_do(ends: Any, language: str) -> None:
    lines = [source for source, _ in demo.corpus(language) if "\n" not in source]
    for first, second in itertools.pairwise(lines):
        text = f"{first} {second}"
        assert ends.sentences(text) == [segment.text for segment in split(text, language)]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Khan came. He left! Now",
        "U.S. forces left. Vol. 3 is out.",
        "آیا۔گیا۔ ۳۔۵ فیصد",
        "د. محمد راغی. ښه دی",
        "هغه ښه و. بيا راغی.",
        "رقم 3. 4 نه دی. بل دی.",
        "«راځه!» هغه وویل. ولاړ",
        "څه؟! ؟ بيا. پای",
        "قال د. أحمد ذلك.ثم ذهب",
        "see https://a.example/x?y=1. Then he said “go.” And",
        "no mark at all",
    ],
)
def test_marks_that_end_nothing(ends: Any, text: str) -> None:
    assert ends.sentences(text) == [segment.text for segment in split(text)]


def test_the_file_is_the_same_each_time() -> None:
    first = splitter.model("ps")
    splitter.model.cache_clear()
    assert splitter.model("ps") == first


def test_it_is_no_part_of_the_package_and_yet_guarded(tmp_path: Path) -> None:
    package = install(demo.packages()[0], tmp_path / "packages")
    file = package.path / "minisbd" / f"{package.source}.onnx"
    manifest = json.loads((package.path / "manifest.json").read_bytes())
    assert file.relative_to(package.path).as_posix() in manifest["added"]
    verify(package)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(BadPackage, match=rf"{file.name} is not the file that was installed"):
        verify(package)


STOCK = """
import json, socket, sys
sys.modules["stanza"] = type(sys)("stanza")  # imported at the top (3 GB with torch), used for no such package
def refuse(*args, **kwargs): raise SystemExit("the network was touched")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from argostranslate import translate
source, texts = json.load(sys.stdin)
json.dump([translate.translate(text, source, "en") for text in texts], sys.stdout)
"""


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_stock_argostranslate_says_the_same_with_the_network_closed(tmp_path: Path, language: str) -> None:
    package = install(demo.packages()[demo.LANGUAGES.index(language)], tmp_path / "packages")
    lines = [
        source for source, _ in demo.corpus(language) if not {*"_@#\n"} & {*source} and ":/" not in source
    ]
    texts = [f"{a} {b}" for a, b in zip(lines[:40:2], lines[1:40:2], strict=True)]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ARGOS_", "XDG_"))}
    env |= {"ARGOS_PACKAGES_DIR": str(package.path.parent), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", STOCK],
        input=json.dumps([language, texts]),
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ours = Translator([package], options=Options.named("exact"), allow_demo=True)
    assert json.loads(done.stdout) == [ours.translate(text, language).translation for text in texts]
