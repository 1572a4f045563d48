"""The retry-only mode of an enrichment: what failed is fetched again, no provider is asked (R86, R88, R144)."""

from __future__ import annotations

from trivia_scraper.domain.enrichment import VenueContext
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.recovery import OwnerRecovery, RecoveryRequest
from trivia_scraper.pipeline.recovery import recover_owner
from trivia_scraper.ports import Services


async def recover_gallery(venue: VenueContext, options: RefreshOptions, services: Services) -> OwnerRecovery:
    """Retry what failed of a venue's images, as the nightly recovery would: ambiguous failures wait for a person."""
    return await recover_owner(OwnerKind.VENUE, venue.id, RecoveryRequest(include_ambiguous=False), options, services)
