"""Scripts other than Arabic and Latin: the language of one that only one has, or langdetect's choice."""

from collections import Counter
from dataclasses import dataclass

from langdetect.lang_detect_exception import LangDetectException

from translations import profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The likeliest languages of a text, best first."""

    languages: tuple[str, ...]
    chances: tuple[float, ...]
    method: str
    confidences: tuple[float, ...] = ()  # how often such chances are right; the chances, where nobody knows

    def confidence(self, place: int) -> float:
        return self.confidences[place] if self.confidences else self.chances[place]


def by_script(text: str) -> Ranking | None:
    """The language of the script that most letters of a text belong to; None where there is no letter."""
    codes = Counter(ord(letter) for letter in text if letter.isalpha())
    spread = {
        script: sum(count for code, count in codes.items() if script.first <= code <= script.last)
        for script in SCRIPTS
    }
    script = max(SCRIPTS, key=lambda script: spread[script] * script.weight)
    if not spread[script]:
        return None
    if len(script.languages) == 1:
        return Ranking(languages=script.languages, chances=(0.95,), method=f"script/{profiles.VERSION}")
    from importlib.metadata import version  # slow, and seldom needed

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
    return Ranking(
        languages=tuple(_TAGS.get(answer.lang, answer.lang) for answer in answers) or ("und",),
        chances=tuple(round(answer.prob, 4) for answer in answers) or (0.0,),
        method=f"langdetect-{version('langdetect')}/{profiles.VERSION}",
    )


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

SCRIPTS = tuple(
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
