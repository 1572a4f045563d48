"""When a venue is looked up again (images.md 5.1): whole days, 90 with images, 7 without."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.staleness import (
    StalenessTerms,
    is_stale,
    next_enrichment_due,
    parse_stamp,
    staleness_terms,
)

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
TERMS = StalenessTerms(90, 7)


@pytest.mark.parametrize(
    ("checked_at", "has_images", "stale"),
    [
        pytest.param(NOW - 90 * DAY, True, True, id="R91-day-90"),
        pytest.param(NOW - 90 * DAY + SECOND, True, False, id="R91-a-second-short-of-90"),
        pytest.param(NOW - 89 * DAY, True, False, id="R91-day-89"),
        pytest.param(NOW - 7 * DAY, False, True, id="R92-day-7"),
        pytest.param(NOW - 7 * DAY + SECOND, False, False, id="R92-a-second-short-of-7"),
        pytest.param(NOW - 6 * DAY, False, False, id="R92-day-6"),
        pytest.param(NOW - 7 * DAY, True, False, id="R92-day-7-counts-for-venues-without-images"),
        pytest.param(NOW, True, False, id="R90-just-now"),
        pytest.param(NOW + DAY, False, False, id="R93-a-stamp-of-tomorrow"),
        pytest.param(None, True, True, id="R93-never"),
        pytest.param("", False, True, id="R93-empty"),
        pytest.param("last Tuesday", True, True, id="R93-unparsable"),
        pytest.param(1_700_000_000, True, True, id="R93-no-time"),
        pytest.param("2026-05-31T12:00:00Z", True, False, id="R93-text"),
        pytest.param("2026-05-25T12:00:00", False, True, id="R93-text-without-zone-is-UTC"),
    ],
)
def test_staleness(checked_at: object, has_images: bool, stale: bool) -> None:
    assert is_stale(checked_at, has_images=has_images, now=NOW, terms=TERMS) is stale


@given(
    st.datetimes(timezones=st.just(dt.UTC), max_value=dt.datetime(2200, 1, 1)),  # noqa: DTZ001 - hypothesis adds it
    st.booleans(),
    st.integers(0, 365),
)
def test_r94_due_date_and_staleness_are_one_rule(checked_at: dt.datetime, has_images: bool, days: int) -> None:
    terms = StalenessTerms(days, days // 10)
    due_at = next_enrichment_due(checked_at, has_images=has_images, terms=terms)
    assert due_at is not None
    assert not is_stale(checked_at, has_images=has_images, now=due_at - SECOND, terms=terms)
    assert is_stale(checked_at, has_images=has_images, now=due_at, terms=terms)
    whole_days = (due_at - checked_at).days
    assert whole_days == terms.of(has_images=has_images)


def test_r94_nobody_knows_when_a_venue_is_due_that_was_never_checked() -> None:
    assert next_enrichment_due(None, has_images=True, terms=TERMS) is None


def test_r91_fractions_of_a_day_do_not_count() -> None:
    terms = staleness_terms(dt.timedelta(days=2, hours=23), dt.timedelta(hours=23))
    assert terms == StalenessTerms(2, 0)
    assert is_stale(NOW, has_images=False, now=NOW, terms=terms)


def test_a_stamp_of_another_zone_is_the_same_moment() -> None:
    warsaw = dt.timezone(dt.timedelta(hours=2))
    assert parse_stamp(NOW.astimezone(warsaw)) == NOW
