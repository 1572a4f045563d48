"""The last resort of a stop: what hangs in closing must not keep the process (safety.md 12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

TELL_SECONDS: Final = 0.2


class LastResort:
    """Leaves the process from outside the event loop, which may be what hangs.

    tell   says so, and is not waited for long: where it is written to may be what hangs
    leave  does not return: `os._exit`
    """

    def __init__(self, tell: Callable[[], object], leave: Callable[[], object]) -> None:
        self._tell = tell
        self._leave = leave
        self._timers: list[threading.Timer] = []

    def arm(self, seconds: float) -> None:
        """Leave after so long unless disarmed; armed twice, whichever comes first."""
        timer = threading.Timer(seconds, self._go)
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def disarm(self) -> None:
        """Everything has been closed."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _go(self) -> None:
        telling = threading.Thread(target=self._tell, daemon=True)
        telling.start()
        telling.join(TELL_SECONDS)
        self._leave()
