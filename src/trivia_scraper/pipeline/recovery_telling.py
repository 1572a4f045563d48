"""From what happened to an image in a recovery to the value that reports show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.catalog import ImageFailure
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.photos import KnownPhoto, PhotoOutcome, PhotoOutcomeKind
from trivia_scraper.domain.recovery import RecoveredImage, RecoveryEnd
from trivia_scraper.policy.classifying import MOST_RECOVERIES

_ENDS: Final[Mapping[PhotoOutcomeKind, RecoveryEnd]] = {
    PhotoOutcomeKind.NEW: RecoveryEnd.UPLOADED,
    PhotoOutcomeKind.REPLACED: RecoveryEnd.UPLOADED,
    PhotoOutcomeKind.RECOVERED: RecoveryEnd.UPLOADED,
    PhotoOutcomeKind.SAME_PHOTO: RecoveryEnd.UPLOADED,
    PhotoOutcomeKind.FAILED: RecoveryEnd.FAILED,
    PhotoOutcomeKind.CLOSED: RecoveryEnd.CLOSED,
    PhotoOutcomeKind.VANISHED: RecoveryEnd.CHANGED,
    PhotoOutcomeKind.KEPT: RecoveryEnd.PASSED_OVER,
    PhotoOutcomeKind.SKIPPED: RecoveryEnd.PASSED_OVER,
    PhotoOutcomeKind.POSTPONED: RecoveryEnd.NOT_DUE,
}


def after_attempt(photo: KnownPhoto, outcome: PhotoOutcome) -> RecoveredImage:
    """An image whose address was asked."""
    failure, end = outcome.failure, _ENDS[outcome.kind]
    note = {
        PhotoOutcomeKind.SAME_PHOTO: f"the same photo as image {outcome.image_id}",
        PhotoOutcomeKind.VANISHED: "somebody changed or deleted it meanwhile",
    }.get(outcome.kind, "")
    return RecoveredImage(
        id=photo.id,
        owner=photo.owner_slug,
        role=photo.role,
        provider=photo.provider,
        url=photo.provider_url,
        end=end,
        retry_count=outcome.retry_count,
        next_retry_at=outcome.next_retry_at,
        error_type=failure.error_type if failure else None,
        reason=failure.reason if failure else None,
        status_code=failure.status_code if failure else None,
        error=failure.message if failure else None,
        note=note,
        storage_key=outcome.storage_key,
        was_attempted=True,
    )


def refused_by_store(photo: KnownPhoto, failure: ImageFailure) -> RecoveredImage:
    """An image whose bytes came and could not be kept: it is due as before, and nothing is counted (R125)."""
    looked_at = not_attempted(photo, RecoveryEnd.FAILED, note="the image store refused it, nothing was counted")
    return replace(
        looked_at,
        error_type=failure.error_type,
        reason=failure.reason,
        status_code=failure.status_code,
        error=failure.message,
        was_attempted=True,
    )


def not_attempted(
    photo: KnownPhoto,
    end: RecoveryEnd,
    *,
    due: dt.datetime | None = None,
    note: str = "",
    without_url: bool = False,
) -> RecoveredImage:
    """An image that was looked at only. `due` where it is not the row's."""
    next_retry_at = None if end is RecoveryEnd.CLOSED else due or photo.next_retry_at
    return RecoveredImage(
        id=photo.id,
        owner=photo.owner_slug,
        role=photo.role,
        provider=photo.provider,
        url=photo.provider_url,
        end=end,
        retry_count=photo.retry_count,
        next_retry_at=next_retry_at,
        error_type=ErrorType.INVALID_URL if without_url else photo.error_type,
        reason=photo.reason,
        status_code=photo.status_code,
        error=photo.error,
        note=note or _why(photo, end),
        storage_key=photo.storage_key,
    )


def _why(photo: KnownPhoto, end: RecoveryEnd) -> str:
    if end is RecoveryEnd.PASSED_OVER:
        return _standing(photo)
    if end in (RecoveryEnd.CLOSED, RecoveryEnd.WOULD_CLOSE):
        if not photo.provider_url:
            return "no address is stored"
        exhausted = photo.retry_count >= MOST_RECOVERIES
        return "every attempt failed" if exhausted else "trying again cannot work"
    return "somebody changed or deleted it meanwhile" if end is RecoveryEnd.CHANGED else ""


def _standing(photo: KnownPhoto) -> str:
    if photo.deleted_at is not None:
        return "it was deleted"
    if photo.status is ImageStatus.PERMANENTLY_FAILED:
        return "it is closed: only review opens it again"
    return f"it is {photo.status.value}: there is nothing to retry"
