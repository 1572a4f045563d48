"""Durations and sizes (operations.md O05)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.settings.values import (
    A_CENTURY,
    format_age,
    format_duration,
    format_size,
    parse_age,
    parse_duration,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("0s", 0),
        ("1.5h", 5400),
        ("30m", 1800),
        ("2 d", 172_800),
        ("1w", 604_800),
        (" 10s ", 10),
        ("0.5s", 0.5),
    ],
)
def test_duration_is_read(text, seconds):
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "s",
        "-5s",
        "5S",
        "5 sec",
        "1h30m",
        "5.s",
        "1e3s",
        "٥s",
        "never",
        "always",
        "9999999w",
        "5s\n5s",
        "1_0s",
    ],
)
def test_other_durations_are_refused(text):
    with pytest.raises(ValueError, match=r"is not a duration|more than a century"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "age"),
    [("always", dt.timedelta(0)), ("never", None), ("Never", None), ("7d", dt.timedelta(days=7))],
)
def test_age_has_two_words_more(text, age):
    assert parse_age(text) == age


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4 MiB", 4 << 20),
        ("10 MB", 10_000_000),
        ("500MB", 500_000_000),
        ("1.5 kB", 1500),
        ("7 B", 7),
        ("1 GiB", 1 << 30),
    ],
)
def test_size_is_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "5", "4 mb", "4M", "-1 B", "4 MiBs", "MB", "1,5 MB", "4 TB"])
def test_other_sizes_are_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@given(st.integers(min_value=0, max_value=int(A_CENTURY.total_seconds())))
def test_duration_round_trips(seconds):
    duration = dt.timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@given(st.none() | st.integers(min_value=0, max_value=10**9))
def test_age_round_trips(seconds):
    age = None if seconds is None else dt.timedelta(seconds=seconds)
    assert parse_age(format_age(age)) == age


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_size_round_trips(size):
    assert parse_size(format_size(size)) == size
