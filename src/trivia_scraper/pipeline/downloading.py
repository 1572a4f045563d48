"""From an image's address to checked bytes in a stage: the one download path, for slots, galleries and recoveries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from trivia_scraper.domain.catalog import ClaimedOwner, NewBytes
from trivia_scraper.domain.errors import ImageUnreachable, StorageFull
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageRole
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest
from trivia_scraper.pipeline.attempts import Attempted, attempt_download
from trivia_scraper.policy.naming import image_key, thumbnail_key
from trivia_scraper.ports import Services, Stage

Bodies: TypeAlias = Sequence[tuple[str, Stage | bytes]]
"""Final key → what is to lie there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One image to download.

    tries            at most this many, for transient classes only (D9)
    deadline_seconds all tries together
    replaces         key of the stored copy, None = there is none
    """

    request: ImageRequest
    tries: int
    deadline_seconds: float
    replaces: str | None


def task_deadline(role: ImageRole, services: Services) -> float:
    """Longest for one image with all its tries, in seconds (images.md 4.1)."""
    settings = services.settings
    return settings.performer_deadline_seconds if role is ImageRole.PROFILE else settings.hero_deadline_seconds


async def download(
    wanted: Wanted, stage: Stage, options: RefreshOptions, services: Services
) -> Attempted[ImageDownloaded | ImageNotModified]:
    """Fetch the bytes into a stage. Raises an error of the domain's tree that knows how many tries there were."""
    attempts = 0

    async def once() -> ImageDownloaded | ImageNotModified:
        nonlocal attempts
        attempts += 1
        return await _once(wanted, stage, options, services)

    try:
        async with asyncio.timeout(wanted.deadline_seconds):
            return await attempt_download(once, services, tries=wanted.tries, budget_seconds=wanted.deadline_seconds)
    except TimeoutError as error:
        late = ImageUnreachable(
            f"no complete image within {wanted.deadline_seconds:g} s",
            error_type=ErrorType.NETWORK_TIMEOUT,
            reason=Reason.DEADLINE,
        )
        late.attempts = attempts
        raise late from error


async def _once(
    wanted: Wanted, stage: Stage, options: RefreshOptions, services: Services
) -> ImageDownloaded | ImageNotModified:
    if not await services.files.has_room():
        raise StorageFull("free space is below storage.min_free: downloads pause", reason=Reason.DISK_FULL)
    services.log.info(LogEvent.IMAGE_DOWNLOAD, conditional=wanted.request.validators is not None)
    if wanted.replaces is not None and options.force_refresh_images:
        services.log.info(LogEvent.IMAGE_FORCING_EXISTING, path=wanted.replaces)
    await stage.restart()
    answer = await services.fetcher.download_image(
        wanted.request, stage, options, deadline_seconds=services.settings.download_deadline_seconds
    )
    await stage.complete()
    return answer


async def inspect(stage: Stage, options: RefreshOptions, services: Services) -> InspectedImage:
    """Check the staged bytes in a worker. Raises ImageRejected, WorkersUnavailable."""
    inspected = await services.inspector.inspect(stage.body(), options)
    services.log.debug(
        LogEvent.IMAGE_CHECKED,
        format=inspected.format,
        worker_force_refresh=inspected.force_refresh,
        bytes=stage.size,
    )
    return inspected


def new_bytes(
    owner: ClaimedOwner, role: ImageRole, stage: Stage, inspected: InspectedImage
) -> tuple[NewBytes, Bodies]:
    """What the row will say of a checked picture, and the bodies that wait to be adopted (D8)."""
    digest = stage.sha256 if inspected.rewritten is None else sha256(inspected.rewritten).hexdigest()
    key = image_key(owner.kind, owner.slug, role, digest, inspected.format)
    bodies: list[tuple[str, Stage | bytes]] = [(key, stage if inspected.rewritten is None else inspected.rewritten)]
    thumb_key = None
    if inspected.thumbnail is not None and inspected.thumbnail_format is not None:
        thumb_key = thumbnail_key(key, inspected.thumbnail_format)
        bodies.append((thumb_key, inspected.thumbnail))
    new = NewBytes(
        storage_key=key,
        thumb_key=thumb_key,
        sha256=digest,
        source_sha256=stage.sha256,
        bytes=stage.size if inspected.rewritten is None else len(inspected.rewritten),
        format=inspected.format,
        width=inspected.width,
        height=inspected.height,
        dhash=inspected.dhash,
        is_blank=inspected.is_blank,
    )
    return new, tuple(bodies)
