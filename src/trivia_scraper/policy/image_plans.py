"""What to do about one offered image, from what the ledger knows and what this run was asked (images.md 4.1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from trivia_scraper.domain.catalog import KnownImage
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.options import RefreshOptions


class ImageAction(StrEnum):
    """The plan for one image."""

    FETCH = "fetch"
    REVALIDATE = "revalidate"
    REUSE = "reuse"
    SHARED = "shared"
    RETRY_LATER = "retry_later"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """The action, and in a few words why."""

    action: ImageAction
    why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The image as this listing offers it, and the circumstances of looking at it."""

    identity: str
    listing_key: str
    run_id: UUID
    now: dt.datetime
    file_present: bool
    revalidate_after: dt.timedelta | None
    slot_holder_trusted_for: dt.timedelta


def plan_image(known: KnownImage | None, offer: Offer, options: RefreshOptions) -> ImagePlan:
    """Fetch, revalidate, reuse or leave alone. Forced runs always fetch, once per run (R1, R50)."""
    if known is None:
        return ImagePlan(ImageAction.FETCH, "no copy yet")
    if known.is_deleted:
        if known.identity == offer.identity:
            return ImagePlan(ImageAction.CLOSED, "a person deleted it")
        return ImagePlan(ImageAction.FETCH, "the source names another picture than the one that was deleted")
    if known.last_run_id == offer.run_id:
        return ImagePlan(ImageAction.SHARED, "this run has refreshed this slot already")
    if options.force_refresh_images:
        return ImagePlan(ImageAction.FETCH, "forced")
    if known.status is ImageStatus.UPLOADED:
        return _plan_stored(known, offer)
    return _plan_missing(known, offer)


def _plan_stored(known: KnownImage, offer: Offer) -> ImagePlan:
    if known.identity != offer.identity:
        if _held_by_another_listing(known, offer):
            return ImagePlan(ImageAction.SHARED, f"listing {known.listing_key} keeps this slot")
        return ImagePlan(ImageAction.FETCH, "the source names another picture")
    if not offer.file_present:
        return ImagePlan(ImageAction.FETCH, "the stored file is missing")
    if known.refresh_failed_at is not None:
        return ImagePlan(ImageAction.FETCH, "the last refresh failed")
    if offer.revalidate_after is None or offer.now - _last_good(known, offer) < offer.revalidate_after:
        return ImagePlan(ImageAction.REUSE, "a good copy exists")
    if known.etag or known.last_modified:
        return ImagePlan(ImageAction.REVALIDATE, "not verified lately")
    return ImagePlan(ImageAction.FETCH, "not verified lately, and the site gave no validators")


def _plan_missing(known: KnownImage, offer: Offer) -> ImagePlan:
    if known.identity != offer.identity:
        return ImagePlan(ImageAction.FETCH, "the source names another picture")
    if known.status is ImageStatus.PERMANENTLY_FAILED:
        return ImagePlan(ImageAction.CLOSED, "permanently failed; waits for review")
    if known.status is ImageStatus.EXTERNAL:
        return ImagePlan(ImageAction.REUSE, "link only")
    if known.next_retry_at is not None and known.next_retry_at > offer.now:
        return ImagePlan(ImageAction.RETRY_LATER, f"not before {known.next_retry_at:%Y-%m-%d %H:%M:%S} UTC")
    return ImagePlan(ImageAction.FETCH, "the last try failed")


def _held_by_another_listing(known: KnownImage, offer: Offer) -> bool:
    # One host on several pages, each with another photo: without this rule every run would swap the picture.
    other = known.listing_key is not None and known.listing_key != offer.listing_key
    return other and offer.now - _last_good(known, offer) < offer.slot_holder_trusted_for


def _last_good(known: KnownImage, offer: Offer) -> dt.datetime:
    stamps = [stamp for stamp in (known.fetched_at, known.verified_at) if stamp is not None]
    return max(stamps, default=offer.now - dt.timedelta(days=36500))
