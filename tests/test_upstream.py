"""With Argos's own beam our text is argostranslate.translate's, word for word.

Upstream runs in a process of its own, with stand-ins for what it imports to find sentence ends: stanza (3 GB
with torch) and MiniSBD (which fetches a model from the network).
"""

import itertools
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from translations import demo
from translations.packages import Package, install
from translations.translator import Options, Translator

STANZA = "Pipeline = None\n"
MINISBD = '''
import re
from types import SimpleNamespace

models = SimpleNamespace(list_models=lambda: ["en", "ur", "ar"], cache_dir="")


class SBDetect:
    """Sentences end at a mark followed by a space."""

    def __init__(self, lang, use_gpu=False):
        pass

    def sentences(self, text):
        return re.split(r"(?<=[۔؟.!])\\s+", text)
'''
UPSTREAM = """
import json, sys
from argostranslate import translate

source, texts = json.load(sys.stdin)
json.dump([translate.translate(text, source, "en") for text in texts], sys.stdout)
"""


def upstream(package: Package, texts: list[str], tmp_path: Path) -> list[str]:
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    (stubs / "stanza.py").write_text(STANZA)
    (stubs / "minisbd.py").write_text(MINISBD)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ARGOS_", "XDG_"))}
    env |= {"ARGOS_PACKAGES_DIR": str(package.path.parent), "HOME": str(tmp_path), "PYTHONPATH": str(stubs)}
    env |= {"ARGOS_INTRA_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", UPSTREAM],
        input=json.dumps([package.source, texts]),
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def plain(text: str) -> bool:
    """One sentence, without what upstream loses (underscores) and we keep."""
    return not re.search(r"[۔؟.!؛…](?!$)|[_@#\n]|:/", text)


def strange(sentence: str) -> str:
    """The same words in an order that no model has learnt: the search has to work for its answer."""
    words, mark = sentence.rstrip("۔؟.!").split(), sentence[-1]
    return " ".join(random.Random(sentence).sample(words, len(words))) + mark


@pytest.mark.parametrize("language", demo.LANGUAGES)
def test_our_text_is_upstreams(language: str, tmp_path: Path) -> None:
    package = install(demo.packages()[demo.LANGUAGES.index(language)], tmp_path / "packages")
    sentences = [source for source, _ in demo.corpus(language) if plain(source)]
    assert len(sentences) > 100
    wordy = [sentence for sentence in sentences if not re.search(r"\d", sentence)]  # lost numbers are told
    texts = [*sentences, *map(strange, wordy[:40])]
    texts += [f"{first} {second}" for first, second in itertools.pairwise(sentences[:20])]
    theirs = upstream(package, texts, tmp_path)
    translator = Translator([package], options=Options.named("exact"), allow_demo=True)
    ours = [
        done.translation for _, done in translator.translate_all((None, text, language) for text in texts)
    ]
    assert dict(zip(texts, ours, strict=True)) == dict(zip(texts, theirs, strict=True))
