"""Posts translated per CPU-second, ours against argostranslate.translate, with the same package.

Every contender is a process of its own that loads its model and translates three posts before its clock
starts, so only translating is counted; CPU seconds are the process's own, of all its threads. They take
turns in short rounds, and a ratio is the median of the rounds' own, so that what else the machine does
strikes all of them alike. Argos runs with one intra-op thread (its best setting per CPU-second) and, for wall
time, as installed; a splitter that costs nothing takes MiniSBD's place. Ours runs as it always does: the
sentences of all posts pooled, one batch a core. Argos, which pools nothing, is given fewer posts a round.

The large package has Argos's size and random weights: the same work, but no sense. 8,000 of its 32,000
pieces are without Arabic letters; it picks among all of them, so a map changes what it says, where a trained
model says the same (the demonstration package). "Of floor" compares target tokens a CPU-second, times the
beam, with the same model scoring given target tokens all at once: nearly nothing but the 8-bit products.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROUNDS = 3
LARGE = 80
LENGTH = 24
FORWARDS = 3
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
    """A package and its posts, two sentences each; `length` forces that many target tokens a sentence."""

    title: str
    file: Path
    posts: list[tuple[str, str]]
    a_round: int
    """How many posts argostranslate is given a round."""
    length: int = 0
    language: str = "ur"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A contender's seconds for the posts of a round, and what it made of them."""

    cpu: float
    wall: float
    said: tuple[str, ...]

    @property
    def cpu_each(self) -> float:
        return self.cpu / len(self.said)

    @property
    def wall_each(self) -> float:
        return self.wall / len(self.said)


ARGOS = "argostranslate, one thread"
INSTALLED = "argostranslate, as installed"
FLOOR = "floor"
BEAMS = {"exact": 4, "balanced": 2, "fast": 1}
OURS = [f"ours {quality}{mapped}" for quality in BEAMS for mapped in ("", " mapped")]
FORWARDED = f"ours balanced mapped, x{FORWARDS}"
WIDTHS = (29, 13, 8, 8, 14, 10, 12)


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for case in cases(folder):
            print(case.title)
            for row in _rows(case, folder):
                print(row, flush=True)
        print("resident memory, demonstration package, fast, texts streamed")
        sizes = [(count, _memory(folder, count)) for count in (1_000, 20_000)]
        for count, mib in sizes:
            print(f"{count:>10,} posts {mib:8.0f} MiB   {mib / sizes[0][1]:.2f}x")


def cases(scratch: Path) -> Iterator[Case]:
    """The demonstration package on its own sentences, and a package of Argos's size on more of their kind."""
    import random_package

    from translations import demo

    pairs = [pair for pair in demo.corpus("ur") if "\n" not in pair[0]]
    sentences = [source for source, _ in pairs]
    # No sentence twice: what deduplication saves on forwards is counted apart.
    posts = list(zip(sentences[::2], sentences[1::2], strict=False))
    yield Case(
        title=f"demonstration ur-en, {len(posts)} posts of 2 sentences",
        file=demo.packages()[0],
        posts=posts,
        a_round=len(posts),
    )
    words = [text for pair in pairs for text in pair]
    file = random_package.build(
        scratch / "large.argosmodel", words, pieces=1500, vocabulary=32_000, latin=8_000
    )
    more = _crossed(sentences, 2 * LARGE)
    yield Case(
        title=f"\nArgos-sized random weights, {LARGE} such posts, {LENGTH} target tokens a sentence",
        file=file,
        posts=list(zip(more[::2], more[1::2], strict=True)),
        a_round=12,
        length=LENGTH,
    )


def _crossed(sentences: Sequence[str], count: int) -> list[str]:
    """Different sentences without numbers: the beginning of one, and the end of the next. A number that a
    model leaves out, ours tells behind the sentence; random weights leave out all of them."""
    halves = [
        (line.split()[: len(line.split()) // 2], line.split()[len(line.split()) // 2 :])
        for line in sentences
        if not any(map(str.isdigit, line))
    ]
    made = (
        " ".join([*first, *second])
        for step in range(1, len(halves))
        for (first, _), (_, second) in zip(halves, halves[step:], strict=False)
    )
    return list(dict.fromkeys(line for line in made if line.endswith("۔")))[:count]


class Worker:
    """A contender's process."""

    def __init__(self, engine: str, case: Case, directory: Path, stubs: Path) -> None:
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ARGOS_", "XDG_", "OMP_"))
        }
        env |= {"ARGOS_PACKAGES_DIR": str(directory), "HOME": str(stubs)}
        env |= {"ARGOS_INTRA_THREADS": "1"} if engine == ARGOS else {}
        env |= {"PYTHONPATH": str(stubs)} if engine.startswith("argos") else {}
        script = str(Path(__file__).with_name("translating_worker.py"))
        self._case = case
        self._process = subprocess.Popen(
            [sys.executable, script, engine, str(directory), case.language, str(case.length)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.settings: str = json.loads(self._answer([" ".join(post) for post in case.posts[:3]]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self._process.communicate()

    def run(self, posts: Sequence[str]) -> Run:
        done = json.loads(self._answer(posts))
        return Run(cpu=done["cpu"], wall=done["wall"], said=tuple(done["said"]))

    def _answer(self, posts: Sequence[str]) -> str:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(list(posts)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"a contender of the benchmark died ({self._process.wait()}), see above")
        return answer


def _rows(case: Case, scratch: Path) -> Iterator[str]:
    directory, stubs = _prepared(case, scratch)
    large = bool(case.length)
    names = [ARGOS, *([INSTALLED] if large else []), *OURS, *([FORWARDED, FLOOR] if large else [])]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    posts = [" ".join(post) for post in case.posts]
    with ExitStack() as alive:
        workers = {name: alive.enter_context(Worker(name, case, directory, stubs)) for name in names}
        for round_ in range(ROUNDS):
            mine = posts[round_ * case.a_round :][: case.a_round] or posts
            for name, worker in workers.items():
                if round_ and name == FORWARDED:
                    continue
                # As installed, argostranslate needs most of the time: a few posts.
                given = {ARGOS: mine, INSTALLED: mine[:3], FORWARDED: posts * FORWARDS}.get(name, posts)
                runs[name].append(worker.run(given))
        yield _line("", "posts/CPU s", "ratio", "wall x", "tokens/CPU s", "of floor", "same text")
        for name in names:
            if name != FLOOR:
                yield _row(name, runs, case)
        yield from _differing(case, runs, workers[ARGOS])
    for name in (ARGOS, INSTALLED):
        if name in workers:
            yield f"{name}: {workers[name].settings}"
    if large:
        yield f"the floor: {_floor(runs):,.0f} target tokens a CPU-second, scored all at once"


def _row(name: str, runs: Mapping[str, Sequence[Run]], case: Case) -> str:
    mine = runs[name]
    each = statistics.median(run.cpu_each for run in mine)
    tokens = 2 * case.length / each
    of_floor = 100 * tokens * BEAMS.get(name.split()[1], 4) / _floor(runs) if case.length else 0.0
    theirs = _by_post(runs[ARGOS], case)
    ours = _by_post(mine, case)
    both = theirs.keys() & ours.keys()
    forwarded = name == FORWARDED
    return _line(
        name,
        f"{1 / each:.1f}",
        f"{_ratio(runs[ARGOS], mine, 'cpu_each'):.1f}x",
        f"{_ratio(runs[INSTALLED], mine, 'wall_each'):.1f}x" if case.length else "",
        f"{tokens:,.0f}" if case.length and not forwarded else "",
        f"{of_floor:.0f} %" if case.length and not forwarded else "",
        f"{sum(theirs[post] == ours[post] for post in both)} of {len(both)}" if not forwarded else "",
    )


def _ratio(base: Sequence[Run], mine: Sequence[Run], what: str) -> float:
    """How many times as fast, round by round."""
    return statistics.median(getattr(a, what) / getattr(b, what) for a, b in zip(base, mine, strict=False))


def _by_post(runs: Sequence[Run], case: Case) -> dict[int, str]:
    """Every post's number -> its translation."""
    found: dict[int, str] = {}
    for round_, run in enumerate(runs):
        start = round_ * case.a_round if len(run.said) <= case.a_round < len(case.posts) else 0
        found |= {start + index: text for index, text in enumerate(run.said[: len(case.posts)])}
    return found


def _differing(case: Case, runs: Mapping[str, Sequence[Run]], argos: Worker) -> Iterator[str]:
    """Where ours at Argos's own search says something else, Argos is asked for each sentence alone.

    It puts neighbours into one batch, where the shorter is filled up; and it glues two sentences together
    whose second begins in the middle of a word, as random weights like to begin.
    """
    theirs, ours = _by_post(runs[ARGOS], case), _by_post(runs["ours exact"], case)
    other = [post for post in sorted(theirs) if theirs[post] != ours[post]]
    if other:
        alone = [" ".join(argos.run(case.posts[post]).said) for post in other]
        same = sum(ours[post] == text for post, text in zip(other, alone, strict=True))
        yield f"of {len(other)} others argostranslate says the same when given each sentence alone: {same}"


def _floor(runs: Mapping[str, Sequence[Run]]) -> float:
    rates = (sum(len(said.split()) for said in run.said) / run.cpu for run in runs[FLOOR])
    return statistics.median(rates)


def _line(*cells: str) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))


def _prepared(case: Case, scratch: Path) -> tuple[Path, Path]:
    from translations.packages import install, vocabulary

    stubs = scratch / "stubs"
    stubs.mkdir(exist_ok=True)
    for name, code in STUBS.items():
        (stubs / name).write_text(code, encoding="utf-8")
    directory = scratch / f"packages-{case.file.stem}"
    # The demonstration package is too small to gain by a map; here it shows that a map changes no text.
    vocabulary.SMALLEST = 0
    install(case.file, directory)
    return directory, stubs


def _memory(scratch: Path, count: int) -> float:
    script = str(Path(__file__).with_name("translating_worker.py"))
    command = [sys.executable, script, "memory", str(scratch / "packages-ur_en"), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)
