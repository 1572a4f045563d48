"""Invented figures for the command line's tests, and a stand-in for what `bootstrap.open_figures` opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from trivia_scraper.domain.failures import FailureClass
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.reports import report_document
from trivia_scraper.domain.review import ReviewedImage, ReviewRow
from trivia_scraper.domain.statistics import (
    ClassTotals,
    FailedUploads,
    FailureClasses,
    FailureGroup,
    FailurePattern,
    OwnerFailures,
    PartialFailure,
    PriorityOwner,
    QualityStats,
    Snapshot,
    SummaryStats,
    TypeCount,
)
from trivia_scraper.domain.weekly import (
    Alert,
    AlertLevel,
    DayFigures,
    LastCleanup,
    PermanentFailures,
    Recovered,
    RecoveryDay,
    SavedCalls,
    TargetVerdict,
    WeeklyReport,
)
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from unit.cli import cli_samples as samples
from unit.cli.status_samples import FakeStatus

AT = dt.datetime(2026, 11, 16, 6, 0, tzinfo=dt.UTC)
BATCH = UUID("00000000-0000-4000-8000-00000000ba7c")
FORMULA = "=cmd|' /C calc'!A0"

CROWN = OwnerFailures(1, "the-crown", FORMULA, "York", 10, 3, 2, 1, 7, 30.0)
SUMMARY = SummaryStats(2, 4, 7, 31.7, 1, 1, 1, (TypeCount("rate_limited", 3), TypeCount(None, 1)))
CLASSES = FailureClasses(ClassTotals(2, 1), ClassTotals(1, 1), ClassTotals(1, 1))
PATTERN = FailurePattern("here", "rate_limited", "<b>cdn.example</b>", 4, 2, AT, AT)


def row(image_id: int = 17, **changes: Any) -> ReviewRow:
    facts: dict[str, Any] = {
        "id": image_id, "owner_kind": "venue", "owner": "the-crown", "owner_id": 1, "role": "gallery",
        "provider": "here", "host": "cdn.example", "provider_url": "https://cdn.example/1?key=c4nary&w=1",
        "status": ImageStatus.PERMANENTLY_FAILED, "failure_class": FailureClass.PERMANENT, "error_type": "not_found",
        "reason": None, "error": "no answer from https://u:c4nary@cdn.example/", "status_code": 404, "error_at": AT,
        "retry_count": 0, "failure_streak": 0, "next_retry_at": None, "finalized_at": AT, "storage_key": None,
        "thumb_key": None, "sha256": None, "deleted_at": None, "deleted_why": None, "duplicate_of": None,
        "slot_is_taken": False, "version": 3,
    }  # fmt: skip
    return ReviewRow(**(facts | changes))


def weekly(**changes: Any) -> WeeklyReport:
    facts: dict[str, Any] = {
        "since": AT - dt.timedelta(days=7),
        "until": AT,
        "recovered": Recovered(8, 6, 2, 1),
        "success_rate_pct": 75.0,
        "success_by_day": [
            RecoveryDay(dt.date(2026, 11, 10), "here", 4, 3),
            RecoveryDay(dt.date(2026, 11, 10), "foursquare", 2, 2),
            RecoveryDay(dt.date(2026, 11, 12), "here", 2, 1),
        ],
        "permanent": PermanentFailures(5, 2, 1),
        "summary": SUMMARY,
        "classes": CLASSES,
        "patterns": [PATTERN],
        "saved": SavedCalls(3, 0.045, {"google_places": 3}, 5, 0.12, 37.5),
        "targets": [
            TargetVerdict("failed images", "< 100", "4", True),
            TargetVerdict("stored after recovery", ">= 98 %", "63.6 %", False),
            TargetVerdict("a recovery", "about 2 s", None, None),
        ],
        "alerts": [Alert("cleanup_missed", AlertLevel.WARNING, "no cleanup <script>alert(1)</script>")],
        "usage": [],
        "waiting_recoveries": 2,
        "last_cleanup": LastCleanup(AT, {"counters": {"transient_queued": 35, "errors": 0}}),
        "trend": [DayFigures(dt.date(2026, 11, 14), 9, 4), DayFigures(dt.date(2026, 11, 15), 4, 2)],
    }
    return WeeklyReport(**(facts | changes))


@dataclass
class FakeStatistics:
    """Answers as if one venue had failures; `is_empty` = nothing failed."""

    is_empty: bool = False

    async def venues_with_failures(self, kind: Any, **chosen: Any) -> Sequence[OwnerFailures]:
        return [] if self.is_empty else [CROWN]

    async def failure_breakdown(self, kind: Any) -> Sequence[FailureGroup]:
        return [] if self.is_empty else [FailureGroup("here", "rate_limited", 3), FailureGroup("here", None, 1)]

    async def partial_failure_candidates(self, kind: Any, **chosen: Any) -> Sequence[PartialFailure]:
        return [] if self.is_empty else [PartialFailure(1, "the-crown", "Crown", None, 2, 7, 22.2, ("a", "b"))]

    async def high_priority_venues(self, kind: Any, **chosen: Any) -> Sequence[PriorityOwner]:
        return [] if self.is_empty else [PriorityOwner(1, "the-crown", "C", None, 10, 3, 7, 30.0, True, 5, AT, 80.05)]

    async def summary_stats(self, kind: Any) -> SummaryStats:
        return SUMMARY

    async def failure_classification_summary(self, kind: Any) -> FailureClasses:
        return CLASSES

    async def failed_uploads(self, kind: Any) -> FailedUploads | None:
        return None if self.is_empty else FailedUploads(2, 4, 2, 1, 1)

    async def quality_stats(self, at: dt.datetime, city: str | None, kind: Any) -> QualityStats:
        return QualityStats(city, 6, 5, 1, 83.3, {"here": 5}, 2, 1, 3, 4)

    async def failure_patterns(self, limit: int) -> Sequence[FailurePattern]:
        return [PATTERN]


@dataclass
class FakeWeekly:
    """One week, one alert, one snapshot."""

    asked: list[dt.datetime] = field(default_factory=list)

    async def report(self, until: dt.datetime, at: dt.datetime) -> WeeklyReport:
        self.asked.append(until)
        return weekly()

    async def alerts(self, at: dt.datetime) -> Sequence[Alert]:
        return weekly().alerts

    async def last_snapshot(self, at: dt.datetime) -> Snapshot:
        return Snapshot(AT, 3600.0, False, {})


@dataclass
class FakeReviews:
    """The rows that a test sets; every filter finds them all."""

    rows: Sequence[ReviewRow] = field(default_factory=lambda: [row()])
    asked: list[Any] = field(default_factory=list)
    classes = DEFAULT_CLASSES

    async def select(self, wanted: Any, limit: int | None = None) -> Sequence[ReviewRow]:
        self.asked.append(wanted)
        return self.rows

    async def history(self, **chosen: Any) -> Sequence[ReviewedImage]:
        before, after = {"status": "failed", "error_type": "gone"}, {"status": "failed", "deleted_at": "2026"}
        return [ReviewedImage(BATCH, AT, "ann", "delete", 17, "the-crown", {"image_ids": [17]}, before, after)]


class FakeRuns:
    """One run that ended."""

    async def last(self) -> Any:
        return report_document(samples.report(failures=(samples.failure(),)))

    async def named(self, beginning: str) -> Sequence[UUID]:
        return [samples.RUN_ID] if str(samples.RUN_ID).startswith(beginning) else []

    async def of(self, run_id: UUID) -> Any:
        return await self.last()


class Clock:
    def now(self) -> dt.datetime:
        return AT


@dataclass
class FakeFigures:
    """What the commands about figures ask."""

    statistics: FakeStatistics = field(default_factory=FakeStatistics)
    weekly: FakeWeekly = field(default_factory=FakeWeekly)
    reviews: FakeReviews = field(default_factory=FakeReviews)
    runs: FakeRuns = field(default_factory=FakeRuns)
    status: FakeStatus = field(default_factory=FakeStatus)
    clock: Clock = field(default_factory=Clock)
