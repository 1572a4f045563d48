"""What providers and hosts taught us about asking them (images.md 7, 12)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderPace:
    """How long to wait between two downloads from a provider, and how many went well in a row."""

    delay_ms: int
    successes_in_row: int


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A host's circuit breaker.

    failures_in_row  transient failures and refused keys since the last success
    pause_seconds    how long it was opened the last time; doubles from one opening to the next
    open_until       closed again for one probe from then on; None = closed
    """

    failures_in_row: int
    pause_seconds: float
    opened_at: dt.datetime | None
    open_until: dt.datetime | None
