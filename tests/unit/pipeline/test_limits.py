"""Why a run takes up no further listing (O30): its time is over, or somebody asked it to stop."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.domain.outcomes import SkipReason
from trivia_scraper.pipeline.limits import RunLimits


class FakeClock:
    """Seconds that move only when told."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> dt.datetime:
        raise AssertionError("a budget is measured on the monotonic clock (safety.md 12)")

    def monotonic(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("seconds", "deadline", "stopping", "why"),
    [
        pytest.param(100.0, None, False, None, id="no-budget"),
        pytest.param(1e12, None, False, None, id="no-budget-ever"),
        pytest.param(99.9, 100.0, False, None, id="max-time-not-yet"),
        pytest.param(100.0, 100.0, False, SkipReason.OUT_OF_TIME, id="max-time-now"),
        pytest.param(101.0, 100.0, False, SkipReason.OUT_OF_TIME, id="max-time-over"),
        pytest.param(0.0, 0.0, False, SkipReason.OUT_OF_TIME, id="max-time-at-zero"),
        pytest.param(0.0, None, True, SkipReason.INTERRUPTED, id="F05-stopping"),
        pytest.param(101.0, 100.0, True, SkipReason.INTERRUPTED, id="F05-stopping-counts-before-time"),
    ],
)
def test_why_stop(seconds: float, deadline: float | None, stopping: bool, why: SkipReason | None) -> None:
    assert RunLimits(FakeClock(seconds), deadline, lambda: stopping).why_stop() is why


def test_it_is_asked_anew_before_each_listing() -> None:
    clock, asked_to_stop = FakeClock(0.0), [False]
    limits = RunLimits(clock, 10.0, lambda: asked_to_stop[0])
    answers = [limits.why_stop()]
    clock.seconds = 10.0
    answers.append(limits.why_stop())
    asked_to_stop[0] = True
    answers.append(limits.why_stop())
    assert answers == [None, SkipReason.OUT_OF_TIME, SkipReason.INTERRUPTED]
