"""pycld2 (Google's CLD2) as a second opinion on near-ties, for who asked for it.

It reads four letters at a time, where our n-grams read three: on a short text the two seldom err together.
It knows no Punjabi, Kashmiri, South Azerbaijani or Saraiki in Arabic script and calls them Urdu or Persian,
so it is not asked about those.
"""

from translations.errors import NoSecondOpinion

NEAR = 20.0  # it is asked where the likeliest language is less than this many times as likely as the next
UNKNOWN_TO_IT = frozenset({"pnb", "ks", "azb", "skr"})


def require() -> None:
    """Raises NoSecondOpinion where pycld2 is not installed."""
    try:
        import pycld2  # noqa: F401
    except ImportError:
        raise NoSecondOpinion(
            "pycld2 is asked for but not here: pip install 'bilingual-archiver[cld2]', or set cld2 = false"
        ) from None


def second_opinion(text: str) -> str | None:
    """What pycld2 answers, as one of our tags; None where it does not know."""
    import pycld2

    spoken = "".join(letter for letter in text if letter.isprintable())  # it refuses control characters
    try:
        _, _, found = pycld2.detect(spoken.encode("utf-8", "ignore"), isPlainText=True, bestEffort=True)
    except pycld2.error:  # its way to say that a text is not valid to it
        return None
    code = str(found[0][1])
    return {"ku": "ckb", "un": None}.get(code, code)
