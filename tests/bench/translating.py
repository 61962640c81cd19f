"""Posts translated per CPU-second, ours against argostranslate.translate, with the same package.

Every round runs in a process of its own that loads the model and translates three posts before its clock
starts, so only translating is counted; CPU seconds are the process's own, of all its threads. Argos runs with
one intra-op thread (its best setting per CPU-second) and, for wall time, as installed; a splitter that costs
nothing takes MiniSBD's place. Ours runs as it always does: one batch a core.

The large package has Argos's size and random weights: the same work, but no sense. 8,000 of its 32,000
pieces are without Arabic letters. Medians; ratios are of CPU time to argostranslate with one thread, and of
wall time to argostranslate as installed. "Of floor" compares target tokens a CPU-second, times the beam,
with the same model scoring given target tokens all at once: nearly nothing but the 8-bit products.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 3
LARGE = 30
INSTALLED_POSTS = 6
LENGTH = 24
STUBS = {
    "stanza.py": "Pipeline = None\n",
    "minisbd.py": """
import re
from types import SimpleNamespace

models = SimpleNamespace(list_models=lambda: ["en", "ur", "ar"], cache_dir="")


class SBDetect:
    def __init__(self, lang, use_gpu=False):
        pass

    def sentences(self, text):
        return re.split(r"(?<=[۔؟.!])\\s+", text)
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A package and its posts; `length` forces that many target tokens on a model that never ends."""

    title: str
    file: Path
    language: str
    posts: list[str]
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process's seconds and translations, or the floor's rate."""

    cpu: float = 0.0
    wall: float = 0.0
    said: tuple[str, ...] = ()
    rate: float = 0.0


ARGOS = "argostranslate, one thread"
INSTALLED = "argostranslate, as installed"
OURS = (
    "ours exact",
    "ours exact mapped",
    "ours balanced",
    "ours balanced mapped",
    "ours fast",
    "ours fast mapped",
)
WIDTHS = (26, 8, 12, 8, 8, 8, 12, 10, 12)


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for case in cases(folder):
            print(f"{case.title}")
            for row in _rows(case, folder):
                print("".join(cell.rjust(width) for cell, width in zip(row, WIDTHS, strict=True)), flush=True)
        print("resident memory, demonstration package, fast, texts streamed")
        sizes = [(count, _memory(folder, count)) for count in (1_000, 20_000)]
        for count, mib in sizes:
            print(f"{count:>10,} posts {mib:8.0f} MiB   {mib / sizes[0][1]:.2f}x")


def cases(scratch: Path) -> Iterator[Case]:
    """The demonstration package on its own sentences, and a package of Argos's size on the same."""
    import random_package

    from translations import demo

    pairs = [pair for pair in demo.corpus("ur") if "\n" not in pair[0]]
    sentences = [source for source, _ in pairs]
    # No sentence twice: what deduplication saves on reposts is counted apart.
    posts = [f"{first} {second}" for first, second in zip(sentences[::2], sentences[1::2], strict=False)]
    yield Case(
        title=f"demonstration ur-en, {len(posts)} posts of 2 sentences",
        file=demo.packages()[0],
        language="ur",
        posts=posts,
    )
    words = [text for pair in pairs for text in pair]
    file = random_package.build(
        scratch / "large.argosmodel", words, pieces=1500, vocabulary=32_000, latin=8_000
    )
    yield Case(
        title=f"\nArgos-sized random weights, {LARGE} such posts, {LENGTH} target tokens a sentence",
        file=file,
        language="ur",
        posts=posts[:LARGE],
        length=LENGTH,
    )


def _rows(case: Case, scratch: Path) -> Iterator[tuple[str, ...]]:
    directory = _prepared(case, scratch)
    large = case.length is not None
    rows = [
        ARGOS,
        *([INSTALLED] if large else []),
        *(OURS if large else [e for e in OURS if "mapped" not in e]),
    ]
    runs: dict[str, list[Run]] = {row: [] for row in rows}
    floor: list[float] = []
    for round_ in range(ROUNDS):
        for row in rows:
            # As installed, argostranslate needs most of the time and is compared by its rate: one round.
            if row != INSTALLED or round_ == 0:
                posts = case.posts[:INSTALLED_POSTS] if row == INSTALLED else case.posts
                runs[row].append(_measured(row, directory, scratch, case, posts))
        if large:
            floor.append(_measured("floor", directory, scratch, case, case.posts).rate)
    said = runs[ARGOS][0].said
    yield "", "CPU s", "posts/CPU s", "ratio", "wall s", "wall x", "tokens/CPU s", "of floor", "same text"
    base, slow = _median(runs[ARGOS], "cpu"), _median(runs[INSTALLED], "wall") if large else 0.0
    for row in rows:
        cpu, wall, count = _median(runs[row], "cpu"), _median(runs[row], "wall"), len(runs[row][0].said)
        tokens = 2 * LENGTH * count / cpu if large else 0.0
        beam = {"exact": 4, "balanced": 2, "fast": 1}.get(row.split()[1], 4)
        same = sum(ours == theirs for ours, theirs in zip(runs[row][0].said, said, strict=False))
        yield (
            row,
            f"{cpu:.2f}",
            f"{count / cpu:.1f}",
            f"{base / len(case.posts) / (cpu / count):.1f}x",
            f"{wall:.2f}",
            f"{slow / INSTALLED_POSTS / (wall / count):.1f}x" if large else "",
            f"{tokens:,.0f}" if large else "",
            f"{100 * tokens * beam / statistics.median(floor):.0f} %" if large else "",
            f"{same} of {count}",
        )
    if large:
        again = _measured("ours balanced mapped", directory, scratch, case, case.posts * 3)
        share = again.cpu / _median(runs["ours balanced mapped"], "cpu")
        print(f"every post three times (forwards): {share:.2f}x the CPU time of once, balanced mapped")
        print(f"the floor: {statistics.median(floor):,.0f} target tokens a CPU-second, scored all at once")


def _median(runs: list[Run], what: str) -> float:
    return statistics.median(getattr(run, what) for run in runs)


def _prepared(case: Case, scratch: Path) -> Path:
    from translations.packages import install

    stubs = scratch / "stubs"
    stubs.mkdir(exist_ok=True)
    for name, code in STUBS.items():
        (stubs / name).write_text(code, encoding="utf-8")
    directory = scratch / f"packages-{case.file.stem}"
    install(case.file, directory)
    return directory


def _measured(engine: str, directory: Path, scratch: Path, case: Case, posts: list[str]) -> Run:
    stubs = scratch / "stubs"
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("ARGOS_", "XDG_", "OMP_"))
    }
    env |= {"ARGOS_PACKAGES_DIR": str(directory), "HOME": str(stubs)}
    env |= {"ARGOS_INTRA_THREADS": "1"} if engine != INSTALLED else {}
    env |= {"PYTHONPATH": str(stubs)} if engine.startswith("argos") else {}
    work = json.dumps({"posts": posts, "language": case.language, "length": case.length})
    command = [sys.executable, str(Path(__file__)), engine, str(directory)]
    done = subprocess.run(command, input=work, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{engine}: {done.stderr.strip()}")
    return Run(**json.loads(done.stdout))


def _memory(scratch: Path, count: int) -> float:
    command = [sys.executable, str(Path(__file__)), "memory", str(scratch / "packages-ur_en"), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _worker(engine: str, directory: Path) -> None:
    work = json.load(sys.stdin)
    if work["length"]:
        _force_length(work["length"])
    if engine == "floor":
        print(json.dumps({"rate": _floor(directory, work["length"])}))
        return
    translate = (
        _argos(work["language"]) if engine.startswith("argos") else _ours(engine, directory, work["language"])
    )
    translate(work["posts"][:3])
    cpu, wall = time.process_time(), time.perf_counter()
    said = translate(work["posts"])
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "said": said}))


def _floor(directory: Path, length: int) -> float:
    """Target tokens a CPU-second when all are given and scored at once, on one thread."""
    import ctranslate2

    (model,) = directory.glob("*/model")
    known = json.loads((model / "shared_vocabulary.json").read_bytes())
    rows = [[known[10 + (index * 7 + at) % 1000] for at in range(length)] for index in range(64)]
    translator = ctranslate2.Translator(str(model), inter_threads=1, intra_threads=1)
    translator.score_batch(rows[:8], rows[:8])
    cpu = time.process_time()
    for _ in range(3):
        translator.score_batch(rows, rows)
    return 3 * 64 * length / (time.process_time() - cpu)


def _streamed(directory: Path, count: int) -> None:
    """Translate `count` different posts and print the most memory that this process ever held, in MiB."""

    from translations import demo
    from translations.packages import installed
    from translations.translator import Options, Translator

    sentences = [source for source, _ in demo.corpus("ur")]
    posts = (
        (n, f"{sentences[n % len(sentences)]} {sentences[n // 7 % len(sentences)]} {n}", "ur")
        for n in range(count)
    )
    translator = Translator(installed(directory), options=Options.named("fast"), allow_demo=True)
    assert sum(1 for _ in translator.translate_all(posts)) == count
    print(_peak())


def _peak() -> float:
    """The most memory so far, in MiB. Not ru_maxrss, which a new process inherits from who started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _argos(language: str) -> Callable[[list[str]], list[str]]:
    from argostranslate import translate

    return lambda posts: [translate.translate(post, language, "en") for post in posts]


def _ours(engine: str, directory: Path, language: str) -> Callable[[list[str]], list[str]]:
    from translations.packages import installed
    from translations.translator import Options, Translator

    options = Options.named(engine.split()[1], "mapped" if engine.endswith("mapped") else "whole")
    translator = Translator(installed(directory), options=options, allow_demo=True)
    return lambda posts: [
        done.translation  # type: ignore[union-attr]
        for _, done in translator.translate_all((None, post, language) for post in posts)
    ]


def _force_length(length: int) -> None:
    """Random weights know no end of a sentence: both sides are made to stop at the same length.

    They also repeat themselves nearly always, where a trained model seldom does: nobody is asked again.
    """
    import ctranslate2

    from translations import pool

    pool.loops = lambda source, translation: False

    class Stopping(ctranslate2.Translator):
        def translate_batch(self, *args: object, **options: object) -> object:
            options |= {"min_decoding_length": length, "max_decoding_length": length}
            return super().translate_batch(*args, **options)

    ctranslate2.Translator = Stopping


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        _streamed(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        _worker(sys.argv[1], Path(sys.argv[2]))
