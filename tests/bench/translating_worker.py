"""One contender of the translating benchmark in a process of its own: posts in, seconds and texts out.

It loads its model and translates three posts before anything is counted; then it answers each line of
standard input (a JSON list of posts) with a line: CPU seconds of all its threads, wall seconds, texts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Translate = Callable[[list[str]], list[str]]


def serve(engine: str, directory: Path, language: str, length: int | None) -> None:
    if length:
        _force_length(length)
    translate = _argos(language) if engine.startswith("argos") else _ours(engine, directory, language)
    if engine == "floor":
        translate = _floor(directory, length or 24)
    translate(json.loads(sys.stdin.readline()))
    print(json.dumps(_ran() if engine.startswith("argos") else ""), flush=True)
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        said = translate(json.loads(line))
        done = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "said": said}
        print(json.dumps(done), flush=True)


def _argos(language: str) -> Translate:
    from argostranslate import translate

    return lambda posts: [translate.translate(post, language, "en") for post in posts]


def _ran() -> str:
    """The settings that argostranslate itself has read, and the threads they led to."""
    from argostranslate import settings

    threads = next(
        line.split()[1]
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        if line.startswith("Threads:")
    )
    return (
        f"inter_threads {settings.inter_threads}, intra_threads {settings.intra_threads}, beam "
        f"{settings.beam_size}, {settings.batch_size} tokens a batch, {settings.compute_type}; "
        f"{threads} threads in the process"
    )


def _ours(engine: str, directory: Path, language: str) -> Translate:
    from translations.packages import installed
    from translations.translator import Options, Translator

    if engine == "floor":
        return lambda posts: posts
    options = Options.named(engine.split()[1], "mapped" if "mapped" in engine else "whole")
    translator = Translator(installed(directory), options=options, allow_demo=True)
    return lambda posts: [
        done.translation  # type: ignore[union-attr]
        for _, done in translator.translate_all((None, post, language) for post in posts)
    ]


def _floor(directory: Path, length: int) -> Translate:
    """64 rows of target tokens, given and scored all at once on one thread: all but only 8-bit products."""
    import ctranslate2

    (model,) = directory.glob("*/model")
    known = json.loads((model / "shared_vocabulary.json").read_bytes())
    rows = [[known[10 + (index * 7 + at) % 1000] for at in range(length)] for index in range(64)]
    translator = ctranslate2.Translator(str(model), inter_threads=1, intra_threads=1)

    def scored(posts: list[str]) -> list[str]:
        translator.score_batch(rows, rows)
        return [" ".join(row) for row in rows]

    return scored


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


def streamed(directory: Path, count: int) -> None:
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


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        streamed(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]) or None)
