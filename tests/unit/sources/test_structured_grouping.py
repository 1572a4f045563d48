"""What counts as evidence that something repeats (sources.md 11.3, 11.4)."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.domain.models import EventStatus, Frequency
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.grouping import grouped
from trivia_scraper.sources.structured.moments import dated

FIRST = dt.date(2026, 4, 7)


def entry(
    day: int, *, hour: int = 19, name: str = "Quiz", venue: str = "The Lamp", **changes: object
) -> StructuredFacts:
    starts = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time(hour))
    return dated(StructuredFacts(name=name, venue_name=venue, starts=starts, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "frequency"),
    [
        pytest.param((0, 7, 14), Frequency.WEEKLY, id="three-weeks-running"),
        pytest.param((0, 7, 49), Frequency.WEEKLY, id="three-within-eight-weeks"),
        pytest.param((0, 7, 56), None, id="the-third-one-eight-weeks-later"),
        pytest.param((0, 28, 56), None, id="every-four-weeks-is-not-weekly"),
        pytest.param((0, 7), None, id="two"),
        pytest.param((0, 0, 0), None, id="one-date-three-times"),
        pytest.param((0, 1, 2), None, id="three-days-running"),
        pytest.param((0, 7, 14, 203), Frequency.WEEKLY, id="three-and-one-far-away"),
        pytest.param((0, 14, 28), Frequency.WEEKLY, id="three-in-eight-weeks-whatever-lies-between"),
        pytest.param((0, 14, 28, 42), Frequency.BIWEEKLY, id="four-a-fortnight-apart-each"),
        pytest.param((14, 7, 0), Frequency.WEEKLY, id="in-any-order"),
    ],
)
def test_11_4_three_equal_weekdays_and_times_within_eight_weeks(
    days: tuple[int, ...], frequency: Frequency | None
) -> None:
    facts = grouped(entry(day) for day in days)
    assert [fact.frequency for fact in facts] == ([frequency] if frequency else [None] * len(days))
    if frequency:
        assert (facts[0].weekdays, facts[0].occurrences, facts[0].next_date) == ((2,), len(days), FIRST)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(entry(14, hour=20), id="another-time"),
        pytest.param(entry(14, venue="The Crown"), id="another-venue"),
        pytest.param(entry(15), id="another-weekday"),
    ],
)
def test_what_does_not_belong_together(other: StructuredFacts) -> None:
    entries = (entry(0), entry(7), other)
    assert grouped(entries) == entries


def test_names_count_only_where_a_page_shows_all_sorts() -> None:
    entries = (entry(0, name="Film quiz"), entry(7, name="Music quiz"), entry(14, name="Sport quiz"))
    assert len(grouped(entries)) == 1
    assert grouped(entries, by_name=True) == entries


def test_the_next_date_and_its_facts_are_the_coming_one_s() -> None:
    (series,) = grouped(
        [entry(day, description=f"day {day}") for day in (0, 7, 14, 21)], today=FIRST + dt.timedelta(days=8)
    )
    assert (series.next_date, series.description) == (FIRST + dt.timedelta(days=14), "day 14")


def test_a_cancelled_date_is_evidence_but_not_the_next_date() -> None:
    entries = [entry(0, status=EventStatus.CANCELLED_ONCE), entry(7), entry(14)]
    (series,) = grouped(entries)
    assert (series.weekdays, series.next_date, series.status) == ((2,), FIRST + dt.timedelta(days=7), None)


def test_a_series_of_cancelled_dates_is_paused() -> None:
    (series,) = grouped([entry(day, status=EventStatus.CANCELLED_ONCE) for day in (0, 7, 14)])
    assert (series.status, series.next_date) == (EventStatus.PAUSED, None)


def test_dates_long_past_are_no_evidence() -> None:
    entries = tuple(entry(day) for day in (0, 7, 14))
    assert grouped(entries, today=FIRST + dt.timedelta(days=80)) == entries
    (series,) = grouped(entries, today=FIRST + dt.timedelta(days=20))
    assert (series.weekdays, series.next_date) == ((2,), None)


def test_series_days_without_a_time_and_instants_are_left_alone() -> None:
    series = StructuredFacts(name="A", weekdays=(1,), start_time=dt.time(19), frequency=Frequency.WEEKLY)
    day = dated(StructuredFacts(name="B", starts=dt.datetime.combine(FIRST, dt.time(0)), date_only=True))
    instant = StructuredFacts(name="C", starts=dt.datetime.combine(FIRST, dt.time(19), tzinfo=dt.UTC))
    entries = (series, day, instant) * 3
    assert grouped(entries) == entries
