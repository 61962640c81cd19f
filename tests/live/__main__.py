"""`make live`: the archiver against real servers on loopback, where they are installed.

    python tests/live LAB [bluesky] [wordpress]

LAB is a scratch folder with the servers' scripts (start.sh, stop.sh, seeding) and what they need installed.
Each server is started, seeded, archived, changed by its users, archived again "a day later" by the crawl's
clock, and compared with what was published.

Exit code: 0 all the same, 1 something differs, 10 nothing is installed.
"""

import importlib
import sys
import tempfile
import time
from pathlib import Path

from parts import Absent, Findings

PARTS = ("bluesky", "wordpress")


def main(words: list[str]) -> int:
    if not words:
        print(__doc__)
        return 2
    lab, chosen = Path(words[0]).resolve(), words[1:] or list(PARTS)
    if not lab.is_dir():
        print(f"{lab} is no folder: copy the servers' scripts there and install what their README names")
        return 10
    compared: list[Findings] = []
    with tempfile.TemporaryDirectory(prefix="archiver-live-") as folder:
        for name in chosen:
            part = importlib.import_module(name)
            try:
                part.check(lab)
            except Absent as absent:
                print(f"{name}: not installed: {absent}")
                continue
            print(f"{name}: starting")
            began = time.monotonic()
            try:
                part.start(lab)
                compared.append(part.run(lab, Path(folder)))
            finally:
                part.stop(lab)
            print(f"{name}: {time.monotonic() - began:.0f} s")
    for findings in compared:
        said = ", ".join(findings.failed)
        print(f"{findings.name}: {f'DIFFERS in {said}' if said else 'the archive equals what was published'}")
    if not compared:
        return 10
    return int(any(findings.failed for findings in compared))


sys.exit(main(sys.argv[1:]))
