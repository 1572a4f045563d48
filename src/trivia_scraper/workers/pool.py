"""The parent's side: the `WorkerPool` of ports.py (safety.md 6).

What crosses the process border is a job and its answer, both plain values; never an exception object of ours.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import Final, TypeVar, cast

import pebble
import structlog

from trivia_scraper.domain.errors import WorkersUnavailable
from trivia_scraper.domain.jobs import KillCause, Killed
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.workers.child import Fault
from trivia_scraper.workers.limits import WorkerLimits
from trivia_scraper.workers.workforce import TERM_TIMEOUT_SECONDS, Workforce

Answer = TypeVar("Answer")

_TRIES_PER_JOB: Final = 2
_GENERATIONS_PER_JOB: Final = 3
_JOBS_PER_WORKER: Final = 2  # one being done, one in the pipe
_SPARE_SECONDS: Final = 10.0


class JobCrashed(RuntimeError):
    """A bug in a job, as its worker told it; the worker's traceback is a note of this exception."""


@asynccontextmanager
async def open_workers(
    limits: WorkerLimits, log: structlog.typing.FilteringBoundLogger, *, loaded_once: Sequence[str] = ()
) -> AsyncIterator[KillableWorkers]:
    """Yield a pool whose workers start with its first job and end with this context.

    loaded_once  modules that jobs need: imported before workers are forked, so that none does it on a job's time
    """
    workers = KillableWorkers(limits, log, loaded_once)
    try:
        yield workers
    finally:
        await workers.close()


class KillableWorkers:
    """Implements `ports.WorkerPool`. Holds at most two jobs per worker at a time."""

    def __init__(
        self, limits: WorkerLimits, log: structlog.typing.FilteringBoundLogger, loaded_once: Sequence[str]
    ) -> None:
        self._limits = limits
        self._log = log
        self._loaded_once = loaded_once
        self._slots = asyncio.Semaphore(limits.workers * _JOBS_PER_WORKER)
        self._changing = asyncio.Lock()
        self._workforce: Workforce | None = None
        self._jobs = 0
        self._closed = False

    async def perform(self, job: Callable[[], Answer], *, seconds: float, repeat_slow: bool) -> Answer | Killed:
        """Do one job in a worker: its answer, or how its worker ended.

        A job whose worker died is repeated once; one that was too slow only with `repeat_slow`. A broken pool
        is not the job's fault. Raises WorkersUnavailable, and JobCrashed for a bug in the job.
        """
        assert seconds <= self._limits.longest_job_seconds
        self._jobs += 1
        try:
            async with self._slots:
                answer = await self._persist(job, seconds, repeat_slow=repeat_slow)
        finally:
            self._jobs -= 1
        if isinstance(answer, Fault):
            crash = JobCrashed(answer.error)
            crash.add_note(f"In the worker:\n{answer.traceback}")
            raise crash
        return cast("Answer | Killed", answer)

    async def rest(self) -> bool:
        """End the workers if they have nothing to do; the next job starts new ones. Whether any were ended."""
        async with self._changing:
            workforce = self._workforce
            if workforce is None or self._jobs:
                return False
            self._workforce = None
            await asyncio.to_thread(workforce.dismiss)
            return True

    async def close(self) -> None:
        """End all workers. A dismissal once begun runs to its end in its thread, even if this is cancelled."""
        async with self._changing:
            self._closed = True
            workforce, self._workforce = self._workforce, None
            if workforce is not None:
                await asyncio.to_thread(workforce.dismiss)

    async def _persist(self, job: Callable[[], object], seconds: float, *, repeat_slow: bool) -> object:
        killed = broken = 0
        while True:
            workforce = await self._running_workforce()
            try:
                answer = await self._attempt(workforce, job, seconds)
            except BrokenProcessPool as error:
                broken += 1
                self._log.warning(LogEvent.WORKER_KILLED, why="pool broken", detail=str(error), times=broken)
                await self._replace(workforce)
                if broken == _GENERATIONS_PER_JOB:
                    raise WorkersUnavailable("worker processes end before they answer") from error
                continue
            except MemoryError:
                return Killed(KillCause.MEMORY, "more memory than a worker may use")
            if not isinstance(answer, Killed):
                return answer
            killed += 1
            self._log.warning(LogEvent.WORKER_KILLED, why=answer.cause.value, detail=answer.message, times=killed)
            if killed == _TRIES_PER_JOB or (answer.cause is KillCause.TIME and not repeat_slow):
                return answer

    async def _attempt(self, workforce: Workforce, job: Callable[[], object], seconds: float) -> object:
        future = workforce.perform(job, seconds)
        try:
            async with asyncio.timeout(self._patience_seconds) as patience:
                return await asyncio.wrap_future(future)
        except pebble.ProcessExpired as error:
            return _killed_by(error.exitcode)
        except TimeoutError as error:
            if patience.expired():
                raise BrokenProcessPool("no answer in time: the pool is stuck") from error
            return Killed(KillCause.TIME, f"not done within {seconds:g} s")

    @property
    def _patience_seconds(self) -> float:
        """Longest wait of a job that has a slot: for the one before it, then its own, each killed at its limit.

        pebble measures its limits by the wall clock; this one, and the worker's CPU limit, do not jump with it.
        """
        return _JOBS_PER_WORKER * (self._limits.longest_job_seconds + TERM_TIMEOUT_SECONDS) + _SPARE_SECONDS

    async def _running_workforce(self) -> Workforce:
        async with self._changing:
            if self._closed:
                raise WorkersUnavailable("the worker processes are closed")
            if self._workforce is None:
                # Known to `close` before it starts: whoever is cancelled meanwhile leaves nothing behind.
                self._workforce = Workforce(self._limits, self._loaded_once)
            if not self._workforce.is_running:
                try:
                    await asyncio.to_thread(self._workforce.start)
                except BrokenProcessPool as error:
                    raise WorkersUnavailable("no worker process can be started") from error
            return self._workforce

    async def _replace(self, broken: Workforce) -> None:
        async with self._changing:
            if self._workforce is broken:
                self._workforce = None
                await asyncio.to_thread(broken.dismiss)


def _killed_by(exit_code: int) -> Killed:
    """A worker that used up its CPU limit had a job without end; any other death counts as greed for memory."""
    if exit_code == -signal.SIGXCPU:
        return Killed(KillCause.TIME, "the worker used up its CPU time")
    return Killed(KillCause.MEMORY, f"the worker died with exit code {exit_code}")
