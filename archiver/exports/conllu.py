"""CoNLL-U: the original split into tokens, its translation and all other facts in the comments.

Only ID, FORM and MISC are filled: parsers fill the rest. `# text` is the text on one line; the tokens, with
SpaceAfter=No, spell exactly that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from archiver.exports._pairs import Pair, facts
from archiver.exports._parts import Add, Part, Shape
from archiver.exports._tokens import one_line, tokens

SHAPE = Shape()


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    file = part.open(f"{part.stem}.conllu")
    document: str | None = None

    def add(pair: Pair) -> None:
        nonlocal document
        text = one_line(pair.source)
        if not text:
            part.counted["texts without a word left out"] += 1
            return
        if pair.post != document:
            document = pair.post
            file.write(f"# newdoc id = {one_line(pair.post)}\n".encode())
        file.write(_sentence(pair, text).encode())

    yield add


def _sentence(pair: Pair, text: str) -> str:
    lines = [f"# sent_id = {pair.id}", f"# text = {text}", f"# lang = {pair.language}"]
    lines.append(f"# text_{pair.target_language} = {one_line(pair.target or '')}")
    lines += [f"# {name} = {one_line(value)}" for name, value in facts(pair)]
    for number, token in enumerate(tokens(text), 1):
        misc = "SpaceAfter=No" if token.glued else "_"
        lines.append("\t".join((str(number), token.form, *"_______", misc)))
    return "\n".join(lines) + "\n\n"
