"""The parent's side: the `ImageInspector` of ports.py over killable worker processes (safety.md 6).

What crosses the process border: the body, the settings, and the options as their one JSON document on the
way out; an `InspectedImage` or a `Refusal` on the way back. Never an exception object of ours.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pebble
import structlog

from trivia_scraper.domain.errors import ImageRejected, ImageUnreachable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions, options_to_json
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal
from trivia_scraper.imaging.workforce import TERM_TIMEOUT_SECONDS, Workforce

if TYPE_CHECKING:
    from trivia_scraper.imaging.worker import Inspection

_TRIES_PER_PICTURE: Final = 2
_GENERATIONS_PER_PICTURE: Final = 3
_PICTURES_PER_WORKER: Final = 2  # one being decoded, one in the pipe
_SPARE_SECONDS: Final = 10.0


@asynccontextmanager
async def open_inspector(
    settings: ImagingSettings,
    log: structlog.typing.FilteringBoundLogger,
    *,
    inspection: Inspection | None = None,
) -> AsyncIterator[PoolInspector]:
    """Yield an inspector whose workers start with its first picture and end with this context.

    inspection  what a worker does with a body instead of `inspect.inspect_picture`; importable by name
    """
    inspector = PoolInspector(settings, log, inspection)
    try:
        yield inspector
    finally:
        await inspector.close()


@dataclass(frozen=True, slots=True)
class _Killed:
    """Why a worker ended before it answered."""

    reason: Reason
    message: str


class PoolInspector:
    """Implements `ports.ImageInspector`. The pool holds at most two pictures per worker at a time."""

    def __init__(
        self, settings: ImagingSettings, log: structlog.typing.FilteringBoundLogger, inspection: Inspection | None
    ) -> None:
        self._settings = settings
        self._log = log
        self._inspection = inspection
        self._slots = asyncio.Semaphore(settings.workers * _PICTURES_PER_WORKER)
        self._changing = asyncio.Lock()
        self._workforce: Workforce | None = None
        self._closed = False

    async def inspect(self, body: bytes | Path, options: RefreshOptions) -> InspectedImage:
        """Check one picture completely.

        Raises ImageRejected with a reason, and ImageUnreachable when no worker process can be had.
        """
        async with self._slots:
            verdict = await self._examine(body, options)
        if isinstance(verdict, Refusal):
            raise ImageRejected(
                f"{verdict.reason.value}: {verdict.message}",
                reason=verdict.reason,
                error_type=verdict.error_type,
                excerpt=verdict.excerpt,
            )
        return verdict

    async def close(self) -> None:
        """End all workers. A dismissal once begun runs to its end in its thread, even if this is cancelled."""
        async with self._changing:
            self._closed = True
            workforce, self._workforce = self._workforce, None
            if workforce is not None:
                await asyncio.to_thread(workforce.dismiss)

    async def _examine(self, body: bytes | Path, options: RefreshOptions) -> InspectedImage | Refusal:
        """One picture, repeated once when its worker was killed. A broken pool is not the picture's fault."""
        killed = broken = 0
        while True:
            workforce = await self._running_workforce()
            try:
                verdict = await self._attempt(workforce, body, options)
            except BrokenProcessPool as error:
                broken += 1
                self._log.warning(LogEvent.WORKER_KILLED, why="pool broken", detail=str(error), times=broken)
                await self._replace(workforce)
                if broken == _GENERATIONS_PER_PICTURE:
                    raise _no_worker("image workers end before they answer") from error
                continue
            if not isinstance(verdict, _Killed):
                return verdict
            killed += 1
            self._log.warning(LogEvent.WORKER_KILLED, why=verdict.reason.value, detail=verdict.message, times=killed)
            if killed == _TRIES_PER_PICTURE:
                return Refusal(verdict.reason, verdict.message)

    async def _attempt(
        self, workforce: Workforce, body: bytes | Path, options: RefreshOptions
    ) -> InspectedImage | Refusal | _Killed:
        future = workforce.examine(body if isinstance(body, bytes) else str(body), options_to_json(options))
        try:
            async with asyncio.timeout(self._patience_seconds) as patience:
                return await asyncio.wrap_future(future)
        except pebble.ProcessExpired as error:
            return _killed_by(error.exitcode)
        except MemoryError:
            return Refusal(Reason.DECODE_MEMORY, "more memory than a worker may use")
        except TimeoutError as error:
            if patience.expired():
                raise BrokenProcessPool("no answer in time: the pool is stuck") from error
            return _Killed(Reason.DECODE_TIMEOUT, f"not decoded within {self._settings.decode_timeout_seconds:g} s")

    @property
    def _patience_seconds(self) -> float:
        """Longest wait of a picture that has a slot: for the one before it, then its own, each killed at its limit.

        pebble measures its limits by the wall clock; this one, and the worker's CPU limit, do not jump with it.
        """
        return _PICTURES_PER_WORKER * (self._settings.decode_timeout_seconds + TERM_TIMEOUT_SECONDS) + _SPARE_SECONDS

    async def _running_workforce(self) -> Workforce:
        async with self._changing:
            if self._closed:
                raise _no_worker("the image workers are closed")
            if self._workforce is None:
                # Known to `close` before it starts: whoever is cancelled meanwhile leaves nothing behind.
                self._workforce = Workforce(self._settings, self._inspection)
            if not self._workforce.is_running:
                try:
                    await asyncio.to_thread(self._workforce.start)
                except BrokenProcessPool as error:
                    raise _no_worker("no image worker can be started") from error
            return self._workforce

    async def _replace(self, broken: Workforce) -> None:
        async with self._changing:
            if self._workforce is broken:
                self._workforce = None
                await asyncio.to_thread(broken.dismiss)


def _no_worker(message: str) -> ImageUnreachable:
    # Our own trouble, not the picture's: it passes, and the picture is due again.
    return ImageUnreachable(message, error_type=ErrorType.SERVICE_UNAVAILABLE)


def _killed_by(exit_code: int) -> _Killed:
    """A worker that used up its CPU limit was a decoder without end; any other death counts as greed for memory."""
    if exit_code == -signal.SIGXCPU:
        return _Killed(Reason.DECODE_TIMEOUT, "the worker used up its CPU time")
    return _Killed(Reason.DECODE_MEMORY, f"the worker died with exit code {exit_code}")
