"""Values that pass between the pipeline and the catalogue: claims, saves, and what was known before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.domain.models import Detail, ImageRef, ImageStatus, OwnerKind
from trivia_scraper.domain.outcomes import DetailOutcomeKind


@dataclass(frozen=True, slots=True)
class KnownListing:
    """What the catalogue knows of one stable key."""

    venue_id: int
    venue_slug: str
    last_seen_at: dt.datetime | None
    last_processed_at: dt.datetime | None
    image_refresh_due: bool


@dataclass(frozen=True, slots=True)
class ClaimedOwner:
    """An identity that is ours to write: id and slug are fixed before any byte is stored under it."""

    kind: OwnerKind
    id: int
    slug: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class DetailClaim:
    """The identities one detail writes to. `matched_by` names the rule of V1 that found the venue."""

    venue: ClaimedOwner
    performer: ClaimedOwner | None
    matched_by: str
    look_alikes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownImage:
    """The ledger's row of one image, as far as planning needs it."""

    id: int
    status: ImageStatus
    provider_url: str | None
    identity: str
    storage_key: str | None
    thumb_key: str | None
    sha256: str | None
    source_sha256: str | None
    bytes: int | None
    etag: str | None
    last_modified: str | None
    fetched_at: dt.datetime | None
    verified_at: dt.datetime | None
    refresh_failed_at: dt.datetime | None
    retry_count: int
    next_retry_at: dt.datetime | None
    last_run_id: UUID | None
    listing_key: str | None
    version: int


@dataclass(frozen=True, slots=True)
class NewBytes:
    """A downloaded, checked picture whose file lies under its final key."""

    storage_key: str
    thumb_key: str | None
    sha256: str
    source_sha256: str
    bytes: int
    format: ImageFormat
    width: int
    height: int
    dhash: int | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class ImageFailure:
    """A failed refresh, as it goes into the row and the attempt log."""

    error_type: ErrorType
    reason: Reason | None
    status_code: int | None
    message: str
    attempts: int
    excerpt: str = ""
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ImageSave:
    """What one image's refresh changes in the ledger: new bytes, a failure, or "seen, still good"."""

    owner: ClaimedOwner
    ref: ImageRef
    identity: str
    provider_url: str
    listing_key: str
    known: KnownImage | None
    new: NewBytes | None
    failure: ImageFailure | None
    verified: bool
    duration_ms: int
    bytes_received: int
    status_code: int | None


@dataclass(frozen=True, slots=True)
class DetailSave:
    """One detail, ready to be written in one transaction."""

    detail: Detail
    claim: DetailClaim
    images: tuple[ImageSave, ...]
    run_id: UUID
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class SavedDetail:
    """What the transaction did. `superseded` are keys to collect now that no row needs them."""

    kind: DetailOutcomeKind
    changes: tuple[str, ...]
    superseded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceBaseline:
    """The past that a run is judged by."""

    last_complete_listed: int | None
    recent_complete_listed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VanishPlan:
    """Events that a complete index no longer shows.

    running        events of this source that were open before this run
    missing        of these, how many this index does not show at all
    due            ids whose last allowed miss this is
    """

    source: str
    running: int
    missing: int
    due: tuple[int, ...]
