"""The schedule's loop under clocks that jump, restarts, crashes and a database that is away (F30, F47, F48).

The clock is the test's own: sleeping moves it. The book in memory keeps the promises of the real one
(tests/integration/test_slots.py).
"""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, pairwise, takewhile
from typing import Any, Literal, cast
from uuid import UUID

import pytest

from support.house import capturing_log
from support.slot_shelf import MemoryDesk, MemorySlotBook, Row
from trivia_scraper.daemon.scheduling import RETRY_SECONDS, Surroundings, Taken, Timekeeper
from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.domain.errors import CommitUnknown, DatabaseUnreachable, StoreFenced, TriviaScraperError
from trivia_scraper.domain.live import NextSlot
from trivia_scraper.domain.schedules import Job, JobKind

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def at(text: str) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromisoformat(f"{text}+00:00")


def daily(line: str = "0 3 * * *", zone: str = "UTC", catch_up: Literal["once", "skip"] = "once") -> Job:
    return Job(JobKind.REFRESH, Crontab(line, zone), catch_up, source="question_one")


CLEANUP = Job(JobKind.CLEANUP, Crontab("0 4 * * *"), "once")
HOURLY = Job(JobKind.VERIFY, Crontab("30 * * * *"), "once")


@dataclass
class Clocks:
    """Implements `ports.Clock`: time goes on when somebody sleeps, and the wall clock can be put."""

    wall: dt.datetime
    seconds: float = 0.0

    def now(self) -> dt.datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def go_on(self, by: dt.timedelta) -> None:
        self.wall += by
        self.seconds += by.total_seconds()


@dataclass
class Flaky:
    """A book whose next calls fail, None = does not; with `is_heard` the call was done before its answer was lost."""

    book: MemorySlotBook
    failures: list[TriviaScraperError | None] = field(default_factory=list)
    is_heard: bool = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: object) -> Any:
            failure = self.failures.pop(0) if self.failures else None
            if failure is None:
                return await getattr(self.book, name)(*arguments)
            if self.is_heard:
                await getattr(self.book, name)(*arguments)
            raise failure

        return call


class Daemon:
    """One process: its schedule, and work that runs until the test ends it."""

    def __init__(self, desk: MemoryDesk, clocks: Clocks, *jobs: Job, epoch: int = 1) -> None:
        self.desk, self.clocks, self.epoch, self.jobs = desk, clocks, epoch, list(jobs)
        self.book = Flaky(MemorySlotBook(desk.shelf, epoch))
        self.log, self.capture = capturing_log()
        self.begun: list[Taken] = []
        self.running: dict[str, dt.datetime] = {}
        self.may_take = self.may_start = True
        ids = count(epoch * 1_000)
        self.keeper = Timekeeper(
            Surroundings(
                jobs=lambda: self.jobs,
                start=self.start,
                running=self.running.get,
                may_take=lambda: self.may_take,
                holder=f"process {epoch}",
                book=cast(Any, self.book),
                clock=clocks,
                new_run_id=lambda: UUID(int=next(ids)),
                log=self.log,
            )
        )

    def start(self, taken: Taken) -> bool:
        if self.may_start:
            assert taken.job.name not in self.running, "two of a name"
            self.begun.append(taken)
            self.running[taken.job.name] = taken.due_at
        return self.may_start

    async def end_work(self) -> None:
        """Everything that runs ends well, now."""
        for name, due_at in list(self.running.items()):
            await self.book.book.finish(name, due_at, True, {}, self.clocks.now())
            del self.running[name]

    async def go_on(self, until: dt.datetime, *, ends_work: bool = True) -> None:
        """Turn after turn, each as late as the schedule asked for, until the wall clock shows `until`."""
        while self.clocks.now() < until:
            seconds = await self.keeper.turn()
            assert 0 < seconds <= 30
            if ends_work:
                await self.end_work()
            self.clocks.go_on(dt.timedelta(seconds=seconds))
        await self.keeper.turn()

    @property
    def slots(self) -> list[str]:
        """What was begun here: job and due time."""
        return [f"{taken.job.kind} {taken.due_at:%d %H:%M}" for taken in self.begun]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [dict(entry) for entry in self.capture.entries if entry["event"] == name]


def rows(desk: MemoryDesk) -> dict[str, Row]:
    return {f"{name} {due:%d %H:%M}": row for (name, due), row in sorted(desk.shelf.rows.items())}


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk()


class TestSlots:
    async def test_each_slot_begins_once_when_it_comes(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 02:50")), daily(), CLEANUP)
        await daemon.keeper.turn()
        await daemon.end_work()
        assert daemon.slots == ["refresh 09 03:00", "cleanup 09 04:00"], "a new store owes the last slot of each"
        await daemon.go_on(at("2026-03-10 03:30"))
        [_, _, taken] = daemon.begun
        row = rows(desk)["refresh:question_one 10 03:00"]
        assert (row.started_at, row.run_id, row.holder) == (at("2026-03-10 03:00"), taken.run_id, "process 1")
        assert not taken.is_resumed

    async def test_next_slots_are_told_soonest_first(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 03:10")), CLEANUP, HOURLY)
        await daemon.keeper.turn()
        assert daemon.keeper.next_slots() == (
            NextSlot("verify", at("2026-03-10 03:30"), "30 * * * *", "UTC"),
            NextSlot("cleanup", at("2026-03-10 04:00"), "0 4 * * *", "UTC"),
        )
        assert daemon.keeper.last_reading is not None
        assert daemon.keeper.last_reading.wall == at("2026-03-10 03:10")

    async def test_f48_after_a_week_of_absence_one_slot_of_each_job_is_caught_up(self, desk: MemoryDesk) -> None:
        first = Daemon(desk, Clocks(at("2026-03-10 02:59")), CLEANUP, HOURLY)
        await first.go_on(at("2026-03-10 05:00"))
        second = Daemon(desk, Clocks(at("2026-03-17 12:00")), CLEANUP, HOURLY, epoch=2)
        await second.go_on(at("2026-03-17 12:20"))
        assert second.slots == ["cleanup 17 04:00", "verify 17 11:30"]

    async def test_f48_with_catch_up_skip_nothing_missed_is_made_up_for(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 12:00")), daily(catch_up="skip"))
        await daemon.go_on(at("2026-03-11 03:10"))
        assert daemon.slots == ["refresh 11 03:00"]
        assert rows(desk)["refresh:question_one 10 03:00"].skipped
        [event] = daemon.events("schedule.skipped")
        assert event["name"] == "refresh:question_one"

    async def test_f48_a_host_that_slept_over_a_slot_makes_up_for_it(self, desk: MemoryDesk) -> None:
        """The monotonic clock stands still meanwhile."""
        for number, (catch_up, expected) in enumerate([("once", ["refresh 10 03:00"]), ("skip", [])], 1):
            desk = MemoryDesk()
            job = daily(catch_up=cast(Literal["once", "skip"], catch_up))
            daemon = Daemon(desk, Clocks(at("2026-03-09 03:00")), job, epoch=number)
            await daemon.go_on(at("2026-03-10 02:00"))
            daemon.clocks.wall = at("2026-03-10 07:00")
            await daemon.go_on(at("2026-03-10 08:00"))
            assert daemon.slots == ["refresh 09 03:00", *expected]
            assert [round(event["seconds"], -2) for event in daemon.events("clock.jumped")] == [18_000]

    async def test_a_slot_that_comes_while_the_job_runs_is_merged(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 03:30")), HOURLY)
        await daemon.go_on(at("2026-03-10 05:40"), ends_work=False)
        assert daemon.slots == ["verify 10 03:30"]
        assert [row.merged_into for row in rows(desk).values()] == [None, *[at("2026-03-10 03:30")] * 2]
        assert len(daemon.events("schedule.merged")) == 2
        await daemon.end_work()
        await daemon.go_on(at("2026-03-10 06:40"))
        assert daemon.slots == ["verify 10 03:30", "verify 10 06:30"]

    async def test_work_that_is_refused_is_offered_again_and_keeps_its_slot(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 03:30")), HOURLY)
        daemon.may_start = False
        await daemon.go_on(at("2026-03-10 04:40"))
        assert daemon.slots == []
        daemon.may_start = True
        await daemon.keeper.turn()
        assert daemon.slots == ["verify 10 03:30"]
        assert rows(desk)["verify 10 04:30"].merged_into == at("2026-03-10 03:30")

    async def test_nothing_is_taken_without_the_store_and_nothing_is_lost(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 02:30")), daily(catch_up="skip"))
        await daemon.keeper.turn()
        daemon.may_take = False
        await daemon.go_on(at("2026-03-10 03:20"))
        assert daemon.slots == []
        assert await daemon.keeper.turn() == RETRY_SECONDS
        daemon.may_take = True
        await daemon.keeper.turn()
        assert daemon.slots == ["refresh 10 03:00"]


class TestClocks:
    async def test_f47_two_hours_ahead_and_back_again(self, desk: MemoryDesk) -> None:
        """Ahead: the last slot that was passed runs. Back: what ran does not run again."""
        daemon = Daemon(desk, Clocks(at("2026-03-10 03:20")), HOURLY, CLEANUP)
        await daemon.go_on(at("2026-03-10 03:40"))
        daemon.clocks.wall += 2 * HOUR
        await daemon.go_on(at("2026-03-10 05:45"))
        assert daemon.slots[2:] == ["verify 10 03:30", "verify 10 05:30", "cleanup 10 04:00"]
        daemon.clocks.wall -= 2 * HOUR
        await daemon.go_on(at("2026-03-10 06:40"))
        assert daemon.slots[5:] == ["verify 10 04:30", "verify 10 06:30"], "05:30 and the cleanup were done already"
        assert len(daemon.events("clock.jumped")) == 2

    async def test_f47_to_2038_and_back(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 05:00")), daily())
        await daemon.go_on(at("2026-03-10 05:01"))
        daemon.clocks.wall = at("2038-01-19 03:14:08")
        await daemon.go_on(at("2038-01-19 03:20"))
        daemon.clocks.wall = at("2026-03-10 05:30")
        await daemon.go_on(at("2026-03-12 04:00"))
        assert daemon.slots == ["refresh 10 03:00", "refresh 19 03:00", "refresh 11 03:00", "refresh 12 03:00"]

    async def test_f47_a_slot_between_two_jumps_is_not_lost(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 02:59:50")), daily(catch_up="once"))
        await daemon.keeper.turn()
        await daemon.end_work()
        daemon.clocks.wall = at("2038-01-19 02:00")
        await daemon.keeper.turn()
        await daemon.end_work()
        daemon.clocks.wall = at("2026-03-10 03:00:20")
        await daemon.keeper.turn()
        assert daemon.slots[-1] == "refresh 10 03:00"

    @pytest.mark.parametrize(
        ("line", "start", "expected"),
        [
            ("30 1 * * *", "2026-03-28 12:00", ["28 01:30", "29 01:00", "30 00:30"]),
            ("30 1 * * *", "2026-10-24 12:00", ["24 00:30", "25 00:30", "26 01:30"]),
        ],
    )
    async def test_f47_londons_clock_changes(
        self, desk: MemoryDesk, line: str, start: str, expected: list[str]
    ) -> None:
        daemon = Daemon(desk, Clocks(at(start)), daily(line, "Europe/London"))
        await daemon.go_on(at(start) + 1.75 * DAY)
        assert daemon.slots == [f"refresh {slot}" for slot in expected]
        assert daemon.events("clock.jumped") == []

    @pytest.mark.parametrize("start", ["2026-03-29 00:00", "2026-10-25 00:00"])
    async def test_f47_every_twenty_minutes_over_londons_clock_changes(self, desk: MemoryDesk, start: str) -> None:
        daemon = Daemon(desk, Clocks(at(start)), daily("*/20 * * * *", "Europe/London"))
        await daemon.go_on(at(start) + 4 * HOUR)
        assert [taken.due_at for taken in daemon.begun] == [at(start) + n * 20 * MINUTE for n in range(13)]

    async def test_f47_a_restart_within_the_hour_that_comes_twice(self, desk: MemoryDesk) -> None:
        job = daily("30 1 * * *", "Europe/London")
        await Daemon(desk, Clocks(at("2026-10-25 00:29")), job).go_on(at("2026-10-25 00:31"))
        second = Daemon(desk, Clocks(at("2026-10-25 01:10")), job, epoch=2)
        await second.go_on(at("2026-10-25 02:00"))
        assert second.slots == []


class TestReload:
    async def test_a_line_that_changes_counts_from_then_on(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 12:00")), daily())
        await daemon.go_on(at("2026-03-10 12:10"))
        daemon.jobs = [daily("0 5 * * *"), CLEANUP]
        await daemon.go_on(at("2026-03-11 05:10"))
        assert daemon.slots == ["refresh 10 03:00", "cleanup 11 04:00", "refresh 11 05:00"]

    async def test_a_source_that_was_paused_over_its_slot_waits_for_the_next(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 03:00")), daily())
        await daemon.go_on(at("2026-03-10 12:00"))
        daemon.jobs = []
        await daemon.go_on(at("2026-03-11 12:00"))
        daemon.jobs = [daily()]
        await daemon.go_on(at("2026-03-12 03:10"))
        assert daemon.slots == ["refresh 10 03:00", "refresh 12 03:00"]

    async def test_another_jitter_moves_the_start_and_makes_no_second_slot(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 02:50")), daily())
        await daemon.go_on(at("2026-03-10 03:01"))
        daemon.jobs = [Job(JobKind.REFRESH, Crontab("0 3 * * *"), "once", HOUR, "question_one")]
        await daemon.go_on(at("2026-03-10 05:00"))
        assert daemon.slots == ["refresh 09 03:00", "refresh 10 03:00"]


class TestTrouble:
    @pytest.mark.parametrize("is_heard", [False, True])
    @pytest.mark.parametrize("error", [DatabaseUnreachable("away"), CommitUnknown("cut off")])
    async def test_f30_a_database_that_is_away_costs_no_slot(
        self, desk: MemoryDesk, error: TriviaScraperError, is_heard: bool
    ) -> None:
        """Whether or not the claim was heard before the connection went: it runs once, under the run that has it."""
        daemon = Daemon(desk, Clocks(at("2026-03-10 02:59")), daily())
        await daemon.go_on(at("2026-03-10 02:59:30"))
        daemon.book.failures, daemon.book.is_heard = [error] * 20, is_heard
        await daemon.go_on(at("2026-03-10 03:05"))
        assert daemon.slots == ["refresh 09 03:00", "refresh 10 03:00"]
        assert rows(desk)["refresh:question_one 10 03:00"].run_id == daemon.begun[-1].run_id
        assert {event["seconds"] for event in daemon.events("schedule.postponed")} == {RETRY_SECONDS}
        assert len(daemon.events("schedule.postponed")) == 20

    async def test_f30_a_claim_without_an_answer_outlives_the_next_slot(self, desk: MemoryDesk) -> None:
        """The database is away for longer than an hour: the slot that it may have heard of is asked for first."""
        daemon = Daemon(desk, Clocks(at("2026-03-10 03:30")), HOURLY)
        daemon.book.failures, daemon.book.is_heard = [None, *[CommitUnknown("cut off")] * 800], True
        await daemon.go_on(at("2026-03-10 04:45"), ends_work=False)
        assert daemon.slots == ["verify 10 03:30"]
        assert rows(desk)["verify 10 03:30"].run_id == daemon.begun[0].run_id
        assert rows(desk)["verify 10 04:30"].merged_into == at("2026-03-10 03:30")

    async def test_f46_a_store_that_is_taken_over_ends_the_loop(self, desk: MemoryDesk) -> None:
        daemon = Daemon(desk, Clocks(at("2026-03-10 02:59")), daily())
        daemon.book.failures = [StoreFenced("taken over")]
        with pytest.raises(StoreFenced):
            await daemon.keeper.turn()

    async def test_the_loop_beats_at_every_turn_and_sleeps_between(self, desk: MemoryDesk) -> None:
        daemon, beats = Daemon(desk, Clocks(at("2026-03-10 02:59")), daily()), []

        async def sleep(seconds: float) -> None:
            daemon.clocks.go_on(dt.timedelta(seconds=seconds))
            await daemon.end_work()
            if daemon.clocks.now() > at("2026-03-10 03:05"):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await daemon.keeper.keep(sleep, lambda: beats.append(daemon.clocks.now()))
        gaps = [later - earlier for earlier, later in pairwise(beats)]
        assert max(gaps) <= dt.timedelta(seconds=30)
        assert daemon.slots == ["refresh 09 03:00", "refresh 10 03:00"]

    async def test_after_a_crash_the_slot_is_resumed_under_its_run_and_what_came_due_goes_into_it(
        self, desk: MemoryDesk
    ) -> None:
        first = Daemon(desk, Clocks(at("2026-03-10 03:30")), HOURLY)
        await first.keeper.turn()
        await desk.fence(1)
        second = Daemon(desk, Clocks(at("2026-03-10 04:40")), HOURLY, epoch=2)
        await second.keeper.turn()
        [begun], [resumed] = first.begun, second.begun
        assert resumed == Taken(HOURLY, begun.due_at, begun.run_id, is_resumed=True)
        assert rows(desk)["verify 10 03:30"].attempts == 2
        assert rows(desk)["verify 10 04:30"].merged_into == begun.due_at
        await second.go_on(at("2026-03-10 05:40"))
        assert second.slots == ["verify 10 03:30", "verify 10 05:30"]

    async def test_resuming_while_the_database_goes_away_loses_nothing_and_counts_once(
        self, desk: MemoryDesk
    ) -> None:
        await Daemon(desk, Clocks(at("2026-03-10 04:00")), CLEANUP).keeper.turn()
        await desk.fence(1)
        second = Daemon(desk, Clocks(at("2026-03-10 04:10")), CLEANUP, epoch=2)
        second.book.failures, second.book.is_heard = [None, *[CommitUnknown("cut off")] * 3], True
        await second.go_on(at("2026-03-10 04:20"), ends_work=False)
        assert second.slots == ["cleanup 10 04:00"]
        assert rows(desk)["cleanup 10 04:00"].attempts == 2

    async def test_after_the_third_crash_the_slot_has_failed_and_is_an_issue(self, desk: MemoryDesk) -> None:
        for epoch in (1, 2, 3):
            daemon = Daemon(desk, Clocks(at("2026-03-10 04:00") + epoch * MINUTE), CLEANUP, epoch=epoch)
            await daemon.keeper.turn()
            assert daemon.slots == ["cleanup 10 04:00"]
            await desk.fence(epoch)
        last = Daemon(desk, Clocks(at("2026-03-10 04:10")), CLEANUP, epoch=4)
        await last.go_on(at("2026-03-10 04:20"))
        assert last.slots == []
        row = rows(desk)["cleanup 10 04:00"]
        assert (row.attempts, row.ok) == (3, False)
        assert row.outcome is not None
        assert "begun 3 times" in row.outcome["error"]["message"]
        [(subject, message)] = await desk.issues()
        assert subject == "cleanup"
        assert "due at 2026-03-10 04:00 UTC" in message
        assert [event["name"] for event in last.events("schedule.given_up")] == ["cleanup"]
        await last.go_on(at("2026-03-11 04:10"))
        assert last.slots == ["cleanup 11 04:00"], "the next day is a new slot"
        assert await desk.issues() == []

    @pytest.mark.parametrize(("start", "jobs"), [("2026-03-10 12:00", [HOURLY]), ("2026-03-12 04:10", [CLEANUP])])
    async def test_what_nobody_wants_any_more_is_ended_with_a_word_why(
        self, desk: MemoryDesk, start: str, jobs: list[Job]
    ) -> None:
        """Its job is gone, or a later slot was begun after it."""
        await Daemon(desk, Clocks(at("2026-03-10 04:00")), CLEANUP).keeper.turn()
        if jobs == [CLEANUP]:
            second = Daemon(desk, Clocks(at("2026-03-11 04:00")), CLEANUP, epoch=2)
            await second.go_on(at("2026-03-11 04:10"))
        await desk.fence(1)
        last = Daemon(desk, Clocks(at(start)), *jobs, epoch=3)
        await last.go_on(at(start) + MINUTE)
        assert "cleanup 10 04:00" not in last.slots
        assert rows(desk)["cleanup 10 04:00"].ok is False
        assert await desk.issues() == []


async def test_f47_a_year_of_jumping_clocks_and_restarts_begins_no_slot_twice_and_leaves_none_out() -> None:
    """Every slot that came while a daemon looked has one row; every row that is begun was begun once.

    Sleeps are longer than real ones, so that a year is quick: what is tested is which slots are taken, not how soon.
    """
    chance, desk, end = random.Random(5), MemoryDesk(), at("2027-01-01 00:00")
    jobs = [daily("30 1 * * *", "Europe/London"), HOURLY]
    calendar = {
        job.name: list(takewhile(lambda slot: slot < end + 5 * DAY, job.crontab.slots_after(at("2025-12-28 00:00"))))
        for job in jobs
    }
    epoch, begun, came = 1, Counter[tuple[str, dt.datetime]](), set[tuple[str, dt.datetime]]()
    clocks = Clocks(at("2026-01-01 00:00"))
    daemon = Daemon(desk, clocks, *jobs)
    jumps = restarts = 0
    while clocks.now() < end:
        await daemon.keeper.turn()
        came |= {(name, slots[bisect_right(slots, clocks.now()) - 1]) for name, slots in calendar.items()}
        clocks.go_on(dt.timedelta(seconds=chance.uniform(60, 1_700)))
        luck = chance.random()
        if luck < 0.005:
            clocks.wall += dt.timedelta(seconds=chance.choice([7_200, -7_200, 90, -90, 86_400, -86_400]))
            jumps += 1
        elif luck < 0.010:
            begun.update((taken.job.name, taken.due_at) for taken in daemon.begun if not taken.is_resumed)
            if chance.random() < 0.5:
                await daemon.end_work()
            await desk.fence(epoch)
            clocks.go_on(chance.choice([MINUTE, HOUR, 7 * HOUR]))
            epoch += 1
            daemon = Daemon(desk, clocks, *jobs, epoch=epoch)
            restarts += 1
        elif luck < 0.9:
            await daemon.end_work()
    begun.update((taken.job.name, taken.due_at) for taken in daemon.begun if not taken.is_resumed)
    assert min(jumps, restarts) > 50
    assert set(begun.values()) == {1}
    assert came <= set(desk.shelf.rows)
    taken = {key for key, row in desk.shelf.rows.items() if row.merged_into is None and row.skipped is None}
    assert taken == set(begun)
    assert sum(name == "verify" for name, _ in begun) > 7_500
