"""Twisted's reactor, run as often as needed: Scrapy's own process classes can be started only once.

The reactor is started once and its asyncio loop is run until each crawl ends, so commands, the web page, the
demonstration and tests can crawl again and again in one process.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from scrapy.utils.reactor import install_reactor
from twisted.python.log import PythonLoggingObserver

from archiver.errors import ArchiveBusy

T = TypeVar("T")

_THREADS = 4  # for host names
_one_at_a_time = threading.Lock()
_started = False


def run(main: Callable[[], Coroutine[Any, Any, T]], stop: Callable[[], None]) -> T:
    """The result of `main()` in the reactor's loop. SIGINT and SIGTERM call `stop` once, then interrupt.

    Raises ArchiveBusy when this process is crawling already.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise ArchiveBusy("this process is crawling already: wait until it is done")
    try:
        loop = _loop()
        with _signals(loop, stop), _threads():
            return loop.run_until_complete(main())
    finally:
        _one_at_a_time.release()


def _loop() -> asyncio.AbstractEventLoop:
    global _started
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    from archiver.crawl.resolver import GuardedResolver

    loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop
    asyncio.set_event_loop(loop)
    if not _started:
        PythonLoggingObserver("twisted").start()  # type: ignore[no-untyped-call]
        logging.getLogger("twisted").setLevel(logging.ERROR)
        reactor.startRunning(installSignalHandlers=False)
        GuardedResolver(reactor).install_on_reactor()
        _started = True
    return loop


@contextmanager
def _threads() -> Iterator[None]:
    """Threads for looking up names, gone afterwards: they would keep Python from ending."""
    from twisted.internet import reactor

    pool = reactor.getThreadPool()
    pool.adjustPoolsize(0, _THREADS)
    try:
        yield
    finally:
        pool.adjustPoolsize(0, 0)


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def once(number: int, frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, before[each])
        loop.call_soon_threadsafe(stop)

    for number in numbers:
        signal.signal(number, once)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, before[number])
