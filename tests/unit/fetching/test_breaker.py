"""F50: leaving a failing host alone."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.errors import (
    AddressBlocked,
    ImageUnreachable,
    InvalidUrl,
    PageGone,
    PageUnreachable,
    RateLimited,
    ServerFault,
    TriviaScraperError,
)
from trivia_scraper.fetching.breaker import Breaker, speaks_against_host


def test_f50_trips_doubles_and_closes() -> None:
    breaker = Breaker(most_failures=3, pause_seconds=30.0)
    assert [breaker.failed() for _ in range(2)] == [0.0, 0.0]
    assert not breaker.tripped
    assert [breaker.failed() for _ in range(6)] == [30.0, 60.0, 120.0, 240.0, 300.0, 300.0]
    assert breaker.tripped
    breaker.succeeded()
    assert not breaker.tripped
    assert [breaker.failed() for _ in range(3)] == [0.0, 0.0, 30.0]


def test_one_success_forgets_the_failures_before_it() -> None:
    breaker = Breaker(most_failures=2, pause_seconds=30.0)
    for _ in range(10):
        assert breaker.failed() == 0.0
        breaker.succeeded()


def test_zero_failures_means_never() -> None:
    breaker = Breaker(most_failures=0, pause_seconds=30.0)
    assert [breaker.failed() for _ in range(100)] == [0.0] * 100
    assert not breaker.tripped


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PageUnreachable("x"), True),
        (ImageUnreachable("x"), True),
        (ServerFault("x", status_code=500), True),
        (ServerFault("x", status_code=418), False),
        (ServerFault("x"), False),
        (RateLimited("x", retry_after_seconds=None), False),
        (PageGone("x"), False),
        (AddressBlocked("x"), False),
        (InvalidUrl("x"), False),
    ],
)
def test_which_errors_speak_against_a_host(error: TriviaScraperError, expected: bool) -> None:
    assert speaks_against_host(error) is expected
