"""Shares and percentiles of pictures' ages (P13)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.freshness import AgeBin
from trivia_scraper.policy.freshness import measure_freshness

NOW = dt.datetime(2026, 3, 20, 12, 0, tzinfo=dt.UTC)
HOUR = 3600.0


def aged(hours: float | None, images: int, provider: str = "question_one") -> AgeBin:
    return AgeBin(provider, None if hours is None else NOW - dt.timedelta(hours=hours), images)


@pytest.mark.parametrize(
    ("bins", "images", "fresh", "ages"),
    [
        ([], 0, 0, (None, None, None, None, None)),
        ([aged(1, 1)], 1, 1, (1, 1, 1, 1, 1)),
        ([aged(168, 1), aged(169, 1)], 2, 1, (168, 169, 169, 169, 169)),
        ([aged(2, 50), aged(30, 40), aged(100, 5), aged(900, 5)], 100, 95, (2, 30, 100, 900, 900)),
        ([aged(2, 96), aged(None, 4)], 100, 96, (2, 2, 2, None, None)),
        ([aged(-5, 1)], 1, 1, (0, 0, 0, 0, 0)),
    ],
    ids=["none", "one", "a week is fresh", "percentiles", "never verified", "a clock set back"],
)
def test_p13_shares_and_percentiles(
    bins: list[AgeBin], images: int, fresh: int, ages: tuple[float | None, ...]
) -> None:
    found, _ = measure_freshness(bins, NOW)
    assert (found.images, found.fresh) == (images, fresh)
    told = (found.p50_seconds, found.p90_seconds, found.p95_seconds, found.p99_seconds, found.oldest_seconds)
    assert told == tuple(None if age is None else age * HOUR for age in ages)


def test_p13_each_provider_by_itself_the_largest_first() -> None:
    bins = [aged(1, 3, "here"), aged(1, 5), aged(500, 5)]
    together, by_provider = measure_freshness(bins, NOW)
    assert [(each.provider, each.images, each.ratio) for each in by_provider] == [
        ("question_one", 10, 0.5),
        ("here", 3, 1.0),
    ]
    assert (together.provider, together.images, together.fresh) == ("", 13, 8)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 50)), min_size=1, max_size=30))
def test_p13_a_percentile_is_the_age_that_a_hand_would_count(drawn: list[tuple[int, int]]) -> None:
    found, _ = measure_freshness([aged(hours, images) for hours, images in drawn], NOW)
    every = sorted(hours for hours, images in drawn for _ in range(images))
    rank = -(-len(every) * 95 // 100) - 1
    assert found.p95_seconds == every[rank] * HOUR
    assert found.fresh == sum(hours <= 168 for hours in every)
