"""Enriching a venue's gallery: what its providers answered, what came of it, what is kept of it (images.md 5)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.photo_provider import ListedPhoto
from trivia_scraper.domain.photos import PhotoOutcome, PhotoOutcomeKind
from trivia_scraper.domain.recovery import OwnerRecovery, RecoveryEnd


class EnrichmentMode(StrEnum):
    """Whether providers are asked: always, only of a stale venue, or never (images.md 5.1)."""

    FORCED = "forced"
    STALENESS = "staleness"
    RETRY_ONLY = "retry_only"


class EnrichmentStatus(StrEnum):
    """How one enrichment ended (images.md 5.6)."""

    SUCCESS = "success"
    NO_IMAGES = "no_images"
    ERROR = "error"
    SKIPPED = "skipped"


class ListingStatus(StrEnum):
    """How one provider's listing ended. EMPTY = it said explicitly that it has none."""

    LISTED = "listed"
    EMPTY = "empty"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


class NotAsked(StrEnum):
    """Why a provider was not asked."""

    BREAKER_OPEN = "breaker_open"
    RATE_LIMITED = "rate_limited"
    NO_PLACE_ID = "no_place_id"
    MISSING_KEY = "missing_key"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class VenueContext:
    """A venue as providers know it. `provider_ids`: provider → its ids there, those a person stated first (R110)."""

    id: int
    slug: str
    name: str
    address: str | None
    city: str | None
    country: str
    latitude: float | None
    longitude: float | None
    provider_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderListing:
    """What came of asking one provider.

    photos    as listed, within the cap, in the provider's order
    requests  that were sent; cost in US dollars, four decimals
    message   the provider's own words, or ours where it said none; without secrets
    repeats_after_seconds  None = asking again within the run is no use; else how long it must wait at least
    """

    provider: str
    status: ListingStatus
    photos: tuple[ListedPhoto, ...] = ()
    requests: int = 0
    cost: float = 0.0
    not_asked: NotAsked | None = None
    error_type: ErrorType | None = None
    status_code: int | None = None
    message: str = ""
    repeats_after_seconds: float | None = None

    @property
    def why(self) -> str | None:
        """The name of what went wrong, or None."""
        return self.not_asked or self.error_type


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One attempt of the last ten (R104). `added` = images that the gallery has gained."""

    at: dt.datetime
    status: EnrichmentStatus
    providers: tuple[str, ...]
    listed: int
    added: int
    cost: float


@dataclass(frozen=True, slots=True)
class EnrichmentState:
    """What is kept of a venue's enrichments.

    last_checked_at  when a provider last answered; None = never
    has_images       at least one of its images is stored, skipped or external
    """

    last_checked_at: dt.datetime | None = None
    has_images: bool = False
    last_status: EnrichmentStatus | None = None
    last_summary: str | None = None
    providers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    providers_used: tuple[str, ...] = ()
    completeness: float | None = None
    cost: float = 0.0
    history: tuple[HistoryEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class VenueTotals:
    """All living images of a venue, whatever run brought them."""

    uploaded: int = 0
    failed: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class EnrichmentOutcome:
    """How one enrichment ended. It always names its venue (R88, R107).

    discovered  distinct photos that the providers listed
    kept        of these, stored already and left as they are
    left        of these, not fetched: reason → how many
    next        what happens next, as a sentence
    due_at      when the venue is looked up again by itself
    planned     providers that a dry run would ask
    recovery    what a retry-only run did instead of asking
    """

    venue: VenueContext
    run_id: str
    mode: EnrichmentMode
    status: EnrichmentStatus
    requested: tuple[str, ...] = ()
    listings: tuple[ProviderListing, ...] = ()
    discovered: int = 0
    kept: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    photos: tuple[PhotoOutcome, ...] = ()
    totals: VenueTotals = VenueTotals()
    summary: str = ""
    next: str = ""
    started_at: dt.datetime | None = None
    duration_ms: int = 0
    due_at: dt.datetime | None = None
    planned: tuple[str, ...] = ()
    recovery: OwnerRecovery | None = None

    def count(self, *kinds: PhotoOutcomeKind) -> int:
        """How many photos of this run ended so."""
        return sum(photo.kind in kinds for photo in self.photos)

    @property
    def uploaded(self) -> int:
        """Photos whose bytes this run has stored (R142)."""
        stored = self.count(PhotoOutcomeKind.NEW, PhotoOutcomeKind.REPLACED)
        return stored + (self.recovery.count(RecoveryEnd.UPLOADED) if self.recovery is not None else 0)

    @property
    def failed(self) -> int:
        """Photos of this run that have no bytes yet, or no new ones."""
        return len(self._failures())

    @property
    def failed_image_ids(self) -> tuple[int, ...]:
        """Their rows."""
        return tuple(sorted({image_id for image_id, _ in self._failures() if image_id is not None}))

    @property
    def failure_breakdown(self) -> Mapping[str, int]:
        """Error type → how many photos of this run failed so (R143)."""
        return dict(Counter(error_type.value for _, error_type in self._failures()))

    def _failures(self) -> list[tuple[int | None, ErrorType]]:
        found = [(photo.image_id, photo.failure.error_type) for photo in self.photos if photo.failure is not None]
        retried = self.recovery.images if self.recovery is not None else ()
        return found + [
            (image.id, image.error_type or ErrorType.UNKNOWN_ERROR)
            for image in retried
            if image.was_attempted and image.end is not RecoveryEnd.UPLOADED
        ]

    @property
    def cost(self) -> float:
        """What its listings cost, US dollars."""
        return round(sum(listing.cost for listing in self.listings), 4)

    @property
    def requests(self) -> int:
        """How many listing requests it made."""
        return sum(listing.requests for listing in self.listings)

    @property
    def ok(self) -> bool:
        """No provider failed so that nothing is known, and no photo is missing."""
        return self.status is not EnrichmentStatus.ERROR and not self.failed


@dataclass(frozen=True, slots=True)
class StaleVenues:
    """Which venues a bulk enrichment is about (R109).

    venues    slugs, oldest check first
    total     living venues; stale + filtered = total
    filtered  fresh ones
    no_id     stale ones that no provider asked for knows by an id: nothing can be asked for them
    """

    venues: tuple[str, ...]
    total: int
    stale: int
    no_id: int

    @property
    def filtered(self) -> int:
        """Venues that are fresh."""
        return self.total - self.stale


@dataclass(slots=True)
class EnrichmentReport:
    """Many venues, one after another. Mutable: outcomes are folded in as they arrive."""

    run_id: str
    chosen: StaleVenues
    outcomes: list[EnrichmentOutcome] = field(default_factory=list)
    crashed: dict[str, str] = field(default_factory=dict)
    stopped: bool = False
    storage_full: bool = False

    @property
    def ok(self) -> bool:
        """Every venue was enriched, and nothing of it failed."""
        return not self.crashed and not self.stopped and all(outcome.ok for outcome in self.outcomes)

    @property
    def cost(self) -> float:
        """US dollars, all venues."""
        return round(sum(outcome.cost for outcome in self.outcomes), 4)
