"""The small ways in which a post differs from the corpus sentence it says again.

Posts drop the full stop or use another, write the same sentence with another number, type their digits or
letters on another keyboard. The trainer shows every sentence in such clothes too, so that none is a surprise.
"""

import re
from random import Random

Pair = tuple[str, str]

_STOPS = (".", "۔")
_NUMBER = re.compile("[0-9]+")
_DIGITS = {
    "ur": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    "ps": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    "ar": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
}
# What each language looks like when it is typed on a neighbour's keyboard, or in haste.
_KEYBOARDS = {
    "ur": (str.maketrans("یک", "يك"), str.maketrans("ہ", "ه")),
    "ps": (str.maketrans("ګ", "گ"), str.maketrans("ي", "ی"), str.maketrans("کګ", "كگ")),
    "ar": (str.maketrans("أإآ", "ااا"), str.maketrans("ىة", "يه")),
}


def varied(pair: Pair, language: str, rng: Random) -> Pair:
    """The pair in other clothes: the English still says what the sentence says."""
    for chance, change in ((0.7, renumbered), (0.6, reended)):
        if rng.random() < chance:
            pair = change(pair, rng)
    source, english = pair
    if rng.random() < 0.15:
        source = source.replace("،", "")
    if rng.random() < 0.2:
        source = source.translate(_DIGITS[language])
    if rng.random() < 0.2:
        source = source.translate(rng.choice(_KEYBOARDS[language]))
    return source, english


def renumbered(pair: Pair, rng: Random) -> Pair:
    """The same statement about other numbers, if both sides name the same ones; else the pair as it is."""
    source, english = pair
    numbers = set(_NUMBER.findall(source))
    if not numbers or numbers != set(_NUMBER.findall(english)):
        return pair
    others = {number: _number_like(number, rng) for number in sorted(numbers)}
    return tuple(_NUMBER.sub(lambda found: others[found[0]], side) for side in (source, english))  # type: ignore[return-value]


def reended(pair: Pair, rng: Random) -> Pair:
    """Another end mark, or none: English exclaims when the sentence does, and always has a mark."""
    source, english = pair
    bare = source.rstrip(".۔!؟")
    if english.endswith("?"):
        return bare + rng.choice(("", "؟", "?", "؟؟")), english
    end = rng.choice(("", "", *_STOPS, "!", "!!"))
    if not end:
        return bare, english
    return bare + end, english.rstrip(".!") + ("!" if "!" in end else ".")


def _number_like(number: str, rng: Random) -> str:
    """Another number as long as this one, never 0 or 1, so that plurals stay right."""
    shortest = 2 if len(number) == 1 else 10 ** (len(number) - 1)
    return str(rng.randrange(shortest, 10 ** len(number)))
