"""Crontab lines in a zone: around both clock changes of London no slot is lost, moved or told twice (F47)."""

from __future__ import annotations

import datetime as dt
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.crontab import Crontab

LONDON = "Europe/London"
SPRING = dt.datetime(2026, 3, 29, tzinfo=dt.UTC)
AUTUMN = dt.datetime(2026, 10, 25, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LINES = ("30 1 * * *", "*/20 * * * *", "15 1,2 * * *", "0 3 * * *", "30 * * * *", "*/20 1 * * *", "0,30 1-2 * * 0")
MOMENTS = st.integers(0, 20 * 365 * 86_400).map(lambda seconds: SPRING + dt.timedelta(seconds=seconds))


def slots(line: str, start: dt.datetime, end: dt.datetime, zone: str = LONDON) -> list[str]:
    """Slots from `start` to before `end`, as UTC times of day."""
    found = Crontab(line, zone).slots_after(start - dt.timedelta(seconds=1))
    return [f"{slot:%d %H:%M}" for slot in takewhile(lambda slot: slot < end, found)]


@pytest.mark.parametrize(
    ("line", "day", "expected"),
    [
        # 01:00 to 02:00 does not exist: what is due then comes at its end, 02:00 BST.
        ("30 1 * * *", SPRING, ["29 01:00"]),
        ("0 3 * * *", SPRING, ["29 02:00"]),
        ("15 1,2 * * *", SPRING, ["29 01:00", "29 01:15"]),
        ("0,30 1-2 * * 0", SPRING, ["29 01:00", "29 01:30"]),
        # 01:00 to 02:00 comes twice, first as BST: what has a time of day comes once.
        ("30 1 * * *", AUTUMN, ["25 00:30"]),
        ("0 3 * * *", AUTUMN, ["25 03:00"]),
        ("15 1,2 * * *", AUTUMN, ["25 00:15", "25 02:15"]),
    ],
)
def test_f47_a_time_of_day_comes_once_on_each_day_of_change(line: str, day: dt.datetime, expected: list[str]) -> None:
    assert slots(line, day, day + 23 * HOUR) == expected


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_f47_every_twenty_minutes_is_every_twenty_minutes(day: dt.datetime) -> None:
    expected = [f"{day + n * dt.timedelta(minutes=20):%d %H:%M}" for n in range(18)]
    assert slots("*/20 * * * *", day, day + 6 * HOUR) == expected


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("zone", [LONDON, "America/New_York", "UTC"])
def test_f47_seen_from_every_moment_the_slots_are_the_same(line: str, day: dt.datetime, zone: str) -> None:
    """Whenever somebody looks, the last slot and the next one are neighbours in one list."""
    crontab = Crontab(line, zone)
    start, end = day - 12 * HOUR, day + 12 * HOUR
    known = list(takewhile(lambda slot: slot < end + 8 * 24 * HOUR, crontab.slots_after(start - 8 * 24 * HOUR)))
    assert known == sorted(set(known))
    moment = start
    while moment < end:
        assert crontab.latest_until(moment) == max(slot for slot in known if slot <= moment)
        assert crontab.next_after(moment) == min(slot for slot in known if slot > moment)
        moment += dt.timedelta(minutes=15)


@given(MOMENTS, st.sampled_from(LINES))
def test_a_moment_lies_between_its_slots(moment: dt.datetime, line: str) -> None:
    crontab = Crontab(line, LONDON)
    last, following = crontab.latest_until(moment), crontab.next_after(moment)
    assert last is not None
    assert following is not None
    assert last <= moment < following
    assert crontab.next_after(last) == following
    assert crontab.latest_until(last) == last


@pytest.mark.parametrize(
    ("line", "zone", "words"),
    [
        ("0 3 * *", "UTC", "write five fields"),
        ("0 25 * * *", "UTC", "Bad hour"),
        ("0 3 * * *", "Europe/Londno", "no time zone"),
    ],
)
def test_what_cannot_be_read_is_refused(line: str, zone: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Crontab(line, zone)
