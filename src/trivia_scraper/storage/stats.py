"""The statistics of images.md 10, in SQL; each function is one or two queries that hold at a million rows.

Tombstones, merged and unsaved venues do not count. What is transient or permanent is handed in, so that `[recovery]`
overrides count here too (D4).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from asyncpg import Record as Row

from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.statistics import (
    ClassTotals,
    FailedUploads,
    FailureClasses,
    FailureGroup,
    FailurePattern,
    OwnerFailures,
    PartialFailure,
    PriorityOwner,
    ProviderUsage,
    QualityStats,
    SummaryStats,
    TypeCount,
    rate_pct,
)
from trivia_scraper.policy.classifying import ErrorClasses
from trivia_scraper.storage.database import Database

TOP_TYPES: Final = 5
BREAKDOWN_IN_FIGURES: Final = 100
ENRICHED_WITHIN: Final = dt.timedelta(days=7)


class PostgresStatistics:
    """Reads only; needs no lock and works beside a run."""

    def __init__(self, database: Database, classes: ErrorClasses) -> None:
        self._database = database
        self._classes = (sorted(classes.transient), sorted(classes.permanent))

    async def venues_with_failures(
        self, kind: OwnerKind = OwnerKind.VENUE, *, city: str | None = None, limit: int | None = None
    ) -> Sequence[OwnerFailures]:
        """Owners with a failure: most failures first, then the higher rate, then the older owner (R175)."""
        rows = await self._database.fetch("stats/venues_with_failures", kind, city, limit)
        return [OwnerFailures(**row) for row in rows]

    async def failure_breakdown(self, kind: OwnerKind = OwnerKind.VENUE) -> Sequence[FailureGroup]:
        """Failures by provider and type, the most first (R178)."""
        return [FailureGroup(**row) for row in await self._database.fetch("stats/failure_breakdown", kind)]

    async def partial_failure_candidates(
        self, kind: OwnerKind = OwnerKind.VENUE, *, min_failures: int = 1, limit: int = 100
    ) -> Sequence[PartialFailure]:
        """Owners that have images and lack others (R179)."""
        rows = await self._database.fetch("stats/partial_failure_candidates", kind, min_failures, limit)
        return [PartialFailure(**{**row, "error_types": tuple(row["error_types"])}) for row in rows]

    async def failure_classification_summary(self, kind: OwnerKind = OwnerKind.VENUE) -> FailureClasses:
        """Totals per class, in one query (R184)."""
        rows = await self._database.fetch("stats/failure_classification_summary", kind, *self._classes)
        return FailureClasses(**{row["class"]: ClassTotals(row["images"], row["owners"]) for row in rows})

    async def high_priority_venues(
        self, kind: OwnerKind = OwnerKind.VENUE, *, limit: int = 50
    ) -> Sequence[PriorityOwner]:
        """The most urgent first: by score, then the oldest failure (R183)."""
        rows = await self._database.fetch("stats/high_priority_venues", kind, *self._classes, limit)
        return [PriorityOwner(**row) for row in rows]

    async def summary_stats(self, kind: OwnerKind = OwnerKind.VENUE) -> SummaryStats:
        """All failures together; zeros where there are none (R181)."""
        row = await self._database.fetchrow("stats/summary_stats", kind, *self._classes)
        assert row is not None
        types = await self._database.fetch("stats/top_error_types", kind, TOP_TYPES)
        return SummaryStats(**row, top_error_types=tuple(TypeCount(**each) for each in types))

    async def quality_stats(
        self, at: dt.datetime, city: str | None = None, kind: OwnerKind = OwnerKind.VENUE
    ) -> QualityStats:
        """How well owners are supplied with pictures, everywhere or in one city."""
        row = await self._database.fetchrow("stats/quality_stats", kind, city, at - ENRICHED_WITHIN)
        assert row is not None
        per_provider: Counter[str] = Counter()
        with_images = 0
        for combination in await self._coverage(kind, city):
            with_images += combination["owners"]
            per_provider.update(dict.fromkeys(combination["providers"], combination["owners"]))
        return QualityStats(
            city=city,
            with_images=with_images,
            without_images=row["total"] - with_images,
            coverage_pct=rate_pct(with_images, row["total"]),
            venues_per_provider=dict(sorted(per_provider.items(), key=lambda each: (-each[1], each[0]))),
            **row,
        )

    async def _coverage(self, kind: OwnerKind, city: str | None) -> Sequence[Row]:
        if city is None:
            return await self._database.fetch("stats/picture_coverage", kind)
        return await self._database.fetch("stats/picture_coverage_of_city", kind, city)

    async def failed_uploads(self, kind: OwnerKind = OwnerKind.VENUE) -> FailedUploads | None:
        """What the page's box shows; None hides it (R200)."""
        summary = await self.summary_stats(kind)
        if not summary.total_failed_images:
            return None
        classes = await self.failure_classification_summary(kind)
        return FailedUploads(
            summary.total_venues_with_failures,
            summary.total_failed_images,
            classes.transient.images,
            classes.permanent.images,
            classes.ambiguous.images,
        )

    async def image_counts(self, kind: OwnerKind = OwnerKind.VENUE) -> Mapping[str, int]:
        """Living images by status."""
        return {row["status"]: row["count"] for row in await self._database.fetch("stats/image_counts", kind)}

    async def failure_patterns(self, limit: int | None = None) -> Sequence[FailurePattern]:
        """Failures of all owners by provider, type and host, the most first (R228)."""
        return [FailurePattern(**row) for row in await self._database.fetch("stats/failure_patterns", limit)]

    async def provider_usage(self, at: dt.datetime) -> Sequence[ProviderUsage]:
        """How much each provider was asked lately."""
        return [ProviderUsage(**row) for row in await self._database.fetch("stats/provider_usage", at)]

    async def figures(self, at: dt.datetime) -> dict[str, Any]:
        """The figures of this moment as one JSON document: what the daily snapshot and the graphs keep (R220)."""
        return {
            "taken_at": at.isoformat(),
            "owners": {kind.value: await self._figures_of(kind) for kind in OwnerKind},
            "quality": asdict(await self.quality_stats(at)),
            "usage": [asdict(each) for each in await self.provider_usage(at)],
        }

    async def _figures_of(self, kind: OwnerKind) -> dict[str, Any]:
        breakdown = await self.failure_breakdown(kind)
        return {
            "summary": asdict(await self.summary_stats(kind)),
            "classes": asdict(await self.failure_classification_summary(kind)),
            "images": dict(await self.image_counts(kind)),
            "breakdown": [asdict(each) for each in breakdown[:BREAKDOWN_IN_FIGURES]],
        }
