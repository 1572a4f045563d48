"""Photos: what a provider lists, what the ledger knows of an image, and how storing one ended (images.md 3, 5, 8).

A *photo* here is any image that is stored by itself, outside a venue's detail: from a provider's listing, or
recovered from its stored URL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trivia_scraper.domain.catalog import ClaimedOwner, ImageFailure, NewBytes
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind


class AttemptKind(StrEnum):
    """Why an image's bytes were asked for: by the run that found it, again, or to make up for a failure."""

    DOWNLOAD = "download"
    REFRESH = "refresh"
    RECOVERY = "recovery"


class PhotoOutcomeKind(StrEnum):
    """How storing one photo ended.

    UNCHANGED_304, UNCHANGED_HASH  the site was asked, and the stored copy is still right: only stamps moved
    SAME_PHOTO  its bytes are those of another entry, which has one more reference now
    KEPT        the replacement was worse, or failed: the good picture stays
    VANISHED    the row went away, or changed, while its bytes were fetched: nothing was written
    POSTPONED   a recovery that asked nobody, or could not look at the bytes, or not keep them: nothing was counted
    """

    NEW = "new"
    REPLACED = "replaced"
    RECOVERED = "recovered"
    UNCHANGED_304 = "unchanged_304"
    UNCHANGED_HASH = "unchanged_hash"
    SAME_PHOTO = "same_photo"
    KEPT = "kept"
    FAILED = "failed"
    CLOSED = "closed"
    SKIPPED = "skipped"
    VANISHED = "vanished"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo that is to be fetched and kept.

    identity     D2: provider and stable photo id, else the normalised URL without secrets
    url          where its bytes lie, without secrets
    width, height  pixels as the provider says, or None
    fetched_at   when the listing or page was read
    """

    role: ImageRole
    provider: str
    photo_id: str | None
    identity: str
    url: str
    width: int | None
    height: int | None
    attribution: str | None
    attribution_url: str | None
    fetched_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """The ledger's row of one image, whatever its role.

    etag, last_modified  what its site said of the stored bytes
    verified_at          when its site last said that they are still right, or they came
    """

    id: int
    owner_kind: OwnerKind
    owner_id: int
    owner_slug: str
    role: ImageRole
    provider: str
    provider_photo_id: str | None
    identity: str
    provider_url: str | None
    status: ImageStatus
    storage_key: str | None
    thumb_key: str | None
    sha256: str | None
    source_sha256: str | None
    width: int | None
    height: int | None
    dhash: int | None
    is_blank: bool
    quality_score: float | None
    position: int | None
    attribution: str | None
    attribution_url: str | None
    fetched_at: dt.datetime | None
    retry_count: int
    failure_streak: int
    retried_at: dt.datetime | None
    next_retry_at: dt.datetime | None
    error_type: ErrorType | None
    reason: Reason | None
    error: str | None
    status_code: int | None
    error_at: dt.datetime | None
    refresh_failed_at: dt.datetime | None
    finalized_at: dt.datetime | None
    deleted_at: dt.datetime | None
    version: int
    etag: str | None = None
    last_modified: str | None = None
    verified_at: dt.datetime | None = None
    bytes: int | None = None

    @property
    def owner(self) -> ClaimedOwner:
        """Whose picture it is."""
        return ClaimedOwner(self.owner_kind, self.owner_id, self.owner_slug, is_new=False)

    @property
    def has_file(self) -> bool:
        """Whether the row refers to stored bytes."""
        return self.storage_key is not None


@dataclass(frozen=True, slots=True)
class Gallery:
    """All that is known of one owner's gallery.

    photos      rows, tombstones included
    references  identity → id of the row that it is another name of
    """

    photos: tuple[KnownPhoto, ...]
    references: Mapping[str, int] = field(default_factory=dict)

    def find(self, identity: str) -> KnownPhoto | None:
        """The row of this identity, or of the photo that it is another name of."""
        row_id = self.references.get(identity)
        return next((each for each in self.photos if each.identity == identity or each.id == row_id), None)

    @property
    def living(self) -> tuple[KnownPhoto, ...]:
        """Rows that are no tombstones."""
        return tuple(each for each in self.photos if each.deleted_at is None)


@dataclass(frozen=True, slots=True)
class PhotoSave:
    """What fetching one photo changes in the ledger: new bytes, a failure, stamps, or a note that it was not fetched.

    known          the row, as it was when the fetch began; None = none had this identity
    new            checked bytes under their final keys
    closes         a failure that ends all automation for this image
    next_retry_at  when a failure is due again by itself; None = it is not
    retry_after_seconds  what the server asked for, or None
    unchanged      the site was asked and the stored copy is still right: which way it was told
    none of `new`, `failure` and `unchanged`: downloads are switched off, the row becomes `skipped`
    """

    owner: ClaimedOwner
    photo: Photo
    known: KnownPhoto | None
    kind: AttemptKind
    new: NewBytes | None
    failure: ImageFailure | None
    closes: bool
    next_retry_at: dt.datetime | None
    retry_after_seconds: float | None
    etag: str | None
    last_modified: str | None
    status_code: int | None
    attempts: int
    duration_ms: int
    bytes_received: int
    unchanged: PhotoOutcomeKind | None = None


@dataclass(frozen=True, slots=True)
class PhotoSaved:
    """What the transaction did.

    image_id       the row that has the photo now: of SAME_PHOTO, the other entry; None where nothing was written
    superseded     keys to collect now that no row needs them
    """

    kind: PhotoOutcomeKind
    image_id: int | None
    superseded: tuple[str, ...] = ()
    retry_count: int = 0
    next_retry_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PhotoOutcome:
    """How one photo ended, for reports: `failure` where it failed or was refused.

    retry_after_seconds  what the server asked for, or None
    """

    kind: PhotoOutcomeKind
    image_id: int | None
    photo: Photo
    failure: ImageFailure | None = None
    bytes_received: int = 0
    storage_key: str | None = None
    retry_count: int = 0
    next_retry_at: dt.datetime | None = None
    retry_after_seconds: float | None = None
