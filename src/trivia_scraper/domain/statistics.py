"""The statistics of failures and of picture coverage, as values (images.md 10).

An *owner* is a venue or a performer. Field names are the JSON keys of `stats`; names that say `venues` hold for
whichever owner was asked about. Rates are in per cent with one decimal, 0.0 where there is nothing (R185).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnerFailures:
    """An owner with at least one failure (R175).

    total_images       every living image, whatever its state: the one denominator (D6)
    failed_count       failed + permanently_failed
    failure_rate_pct   100 x failed_count / total_images
    """

    id: int
    slug: str
    name: str
    city: str | None
    total_images: int
    failed_count: int
    failed: int
    permanently_failed: int
    uploaded_count: int
    failure_rate_pct: float


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failures of one provider and type (R178). `error_type` None = the row names none."""

    provider: str
    error_type: str | None
    count: int


@dataclass(frozen=True, slots=True)
class PartialFailure:
    """An owner that has both stored and failed images (R179).

    failed_count       `failed` only: closed ones are no candidates
    failure_rate_pct   100 x failed / (failed + uploaded), this function's own rate
    """

    id: int
    slug: str
    name: str
    city: str | None
    failed_count: int
    uploaded_count: int
    failure_rate_pct: float
    error_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassTotals:
    """Failed images of one class, and their owners; an owner may count in several classes."""

    images: int = 0
    owners: int = 0


@dataclass(frozen=True, slots=True)
class FailureClasses:
    """Totals of each class of images.md 6; an absent one is 0 (R184)."""

    transient: ClassTotals = ClassTotals()
    permanent: ClassTotals = ClassTotals()
    ambiguous: ClassTotals = ClassTotals()


@dataclass(frozen=True, slots=True)
class PriorityOwner:
    """An owner and how urgent its failures are (R183). `activity` = visits in 30 days; performers have none."""

    id: int
    slug: str
    name: str
    city: str | None
    total_images: int
    failed_count: int
    uploaded_count: int
    failure_rate_pct: float
    has_transient: bool
    activity: int
    oldest_failure_at: dt.datetime | None
    score: float


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many failures have this type."""

    error_type: str | None
    count: int


@dataclass(frozen=True, slots=True)
class SummaryStats:
    """All failures together (R181).

    total_uploaded_images  in owners with failures only
    average_failure_rate   mean of those owners' rates
    """

    total_venues_with_failures: int
    total_failed_images: int
    total_uploaded_images: int
    average_failure_rate: float
    venues_with_transient: int
    venues_with_permanent: int
    venues_with_ambiguous: int
    top_error_types: tuple[TypeCount, ...]


@dataclass(frozen=True, slots=True)
class QualityStats:
    """How well owners are supplied with pictures. `city` None = everywhere.

    with_images  those with something to show: a stored image, one skipped on purpose, or a link
    missing_…    of venues only: no position; no id at any photo provider; either
    """

    city: str | None
    total: int
    with_images: int
    without_images: int
    coverage_pct: float
    venues_per_provider: Mapping[str, int]
    enriched_in_7_days: int
    missing_coordinates: int
    missing_ids: int
    missing_coordinates_or_ids: int


@dataclass(frozen=True, slots=True)
class FailedUploads:
    """The box on the page: owners and images, what can be retried and what needs a person (R200)."""

    owners: int
    images: int
    transient: int
    permanent: int
    ambiguous: int


@dataclass(frozen=True, slots=True)
class FailurePattern:
    """Failures of one provider, type and host (R228, R230)."""

    provider: str
    error_type: str | None
    host: str | None
    count: int
    owners: int
    oldest_at: dt.datetime | None
    newest_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ProviderUsage:
    """Requests to a provider in the last second, minute, hour and day, and what they cost in US dollars."""

    provider: str
    last_second: int
    last_minute: int
    last_hour: int
    last_day: int
    cost_last_day: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures as they were, and how old they are (R220)."""

    taken_at: dt.datetime
    age_seconds: float
    is_stale: bool
    figures: Mapping[str, object]


def rate_pct(part: int, whole: int) -> float:
    """`part` of `whole` in per cent with one decimal, halves up as SQL rounds them; 0.0 of nothing."""
    return (2000 * part + whole) // (2 * whole) / 10 if whole else 0.0
