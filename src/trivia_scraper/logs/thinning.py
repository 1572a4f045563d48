"""How many lines of one kind a minute may have (operations.md 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

REPEATS_PER_MINUTE: Final = 10
NEVER_THINNED: Final = ("image.", "refresh.", "detail.args_received")

_WINDOW_SECONDS: Final = 60.0


class Thinning:
    """At most 10 lines a minute of one event and error class; the rest is counted (operations.md 6).

    Image and refresh events are evidence that a flag arrived, one by one: they are never thinned.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str], list[float]] = {}

    def admit(self, event: str, error_class: str) -> int | None:
        """None = leave this line out; else how many were left out since the last one that was let through."""
        if event.startswith(NEVER_THINNED):
            return 0
        now = self._monotonic()
        # [start of the minute, lines in it, lines left out]
        window = self._windows.setdefault((event, error_class), [now, 0, 0])
        if now - window[0] >= _WINDOW_SECONDS:
            window[0], window[1] = now, 0
        if window[1] >= REPEATS_PER_MINUTE:
            window[2] += 1
            return None
        window[1] += 1
        left_out, window[2] = int(window[2]), 0
        return left_out

    def leftovers(self) -> Iterable[tuple[str, str, int]]:
        """(event, error class, lines left out and not yet told)."""
        for (event, error_class), window in self._windows.items():
            if window[2]:
                yield event, error_class, int(window[2])
