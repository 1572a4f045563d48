"""The quality score (images.md 5.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.quality import quality_score


@pytest.mark.parametrize(
    ("width", "height", "score"),
    [
        (4032, 3024, 1.0),
        (2048, 1536, 0.8505),
        (1600, 1200, 0.636),
        (1080, 1920, 0.56288),
        (1200, 675, 0.44175),
        (800, 600, 0.384),
        (400, 300, 0.321),
        (2400, 1000, 0.67),
        (2401, 1000, 0.620175),
        (None, None, 0.1),
        (0, 300, 0.1),
        (300, None, 0.1),
        (-4, -3, 0.1),
        (1300, 1000, 0.5275),
        (1299, 1000, 0.477325),
        (1800, 1000, 0.615),
        (1801, 1000, 0.565175),
        (1000, 1000, 0.425),
        (999, 1000, 0.374825),
    ],
    ids=lambda value: f"R102-{value}",
)
def test_r102_checked_values(width: int | None, height: int | None, score: float) -> None:
    assert quality_score(width, height) == pytest.approx(score, abs=5e-6)


@given(st.integers(1, 50_000), st.integers(1, 50_000))
def test_r102_a_score_lies_between_the_unknown_and_the_best(width: int, height: int) -> None:
    assert 0.1 < quality_score(width, height) <= 1.0
