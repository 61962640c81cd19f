"""`python tests/bench [NAME...]`: every module of this folder has a `main()` that prints its table.

Not `-m tests.bench`: an installed package of that name would be taken first.
"""

import importlib
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> None:
    known = sorted(p.stem for p in HERE.glob("[a-z]*.py") if "def main(" in p.read_text(encoding="utf-8"))
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    print(f"Python {platform.python_version()}, {platform.machine()}; ratios compare within this run only")
    for name in names or known:
        print(f"\n== {name}", flush=True)
        importlib.import_module(name).main()


main(sys.argv[1:])
