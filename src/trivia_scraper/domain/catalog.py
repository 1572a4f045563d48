"""Values that pass between the pipeline and the catalogue: claims, saves, and what was known before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.domain.models import Detail, ImageRef, ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.outcomes import DetailOutcomeKind, ImageOutcomeKind


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

    def owner_of(self, ref: ImageRef) -> ClaimedOwner | None:
        """Whose picture this is; None for a performer's that was not claimed (H3)."""
        return self.venue if ref.owner_kind is OwnerKind.VENUE else self.performer


class ImageSlot(NamedTuple):
    """Where one picture stands (D2): an owner has one hero and one profile of each provider."""

    owner_kind: OwnerKind
    owner_id: int
    provider: str
    role: ImageRole


def slot_of(owner: ClaimedOwner, ref: ImageRef) -> ImageSlot:
    """The slot that a picture of this owner fills."""
    return ImageSlot(owner.kind, owner.id, ref.provider, ref.role)


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
    width: int | None = None
    height: int | None = None
    is_blank: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image row that has a file. `slot` is "<kind>:<id>:<role>:<provider>"."""

    slot: str
    storage_key: str
    sha256: str
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
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class ImageFailure:
    """A failed refresh, as it goes into the row and the attempt log."""

    error_type: ErrorType
    reason: Reason | None
    status_code: int | None
    message: str
    attempts: int
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ImageSave:
    """What one image's refresh changes in the ledger: new bytes, a failure, or "asked, still good".

    venue          slug of the venue whose page offered it, for a performer's picture too
    keeps_old      a good copy is there that a failure must not touch
    old_key        the storage key that the row referred to before
    outcome        the ImageOutcomeKind, as the attempt log keeps it
    next_retry_at  when a failure is due again by itself; None = it is not
    closes         a failure that ends all automation, where there is no good copy
    """

    owner: ClaimedOwner
    venue: str
    ref: ImageRef
    identity: str
    provider_url: str
    listing_key: str
    keeps_old: bool
    old_key: str | None
    outcome: ImageOutcomeKind
    new: NewBytes | None
    failure: ImageFailure | None
    etag: str | None
    last_modified: str | None
    status_code: int | None
    attempts: int
    duration_ms: int
    bytes_received: int
    next_retry_at: dt.datetime | None
    closes: bool = False

    @property
    def slot(self) -> ImageSlot:
        """The slot whose row this changes."""
        return slot_of(self.owner, self.ref)


@dataclass(frozen=True, slots=True)
class DetailSave:
    """One detail, ready to be written in one transaction. `why` is what the plan visited it for."""

    detail: Detail
    claim: DetailClaim
    images: tuple[ImageSave, ...]
    run_id: UUID
    at: dt.datetime
    why: str = ""


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
    """What a complete index no longer shows.

    running        events of this source that were open before this run
    missing        of these, how many this index does not show
    newly_missing  of the missing, how many were still shown the last time
    """

    source: str
    running: int
    missing: int
    newly_missing: int
