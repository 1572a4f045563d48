"""Requests to photo providers: those for bytes are built; all are counted, in windows and for use and cost (R198).

What counts is what goes to a provider's interface under our key: listings, notices, and photos that it hands out
itself (images.md 5.5, 7). Bytes that lie on a public host have no part in its limits. Windows are this process's.
"""

from __future__ import annotations

import datetime as dt

from trivia_scraper.domain.errors import InvalidUrl
from trivia_scraper.domain.pages import ImageRequest
from trivia_scraper.domain.photos import Photo
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.provider_windows import count_request
from trivia_scraper.ports import Services


def photo_request(photo: Photo, services: Services) -> ImageRequest:
    """The request for a stored address, with its provider's key where it wants one. Raises InvalidUrl for none."""
    if not photo.url:
        raise InvalidUrl("no address is stored")
    provider, account = services.providers.get(photo.provider), services.settings.photos.accounts.get(photo.provider)
    if provider is None or account is None:
        return ImageRequest(photo.url, None)
    return provider.photo_request(photo.url, account)


async def note_listing(provider: str, images: int, cost: float, at: dt.datetime, services: Services) -> None:
    """Write a listing request down; its window counted it when it was admitted."""
    await attempt_storing(
        lambda: services.memory.note_request(provider, "listing", images, cost, at), "provider request", services
    )


async def note_notice(provider: str, services: Services) -> None:
    """Count a notice of use: no window refuses what a provider's terms demand."""
    await count_request(provider, services)
    at = services.clock.now()
    await attempt_storing(
        lambda: services.memory.note_request(provider, "notice", 0, 0.0, at), "provider request", services
    )


async def note_photo(photo: Photo, attempts: int, services: Services) -> None:
    """Count the requests for a photo's bytes, if its provider hands them out itself."""
    if not _needs_key(photo, services):
        return
    at = services.clock.now()
    for _ in range(attempts):
        await count_request(photo.provider, services)
        await attempt_storing(
            lambda: services.memory.note_request(photo.provider, "photo", 0, 0.0, at), "provider request", services
        )


def _needs_key(photo: Photo, services: Services) -> bool:
    if not photo.url:
        return False
    request = photo_request(photo, services)
    return bool(request.headers) or request.url != photo.url
