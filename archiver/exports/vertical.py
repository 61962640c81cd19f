"""Vertical text for NoSketch Engine: two files a pair of languages, aligned one to one by <align>.

One token a line, `<g/>` where no space follows, each text in a <doc> of its post. Every fact is an attribute
of <align>. Both files have the same structures in the same order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from archiver.exports._pairs import Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports._tokens import one_line, tokens

SHAPE = Shape(a_language=True, folder=True)
_OF_POST = ("post", "platform", "account", "url", "published_at")


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    assert part.languages
    source, target = (part.open(f"{part.stem}.{side}.vert") for side in part.languages)
    post: str | None = None

    def add(pair: Pair) -> None:
        nonlocal post
        known = dict(facts(pair))
        if pair.post != post:
            begin = ("</doc>\n" if post else "") + _tag(
                "doc", {name: known.get(name, "") for name in _OF_POST}
            )
            post = pair.post
            _both(source, target, begin)
        rest = {name: value for name, value in known.items() if name not in _OF_POST}
        _both(source, target, _tag("align", {"id": pair.id, **rest}))
        source.write(_sentence(pair.source, pair.language).encode())
        target.write(_sentence(pair.target or "", pair.target_language).encode())
        _both(source, target, "</align>\n")

    yield add
    if post:
        _both(source, target, "</doc>\n")


def _both(source: IO[bytes], target: IO[bytes], text: str) -> None:
    for file in (source, target):
        file.write(text.encode())


def _sentence(text: str, language: str) -> str:
    lines = [_tag("s", {"lang": language}).rstrip("\n")]
    for token in tokens(one_line(text)):
        lines.append(_escaped(token.form))
        if token.glued:
            lines.append("<g/>")
    return "\n".join((*lines, "</s>")) + "\n"


def _tag(name: str, attributes: dict[str, str]) -> str:
    told = "".join(f' {key}="{_escaped(one_line(value))}"' for key, value in attributes.items())
    return f"<{name}{told}>\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
