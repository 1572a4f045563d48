"""Recurrence rules and dates, over changes of clocks too (sources.md Q1–Q3, T8)."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.domain.models import Frequency
from trivia_scraper.text.recurrence import (
    DEFAULT_LENGTH,
    MOST_OCCURRENCES,
    length_of,
    next_occurrences,
    rrule_of,
)
from trivia_scraper.text.schedule import read_schedule

WEEKLY, BIWEEKLY, MONTHLY, IRREGULAR = Frequency
EIGHT = dt.time(20)
JULY = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("phrase", "rule"),
    [
        ("Tuesdays 8pm", "FREQ=WEEKLY;BYDAY=TU"),
        ("Mon & Wed 8pm", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("Every other Sunday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("1st and 3rd Mondays", "FREQ=MONTHLY;BYDAY=1MO,3MO"),
        ("last Friday of the month", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("1st & 3rd Monday and Tuesday of the month", "FREQ=MONTHLY;BYDAY=1MO,1TU,3MO,3TU"),
        ("once a month on a Thursday", None),
        ("quarterly on a Thursday", None),
        ("Sun, Oct 08 2017 19:00", None),
        ("8pm", None),
        ("", None),
    ],
)
def test_q1_to_q3_as_rfc_5545(phrase: str, rule: str | None) -> None:
    reading = read_schedule(phrase)
    assert reading.rrule == rule
    assert rrule_of(reading.weekdays, reading.frequency, reading.ordinals) == rule
    assert rule is None or icalendar.vRecur.from_ical(rule).to_ical().decode() == rule


def starts(*arguments: object, **rest: object) -> list[str]:
    return [f"{each.starts:%Y-%m-%d %H:%M%z}" for each in next_occurrences(*arguments, **rest)]  # type: ignore[arg-type]


def test_weekly() -> None:
    assert starts((2,), EIGHT, WEEKLY, (), "Europe/London", JULY, 2) == [
        "2026-07-07 20:00+0100",
        "2026-07-14 20:00+0100",
    ]


def test_several_weekdays_come_in_order() -> None:
    assert starts((1, 4), EIGHT, WEEKLY, (), "Europe/Warsaw", JULY, 3) == [
        "2026-07-02 20:00+0200", "2026-07-06 20:00+0200", "2026-07-09 20:00+0200",
    ]  # fmt: skip


def test_the_evening_that_has_begun_is_over() -> None:
    at_eight = dt.datetime(2026, 7, 7, 20, tzinfo=ZoneInfo("Europe/London"))
    before = at_eight - dt.timedelta(seconds=1)
    assert starts((2,), EIGHT, WEEKLY, (), "Europe/London", at_eight, 1) == ["2026-07-14 20:00+0100"]
    assert starts((2,), EIGHT, WEEKLY, (), "Europe/London", before, 1) == ["2026-07-07 20:00+0100"]


def test_after_counts_as_an_instant_not_as_a_date() -> None:
    # Tuesday 19:00 in Denver is Wednesday in London and in UTC.
    late = dt.datetime(2026, 7, 8, 0, 59, tzinfo=dt.UTC)
    assert starts((2,), dt.time(19), WEEKLY, (), "America/Denver", late, 1) == ["2026-07-07 19:00-0600"]


def test_the_wall_clock_stays_over_both_changes() -> None:
    march, october = dt.datetime(2026, 3, 24, tzinfo=dt.UTC), dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
    assert starts((2,), EIGHT, WEEKLY, (), "Europe/London", march, 2) == [
        "2026-03-24 20:00+0000",
        "2026-03-31 20:00+0100",
    ]
    assert starts((2,), EIGHT, WEEKLY, (), "Europe/London", october, 2) == [
        "2026-10-20 20:00+0100",
        "2026-10-27 20:00+0000",
    ]


def test_a_time_the_clocks_skip_moves_forward_that_once() -> None:
    march = dt.datetime(2026, 3, 7, tzinfo=dt.UTC)
    assert starts((7,), dt.time(2, 30), WEEKLY, (), "America/Denver", march, 2) == [
        "2026-03-08 03:30-0600", "2026-03-15 02:30-0600",
    ]  # fmt: skip


def test_a_time_that_happens_twice_is_the_first() -> None:
    [evening] = next_occurrences(
        (7,), dt.time(1, 30), WEEKLY, (), "Europe/London", dt.datetime(2026, 10, 24, tzinfo=dt.UTC), 1
    )
    assert evening.starts.isoformat() == "2026-10-25T01:30:00+01:00"
    # Two hours pass, whatever the clocks show.
    assert evening.ends.isoformat() == "2026-10-25T02:30:00+00:00"


class TestFortnightly:
    def test_without_a_date_the_phase_is_unknown(self) -> None:
        assert starts((3,), EIGHT, BIWEEKLY, (), "Europe/London", JULY, 3) == []

    @pytest.mark.parametrize("anchor", [dt.date(2026, 6, 24), dt.date(2025, 12, 10), dt.date(2026, 6, 22)])
    def test_a_date_of_the_past_gives_the_phase(self, anchor: dt.date) -> None:
        assert starts((3,), EIGHT, BIWEEKLY, (), "Europe/London", JULY, 2, anchor) == [
            "2026-07-08 20:00+0100", "2026-07-22 20:00+0100",
        ]  # fmt: skip

    def test_before_a_date_ahead_there_is_none(self) -> None:
        assert starts((3,), EIGHT, BIWEEKLY, (), "Europe/London", JULY, 2, dt.date(2026, 8, 5)) == [
            "2026-08-05 20:00+0100", "2026-08-19 20:00+0100",
        ]  # fmt: skip


class TestMonthly:
    def test_weeks_and_the_last(self) -> None:
        assert starts((1,), EIGHT, MONTHLY, (1, -1), "Europe/London", JULY, 3) == [
            "2026-07-06 20:00+0100", "2026-07-27 20:00+0100", "2026-08-03 20:00+0100",
        ]  # fmt: skip

    def test_a_fifth_week_only_where_there_is_one(self) -> None:
        assert starts((1,), EIGHT, MONTHLY, (5,), "Europe/London", JULY, 2) == [
            "2026-08-31 20:00+0100", "2026-11-30 20:00+0000",
        ]  # fmt: skip

    @pytest.mark.parametrize("frequency", [MONTHLY, IRREGULAR, None])
    def test_without_its_weeks_only_the_stated_date_is_known(self, frequency: Frequency | None) -> None:
        ahead, gone = dt.date(2026, 7, 6), dt.date(2026, 6, 1)
        assert starts((1,), EIGHT, frequency, (), "Europe/London", JULY, 3) == []
        assert starts((1,), EIGHT, frequency, (), "Europe/London", JULY, 3, ahead) == ["2026-07-06 20:00+0100"]
        assert starts((1,), EIGHT, frequency, (), "Europe/London", JULY, 3, gone) == []


def test_t8_two_hours_unless_the_text_says() -> None:
    [evening] = next_occurrences((2,), EIGHT, WEEKLY, (), "Europe/London", JULY, 1)
    assert evening.ends - evening.starts == DEFAULT_LENGTH == dt.timedelta(hours=2)
    assert length_of(EIGHT, None) == length_of(EIGHT, EIGHT) == DEFAULT_LENGTH
    assert length_of(dt.time(19), dt.time(21, 30)) == dt.timedelta(hours=2, minutes=30)
    assert length_of(dt.time(21), dt.time(1)) == dt.timedelta(hours=4)


@pytest.mark.parametrize(("count", "found"), [(0, 0), (-1, 0), (10**9, MOST_OCCURRENCES)])
def test_never_more_than_the_cap(count: int, found: int) -> None:
    assert len(next_occurrences(range(1, 8), EIGHT, WEEKLY, (), "Europe/London", JULY, count)) == found


def test_a_rule_that_never_comes_ends() -> None:
    # A sixth Monday exists in no month.
    assert starts((1,), EIGHT, MONTHLY, (6,), "Europe/London", JULY, 5) == []


def test_no_weekday_no_evening() -> None:
    assert starts((), EIGHT, WEEKLY, (), "Europe/London", JULY, 5) == []


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_time_are_none(year: int) -> None:
    assert starts((1,), EIGHT, WEEKLY, (), "Europe/London", dt.datetime(year, 6, 1, tzinfo=dt.UTC), 1) == []


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(ValueError, match="aware"):
        starts((1,), EIGHT, WEEKLY, (), "Europe/London", JULY.replace(tzinfo=None), 1)
    with pytest.raises(ZoneInfoNotFoundError):
        starts((1,), EIGHT, WEEKLY, (), "Mars/Base", JULY, 1)


@settings(deadline=None)
@given(
    st.sets(st.integers(1, 7), min_size=1),
    st.times().map(lambda time: time.replace(second=0, microsecond=0, fold=0)),
    st.sampled_from([WEEKLY, BIWEEKLY, MONTHLY]),
    st.lists(st.sampled_from([1, 2, 3, 4, 5, -1]), min_size=1, max_size=3, unique=True),
    st.sampled_from(["Europe/London", "America/Denver", "Australia/Sydney", "Asia/Dubai", "America/St_Johns"]),
    st.integers(0, 3_000 * 1440).map(lambda minutes: JULY + dt.timedelta(minutes=minutes)),
)
def test_evenings_are_in_order_on_their_days_and_mostly_on_their_hour(
    days: set[int], time: dt.time, frequency: Frequency, weeks: list[int], zone: str, after: dt.datetime
) -> None:
    anchor = dt.date(2023, 5, 1)
    found = next_occurrences(tuple(days), time, frequency, weeks, zone, after, 12, anchor)
    assert len(found) == 12
    assert all(earlier.starts < later.starts for earlier, later in pairwise(found))
    # In UTC: within one zone Python subtracts what the clocks show, and they may be changed in between.
    lengths = {each.ends.astimezone(dt.UTC) - each.starts.astimezone(dt.UTC) for each in found}
    assert lengths == {DEFAULT_LENGTH}
    assert all(each.starts > after for each in found)
    moved = [each for each in found if each.starts.time().replace(fold=0) != time]
    assert len(moved) <= 2  # the nights when the clocks skip it
    assert all(each.starts.isoweekday() in days for each in found if each not in moved)
