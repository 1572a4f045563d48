"""Signals of a daemon: end, read the settings anew, show what every task is at (operations.md 5)."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from structlog.typing import FilteringBoundLogger

from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.domain.log_events import LogEvent


@contextmanager
def listening_to_signals(stop: Stop, reload: Callable[[], object], log: FilteringBoundLogger) -> Iterator[None]:
    """SIGTERM and SIGINT stop (twice: at once), SIGHUP reloads, SIGUSR1 dumps. Entered inside the running loop."""
    loop = asyncio.get_running_loop()
    handlers: dict[signal.Signals, Callable[[], object]] = {
        signal.SIGTERM: lambda: stop.ask("SIGTERM"),
        signal.SIGINT: lambda: stop.ask("SIGINT"),
        signal.SIGHUP: reload,
        signal.SIGUSR1: lambda: dump_tasks(log),
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def dump_tasks(log: FilteringBoundLogger) -> None:
    """One line for each task of the loop: its name and where it stands."""
    for task in sorted(asyncio.all_tasks(), key=lambda task: task.get_name()):
        stack = io.StringIO()
        task.print_stack(file=stack)
        log.info(LogEvent.TASKS_DUMPED, task=task.get_name(), stack=stack.getvalue())
