"""Work in a process of its own: what it took, and the most memory that it held."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds of wall clock and of CPU time; the peak of memory before the work and after it, in MiB."""

    wall: float
    cpu: float
    before: int
    peak: int
    answer: Any


def alone(run: Callable[..., Any], *args: Any) -> Took:
    """`run`, which has to be known by its module and name, in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, run, *args).result()


def _measured(run: Callable[..., Any], *args: Any) -> Took:
    before, wall, cpu = _peak(), time.perf_counter(), time.process_time()
    answer = run(*args)
    return Took(
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        before=before,
        peak=_peak(),
        answer=answer,
    )


def _peak() -> int:
    """The most memory so far, in MiB. Not ru_maxrss, which a new process inherits from who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
