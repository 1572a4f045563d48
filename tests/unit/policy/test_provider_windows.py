"""Windows of a second, a minute, an hour (images.md 7, R198)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.provider_windows import Window, WindowLimits, admit

NOW = 10_000.0


@pytest.mark.parametrize(
    ("limits", "earlier", "refused_by", "wait"),
    [
        pytest.param(WindowLimits(), [0.0] * 50, None, 0.0, id="R198-no-limits"),
        pytest.param(WindowLimits(2), [0.5], None, 0.0, id="R198-a-place-in-the-second"),
        pytest.param(WindowLimits(2), [0.2, 0.5], Window.SECOND, 0.5, id="R198-full-second"),
        pytest.param(WindowLimits(2), [1.0, 0.5], None, 0.0, id="R198-one-second-ago-is-outside"),
        pytest.param(WindowLimits(0, 3), [59.9, 30, 1], Window.MINUTE, 0.1, id="R198-full-minute"),
        pytest.param(WindowLimits(0, 3), [60.0, 30, 1], None, 0.0, id="R198-a-minute-ago-is-outside"),
        pytest.param(WindowLimits(0, 0, 2), [3_599, 1_800], Window.HOUR, 1.0, id="R198-full-hour"),
        pytest.param(WindowLimits(0, 0, 2), [3_600, 1_800], None, 0.0, id="R198-an-hour-ago-is-outside"),
        pytest.param(WindowLimits(1, 1, 1), [0.5], Window.SECOND, 0.5, id="R198-the-first-full-one-refuses"),
        pytest.param(WindowLimits(5, 1, 1), [30], Window.MINUTE, 30.0, id="R198-then-the-minute"),
        pytest.param(WindowLimits(2), [0.1, 0.2, 0.3], Window.SECOND, 0.8, id="R198-more-than-it-may-hold"),
    ],
)
def test_windows(limits: WindowLimits, earlier: Sequence[float], refused_by: Window | None, wait: float) -> None:
    times = sorted(NOW - ago for ago in earlier)
    admission = admit(times, NOW, limits)
    assert admission.refused_by is refused_by
    assert admission.wait_seconds == pytest.approx(wait, abs=1e-6)
    assert (NOW in admission.times) is (refused_by is None)


@given(
    st.lists(st.floats(0, 8_000), max_size=60).map(sorted),
    st.integers(0, 4),
    st.integers(0, 12),
    st.integers(0, 30),
)
def test_r198_check_and_record_are_one_step(moments: list[float], second: int, minute: int, hour: int) -> None:
    """Whoever asks, one after the other: no window ever holds more than it may."""
    limits, times = WindowLimits(second, minute, hour), tuple[float, ...]()
    admitted: list[float] = []
    for now in moments:
        admission = admit(times, now, limits)
        times = admission.times
        if admission.refused_by is None:
            admitted.append(now)
        else:
            assert admit(times, now + admission.wait_seconds + 1e-6, WindowLimits(second)).refused_by is None
    for length, most in ((1.0, second), (60.0, minute), (3_600.0, hour)):
        for now in admitted:
            inside = [at for at in admitted if now - length < at <= now]
            assert not most or len(inside) <= most


def test_r198_what_left_the_longest_window_is_forgotten() -> None:
    assert admit([0.0, 1.0, NOW - 1], NOW, WindowLimits()).times == (NOW - 1, NOW)
