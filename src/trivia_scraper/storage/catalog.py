"""Venues, events, performers and sightings in Postgres. Implements `ports.Catalog`."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from trivia_scraper.domain.catalog import DetailClaim, DetailSave, KnownListing, SavedDetail, VanishPlan
from trivia_scraper.domain.models import Detail
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.storage.claiming import claim_detail
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.saving import FilesMissing, save_detail
from trivia_scraper.storage.venue_slugs import nearest


class PostgresCatalog:
    """Each method is one transaction; the long ones live in `claiming` and `saving`."""

    def __init__(self, database: Database, epoch: int, files_missing: FilesMissing) -> None:
        self._database = database
        self._epoch = epoch
        self._files_missing = files_missing
        self._claiming = asyncio.Lock()

    async def known_listings(self, source: str, keys: Sequence[str], at: dt.datetime) -> Mapping[str, KnownListing]:
        """One query for all keys (R213)."""
        rows = await self._database.fetch("catalog/known_listings", source, list(keys), at)
        return {
            row["key"]: KnownListing(
                row["venue_id"],
                row["venue_slug"],
                row["last_seen_at"],
                row["last_processed_at"],
                row["image_refresh_due"],
            )
            for row in rows
        }

    async def keys_of_venues(self, source: str, slugs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Slug → stable keys."""
        keys: dict[str, list[str]] = defaultdict(list)
        for row in await self._database.fetch("catalog/keys_of_venues", source, list(slugs)):
            keys[row["slug"]].append(row["key"])
        return keys

    async def unknown_venues(self, slugs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Unknown slug → nearest known ones."""
        unknown = [row["slug"] for row in await self._database.fetch("catalog/unknown_slugs", list(slugs))]
        if not unknown:
            return {}
        known = [row["slug"] for row in await self._database.fetch("catalog/all_slugs")]
        return {slug: nearest(slug, known) for slug in unknown}

    async def touch_seen(self, source: str, keys: Sequence[str], at: dt.datetime) -> int:
        """How many sightings moved."""
        return await self._database.execute("catalog/touch_seen", source, list(keys), at)

    async def claim(self, detail: Detail, at: dt.datetime) -> DetailClaim:
        """Ids and slugs for a detail (V1-V3, V6, H1)."""
        return await claim_detail(self._database, detail, at, self._claiming)

    async def save_detail(self, save: DetailSave, options: RefreshOptions) -> SavedDetail:
        """Everything a detail says, in one transaction."""
        return await save_detail(self._database, save, options, self._epoch, self._files_missing)

    async def count_vanished(self, source: str, seen_keys: Sequence[str], run_id: UUID) -> VanishPlan:
        """Running, missing and newly missing events of a source."""
        row = await self._database.fetchrow("catalog/count_vanished", source, list(seen_keys), run_id)
        assert row is not None
        return VanishPlan(source, row["running"], row["missing"], row["newly_missing"])

    async def miss_vanished(
        self, source: str, seen_keys: Sequence[str], run_id: UUID, runs_before_missing: int, at: dt.datetime
    ) -> int:
        """Count misses and close what was missed often enough, in one transaction."""
        async with self._database.transaction() as connection:
            rows = await connection.fetch(
                "catalog/count_misses", source, list(seen_keys), run_id, runs_before_missing
            )
            due = [row["event_id"] for row in rows]
            why = f"not shown by {source} in {runs_before_missing} complete runs"
            closed = await connection.fetch("catalog/close_events", due, why, at)
            for row in closed:
                await connection.execute(
                    "catalog/record_change", run_id, at, row["venue_id"], row["id"], source, "vanished",
                    {"status": row["was"]}, {"status": "closed"},
                )  # fmt: skip
            gone = await connection.fetch(
                "catalog/drop_stale_sightings", source, list(seen_keys), runs_before_missing
            )
            left = {row["id"]: row["venue_id"] for row in gone if row["source_left"]}
            for event_id, venue_id in left.items():
                await connection.execute(
                    "catalog/record_change", run_id, at, venue_id, event_id, source, "event_left", {}, {}
                )
            return len(closed)
