"""Retry-After, spelled well and badly."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.retry_after import LONGEST_SECONDS, retry_after_seconds

NOW = dt.datetime(2026, 3, 1, 12, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.0),
        ("007", 7.0),
        ("-5", 0.0),
        ("86400", 86_400.0),
        ("86401", 86_400.0),
        ("9" * 5_000, 86_400.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 13:00:30 +0100", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 01 Mar 2038 12:00:00 GMT", 86_400.0),
        ("soon", None),
        ("12 parsecs", None),
        ("١٢٠", None),
        ("Sun, 99 Xyz 2026 12:00:00 GMT", None),
        ("Sun, 01 Mar 99999999999 12:00:00 GMT", None),
    ],
)
def test_f50_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_f50_no_text_escapes_the_clamp(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_f50_a_number_is_clamped_seconds(number: int) -> None:
    assert retry_after_seconds(str(number), NOW) == min(max(number, 0), LONGEST_SECONDS)


@given(st.integers(min_value=-(10**8), max_value=10**8))
def test_f50_a_date_is_clamped_distance(seconds: int) -> None:
    at = NOW + dt.timedelta(seconds=seconds)
    expected = min(max((at - NOW).total_seconds(), 0.0), LONGEST_SECONDS)
    assert retry_after_seconds(format_datetime(at, usegmt=True), NOW) == expected
