"""Which slot is due, and what becomes of it, whatever the clock does (operations.md 11; F47, F48)."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import pytest

from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.domain.schedules import Job, JobKind, Slot, UnfinishedSlot
from trivia_scraper.policy.slots import (
    ClockReading,
    Frame,
    Resumption,
    SlotStep,
    awake_since_after,
    frame_of,
    jump_seconds,
    overdue,
    resumption_of,
    seconds_until_next,
    starts_at,
    step_for,
)

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def at(text: str) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromisoformat(f"{text}+00:00")


def make_job(
    line: str = "0 3 * * *",
    zone: str = "UTC",
    catch_up: Literal["once", "skip"] = "once",
    jitter: dt.timedelta = dt.timedelta(0),
    source: str = "question_one",
) -> Job:
    return Job(JobKind.REFRESH, Crontab(line, zone), catch_up, jitter, source)


def due_times(frame: Frame) -> tuple[str | None, str | None]:
    last, following = (slot and f"{slot.due_at:%Y-%m-%d %H:%M}" for slot in (frame.last, frame.following))
    return last, following


@pytest.mark.parametrize(
    ("line", "zone", "now", "last", "following"),
    [
        ("0 3 * * *", "UTC", "2026-03-10 02:59:59", "2026-03-09 03:00", "2026-03-10 03:00"),
        ("0 3 * * *", "UTC", "2026-03-10 03:00", "2026-03-10 03:00", "2026-03-11 03:00"),
        # a week away: the last one only (F48)
        ("0 3 * * *", "UTC", "2026-03-17 12:00", "2026-03-17 03:00", "2026-03-18 03:00"),
        ("0 3 * * *", "UTC", "2038-01-19 03:14:08", "2038-01-19 03:00", "2038-01-20 03:00"),
        # London, spring: 01:30 is not there, and comes at 02:00 BST
        ("30 1 * * *", "Europe/London", "2026-03-29 00:59", "2026-03-28 01:30", "2026-03-29 01:00"),
        ("30 1 * * *", "Europe/London", "2026-03-29 01:00", "2026-03-29 01:00", "2026-03-30 00:30"),
        # London, autumn: 01:30 comes twice, and counts the first time
        ("30 1 * * *", "Europe/London", "2026-10-25 00:29", "2026-10-24 00:30", "2026-10-25 00:30"),
        ("30 1 * * *", "Europe/London", "2026-10-25 01:10", "2026-10-25 00:30", "2026-10-26 01:30"),
        ("30 1 * * *", "Europe/London", "2026-10-25 01:31", "2026-10-25 00:30", "2026-10-26 01:30"),
        ("*/20 * * * *", "Europe/London", "2026-03-29 01:05", "2026-03-29 01:00", "2026-03-29 01:20"),
        ("*/20 * * * *", "Europe/London", "2026-10-25 01:25", "2026-10-25 01:20", "2026-10-25 01:40"),
    ],
)
def test_f47_f48_the_slots_on_both_sides_of_now(line: str, zone: str, now: str, last: str, following: str) -> None:
    frame = frame_of(make_job(line, zone), at(now))
    assert due_times(frame) == (last, following)
    assert frame.holds_at(at(now))
    assert frame.last is not None
    assert frame.following is not None
    assert not frame.holds_at(frame.following.starts_at)
    assert not frame.holds_at(frame.last.starts_at - MINUTE), "the clock went back"


class TestJitter:
    @pytest.mark.parametrize(("line", "limit"), [("0 3 * * *", 10 * MINUTE), ("*/5 * * * *", 5 * MINUTE)])
    def test_a_start_is_put_off_by_the_jitter_but_never_beyond_the_next_slot(
        self, line: str, limit: dt.timedelta
    ) -> None:
        job = make_job(line, jitter=10 * MINUTE)
        due = [at("2026-03-10 03:00") + n * DAY for n in range(200)]
        shifts = [starts_at(job, each) - each for each in due]
        assert all(dt.timedelta(0) <= shift < limit for shift in shifts)
        assert min(shifts) < limit / 10
        assert max(shifts) > limit * 0.9
        assert len(set(shifts)) > 50, "each day differently"

    def test_a_restart_moves_no_slot_and_sources_are_spread(self) -> None:
        due = at("2026-03-10 03:00")
        sources = [make_job(jitter=10 * MINUTE, source=f"source_{n}") for n in range(20)]
        starts = [starts_at(job, due) for job in sources]
        assert starts == [starts_at(make_job(jitter=10 * MINUTE, source=f"source_{n}"), due) for n in range(20)]
        assert len(set(starts)) > 15

    def test_what_is_put_off_is_not_due_yet(self) -> None:
        job, due = make_job(jitter=10 * MINUTE), at("2026-03-10 03:00")
        start = starts_at(job, due)
        assert start > due
        before, after = frame_of(job, start - dt.timedelta(seconds=1)), frame_of(job, start)
        assert due_times(before) == ("2026-03-09 03:00", "2026-03-10 03:00")
        assert due_times(after) == ("2026-03-10 03:00", "2026-03-11 03:00")
        assert before.following == after.last == Slot(job, due, start)


@pytest.mark.parametrize(
    ("catch_up", "awake_since", "running", "step"),
    [
        ("once", "2026-03-09 12:00", None, SlotStep.BEGIN),
        ("skip", "2026-03-09 12:00", None, SlotStep.BEGIN),
        ("skip", "2026-03-10 03:00", None, SlotStep.BEGIN),
        ("once", "2026-03-10 12:00", None, SlotStep.BEGIN),
        ("skip", "2026-03-10 12:00", None, SlotStep.SKIP),
        ("once", "2026-03-09 12:00", "2026-03-09 03:00", SlotStep.MERGE),
        ("skip", "2026-03-10 12:00", "2026-03-09 03:00", SlotStep.MERGE),
        ("once", "2026-03-09 12:00", "2026-03-10 03:00", SlotStep.LEAVE),
        # taken by a clock that was ahead, which went back: it runs still
        ("once", "2026-03-09 12:00", "2026-03-11 03:00", SlotStep.MERGE),
    ],
)
def test_what_becomes_of_a_slot_that_has_come(
    catch_up: Literal["once", "skip"], awake_since: str, running: str | None, step: SlotStep
) -> None:
    due = at("2026-03-10 03:00")
    slot = Slot(make_job(catch_up=catch_up), due, due)
    assert step_for(slot, at(awake_since), None if running is None else at(running)) is step


@pytest.mark.parametrize(
    ("wall", "monotonic", "jump"),
    [
        (30, 30, 0),
        (89, 30, 0),
        (91, 30, 61),
        (-31, 30, -61),
        (7_230, 30, 7_200),
        (-7_170, 30, -7_200),
        # The process was held up, and both clocks went on.
        (3_600, 3_600, 0),
    ],
)
def test_f47_a_jump_is_what_the_monotonic_clock_did_not_see(wall: int, monotonic: int, jump: int) -> None:
    start = at("2026-03-10 03:00")
    after = ClockReading(start + dt.timedelta(seconds=wall), 1_000.0 + monotonic)
    assert jump_seconds(ClockReading(start, 1_000.0), after) == jump


def test_f47_a_jump_ahead_may_have_missed_something_and_a_jump_back_has_not() -> None:
    since, now = at("2026-03-10 03:00"), at("2026-03-10 05:00")
    assert awake_since_after(7_200, since, now) == now
    assert awake_since_after(-7_200, since, now) == since
    assert awake_since_after(-86_400, now, since) == since


@pytest.mark.parametrize(
    ("attempts", "is_superseded", "planned", "fate"),
    [
        (0, False, True, Resumption.RESUME),
        (1, False, True, Resumption.RESUME),
        (2, False, True, Resumption.RESUME),
        (3, False, True, Resumption.GIVE_UP),
        (1, True, True, Resumption.SUPERSEDED),
        (3, True, True, Resumption.SUPERSEDED),
        (1, False, False, Resumption.UNPLANNED),
    ],
)
def test_what_becomes_of_a_slot_that_was_left(
    attempts: int, is_superseded: bool, planned: bool, fate: Resumption
) -> None:
    left = UnfinishedSlot("cleanup", at("2026-03-10 04:00"), UUID(int=1), attempts, is_superseded)
    assert resumption_of(left, ["cleanup"] if planned else ["verify"]) is fate


@pytest.mark.parametrize(
    ("now", "seconds"),
    [("2026-03-10 02:00", 30.0), ("2026-03-10 02:59:48", 12.0), ("2026-03-10 02:59:59.999", 0.05)],
)
def test_sleeps_are_short_so_that_a_jump_is_noticed(now: str, seconds: float) -> None:
    frames = [frame_of(make_job(line), at(now)) for line in ("0 3 * * *", "0 4 * * *")]
    assert seconds_until_next(frames, at(now)) == seconds
    assert seconds_until_next([], at(now)) == 30.0


@pytest.mark.parametrize(
    ("line", "done_until", "usual", "now", "owed"),
    [
        # one hour at least
        ("0 3 * * *", "2026-03-09 03:00", None, "2026-03-10 04:00", None),
        ("0 3 * * *", "2026-03-09 03:00", None, "2026-03-10 04:01", "2026-03-10 03:00"),
        ("0 3 * * *", "2026-03-10 03:00", None, "2026-03-10 04:01", None),
        # three times as long as usual
        ("0 3 * * *", "2026-03-09 03:00", 3_600.0, "2026-03-10 06:00", None),
        ("0 3 * * *", "2026-03-09 03:00", 3_600.0, "2026-03-10 06:01", "2026-03-10 03:00"),
        # hourly, hung since 12:00: newer slots that merge into it do not hide it
        ("0 * * * *", "2026-03-10 11:00", 60.0, "2026-03-10 13:30", "2026-03-10 12:00"),
        ("0 * * * *", "2026-03-10 12:00", 60.0, "2026-03-10 13:30", None),
        # a week away
        ("0 3 * * *", "2026-03-03 03:00", 60.0, "2026-03-10 02:00", "2026-03-04 03:00"),
        # never done
        ("0 3 * * *", None, None, "2026-03-10 03:30", None),
        ("0 3 * * *", None, None, "2026-03-10 05:00", "2026-03-10 03:00"),
    ],
)
def test_o10_overdue_is_past_its_slot_by_three_times_its_usual_duration(
    line: str, done_until: str | None, usual: float | None, now: str, owed: str | None
) -> None:
    done = None if done_until is None else at(done_until)
    assert overdue(make_job(line), done, usual, at(now)) == (None if owed is None else at(owed))


def test_o10_a_start_that_is_put_off_is_not_overdue_for_that() -> None:
    job, due = make_job(jitter=50 * MINUTE), at("2026-03-10 03:00")
    start = starts_at(job, due)
    assert start - due > 2 * MINUTE
    assert overdue(job, due - DAY, None, due + HOUR + MINUTE) is None
    assert overdue(job, due - DAY, None, start + HOUR + MINUTE) == due
