"""Slow work of many, done together: whoever comes while one batch is on its way goes with the next.

Forcing bytes to disk takes as long for one page as for twenty. The work runs in one thread of its own, so
the network goes on meanwhile.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_LARGEST = 64


class Batches(Generic[T, R]):
    """Hands pieces to `work`, in the order they came. `work` does all of a batch or, raising, nothing."""

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]], name: str) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._queue: list[tuple[T, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, piece: T) -> R:
        """The result for one piece. A batch that failed is tried again piece by piece, so that one bad
        piece fails alone."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._queue.append((piece, done))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await done

    def close(self) -> None:
        """Wait for what is on its way, take nothing more."""
        self._thread.shutdown(wait=True)

    async def _run(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:_LARGEST], self._queue[_LARGEST:]
                if not await self._together(batch):
                    for one in batch:
                        await self._together([one], alone=True)
        finally:
            self._running = None

    async def _together(self, batch: Sequence[tuple[T, "asyncio.Future[R]"]], *, alone: bool = False) -> bool:
        loop = asyncio.get_running_loop()
        pieces = [piece for piece, _ in batch]
        try:
            results = await loop.run_in_executor(self._thread, self._work, pieces)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for it
            if len(batch) > 1 and not alone:
                return False
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return True
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)
        return True
