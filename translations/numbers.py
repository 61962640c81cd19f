"""Numbers and dates, in whichever of the three sets of digits: whether a translation says the same ones."""

import re
from collections import Counter
from collections.abc import Iterable

_THOUSANDS = re.compile(r"(?<=\d)[,٬](?=\d{3}(?!\d))")
# A date, a time, a decimal or a telephone number is one: ۱۴۰۳/۵/۱۲, 10:30, ٣٫١٤, 0093-70-1234567.
_NUMBER = re.compile(r"[+]?\d(?:[\d.,:/٫٬\-]*\d)?[%٪]?")


def numbers(text: str) -> Counter[int]:
    """The numbers in `text` by their value; 6:25 and 3.5 are two each."""
    return Counter(int(digits) for digits in re.findall(r"\d{1,30}", _THOUSANDS.sub("", text)))


def missing_numbers(sources: Iterable[str], translation: str) -> list[str]:
    """The numbers of the sources, as they are written there, that the translation does not say."""
    said = numbers(translation)
    missing = []
    for number in (found.group() for source in sources for found in _NUMBER.finditer(source)):
        wanted = numbers(number)
        if wanted <= said:
            said -= wanted
        else:
            missing.append(number)
    return missing
