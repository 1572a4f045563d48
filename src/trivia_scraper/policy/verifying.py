"""Which stored pictures are asked for again by themselves, and how often at most. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.photos import KnownPhoto
from trivia_scraper.policy.recovering import EXPIRING_PROVIDERS

LEAST_BETWEEN: Final = dt.timedelta(days=1)
"""A picture is not asked for more often, whatever `images.revalidate_after` says: "always" is about visits."""


def asked_before(now: dt.datetime, revalidate_after: dt.timedelta | None) -> dt.datetime | None:
    """Pictures that were asked for before this are due; None = no picture ever is ("never")."""
    return None if revalidate_after is None else now - max(revalidate_after, LEAST_BETWEEN)


def verified_providers(
    sources: Collection[str], photo_providers: Collection[str], options: RefreshOptions
) -> tuple[str, ...]:
    """Whose pictures are asked for: of what is switched on, within the options; an address that expires is left out.

    A stored address of those (`EXPIRING_PROVIDERS`) stops working after a while, and asking for it costs money: their
    listings bring new ones (images.md 2).
    """
    switched_on = {*sources, *photo_providers} - EXPIRING_PROVIDERS
    chosen = {*options.sources, *options.providers}
    return tuple(sorted(switched_on & chosen if chosen else switched_on))


def is_due(photo: KnownPhoto, before: dt.datetime) -> bool:
    """Whether a row that was just read is still to be asked for; a failed refresh was a question too."""
    asked = [stamp for stamp in (photo.verified_at, photo.refresh_failed_at) if stamp is not None]
    return photo.has_file and photo.deleted_at is None and bool(asked) and max(asked) < before
