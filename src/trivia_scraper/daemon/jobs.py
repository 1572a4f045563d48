"""From a slot of the schedule, or a request of a person, to work with its turns, its beginning and its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from trivia_scraper.daemon.scheduling import Taken
from trivia_scraper.daemon.working import EVERY_SOURCE, Ended, Work
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.requests import RequestKind, RunRequest
from trivia_scraper.domain.schedules import JobKind
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.requests import execute
from trivia_scraper.pipeline.scheduled import finish_slot, put_slot_back
from trivia_scraper.policy.request_attempts import is_cut_off
from trivia_scraper.ports import RequestDesk, Services

Do = Callable[[Services], Awaitable[Ended]]

SCHEDULE: Final = "schedule"


@dataclass(frozen=True, slots=True)
class Desks:
    """Where work comes from and goes back to. `services` are those of the moment, for what belongs to no run."""

    requests: RequestDesk
    services: Callable[[], Services]


def scheduled_options(*sources: str) -> RefreshOptions:
    """What a run by the clock is asked to do: nothing out of the ordinary, for these sources (none = all)."""
    return RefreshOptions(
        force_refresh_images=False,
        force_update=False,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=sources,
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


def scheduled_work(taken: Taken, do: Do, desks: Desks) -> Work:
    """The work of a slot. Cut off by a stop, the next process goes on with it under the same run."""
    name, due_at = taken.job.name, taken.due_at
    turns = {f"source:{taken.job.source}"} if taken.job.source else {str(taken.job.kind)}

    async def begin() -> bool:
        return True  # the schedule has taken the slot already

    async def end(ended: Ended) -> None:
        await finish_slot(name, due_at, ended.ok, ended.outcome, desks.services())

    async def give_back() -> None:
        await put_slot_back(name, due_at, desks.services())

    return Work(taken.run_id, name, SCHEDULE, frozenset(turns), do, begin, end, give_back, due_at)


def requested_work(request: RunRequest, given_away: Do | None, desks: Desks) -> Work:
    """The work of a request, executed as it was filed: here, or by whom it is given away to."""

    taken_at: dt.datetime | None = None

    async def begin() -> bool:
        nonlocal taken_at
        services = desks.services()
        # The same at each try, however late: so a lost COMMIT is recognised as ours.
        at = taken_at = taken_at or services.clock.now()
        return await attempt_storing(lambda: desks.requests.take(request.id, at), "taking a request", services)

    async def do_here(services: Services) -> Ended:
        ok, outcome = await execute(request, services)
        return Ended(ok, outcome, is_cut_off(request.kind, outcome), lost_database=_lost_database(outcome))

    async def end(ended: Ended) -> None:
        services = desks.services()
        await attempt_storing(
            lambda: desks.requests.finish(request.id, ended.ok, ended.outcome, services.clock.now()),
            "ending a request",
            services,
        )

    async def give_back() -> None:
        await attempt_storing(lambda: desks.requests.put_back(request.id), "putting a request back", desks.services())

    return Work(
        request.id,
        request.kind.value,
        request.requested_by,
        turns_of(request),
        given_away or do_here,
        begin,
        end,
        give_back,
    )


def turns_of(request: RunRequest) -> frozenset[str]:
    """What a request needs to itself: the sources that it reads, or that no other work of its kind runs. Pure."""
    if request.kind is RequestKind.REFRESH and not request.options.retry_failed_only:
        return frozenset(f"source:{slug}" for slug in request.options.sources) or frozenset({EVERY_SOURCE})
    return frozenset({KIND_TURNS[request.kind]})


KIND_TURNS: Final[Mapping[RequestKind, str]] = {
    RequestKind.REFRESH: "recovery",
    RequestKind.RECOVERY: "recovery",
    RequestKind.CLEANUP: str(JobKind.CLEANUP),
    RequestKind.ENRICHMENT: str(JobKind.ENRICHMENT),
}


def work_of_its_own(work_id: UUID, name: str, turns: frozenset[str], do: Do) -> Work:
    """Work that nobody keeps a book of: it is simply done again the next time."""

    async def begin() -> bool:
        return True

    async def end(_: Ended) -> None:
        return

    async def give_back() -> None:
        return

    return Work(work_id, name, SCHEDULE, turns, do, begin, end, give_back)


def _lost_database(outcome: Mapping[str, Any]) -> bool:
    error: Mapping[str, Any] = outcome.get("error") or {}
    return outcome.get("finish_reason") == "database_lost" or error.get("code") == "db_unreachable"
