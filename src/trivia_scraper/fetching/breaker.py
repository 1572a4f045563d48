"""Leaving a host alone that only fails (F50): open after some failures in a row, then one probe at a time."""

from __future__ import annotations

from typing import Final

from trivia_scraper.domain.errors import RateLimited, ServerFault, TransientError, TriviaScraperError

_LONGEST_PAUSE_FACTOR: Final = 10


class Breaker:
    """Counts a host's failures. `tripped` means: one request at a time, until one succeeds.

    most_failures  failures in a row that trip it; 0 = never
    pause_seconds  first pause; doubled for each failed probe, up to ten times this
    """

    def __init__(self, most_failures: int, pause_seconds: float) -> None:
        self._most_failures = most_failures
        self._first_pause_seconds = pause_seconds
        self._pause_seconds = pause_seconds
        self._failures = 0

    @property
    def tripped(self) -> bool:
        """Whether the host is being left alone or probed."""
        return 0 < self._most_failures <= self._failures

    def succeeded(self) -> None:
        """The host answered: closed, everything forgotten."""
        self._failures = 0
        self._pause_seconds = self._first_pause_seconds

    def failed(self) -> float:
        """The host failed. Returns for how many seconds to leave it alone: 0 while not tripped."""
        self._failures += 1
        if not self.tripped:
            return 0.0
        pause = self._pause_seconds
        self._pause_seconds = min(2 * pause, _LONGEST_PAUSE_FACTOR * self._first_pause_seconds)
        return pause


def speaks_against_host(error: TriviaScraperError) -> bool:
    """Whether an error says that the host is unwell, and not that this page, address or image is bad."""
    if isinstance(error, RateLimited):
        return False  # a healthy host that asks for patience: it is paused by its own figure
    faulty = isinstance(error, ServerFault) and (error.status_code or 0) >= 500
    return faulty or isinstance(error, TransientError)
