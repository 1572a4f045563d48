"""The machine's clocks, where the rest of the program has a parameter."""

from __future__ import annotations

import datetime as dt
import time


class SystemClock:
    """Implements `ports.Clock` with the machine's clocks."""

    def now(self) -> dt.datetime:
        """Aware UTC wall time."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()
