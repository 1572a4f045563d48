"""When a run is called good (operations.md O30)."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.options import options_from_job_arguments
from trivia_scraper.domain.outcomes import Failure, FinishReason, RunReport, SourceReport

FAILURE = Failure(
    source="question_one",
    venue="the-crown",
    url="https://quiz.example/the-crown",
    error_type=ErrorType.NETWORK_TIMEOUT,
    failure_class=FailureClass.TRANSIENT,
    reason=None,
    status_code=None,
    message="no answer",
    attempts=3,
    next="the next run tries again",
)


@pytest.mark.parametrize(
    ("reason", "failures", "ok"),
    [
        (FinishReason.DONE, [], True),
        (FinishReason.LIMIT, [], True),
        (FinishReason.MAX_TIME, [], True),
        (FinishReason.INTERRUPTED, [], False),
        (FinishReason.STORAGE_FULL, [], False),
        (FinishReason.DATABASE_LOST, [], False),
        (FinishReason.DONE, [FAILURE], False),
        (FinishReason.LIMIT, [FAILURE], False),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else f"{len(value)}-failures" if isinstance(value, list) else ""
    ),
)
def test_o30_ok_means_nothing_failed_and_all_that_was_asked_was_done(
    reason: FinishReason, failures: list[Failure], ok: bool
) -> None:
    options = options_from_job_arguments({})
    report = RunReport(
        UUID(int=1), options, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), finish_reason=reason, failures=failures
    )
    assert report.ok is ok


def test_reports_share_no_counters() -> None:
    first, second = SourceReport("a"), SourceReport("b")
    first.rejected_reasons["no weekday"] += 1
    first.warnings.append("suspect")
    assert not second.rejected_reasons
    assert not second.warnings
