"""A run's stored report read back: the inverse of `domain.reports.report_document`.

Reports of earlier versions lack keys and may hold words that no closed set has any more: what is unknown is left out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.options import options_from_job_arguments
from trivia_scraper.domain.outcomes import (
    Failure,
    FinishReason,
    ImageOutcomeKind,
    IndexVerdict,
    PlannedVisit,
    RunReport,
    SkipReason,
    SourceReport,
)

_Word = TypeVar("_Word", bound=StrEnum)
_COUNTS = (
    "index_pages", "listed", "visited", "left_by_limit", "created", "updated", "unchanged", "gone", "planned",
    "failed", "closed", "held",
)  # fmt: skip


def report_from_document(document: Mapping[str, Any]) -> RunReport:
    """The report as a value. Raises SetupError, KeyError or ValueError for what is no report."""
    finished = document.get("finished_at")
    return RunReport(
        run_id=UUID(document["run_id"]),
        options=options_from_job_arguments(document["options"]),
        started_at=dt.datetime.fromisoformat(document["started_at"]),
        finished_at=dt.datetime.fromisoformat(finished) if finished else None,
        finish_reason=FinishReason(document["finish_reason"]),
        sources={slug: _source(slug, said) for slug, said in document["sources"].items()},
        failures=[_failure(said) for said in document["failures"]],
    )


def _source(slug: str, said: Mapping[str, Any]) -> SourceReport:
    return SourceReport(
        slug,
        verdict=_word(IndexVerdict, said.get("verdict")),
        skipped=_counter(SkipReason, said.get("skipped_reasons", {})),
        rejected_reasons=Counter(said.get("rejected_reasons", {})),
        images=_counter(ImageOutcomeKind, said.get("images", {})),
        read_pages=said.get("read_pages", 0),
        coverage=Counter(said.get("coverage", {})),
        image_errors=_counter(ErrorType, said.get("image_errors", {})),
        bytes_received=said.get("bytes", 0),
        seconds=said.get("seconds", 0.0),
        warnings=list(said.get("warnings", ())),
        plan=[PlannedVisit(**visit) for visit in said.get("plan", ())],
        **{name: said.get(name, 0) for name in _COUNTS},
    )


def _failure(said: Mapping[str, Any]) -> Failure:
    return Failure(
        source=said["source"],
        venue=said["venue"],
        url=said["url"],
        error_type=_word(ErrorType, said["error_type"]) or ErrorType.UNKNOWN_ERROR,
        failure_class=_word(FailureClass, said["class"]) or FailureClass.AMBIGUOUS,
        reason=_word(Reason, said["reason"]),
        status_code=said["status_code"],
        message=said["message"],
        attempts=said["attempts"],
        next=said["next"],
        subject=said["subject"],
    )


def _counter(words: type[_Word], counts: Mapping[str, int]) -> Counter[_Word]:
    known = ((_word(words, name), count) for name, count in counts.items())
    return Counter({word: count for word, count in known if word is not None})


def _word(words: type[_Word], text: str | None) -> _Word | None:
    return next((each for each in words if each.value == text), None)
