"""Small loops under one roof: each says that it is alive, and one that dies is started again (operations.md O09)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from structlog.typing import FilteringBoundLogger

from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.domain.errors import InstanceLocked
from trivia_scraper.domain.live import LoopState
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import redact_text

Beat: TypeAlias = Callable[[], None]
"""Called by a loop at each turn: it is alive."""

FIRST_BACKOFF_SECONDS: Final = 0.5
LONGEST_BACKOFF_SECONDS: Final = 60.0
CALM_SECONDS: Final = 120.0
"""A loop that ran so long before it died begins with the shortest wait again."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One of the daemon's loops: `run` goes on until a stop is asked for, and calls its beat at each turn.

    stale_after_seconds  silence beyond this counts as dead: readiness goes, the watchdog is not petted
    """

    name: str
    run: Callable[[Beat], Awaitable[None]]
    stale_after_seconds: float = 60.0


@dataclass(slots=True)
class _Pulse:
    """What is known of one loop."""

    stale_after_seconds: float
    beat_at: float
    state: Literal["running", "restarting", "stopped"] = "running"
    restarts: int = 0
    last_error: str = ""
    failures_in_row: int = field(default=0)


class Loops:
    """Keeps loops going and knows how they are."""

    def __init__(self, stop: Stop, monotonic: Callable[[], float], log: FilteringBoundLogger) -> None:
        self._stop = stop
        self._monotonic = monotonic
        self._log = log
        self._pulses: dict[str, _Pulse] = {}

    def states(self) -> tuple[LoopState, ...]:
        """How each loop is, in the order in which they were started."""
        now = self._monotonic()
        return tuple(
            LoopState(
                name, pulse.state, now - pulse.beat_at, pulse.stale_after_seconds, pulse.restarts, pulse.last_error
            )
            for name, pulse in self._pulses.items()
        )

    async def keep(self, loop: Loop) -> None:
        """Run one loop until a stop is asked for, again and again with growing waits when it dies.

        Another instance that took the store over is no death but the end: the daemon stops with that error.
        """
        pulse = self._pulses[loop.name] = _Pulse(loop.stale_after_seconds, self._monotonic())

        def beat() -> None:
            pulse.beat_at = self._monotonic()

        while not self._stop.is_asked:
            began = self._monotonic()
            try:
                await loop.run(beat)
                if self._stop.is_asked:
                    break
                error: Exception = RuntimeError("the loop ended by itself")
            except InstanceLocked as locked:
                self._stop.fail(locked)
                break
            except Exception as died:  # noqa: BLE001 - whatever kills a loop must not kill the others
                error = died
            await self._mourn(loop, pulse, error, self._monotonic() - began)
        pulse.state = "stopped"

    async def _mourn(self, loop: Loop, pulse: _Pulse, error: Exception, lived_seconds: float) -> None:
        pulse.failures_in_row = 1 if lived_seconds >= CALM_SECONDS else pulse.failures_in_row + 1
        pulse.state, pulse.last_error = "restarting", redact_text(f"{type(error).__name__}: {error}")
        wait = backoff_seconds(pulse.failures_in_row)
        self._log.error(LogEvent.LOOP_DIED, loop=loop.name, wait_seconds=wait, exc_info=error)
        if await self._stop.sleep(wait):
            return
        pulse.restarts += 1
        pulse.state, pulse.beat_at = "running", self._monotonic()
        self._log.warning(LogEvent.LOOP_RESTARTED, loop=loop.name, restarts=pulse.restarts)


def backoff_seconds(failures_in_row: int) -> float:
    """How long a loop that died for the n-th time in a row stays down: 0.5, 1, 2 … 60 s. Pure."""
    return float(min(FIRST_BACKOFF_SECONDS * 2 ** (min(failures_in_row, 10) - 1), LONGEST_BACKOFF_SECONDS))
