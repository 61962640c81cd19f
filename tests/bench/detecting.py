"""Texts a second whose language is told, ours against stock langdetect, cleaning included, on one core.

The posts are the sentences of tests/languages.tsv with what posts carry: links, mentions, hashtags, emoji.
Stock langdetect (seeded, guarded against what it throws) gets a part of them: it would take minutes for all.
CPU seconds are the process's own, of all its threads; both are loaded and warm before the clock starts.
"""

import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

from translations.profiles.evaluation import seconds
from translations.profiles.rivals import detectors

ROUNDS = 5
POSTS, STOCK_POSTS = 40_000, 600
CORPUS = Path(__file__).parent.parent / "languages.tsv"
COLD = """
import json, time
started = time.process_time()
from translations.detect import detect
detect("نن هوا ښه ده او موږ کور ته ځو"); first = time.process_time() - started
detect("How are you all doing today?"); second = time.process_time() - started
peak = next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM"))
print(json.dumps([first, second, peak / 1024]))
"""


def posts(count: int) -> list[str]:
    """Two sentences of one language each, and what comes with them."""
    draw = random.Random(0)
    by_language: dict[str, list[str]] = {}
    for line in CORPUS.read_text("utf-8").splitlines():
        language, text = line.split("\t")
        by_language.setdefault(language, []).append(text)
    sentences = [(language, text) for language, texts in by_language.items() for text in texts]
    found = []
    for _ in range(count):
        language, text = draw.choice(sentences)
        text += " " + draw.choice(by_language[language])
        text += draw.choice(("", "", " https://t.co/AbCdEfGh12", " https://example.org/a/b?c=d"))
        text += draw.choice(("", "", "", " #خبر_نن", " #Breaking"))
        found.append(
            draw.choice(("", "", "", "@some_one ", "RT @who: ")) + text + draw.choice(("", "", " 😢"))
        )
    return found


def main() -> None:
    """Print texts a second and the ratio; then what a first call costs in a fresh process."""
    some = posts(POSTS)
    speeds: dict[str, float] = {}
    print(f"{POSTS} posts of {sum(map(len, some)) / POSTS:.0f} characters, median of {ROUNDS} rounds")
    for name, ask in detectors():
        if ask is None:
            print(f"  {name:<16} not installed here (it is no dependency of this project)")
            continue
        asked = some if name.startswith("ours") else some[:STOCK_POSTS]
        ask(asked[:50])
        speeds[name] = len(asked) / statistics.median(seconds(ask, asked) for _ in range(ROUNDS))
        print(f"  {name:<16} {speeds[name]:>9,.0f} texts/s")
    print(f"  ours is {speeds['ours'] / speeds['langdetect']:.0f} times as fast as langdetect")
    cold = [
        json.loads(subprocess.run([sys.executable, "-c", COLD], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    first, second, peak = (min(values) for values in zip(*cold, strict=True))
    print(f"  first call {first:.2f} s of CPU with imports, first English text {second - first:.2f} s more,")
    print(f"  peak memory {peak:.0f} MB with both")


if __name__ == "__main__":
    main()
