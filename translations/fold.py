"""Fold the spellings of a word in Arabic script together, so that a search finds all of them.

The same word is typed with Arabic or Persian kaf and yeh, with or without vowel marks, stretched, as
presentation forms, with any of three sets of digits. Search engines fold none of this, so the archive
indexes folded text and folds every query the same way. There are two strengths:

* `fold` (tier 1, what is indexed) only joins spellings of the same word. What is a spelling depends on the
  language: ے and ی are two words' endings in Urdu (کے / کی), so they stay apart.
* `loose` (tier 2, on request) joins look-alikes across languages as well and may join different words.

`FOLD_VERSION` is stored beside folded text; it grows whenever any answer of this module changes.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

FOLD_VERSION = 1


def fold(text: str, language: str | None = None) -> str:
    """The indexed form of `text`, by the rules of its language (a BCP 47 tag); idempotent, never raises."""
    family = _family(language)
    if _HAMZA_MARK.search(text):
        text, _ = _compose(text.translate(_PRESENTATION))
    folded = text.casefold().translate(_TIER_1[family])
    return _MEDIAL_YEH.sub("ی", folded) if family == "ps" else folded


def fold_map(text: str, language: str | None = None) -> tuple[str, list[int]]:
    """`fold(text, language)` and, for each of its code points, the index of the one it came from."""
    family = _family(language)
    origins = list(range(len(text)))
    if _HAMZA_MARK.search(text):
        text, spread = _expand(text, _PRESENTATION)
        text, kept = _compose(text)
        origins = [spread[index] for index in kept]
    folded, spread = _expand(text, _TIER_1[family])
    if family == "ps":
        folded = _MEDIAL_YEH.sub("ی", folded)
    return folded, [origins[index] for index in spread]


def loose(text: str) -> str:
    """The tier 2 key of already folded text: one table for every language."""
    return text.translate(_LOOSE)


# What follows is the table.

_DELETED = (
    *(0x0640, 0x0670),  # tatweel, superscript alef
    *range(0x0610, 0x061B),  # honorifics
    *range(0x064B, 0x0660),  # harakat
    *range(0x06D6, 0x06DD),  # Quranic marks
    *range(0x06DF, 0x06E5),
    *range(0x06E7, 0x06E9),
    *range(0x06EA, 0x06EE),
    *range(0x08CA, 0x08E2),
    *range(0x08E3, 0x0900),
    # Invisible: bidi controls, joiners (not ZWNJ, which has its own rule), soft hyphen, variation selectors.
    *(0x00AD, 0x061C, 0x200B, 0xFEFF),
    *range(0x200D, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    *range(0x2066, 0x206A),
    *range(0xFE00, 0xFE10),
)

_ZWNJ = 0x200C

# Base letter + combining madda or hamza. NFC knows all but the last two, common in Persian and Urdu.
_COMPOSED = {
    "ا\u0653": "آ",
    "ا\u0654": "أ",
    "ا\u0655": "إ",
    "و\u0654": "ؤ",
    "ي\u0654": "ئ",
    "ە\u0654": "ۀ",
    "ہ\u0654": "ۂ",
    "ے\u0654": "ۓ",
    "ی\u0654": "ئ",
    "ه\u0654": "ۀ",
}
_HAMZA_MARK = re.compile("[\u0653-\u0655]")

# Tier 1. Kept on purpose: Arabic أ إ آ ى ة, Urdu ے ھ ں, Pashto ې ۍ ئ and word-final ي, everybody's ؤ ء.
_TIER_1_RULES: dict[str | None, dict[str, str]] = {
    None: {},
    "ar": {"ی": "ي", "کڪ": "ك", "ہھە": "ه", "ٱ": "ا"},
    "fa": {"يى": "ی", "كڪ": "ک", "ہھەۀۂة": "ه", "أإٱ": "ا"},
    "ur": {"يى": "ی", "ۓ": "ے", "كڪ": "ک", "هەۀۂةۃ": "ہ", "أإٱ": "ا"},
    "ps": {"ى": "ی", "ێ": "ې", "كڪ": "ک", "گ": "ګ", "ہھەۀۂ": "ه", "أإٱ": "ا"},
}
# In Pashto a final ي and ی make different words (دي "are", دی "is"); inside a word they are one letter.
_MEDIAL_YEH = re.compile(r"ي(?=[^\W\d_])")

_LOOSE_RULES = {
    "آأإٱٲٳٵ": "ا",
    "يىئېۍےۓێ": "ی",
    "كڪ": "ک",
    "ګ": "گ",
    "ةۀہۂۃەھ": "ه",
    "ؤ": "و",
    "ء": "",
    "ټ": "ٹ",
    "ډ": "ڈ",
    "ړ": "ڑ",
    "ڼں": "ن",
}

_FAMILIES = {
    "ar": "ar",
    "arb": "ar",
    "fa": "fa",
    "pes": "fa",
    "prs": "fa",
    "ur": "ur",
    "ps": "ps",
    "pbt": "ps",
}
_FAMILIES |= dict.fromkeys(("pbu", "pst"), "ps") | dict.fromkeys(
    ("acm", "apc", "ars", "ary", "arz", "ajp"), "ar"
)


@lru_cache(maxsize=256)
def _family(language: str | None) -> str | None:
    """Which tier 1 rules a tag falls under; None (step 0 alone) for a language without rules of its own."""
    return _FAMILIES.get(re.split("[-_]", language, maxsplit=1)[0].lower()) if language else None


def _compose(text: str) -> tuple[str, list[int]]:
    """Join letters with their combining madda or hamza; also the indices of the code points that are left.

    It looks past other marks, which canonical order puts in between, and follows canonical order where a
    letter carries two of them, so that every canonically equivalent input composes alike.
    """
    letters = list(text)
    for base, marks in _mark_runs(text):
        for index in sorted(marks, key=lambda index: unicodedata.combining(text[index])):
            whole = _COMPOSED.get(text[base] + text[index])
            if whole:
                letters[base], letters[index] = whole, ""
                break
    return "".join(letters), [index for index, letter in enumerate(letters) if letter]


def _mark_runs(text: str) -> Iterable[tuple[int, range]]:
    """Every letter that a combining madda or hamza belongs to, with the run of marks after it."""
    past = 0
    for found in _HAMZA_MARK.finditer(text):
        if found.start() < past:
            continue
        base = found.start()
        while base > past and unicodedata.combining(text[base]):
            base -= 1
        end = found.end()
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        yield base, range(base + 1, end)
        past = end


def _expand(text: str, table: Mapping[int, str]) -> tuple[str, list[int]]:
    """`text` folded by a table, and for each code point of the result the index of the one it came from."""
    known = _pieces.setdefault(id(table), {})
    for letter in set(text):
        if letter not in known:
            plain = letter if table is _PRESENTATION else letter.casefold()
            known[letter] = plain.translate(table)
    pieces = [known[letter] for letter in text]
    return "".join(pieces), [index for index, piece in enumerate(pieces) for _ in piece]


_pieces: dict[int, dict[str, str]] = {}  # of each table (they live for ever), what letters become


def _presentation_forms() -> dict[int, str]:
    """Presentation forms to letters, lone marks without the space that NFKC puts under them."""
    forms = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)):
        letters = unicodedata.normalize("NFKC", chr(code))
        if letters != chr(code):
            forms[code] = letters.lstrip() if all(map(unicodedata.combining, letters.strip())) else letters
    return forms


def _per_letter(rules: Mapping[str, str]) -> dict[int, str]:
    return {ord(letter): target for letters, target in rules.items() for letter in letters}


def _tier_1(family: str | None) -> dict[int, str]:
    """Step 0 and the rules of one language as a single table."""
    # `str.translate` is several times slower for what it does not find: the usual letters map to themselves.
    table = {code: chr(code) for code in (*range(0x0250), *range(0x0600, 0x0780), *range(0x2000, 0x2070))}
    table |= dict.fromkeys(_DELETED, "")
    table |= {0x0660 + digit: str(digit) for digit in range(10)} | {
        0x06F0 + digit: str(digit) for digit in range(10)
    }
    table |= {0x066B: ".", 0x066C: ",", _ZWNJ: "" if family == "ar" else " "}
    table |= _per_letter(_TIER_1_RULES[family])
    return table | {code: letters.translate(table) for code, letters in _PRESENTATION.items()}


_PRESENTATION = _presentation_forms()
_TIER_1 = {family: _tier_1(family) for family in _TIER_1_RULES}
_LOOSE = {code: chr(code) for code in range(0x0780)} | _per_letter(_LOOSE_RULES)
