"""Tell Urdu and Arabic typed in Latin letters from English and other languages of Latin script.

No licensed text in either is at hand, so there are no n-gram profiles: these are common words, written down
by us, that are rare in other languages. Words that English, Turkish or Indonesian also use are left out.
"""

import re
from dataclasses import dataclass

from translations import romanised_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Romanised:
    """How much of a text is made of the common words of a romanised language."""

    language: str
    share: float  # of all its words
    found: int  # different ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the words of a Latin-script text show."""

    english: int  # different ones that are frequent in English and in no other language
    romanised: Romanised | None  # the romanised language, where the words show one beyond doubt


def read(text: str) -> Words:
    """What the words of a text show.

    English sentences full of names (Khan, Shah, Sami) have no words of romanised languages and stay English.
    """
    words = _WORD.findall(text.lower())
    different = frozenset(words)
    english = len(_ONLY_ENGLISH & different)
    spelt = frozenset(filter(_ARABIZI.fullmatch, different)) if _DIGIT.search(text) else frozenset()
    common = len(_ENGLISH & different)
    best: Romanised | None = None
    for language, vocabulary in _VOCABULARIES.items():
        hits = vocabulary & different
        telling = len(hits - _ELSEWHERE)
        if language == "ar-Latn":
            hits |= spelt
            telling += len(spelt) if len(spelt) > 1 else 0  # one may be the name of a thing: mp3
        if not telling and len(hits) < 4:
            continue
        if len(hits) + telling >= 2 and (len(hits) > common or telling > max(2, common // 2)):
            share = sum(word in hits for word in words) / len(words)
            few = common > 0 or len(hits) < 2
            if share >= (LEAST_SHARE if few else LEAST_SHARE / 2) and (not best or share > best.share):
                best = Romanised(language=language, share=share, found=len(hits))
    return Words(english=english, romanised=best)


LEAST_SHARE = 0.2  # of all words; half of it where several are found and no English ones

_WORD = re.compile(r"(?:[^\W_]|['’ʻ‘])+")
_DIGIT = re.compile("[2-9]")
# Digits inside words stand for Arabic letters: 3 for ain, 7 for ha, 9 for qaf, 5 for kha, 2 for hamza.
_ARABIZI = re.compile(
    r"(?=.*[a-z]{2})[a-z]*[23579][a-z]+[a-z23579]*|(?=.*[a-z]{2})[a-z]+[379][a-z]*|[23579][a-z]+[379][a-z]+[379a-z]*"
)

_ENGLISH, _ELSEWHERE = (
    frozenset(words.split()) for words in (romanised_words.ENGLISH, romanised_words.ELSEWHERE)
)
_ONLY_ENGLISH = frozenset(romanised_words.ONLY_ENGLISH.split())
_VOCABULARIES = {
    "ur-Latn": frozenset(romanised_words.URDU.split()),
    "ar-Latn": frozenset(romanised_words.ARABIC.split()),
}
