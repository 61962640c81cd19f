"""Foreign words in quotation marks: "Breaking news" in an Urdu sentence comes back as it is."""

import re

from translations.doubt import has_arabic, written_in_arabic
from translations.languages import primary

LONGEST = 300
_QUOTED = re.compile(
    "|".join(
        rf"(?<![^\W_]){opens}(?=\S)[^{opens}{closes}\n]{{1,{LONGEST}}}(?<=\S){closes}(?![^\W_])"
        for opens, closes in (('"', '"'), ("“", "”"), ("«", "»"), ("‘", "’"), ("‹", "›"), ("„", "“"))
    )
)


def foreign_quotes(text: str, language: str | None) -> list[tuple[int, int]]:
    """Spans of `text` that are quoted in Latin letters, marks included, where its `language` has others."""
    if language is None or not written_in_arabic(primary(language)):
        return []
    return [found.span() for found in _QUOTED.finditer(text) if _foreign(found.group())]


def _foreign(quoted: str) -> bool:
    return not has_arabic(quoted) and any(c.isascii() and c.isalpha() for c in quoted)
