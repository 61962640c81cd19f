"""Azerbaijani from Latin into Arabic script, the way South Azerbaijani spells its own words.

There is little licensed text in South Azerbaijani and much in North Azerbaijani; the two differ in script
more than in words. Loanwords come out misspelt, which does no harm to n-gram statistics.
"""

import re

_LETTERS = dict(zip("abcçdefgğhxıijkqlmnoöprsştuüvyz", "ابجچدئفگغهخییژکقلمنوؤپرسشتووویز", strict=True))
_AT_THE_START = {
    "a": "آ",
    "ə": "ا",
    "e": "ائ",
    "ı": "ای",
    "i": "ای",
    "o": "او",
    "ö": "اؤ",
    "u": "او",
    "ü": "او",
}
_WORD = re.compile(r"[^\W\d_]+")


def in_arabic_script(text: str) -> str:
    """The words of a Latin-script text, spelt in Arabic script."""
    return " ".join(filter(None, map(_spell, _WORD.findall(text))))


def _spell(word: str) -> str:
    small = word.replace("İ", "i").replace("I", "ı").lower()
    if small == "və":
        return "و"
    first, rest = _AT_THE_START.get(small[0]), small
    if first:
        rest = small[1:]
    final = "ه" if rest.endswith("ə") else ""
    return (first or "") + "".join(_LETTERS.get(letter, "") for letter in rest) + final
