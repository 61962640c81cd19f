"""Small numbers to find sentences by: an index over texts of any length would be larger than the texts."""

import hashlib

from archiver.store.types import storable
from translations.fold import fold
from translations.languages import primary


def source_key(source: str) -> int:
    """63 bits of the SHA-256 of a segment's text: small enough to index, wide enough to find it by."""
    digest = hashlib.sha256(storable(source).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def folded_key(source: str, language: str) -> int:
    """The same for the form that all spellings of the sentence share in its language."""
    return source_key(spelled_alike(source, language))


def spelled_alike(source: str, language: str) -> str:
    """The form that all spellings of a sentence share."""
    return " ".join(fold(source, primary(language)).split())
