"""Superseded image files go: after the switch, or before the download with clean_first (D1, R4, R30-R38).

Each file: intent, then success or failure with its reason; a failure stops nothing, and what stays behind
is found again by the next forced run.
"""

from __future__ import annotations

from collections.abc import Sequence

from trivia_scraper.domain.catalog import ClaimedOwner, KnownImage
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.naming import is_image_name, owner_prefix
from trivia_scraper.ports import Services


async def clear_before_download(
    owner: ClaimedOwner, known: KnownImage, options: RefreshOptions, services: Services
) -> None:
    """The guide's order (clean_first): the reference and its files go, then the caller downloads.

    The row lets go first, so that a crash in between leaves a file without row, which the next start collects,
    and never a row without file.
    """
    services = services.with_log(force_refresh=options.force_refresh_images)
    prefix = owner_prefix(owner.kind, owner.slug)
    services.log.info(LogEvent.IMAGE_CLEAN_STARTED, directory=prefix)
    keys = await attempt_storing(
        lambda: services.ledger.clear_image(known.id, services.clock.now(), options), "reference clearing", services
    )
    deleted = await _collect(keys, services)
    services.log.info(LogEvent.IMAGE_REFERENCE_CLEARED, path=known.storage_key)
    services.log.info(LogEvent.IMAGE_CLEANED, directory=prefix, count=deleted)


async def clean_superseded(
    owner: ClaimedOwner, superseded: Sequence[str], options: RefreshOptions, services: Services
) -> None:
    """After the switch: the files that this owner's rows no longer refer to.

    An ordinary run collects exactly what it superseded. A forced run also sweeps the owner's own directory
    of every image file without a row: older naming schemes, `original_` copies, thumbnails (R4, R31, T13).
    """
    services = services.with_log(owner=owner.slug, force_refresh=options.force_refresh_images)
    prefix = owner_prefix(owner.kind, owner.slug)
    mine = [key for key in superseded if key.startswith(prefix)]
    if not mine and not options.force_refresh_images:
        return
    services.log.info(LogEvent.IMAGE_CLEAN_STARTED, directory=prefix)
    if options.force_refresh_images:
        mine += [key for key in await _unreferenced(prefix, services) if key not in mine]
    services.log.info(LogEvent.IMAGE_CLEANED, directory=prefix, count=await _collect(mine, services))


async def collect_superseded(
    owner: ClaimedOwner, superseded: Sequence[str], options: RefreshOptions, services: Services
) -> None:
    """After one photo's switch: exactly the files that it let go."""
    if not superseded:
        return
    services = services.with_log(owner=owner.slug, force_refresh=options.force_refresh_images)
    prefix = owner_prefix(owner.kind, owner.slug)
    services.log.info(LogEvent.IMAGE_CLEAN_STARTED, directory=prefix)
    services.log.info(LogEvent.IMAGE_CLEANED, directory=prefix, count=await _collect(superseded, services))


async def _unreferenced(prefix: str, services: Services) -> list[str]:
    try:
        if not await services.files.directory_exists(prefix):
            services.log.info(LogEvent.IMAGE_CLEAN_NO_DIRECTORY, directory=prefix)
            return []
        files = await services.files.list_files(prefix)
    except TriviaScraperError as error:
        services.log.warning(LogEvent.IMAGE_CLEAN_LIST_FAILED, directory=prefix, error=str(error))
        return []
    referenced = await attempt_storing(
        lambda: services.ledger.referenced_keys(prefix), "looking for references", services
    )
    return [file.key for file in files if is_image_name(file.key) and file.key not in referenced]


async def _collect(keys: Sequence[str], services: Services) -> int:
    for key in keys:
        services.log.info(LogEvent.IMAGE_DELETING, path=key)
    deleted = 0
    fates = await attempt_storing(
        lambda: services.ledger.collect(keys, services.files.delete), "collecting files", services
    )
    for key, fate in fates:
        if fate == "deleted":
            deleted += 1
            services.log.info(LogEvent.IMAGE_OLD_DELETED, path=key, how="deleted")
        elif fate not in ("kept", "absent"):
            services.log.warning(LogEvent.IMAGE_DELETE_FAILED, path=key, error=fate)
    return deleted
