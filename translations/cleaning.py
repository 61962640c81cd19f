"""What posts say in words, without what tells nothing about their language: links, names, marks, stretching.

The same cleaning runs before profiles are built and before texts are scored. It works on many texts at once:
each pattern begins with the one character that announces what it removes, so a search of all the texts
together costs next to nothing where there is nothing to remove.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from translations.letters import BEYOND, kinds_of

# Detection never needs more than this; a book pasted into a post costs no more than a long post.
LONGEST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """Texts as code points, one after the other, a separator before each and after the last."""

    codes: NDArray[np.uint32]
    kinds: NDArray[np.uint8]  # of each code point, as `letters` names them
    bounds: NDArray[np.int64]  # where the separators are: one more than texts

    def text(self, index: int) -> str:
        start, end = self.bounds[index : index + 2]
        return self.codes[start + 1 : end].tobytes().decode("utf-32-le", "surrogatepass")

    def letters(self, kind: int) -> NDArray[np.int64]:
        """How many letters of a kind each text has."""
        return np.diff(np.searchsorted(np.flatnonzero(self.kinds == kind), self.bounds))


def clean(text: str) -> str:
    """The words of a post: those of hashtags too, but not Latin hashtags in an Arabic-script post."""
    return clean_all([text]).text(0)


def clean_all(texts: Sequence[str]) -> Cleaned:
    """`clean` of each."""
    joined = SEPARATOR + SEPARATOR.join(map(_plain, texts)) + SEPARATOR
    if joined.count(SEPARATOR) != len(texts) + 1:
        held = (_plain(text).replace(SEPARATOR, " ") for text in texts)
        joined = SEPARATOR + SEPARATOR.join(held) + SEPARATOR
    return _silenced(_without_names(joined))


def _plain(text: str) -> str:
    text = text[:LONGEST]
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return text
    # Presentation forms, decomposed letters, full-width and "mathematical" Latin.
    return unicodedata.normalize("NFKC", text)[:LONGEST]


SEPARATOR = "\x1e"  # a blank to regular expressions, so that nothing reaches across it


def _without_names(joined: str) -> str:
    """Links, sites, mail, handles, entities, Latin hashtags of Arabic-script texts, "RT"."""
    joined = _LINK.sub(" ", joined)
    joined = _WWW.sub(" ", joined)
    joined = _cut_out(joined, _SITE, _LABEL)
    joined = _cut_out(joined, _HANDLE, _MAILBOX)
    joined = _ENTITY.sub(" ", joined)
    if "#" in joined:
        joined = _without_latin_hashtags(joined)
    return _REPOSTED.sub(SEPARATOR + " ", joined)


_LINK = re.compile(  # t.co links are often glued to the next word
    r"[hHfF][tT][tTpP][pP]?[sS]?://(?:[tT]\.[cC][oO]/[A-Za-z0-9]+|\S+)"
)
_WWW = re.compile(r"[wW](?<![^\W_][wW])[wW][wW]\.\S+")
_SITE = re.compile(
    r"\.(?i:com|org|net|info|pk|af|ir|ly|me|tv|be|co|gov|edu|io)(?![^\W_]|[.-][A-Za-z0-9])(?:/\S*)?"
)
_LABEL = "".join(map(chr, range(128))).translate(
    {code: None for code in range(128) if not chr(code).isalnum()}
)
_LABEL += "-."
_HANDLE = re.compile(r"@[A-Za-z0-9_]+(?:[.@-][A-Za-z0-9_]+)*:?")
_MAILBOX = _LABEL + "_+"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_LATIN_HASHTAG = re.compile(r"#[A-Za-z0-9_]+")
_REPOSTED = re.compile(rf"{SEPARATOR}[^\S{SEPARATOR}]*(?:RT|via)\b:?")


def _cut_out(joined: str, pattern: re.Pattern[str], before: str) -> str:
    """Every match, with the characters `before` that lead to it, becomes a blank."""
    kept, past = [], 0
    for found in pattern.finditer(joined):
        ahead = joined[max(past, found.start() - 250) : found.start()]
        start = found.start() - len(ahead) + len(ahead.rstrip(before))
        if start == found.start() and pattern is _SITE:
            continue  # ".com" after a blank is no site
        kept += [joined[past:start], " "]
        past = found.end()
    return "".join((*kept, joined[past:])) if past else joined


def _without_latin_hashtags(joined: str) -> str:
    """An Arabic-script post tagged #Kabul is no more English for it."""
    end, arabic = 0, False

    def blank(found: re.Match[str]) -> str:
        nonlocal end, arabic
        if found.start() > end:
            start = joined.rindex(SEPARATOR, 0, found.start())
            end = joined.index(SEPARATOR, found.start())
            arabic = _ARABIC.search(joined, start, end) is not None
        return " " if arabic else found[0]

    return _LATIN_HASHTAG.sub(blank, joined)


def _silenced(joined: str) -> Cleaned:
    """Without marks that are not heard, and without stretching (عاااجل, soooo)."""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    said = _SPOKEN.take(codes, mode="clip")
    if not said.all():
        codes, said = codes[said > 0], said[said > 0]
    codes = np.where(said == _BLANK, np.uint32(ord(" ")), codes)
    kinds = kinds_of(codes)
    again = np.zeros(len(codes) + 1, bool)
    again[1:-1] = (codes[1:] == codes[:-1]) & (kinds[1:] > 0)
    # All but the first of three or more; punctuation does not matter here.
    stretched = again[:-1] & (again[1:] | np.concatenate(([False], again[:-2])))
    if stretched.any():
        codes, kinds = codes[~stretched], kinds[~stretched]
    return Cleaned(codes=codes, kinds=kinds, bounds=np.flatnonzero(codes == ord(SEPARATOR)))


def _spoken() -> NDArray[np.uint8]:
    spoken = np.full(BEYOND + 1, _KEPT, np.uint8)
    # Harakat and tatweel are deleted; Kashmiri writes its vowels with U+0654-065F, so those stay.
    spoken[[0x0640, 0x0670, *range(0x0610, 0x061B), *range(0x064B, 0x0654), *range(0x06D6, 0x06EE)]] = 0
    spoken[[0x00AD, 0x061C, 0x200B, 0x200D, 0x200E, 0x200F, 0xFEFF]] = 0
    spoken[[*range(0x202A, 0x202F), *range(0x2060, 0x2070)]] = 0
    # langdetect takes the punctuation and digits of the Arabic block for letters; they end words.
    spoken[[0x200C, ord("_"), 0x06D4, 0x06DD, 0x06DE, 0x06E9, 0x06FD, 0x06FE]] = _BLANK
    spoken[[*range(0x0600, 0x0610), *range(0x061B, 0x061C), *range(0x061D, 0x0620)]] = _BLANK
    spoken[[*range(0x0660, 0x066E), *range(0x06F0, 0x06FA)]] = _BLANK
    return spoken


_KEPT, _BLANK = 1, 2
_SPOKEN = _spoken()
