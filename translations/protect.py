"""What must come back as written: links, e-mails, @handles, #hashtags, emoji, :emoji: codes, quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from translations.quoted import foreign_quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something protected, `text == whole[start:end]`: a link, handle, hashtag, emoji, quote ..."""

    kind: str
    start: int
    end: int
    text: str


# Sentence marks, closing brackets and quotes after a link belong to the sentence, not to the link.
_AFTER_LINK = ".,;:!?…۔؟؛،٪'\"’”»«›)]}>"
_TRAILING = {"link": _AFTER_LINK, "bare": _AFTER_LINK, "handle": ".-", "hashtag": "\u200c\u200d"}
_NOT_IN_LINK = (
    r"\s<>\"“”«»‹›۔؟؛،\x00-\x1f\x7f-\x9f\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
)
# What stands behind a mark begins anew ("...a@b.example", "یا/example.com"), but not within an address.
_BEGINS = r"(?<![a-zA-Z0-9_@])(?<![a-zA-Z0-9_][./])"
_LINK = rf"(?:[a-zA-Z][a-zA-Z0-9+.\-]{{1,15}}://|{_BEGINS}www\d?\.)[^{_NOT_IN_LINK}]+"
# Addresses written without https://: only under endings that are no words of any language we read.
_BARE = (
    rf"{_BEGINS}(?<!-)(?:[a-zA-Z0-9](?:[a-zA-Z0-9\-]{{0,61}}[a-zA-Z0-9])?\.){{1,5}}"
    r"(?:com|org|net|info|edu|gov|mil|int|io|tv|af|pk|ir|sa|ae|qa|iq|sy|eg|ps|uk|eu|de|us|me|ly|news|blog|social|app|dev)"
    rf"(?![\w\-])(?:[:/?#][^{_NOT_IN_LINK}]*)?"
)
_EMAIL = (
    rf"{_BEGINS}(?<![+\-])[a-zA-Z0-9_][a-zA-Z0-9._%+\-]{{0,63}}"
    r"@[a-zA-Z0-9\-]{1,63}(?:\.[a-zA-Z0-9\-]{1,63}){1,5}(?![a-zA-Z0-9\-])"
)
# Combining marks (harakat) and joiners sit inside the words of our languages; \w has no marks in it.
_WORD = (
    r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"
    r"\u200c\u200d]"
)
# A handle of Latin letters ends where the next word's script begins: "@bbcپښتو".
_HANDLE = (
    r"(?:(?<!\w)RT )?(?<![a-zA-Z0-9_+@])(?<![a-zA-Z0-9_][.\-/])@(?:[a-zA-Z0-9_][a-zA-Z0-9_.\-]*"
    r"(?:@[a-zA-Z0-9\-]+(?:\.[a-zA-Z0-9\-]+)+(?::\d+)?)?|\w+)"
)
_TAG = rf"[#＃](?![a-zA-Z]{{2,8}}://)(?:{_WORD}*[^\W\d]{_WORD}*|(?=[\d_]*_){_WORD}+)"
_HASHTAG = rf"(?<![a-zA-Z0-9_&])(?<![a-zA-Z0-9_]/){_TAG}"
_CODE = r"(?<![a-zA-Z0-9_:]):[a-zA-Z][a-zA-Z0-9_+\-]{1,40}:(?![a-zA-Z0-9])"
_EMOJI_BASE = (
    r"[\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2"
    r"\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030"
    r"\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f1e5\U0001f200-\U0001faff]"
)
_EMOJI = (
    r"(?:[0-9#*]\ufe0f?\u20e3"  # keycaps
    r"|[\U0001f1e6-\U0001f1ff]{2}"  # flags
    rf"|{_EMOJI_BASE}[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
    rf"(?:\u200d{_EMOJI_BASE}[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?)*"
    r"|[\U0001f1e6-\U0001f1ff])"
)
_ITEMS = re.compile(
    f"(?P<link>{_LINK})|(?P<email>{_EMAIL})|(?P<bare>{_BARE})|(?P<emoji>{_EMOJI})"
    f"|(?P<handle>{_HANDLE})|(?P<hashtag>{_HASHTAG})|(?P<code>{_CODE})"
)


def items(text: str, language: str | None = None) -> tuple[Item, ...]:
    """The protected items of `text`, in order, none overlapping another.

    Where the `language` is told, what is quoted in a foreign script is one of them, with all that it says.
    """
    quotes = foreign_quotes(text, language)
    if not quotes:
        return _items(text, 0, len(text))
    found: list[Item] = []
    at = 0
    for start, end in quotes:
        found += _items(text, at, start)
        found.append(Item(kind="quote", start=start, end=end, text=text[start:end]))
        at = end
    return (*found, *_items(text, at, len(text)))


# "#Kabul#Herat": what begins right behind a hashtag.
_NEXT_TAG = re.compile(_TAG)


def _items(text: str, at: int, stop: int) -> tuple[Item, ...]:
    found = []
    tagged = False
    while match := (_NEXT_TAG.match(text, at, stop) if tagged else None) or _ITEMS.search(text, at, stop):
        kind = match.lastgroup or "hashtag"
        tagged = kind == "hashtag"
        start, end = match.start(), _end(text, match.start(), match.end(), kind)
        at = end
        found.append(
            Item(kind="link" if kind == "bare" else kind, start=start, end=end, text=text[start:end])
        )
    return tuple(found)


def _end(text: str, start: int, end: int, kind: str) -> int:
    """Where the item really ends: without the punctuation of the sentence around it."""
    trailing = _TRAILING.get(kind, "")
    while end > start + 1 and text[end - 1] in trailing:
        if text[end - 1] == ")" and text.count("(", start, end) >= text.count(")", start, end):
            break  # the bracket was opened inside the link: .../Kabul_(province)
        end -= 1
    return end


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """Protected text in the middle of a sentence; the model is shown core[start:end] instead of `text`.

    That is nothing for a link or a handle, and its words for a hashtag: "in #Kabul" is no sentence without.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shielded:
    """A segment, made ready for the model: only `core` is translated.

    `before` and `after` (items at the edges, with their spaces) go back around the translation; `inner` go
    back into it; `closing` is the sentence mark that stood behind `after` and was lent to the core.
    """

    before: str
    core: str
    after: str
    closing: str
    inner: tuple[Inner, ...]


def shield(text: str, language: str | None = None) -> Shielded | None:
    """`text` made ready for the model, or None when there is no word in it to translate."""
    units = _units(text, items(text, language))
    start, end = _edges(text, units)
    core, inner = _without(text, start, end, [unit for unit in units if start <= unit[0] < end])
    if not any(map(str.isalpha, core)):
        return None
    after, closing = text[end:], ""
    if (mark := _CLOSING.search(after)) and not _CLOSING.search(core):
        # "شکریہ ❤️۔": the model is shown "شکریہ۔", which is a sentence as it knows them.
        after, closing = after[: mark.start()], mark.group()
    return Shielded(
        before=cleaned(text[:start]), core=core + closing, after=cleaned(after), closing=closing, inner=inner
    )


Span = tuple[int, int]
_CLOSING = re.compile(r"[.!?؟۔…]+$")
_SEPARATOR = re.compile(r"\s*[:،,\-–—|]*\s*")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "«": "»", "“": "”", '"': '"', "‹": "›"}


def _units(text: str, found: tuple[Item, ...]) -> list[Span]:
    """What is taken out whole: neighbouring items, the space between them, the brackets around them."""
    units: list[Span] = []
    for item in found:
        start, end = item.start, item.end
        if units and not text[units[-1][1] : start].strip():
            start = units.pop()[0]
        if start and end < len(text) and _BRACKETS.get(text[start - 1]) == text[end]:
            start, end = start - 1, end + 1
        units.append((start, end))
    return units


def _edges(text: str, units: list[Span]) -> Span:
    """Where the part between the items at the two edges begins and ends."""
    start, end = 0, len(text)
    for unit in units:
        if any(map(str.isalnum, text[start : unit[0]])):
            break
        start = unit[1]
    for unit in reversed(units):
        if unit[0] < start or any(map(str.isalnum, text[unit[1] : end])):
            break
        end = unit[0]
    if start and (separator := _SEPARATOR.match(text, start, end)):
        start = separator.end()
    if end < len(text):
        end = start + len(text[start:end].rstrip())
    return start, end


def _without(text: str, start: int, end: int, units: list[Span]) -> tuple[str, tuple[Inner, ...]]:
    """text[start:end] with the units' stand-ins for the units."""
    core = ""
    inner: list[Inner] = []
    for unit in units:
        core += cleaned(text[start : unit[0]])
        start = unit[1]
        taken = cleaned(text[slice(*unit)])
        words = _words(taken)
        if not words and core[-1:].isspace() and not text[start : start + 1].isalnum():
            core = core.rstrip()  # no space is left before the comma that followed the item
        inner.append(Inner(start=len(core), end=len(core) + len(words), text=taken))
        core += words
    return core + cleaned(text[start:end]), tuple(inner)


def _words(unit: str) -> str:
    """What a hashtag in the middle of a sentence says: "#کابل_خبر" -> "کابل خبر"."""
    found = items(unit)
    if len(found) != 1 or found[0].kind != "hashtag" or found[0].text != unit:
        return ""
    return " ".join(unit[1:].replace("_", " ").split())


_CONTROLS = (
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def hashtags(text: str) -> dict[str, str]:
    """The hashtags of `text`, each with its words: {"#کابل_خبر": "کابل خبر"}."""
    return {item.text: _words(item.text) for item in items(text) if item.kind == "hashtag"}


_NOT_FOR_MODELS = re.compile(_CONTROLS)
_BETWEEN_NUMBERS = re.compile(rf"(?<=\d){_CONTROLS}+(?=\d)")


def cleaned(text: str) -> str:
    """`text` without what no model knows and some break on: NUL, controls, bidi marks, lone surrogates.

    Two numbers with nothing else between them do not become one.
    """
    return _NOT_FOR_MODELS.sub("", _BETWEEN_NUMBERS.sub(" ", text))
