"""The one retry loop: 3 attempts, 2 s then 4 s, transient classes only, Retry-After honoured (D9, R138-R140)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
import structlog
from structlog.testing import CapturingLogger

from trivia_scraper.domain import errors
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.pipeline.attempts import attempt, attempt_storing
from trivia_scraper.ports import PipelineSettings, Services

SETTINGS = PipelineSettings(
    detail_freshness=dt.timedelta(days=5),
    image_revalidate_after=dt.timedelta(days=7),
    concurrency_per_source=1,
    page_deadline_seconds=60.0,
    hero_deadline_seconds=30.0,
    performer_deadline_seconds=40.0,
    download_deadline_seconds=30.0,
    attempts=3,
    backoff_seconds=2.0,
    complete_runs_before_missing=3,
    vanished_ratio=0.2,
    suspect_ratio=0.6,
    source_growth_factor=10.0,
    enabled_sources=frozenset(),
    index_urls={},
    index_intervals={},
    freshness_overrides={},
    broken_sources={},
)


@dataclass
class FakeTime:
    """A clock that only sleeping and working move, and the waits it was asked for."""

    seconds: float = 1_000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@dataclass
class Script:
    """An operation that fails with each error in turn, then gives "done"; each try takes its seconds."""

    time: FakeTime
    failures: list[BaseException]
    seconds_each: float = 0.0
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        self.time.seconds += self.seconds_each
        if self.calls <= len(self.failures):
            raise self.failures[self.calls - 1]
        return "done"


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def lines() -> CapturingLogger:
    return CapturingLogger()


@pytest.fixture
def services(time: FakeTime, lines: CapturingLogger) -> Services:
    log = structlog.wrap_logger(lines, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0))
    # What the retry loop has no business with is not there: touching it fails the test.
    absent = cast(Any, None)
    return Services(
        settings=SETTINGS,
        run_id=absent,
        fetcher=absent,
        reader=absent,
        inspector=absent,
        files=absent,
        runs=absent,
        catalog=absent,
        ledger=absent,
        photos=absent,
        memory=absent,
        windows=absent,
        enrichment=absent,
        recoveries=absent,
        cleaning=absent,
        slots=absent,
        quarantine=absent,
        history=absent,
        reviews=absent,
        lookups=absent,
        archive=absent,
        progress=absent,
        locks=absent,
        sources=absent,
        providers=absent,
        clock=time,
        sleep=time.sleep,
        random=absent,
        stopping=absent,
        log=log,
    )


def unreachable() -> errors.ImageUnreachable:
    return errors.ImageUnreachable("no answer")


def limited(seconds: float | None) -> errors.RateLimited:
    return errors.RateLimited("slow down", retry_after_seconds=seconds)


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        pytest.param([], [], id="D9-first-try"),
        pytest.param([unreachable()], [2.0], id="D9-second-try-after-2-s"),
        pytest.param([unreachable(), unreachable()], [2.0, 4.0], id="D9-third-try-after-4-s"),
        pytest.param([limited(7.0)], [7.0], id="D9-retry-after-instead-of-2-s"),
        pytest.param([limited(7.0), unreachable()], [7.0, 4.0], id="D9-retry-after-then-4-s"),
        pytest.param([limited(None)], [2.0], id="D9-429-without-header"),
        pytest.param([limited(0.0)], [0.0], id="D9-retry-after-now"),
    ],
)
async def test_d9_success_after_waits(
    failures: list[BaseException], waits: list[float], time: FakeTime, services: Services
) -> None:
    script = Script(time, failures)
    attempted = await attempt(script, "image download", services, budget_seconds=30.0)
    assert (attempted.value, attempted.attempts, script.calls) == ("done", len(failures) + 1, len(failures) + 1)
    assert time.waits == waits


async def test_d9_the_third_failure_ends_it(time: FakeTime, services: Services) -> None:
    last = unreachable()
    script = Script(time, [unreachable(), unreachable(), last])
    with pytest.raises(errors.ImageUnreachable) as caught:
        await attempt(script, "image download", services, budget_seconds=30.0)
    assert caught.value is last
    assert (script.calls, last.attempts, time.waits) == (3, 3, [2.0, 4.0])


@pytest.mark.parametrize(("attempts", "waits"), [(1, []), (2, [1.0]), (5, [1.0, 2.0, 4.0, 8.0])])
async def test_the_number_and_the_first_wait_are_settings(
    attempts: int, waits: list[float], time: FakeTime, services: Services
) -> None:
    services = replace(services, settings=replace(SETTINGS, attempts=attempts, backoff_seconds=1.0))
    script = Script(time, [unreachable() for _ in range(9)])
    with pytest.raises(errors.ImageUnreachable) as caught:
        await attempt(script, "image download", services, budget_seconds=60.0)
    assert (script.calls, caught.value.attempts, time.waits) == (attempts, attempts, waits)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(errors.PageGone("x"), id="D9-gone"),
        pytest.param(errors.PageForbidden("x"), id="D9-forbidden"),
        pytest.param(errors.ImageRejected("x", reason=Reason.HTML), id="D9-rejected"),
        pytest.param(errors.AddressBlocked("x"), id="D9-blocked"),
        pytest.param(errors.StorageFull("x"), id="D9-storage-full"),
        pytest.param(errors.RowRejected("x"), id="D9-row-rejected"),
        pytest.param(errors.ServerFault("x"), id="D4-D9-ambiguous"),
        pytest.param(TriviaScraperError("x", error_type=ErrorType.UNKNOWN_ERROR), id="D4-D9-unknown"),
        pytest.param(KeyError("bug"), id="D9-a-bug"),
        pytest.param(TimeoutError(), id="R54-the-tasks-own-timeout"),
        pytest.param(asyncio.CancelledError(), id="F04-cancelled"),
    ],
)
@pytest.mark.parametrize("patient", [False, True], ids=["download", "storing"])
async def test_d9_permanent_and_ambiguous_failures_are_not_repeated(
    error: BaseException, patient: bool, time: FakeTime, services: Services
) -> None:
    script = Script(time, [error])
    trying = (
        attempt_storing(script, "saving", services)
        if patient
        else attempt(script, "image download", services, budget_seconds=30.0)
    )
    with pytest.raises(type(error)) as caught:
        await trying
    assert caught.value is error
    assert (script.calls, time.waits) == (1, [])
    if isinstance(error, TriviaScraperError):
        assert error.attempts == 1


async def test_d9_an_error_after_a_transient_one_knows_the_number_of_tries(
    time: FakeTime, services: Services
) -> None:
    gone = errors.PageGone("x")
    with pytest.raises(errors.PageGone):
        await attempt(Script(time, [unreachable(), gone]), "page", services, budget_seconds=30.0)
    assert (gone.attempts, time.waits) == (2, [2.0])


@pytest.mark.parametrize(
    ("asked", "seconds_each", "budget", "calls", "waits"),
    [
        pytest.param(29.0, 0.0, 30.0, 2, [29.0], id="D9-fits"),
        pytest.param(30.0, 0.0, 30.0, 1, [], id="D9-leaves-no-time-to-try"),
        pytest.param(31.0, 0.0, 30.0, 1, [], id="D9-does-not-fit-the-task"),
        pytest.param(59.0, 0.0, 600.0, 2, [59.0], id="2-at-most-60-s-fits"),
        pytest.param(61.0, 0.0, 600.0, 1, [], id="2-at-most-60-s"),
        pytest.param(86_400.0, 0.0, 600.0, 1, [], id="2-a-day"),
        pytest.param(20.0, 15.0, 30.0, 1, [], id="D9-the-try-itself-used-up-time"),
        pytest.param(20.0, 5.0, 30.0, 2, [20.0], id="D9-the-try-was-short-enough"),
    ],
)
async def test_2_a_retry_after_that_does_not_fit_the_time_left_ends_the_attempts(
    asked: float,
    seconds_each: float,
    budget: float,
    calls: int,
    waits: list[float],
    time: FakeTime,
    services: Services,
) -> None:
    script = Script(time, [limited(asked), limited(asked), limited(asked)], seconds_each)
    with pytest.raises(errors.RateLimited) as caught:
        await attempt(script, "image download", services, budget_seconds=budget)
    assert (script.calls, caught.value.attempts, time.waits) == (calls, calls, waits)
    assert caught.value.retry_after_seconds == asked


async def test_2_waits_already_slept_count_against_the_budget(time: FakeTime, services: Services) -> None:
    script = Script(time, [limited(20.0), limited(20.0)])
    with pytest.raises(errors.RateLimited) as caught:
        await attempt(script, "image download", services, budget_seconds=30.0)
    assert (time.waits, caught.value.attempts) == ([20.0], 2)


async def test_r139_a_retry_logs_attempt_x_of_y_and_the_wait(
    time: FakeTime, lines: CapturingLogger, services: Services
) -> None:
    script = Script(time, [limited(7.0), unreachable()])
    await attempt(script, "image download", services, budget_seconds=30.0)
    assert [(call.method_name, call.kwargs["event"]) for call in lines.calls] == [
        ("warning", LogEvent.RETRY_SCHEDULED)
    ] * 2
    told = [(k["what"], k["attempt"], k["attempts"], k["wait_seconds"], k["error_type"]) for k in kwargs_of(lines)]
    assert told == [
        ("image download", 1, 3, 7.0, ErrorType.RATE_LIMITED),
        ("image download", 2, 3, 4.0, ErrorType.NETWORK_ERROR),
    ]


async def test_r139_no_retry_no_line(time: FakeTime, lines: CapturingLogger, services: Services) -> None:
    await attempt(Script(time, []), "image download", services, budget_seconds=30.0)
    with pytest.raises(errors.PageGone):
        await attempt(Script(time, [errors.PageGone("x")]), "page", services, budget_seconds=30.0)
    assert lines.calls == []


def kwargs_of(lines: CapturingLogger) -> list[dict[str, Any]]:
    return [dict(call.kwargs) for call in lines.calls]


# --- storing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [errors.CommitUnknown("x"), errors.StorageUnavailable("x"), errors.DatabaseUnreachable("x")],
    ids=["F34-architecture-6-commit-unknown", "F33-storage-unavailable", "F32-database-unreachable"],
)
async def test_storing_is_repeated_until_it_is_known_to_have_worked(
    error: TriviaScraperError, time: FakeTime, services: Services
) -> None:
    script = Script(time, [error, error])
    assert await attempt_storing(script, "saving a detail", services) == "done"
    assert (script.calls, time.waits) == (3, [1.0, 2.0])


async def test_f32_a_database_that_is_away_for_a_minute_loses_nothing(time: FakeTime, services: Services) -> None:
    back_at = time.seconds + 60.0
    calls = 0

    async def save() -> str:
        nonlocal calls
        calls += 1
        if time.monotonic() < back_at:
            raise errors.DatabaseUnreachable("away")
        return "done"

    assert await attempt_storing(save, "saving a detail", services) == "done"
    assert (calls, time.waits) == (7, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0])


async def test_f32_a_database_that_stays_away_ends_the_attempts(time: FakeTime, services: Services) -> None:
    script = Script(time, [errors.StorageUnavailable("away") for _ in range(20)])
    with pytest.raises(errors.StorageUnavailable) as caught:
        await attempt_storing(script, "saving a detail", services)
    assert (script.calls, caught.value.attempts) == (7, 7)


async def test_f32_storing_gives_up_when_its_budget_is_over(time: FakeTime, services: Services) -> None:
    # Each try hangs until its own time-out: seven of them would hold the item for minutes.
    script = Script(time, [errors.StorageUnavailable("hangs") for _ in range(20)], seconds_each=35.0)
    with pytest.raises(errors.StorageUnavailable) as caught:
        await attempt_storing(script, "saving a detail", services)
    assert (caught.value.attempts, time.waits) == (4, [1.0, 2.0, 4.0])


async def test_attempts_do_not_depend_on_the_downloads_settings(time: FakeTime, services: Services) -> None:
    services = replace(services, settings=replace(SETTINGS, attempts=1, backoff_seconds=9.0))
    assert await attempt_storing(Script(time, [errors.StorageUnavailable("x")]), "saving", services) == "done"
    assert time.waits == [1.0]


async def test_cancelling_during_a_wait_ends_it_at_once(time: FakeTime, services: Services) -> None:
    asleep = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    script = Script(time, [unreachable()])
    waiting: Callable[[float], Awaitable[None]] = sleep
    async with asyncio.TaskGroup() as group:
        task = group.create_task(
            attempt(script, "image download", replace(services, sleep=waiting), budget_seconds=30.0)
        )
        await asleep.wait()
        task.cancel()
    assert task.cancelled()
    assert script.calls == 1
