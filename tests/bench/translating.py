"""Posts translated per CPU-second, ours against argostranslate.translate, with the same package.

Every round runs in a process of its own that loads the model and translates three posts before its clock
starts, so only translating is counted; CPU seconds are the process's own, of all its threads. Argos runs with
one intra-op thread (its best setting per CPU-second; its default spends more), and a splitter that costs
nothing takes MiniSBD's place. Ours runs as it always does: one batch a core.
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
LARGE = 10
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


def main() -> None:
    """Print the table."""
    for row in run():
        print("  ".join(cell.rjust(width) for cell, width in zip(row, (46, 22, 9, 9, 9, 9), strict=True)))


def run() -> list[tuple[str, ...]]:
    """The table's rows, the first one its head."""
    rows: list[tuple[str, ...]] = [("package and posts", "engine", "CPU s", "posts/CPU s", "ratio", "wall s")]
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases(Path(scratch)):
            rows += list(_rows(case, Path(scratch)))
    return rows


def cases(scratch: Path) -> Iterator[Case]:
    """The demonstration package on its own sentences, and a package of Argos's size on the same."""
    import random_package

    from translations import demo

    pairs = [pair for pair in demo.corpus("ur") if "\n" not in pair[0]]
    sentences = [source for source, _ in pairs]
    # No sentence twice: what deduplication saves on reposts is not counted here.
    posts = [f"{first} {second}" for first, second in zip(sentences[::2], sentences[1::2], strict=False)]
    yield Case(
        title=f"demonstration ur-en, {len(posts)} posts of 2 sentences",
        file=demo.packages()[0],
        language="ur",
        posts=posts,
    )
    words = [text for pair in pairs for text in pair]
    file = random_package.build(scratch / "large.argosmodel", words, pieces=1500, vocabulary=32_000)
    yield Case(
        title=f"Argos-sized random weights, {LARGE} such posts",
        file=file,
        language="ur",
        posts=posts[:LARGE],
        length=24,
    )


def _rows(case: Case, scratch: Path) -> Iterator[tuple[str, ...]]:
    from translations.packages import install

    stubs = scratch / "stubs"
    stubs.mkdir(exist_ok=True)
    for name, code in STUBS.items():
        (stubs / name).write_text(code, encoding="utf-8")
    directory = scratch / f"packages-{case.file.stem}"
    install(case.file, directory)
    work = json.dumps({"posts": case.posts, "language": case.language, "length": case.length})
    engines = [
        "argostranslate.translate",
        "ours exact (beam 4)",
        "ours balanced (beam 2)",
        "ours fast (beam 1)",
    ]
    seconds: dict[str, list[tuple[float, float]]] = {engine: [] for engine in engines}
    for _ in range(ROUNDS):
        for engine in engines:
            seconds[engine].append(_measured(engine, directory, stubs, work))
    base = statistics.median(cpu for cpu, _ in seconds[engines[0]])
    for engine in engines:
        cpu = statistics.median(cpu for cpu, _ in seconds[engine])
        wall = statistics.median(wall for _, wall in seconds[engine])
        yield (
            case.title,
            engine,
            f"{cpu:.2f}",
            f"{len(case.posts) / cpu:.1f}",
            f"{base / cpu:.1f}x",
            f"{wall:.2f}",
        )


def _measured(engine: str, directory: Path, stubs: Path, work: str) -> tuple[float, float]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ARGOS_", "XDG_"))}
    env |= {"ARGOS_PACKAGES_DIR": str(directory), "ARGOS_INTRA_THREADS": "1", "HOME": str(stubs)}
    env |= {"PYTHONPATH": str(stubs)} if engine.startswith("argos") else {}
    command = [sys.executable, str(Path(__file__)), engine, str(directory)]
    done = subprocess.run(command, input=work, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{engine}: {done.stderr.strip()}")
    cpu, wall = json.loads(done.stdout)
    return cpu, wall


def _worker(engine: str, directory: Path) -> None:
    work = json.load(sys.stdin)
    if work["length"]:
        _force_length(work["length"])
    translate = (
        _argos(work["language"]) if engine.startswith("argos") else _ours(engine, directory, work["language"])
    )
    translate(work["posts"][:3])
    cpu, wall = time.process_time(), time.perf_counter()
    translate(work["posts"])
    print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))


def _argos(language: str) -> Callable[[list[str]], object]:
    from argostranslate import translate

    return lambda posts: [translate.translate(post, language, "en") for post in posts]


def _ours(engine: str, directory: Path, language: str) -> Callable[[list[str]], object]:
    from translations.packages import installed
    from translations.translator import Options, Translator

    options = Options.named(engine.split()[1])
    translator = Translator(installed(directory), options=options, allow_demo=True)
    return lambda posts: list(translator.translate_all((None, post, language) for post in posts))


def _force_length(length: int) -> None:
    """Random weights know no end of a sentence: both sides are made to stop at the same length."""
    import ctranslate2

    class Stopping(ctranslate2.Translator):
        def translate_batch(self, *args: object, **options: object) -> object:
            options |= {"min_decoding_length": length, "max_decoding_length": length}
            return super().translate_batch(*args, **options)

    ctranslate2.Translator = Stopping


if __name__ == "__main__":
    _worker(sys.argv[1], Path(sys.argv[2]))
