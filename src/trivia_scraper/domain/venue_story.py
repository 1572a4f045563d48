"""The story of one venue, as it is stored and as it is told: field names are JSON keys of `venues explain`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from trivia_scraper.domain.directory import ImageView, VenueView
from trivia_scraper.domain.enrichment import EnrichmentState


@dataclass(frozen=True, slots=True)
class ToldRun:
    """The run that something happened in.

    options   as it was asked; None where its row has gone, or nobody kept them
    asked_by  "schedule", "user@host, process 123", or "" where unknown
    """

    id: UUID
    options: Mapping[str, Any] | None = None
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """One listing that means this venue, and how its source fares.

    rule, confidence  how it was recognised: "new" made the venue
    evenings    running evenings that it shows; without any, it is as if it were not listed
    misses      complete indexes in a row that did not show one of them
    image_due   a picture of the venue or its hosts is due again
    """

    source: str
    key: str
    url: str | None
    rule: str
    confidence: float
    claimed_at: dt.datetime
    first_seen_at: dt.datetime | None
    last_seen_at: dt.datetime | None
    last_read_at: dt.datetime | None
    evenings: int
    misses: int
    image_due: bool
    source_last_run_at: dt.datetime | None
    source_verdict: str | None
    source_health: str | None
    source_health_why: str | None
    source_paused_at: dt.datetime | None
    source_paused_by: str | None

    @property
    def is_listed(self) -> bool:
        """Whether the last complete index showed it."""
        return self.evenings > 0 and self.misses == 0


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit. `why` is what the plan had it for, "" where nobody planned it."""

    source: str
    key: str
    at: dt.datetime
    why: str
    outcome: str
    error_type: str | None
    error: str | None
    run: ToldRun


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """One time that a picture's address was asked."""

    at: dt.datetime
    kind: str
    outcome: str
    error_type: str | None
    reason: str | None
    status_code: int | None
    attempt: int
    bytes: int | None
    duration_ms: int | None
    run: ToldRun


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One picture of the venue or of a host of its running evenings.

    left_alone_until  its host failed so often, or asked for so long a wait, that nobody asks it before
    recovery_asked_at since when a recovery of its owner waits in the queue
    """

    image: ImageView
    attempts: tuple[AttemptFacts, ...] = ()
    left_alone_until: dt.datetime | None = None
    recovery_asked_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """Something that a person asked the daemon for, about this venue, and that has not ended."""

    id: UUID
    kind: str
    requested_by: str
    requested_at: dt.datetime
    taken_at: dt.datetime | None
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """What a person should look at, of this venue or of a source that shows it."""

    kind: str
    source: str | None
    subject: str
    message: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """All that is stored of one venue."""

    venue: VenueView
    listings: tuple[ListingFacts, ...]
    visits: tuple[VisitFacts, ...]
    images: tuple[ImageFacts, ...]
    gallery: EnrichmentState
    provider_ids: Mapping[str, tuple[str, ...]]
    requests: tuple[WaitingRequest, ...]
    issues: tuple[OpenIssue, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next by itself: when about (None = nobody knows, or never), and in one sentence."""

    at: dt.datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ToldListing:
    """A listing and its next visit."""

    facts: ListingFacts
    next: Next


@dataclass(frozen=True, slots=True)
class ToldImage:
    """A picture, the class of its failure ("" = none), and what happens to it next."""

    facts: ImageFacts
    failure_class: str
    next: Next


@dataclass(frozen=True, slots=True)
class VenueStory:
    """A venue as it is told. `asked` is the slug that was asked for, a retired one or the venue's own."""

    asked: str
    facts: VenueFacts
    listings: tuple[ToldListing, ...]
    images: tuple[ToldImage, ...]
    gallery_next: Next
