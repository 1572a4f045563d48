"""A venue that was merged or parted while a listing of it was read: what that brings goes where its key leads now.

Between claim and save lie downloads. A person may merge meanwhile; a row that a reader never sees must not get it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from asyncpg import Record as Row

from trivia_scraper.domain.catalog import ClaimedOwner, DetailSave, ImageSave
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.models import ImageRole, Listing, OwnerKind
from trivia_scraper.storage.sessions import Session

LOOKS: Final = 3


async def lock_venue(session: Session, save: DetailSave) -> tuple[DetailSave, Row]:
    """The save as it is to be written, and the facts of its venue, locked until the transaction ends."""
    known = await _locked(session, save.detail.listing)
    if known["id"] == save.claim.venue.id:
        return save, known
    venue = ClaimedOwner(OwnerKind.VENUE, known["id"], known["slug"], known["saved_at"] is None)
    images = await _images_for(session, save, venue)
    return replace(save, claim=replace(save.claim, venue=venue), images=images), known


async def _locked(session: Session, listing: Listing) -> Row:
    for _ in range(LOOKS):
        known = await session.fetchrow("catalog/venue_for_update", listing.source, listing.key)
        if known is not None:
            return known
    raise StorageUnavailable(f"the venue of {listing.source}:{listing.key} is just being merged")


async def _images_for(session: Session, save: DetailSave, venue: ClaimedOwner) -> tuple[ImageSave, ...]:
    """Pictures follow as those of a merge do: not into a slot that another listing fills (V5)."""
    claimed = save.claim.venue
    mine = [image for image in save.images if image.owner == claimed]
    rows = await session.fetch(
        "catalog/foreign_slots",
        venue.id,
        [image.ref.provider for image in mine],
        [image.ref.role.value for image in mine],
        [image.listing_key for image in mine],
    )
    taken = {(row["provider"], ImageRole(row["role"])) for row in rows}
    return tuple(
        replace(image, owner=venue)
        if image.owner == claimed and (image.ref.provider, image.ref.role) not in taken
        else image
        for image in save.images
    )
