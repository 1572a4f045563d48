"""The truth table of sources' states (operations.md O13-O19)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import IndexVerdict
from trivia_scraper.domain.source_health import (
    ExpectedRun,
    IndexFailure,
    SourceRecord,
    SourceRunRecord,
    SourceState,
)
from trivia_scraper.policy.source_health import is_overdue, judge_source, next_step, state_of_failure

NOW = dt.datetime(2026, 3, 20, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
COMPLETE, SUSPECT, EMPTY, FAILED, HELD = (
    IndexVerdict.COMPLETE, IndexVerdict.SUSPECT, IndexVerdict.EMPTY, IndexVerdict.FAILED, IndexVerdict.HELD,
)  # fmt: skip
REFUSED = IndexFailure(ErrorType.NETWORK_ERROR, Reason.REFUSED, None, "refused")


def run(days_ago: float, listed: int = 100, verdict: IndexVerdict = COMPLETE, **facts: Any) -> SourceRunRecord:
    return SourceRunRecord(NOW - days_ago * DAY, verdict, listed, **facts)


def record(*runs: SourceRunRecord, **facts: Any) -> SourceRecord:
    """Newest first; complete ones are the baseline, as storage hands them out."""
    complete = tuple(each for each in runs if each.is_complete)
    last = runs[0].finished_at if runs else None
    return SourceRecord("question_one", last, None, recent=runs, complete=complete, **facts)


PAST = tuple(run(days, listed) for days, listed in ((1, 100), (2, 104), (3, 96), (4, 100), (5, 90)))


@pytest.mark.parametrize(
    ("newest", "state", "why"),
    [
        (run(0, 100), SourceState.OK, ""),
        (run(0, 51), SourceState.OK, ""),
        (run(0, 49), SourceState.DEGRADED, "49 listings, 100 are usual"),
        (run(0, 58, SUSPECT), SourceState.DEGRADED, "58 listings, 100 are usual"),
        (run(0, 0, SUSPECT), SourceState.ZERO_YIELD, "nothing is listed, 100 are usual"),
        (run(0, 0, EMPTY), SourceState.ZERO_YIELD, "the site says that it lists nothing, 100 are usual"),
        (run(0, 1_500, HELD), SourceState.HELD, "1,500 listings at once, 100 are usual: you should look"),
        (run(0, 60, held=40), SourceState.HELD, "40 events vanished at once and wait for you to look"),
        (run(0, 0, FAILED, failure=REFUSED), SourceState.CONNECTION_REFUSED, "refused"),
        (run(0, 70, IndexVerdict.TRUNCATED, failure=REFUSED), SourceState.CONNECTION_REFUSED, "refused"),
        (run(0, 70, IndexVerdict.TRUNCATED), SourceState.DEGRADED, "its index could not be read to the end"),
        (run(0, 0, IndexVerdict.DISALLOWED), SourceState.BLOCKED, "robots.txt disallows its index"),
        (run(0, 100, visited=40, failed=21), SourceState.DEGRADED, "21 of 40 pages could not be read"),
        (run(0, 100, visited=9, failed=9), SourceState.OK, ""),
    ],
    ids=lambda value: value.value if isinstance(value, SourceState) else "",
)
def test_o17_the_newest_run_against_the_median_of_complete_ones(
    newest: SourceRunRecord, state: SourceState, why: str
) -> None:
    found = judge_source(record(newest, *PAST), None, NOW)
    assert (found.state, found.why) == (state, why)
    assert found.usual_listed == 100


def test_a_run_that_we_ended_ourselves_says_nothing_of_its_source() -> None:
    stopped = run(0, 3, IndexVerdict.TRUNCATED, stopped=True)
    found = judge_source(record(stopped, *PAST), None, NOW)
    assert (found.state, found.listed) == (SourceState.OK, 100)


def test_o17_the_baseline_is_ten_complete_runs_before_the_newest() -> None:
    runs = [run(0, 40), *(run(days, 100) for days in range(1, 11)), *(run(days, 1) for days in range(11, 40))]
    assert judge_source(record(*runs), None, NOW).usual_listed == 100


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ((), SourceState.UNREAD),
        ((run(0, 7),), SourceState.OK),
        ((run(0, 0, EMPTY),), SourceState.OK),
        ((run(0, 0, SUSPECT),), SourceState.ZERO_YIELD),
        ((run(0, 1, stopped=True),), SourceState.UNREAD),
    ],
)
def test_a_source_without_a_past(runs: tuple[SourceRunRecord, ...], state: SourceState) -> None:
    assert judge_source(record(*runs), None, NOW).state is state


FULL = {"name": 50, "phone": 45}
LESS = {"name": 50, "phone": 3}


def with_pages(days_ago: float, coverage: dict[str, int], pages: int = 50) -> SourceRunRecord:
    return run(days_ago, read_pages=pages, coverage=coverage)


GOOD = tuple(with_pages(days, FULL) for days in (3, 4, 5))


def test_o18_a_run_without_a_failure_is_degraded_when_a_field_fell() -> None:
    found = judge_source(record(with_pages(0, LESS), *GOOD), None, NOW)
    assert found.state is SourceState.DEGRADED
    assert found.why == "pages state less than they did: phone 6% instead of 90%"
    assert found.fallen == ("phone",)


def test_o18_a_quiet_day_after_the_fall_proves_nothing() -> None:
    quiet = with_pages(0, {"name": 2}, pages=2)
    assert judge_source(record(quiet, with_pages(1, LESS), *GOOD), None, NOW).state is SourceState.DEGRADED
    assert judge_source(record(quiet, with_pages(1, FULL), *GOOD), None, NOW).state is SourceState.OK


def test_o18_what_was_lost_does_not_become_what_is_usual() -> None:
    fallen = tuple(with_pages(days / 10, LESS) for days in range(12))
    since = {"health": SourceState.DEGRADED, "health_since": NOW - 1.1 * DAY}
    found = judge_source(record(*fallen, *GOOD, **since), None, NOW)
    assert (found.state, found.fallen, found.since) == (SourceState.DEGRADED, ("phone",), NOW - 1.1 * DAY)
    mended = judge_source(record(with_pages(0, FULL), *fallen[1:], *GOOD, **since), None, NOW)
    assert mended.state is SourceState.OK
    released = judge_source(record(*fallen, *GOOD, released_at=NOW, **since), None, NOW)
    assert released.state is SourceState.OK


@pytest.mark.parametrize(
    ("newest", "state"),
    [(run(0, 60, held=40), SourceState.OK), (run(0, 1_500, HELD), SourceState.OK), (run(0, 9), SourceState.OK)],
)
def test_what_a_person_released_is_not_held_against_a_source(newest: SourceRunRecord, state: SourceState) -> None:
    assert judge_source(record(newest, *PAST, released_at=NOW), None, NOW).state is state
    assert judge_source(record(newest, *PAST, released_at=NOW - HOUR), None, NOW).state is not state


@pytest.mark.parametrize(
    ("error_type", "reason", "status_code", "state"),
    [
        (ErrorType.NETWORK_ERROR, Reason.DNS, None, SourceState.DNS_FAILURE),
        (ErrorType.NETWORK_ERROR, Reason.REFUSED, None, SourceState.CONNECTION_REFUSED),
        (ErrorType.NETWORK_ERROR, Reason.RESET, None, SourceState.NO_RESPONSE),
        (ErrorType.NETWORK_ERROR, Reason.TLS, None, SourceState.NO_RESPONSE),
        (ErrorType.NETWORK_TIMEOUT, Reason.DEADLINE, None, SourceState.TIMEOUT),
        (ErrorType.NOT_FOUND, None, 404, SourceState.SITE_GONE),
        (ErrorType.GONE, None, 410, SourceState.SITE_GONE),
        (ErrorType.HTTP_ERROR, Reason.REDIRECTS, 301, SourceState.REDIRECT_ONLY),
        (ErrorType.SERVER_ERROR, None, 500, SourceState.HTTP_ERROR),
        (ErrorType.SERVICE_UNAVAILABLE, None, 503, SourceState.HTTP_ERROR),
        (ErrorType.FORBIDDEN, None, 403, SourceState.BLOCKED),
        (ErrorType.AUTH_ERROR, None, 401, SourceState.BLOCKED),
        (ErrorType.RATE_LIMITED, None, 429, SourceState.BLOCKED),
        (ErrorType.BLOCKED_ADDRESS, None, None, SourceState.BLOCKED),
        (ErrorType.INVALID_RESPONSE, None, None, SourceState.SITE_CHANGED),
        (ErrorType.INVALID_RESPONSE, Reason.PARSE_TIMEOUT, None, SourceState.PARSE_ERROR),
        (ErrorType.NETWORK_ERROR, Reason.ENCODING, None, SourceState.PARSE_ERROR),
        (ErrorType.UNKNOWN_ERROR, None, None, SourceState.CRASHED),
    ],
)
def test_o19_each_failure_has_its_state(
    error_type: ErrorType, reason: Reason | None, status_code: int | None, state: SourceState
) -> None:
    found = state_of_failure(IndexFailure(error_type, reason, status_code, "no"))
    assert found is state
    assert found.is_broken
    assert not found.is_well


def test_o19_every_failure_that_there_is_has_a_state() -> None:
    for error_type in ErrorType:
        for reason in (None, *Reason):
            assert state_of_failure(IndexFailure(error_type, reason, None, "no")).is_broken


@pytest.mark.parametrize(
    ("late", "usual", "is_running", "ran_at", "overdue"),
    [
        (59 * HOUR / 60, None, False, None, False),
        (61 * HOUR / 60, None, False, None, True),
        (61 * HOUR / 60, 10 * HOUR / 60, False, None, True),
        (2.9 * HOUR, HOUR, False, None, False),
        (3.1 * HOUR, HOUR, False, None, True),
        (3.1 * HOUR, HOUR, True, None, True),
        (9 * HOUR, None, True, None, False),
        (9 * HOUR, HOUR, False, NOW - 9 * HOUR, False),
        (9 * HOUR, HOUR, False, NOW - 33 * HOUR, True),
    ],
    ids=[
        "within the hour", "past the hour", "three short ones are an hour", "within three usual ones",
        "past three usual ones", "a run that hangs", "a first run takes its time", "it ran since", "it ran before",
    ],
)  # fmt: skip
def test_o10_overdue_is_past_the_slot_by_three_usual_durations(
    late: dt.timedelta, usual: dt.timedelta | None, is_running: bool, ran_at: dt.datetime | None, overdue: bool
) -> None:
    assert is_overdue(ExpectedRun(NOW - late, usual, is_running), ran_at, NOW) is overdue


LATE = ExpectedRun(NOW - 5 * HOUR, HOUR)


@pytest.mark.parametrize(
    ("facts", "expected", "state", "since"),
    [
        ({"paused_at": NOW - DAY, "paused_by": "ann", "paused_why": "May"}, LATE, SourceState.PAUSED, NOW - DAY),
        ({}, LATE, SourceState.OVERDUE, LATE.due_at),
        ({}, None, SourceState.CONNECTION_REFUSED, NOW - 2 * DAY),
    ],
)
def test_o19_a_pause_comes_before_a_missed_slot_and_that_before_an_old_failure(
    facts: dict[str, Any], expected: ExpectedRun | None, state: SourceState, since: dt.datetime
) -> None:
    failed = run(2, 0, FAILED, failure=REFUSED)
    found = judge_source(record(failed, *PAST[2:], **facts), expected, NOW)
    assert (found.state, found.since) == (state, since)
    assert (found.why == "paused by ann: May") is (state is SourceState.PAUSED)


def test_a_state_keeps_its_beginning_while_it_lasts() -> None:
    before = {"health": SourceState.CONNECTION_REFUSED, "health_since": NOW - 9 * DAY}
    failed = run(0, 0, FAILED, failure=REFUSED)
    assert judge_source(record(failed, *PAST, **before), None, NOW).since == NOW - 9 * DAY
    assert judge_source(record(run(0), *PAST, **before), None, NOW).since == NOW
    other = replace(failed, failure=replace(REFUSED, reason=Reason.DNS))
    assert judge_source(record(other, *PAST, **before), None, NOW).since == NOW


@pytest.mark.parametrize("state", list(SourceState))
def test_every_state_that_is_not_well_has_a_next_step(state: SourceState) -> None:
    assert state.is_well or "trivia-scraper" in next_step("question_one", state, ())
