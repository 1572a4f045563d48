"""Recurrence rules: read by their parts, and their dates against an independent reckoning (sources.md 11.4)."""

from __future__ import annotations

import datetime as dt
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from trivia_scraper.domain.models import Frequency
from trivia_scraper.sources.structured.calendar_rules import HORIZON_DAYS, Rule, read_rule, weeks_of

TUESDAY = dt.datetime.fromisoformat("2026-04-07T19:30")


@pytest.mark.parametrize(
    ("text", "frequency", "weekdays", "ordinals"),
    [
        pytest.param("FREQ=WEEKLY", Frequency.WEEKLY, (2,), (), id="weekday-of-the-start"),
        pytest.param("FREQ=WEEKLY;BYDAY=MO,WE", Frequency.WEEKLY, (1, 3), (), id="two-weekdays"),
        pytest.param("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", Frequency.BIWEEKLY, (2,), (), id="every-other-week"),
        pytest.param("FREQ=WEEKLY;INTERVAL=3", Frequency.IRREGULAR, (2,), (), id="every-three-weeks"),
        pytest.param("FREQ=DAILY;INTERVAL=7", Frequency.WEEKLY, (2,), (), id="every-seven-days"),
        pytest.param("FREQ=DAILY;INTERVAL=14", Frequency.BIWEEKLY, (2,), (), id="every-fourteen-days"),
        pytest.param("FREQ=DAILY;BYDAY=TU,TH", Frequency.WEEKLY, (2, 4), (), id="days-of-every-day"),
        pytest.param("FREQ=MONTHLY;BYDAY=1MO", Frequency.MONTHLY, (1,), (1,), id="first-monday"),
        pytest.param("FREQ=MONTHLY;BYDAY=+2TU", Frequency.MONTHLY, (2,), (2,), id="second-tuesday"),
        pytest.param("FREQ=MONTHLY;BYDAY=-1FR", Frequency.MONTHLY, (5,), (-1,), id="last-friday"),
        pytest.param("FREQ=MONTHLY;BYDAY=1MO,3MO", Frequency.MONTHLY, (1,), (1, 3), id="first-and-third"),
        pytest.param("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,-1", Frequency.MONTHLY, (1,), (1, -1), id="bysetpos"),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=8,9,10,11,12,13,14", Frequency.MONTHLY, (2,), (2,), id="8th-to-14th"
        ),
        pytest.param("FREQ=MONTHLY;BYDAY=TU", Frequency.WEEKLY, (2,), (), id="every-tuesday-of-the-month"),
        pytest.param("FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO", Frequency.IRREGULAR, (1,), (1,), id="every-other-month"),
        pytest.param("freq=weekly;byday=tu;", Frequency.WEEKLY, (2,), (), id="lower-case-and-a-semicolon"),
        pytest.param("FREQ=WEEKLY;BYHOUR=19;BYMINUTE=30", Frequency.WEEKLY, (2,), (), id="the-time-said-again"),
    ],
)
def test_11_4_what_a_rule_says(
    text: str, frequency: Frequency, weekdays: tuple[int, ...], ordinals: tuple[int, ...]
) -> None:
    (rule,) = read_rule(text, TUESDAY).parts()
    assert (rule.frequency, rule.weekdays, rule.ordinals) == (frequency, weekdays, ordinals)


def test_different_weeks_for_different_weekdays_are_two_evenings() -> None:
    parts = read_rule("FREQ=MONTHLY;BYDAY=1MO,3WE,1TU", TUESDAY).parts()
    assert {(part.weekdays, part.ordinals) for part in parts} == {((1, 2), (1,)), ((3,), (3,))}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "FREQ=HOURLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;COUNT=1000000000",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=-2MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=-1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYHOUR=8",
        "FREQ=WEEKLY;BYWEEKNO=3",
        "FREQ=WEEKLY;COUNT=x",
        "FREQ=WEEKLY;INTERVAL=" + "9" * 5000,
        "FREQ=WEEKLY;BYDAY=" + "MO," * 5000,
        "FREQ=WEEKLY;UNTIL=soon",
    ],
)
def test_a_rule_that_gives_no_fixed_weekday_says_why(text: str) -> None:
    with pytest.raises(ValueError, match=r"rule|weekday|month"):
        read_rule(text, TUESDAY)


def test_weeks_of_the_month_counted_in_another_zone_are_not_guessed() -> None:
    assert read_rule("FREQ=WEEKLY;BYDAY=WE", TUESDAY, day_shift=-1).weekdays == (2,)
    with pytest.raises(ValueError, match="another zone"):
        read_rule("FREQ=MONTHLY;BYDAY=1WE", TUESDAY, day_shift=-1)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("FREQ=WEEKLY;COUNT=1", dt.date(2026, 4, 7)),
        ("FREQ=WEEKLY;COUNT=4", dt.date(2026, 4, 28)),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", dt.date(2026, 5, 5)),
        ("FREQ=WEEKLY;BYDAY=MO,TU,FR;COUNT=4", dt.date(2026, 4, 14)),
        ("FREQ=WEEKLY;UNTIL=20260501", dt.date(2026, 5, 1)),
        ("FREQ=WEEKLY;COUNT=1000000000", None),
        ("FREQ=WEEKLY", None),
    ],
)
def test_where_a_rule_ends(text: str, last: dt.date | None) -> None:
    assert read_rule(text, TUESDAY).last == last


@pytest.mark.parametrize(
    ("day", "weeks"),
    [(1, (1, -5)), (7, (1, -4)), (8, (2, -4)), (24, (4, -1)), (25, (4, -1)), (29, (5, -1)), (30, (5, -1))],
)
def test_weeks_of_the_month_from_both_ends(day: int, weeks: tuple[int, int]) -> None:
    assert weeks_of(dt.date(2026, 4, day)) == weeks


DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
ENDS = (
    st.just("")
    | st.integers(1, 60).map(";COUNT={}".format)
    | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)).map(lambda day: f";UNTIL={day:%Y%m%d}T235959")
)
WEEKLY = st.builds(
    "FREQ=WEEKLY;INTERVAL={};WKST={};BYDAY={}{}".format,
    st.integers(1, 5),
    DAYS,
    st.lists(DAYS, min_size=1, max_size=4, unique=True).map(",".join),
    ENDS,
)
MONTHLY = st.builds(
    "FREQ=MONTHLY;INTERVAL={};BYDAY={}{}{}".format,
    st.integers(1, 3),
    st.sampled_from(["1", "2", "3", "4", "5", "-1"]),
    DAYS,
    st.just("") | ENDS.filter(lambda end: "COUNT" not in end),
)
SETPOS = st.builds("FREQ=MONTHLY;BYDAY={};BYSETPOS={}".format, DAYS, st.sampled_from(["1", "2,4", "-1", "1,3,5"]))
STARTS = st.datetimes(dt.datetime.fromisoformat("2025-06-01"), dt.datetime.fromisoformat("2027-03-01"))


def first_date(text: str, starts: dt.datetime) -> dt.datetime | None:
    """A calendar's own first date is one of its rule's: where it is not, the standard leaves the outcome open."""
    return next(iter(rrulestr(text, dtstart=starts)), None)


@given(WEEKLY | MONTHLY | SETPOS, STARTS, st.dates(dt.date(2025, 5, 1), dt.date(2027, 12, 31)), st.integers(0, 3))
def test_the_next_date_is_the_one_that_unrolling_the_rule_gives(
    text: str, starts: dt.datetime, today: dt.date, gone: int
) -> None:
    starts = starts.replace(hour=19, minute=30, second=0, microsecond=0)
    first = first_date(text, starts)
    assume(first is not None)
    assert first is not None
    unrolled = [moment.date() for moment in islice(rrulestr(text, dtstart=first), 2_000)]
    coming = [day for day in unrolled if day >= today]
    without = set(coming[:gone])
    expected = next((day for day in coming if day not in without), None)
    limit = max(today, first.date()) + dt.timedelta(days=HORIZON_DAYS)
    rule = read_rule(text, first)
    assert rule.next_date(today, without) == (expected if expected is not None and expected < limit else None)
    if rule.last is not None and "COUNT" in text:
        assert rule.last == unrolled[-1]


@given(st.text(alphabet="FREQ=WEKLYMONTHDAILBSPIVU;0123456789,-+TZ", max_size=60), st.datetimes())
def test_any_rule_is_read_or_refused(text: str, starts: dt.datetime) -> None:
    for candidate in (text, f"FREQ=WEEKLY;{text}", f"FREQ=MONTHLY;BYDAY={text}"):
        try:
            rule = read_rule(candidate, starts)
        except ValueError:
            continue
        assert isinstance(rule, Rule)
        found = rule.next_date(starts.date(), ())
        assert found is None or found.isoweekday() in rule.weekdays
