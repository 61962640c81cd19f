"""Which language a post is written in: the same answer every time, and `und` rather than a guess.

A text is cleaned of links and handles, its letters decide the script, and the script decides who is asked:
`scoring` with langdetect's and our n-gram probabilities for Arabic and Latin script, langdetect itself,
seeded, for the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version

import numpy as np
from langdetect.lang_detect_exception import LangDetectException
from numpy.typing import NDArray

from translations import profiles
from translations.cleaning import clean
from translations.languages import normalise, primary
from translations.romanised import english_words, romanised
from translations.scoring import ALPHABETS

PROFILES_VERSION = profiles.VERSION
_SCORED = f"langdetect+ngram/{PROFILES_VERSION}"
_WORDS = f"words/{PROFILES_VERSION}"
_HINTED = "+hint"

BATCH = 512  # texts scored together; only speed depends on it
FEWEST_LETTERS = 2
LEAST_SURE = 0.4  # below it the answer is `und`
ENGLISH_WORD = 4.5  # log-odds: one "the" outweighs the n-grams of several Afghan names
NEAR_TIE = 0.15  # an answer by less than this gives way to the platform's hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A BCP 47 tag, how often such an answer is right (0 to 1), and what said so."""

    language: str
    confidence: float
    method: str


def detect(text: str, hint: str | None = None) -> Detection:
    """The language of one text. `hint` is the platform's tag: it breaks near-ties, outvotes nothing."""
    return detect_all([text], [hint])[0]


def detect_all(texts: Sequence[str], hints: Sequence[str | None] | None = None) -> list[Detection]:
    """The languages of many texts: `detect` of each, but faster."""
    if hints is None:
        hints = [None] * len(texts)
    if len(hints) != len(texts):
        raise ValueError(
            f"{len(texts)} texts but {len(hints)} hints: give one hint a text, None where there is none"
        )
    found: list[Detection] = []
    for first in range(0, len(texts), BATCH):
        found += _detect_batch(texts[first : first + BATCH], hints[first : first + BATCH])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranking:
    """The likeliest languages of a text, best first."""

    languages: tuple[str, ...]
    chances: tuple[float, ...]
    method: str


_NOTHING = Detection(language="und", confidence=0.0, method="none")


def _detect_batch(texts: Sequence[str], hints: Sequence[str | None]) -> list[Detection]:
    cleaned = [clean(text) for text in texts]
    arabic, latin, other = _letters(cleaned).T
    # Arabic-script posts quote English more than the other way round.
    is_arabic = (2 * arabic >= latin) & (arabic >= other) & (arabic >= FEWEST_LETTERS)
    is_latin = ~is_arabic & (latin >= other) & (latin >= FEWEST_LETTERS)
    is_other = ~is_arabic & ~is_latin & (other >= 1)
    rankings: dict[int, _Ranking] = {}
    for model, chosen in ((profiles.arabic, is_arabic), (profiles.latin, is_latin)):
        which = np.flatnonzero(chosen).tolist()
        if which:
            rankings |= zip(which, _rank(model(), [cleaned[index] for index in which]), strict=True)
    for index in np.flatnonzero(is_latin).tolist():
        rankings[index] = _romanised(cleaned[index]) or rankings[index]
    for index in np.flatnonzero(is_other).tolist():
        ranking = _other_script(cleaned[index])
        if ranking:
            rankings[index] = ranking
    return [
        _answer(rankings[index], hint) if index in rankings else _NOTHING for index, hint in enumerate(hints)
    ]


def _rank(model: profiles.Model, texts: Sequence[str]) -> Iterator[_Ranking]:
    scores, lengths = model.scorer.score(texts)
    doubt = model.flat + model.short / np.sqrt(np.maximum(lengths, 1))
    raised = scores.astype(np.float64) / doubt[:, None] + model.prior
    if "en" in model.scorer.languages:
        english = np.array([min(2, english_words(text)) for text in texts])
        raised[:, model.scorer.languages.index("en")] += ENGLISH_WORD * english
    raised = np.exp(raised - raised.max(axis=1, keepdims=True))
    chances = raised / raised.sum(axis=1, keepdims=True)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    for row, columns in zip(chances, best, strict=True):
        yield _Ranking(
            languages=tuple(model.scorer.languages[column] for column in columns),
            chances=tuple(round(float(row[column]), 4) for column in columns),
            method=_SCORED,
        )


def _romanised(text: str) -> _Ranking | None:
    found = romanised(text)
    if found is None:
        return None
    # Two words that could be a coincidence are as good as a coin with a bias; ten are not.
    chance = round(1 - 0.4 / found.found, 4)
    return _Ranking(languages=(found.language,), chances=(chance,), method=_WORDS)


def _other_script(text: str) -> _Ranking | None:
    """The language of a script that only one has, or langdetect's own choice among those that share it."""
    codes = [ord(letter) for letter in text if letter.isalpha()]
    spread = {script: sum(script.first <= code <= script.last for code in codes) for script in _SCRIPTS}
    script = max(_SCRIPTS, key=lambda script: spread[script] * script.weight)
    if not spread[script]:
        return None
    if len(script.languages) == 1:
        return _Ranking(languages=script.languages, chances=(0.95,), method="script")
    detector = profiles.stock().create()
    possible = [
        name for name in script.languages if name not in _OWN_LETTERS or _OWN_LETTERS[name] & set(text)
    ]
    # The first one named has by far the most speakers; short texts would make Nepali of Hindi.
    detector.set_prior_map({name: 1.0 if name == script.languages[0] else 0.05 for name in possible})
    detector.append(text)
    try:
        answers = detector.get_probabilities()
    except LangDetectException:  # its way to say that it knows no n-gram of the text
        return None
    return _Ranking(
        languages=tuple(_TAGS.get(answer.lang, answer.lang) for answer in answers) or ("und",),
        chances=tuple(round(answer.prob, 4) for answer in answers) or (0.0,),
        method=f"langdetect/{version('langdetect')}",
    )


def _answer(ranking: _Ranking, hint: str | None) -> Detection:
    language, chance = ranking.languages[0], ranking.chances[0]
    if hint:
        wanted = normalise(hint)
        hinted = _hinted(ranking, wanted)
        if hinted is not None:
            return hinted
        if language == "fa" and wanted in ("prs", "fa-AF"):
            # Dari is Persian to the n-grams; only somebody who knows can tell.
            return Detection(language="prs", confidence=chance, method=ranking.method + _HINTED)
    if chance < LEAST_SURE:
        return replace(_NOTHING, method=ranking.method)
    return Detection(language=language, confidence=chance, method=ranking.method)


def _hinted(ranking: _Ranking, wanted: str) -> Detection | None:
    """The hint's language, where the text itself says that it is nearly as likely as the likeliest."""
    asked = {"prs": "fa"}.get(primary(wanted), primary(wanted))
    for language, chance in list(zip(ranking.languages, ranking.chances, strict=True))[1:]:
        if language == asked and ranking.chances[0] - chance < NEAR_TIE:
            tag = "prs" if wanted in ("prs", "fa-AF") else language
            return Detection(language=tag, confidence=chance, method=ranking.method + _HINTED)
    return None


def _letters(texts: Sequence[str]) -> NDArray[np.int64]:
    """How many letters of Arabic, Latin and other scripts each text has."""
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds()[np.where(codes < 0x10000, codes, 0)]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    owners = np.repeat(np.arange(len(texts)), lengths)
    counted = np.bincount(owners * 4 + kinds, minlength=4 * len(texts)).reshape(-1, 4)
    return counted[:, 1:]


@cache
def _kinds() -> NDArray[np.uint8]:
    """Code point -> 0 no letter, 1 Arabic, 2 Latin, 3 any other script."""
    kinds = np.zeros(0x10000, np.uint8)
    for first, last in ((0x0370, 0x0620), (0x0700, 0xD800), (0xF900, 0xFB50)):
        kinds[first:last] = [3 if chr(code).isalpha() else 0 for code in range(first, last)]
    for number, codes in (
        (1, _codes(ALPHABETS["Arab"], 0x0750, 0x08FF)),
        (2, _codes(ALPHABETS["Latn"], 0x2C60, 0x2C7F)),
    ):
        kinds[list(codes)] = number
    return kinds


def _codes(alphabet: Iterable[int], first: int, last: int) -> set[int]:
    more = {code for code in range(first, last + 1) if chr(code).isalpha()}
    return set(alphabet) | {code for code in more if not (0x0780 <= code < 0x0870)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    """Code points and the languages written in them, by langdetect's names where it has to choose."""

    languages: tuple[str, ...]
    first: int
    last: int
    weight: int = 1


# Without any of these letters a text is not in that language.
_OWN_LETTERS = {"uk": set("іїєґІЇЄҐ"), "mk": set("јљњќѓџѕЈЉЊЌЃЏЅ")}
# langdetect's names that are not BCP 47.
_TAGS = {"zh-cn": "zh-Hans", "zh-tw": "zh-Hant"}

_SCRIPTS = tuple(
    _Script(languages=tuple(languages.split()), first=first, last=last, weight=weight)
    for languages, first, last, weight in (
        ("el", 0x0370, 0x03FF, 1),
        ("ru uk bg mk", 0x0400, 0x052F, 1),
        ("hy", 0x0530, 0x058F, 1),
        ("he", 0x0590, 0x05FF, 1),
        ("syr", 0x0700, 0x074F, 1),
        ("dv", 0x0780, 0x07BF, 1),
        ("hi mr ne", 0x0900, 0x097F, 1),
        ("bn", 0x0980, 0x09FF, 1),
        ("pa", 0x0A00, 0x0A7F, 1),
        ("gu", 0x0A80, 0x0AFF, 1),
        ("or", 0x0B00, 0x0B7F, 1),
        ("ta", 0x0B80, 0x0BFF, 1),
        ("te", 0x0C00, 0x0C7F, 1),
        ("kn", 0x0C80, 0x0CFF, 1),
        ("ml", 0x0D00, 0x0D7F, 1),
        ("si", 0x0D80, 0x0DFF, 1),
        ("th", 0x0E00, 0x0E7F, 1),
        ("lo", 0x0E80, 0x0EFF, 1),
        ("bo", 0x0F00, 0x0FFF, 1),
        ("my", 0x1000, 0x109F, 1),
        ("ka", 0x10A0, 0x10FF, 1),
        ("am", 0x1200, 0x137F, 1),
        ("km", 0x1780, 0x17FF, 1),
        # Japanese is mostly Chinese characters: a few kana decide.
        ("ja", 0x3040, 0x30FF, 10),
        ("ko", 0xAC00, 0xD7AF, 3),
        ("zh-cn zh-tw", 0x4E00, 0x9FFF, 1),
    )
)
