"""How far, how fast, how long still."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.pace import Pace, pace_of

HALF = SourceProgress(planned=100, done=50)
SLOW = SourceProgress(planned=100, done=10)
BEGUN = SourceProgress(planned=100, done=2)
DONE = SourceProgress(planned=20, done=20, is_finished=True)
UNPLANNED = SourceProgress()


@pytest.mark.parametrize(
    ("sources", "elapsed", "pace"),
    [
        ((), 60, Pace(0, 0, None, None, None)),
        ((UNPLANNED,), 60, Pace(0, 0, None, None, None)),
        ((HALF,), 60, Pace(50, 100, 50.0, 50.0, 60.0)),
        ((HALF, SLOW), 60, Pace(60, 200, 30.0, 60.0, 540.0)),
        ((HALF, DONE), 60, Pace(70, 120, 70 / 1.2, 70.0, 60.0)),
        ((HALF, UNPLANNED), 60, Pace(50, 100, 50.0, 50.0, None)),
        ((HALF, BEGUN), 60, Pace(52, 200, 26.0, 52.0, None)),
        ((DONE,), 60, Pace(20, 20, 100.0, 20.0, 0.0)),
        ((HALF,), 0, Pace(50, 100, 50.0, None, 0.0)),
        ((SourceProgress(planned=10, done=12),), 60, Pace(12, 10, 100.0, 12.0, 0.0)),
    ],
    ids=[
        "nothing", "no plan yet", "half", "the slowest decides", "one is done", "one has no plan", "too early",
        "all done", "no time has passed", "more than was planned",
    ],
)  # fmt: skip
def test_pace(sources: tuple[SourceProgress, ...], elapsed: float, pace: Pace) -> None:
    found = pace_of(sources, elapsed)
    assert (found.done, found.planned) == (pace.done, pace.planned)
    assert found.percent == pytest.approx(pace.percent)
    assert found.per_minute == pytest.approx(pace.per_minute)
    assert found.remaining_seconds == pytest.approx(pace.remaining_seconds)
