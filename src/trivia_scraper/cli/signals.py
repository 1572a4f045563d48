"""Stopping a one-shot run: the first SIGINT or SIGTERM drains, the second cancels at once (safety.md 12)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from trivia_scraper.cli.output import note


class StopRequest:
    """Whether somebody asked the run to end, and how. `meaning` is told at the first signal."""

    def __init__(self) -> None:
        self.first: signal.Signals | None = None
        self.meaning = "finishing what is begun; once more stops at once"

    def is_made(self) -> bool:
        """What the pipeline asks before it takes up new work."""
        return self.first is not None

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Take the two signals for as long as the run lasts. Must be entered inside the run's main task."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._receive, number, task)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _receive(self, number: signal.Signals, task: asyncio.Task[object]) -> None:
        if self.first is None:
            self.first = number
            note(f"{number.name}: {self.meaning}")
        else:
            task.cancel()
