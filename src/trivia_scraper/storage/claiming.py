"""Finding or claiming the identity that a detail writes to (V1-V3, V6, H1).

A claim fixes id and slug before any picture is stored under them; content comes with `saving`. A crash in
between leaves a claimed row that no reader sees and that the next visit finds again by its key.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from collections.abc import Sequence
from typing import Final

from asyncpg import Record as Row

from trivia_scraper.domain.catalog import ClaimedOwner, DetailClaim
from trivia_scraper.domain.models import Detail, Listing, OwnerKind, VenueFacts
from trivia_scraper.policy.duplicates import FAR_METRES
from trivia_scraper.policy.identity import name_key, postcode_key
from trivia_scraper.policy.matching import VenueMatch, match_venue
from trivia_scraper.policy.naming import slug_candidates
from trivia_scraper.policy.places import weighty_words
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.duplicates import candidate_of, note_pair
from trivia_scraper.storage.sessions import Session

_METRES_PER_DEGREE: Final = 111_320.0


async def claim_detail(database: Database, detail: Detail, at: dt.datetime, turn: asyncio.Lock) -> DetailClaim:
    """The venue and performer of a detail: read when both are known, else claimed in one short transaction.

    turn  taken before a connection is, so that tasks waiting to claim do not hold the pool's connections
    """
    listing, performer_facts = detail.listing, detail.performer
    performer_key = None if performer_facts is None else name_key(performer_facts.name)
    row = await database.fetchrow("catalog/find_known", listing.source, listing.key, performer_key)
    if row is not None and (performer_facts is None or row["performer_id"] is not None):
        return DetailClaim(_known_venue(row), _known_performer(row), "key")
    async with turn, database.transaction() as connection:
        venue, match = await _claim_venue(connection, detail, at)
        performer = None
        if performer_facts is not None:
            performer = await _claim_performer(connection, listing.source, performer_facts.name, at)
    return DetailClaim(venue, performer, match.rule, tuple(alike.slug for alike in match.look_alikes))


def _known_venue(row: Row) -> ClaimedOwner:
    return ClaimedOwner(OwnerKind.VENUE, row["id"], row["slug"], row["saved_at"] is None)


def _known_performer(row: Row) -> ClaimedOwner | None:
    if row["performer_id"] is None:
        return None
    is_new = row["performer_saved_at"] is None
    return ClaimedOwner(OwnerKind.PERFORMER, row["performer_id"], row["performer_slug"], is_new)


async def _claim_venue(connection: Session, detail: Detail, at: dt.datetime) -> tuple[ClaimedOwner, VenueMatch]:
    # Look again after locking (V3): another task may have claimed the very same place meanwhile.
    await connection.execute("catalog/lock_identity")
    candidates = await _candidates(connection, detail.listing, detail.venue)
    if candidates and candidates[0]["is_known"]:
        return _known_venue(candidates[0]), VenueMatch(candidates[0]["id"], "key")
    return await _match_or_create(connection, detail, candidates, at)


async def _match_or_create(
    connection: Session, detail: Detail, candidates: Sequence[Row], at: dt.datetime
) -> tuple[ClaimedOwner, VenueMatch]:
    listing, match = detail.listing, match_venue(detail.venue, [candidate_of(row) for row in candidates])
    if match.venue_id is None:
        venue = await _create_venue(connection, detail, match.rule, at)
        for alike in match.look_alikes:
            await note_pair(connection, venue.id, alike.id, alike.confidence, at)
        return venue, match
    await connection.execute(
        "catalog/claim_key", listing.source, listing.key, match.venue_id, match.rule, at, match.confidence
    )
    return _known_venue(next(row for row in candidates if row["id"] == match.venue_id)), match


async def _candidates(connection: Session, listing: Listing, facts: VenueFacts) -> Sequence[Row]:
    half_lat = FAR_METRES / _METRES_PER_DEGREE
    squeeze = max(math.cos(math.radians(facts.latitude or 0.0)), 0.01)
    return await connection.fetch(
        "catalog/find_candidates", name_key(facts.name), facts.place_id, facts.latitude, facts.longitude,
        half_lat, half_lat / squeeze, postcode_key(facts.postcode), facts.city, list(weighty_words(facts.name)),
        listing.source, listing.key,
    )  # fmt: skip


async def _create_venue(connection: Session, detail: Detail, rule: str, at: dt.datetime) -> ClaimedOwner:
    facts, listing = detail.venue, detail.listing
    for slug in slug_candidates(facts.name, facts.city, facts.postcode):
        venue_id = await connection.fetchval(
            "catalog/claim_venue", slug, facts.name, name_key(facts.name), facts.postcode, facts.city, facts.latitude,
            facts.longitude, facts.country, facts.timezone, listing.source, at, listing.key, rule,
            facts.address, facts.place_id,
        )  # fmt: skip
        if venue_id is not None:
            return ClaimedOwner(OwnerKind.VENUE, venue_id, slug, True)
    raise AssertionError("slug_candidates is endless")


async def _claim_performer(connection: Session, source: str, name: str, at: dt.datetime) -> ClaimedOwner:
    key = name_key(name)
    for slug in slug_candidates(name, source):
        performer_id = await connection.fetchval("catalog/claim_performer", slug, name, key, source, at)
        if performer_id is not None:
            return ClaimedOwner(OwnerKind.PERFORMER, performer_id, slug, True)
        # Not the slug alone may be taken: the performer may be known.
        row = await connection.fetchrow("catalog/find_performer", source, key)
        if row is not None:
            return ClaimedOwner(OwnerKind.PERFORMER, row["id"], row["slug"], row["saved_at"] is None)
    raise AssertionError("slug_candidates is endless")
