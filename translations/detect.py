"""Which language a post is written in: the same answer every time, and `und` rather than a guess.

A text is cleaned of links and handles, its letters decide the script, and the script decides who is asked:
`scoring` with langdetect's and our n-gram probabilities for Arabic and Latin script, langdetect itself,
seeded, for the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from translations import profiles
from translations.cleaning import Cleaned, clean_all
from translations.languages import normalise, primary
from translations.letters import ARABIC, LATIN, OTHER
from translations.romanised import Romanised, read
from translations.scripts import Ranking, by_script
from translations.second_opinion import NEAR, UNKNOWN_TO_IT, require, second_opinion

PROFILES_VERSION = profiles.VERSION
_SCORED = f"langdetect+ngram/{PROFILES_VERSION}"
_WORDS = f"words/{PROFILES_VERSION}"

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


def detect(text: str, hint: str | None = None, *, cld2: bool = False) -> Detection:
    """The language of one text.

    `hint` is the platform's tag: it breaks near-ties, outvotes nothing. With `cld2`, pycld2 is asked about
    near-ties first; `method` says where it decided. Raises NoSecondOpinion where it is not installed.
    """
    return detect_all([text], [hint], cld2=cld2)[0]


def detect_all(
    texts: Sequence[str], hints: Sequence[str | None] | None = None, *, cld2: bool = False
) -> list[Detection]:
    """The languages of many texts: `detect` of each, but faster."""
    if cld2:
        require()
    if hints is None:
        hints = [None] * len(texts)
    if len(hints) != len(texts):
        raise ValueError(
            f"{len(texts)} texts but {len(hints)} hints: give one hint a text, None where there is none"
        )
    found: list[Detection] = []
    for first in range(0, len(texts), BATCH):
        found += _detect_batch(texts[first : first + BATCH], hints[first : first + BATCH], cld2)
    return found


_NOTHING = Detection(language="und", confidence=0.0, method=f"none/{PROFILES_VERSION}")


def _detect_batch(texts: Sequence[str], hints: Sequence[str | None], cld2: bool) -> list[Detection]:
    cleaned = clean_all(texts)
    arabic, latin, other = (cleaned.letters(kind) for kind in (ARABIC, LATIN, OTHER))
    # Arabic-script posts quote English more than the other way round.
    is_arabic = (2 * arabic >= latin) & (arabic >= other) & (arabic >= FEWEST_LETTERS)
    is_latin = ~is_arabic & (latin >= other) & (latin >= FEWEST_LETTERS)
    is_other = ~is_arabic & ~is_latin & (other >= 1)
    found = [_NOTHING] * len(texts)
    for model, chosen in ((profiles.arabic, is_arabic), (profiles.latin, is_latin)):
        if chosen.any():
            _answer_by_ngrams(model(), cleaned, np.flatnonzero(chosen), hints, cld2, found)
    for index in np.flatnonzero(is_other).tolist():
        ranking = by_script(cleaned.text(index))
        if ranking:
            found[index] = _answer(ranking, hints[index])
    return found


def _answer_by_ngrams(
    model: profiles.Model,
    cleaned: Cleaned,
    which: NDArray[np.int64],
    hints: Sequence[str | None],
    cld2: bool,
    found: list[Detection],
) -> None:
    """Put the answers for these texts where they belong."""
    latin = "en" in model.scorer.languages
    words = {index: read(cleaned.text(index)) for index in which.tolist()} if latin else {}
    chances, lengths = chances_of(model, cleaned, which, [said.english for said in words.values()])
    roman = {index: _romanised(said.romanised) for index, said in words.items() if said.romanised}
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    ordered = np.take_along_axis(chances, best, axis=1)
    sure = [model.confidences(ordered[:, place], lengths) for place in range(3)]
    names = model.scorer.languages
    for index, columns, likely, confidences in zip(
        which.tolist(), best.tolist(), ordered.tolist(), np.stack(sure, axis=1).tolist(), strict=True
    ):
        hint = hints[index]
        near = cld2 and not latin and likely[0] < NEAR * likely[1]
        near = near and UNKNOWN_TO_IT.isdisjoint((names[columns[0]], names[columns[1]]))
        if index in roman:
            found[index] = _answer(roman[index], hint)
        elif not hint and not near:
            found[index] = _plain(names[columns[0]], likely[0], confidences[0], _SCORED)
        else:
            ranking = Ranking(
                languages=tuple(names[column] for column in columns),
                chances=tuple(likely),
                confidences=tuple(confidences),
                method=_SCORED,
            )
            found[index] = _answer(_settled(ranking, cleaned.text(index)) if near else ranking, hint)


def _settled(ranking: Ranking, text: str) -> Ranking:
    """The ranking with pycld2's answer first, where that is among the likeliest."""
    said = second_opinion(text)
    if said not in ranking.languages:
        return ranking
    place = ranking.languages.index(said)
    ranked = (said, *(language for language in ranking.languages if language != said))
    # Two that agree, or a second opinion on what the first left open: both are worth the better chance.
    chances = (max(ranking.chances[0], LEAST_SURE), *(0.0 for _ in ranked[1:]))
    return replace(
        ranking,
        languages=ranked,
        chances=chances,
        confidences=(max(ranking.confidence(0), ranking.confidence(place)), *(0.0 for _ in ranked[1:])),
        method=_with(ranking.method, "cld2"),
    )


def chances_of(
    model: profiles.Model, cleaned: Cleaned, which: NDArray[np.int64], english: Sequence[int] = ()
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What a model makes of some texts: a chance for each language, and how many letters it saw.

    `english` counts the words of each that only English has, where anybody has counted them.
    """
    raised, lengths = model.odds(cleaned, which)
    if english:
        raised[:, model.scorer.languages.index("en")] += ENGLISH_WORD * np.minimum(english, 2)
    raised = np.exp(raised - raised.max(axis=1, keepdims=True))
    return np.round(raised / raised.sum(axis=1, keepdims=True), 4), lengths


def _romanised(found: Romanised) -> Ranking:
    # Two words that could be a coincidence are as good as a coin with a bias; ten are not.
    chance = round(1 - 0.4 / found.found, 4)
    return Ranking(languages=(found.language,), chances=(chance,), method=_WORDS)


def _answer(ranking: Ranking, hint: str | None) -> Detection:
    language, chance = ranking.languages[0], ranking.chances[0]
    if hint:
        wanted = normalise(hint)
        hinted = _hinted(ranking, wanted)
        if hinted is not None:
            return hinted
        if language == "fa" and wanted in _DARI:
            # Dari is Persian to the n-grams; only somebody who knows can tell.
            return Detection(
                language="prs", confidence=ranking.confidence(0), method=_with(ranking.method, "hint")
            )
    return _plain(language, chance, ranking.confidence(0), ranking.method)


@lru_cache(maxsize=4096)
def _plain(language: str, chance: float, confidence: float, method: str) -> Detection:
    if chance < LEAST_SURE:
        return Detection(language="und", confidence=0.0, method=method)
    return Detection(language=language, confidence=confidence, method=method)


def _hinted(ranking: Ranking, wanted: str) -> Detection | None:
    """The hint's language, where the text itself says that it is nearly as likely as the likeliest."""
    asked = {"prs": "fa"}.get(primary(wanted), primary(wanted))
    for place, language in enumerate(ranking.languages[1:], start=1):
        if language == asked and ranking.chances[0] - ranking.chances[place] < NEAR_TIE:
            tag = "prs" if wanted in _DARI else language
            # The hint is evidence too: its language is no less sure than the one it outvotes.
            return Detection(
                language=tag, confidence=ranking.confidence(0), method=_with(ranking.method, "hint")
            )
    return None


_DARI = ("prs", "fa-AF")


def _with(method: str, another: str) -> str:
    said, slash, version = method.rpartition("/")
    return f"{said}+{another}{slash}{version}"
