"""One generation of worker processes: a pebble pool, from its first worker to its last.

Blocking calls; `pool` runs them in a thread. A generation that broke is never mended but replaced whole,
because its workers share one pipe and one pair of locks: a worker killed from outside while it held
either leaves the others waiting for ever.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import RLock
from typing import Final

import pebble

from trivia_scraper.workers import child
from trivia_scraper.workers.limits import WorkerLimits

TERM_TIMEOUT_SECONDS: Final = 1.0
_LOADED_ONCE: Final = ("trivia_scraper.workers.child", "pebble")


class _Context(ForkServerContext):
    """How workers are started. forkserver, not spawn: a worker is forked from a single-threaded server that
    has loaded already what the jobs need, which costs a tenth of the CPU of a new interpreter.

    Keeps the pool's locks by reference: pebble unlinks them before it ends its workers, and one that was
    just being started would stumble over the missing name and print a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self.locks: list[RLock] = []

    def RLock(self) -> RLock:
        lock = super().RLock()
        self.locks.append(lock)
        return lock


class Workforce:
    """A pool that starts once and is dismissed once. Every future it gave out is settled by then."""

    def __init__(self, limits: WorkerLimits, loaded_once: Sequence[str]) -> None:
        self._limits = limits
        self._loaded_once = [*_LOADED_ONCE, *loaded_once]
        self._pending: set[Future[object]] = set()
        self._turn = threading.Lock()  # a dismissal waits for a start that a cancelled caller left running
        self._context = _Context()
        self._pool: pebble.ProcessPool | None = None
        self._is_running = False

    @property
    def is_running(self) -> bool:
        """Whether `start` came to its end."""
        return self._is_running

    def start(self) -> None:
        """Start the workers; again: nothing. Blocks, 0.4 s at the first start in this process, later 20 ms."""
        with self._turn:
            if self._is_running:
                return
            self._context.set_forkserver_preload(self._loaded_once)
            pebble.CONSTS.term_timeout = TERM_TIMEOUT_SECONDS
            self._pool = pebble.ProcessPool(
                self._limits.workers,
                max_tasks=self._limits.jobs_per_worker,
                initializer=child.start,
                initargs=(self._limits,),
                context=self._context,
            )
            self._is_running = self._pool.active  # to ask is to start
        if not self._is_running:
            raise BrokenProcessPool("no worker process could be started")

    def perform(self, job: Callable[[], object], seconds: float) -> Future[object]:
        """Queue one job. Raises BrokenProcessPool when this generation takes no more.

        The future's exceptions: TimeoutError (killed for time), pebble.ProcessExpired (died), MemoryError,
        BrokenProcessPool.
        """
        assert self._pool is not None, "start comes first"
        try:
            future = self._pool.schedule(child.perform, args=(job, seconds), timeout=seconds)
        except RuntimeError as error:
            raise BrokenProcessPool(str(error)) from error
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def dismiss(self) -> None:
        """End every worker, within a second each, and settle what was still pending."""
        with self._turn:
            if self._pool is None:
                return
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._context.locks.clear()
        # pebble leaves the futures of a stopped pool unsettled; whoever waits for one must hear of it.
        for future in tuple(self._pending):
            with contextlib.suppress(InvalidStateError):
                future.set_exception(BrokenProcessPool("the worker processes were dismissed"))
