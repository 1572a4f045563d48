"""The figures of the weekly report and of alerts, read in one go (images.md 10, 12)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.domain.statistics import Snapshot, rate_pct
from trivia_scraper.domain.weekly import (
    Alert,
    AlertFigures,
    AvoidedListings,
    DayFigures,
    FirstAttempts,
    LastCleanup,
    Measured,
    PermanentFailures,
    ProviderTrouble,
    Recovered,
    RecoveryDay,
    SavedCalls,
    WeeklyReport,
)
from trivia_scraper.policy.alerts import alerts
from trivia_scraper.policy.classifying import ErrorClasses
from trivia_scraper.policy.savings import saved_calls
from trivia_scraper.policy.targets import judge_targets
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.stats import PostgresStatistics

WEEK: Final = dt.timedelta(days=7)
DAY: Final = dt.timedelta(days=1)
TREND_DAYS: Final = 30
PATTERNS_SHOWN: Final = 20
STALE_AFTER: Final = dt.timedelta(hours=25)


class PostgresWeekly:
    """Reads only.

    accounts       the enabled photo providers by slug
    per_provider   most photos of a listing; None = no limit
    cleanup_every  how often the cleanup is due; None = it is switched off
    """

    def __init__(
        self,
        database: Database,
        classes: ErrorClasses,
        accounts: Mapping[str, ProviderAccount],
        per_provider: int | None,
        cleanup_every: dt.timedelta | None,
    ) -> None:
        self._database = database
        self._classes = (sorted(classes.transient), sorted(classes.permanent))
        self._statistics = PostgresStatistics(database, classes)
        self._accounts = accounts
        self._per_provider = per_provider
        self._cleanup_every = cleanup_every

    async def report(self, until: dt.datetime, at: dt.datetime) -> WeeklyReport:
        """The seven days before `until`, and how things stand `at` this moment (R191)."""
        since = until - WEEK
        recovered = Recovered(**await self._row("weekly/recovered", since, until))
        saved = await self._saved(since, until)
        measured = await self._measure(since, until, at, saved)
        return WeeklyReport(
            since=since,
            until=until,
            recovered=recovered,
            success_rate_pct=_share(recovered.images_recovered, recovered.images_retried),
            success_by_day=await self.recovery_success(since, until),
            permanent=PermanentFailures(**await self._row("weekly/permanent_failures", since, until)),
            summary=measured.summary,
            classes=await self._statistics.failure_classification_summary(),
            patterns=await self._statistics.failure_patterns(PATTERNS_SHOWN),
            saved=saved,
            targets=judge_targets(measured),
            alerts=await self.alerts(at, measured.images),
            usage=await self._statistics.provider_usage(at),
            waiting_recoveries=await self._database.fetchval("weekly/waiting_recoveries"),
            last_cleanup=await self._last_cleanup(),
            trend=await self._trend(until),
        )

    async def recovery_success(self, since: dt.datetime, until: dt.datetime) -> Sequence[RecoveryDay]:
        """Retry success over time: per day and provider (R230)."""
        rows = await self._database.fetch("weekly/recovery_success", since, until)
        return [RecoveryDay(**row) for row in rows]

    async def alerts(self, at: dt.datetime, images: Mapping[str, int] | None = None) -> Sequence[Alert]:
        """The conditions that hold now. `images` = counts by status, where they are known already."""
        cleanup = await self._last_cleanup()
        troubles = await self._database.fetch("weekly/attempts_by_provider", at - DAY, at)
        breakers = await self._database.fetch("weekly/open_breakers", at)
        return alerts(
            AlertFigures(
                at=at,
                troubles=[ProviderTrouble(**row) for row in troubles],
                images=images if images is not None else await self._image_counts(),
                usage=await self._statistics.provider_usage(at),
                limits={slug: (each.per_minute, each.per_hour) for slug, each in self._accounts.items()},
                open_breakers={row["host"]: row["open_until"] for row in breakers},
                last_cleanup_at=cleanup.finished_at if cleanup else None,
                cleanup_every=self._cleanup_every,
            )
        )

    async def last_snapshot(self, at: dt.datetime) -> Snapshot | None:
        """The newest snapshot and its age; one older than 25 h is stale (R220)."""
        row = await self._database.fetchrow("stats/last_snapshot")
        if row is None:
            return None
        age = at - row["taken_at"]
        return Snapshot(row["taken_at"], age.total_seconds(), age > STALE_AFTER, row["figures"])

    async def _measure(self, since: dt.datetime, until: dt.datetime, at: dt.datetime, saved: SavedCalls) -> Measured:
        durations = await self._row("weekly/durations", since, until)
        quality = await self._statistics.quality_stats(at)
        return Measured(
            first=FirstAttempts(**await self._row("weekly/first_attempts", since, until)),
            images=await self._image_counts(),
            venues=quality.total,
            summary=await self._statistics.summary_stats(),
            overdue=await self._database.fetchval("weekly/overdue", at, *self._classes),
            fewer_listings_pct=saved.fewer_pct,
            **durations,
        )

    async def _saved(self, since: dt.datetime, until: dt.datetime) -> SavedCalls:
        slugs = sorted(self._accounts)
        avoided = await self._database.fetch("weekly/listings_saved", since, until, slugs, self._per_provider)
        made = await self._row("weekly/listings_made", since, until)
        return saved_calls(
            [AvoidedListings(**row) for row in avoided], self._accounts, made["listings"], made["cost"]
        )

    async def _image_counts(self) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for kind in OwnerKind:
            counts.update(await self._statistics.image_counts(kind))
        return counts

    async def _last_cleanup(self) -> LastCleanup | None:
        row = await self._database.fetchrow("weekly/last_cleanup")
        return None if row is None else LastCleanup(row["finished_at"], row["report"] or {})

    async def _trend(self, until: dt.datetime) -> Sequence[DayFigures]:
        last = (until - dt.timedelta(microseconds=1)).astimezone(dt.UTC).date() + DAY
        rows = await self._database.fetch("weekly/daily_figures", last - TREND_DAYS * DAY, last)
        return [_day(row["day"], row["figures"]) for row in rows]

    async def _row(self, name: str, *arguments: object) -> dict[str, Any]:
        row = await self._database.fetchrow(name, *arguments)
        assert row is not None
        return dict(row)


def _day(day: dt.date, figures: Mapping[str, Any]) -> DayFigures:
    summaries = [owners["summary"] for owners in figures["owners"].values()]
    venues = figures["owners"]["venue"]["summary"]["total_venues_with_failures"]
    return DayFigures(day, sum(each["total_failed_images"] for each in summaries), venues)


def _share(part: int, whole: int) -> float | None:
    return rate_pct(part, whole) if whole else None
