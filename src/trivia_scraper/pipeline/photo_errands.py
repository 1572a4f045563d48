"""One photo on its way into the store: what stays the same meanwhile, and what its saves have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Validators
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto, Photo, PhotoSave
from trivia_scraper.pipeline.attempts import Attempted
from trivia_scraper.pipeline.provider_requests import photo_request
from trivia_scraper.ports import Services

NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class PhotoErrand:
    """What stays the same while one photo is fetched."""

    photo: Photo
    owner: ClaimedOwner
    known: KnownPhoto | None
    kind: AttemptKind
    tries: int
    verifies: Validators | None
    started: float

    @property
    def is_uncounted(self) -> bool:
        """Whether a failure that is not the photo's fault leaves its row as it is."""
        return self.kind is AttemptKind.RECOVERY or self.verifies is not None


def request_of(errand: PhotoErrand, services: Services) -> ImageRequest:
    """What is asked for: the bytes, or whether they have changed. Raises InvalidUrl for a photo without address."""
    request = photo_request(errand.photo, services)
    asks = errand.verifies is not None and (errand.verifies.etag or errand.verifies.last_modified)
    return replace(request, validators=errand.verifies) if asks else request


def answered(errand: PhotoErrand, answer: Attempted[ImageDownloaded | ImageNotModified]) -> PhotoSave:
    """A save that knows what the site said."""
    value = answer.value
    downloaded = value if isinstance(value, ImageDownloaded) else None
    return replace(
        blank_save(errand),
        etag=value.validators.etag,
        last_modified=value.validators.last_modified,
        status_code=downloaded.status_code if downloaded is not None else NOT_MODIFIED,
        attempts=answer.attempts,
        bytes_received=downloaded.bytes_received if downloaded is not None else 0,
    )


def blank_save(errand: PhotoErrand) -> PhotoSave:
    """What every save of this photo has in common, before anything is known of how it ended."""
    return PhotoSave(
        owner=errand.owner,
        photo=errand.photo,
        known=errand.known,
        kind=errand.kind,
        new=None,
        failure=None,
        closes=False,
        next_retry_at=None,
        retry_after_seconds=None,
        etag=None,
        last_modified=None,
        status_code=None,
        attempts=1,
        duration_ms=0,
        bytes_received=0,
    )


def milliseconds_of(errand: PhotoErrand, services: Services) -> int:
    """Whole milliseconds since it set out."""
    return round((services.clock.monotonic() - errand.started) * 1000)


def labels_of(errand: PhotoErrand) -> Mapping[str, str]:
    """What an object store notes beside the files."""
    return {"provider": errand.photo.provider, "venue": errand.owner.slug}
