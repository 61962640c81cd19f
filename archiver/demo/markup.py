"""Where links, handles and hashtags stand in a post, for platforms that mark them up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

_PIECE = re.compile(r"(?P<link>https?://\S+)|#(?P<tag>[\w\u200c]+)|@(?P<mention>[\w.]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    kind: Literal["text", "link", "tag", "mention"]
    text: str
    start: int


def pieces(text: str) -> Iterator[Piece]:
    """The text cut at links, hashtags and mentions; joined again it is the same text."""
    end = 0
    for match in _PIECE.finditer(text):
        if match.start() > end:
            yield Piece(kind="text", text=text[end : match.start()], start=end)
        yield Piece(kind=match.lastgroup or "text", text=match.group(), start=match.start())  # type: ignore[arg-type]
        end = match.end()
    if end < len(text):
        yield Piece(kind="text", text=text[end:], start=end)


def html(text: str) -> str:
    return escape(text).replace("\n", "<br/>")
