"""Which address of an image is shown (images.md 3, R78, R212)."""

from __future__ import annotations

from trivia_scraper.domain.models import ImageStatus


def display_url(status: ImageStatus, served: str | None, provider_url: str | None) -> str | None:
    """The stored copy's public address, else the original, else none.

    served  where the stored copy is served; None when it has no public address
    """
    if status is ImageStatus.UPLOADED and served:
        return served
    return provider_url or None
