"""SIGINT and SIGTERM for the demo: in the middle they cancel it, at its end they are the way out."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_EXIT_CODES: Final = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Stopping:
    """Take the two signals for as long as `listen` is entered; to be made inside the main task."""

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self._waiting = False
        self._came = asyncio.Event()

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Cancel the current task at a signal, unless it is in `wait`."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        for number in _EXIT_CODES:
            loop.add_signal_handler(number, self._receive, number, task)
        try:
            yield
        finally:
            for number in _EXIT_CODES:
                loop.remove_signal_handler(number)

    async def wait(self) -> None:
        """Return at the first signal: here it is not an interruption."""
        self._waiting = True
        await self._came.wait()

    def _receive(self, number: signal.Signals, task: asyncio.Task[object]) -> None:
        self._came.set()
        if self._waiting:
            return
        # Once only: a second signal must not break off the stopping of the child process.
        if self.exit_code is None:
            self.exit_code = _EXIT_CODES[number]
            task.cancel()
