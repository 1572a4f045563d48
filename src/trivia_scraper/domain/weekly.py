"""The weekly report as values: what recovery did, what it saved, which targets are met (images.md 10, 12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trivia_scraper.domain.statistics import FailureClasses, FailurePattern, ProviderUsage, SummaryStats


class AlertLevel(StrEnum):
    """How urgent an alert is."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that a person should know of (R199, R229).

    condition  its stable name with its subject: "provider_failing:here"
    """

    condition: str
    level: AlertLevel
    message: str


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """One target of images.md 10: what is wanted, what was reached, and whether that is met; None = not measured."""

    name: str
    wanted: str
    reached: str | None
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class RecoveryDay:
    """Recovery attempts of one day (UTC) and provider (R230)."""

    day: dt.date
    provider: str
    made: int
    succeeded: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery did in the week. Its success rate is images_recovered of images_retried."""

    images_retried: int
    images_recovered: int
    venues_recovered: int
    performers_recovered: int


@dataclass(frozen=True, slots=True)
class PermanentFailures:
    """Closed images: all, those closed in the week, those closed in the week before (the trend)."""

    total: int
    new: int
    new_before: int


@dataclass(frozen=True, slots=True)
class AvoidedListings:
    """What full enrichments would have asked one provider for in place of recoveries: listings, photos in them."""

    provider: str
    listings: int
    photos: int


@dataclass(frozen=True, slots=True)
class SavedCalls:
    """Listings that recovery saved, and their cost in US dollars, four decimals (images.md 12).

    fewer_pct  saved of saved and made; None = neither
    """

    listings: int
    cost: float
    by_provider: Mapping[str, int]
    made: int
    made_cost: float
    fewer_pct: float | None


@dataclass(frozen=True, slots=True)
class FirstAttempts:
    """Downloads by the runs that found the images; `runs` = those that downloaded something."""

    made: int
    succeeded: int
    repeated: int
    runs: int
    runs_limited: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the targets of images.md 10 are judged by.

    images        living images of venues and performers by status
    venues        venues that count
    overdue       transient failures that nobody retried within 24 h
    …_seconds     None = nothing to measure
    """

    first: FirstAttempts
    images: Mapping[str, int]
    venues: int
    summary: SummaryStats
    overdue: int
    ten_images_seconds: float | None
    recovery_seconds: float | None
    fewer_listings_pct: float | None


@dataclass(frozen=True, slots=True)
class ProviderTrouble:
    """Attempts of the last 24 h at one provider."""

    provider: str
    attempts: int
    failures: int


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """What alerts are judged by.

    limits          provider → (most requests a minute, an hour); 0 = no limit
    open_breakers   host → when it is probed
    last_cleanup_at end of the last cleanup; None = never
    cleanup_every   None = cleanup is switched off
    """

    at: dt.datetime
    troubles: Sequence[ProviderTrouble]
    images: Mapping[str, int]
    usage: Sequence[ProviderUsage]
    limits: Mapping[str, tuple[int, int]]
    open_breakers: Mapping[str, dt.datetime]
    last_cleanup_at: dt.datetime | None
    cleanup_every: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class LastCleanup:
    """The last cleanup that came to its end. `report` = what it told."""

    finished_at: dt.datetime
    report: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Failures as the daily figures of one day counted them."""

    day: dt.date
    failed_images: int
    venues_with_failures: int


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """The seven days before `until`, and how things stand now.

    success_rate_pct  images newly stored of images retried; None = none was retried
    trend             one line a day, the last 30 days
    """

    since: dt.datetime
    until: dt.datetime
    recovered: Recovered
    success_rate_pct: float | None
    success_by_day: Sequence[RecoveryDay]
    permanent: PermanentFailures
    summary: SummaryStats
    classes: FailureClasses
    patterns: Sequence[FailurePattern]
    saved: SavedCalls
    targets: Sequence[TargetVerdict]
    alerts: Sequence[Alert]
    usage: Sequence[ProviderUsage]
    waiting_recoveries: int
    last_cleanup: LastCleanup | None
    trend: Sequence[DayFigures]
