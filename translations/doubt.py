"""What looks wrong with a machine's translation, so that nobody takes it for certain."""

from __future__ import annotations

import re

from translations.numbers import numbers

FLAGS = {
    "corrected": "a person's words, not a machine's",
    "memory_folded": "a person's translation of the same sentence in another spelling",
    "partial": "only some of its sentences are translated",
    "untranslatable": "no word in it to translate: it is given back as it is",
    "demo_package": "made by a demonstration package, which knows a few hundred sentences",
    "gist_only": "made by a package that gives the gist at best",
    "language_uncertain": "the language is unsure: detected with little confidence, or not the one named",
    "empty": "the model said nothing",
    "copied_source": "the model repeated its input",
    "source_script_left": "words in the source's script are left in the translation",
    "repetition": "the model repeats itself",
    "retried": "the model repeated itself and was asked once more, with repetitions forbidden",
    "length_ratio": "the translation is far too short or too long for its source",
    "number_changed": "the machine does not say a number of the source: it follows in brackets",
    "protected_moved": "a link, handle, hashtag or emoji found no place and stands at the end",
    "glossary_added": "the machine does not say a term of the glossary: it follows in brackets",
    "cut_by_window": "longer than the model reads or writes at once: translated in parts, or cut",
}
"""Every flag a segment can carry, in the order they are shown."""

# Letters of the Arabic script; digits and punctuation of its blocks say nothing about the language.
_ARABIC = re.compile(
    "[\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
    "\ufb50-\ufdff\ufe70-\ufefc]"
)
_IN_ARABIC_SCRIPT = frozenset(
    {"ar", "arc", "az-Arab", "ckb", "fa", "ks", "ku", "pa-PK", "ps", "sd", "ug", "ur"}
)

_SHORTEST, _LONGEST = 0.3, 4.0
_LONG_ENOUGH = 12
_LOOP = re.compile(r"(?<!\w)(\w+(?:\W+\w+){0,5}?)(?:\W+\1(?!\w)){3,}")


def written_in_arabic(language: str) -> bool:
    """Whether texts of this language are in Arabic script."""
    return language in _IN_ARABIC_SCRIPT


def has_arabic(text: str) -> bool:
    """Whether a letter of the Arabic script is in `text`."""
    return _ARABIC.search(text) is not None


def doubts(source: str, translation: str, source_language: str, target_language: str) -> list[str]:
    """The flags that a translation earns by itself, items aside."""
    found = []
    if not any(map(str.isalnum, translation)):
        return ["empty"]
    if " ".join(translation.split()) == " ".join(source.split()):
        found.append("copied_source")
    if (
        written_in_arabic(source_language)
        and not written_in_arabic(target_language)
        and has_arabic(translation)
    ):
        found.append("source_script_left")
    if loops(source, translation):
        found.append("repetition")
    if numbers(source) - numbers(translation):
        found.append("number_changed")
    ratio = len(translation) / max(1, len(source))
    if max(len(source), len(translation)) >= _LONG_ENOUGH and not _SHORTEST <= ratio <= _LONGEST:
        found.append("length_ratio")
    return found


def loops(source: str, translation: str) -> bool:
    """Whether the translation says the same words over and over, and its source does not."""
    return bool(_LOOP.search(translation)) and not _LOOP.search(source)


def in_order(flags: set[str]) -> tuple[str, ...]:
    """`flags` in the order they are shown."""
    return tuple(flag for flag in FLAGS if flag in flags)
