"""Which conditions a person is told of, and how urgent they are (images.md 12; R199, R229)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from trivia_scraper.domain.statistics import ProviderUsage
from trivia_scraper.domain.weekly import AlertFigures, AlertLevel, ProviderTrouble
from trivia_scraper.policy.alerts import alerts

AT = dt.datetime(2026, 9, 9, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUIET = AlertFigures(
    at=AT,
    troubles=(),
    images={"uploaded": 100},
    usage=(),
    limits={"foursquare": (60, 500)},
    open_breakers={},
    last_cleanup_at=AT - dt.timedelta(hours=8),
    cleanup_every=DAY,
)
WARNING, CRITICAL = AlertLevel.WARNING, AlertLevel.CRITICAL


def told(figures: AlertFigures) -> list[tuple[str, AlertLevel]]:
    return [(alert.condition, alert.level) for alert in alerts(figures)]


def test_r229_nothing_is_told_when_all_is_well() -> None:
    assert told(QUIET) == []
    assert told(replace(QUIET, images={})) == []


@pytest.mark.parametrize(
    ("attempts", "failures", "expected"),
    [(20, 4, []), (20, 5, [WARNING]), (19, 19, []), (1000, 200, []), (1000, 201, [WARNING]), (0, 0, [])],
    ids=["r199-exactly-20-pct", "r199-above", "r199-too-few", "r199-many-at", "r199-many-above", "r199-none"],
)
def test_r199_a_provider_fails(attempts: int, failures: int, expected: list[AlertLevel]) -> None:
    found = alerts(replace(QUIET, troubles=[ProviderTrouble("here", attempts, failures)]))
    assert [alert.level for alert in found] == expected
    assert all(alert.condition == "provider_failing:here" for alert in found)


@pytest.mark.parametrize(("closed", "is_told"), [(5, False), (6, True)])
def test_r229_more_than_five_per_cent_of_the_images_are_closed(closed: int, is_told: bool) -> None:
    found = alerts(replace(QUIET, images={"uploaded": 100 - closed, "permanently_failed": closed}))
    assert [alert.condition for alert in found] == ["images_closed"] * is_told
    assert not found or found[0].message == "6 of 100 images are closed (6.0 %)"


@pytest.mark.parametrize(
    ("minute", "hour", "expected"),
    [
        (47, 0, []),
        (48, 0, [("provider_used:foursquare:minute", WARNING)]),
        (56, 0, [("provider_used:foursquare:minute", WARNING)]),
        (57, 0, [("provider_used:foursquare:minute", CRITICAL)]),
        (0, 399, []),
        (0, 400, [("provider_used:foursquare:hour", WARNING)]),
        (48, 475, [("provider_used:foursquare:hour", CRITICAL), ("provider_used:foursquare:minute", WARNING)]),
    ],
)
def test_r199_usage_at_80_and_95_per_cent(minute: int, hour: int, expected: list[tuple[str, AlertLevel]]) -> None:
    usage = [ProviderUsage("foursquare", 1, minute, hour, hour, 0.0)]
    assert told(replace(QUIET, usage=usage)) == expected


def test_r199_no_limit_is_never_used_up_and_a_second_says_nothing() -> None:
    usage = [ProviderUsage("here", 1, 900, 9000, 9000, 0.0), ProviderUsage("foursquare", 1, 1, 1, 1, 0.0)]
    assert told(replace(QUIET, usage=usage, limits={"here": (0, 0), "foursquare": (60, 500)})) == []


def test_r229_a_breaker_is_open() -> None:
    [alert] = alerts(replace(QUIET, open_breakers={"cdn.example": AT + dt.timedelta(minutes=15)}))
    assert (alert.condition, alert.level) == ("breaker_open:cdn.example", WARNING)
    assert alert.message == "cdn.example only fails: left alone until 2026-09-09 12:15 UTC"


@pytest.mark.parametrize(
    ("last", "every", "is_told"),
    [
        (AT - dt.timedelta(hours=25), DAY, False),
        (AT - dt.timedelta(hours=25, seconds=1), DAY, True),
        (None, DAY, True),
        (None, None, False),
        (AT - 6 * DAY, 7 * DAY, False),
        (AT - 8 * DAY, 7 * DAY, True),
    ],
    ids=["within-grace", "missed", "never-ran", "switched-off", "weekly", "weekly-missed"],
)
def test_r229_a_cleanup_was_missed(last: dt.datetime | None, every: dt.timedelta | None, is_told: bool) -> None:
    assert told(replace(QUIET, last_cleanup_at=last, cleanup_every=every)) == [("cleanup_missed", WARNING)] * is_told
