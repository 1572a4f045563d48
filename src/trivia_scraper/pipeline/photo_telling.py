"""What is told of one photo: how it failed, and the one line that says how it ended."""

from __future__ import annotations

import datetime as dt

from trivia_scraper.domain.catalog import ImageFailure
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.photos import KnownPhoto, PhotoOutcomeKind, PhotoSave
from trivia_scraper.ports import Services

UNCHANGED = frozenset({PhotoOutcomeKind.UNCHANGED_304, PhotoOutcomeKind.UNCHANGED_HASH})
"""The site was asked, and the stored copy is still right."""

_STORED = frozenset({PhotoOutcomeKind.NEW, PhotoOutcomeKind.REPLACED, PhotoOutcomeKind.RECOVERED})


def is_stored(kind: PhotoOutcomeKind) -> bool:
    """Whether the row of this photo points at the bytes that came."""
    return kind in _STORED


def tell_failure(
    known: KnownPhoto | None, failure: ImageFailure, next_retry_at: dt.datetime | None, services: Services
) -> None:
    """A failure, where it is decided; `known` is the row as it was before."""
    services.log.warning(
        LogEvent.IMAGE_REFRESH_FAILED,
        keeps_old=known is not None and known.has_file,
        error_type=failure.error_type,
        **{"class": services.settings.classes.of(failure.error_type)},
        reason=failure.reason,
        status_code=failure.status_code,
        attempts=failure.attempts,
        error=failure.message,
        next_retry_at=next_retry_at,
    )


def tell_finished(save: PhotoSave, kind: PhotoOutcomeKind, image_id: int | None, services: Services) -> None:
    """The one line of a photo, after what its switch meant for the file that was there before."""
    known, new, failure = save.known, save.new, save.failure
    path = new.storage_key if new is not None else None
    if path is not None and is_stored(kind):
        services.log.info(LogEvent.IMAGE_REFERENCE_SWITCHED, path=path)
        if known is not None and path == known.storage_key:
            # Equal bytes, equal key: the old file was replaced by the rename, not deleted (images.md 2).
            services.log.info(LogEvent.IMAGE_OLD_DELETED, path=path, how="replaced")
    services.log.info(
        LogEvent.IMAGE_FINISHED,
        outcome=kind,
        kind=save.kind,
        image=image_id,
        path=path,
        status_code=save.status_code,
        attempts=save.attempts,
        bytes=save.bytes_received,
        duration_ms=save.duration_ms,
        error_type=None if failure is None else failure.error_type,
        reason=None if failure is None else failure.reason,
    )
