"""Write one detail: intents, files into place, one transaction, then what was superseded goes.

The order is the invariant: bytes before row, row before deletion. A kill at any point leaves intents that
the next start resolves (`storage.crash_recovery`): no row without file, no file without row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.catalog import ClaimedOwner, DetailClaim, DetailSave, SavedDetail
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.adopting import adopt, announce
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.cleaning import clean_superseded
from trivia_scraper.pipeline.image import PreparedImage, failed_image
from trivia_scraper.ports import Services


async def store_detail(
    save: DetailSave, prepared: Sequence[PreparedImage], options: RefreshOptions, services: Services
) -> tuple[SavedDetail, tuple[PreparedImage, ...]]:
    """Store the detail with its images; returns what changed, and the images as they finally ended."""
    services = services.with_log(force_refresh=options.force_refresh_images)
    stored = await _adopt(prepared, options, services)
    images = tuple(image.save for image in stored if image.save is not None)
    save = replace(save, images=images)
    saved = await attempt_storing(lambda: services.catalog.save_detail(save, options), "saving a detail", services)
    for image in stored:
        _tell_switch(image, services)
    await _clean(save.claim, saved, stored, options, services)
    return saved, stored


async def _clean(
    claim: DetailClaim,
    saved: SavedDetail,
    stored: Sequence[PreparedImage],
    options: RefreshOptions,
    services: Services,
) -> None:
    try:
        for owner in _owners_with_new_bytes(claim, stored):
            await clean_superseded(owner, saved.superseded, options, services)
    except TriviaScraperError as error:
        # The detail is stored; what could not be collected has its intent, and the next start resolves it.
        services.log.warning(LogEvent.IMAGE_DELETE_FAILED, path=None, error=str(error))


async def _adopt(
    prepared: Sequence[PreparedImage], options: RefreshOptions, services: Services
) -> tuple[PreparedImage, ...]:
    await announce([key for image in prepared for key, _ in image.bodies], services)
    return tuple([await _adopt_one(image, options, services) for image in prepared])


async def _adopt_one(image: PreparedImage, options: RefreshOptions, services: Services) -> PreparedImage:
    if image.save is None or image.save.new is None:
        return image
    labels = {"provider": image.save.ref.provider, "venue": image.save.venue}
    try:
        await adopt(image.bodies, labels, options, services)
    except TriviaScraperError as error:
        # An event is never lost to its pictures, nor one picture to another: it fails, the rest is saved.
        return failed_image(image.save, error, services)
    _log_of(image, services).info(LogEvent.IMAGE_SAVED, path=image.save.new.storage_key)
    return image


def _tell_switch(image: PreparedImage, services: Services) -> None:
    if image.save is None or image.save.new is None:
        return
    log, path = _log_of(image, services), image.save.new.storage_key
    log.info(LogEvent.IMAGE_REFERENCE_SWITCHED, path=path)
    if image.save.keeps_old and path == image.save.old_key:
        # Equal bytes, equal key: the old file was replaced by the rename, not deleted (images.md 2).
        log.info(LogEvent.IMAGE_OLD_DELETED, path=path, how="replaced")


def _log_of(image: PreparedImage, services: Services) -> FilteringBoundLogger:
    assert image.save is not None
    return services.log.bind(url=image.outcome.url, role=image.outcome.role, owner=image.save.owner.slug)


def _owners_with_new_bytes(claim: DetailClaim, stored: Sequence[PreparedImage]) -> list[ClaimedOwner]:
    owners = [claim.venue] if claim.performer is None else [claim.venue, claim.performer]
    return [owner for owner in owners if _has_new(owner, stored)]


def _has_new(owner: ClaimedOwner, stored: Sequence[PreparedImage]) -> bool:
    return any(i.save is not None and i.save.new is not None and i.save.owner == owner for i in stored)
