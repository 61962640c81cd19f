"""n-gram statistics of languages in langdetect's format, and scorers made of them and of its own.

`build` makes the statistics from text; MANIFEST.json says from which. Nothing is read before it is asked
for, and everything is read once: a lock keeps threads from seeing half-loaded profiles, and langdetect's
global factory is left alone.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import langdetect
import numpy as np
from langdetect.detector_factory import DetectorFactory
from numpy.typing import NDArray

from translations.cleaning import Cleaned
from translations.scoring import Counts, Profiles, Scorer, Weights, blend, compiled, read_profiles, weigh
from translations.vocabulary import Vocabulary, vocabulary

VERSION = "3"  # of every answer; it grows when profiles, cleaning or scoring change an answer
HERE = Path(__file__).parent
STOCK = Path(langdetect.__file__).parent / "profiles"

# In the order of the columns. The neighbours are there so that their speakers' posts are not taken for a
# neighbour's.
NEIGHBOURS = ("skr", "bal", "glk", "hac", "kmr-Arab", "sdh")
ARABIC_SCRIPT = ("ps", "ur", "ar", "fa", "sd", "ckb", "ug", "pnb", "ks", "azb", *NEIGHBOURS)
LATIN_SCRIPT = ("en", "az", "uz")
STOCK_ARABIC = ("ar", "fa", "ur")
STOCK_LATIN = (
    *(
        "af",
        "ca",
        "cs",
        "cy",
        "da",
        "de",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "hr",
        "hu",
        "id",
        "it",
        "lt",
        "lv",
        "nl",
        "no",
    ),
    *("pl", "pt", "ro", "sk", "sl", "so", "sq", "sv", "sw", "tl", "tr", "vi"),
)

# Latin-script languages whose words were counted; what is a word of any of them may be one of the others too.
HEARD = ("en", "tr", "fr", "de", "es", "id", "it", "pt", "so", "sw", "az", "uz")
UNHEARD = 0.7

# Who is archived here writes English beside Arabic script; a post in Estonian is one in many thousands.
# Names of people and places would otherwise make Estonian or Tagalog of an English sentence.
# A word or two that several languages share is not Kashmiri either.
LIKELY = {
    "Latn": (dict.fromkeys(HEARD, -0.3) | {"en": 0.0}, -4.0),
    "Arab": ({"ks": -0.3, "azb": -0.5} | dict.fromkeys(NEIGHBOURS, -1.5) | {"skr": -0.7}, 0.0),
}

LENGTHS = (15, 35)  # letters: shorter texts are less sure than their n-grams say

T = TypeVar("T")
_loading = threading.RLock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A scorer, and how sure its scores are: `softmax(score / (flat + short / sqrt(length)) + prior)`."""

    scorer: Scorer
    flat: float
    short: float
    prior: NDArray[np.float64]  # what is known before reading: a log-odds a language
    curves: tuple[NDArray[np.float64], ...] = ()  # per length: chances, and how often such answers are right

    def odds(self, texts: Cleaned, which: NDArray[np.int64]) -> tuple[NDArray[np.float64], Counts]:
        """Log-odds of each language for some of the texts, and how many letters of the script those have."""
        scores, lengths = self.scorer.score(texts)
        doubt = self.flat + self.short / np.sqrt(np.maximum(lengths[which], 1))
        return scores[which] / doubt[:, None] + self.prior, lengths[which]

    def confidences(self, chances: NDArray[np.float64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """How often an answer of such a chance to a text of such a length is right."""
        if not self.curves:
            return chances
        buckets = np.searchsorted(LENGTHS, lengths)
        found = np.empty_like(chances)
        for bucket, (seen, right) in enumerate(self.curves):
            found[buckets == bucket] = np.interp(chances[buckets == bucket], seen, right)
        return np.round(found, 4)


def _once(load: Callable[[], T]) -> Callable[[], T]:
    """Load at the first call, in one thread, and never again."""
    loaded = cache(load)

    def locked() -> T:
        with _loading:
            return loaded()

    return locked


class ProfilesMismatch(Exception):
    """The learnt correction belongs to other n-grams than the installed langdetect gives."""


def load_arabic() -> Model:
    """The languages of Arabic script."""
    return _model(arabic_weights(), "Arab", arabic_words())


def arabic_weights() -> Weights:
    """n-gram probabilities and the learnt correction."""
    weights = weigh(profiles("Arab"), "Arab")
    with np.load(HERE / "correction.npz") as learnt:
        steps, sizes, scale = learnt["steps"], learnt["sizes"], float(learnt["scale"])
    expected = manifest()["ngrams_sha256"]
    if digest_of(weights.ngrams) != expected:
        from importlib.metadata import version  # costs more than the profiles do

        raise ProfilesMismatch(
            f"language profiles do not fit langdetect {version('langdetect')}: run `make profiles` "
            f"or install langdetect {manifest()['langdetect']}"
        )
    return weights.corrected(scale, (steps * sizes).astype(np.float32))


def arabic_words() -> Vocabulary:
    """Frequent words of the languages of Arabic script."""
    with np.load(HERE / "words-Arab.npz") as counted:
        return vocabulary(counted["hashes"], counted["steps"] * counted["size"])


def latin_words(languages: Sequence[str]) -> Vocabulary:
    """Frequent words of some languages of Latin script, and what they say for all of these languages."""
    with np.load(HERE / "words-Latn.npz") as counted:
        hashes, heard = counted["hashes"], counted["steps"] * counted["size"]
    weights = np.repeat(UNHEARD * heard[:, 1:].max(axis=1, keepdims=True), len(languages), axis=1)
    weights[:, [languages.index(language) for language in HEARD]] = heard
    return vocabulary(hashes, weights)


arabic = _once(load_arabic)


def load_latin() -> Model:
    """The languages of Latin script that langdetect or we have profiles for."""
    weights = weigh(profiles("Latn"), "Latn")
    return _model(weights, "Latn", latin_words(weights.languages))


latin = _once(load_latin)


@_once
def stock() -> DetectorFactory:
    """langdetect as it is, seeded, for all other scripts."""
    factory = DetectorFactory()
    factory.load_json_profile([path.read_text("utf-8") for path in sorted(STOCK.iterdir()) if path.is_file()])
    factory.set_seed(0)
    return factory


@cache
def read_manifest() -> dict[str, Any]:
    return json.loads((HERE / "MANIFEST.json").read_text("utf-8"))  # type: ignore[no-any-return]


def manifest() -> dict[str, Any]:
    """What the profiles were built from, and with which settings."""
    return read_manifest()


def _model(weights: Weights, script: str, words: Vocabulary) -> Model:
    likely, unlikely = LIKELY[script]
    prior = np.array([likely.get(language, unlikely) for language in weights.languages])
    curves = tuple(np.array(curve).T for curve in manifest().get("curves", {}).get(script, ()))
    return Model(
        scorer=compiled(weights, words), **manifest()["certainty"][script], prior=prior, curves=curves
    )


def profiles(script: str) -> Profiles:
    """langdetect's and our profiles of a script, blended."""
    ours, theirs = (ARABIC_SCRIPT, STOCK_ARABIC) if script == "Arab" else (LATIN_SCRIPT, STOCK_LATIN)
    return blend(
        read_profiles([(HERE / f"{language}.json").read_text("utf-8") for language in ours], script),
        read_profiles([(STOCK / language).read_text("utf-8") for language in theirs], script),
    )


def digest_of(ngrams: NDArray[np.str_]) -> str:
    """Names a list of n-grams, so that a correction is never applied to other ones."""
    return hashlib.sha256("\n".join(ngrams.tolist()).encode()).hexdigest()
