"""What a post says in words, without what tells nothing about its language: links, names, marks, stretching.

The same cleaning runs before profiles are built and before a text is scored.
"""

import re
import unicodedata

# Detection never needs more than this; a book pasted into a post costs no more than a long post.
LONGEST = 20_000


def clean(text: str) -> str:
    """The words of a post: those of hashtags too, but not Latin hashtags in an Arabic-script post."""
    text = text[:LONGEST]
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        # Presentation forms, decomposed letters, full-width and "mathematical" Latin.
        text = unicodedata.normalize("NFKC", text)[:LONGEST]
    if "//" in text or "." in text:
        text = _LINK.sub(" ", text)
    if "@" in text:
        text = _HANDLE.sub(" ", _MAIL.sub(" ", text))
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    if "#" in text and _ARABIC.search(text):
        text = _LATIN_HASHTAG.sub(" ", text)
    text = _REPOSTED.sub(" ", text).translate(_SILENT)
    return _RUN.sub(r"\1", text)


_LINK = re.compile(
    r"https?://t\.co/[A-Za-z0-9]+"  # often glued to the next word
    r"|(?:https?|ftp)://\S+"
    r"|\bwww\.\S+"
    r"|\b(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|info|pk|af|ir|ly|me|tv|be|co|gov|edu|io)\b(?:/\S*)?",
    re.IGNORECASE | re.ASCII,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,255}\.[\w.-]{1,255}", re.ASCII)
_HANDLE = re.compile(r"@\w+(?:[.@-]\w+)*:?", re.ASCII)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_LATIN_HASHTAG = re.compile(r"#\w+(?!\w)", re.ASCII)
_REPOSTED = re.compile(r"^\s*(?:RT|via)\b:?")
# Stretched words: عاااجل, soooo. Punctuation does not matter here.
_RUN = re.compile(r"([^\W\d_])\1{2,}")

# Harakat and tatweel are deleted; Kashmiri writes its vowels with U+0654-065F, so those are kept as letters.
_SILENT: dict[int, str] = dict.fromkeys(
    (0x0640, 0x0670, *range(0x0610, 0x061B), *range(0x064B, 0x0654), *range(0x06D6, 0x06EE)), ""
)
_SILENT |= dict.fromkeys(
    (0x00AD, 0x061C, 0x200B, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF),
    "",
)
# langdetect takes the punctuation and digits of the Arabic block for letters; they end words.
_SILENT |= dict.fromkeys(
    (0x200C, ord("_"), *range(0x0600, 0x0610), *range(0x061B, 0x0620), *range(0x0660, 0x066E), 0x06D4), " "
)
_SILENT |= dict.fromkeys((*range(0x06F0, 0x06FA), 0x06DD, 0x06DE, 0x06E9, 0x06FD, 0x06FE), " ")
