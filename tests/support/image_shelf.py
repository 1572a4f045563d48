"""Venues, hosts and their images put into the database as they are, for what reads them."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any
from uuid import UUID, uuid4

from trivia_scraper.storage.database import Database

NOON = dt.datetime(2026, 9, 9, 12, 0, tzinfo=dt.UTC)
RUN = UUID("00000000-0000-4000-8000-0000000000f1")


class Shelf:
    """Writes rows by plain statements; every name is unique, every image has an address of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers = itertools.count(1)

    async def execute(self, statement: str, *arguments: object) -> None:
        async with self._database.acquire() as session:
            await session.connection.execute(statement, *arguments)

    async def value(self, statement: str, *arguments: object) -> Any:
        async with self._database.acquire() as session:
            return await session.connection.fetchval(statement, *arguments)

    async def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        async with self._database.acquire() as session:
            return [dict(row) for row in await session.connection.fetch(statement, *arguments)]

    async def venue(self, slug: str, **facts: Any) -> int:
        """A saved venue in Leeds with a position and without a place id, unless facts say otherwise."""
        columns: dict[str, Any] = {
            "slug": slug, "name": slug.title(), "name_key": slug, "city": "Leeds", "country": "GB",
            "latitude": 53.8, "longitude": -1.5, "timezone": "Europe/London", "fact_source": "question_one",
            "saved_at": NOON, "created_at": NOON, "updated_at": NOON, **facts,
        }  # fmt: skip
        return await self._insert("venues", columns)

    async def performer(self, slug: str, **facts: Any) -> int:
        columns = {
            "slug": slug, "name": slug.title(), "name_key": slug, "source": "quizmeisters", "saved_at": NOON,
            "created_at": NOON, **facts,
        }  # fmt: skip
        return await self._insert("performers", columns)

    async def image(self, owner: int, status: str, error_type: str | None = None, **facts: Any) -> int:
        """A gallery image of a venue; with owner_kind="performer" a profile."""
        number = next(self._numbers)
        kind = facts.get("owner_kind", "venue")
        columns: dict[str, Any] = {
            "owner_kind": kind, "owner_id": owner, "role": "gallery" if kind == "venue" else "profile",
            "provider": "google_places", "identity": f"photo-{number}", "status": status, "error_type": error_type,
            "provider_url": f"https://places.example/{number}.jpg", "created_at": NOON, "updated_at": NOON, **facts,
        }  # fmt: skip
        if status == "uploaded" and not facts.get("deleted_at"):
            columns = {"storage_key": f"venues/x/{number}.jpg", "sha256": f"{number:064x}", **columns}
        if error_type is not None:
            columns = {"error_at": NOON - dt.timedelta(hours=1), **columns}
        if status == "permanently_failed":
            columns = {"finalized_at": NOON - dt.timedelta(hours=1), **columns}
        return await self._insert("images", columns)

    async def images(self, owner: int, *many: tuple[int, str, str | None], **facts: Any) -> list[int]:
        """Several alike: (how many, status, error type)."""
        return [
            await self.image(owner, status, error_type, **facts)
            for count, status, error_type in many
            for _ in range(count)
        ]

    async def attempt(
        self, image: int, kind: str, at: dt.datetime, error_type: str | None = None, **facts: Any
    ) -> None:
        columns = {
            "image_id": image, "run_id": RUN, "kind": kind, "at": at,
            "outcome": "failed" if error_type else "recovered",
            "error_type": error_type, "attempt": 1, "duration_ms": 5, **facts,
        }  # fmt: skip
        await self._insert("image_attempts", columns)

    async def request(self, provider: str, at: dt.datetime, kind: str = "listing", cost: float = 0.0) -> None:
        await self._insert("provider_requests", {"provider": provider, "kind": kind, "at": at, "cost": cost})

    async def enrichment_run(self, venue: int, **facts: Any) -> int:
        columns: dict[str, Any] = {
            "run_id": uuid4(), "venue_id": venue, "mode": "forced", "status": "success", "context": {"id": venue},
            "discovered": 0, "uploaded": 0, "failed": 0, "venue_uploaded": 0, "venue_failed": 0, "venue_total": 0,
            "summary": "", "started_at": NOON, "duration_ms": 1000, **facts,
        }  # fmt: skip
        return await self._insert("enrichment_runs", columns)

    async def _insert(self, table: str, columns: dict[str, Any]) -> int:
        names, places = ", ".join(columns), ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        return int(
            await self.value(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id", *columns.values())
        )
