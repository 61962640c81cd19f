"""Terms with fixed translations: found in every spelling, and said whatever the model says.

What a model does with a term, measured with 30 nouns in 98 sentences that the demonstration packages know:
put into the source in English, or as a placeholder ("X1"), it was copied 0 times of 196; taken out, the model
said its meaning anyway 96 times of 98, so placing it would have doubled it; and replacing the word that
attention points at hit the wrong word 49 times of 63. So the translation is put into the source, and that
output is taken only where the model copied it exactly as often as it was there; otherwise the model's own
sentence stays whole, and what it does not say itself follows it in brackets, flagged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from translations import languages
from translations.fold import fold, fold_map
from translations.languages import primary

COLUMNS = ("term", "language", "translation", "note")
LONGEST = 200
MOST = 20_000
_ZWNJ = "\u200c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of a language (where `language` is empty, of any) and what it is called, from a line."""

    term: str
    language: str
    translation: str
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A term where it stands: text[start:end], as written there."""

    start: int
    end: int
    term: str
    translation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that is not used, and why."""

    line: int
    why: str


class Glossary:
    """The terms, looked up in text. One with no terms is false."""

    def __init__(self, terms: Sequence[Term] = ()) -> None:
        self.terms = tuple(terms)
        self._by_language: dict[str, _Lookup] = {}

    def __bool__(self) -> bool:
        return bool(self.terms)

    def find(self, text: str, language: str) -> tuple[Use, ...]:
        """The terms in `text`, whole words only, the longest first; none overlaps another."""
        code = primary(language)
        if code not in self._by_language:
            fitting = (t for t in self.terms if primary(t.language or code) == code)
            self._by_language[code] = _Lookup({spelled(t.term, code): t for t in fitting}, code)
        return self._by_language[code].find(text)


def digest(uses: Iterable[Use], language: str) -> str:
    """Names what the terms in a text are called: equal digests, equal demands on it. "" for no terms."""
    return digest_of([(use.term, use.translation) for use in uses], language)


def digest_of(pairs: Iterable[tuple[str, str]], language: str) -> str:
    """The same for (term as written, translation) pairs."""
    told = sorted({(spelled(term, language), translation) for term, translation in pairs})
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:16] if told else ""


def spelled(term: str, language: str) -> str:
    """The form that all spellings of a term share."""
    return " ".join(fold(term, primary(language)).split())


class _Lookup:
    """The terms of one language as one pattern over folded text."""

    def __init__(self, terms: dict[str, Term], language: str) -> None:
        self.terms, self.language = {key: t for key, t in terms.items() if key}, language

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        if not self.terms:
            return None
        longest_first = sorted(self.terms, key=lambda key: (-len(key), key))
        spaced = (r"\s+".join(map(re.escape, key.split(" "))) for key in longest_first)
        return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)")

    def find(self, text: str) -> tuple[Use, ...]:
        if self.pattern is None or not self.pattern.search(fold(text, self.language)):
            return ()
        folded, origins = fold_map(text, self.language)
        found = []
        for match in self.pattern.finditer(folded):
            start = origins[match.start()]
            # Marks and tatweel at the word's end belong to it, though folding leaves nothing of them.
            end = origins[match.end()] if match.end() < len(origins) else len(text)
            while end > start and text[end - 1].isspace():
                end -= 1
            if _ZWNJ in (text[start - 1 : start], text[end : end + 1]):
                continue  # a part of a longer word: inflection is left alone
            term = self.terms[" ".join(match.group().split())]
            found.append(Use(start=start, end=end, term=text[start:end], translation=term.translation))
        return tuple(found)


def read(lines: Iterable[bytes]) -> tuple[Glossary, tuple[Fault, ...]]:
    """A glossary from tab-separated lines with a header (term, language, translation, note), `#` for remarks.

    A row that cannot be used, or says otherwise than an earlier one, is told; the rest counts.
    """
    columns: list[str] | None = None
    kept: dict[tuple[str, str], Term] = {}
    faults: list[Fault] = []
    for number, raw in enumerate(lines, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            faults.append(Fault(line=number, why="this is no UTF-8"))
            continue
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if columns is None:
            columns = [cell.lower() for cell in cells]
            if missing := [name for name in COLUMNS[:3] if name not in columns]:
                faults.append(
                    Fault(
                        line=number, why=f"the header lacks {', '.join(missing)}; write {' '.join(COLUMNS)}"
                    )
                )
                return Glossary(), tuple(faults)
            continue
        row = dict(zip(columns, cells, strict=False))
        term = Term(
            term=row.get("term", ""),
            language=row.get("language", ""),
            translation=row.get("translation", ""),
            note=row.get("note", ""),
            line=number,
        )
        if why := _fault(term) or _clash(term, kept) or ("too many terms" if len(kept) >= MOST else None):
            faults.append(Fault(line=number, why=why))
        else:
            kept[primary(term.language) if term.language else "", spelled(term.term, term.language)] = term
    return Glossary(tuple(kept.values())), tuple(faults)


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def _fault(term: Term) -> str | None:
    for name, text in (("term", term.term), ("translation", term.translation)):
        if not any(map(str.isalnum, text)):
            return f"the {name} is empty"
        if len(text) > LONGEST:
            return f"the {name} has {len(text)} characters; there is room for {LONGEST}"
        if _CONTROL.search(text):
            return f"the {name} holds a control character"
    if term.language and not _TAG.fullmatch(term.language):
        return f"'{term.language[:20]}' is no language; write a tag such as ps, or nothing for any"
    if term.language and primary(term.language) not in {primary(known.tag) for known in languages.known()}:
        return f"no text is ever told to be in '{term.language}'; write a tag such as ps, or nothing for any"
    return None


def _clash(term: Term, kept: dict[tuple[str, str], Term]) -> str | None:
    code = primary(term.language) if term.language else ""
    old = kept.get((code, spelled(term.term, term.language)))
    if old is None:
        return None
    if old.translation == term.translation:
        return f"'{term.term}' stands in line {old.line} already"
    return f"'{term.term}' is called '{old.translation}' in line {old.line}; that counts"
