"""Try a package's model in a process of its own: `python -m translations.engines FOLDER`.

Prints, as one JSON object, whether its vocabulary map leaves the translations of a sample as they are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from translations.engines import Engine, Search, load
from translations.errors import NoEngine, TranslationsError
from translations.packages.package import Package, read
from translations.packages.samples import sample


def main(folder: str) -> int:
    """0 when the model loads and translates a word; 4 without its engine; else 1 and the reason."""
    try:
        package = read(Path(folder))
        engine = load(package, device="cpu", threads=1)
        engine.translate([engine.pieces("سلام")], Search(beam=1, max_target_tokens=8))
        if package.has_map:
            print(json.dumps(_tried(package, engine)))
    except NoEngine as error:
        print(error, file=sys.stderr)
        return 4
    except TranslationsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tried(package: Package, engine: Engine) -> dict[str, object]:
    """How many sentences of the sample come out the same with the map, in every quality.

    The first quality with a difference settles it: a model of random weights writes without end.
    """
    sentences = sample(package.source)
    inputs = [engine.pieces(sentence) for sentence in sentences]
    same = set(range(len(inputs)))
    for beam in (1, 2, 4) if inputs else ():
        whole, mapped = (
            engine.translate(inputs, Search(beam=beam, vocabulary_map=mapped, max_target_tokens=128))
            for mapped in (False, True)
        )
        same -= {index for index in same if whole[index].text != mapped[index].text}
        if len(same) < len(inputs):
            break
    return {"sample": len(inputs), "same": len(same), "same_texts": 0 < len(inputs) == len(same)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
