"""Look-ups in Postgres, so that an address is asked for once. Implements `ports.PlaceLookups`."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

from asyncpg import Record as Row

from trivia_scraper.domain.lookups import FoundPlace, KnownLookup, LookupOutcome
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.storage.database import Database

LONGEST_ERROR = 500


class PostgresPlaceLookups:
    """Each call is one transaction. The turn is this process's: the store lock keeps others out."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()

    def turn(self) -> AbstractAsyncContextManager[None]:
        """One at a time."""
        return self._turn

    async def has_stated_position(self, source: str, key: str) -> bool:
        """Whether a source once said where this listing's venue stands."""
        return bool(await self._database.fetchval("lookups/has_stated_position", source, key))

    async def known(self, query: str) -> KnownLookup | None:
        """The last answer for this address."""
        row = await self._database.fetchrow("lookups/known", query)
        return None if row is None else _known(row)

    async def remember(self, query: str, lookup: KnownLookup) -> None:
        """Keep an answer; one that found the place is never replaced."""
        place = lookup.place
        await self._database.execute(
            "lookups/remember", query, lookup.asked_at, lookup.outcome.value, place.latitude if place else None,
            place.longitude if place else None, place.city if place else None, place.postcode if place else None,
            redact_text(lookup.error)[:LONGEST_ERROR] or None,
        )  # fmt: skip


def _known(row: Row) -> KnownLookup:
    outcome = LookupOutcome(row["outcome"])
    place = None
    if outcome is LookupOutcome.FOUND:
        place = FoundPlace(row["latitude"], row["longitude"], row["city"], row["postcode"])
    return KnownLookup(outcome, row["asked_at"], place, row["error"] or "")
