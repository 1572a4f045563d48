"""Under which ids photo providers know a venue, as a person states it (images.md R110)."""

from __future__ import annotations

import datetime as dt

from trivia_scraper.domain.enrichment import VenueContext
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.enrichment import venue_context
from trivia_scraper.storage.sessions import Session
from trivia_scraper.storage.venue_slugs import nearest


async def identify_venue(
    database: Database, slug: str, provider: str, provider_id: str, at: dt.datetime, *, remove: bool
) -> tuple[VenueContext, bool]:
    """State an id, or take it back; returns the venue as it is known now, and whether anything changed.

    Raises SetupError for an unknown slug, an id that another venue has, one that a source has stated.
    """
    async with database.transaction() as session:
        venue = await _find(session, slug)
        if remove:
            changed = await session.execute("enrichment/remove_id", venue.id, provider, provider_id)
            if not changed and provider_id in venue.provider_ids.get(provider, ()):
                raise SetupError(
                    f"nobody stated {provider_id} for {venue.slug} itself",
                    hint="it is its source's place id, or that of a venue that was merged into it",
                )
        else:
            await _refuse_other_holder(session, venue, provider, provider_id)
            known = provider_id in venue.provider_ids.get(provider, ())
            changed = 0 if known else await session.execute("enrichment/add_id", venue.id, provider, provider_id, at)
        return await _find(session, venue.slug), bool(changed)


async def _find(session: Session, slug: str) -> VenueContext:
    row = await session.fetchrow("enrichment/venue", slug)
    if row is not None:
        return venue_context(row)
    near = nearest(slug, [known["slug"] for known in await session.fetch("catalog/all_slugs")])
    hint = f"did you mean {', '.join(near)}?" if near else "`trivia-scraper venues list` shows them all"
    raise SetupError(f"no venue {slug!r}", hint=hint)


async def _refuse_other_holder(session: Session, venue: VenueContext, provider: str, provider_id: str) -> None:
    other = await session.fetchval("enrichment/other_holder", venue.id, provider, provider_id)
    if other is not None:
        raise SetupError(
            f"{other} is known to {provider} by {provider_id} already: two venues cannot be one place",
            hint=f"`trivia-scraper venues merge {venue.slug} {other}` makes them one, or take it back there first",
        )
