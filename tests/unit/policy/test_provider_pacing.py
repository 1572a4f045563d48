"""Truth tables of a provider's pace, its hosts' breakers, and the priority of owners (images.md 7, 10, 12)."""

from __future__ import annotations

import datetime as dt

import pytest

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.provider_memory import BreakerState, ProviderPace
from trivia_scraper.policy.breaking import CLOSED, after_answer, closed_until, is_tripped, with_probe
from trivia_scraper.policy.classifying import CLASS_OF_TYPE, DEFAULT_CLASSES
from trivia_scraper.policy.pacing import delay_ms, learnt_pace, least_delay_ms
from trivia_scraper.policy.priority import failure_rate_pct, priority_score

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
E = ErrorType


@pytest.mark.parametrize(
    ("provider", "milliseconds"),
    [("google_places", 500), ("foursquare", 200), ("here", 200), ("unsplash", 100), ("question_one", 100)],
)
def test_r128_the_delays_of_providers(provider: str, milliseconds: int) -> None:
    assert least_delay_ms(provider) == delay_ms(provider, None) == milliseconds
    assert delay_ms(provider, ProviderPace(1, 0)) == milliseconds
    assert delay_ms(provider, ProviderPace(99_999, 0)) == 30_000


@pytest.mark.parametrize(
    ("before", "error_type", "asked", "after"),
    [
        pytest.param(None, None, False, (500, 0), id="R223-at-the-least-nothing-is-counted"),
        pytest.param(None, E.RATE_LIMITED, False, (1000, 0), id="R223-429-doubles"),
        pytest.param(None, E.SERVICE_UNAVAILABLE, True, (1000, 0), id="R223-retry-after-doubles"),
        pytest.param(None, None, True, (1000, 0), id="R223-retry-after-of-a-good-answer-too"),
        pytest.param((1000, 19), E.RATE_LIMITED, True, (2000, 0), id="R223-once-for-both"),
        pytest.param((20_000, 3), E.RATE_LIMITED, False, (30_000, 0), id="R223-at-most-30s"),
        pytest.param((30_000, 0), E.RATE_LIMITED, False, (30_000, 0), id="R223-stays-at-30s"),
        pytest.param((1000, 0), None, False, (1000, 1), id="R223-a-success-is-counted"),
        pytest.param((1000, 19), None, False, (900, 0), id="R223-the-twentieth-makes-it-faster"),
        pytest.param((540, 19), None, False, (500, 0), id="R223-never-under-the-least"),
        pytest.param((1000, 19), E.NOT_FOUND, False, (1000, 0), id="R223-in-a-row"),
    ],
)
def test_r223_what_an_answer_teaches(
    before: tuple[int, int] | None, error_type: ErrorType | None, asked: bool, after: tuple[int, int]
) -> None:
    known = None if before is None else ProviderPace(*before)
    assert learnt_pace("google_places", known, error_type, asked_to_wait=asked) == ProviderPace(*after)


def test_r223_from_the_longest_delay_back_to_the_least() -> None:
    pace, successes = ProviderPace(30_000, 0), 0
    while pace.delay_ms > 100:
        pace = learnt_pace("unsplash", pace, None, asked_to_wait=False)
        successes += 1
    assert (pace, successes % 20) == (ProviderPace(100, 0), 0)
    assert 1000 < successes < 1200


def state(failures: int, pause: float = 0.0, until: float | None = None) -> BreakerState:
    """A breaker; `until` in seconds from noon."""
    open_until = None if until is None else NOON + dt.timedelta(seconds=until)
    return BreakerState(failures, pause, None if pause == 0.0 else NOON - dt.timedelta(hours=1), open_until)


def answered(before: BreakerState | None, error_type: ErrorType | None, asked: float | None = None) -> BreakerState:
    return after_answer(before, error_type, asked, NOON, DEFAULT_CLASSES)


@pytest.mark.parametrize(
    ("before", "error_type", "after"),
    [
        pytest.param(None, E.RATE_LIMITED, state(1), id="R225-counts"),
        pytest.param(state(8), E.AUTH_ERROR, state(9), id="R225-a-refused-key-counts"),
        pytest.param(state(9), None, CLOSED, id="R225-success-closes"),
        pytest.param(state(9), E.NOT_FOUND, CLOSED, id="R225-a-clear-no-is-an-answer"),
        pytest.param(state(9), E.SERVER_ERROR, state(9), id="R225-ambiguous-says-nothing"),
        pytest.param(state(9), E.BLOCKED_ADDRESS, state(9), id="R225-not-the-host's-doing"),
        pytest.param(state(10, 900, 60), None, CLOSED, id="R225-the-probe-closes"),
        pytest.param(state(10, 900, 600), E.RATE_LIMITED, state(11, 900, 600), id="R225-straggler-is-no-probe"),
    ],
)
def test_r225_counting(before: BreakerState | None, error_type: ErrorType | None, after: BreakerState) -> None:
    assert answered(before, error_type) == after


@pytest.mark.parametrize("error_type", list(ErrorType))
def test_r225_transient_failures_and_refused_keys_count(error_type: ErrorType) -> None:
    counts = CLASS_OF_TYPE[error_type] is FailureClass.TRANSIENT or error_type is E.AUTH_ERROR
    assert (answered(state(3), error_type).failures_in_row == 4) is counts


@pytest.mark.parametrize(
    ("before", "pause"),
    [
        pytest.param(state(9), 900, id="R225-the-tenth-15-min"),
        pytest.param(state(10, 900, 60), 1_800, id="R225-a-failed-probe-doubles"),
        pytest.param(state(10, 900, -5), 1_800, id="R225-a-probe-long-after"),
        pytest.param(state(14, 57_600, 0), 86_400, id="R225-up-to-a-day"),
        pytest.param(state(15, 86_400, 0), 86_400, id="R225-not-beyond"),
    ],
)
def test_r225_opening(before: BreakerState, pause: float) -> None:
    opened = answered(before, E.NETWORK_TIMEOUT)
    assert (opened.pause_seconds, opened.opened_at) == (pause, NOON)
    assert opened.open_until == NOON + dt.timedelta(seconds=pause)
    assert is_tripped(opened)
    assert closed_until(opened, NOON) == opened.open_until
    assert closed_until(opened, NOON + dt.timedelta(seconds=pause)) is None


def test_r225_one_probe_at_a_time() -> None:
    probed = with_probe(state(10, 900, 0), NOON)
    assert closed_until(probed, NOON) == NOON + dt.timedelta(seconds=60)
    assert probed.pause_seconds == 900


@pytest.mark.parametrize(
    ("before", "asked", "until"),
    [
        pytest.param(None, 60.0, None, id="R188-waited-for-on-the-spot"),
        pytest.param(None, 61.0, 61.0, id="R188-left-alone-until-then"),
        pytest.param(None, 1e9, 86_400.0, id="R188-clamped-to-24h"),
        pytest.param(state(9), 3600.0, 3600.0, id="R188-the-longer-of-two"),
        pytest.param(state(9), 61.0, 900.0, id="R188-the-longer-of-two-likewise"),
        pytest.param(state(2, 0.0, 5000.0), 61.0, 5000.0, id="R188-never-shorter"),
    ],
)
def test_r188_a_host_is_left_alone_as_long_as_it_asks(
    before: BreakerState | None, asked: float, until: float | None
) -> None:
    left_alone = answered(before, E.RATE_LIMITED, asked)
    expected = None if until is None else NOON + dt.timedelta(seconds=until)
    assert closed_until(left_alone, NOON) == expected


def test_nothing_known_is_open_for_questions() -> None:
    assert closed_until(None, NOON) is None
    assert not is_tripped(None)


@pytest.mark.parametrize(
    ("failed", "total", "transient", "activity", "score"),
    [
        pytest.param(3, 10, True, 0, 80.0, id="R183-the-document's-example"),
        pytest.param(3, 10, False, 0, 60.0, id="R183-without-transient"),
        pytest.param(1, 1, True, 250, 132.5, id="R183-activity"),
        pytest.param(0, 0, False, 0, 0.0, id="R183-nobody"),
        pytest.param(1, 3, False, 0, 10 + 100 / 3, id="R183-not-rounded"),
    ],
)
def test_r183_the_score(failed: int, total: int, transient: bool, activity: int, score: float) -> None:
    assert priority_score(failed, total, has_transient=transient, activity=activity) == pytest.approx(score)


def test_r175_three_of_ten_are_thirty_per_cent() -> None:
    assert failure_rate_pct(3, 10) == 30.0
