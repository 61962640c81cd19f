"""Try a package's model in a process of its own: `python -m translations.engines FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from translations.engines import Search, load
from translations.errors import NoEngine, TranslationsError
from translations.packages.package import read


def main(folder: str) -> int:
    """0 when the model loads and translates a word; 4 without its engine; else 1 and the reason."""
    try:
        engine = load(read(Path(folder)), threads=1)
        engine.translate([engine.pieces("سلام")], Search(beam=1, max_target_tokens=8))
    except NoEngine as error:
        print(error, file=sys.stderr)
        return 4
    except TranslationsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
