"""Why a run takes up no further listing: its time is over, or somebody asked it to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trivia_scraper.domain.outcomes import SkipReason
from trivia_scraper.ports import Clock


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Asked before each listing. `deadline` is monotonic seconds, None = no budget."""

    clock: Clock
    deadline: float | None
    stopping: Callable[[], bool]

    def why_stop(self) -> SkipReason | None:
        """The reason to stop, or None to go on."""
        if self.stopping():
            return SkipReason.INTERRUPTED
        if self.deadline is not None and self.clock.monotonic() >= self.deadline:
            return SkipReason.OUT_OF_TIME
        return None
