"""A run's report as one JSON document: what `run --json` prints and the `runs` table keeps.

The keys are the contract of the command line: more may come, these stay.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any, Final, TypeVar

from trivia_scraper.domain.outcomes import Failure, ImageOutcomeKind, RunReport, SourceReport

REPORT_SCHEMA: Final = 1
_Key = TypeVar("_Key", bound=StrEnum)


def report_document(report: RunReport) -> dict[str, Any]:
    """The whole report, ready for `json.dumps`."""
    return {
        "schema": REPORT_SCHEMA,
        "ok": report.ok,
        "run_id": str(report.run_id),
        "options": report.options.model_dump(mode="json"),
        "started_at": report.started_at.isoformat(),
        "finished_at": report.finished_at.isoformat() if report.finished_at else None,
        "finish_reason": report.finish_reason.value,
        "sources": {slug: source_document(source) for slug, source in report.sources.items()},
        "failures": [failure_document(failure) for failure in report.failures],
    }


def source_document(report: SourceReport) -> dict[str, Any]:
    """One source's counts. Every image outcome is present, absent ones as 0."""
    return {
        "verdict": report.verdict.value if report.verdict else None,
        "index_pages": report.index_pages,
        "listed": report.listed,
        "visited": report.visited,
        "read_pages": report.read_pages,
        "coverage": dict(sorted(report.coverage.items())),
        "skipped": report.skipped.total(),
        "skipped_reasons": _plain(report.skipped),
        "rejected_reasons": dict(report.rejected_reasons),
        "left_by_limit": report.left_by_limit,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "gone": report.gone,
        "planned": report.planned,
        "failed": report.failed,
        "closed": report.closed,
        "held": report.held,
        "images": {kind.value: report.images[kind] for kind in ImageOutcomeKind},
        "image_errors": _plain(report.image_errors),
        "bytes": report.bytes_received,
        "seconds": round(report.seconds, 3),
        "warnings": list(report.warnings),
        "plan": [{"key": v.key, "name": v.name, "url": v.url, "why": v.why} for v in report.plan],
    }


def failure_document(failure: Failure) -> dict[str, Any]:
    """One failure; its URL carries no secrets (they were stripped where the failure was made)."""
    return {
        "source": failure.source,
        "venue": failure.venue,
        "subject": failure.subject,
        "url": failure.url,
        "error_type": failure.error_type.value,
        "class": failure.failure_class.value,
        "reason": failure.reason.value if failure.reason else None,
        "status_code": failure.status_code,
        "attempts": failure.attempts,
        "message": failure.message,
        "next": failure.next,
    }


def _plain(counter: Counter[_Key]) -> dict[str, int]:
    return {key.value: number for key, number in counter.items() if number}
