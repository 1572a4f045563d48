"""Rates as all statistics tell them (images.md 10)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.statistics import rate_pct


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        pytest.param(3, 10, 30.0, id="R185-whole"),
        pytest.param(1, 3, 33.3, id="R185-down"),
        pytest.param(2, 3, 66.7, id="R185-up"),
        pytest.param(1, 16, 6.3, id="R185-half-up-as-in-sql"),
        pytest.param(1, 2000, 0.1, id="R185-a-small-half"),
        pytest.param(7, 7, 100.0, id="R185-all"),
        pytest.param(0, 0, 0.0, id="R185-of-nothing"),
    ],
)
def test_r185_a_rate_is_a_plain_float_with_one_decimal(part: int, whole: int, rate: float) -> None:
    assert rate_pct(part, whole) == rate
    assert type(rate_pct(part, whole)) is float
