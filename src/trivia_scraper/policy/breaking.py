"""Leaving a provider's host alone that only fails, across restarts: the circuit breaker (images.md 12, R225). Pure.

The fetcher has a breaker of its own that protects one process from a dead host for seconds. This one spares a
provider for minutes to a day, is remembered, and costs an image none of its three attempts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.provider_memory import BreakerState
from trivia_scraper.policy.classifying import ErrorClasses

MOST_FAILURES: Final = 10
FIRST_PAUSE_SECONDS: Final = 900.0
LONGEST_PAUSE_SECONDS: Final = 86_400.0
PROBE_SECONDS: Final = 60.0
"""For so long one caller has the probe to itself."""
LONGEST_WAITED_FOR_SECONDS: Final = 60.0
"""A Retry-After up to this is waited for on the spot; a longer one closes the host until then."""

CLOSED: Final = BreakerState(failures_in_row=0, pause_seconds=0.0, opened_at=None, open_until=None)

# The host is well and says so: this one picture is gone, too big, or none.
_GOOD_ANSWERS: Final = frozenset(
    {None, ErrorType.NOT_FOUND, ErrorType.GONE, ErrorType.FILE_TOO_LARGE, ErrorType.NOT_AN_IMAGE}
)


def is_tripped(state: BreakerState | None) -> bool:
    """Whether failures opened the breaker and no success has closed it since."""
    return state is not None and state.opened_at is not None


def closed_until(state: BreakerState | None, now: dt.datetime) -> dt.datetime | None:
    """Until when the host is left alone; None = it may be asked. A tripped breaker then wants one probe."""
    if state is None or state.open_until is None or state.open_until <= now:
        return None
    return state.open_until


def with_probe(state: BreakerState, now: dt.datetime) -> BreakerState:
    """The state while somebody probes: closed to everybody else for a minute."""
    return replace(state, open_until=now + dt.timedelta(seconds=PROBE_SECONDS))


def after_answer(
    state: BreakerState | None,
    error_type: ErrorType | None,
    retry_after_seconds: float | None,
    now: dt.datetime,
    classes: ErrorClasses,
) -> BreakerState:
    """What one more answer of a host means.

    error_type  None = it worked, which closes the breaker and forgets everything
    Ten failures in a row (transient, auth_error) open it for 15 minutes; a failed probe for twice as long as the
    last time, up to 24 h. What says nothing of the host (an ambiguous failure, a refused address) changes nothing.
    """
    if error_type in _GOOD_ANSWERS:
        return CLOSED
    state = state or CLOSED
    if not (error_type is ErrorType.AUTH_ERROR or classes.of(error_type) is FailureClass.TRANSIENT):
        return state
    state = replace(state, failures_in_row=state.failures_in_row + 1)
    if _opens(state, now):
        pause = min(max(2 * state.pause_seconds, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        until = now + dt.timedelta(seconds=pause)
        state = replace(state, pause_seconds=pause, opened_at=now, open_until=until)
    return _as_asked(state, retry_after_seconds, now)


def _opens(state: BreakerState, now: dt.datetime) -> bool:
    if not is_tripped(state):
        return state.failures_in_row >= MOST_FAILURES
    # A request that was under way when the breaker opened is no probe: that one comes when the pause is over.
    return state.open_until is None or state.open_until <= now + dt.timedelta(seconds=PROBE_SECONDS)


def _as_asked(state: BreakerState, retry_after_seconds: float | None, now: dt.datetime) -> BreakerState:
    """A host that asked for more than can be waited for is closed until then, without being tripped."""
    if retry_after_seconds is None or retry_after_seconds <= LONGEST_WAITED_FOR_SECONDS:
        return state
    asked = now + dt.timedelta(seconds=min(retry_after_seconds, LONGEST_PAUSE_SECONDS))
    return replace(state, open_until=max(asked, state.open_until or asked))


def host_of(url: str) -> str:
    """What a breaker is kept for: the host, and its port where one is written."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return f"{name}:{port}" if port else name
