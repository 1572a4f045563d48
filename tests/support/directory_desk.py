"""The catalogue over a real Postgres, and details of invented pubs to put into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from support.house import make_options
from trivia_scraper.domain.catalog import DetailClaim, DetailSave, SavedDetail
from trivia_scraper.domain.directory import EventView, VenueView
from trivia_scraper.domain.models import (
    Detail,
    EventFacts,
    EventStatus,
    Frequency,
    Listing,
    PerformerFacts,
    Provenance,
    VenueFacts,
)
from trivia_scraper.ports import Catalog
from trivia_scraper.storage.catalog import PostgresCatalog
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.directory import PostgresReader

NOON = dt.datetime(2026, 9, 1, 12, 0, tzinfo=dt.UTC)
CROWN = VenueFacts(
    name="The Crown",
    address="12 High Street, Leeds LS1 4AB",
    street="12 High Street",
    city="Leeds",
    region=None,
    postcode="LS1 4AB",
    country="GB",
    latitude=53.7975,
    longitude=-1.5434,
    timezone="Europe/London",
)
TUESDAY = EventFacts(
    weekday=2,
    start_time=dt.time(19, 30),
    end_time=None,
    frequency=Frequency.WEEKLY,
    ordinals=(),
    fee_minor=200,
    currency="GBP",
    title="Quiz Night",
    description=None,
    status=EventStatus.ACTIVE,
)


def evening(weekday: int, start: str, **changes: Any) -> EventFacts:
    """A quiz night on this weekday (1 = Monday) at "HH:MM"."""
    return replace(TUESDAY, weekday=weekday, start_time=dt.time.fromisoformat(start), **changes)


def detail(
    source: str = "first",
    key: str = "crown",
    venue: VenueFacts = CROWN,
    events: Sequence[EventFacts] = (TUESDAY,),
    performer: str | None = None,
    **facts: Any,
) -> Detail:
    """What one listing says of a pub; keyword arguments change facts of the venue."""
    venue = replace(venue, **facts)
    listing = Listing(source=source, key=key, url=f"https://{source}.example/{key}", name=venue.name)
    host = PerformerFacts(performer) if performer else None
    return Detail(listing, venue, tuple(events), host, (), Provenance(f"Quiz at {venue.name}", "Tuesdays", None))


class Desk:
    """Claims and saves details, one minute after the other, and reads the directory as operators do."""

    def __init__(self, database: Database) -> None:
        self.catalog: Catalog = PostgresCatalog(database, 1, _no_file_is_missing)
        self.another_catalog: Catalog = PostgresCatalog(database, 1, _no_file_is_missing)
        self._reader = PostgresReader(database, lambda key: None, lambda key: None)
        self._database = database
        self._minutes = 0

    def next_minute(self) -> dt.datetime:
        """The time of the next step."""
        self._minutes += 1
        return NOON + dt.timedelta(minutes=self._minutes)

    async def claim(self, said: Detail) -> DetailClaim:
        return await self.catalog.claim(said, self.next_minute())

    async def save(self, said: Detail, claim: DetailClaim | None = None, run_id: UUID | None = None) -> SavedDetail:
        """Claim unless that is done, and save."""
        claim = claim or await self.claim(said)
        save = DetailSave(said, claim, (), run_id or uuid4(), self.next_minute())
        return await self.catalog.save_detail(save, make_options())

    async def venues(self) -> Sequence[VenueView]:
        return await self._reader.venues()

    async def venue(self, slug: str) -> VenueView | None:
        return await self._reader.venue(slug)

    async def only_venue(self) -> VenueView:
        [venue] = await self.venues()
        return venue

    async def running(self) -> Sequence[EventView]:
        """Events of the only venue that are not closed, by weekday and time."""
        events = [event for event in (await self.only_venue()).events if event.status != "closed"]
        return sorted(events, key=lambda event: (event.weekday, event.start_time))

    async def only_running(self) -> EventView:
        [event] = await self.running()
        return event

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """A table as it is, claimed rows included."""
        async with self._database.acquire() as session:
            return [dict(row) for row in await session.connection.fetch(f"SELECT * FROM {table} ORDER BY 1")]

    async def change_kinds(self) -> list[str]:
        """Kinds of the recorded changes, in order."""
        return [row["kind"] for row in await self.rows("changes")]


async def _no_file_is_missing(_: Sequence[str]) -> Sequence[str]:
    return []
