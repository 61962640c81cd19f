"""Moses: two plain files aligned line by line, and with them the ids, the scores and all other facts.

Line n of every file belongs to pair n: NAME.ps the originals, NAME.en the translations, NAME.ids, NAME.scores
(empty where unknown), NAME.facts.jsonl. Every line break of Unicode inside a text becomes a space.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from archiver.exports._pairs import Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports.jsonl import json_line

SHAPE = Shape(a_language=True, folder=True)
# What `str.splitlines` breaks at, and what UTF-8 cannot hold.
_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NOT_UTF8 = re.compile("[\x00\ud800-\udfff]")


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    assert part.languages
    names = (*part.languages, "ids", "scores", "facts.jsonl")
    source, target, ids, scores, rest = (part.open(f"{part.stem}.{name}") for name in names)

    def plain(text: str) -> bytes:
        kept, left_out = _NOT_UTF8.subn("", text)
        if left_out:
            part.counted["characters left out"] += left_out
        one_line, breaks = _BREAK.subn(" ", kept)
        if breaks:
            part.counted["line breaks made spaces"] += breaks
        return one_line.encode() + b"\n"

    def add(pair: Pair) -> None:
        source.write(plain(pair.source))
        target.write(plain(pair.target or ""))
        ids.write(f"{pair.id}\n".encode())
        scores.write(b"\n" if pair.score is None else f"{pair.score:.6g}\n".encode())
        rest.write(json_line({"id": pair.id, **dict(facts(pair))}))

    yield add
