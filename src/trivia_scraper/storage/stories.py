"""What is stored of one venue, from every table that knows it: what `venues explain` tells."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.directory import ImageView, VenueView
from trivia_scraper.domain.venue_story import (
    AttemptFacts,
    ImageFacts,
    ListingFacts,
    OpenIssue,
    ToldRun,
    VenueFacts,
    VisitFacts,
    WaitingRequest,
)
from trivia_scraper.policy.breaking import host_of
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.directory import PostgresReader
from trivia_scraper.storage.enrichment import PostgresEnrichment


class PostgresStories:
    """Reads only; a dozen queries a venue, whatever it has of listings and pictures."""

    def __init__(self, database: Database, reader: PostgresReader) -> None:
        self._database = database
        self._reader = reader
        self._enrichment = PostgresEnrichment(database)

    async def similar_venues(self, slug: str) -> Sequence[str]:
        """Up to three known slugs that look like this one."""
        return await self._reader.similar_venues(slug)

    async def venue(self, slug: str, *, visits: int, attempts: int, now: dt.datetime) -> VenueFacts | None:
        """All of a venue by its slug or a retired one; None = no venue has or had it.

        visits, attempts  at most so many of the last visits, and of the last attempts of each picture
        """
        venue = await self._reader.venue(slug)
        if venue is None:
            return None
        database = self._database
        listings = [ListingFacts(**dict(row)) for row in await database.fetch("stories/listings", venue.id, now)]
        visit_rows = await database.fetch("stories/visits", venue.id, visits)
        images = await self._reader.images_of_venue(venue.id)
        attempt_rows = await database.fetch("stories/attempts", [image.id for image in images], attempts)
        runs = await self._runs([*visit_rows, *attempt_rows])
        context = await self._enrichment.venue(venue.slug)
        requests = await database.fetch("stories/requests", venue.slug)
        return VenueFacts(
            venue=venue,
            listings=tuple(listings),
            visits=tuple(VisitFacts(**_with_run(row, runs)) for row in visit_rows),
            images=await self._images(images, attempt_rows, runs, now),
            gallery=await self._enrichment.state(venue.id),
            provider_ids={} if context is None else context.provider_ids,
            requests=tuple(WaitingRequest(**{**dict(row), "id": UUID(str(row["id"]))}) for row in requests),
            issues=await self._issues(venue, listings),
        )

    async def _runs(self, rows: Iterable[Row]) -> Mapping[UUID, ToldRun]:
        ids = sorted({UUID(str(row["run_id"])) for row in rows})
        found = await self._database.fetch("stories/runs", ids)
        return {UUID(str(row["id"])): ToldRun(**{**dict(row), "id": UUID(str(row["id"]))}) for row in found}

    async def _images(
        self, images: Sequence[ImageView], rows: Iterable[Row], runs: Mapping[UUID, ToldRun], now: dt.datetime
    ) -> tuple[ImageFacts, ...]:
        attempts: dict[int, list[AttemptFacts]] = defaultdict(list)
        for row in rows:
            fields = _with_run(row, runs)
            attempts[fields.pop("image_id")].append(AttemptFacts(**fields))
        hosts = {image.id: host_of(image.provider_url or "") for image in images}
        closed = await self._database.fetch("stories/left_alone", sorted(set(hosts.values())), now)
        left_alone = {row["host"]: row["open_until"] for row in closed}
        queued = await self._database.fetch("stories/waiting_recoveries", list(hosts))
        asked_at = {row["id"]: row["requested_at"] for row in queued}
        return tuple(
            ImageFacts(image, tuple(attempts[image.id]), left_alone.get(hosts[image.id]), asked_at.get(image.id))
            for image in images
        )

    async def _issues(self, venue: VenueView, listings: Sequence[ListingFacts]) -> tuple[OpenIssue, ...]:
        sources = sorted({listing.source for listing in listings})
        rows = await self._database.fetch("stories/issues", venue.slug, sources)
        return tuple(OpenIssue(**dict(row)) for row in rows)


def _with_run(row: Row, runs: Mapping[UUID, ToldRun]) -> dict[str, Any]:
    fields = dict(row)
    run_id = UUID(str(fields.pop("run_id")))
    return {**fields, "run": runs.get(run_id, ToldRun(run_id))}
