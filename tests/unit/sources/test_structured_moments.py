"""Dates as structured data writes them, and whose clock they are on (sources.md 11.6.7)."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.moments import (
    Moment,
    dated,
    localised,
    on_clock,
    read_clock,
    read_epoch,
    read_moment,
    zone_named,
)

at = dt.datetime.fromisoformat
DAY = dt.date(2026, 4, 7)
HALF_SEVEN = dt.time(19, 30)
ZERO = dt.timedelta(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-04-07T19:30:00", Moment(DAY, HALF_SEVEN), id="wall-clock"),
        pytest.param("2026-04-07T19:30", Moment(DAY, HALF_SEVEN), id="no-seconds"),
        pytest.param("2026-04-07 19:30:00", Moment(DAY, HALF_SEVEN), id="blank-for-T"),
        pytest.param("2026-4-7T19:30", Moment(DAY, HALF_SEVEN), id="unpadded"),
        pytest.param("20260407T193000Z", Moment(DAY, HALF_SEVEN, ZERO), id="basic-form"),
        pytest.param("2026-04-07T19:30:00.000000Z", Moment(DAY, HALF_SEVEN, ZERO), id="fraction"),
        pytest.param("2026-04-07T19:30:00-05:00", Moment(DAY, HALF_SEVEN, dt.timedelta(hours=-5)), id="offset"),
        pytest.param(
            "2026-04-07T19:30:00+0530", Moment(DAY, HALF_SEVEN, dt.timedelta(minutes=330)), id="offset-short"
        ),
        pytest.param("2026-04-07", Moment(DAY), id="date-only"),
        pytest.param("2019-9-13T10-10-00-00", None, id="malformed-time"),
        pytest.param("2026-02-30T19:30", None, id="no-such-day"),
        pytest.param("2026-04-07T25:00", None, id="no-such-hour"),
        pytest.param("2026-04-07T19:30+99:00", None, id="no-such-offset"),
        pytest.param("next Tuesday", None, id="prose"),
        pytest.param("9" * 5000, None, id="5000-digits"),
        pytest.param(None, None, id="none"),
    ],
)
def test_11_6_7_dates_as_sites_write_them(text: str | None, expected: Moment | None) -> None:
    assert read_moment(text) == expected


Z = Moment(dt.date(2026, 8, 15), dt.time(19), ZERO)
CENTRAL = Moment(dt.date(2026, 8, 15), dt.time(19), dt.timedelta(hours=-5))
NAIVE_19 = at("2026-08-15T19:00")


@pytest.mark.parametrize(
    ("moment", "zone", "local_clock", "expected"),
    [
        pytest.param(Z, "America/Chicago", False, at("2026-08-15T14:00"), id="Z-is-believed"),
        pytest.param(Z, "America/Chicago", True, NAIVE_19, id="Z-that-is-really-local"),
        pytest.param(Z, None, True, NAIVE_19, id="Z-that-is-really-local-zone-unknown"),
        pytest.param(Z, None, False, NAIVE_19.replace(tzinfo=dt.UTC), id="Z-zone-unknown-stays-an-instant"),
        pytest.param(CENTRAL, None, False, NAIVE_19, id="offset-zone-unknown-is-the-wall-clock"),
        pytest.param(CENTRAL, "America/Chicago", False, NAIVE_19, id="offset-of-the-zone"),
        pytest.param(CENTRAL, "America/Denver", False, at("2026-08-15T18:00"), id="offset-of-another-zone"),
        pytest.param(Moment(Z.date, Z.time), "America/Denver", False, NAIVE_19, id="no-offset-is-local"),
        pytest.param(Moment(Z.date), "America/Denver", False, at("2026-08-15T00:00"), id="date-only"),
    ],
)
def test_11_6_7_whose_clock_it_is(moment: Moment, zone: str | None, local_clock: bool, expected: dt.datetime) -> None:
    assert on_clock(moment, zone_named(zone), local_clock=local_clock) == expected


def test_the_first_and_the_last_day_of_the_calendar_do_not_overflow() -> None:
    first = Moment(dt.date.min, dt.time(0), dt.timedelta(hours=14))
    last = Moment(dt.date.max, dt.time(23), dt.timedelta(hours=-11))
    zone = zone_named("Pacific/Kiritimati")
    assert on_clock(first, zone_named("America/Adak")).year == 1
    assert on_clock(last, zone).year == 9999


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1775608200000, dt.datetime(2026, 4, 8, 0, 30, tzinfo=dt.UTC), id="milliseconds"),
        pytest.param(1775608200, dt.datetime(2026, 4, 8, 0, 30, tzinfo=dt.UTC), id="seconds"),
        pytest.param("1568368800", dt.datetime(2019, 9, 13, 10, tzinfo=dt.UTC), id="digits"),
        pytest.param(1775608200000.5, dt.datetime(2026, 4, 8, 0, 30, tzinfo=dt.UTC), id="float"),
        pytest.param(True, None, id="boolean"),
        pytest.param(0, None, id="zero-is-unset"),
        pytest.param(-5, None, id="negative"),
        pytest.param(10**17, None, id="too-large"),
        pytest.param("9" * 5000, None, id="5000-digits"),
        pytest.param(float("nan"), None, id="nan"),
        pytest.param({"a": 1}, None, id="object"),
    ],
)
def test_11_6_7_epoch_seconds_and_milliseconds_are_told_apart(value: object, expected: dt.datetime | None) -> None:
    assert read_epoch(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("19:30", HALF_SEVEN), ("19:30:00", HALF_SEVEN), ("T19:30Z", HALF_SEVEN), ("24:00", None), ("7", None)],
)
def test_times_of_day(text: str, expected: dt.time | None) -> None:
    assert read_clock(text) == expected


@pytest.mark.parametrize(
    "name", [None, "", "UTC+0", "../../etc/passwd", "Europe", "Nowhere/Land", "a" * 5000, "\x00", "localtime/"]
)
def test_a_zone_that_is_none(name: str | None) -> None:
    assert zone_named(name) is None


def test_instants_go_on_the_clock_of_a_zone_that_is_known_later() -> None:
    facts = StructuredFacts(
        starts=dt.datetime(2026, 8, 15, 19, tzinfo=dt.UTC), ends=dt.datetime(2026, 8, 15, 21, tzinfo=dt.UTC)
    )
    local = localised(facts, "America/Chicago")
    assert (local.starts, local.start_time, local.end_time) == (
        at("2026-08-15T14:00"),
        dt.time(14),
        dt.time(16),
    )
    assert localised(local, "Europe/London") == local
    assert localised(facts, "Nowhere/Land") == facts


def test_11_6_7_an_end_without_a_time_is_no_end_time() -> None:
    facts = dated(StructuredFacts(starts=at("2026-04-07T19:00"), ends=at("2026-04-07T00:00")))
    assert (facts.start_time, facts.end_time) == (dt.time(19), None)
