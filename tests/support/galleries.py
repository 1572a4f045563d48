"""Venues whose photos the replica's providers have, and enrichments of them over the whole house.

Waits are recorded and not waited; the clock stands still but for what a test adds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from support.house import House, make_options, open_house, provider_sections
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto
from trivia_scraper.demo.photo_providers.switches import PhotosSwitch
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.enrichment import EnrichmentOutcome, EnrichmentReport
from trivia_scraper.pipeline.enriching_many import enrich_venues
from trivia_scraper.pipeline.enrichment import enrich_venue
from trivia_scraper.ports import Services

START = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
CROWN = "the-crown"


@dataclass
class StillClock:
    """Implements `ports.Clock`: time passes when somebody sleeps, or a test says so."""

    at: dt.datetime = START
    seconds: float = 1_000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.let_pass(dt.timedelta(seconds=seconds))

    def let_pass(self, time: dt.timedelta) -> None:
        self.at += time
        self.seconds += time.total_seconds()


@dataclass
class GalleryHouse:
    """A house with photo providers, and what tests of galleries ask it."""

    house: House
    clock: StillClock

    @property
    def services(self) -> Services:
        return self.house.services

    def settle(self, **photo_settings: Any) -> None:
        """Other settings of enrichment from now on."""
        settings = self.services.settings
        photos = replace(settings.photos, **photo_settings)
        self.house.services = replace(self.services, settings=replace(settings, photos=photos))

    def give_key(self, provider: str, key: str) -> None:
        """Another key of a provider in our settings."""
        accounts = dict(self.services.settings.photos.accounts)
        accounts[provider] = replace(accounts[provider], key=key)
        self.settle(accounts=accounts)

    def new_run(self) -> Services:
        """The services of another run; the log starts anew."""
        self.house.capture.entries.clear()
        return replace(self.services, run_id=uuid4())

    async def enrich(self, slug: str = CROWN, **options: Any) -> EnrichmentOutcome:
        return await enrich_venue(slug, make_options(**options), self.new_run())

    async def enrich_many(self, **options: Any) -> EnrichmentReport:
        return await enrich_venues(make_options(**options), self.new_run())

    async def open_venue(self, slug: str = CROWN, ids: Mapping[str, str | Sequence[str]] | None = None) -> int:
        """A venue as a source would have brought it, known to providers by these ids."""
        [row] = await self.house.query(
            """INSERT INTO venues (slug, name, name_key, address, city, country, timezone, fact_source, saved_at,
                                   created_at, updated_at)
               VALUES ($1, $2, $1, '1 High Street', 'Leeds', 'GB', 'Europe/London', 'question_one', $3, $3, $3)
               RETURNING id""",
            slug,
            slug.replace("-", " ").title(),
            START,
        )
        for provider, known in (ids or {}).items():
            for number, each in enumerate([known] if isinstance(known, str) else known):
                await self.house.query(
                    "INSERT INTO venue_provider_ids VALUES ($1, $2, $3, $4)",
                    row["id"],
                    provider,
                    each,
                    START + dt.timedelta(seconds=number),
                )
        return int(row["id"])

    async def rows(self, slug: str = CROWN) -> list[dict[str, Any]]:
        """Living gallery rows in the order of their positions."""
        return await self.house.query(
            """SELECT i.* FROM images i JOIN venues v ON v.id = i.owner_id
               WHERE i.owner_kind = 'venue' AND i.role = 'gallery' AND v.slug = $1 AND i.deleted_at IS NULL
               ORDER BY i.position, i.id""",
            slug,
        )

    async def statuses(self, slug: str = CROWN) -> list[str]:
        return [row["status"] for row in await self.rows(slug)]

    async def state(self, slug: str = CROWN) -> dict[str, Any]:
        """The venue's line of venue_enrichment."""
        [row] = await self.house.query(
            "SELECT e.* FROM venue_enrichment e JOIN venues v ON v.id = e.venue_id WHERE v.slug = $1", slug
        )
        return row


@asynccontextmanager
async def open_gallery_house(
    folder: Path, database_url: str, replica: Replica, *providers: str, **sections: Mapping[str, Any]
) -> AsyncIterator[GalleryHouse]:
    """A house that asks these providers. Other sections of settings by name; `account` goes to every provider."""
    account = sections.pop("account", {})
    providers_section = provider_sections(replica, *(providers or ("google_places",)), **account)
    async with open_house(folder, database_url, replica, providers=providers_section, **sections) as house:
        clock = StillClock()
        house.services = replace(house.services, clock=clock, sleep=clock.sleep, random=lambda: 0.0)
        yield GalleryHouse(house, clock)


def photos_at(replica: Replica, provider: str, place: str, *photos: ReplicaPhoto) -> None:
    """Give a place exactly these photos at one provider."""
    replica.site.flip(PhotosSwitch(provider=provider, place=place, photos=photos))  # type: ignore[arg-type]


def snaps(prefix: str, count: int, **changes: Any) -> tuple[ReplicaPhoto, ...]:
    """Small photos of different looks: `<prefix>-1` …"""
    stated: dict[str, Any] = {"width": 640, "height": 480}
    return tuple(ReplicaPhoto(id=f"{prefix}-{number}", **{**stated, **changes}) for number in range(1, count + 1))
