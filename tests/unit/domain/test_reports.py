"""A run's report as one JSON document: every count, every reason, nothing lost on the way (O28, O30, N7)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.options import options_from_job_arguments
from trivia_scraper.domain.outcomes import (
    Failure,
    ImageOutcomeKind,
    IndexVerdict,
    PlannedVisit,
    RunReport,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.reports import failure_document, report_document, source_document

STARTED = dt.datetime(2026, 3, 1, 1, 0, tzinfo=dt.UTC)
FAILURE = Failure(
    source="question_one",
    venue="the-crown",
    url="https://quiz.example/crown.jpg",
    error_type=ErrorType.NOT_AN_IMAGE,
    failure_class=FailureClass.PERMANENT,
    reason=Reason.HTML,
    status_code=200,
    message="a page came",
    attempts=1,
    next="closed until the source names another picture",
    subject="hero image",
)
COUNTS = (
    "index_pages", "listed", "visited", "created", "updated", "unchanged", "gone", "planned", "failed", "closed",
    "held", "left_by_limit",
)  # fmt: skip


def numbered() -> SourceReport:
    """A report in which no two counts are equal."""
    report = SourceReport("question_one", verdict=IndexVerdict.SUSPECT)
    for number, name in enumerate(COUNTS, start=1):
        setattr(report, name, number)
    report.skipped = Counter({SkipReason.FRESH: 20, SkipReason.BEYOND_LIMIT: 21, SkipReason.HELD: 0})
    report.rejected_reasons = Counter({"no weekday": 2})
    report.images = Counter({ImageOutcomeKind.REPLACED: 30})
    report.image_errors = Counter({ErrorType.RATE_LIMITED: 3})
    report.bytes_received, report.seconds = 40, 1.23456
    report.warnings = ["suspect"]
    report.plan = [PlannedVisit("k", "The Crown", "https://quiz.example/the-crown", "never read")]
    return report


@pytest.mark.parametrize("name", COUNTS)
def test_o30_every_count_is_told_under_its_own_name(name: str) -> None:
    assert source_document(numbered())[name] == COUNTS.index(name) + 1


def test_n7_skips_and_rejections_are_told_by_reason() -> None:
    document = source_document(numbered())
    assert (document["skipped"], document["skipped_reasons"]) == (41, {"fresh": 20, "beyond_limit": 21})
    assert document["rejected_reasons"] == {"no weekday": 2}


def test_o01_every_image_outcome_is_there_absent_ones_as_zero() -> None:
    images = source_document(numbered())["images"]
    assert images == {kind.value: 30 if kind is ImageOutcomeKind.REPLACED else 0 for kind in ImageOutcomeKind}


def test_the_rest_of_a_source() -> None:
    document = source_document(numbered())
    assert document["verdict"] == "suspect"
    assert document["image_errors"] == {"rate_limited": 3}
    assert (document["bytes"], document["seconds"], document["warnings"]) == (40, 1.235, ["suspect"])
    assert document["plan"] == [
        {"key": "k", "name": "The Crown", "url": "https://quiz.example/the-crown", "why": "never read"}
    ]
    assert source_document(SourceReport("x"))["verdict"] is None


def test_a_failure_is_told_whole() -> None:
    document: dict[str, Any] = failure_document(FAILURE)
    stated = dataclasses.asdict(FAILURE)
    assert document.pop("class") == stated.pop("failure_class") == "permanent"
    assert document == stated
    bare = failure_document(dataclasses.replace(FAILURE, reason=None, venue=None, status_code=None))
    assert (bare["reason"], bare["venue"], bare["status_code"]) == (None, None, None)


@pytest.mark.parametrize("finished", [None, STARTED + dt.timedelta(minutes=5)], ids=["running", "finished"])
@pytest.mark.parametrize("forced", [True, False], ids=["forced", "not-forced"])
def test_o28_the_document_survives_json(finished: dt.datetime | None, forced: bool) -> None:
    options = options_from_job_arguments({"force_refresh_images": forced, "limit": 2})
    report = RunReport(UUID(int=7), options, STARTED, finished, sources={"question_one": numbered()})
    report.failures.append(FAILURE)
    document = json.loads(json.dumps(report_document(report)))
    assert document == report_document(report)
    assert document["options"]["force_refresh_images"] is forced
    assert document["options"]["limit"] == 2
    assert document["finished_at"] == (finished.isoformat() if finished else None)
    assert (document["schema"], document["ok"], document["run_id"]) == (1, False, str(UUID(int=7)))
    assert document["failures"] == [failure_document(FAILURE)]
    assert document["sources"] == {"question_one": source_document(numbered())}
