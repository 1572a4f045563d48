"""How many requests a provider allows in a second, a minute, an hour (images.md 7, R198).

Times are readings of a monotonic clock. Check and record are one step: who is admitted is counted at once, so two
that ask at the same time cannot both take the last place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Window(StrEnum):
    """A stretch of time that ends now."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"


WINDOW_SECONDS: Final = {Window.SECOND: 1.0, Window.MINUTE: 60.0, Window.HOUR: 3_600.0}
LONGEST_WINDOW_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """Most requests in each window; 0 = no limit."""

    per_second: int = 0
    per_minute: int = 0
    per_hour: int = 0

    def in_order(self) -> tuple[tuple[Window, int], ...]:
        """Shortest window first: the first full one refuses."""
        return (
            (Window.SECOND, self.per_second), (Window.MINUTE, self.per_minute), (Window.HOUR, self.per_hour),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may go out now.

    times        what is remembered from now on, oldest first; with this request if it was admitted
    refused_by   the window that is full, or None
    wait_seconds how long until that window has a place
    """

    times: tuple[float, ...]
    refused_by: Window | None = None
    wait_seconds: float = 0.0


def admit(times: Sequence[float], now: float, limits: WindowLimits) -> Admission:
    """Admit and count one request, or refuse it and count nothing."""
    recent = tuple(at for at in times if now - at < LONGEST_WINDOW_SECONDS)
    for window, most in limits.in_order():
        length = WINDOW_SECONDS[window]
        inside = [at for at in recent if now - at < length]
        if most and len(inside) >= most:
            return Admission(recent, window, inside[-most] + length - now)
    return Admission((*recent, now))
