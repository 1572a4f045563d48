"""Slots of what runs by the clock: taken once, merged, skipped, resumed, given up (operations.md 11; F47, F48, R169).

The book in memory, with which the schedule's own tests are quick, keeps the same promises as the real one.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from support.house import House, make_options
from support.slot_shelf import MemoryDesk, PostgresDesk, SlotDesk
from trivia_scraper.daemon.scheduling import Surroundings, Taken, Timekeeper
from trivia_scraper.domain.cleaning import WHOLE_CLEANUP, CleanupReport, ScheduledRun
from trivia_scraper.domain.errors import StoreFenced
from trivia_scraper.domain.schedules import JobHistory, JobKind, UnfinishedSlot
from trivia_scraper.pipeline.cleanup import clean_up, clean_up_when_due
from trivia_scraper.pipeline.scheduled import put_slot_back, run_taken
from trivia_scraper.policy.jobs import planned_jobs
from trivia_scraper.storage.database import Database

DUE = dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
NOON = DUE + 8 * HOUR
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture(params=["memory", "postgres"])
def desk(request: pytest.FixtureRequest) -> SlotDesk:
    """A store of each kind, empty."""
    if request.param == "memory":
        return MemoryDesk()
    database: Database = request.getfixturevalue("database")
    return PostgresDesk(database, request.getfixturevalue("database_url"))


async def test_r169_a_slot_is_taken_once_and_a_lost_answer_is_given_again(desk: SlotDesk) -> None:
    book, other = await desk.arrive(1), await desk.arrive(2)
    assert await book.claim("cleanup", DUE, "a", ONE, NOON)
    assert await book.claim("cleanup", DUE, "a", ONE, NOON + HOUR)
    assert not await book.claim("cleanup", DUE, "a", TWO, NOON)
    assert not await other.claim("cleanup", DUE, "b", ONE, NOON)
    assert await other.claim("cleanup", DUE + DAY, "b", TWO, NOON + DAY)
    assert await other.claim("snapshot", DUE, "b", TWO, NOON)
    await book.finish("cleanup", DUE, True, {}, NOON + HOUR)
    assert not await book.claim("cleanup", DUE, "a", ONE, NOON + HOUR)
    taken = await other.record("cleanup", DUE)
    assert taken is not None
    assert (taken.holder, taken.started_at, taken.finished_at, taken.ok) == ("a", NOON, NOON + HOUR, True)
    assert await other.record("verify", DUE) is None


async def test_merged_and_skipped_slots_have_their_row_and_take_nothing_away(desk: SlotDesk) -> None:
    book = await desk.arrive(1)
    assert await book.claim("cleanup", DUE, "a", ONE, NOON)
    await book.merge("cleanup", DUE + DAY, DUE, "a", NOON + DAY)
    await book.skip("cleanup", DUE + 2 * DAY, "missed", "a", NOON + 2 * DAY)
    await book.merge("cleanup", DUE, DUE - DAY, "a", NOON)
    await book.skip("cleanup", DUE + DAY, "missed", "a", NOON)
    assert not await book.claim("cleanup", DUE + DAY, "a", TWO, NOON + DAY)
    assert await book.claim("cleanup", DUE + 2 * DAY, "a", TWO, NOON + 2 * DAY), "a skipped slot can be made up for"
    assert not await book.claim("cleanup", DUE + 2 * DAY, "b", ONE, NOON + 2 * DAY)
    await book.finish("cleanup", DUE, True, {}, NOON + HOUR)
    [history] = await book.histories(NOON + 3 * DAY)
    assert (history.due_at, history.done_until) == (DUE + 2 * DAY, DUE + DAY), "merged = done once the whole is"


async def test_unfinished_is_what_a_process_left_that_writes_no_more(desk: SlotDesk) -> None:
    first = await desk.arrive(1)
    for name in ("cleanup", "snapshot", "verify"):
        assert await first.claim(name, DUE, "a", ONE, NOON)
    await first.finish("snapshot", DUE, False, {}, NOON)
    await first.merge("cleanup", DUE + DAY, DUE, "a", NOON + DAY)
    second = await desk.arrive(2)
    assert await second.claim("verify", DUE + DAY, "b", TWO, NOON + DAY)
    assert await second.unfinished(NOON + DAY) == [], "both processes live"
    await desk.fence(1)
    assert await second.unfinished(NOON + DAY) == [
        UnfinishedSlot("cleanup", DUE, ONE, 1, is_superseded=False),
        UnfinishedSlot("verify", DUE, ONE, 1, is_superseded=True),
    ]
    [_, verify] = await second.unfinished(NOON)
    assert not verify.is_superseded, "what a clock ahead of time took is not later"


async def test_a_slot_is_resumed_under_its_run_and_each_attempt_counts_once(desk: SlotDesk) -> None:
    first = await desk.arrive(1)
    assert await first.claim("cleanup", DUE, "a", ONE, NOON)
    second, third = await desk.arrive(2), await desk.arrive(3)
    assert await second.resume("cleanup", DUE, "b", TWO, NOON) is None, "its process lives"
    await desk.fence(1)
    assert await second.resume("cleanup", DUE, "b", TWO, NOON) == ONE
    assert await second.resume("cleanup", DUE, "b", TWO, NOON) == ONE, "a lost answer is given again"
    assert await third.resume("cleanup", DUE, "c", TWO, NOON) is None
    await desk.fence(2)
    assert await third.unfinished(NOON) == [UnfinishedSlot("cleanup", DUE, ONE, 2, is_superseded=False)]


async def test_what_a_stop_gave_up_is_resumed_and_the_attempt_does_not_count(desk: SlotDesk) -> None:
    first, second = await desk.arrive(1), await desk.arrive(2)
    assert await first.claim("cleanup", DUE, "a", ONE, NOON)
    await first.put_back("cleanup", DUE)
    await first.put_back("cleanup", DUE)
    assert await second.unfinished(NOON) == [UnfinishedSlot("cleanup", DUE, ONE, 0, is_superseded=False)]
    assert await second.resume("cleanup", DUE, "b", TWO, NOON) == ONE
    await second.finish("cleanup", DUE, True, {}, NOON)
    await second.put_back("cleanup", DUE)
    assert await second.unfinished(NOON) == []


async def test_a_slot_given_up_is_an_issue_until_the_job_ends_well(desk: SlotDesk) -> None:
    book = await desk.arrive(1)
    assert await book.claim("cleanup", DUE, "a", ONE, NOON)
    left = UnfinishedSlot("cleanup", DUE, ONE, 3, is_superseded=False)
    await book.give_up(left, None, "three times", {"error": {}}, NOON)
    assert await desk.issues() == [("cleanup", "three times")]
    assert await book.claim("cleanup", DUE + DAY, "a", TWO, NOON + DAY)
    await book.finish("cleanup", DUE + DAY, False, {}, NOON + DAY)
    assert await desk.issues() == [("cleanup", "three times")]
    await book.finish("cleanup", DUE + DAY, True, {}, NOON + DAY)
    assert await desk.issues() == []


async def test_histories_tell_the_last_slot_and_the_usual_duration(desk: SlotDesk) -> None:
    """The median of the last ten that ended well; what a clock in 2038 took counts for nothing."""
    book = await desk.arrive(1)
    for day in range(12):
        assert await book.claim("verify", DUE + day * DAY, "a", uuid4(), DUE + day * DAY)
        took = dt.timedelta(seconds=1_000 if day < 2 else day)
        await book.finish("verify", DUE + day * DAY, day != 11, {}, DUE + day * DAY + took)
    assert await book.claim("verify", DUE.replace(year=2038), "a", ONE, DUE.replace(year=2038))
    last = DUE + 11 * DAY
    assert await book.histories(last + HOUR) == [
        JobHistory("verify", last, last, last + dt.timedelta(seconds=11), False, 1, last, 6.5)
    ]
    assert await book.histories(DUE - DAY) == [JobHistory("verify", *[None] * 7)]


async def test_f47_two_daemons_at_the_same_moment_take_a_slot_once(database: Database, database_url: str) -> None:
    desk = PostgresDesk(database, database_url)
    books = [await desk.arrive(epoch) for epoch in (1, 2)]
    for day in range(10):
        due = DUE + day * DAY
        won = await asyncio.gather(
            *(book.claim("cleanup", due, f"daemon {number}", uuid4(), due) for number, book in enumerate(books))
        )
        assert sorted(won) == [False, True]


async def test_two_daemons_at_the_same_moment_resume_a_slot_once(database: Database, database_url: str) -> None:
    desk = PostgresDesk(database, database_url)
    first = await desk.arrive(1)
    for day in range(10):
        assert await first.claim("cleanup", DUE + day * DAY, "a", ONE, NOON)
    await desk.fence(1)
    books = [await desk.arrive(epoch) for epoch in (2, 3)]
    for day in range(10):
        due = DUE + day * DAY
        runs = await asyncio.gather(*(book.resume("cleanup", due, "b", TWO, NOON) for book in books))
        assert sorted(runs, key=str) == [ONE, None]


async def test_f46_a_daemon_that_was_shut_out_takes_and_ends_nothing(database: Database, database_url: str) -> None:
    desk = PostgresDesk(database, database_url)
    book = await desk.arrive(1)
    assert await book.claim("cleanup", DUE, "a", ONE, NOON)
    await desk.fence(1)
    calls: list[Callable[[], object]] = [
        lambda: book.claim("cleanup", DUE + DAY, "a", TWO, NOON),
        lambda: book.finish("cleanup", DUE, True, {}, NOON),
    ]
    for call in calls:
        with pytest.raises(StoreFenced):
            await call()  # type: ignore[misc]
    second = await desk.arrive(2)
    assert [left.name for left in await second.unfinished(NOON)] == ["cleanup"]


async def test_d5_r169_the_daemon_and_the_command_share_the_cleanup_of_the_day(house: House) -> None:
    """One takes it, the other learns who; work that is cancelled waits for the next process."""
    services, begun = house.services, list[Taken]()
    keeper = Timekeeper(
        Surroundings(
            jobs=lambda: [job for job in planned_jobs(house.settings, {}) if job.kind is JobKind.CLEANUP],
            start=lambda taken: not begun.append(taken),  # type: ignore[func-returns-value]
            running=lambda _: None,
            may_take=lambda: True,
            holder="the daemon",
            book=services.slots,
            clock=services.clock,
            new_run_id=uuid4,
            log=services.log,
        )
    )
    await keeper.turn()
    [taken] = begun
    told = await clean_up_when_due("a command", WHOLE_CLEANUP, make_options(), services)
    assert isinstance(told, ScheduledRun)
    assert (told.holder, told.due_at, told.finished_at) == ("the daemon", taken.due_at, None)

    async def stopped() -> CleanupReport:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await run_taken(taken.job.name, taken.due_at, stopped, services)
    await put_slot_back(taken.job.name, taken.due_at, services)
    [left] = await services.slots.unfinished(services.clock.now())
    assert (left.run_id, left.attempts) == (taken.run_id, 0)
    assert await services.slots.resume(left.name, left.due_at, "the next", uuid4(), NOON) == taken.run_id
    report = await run_taken(left.name, left.due_at, lambda: clean_up(make_options(), services), services)
    row = await services.slots.record(left.name, left.due_at)
    assert row is not None
    assert (row.holder, row.ok) == ("the next", report.ok)
    assert row.finished_at is not None
