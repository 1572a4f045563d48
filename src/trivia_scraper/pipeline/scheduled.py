"""What runs by the clock, at most once for each due time over all daemons (images.md D5, R169)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from trivia_scraper.domain.cleaning import ScheduledRun
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.ports import Services


class Reported(Protocol):
    """What scheduled work comes to."""

    @property
    def ok(self) -> bool:
        """Whether all was done that could be done."""

    def document(self) -> Mapping[str, Any]:
        """The outcome as JSON has it."""


Report = TypeVar("Report", bound=Reported)


async def run_if_due(
    name: str, due_at: dt.datetime, holder: str, work: Callable[[], Awaitable[Report]], services: Services
) -> Report | ScheduledRun:
    """Take a due time and do the work, or say who has taken it.

    holder  who asks, unlike anybody else: process and host
    Daemons call this at their start with the latest due time, which catches up once, and whenever one comes.
    What was begun counts, however it ends: work that fails is not begun again before its next due time.
    """
    at = services.clock.now()
    is_ours = await attempt_storing(
        lambda: services.cleaning.claim_due(name, due_at, holder, at), "taking a due time", services
    )
    services.log.info(LogEvent.SCHEDULE_TAKEN, name=name, due_at=due_at.isoformat(), is_ours=is_ours)
    if not is_ours:
        taken = await attempt_storing(lambda: services.cleaning.due_run(name, due_at), "reading a due time", services)
        assert taken is not None  # rows of scheduled_runs stay
        return taken
    try:
        report = await work()
    except Exception as error:
        await _finish(name, due_at, False, {"error": redact_text(str(error))}, services)
        raise
    await _finish(name, due_at, report.ok, report.document(), services)
    return report


async def _finish(name: str, due_at: dt.datetime, ok: bool, outcome: Mapping[str, Any], services: Services) -> None:
    at = services.clock.now()
    await attempt_storing(
        lambda: services.cleaning.finish_due(name, due_at, ok, outcome, at), "ending what was due", services
    )
