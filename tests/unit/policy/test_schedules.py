"""Due times: daily and weekly, UTC, and one catch-up after any absence (images.md D5, R169, R172)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.schedules import MONDAY, Schedule, latest_due, next_due, schedule_of

DAILY = schedule_of("04:00", "daily")
WEEKLY = schedule_of("04:00", "weekly")


def at(text: str) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromisoformat(f"{text}+00:00")


def test_r172_daily_or_weekly_by_setting() -> None:
    assert schedule_of("04:00", "daily") == Schedule(dt.time(4))
    assert schedule_of("23:59", "weekly") == Schedule(dt.time(23, 59), MONDAY)


@pytest.mark.parametrize(
    ("schedule", "now", "latest", "following"),
    [
        (DAILY, "2026-03-10 04:00:00", "2026-03-10 04:00", "2026-03-11 04:00"),
        (DAILY, "2026-03-10 03:59:59", "2026-03-09 04:00", "2026-03-10 04:00"),
        (DAILY, "2026-03-10 23:00:00", "2026-03-10 04:00", "2026-03-11 04:00"),
        (DAILY, "2026-01-01 00:30:00", "2025-12-31 04:00", "2026-01-01 04:00"),
        # London's clocks change on these days: UTC knows nothing of it.
        (DAILY, "2026-03-29 05:00:00", "2026-03-29 04:00", "2026-03-30 04:00"),
        (DAILY, "2026-10-25 05:00:00", "2026-10-25 04:00", "2026-10-26 04:00"),
        # 2026-03-09 is a Monday.
        (WEEKLY, "2026-03-09 04:00:00", "2026-03-09 04:00", "2026-03-16 04:00"),
        (WEEKLY, "2026-03-09 03:00:00", "2026-03-02 04:00", "2026-03-09 04:00"),
        (WEEKLY, "2026-03-15 23:00:00", "2026-03-09 04:00", "2026-03-16 04:00"),
        (schedule_of("00:00", "daily"), "2026-03-10 00:00:00", "2026-03-10 00:00", "2026-03-11 00:00"),
    ],
)
def test_r169_latest_and_next_due_time(schedule: Schedule, now: str, latest: str, following: str) -> None:
    assert latest_due(schedule, at(now)) == at(latest)
    assert next_due(schedule, at(now)) == at(following)


def test_r169_a_clock_in_another_zone_means_the_same_moment() -> None:
    now = at("2026-03-10 03:30").astimezone(dt.timezone(dt.timedelta(hours=11)))
    assert latest_due(DAILY, now) == at("2026-03-09 04:00")


def test_r169_ten_missed_days_are_caught_up_once() -> None:
    assert latest_due(DAILY, at("2026-03-20 12:00")) == at("2026-03-20 04:00")


@given(
    st.datetimes(timezones=st.just(dt.UTC)),
    st.times(),
    st.none() | st.integers(1, 7),
)
def test_r169_the_latest_is_the_last_one_that_is_not_ahead(
    now: dt.datetime, time: dt.time, weekday: int | None
) -> None:
    schedule = Schedule(time, weekday)
    latest, following = latest_due(schedule, now), next_due(schedule, now)
    assert latest <= now < following
    assert latest.timetz() == time.replace(tzinfo=dt.UTC)
    assert weekday is None or latest.isoweekday() == weekday
    assert latest_due(schedule, following) == following
