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
        lambda: services.slots.claim(name, due_at, holder, services.run_id, at), "taking a due time", services
    )
    services.log.info(LogEvent.SCHEDULE_TAKEN, name=name, due_at=due_at.isoformat(), is_ours=is_ours)
    if not is_ours:
        taken = await attempt_storing(lambda: services.slots.record(name, due_at), "reading a due time", services)
        assert taken is not None  # rows of scheduled_runs stay
        return taken
    return await run_taken(name, due_at, work, services)


async def run_taken(
    name: str, due_at: dt.datetime, work: Callable[[], Awaitable[Report]], services: Services
) -> Report:
    """Do the work of a slot that this process has taken, and record how it ended.

    Work that is cancelled stays unfinished: the next process resumes it.
    """
    try:
        report = await work()
    except Exception as error:
        await finish_slot(name, due_at, False, {"error": redact_text(str(error))}, services)
        raise
    await finish_slot(name, due_at, report.ok, report.document(), services)
    return report


async def finish_slot(
    name: str, due_at: dt.datetime, ok: bool, outcome: Mapping[str, Any], services: Services
) -> None:
    """Record how the work of a slot ended; `outcome` without secrets."""
    at = services.clock.now()
    await attempt_storing(
        lambda: services.slots.finish(name, due_at, ok, outcome, at), "ending what was due", services
    )


async def put_slot_back(name: str, due_at: dt.datetime, services: Services) -> None:
    """Leave work that a stop interrupted to the next process, without counting the attempt."""
    await attempt_storing(lambda: services.slots.put_back(name, due_at), "putting back what was due", services)
