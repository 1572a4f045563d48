"""The directory as operators read it: three batched queries a list, never one an item (R213)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.directory import AttemptView, ChangeView, EventView, ImageView, SightingView, VenueView
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.policy.display import display_url
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.venue_slugs import nearest


class PostgresReader:
    """Reads only. `path_of` tells where a storage key lies on disk (None for stores without paths), `url_of` where it
    is served (None where it is not)."""

    def __init__(
        self, database: Database, path_of: Callable[[str], Path | None], url_of: Callable[[str], str | None]
    ) -> None:
        self._database = database
        self._path_of = path_of
        self._url_of = url_of

    async def venues(
        self, *, source: str | None = None, city: str | None = None, limit: int | None = None
    ) -> Sequence[VenueView]:
        """Venues with their events and sightings, ordered by slug."""
        return await self._venues(await self._database.fetch("directory/venues", source, city, None, limit))

    async def venue(self, slug: str) -> VenueView | None:
        """One venue by slug; a retired slug leads to its venue (V6)."""
        found = await self._venues(await self._database.fetch("directory/venues", None, None, slug, 1))
        return found[0] if found else None

    async def similar_venues(self, slug: str) -> Sequence[str]:
        """Up to three known slugs that look like this one."""
        known = [row["slug"] for row in await self._database.fetch("catalog/all_slugs")]
        return nearest(slug, known)

    async def images(
        self,
        *,
        owner: str | None = None,
        source: str | None = None,
        status: str | None = None,
        role: str | None = None,
        limit: int | None = None,
    ) -> Sequence[ImageView]:
        """Image rows, ordered by owner and role."""
        rows = await self._database.fetch("directory/images", owner, source, status, role, None, limit)
        return [self._image(row) for row in rows]

    async def images_of_venue(self, venue_id: int) -> Sequence[ImageView]:
        """Image rows of a venue, then those of the hosts of its running evenings; galleries last."""
        return [self._image(row) for row in await self._database.fetch("directory/images_of_venue", venue_id)]

    async def image(self, image_id: int) -> ImageView | None:
        """One image row."""
        rows = await self._database.fetch("directory/images", None, None, None, None, image_id, 1)
        return self._image(rows[0]) if rows else None

    async def attempts(self, image_id: int) -> Sequence[AttemptView]:
        """The last 50 attempts, newest first."""
        return [AttemptView(**dict(row)) for row in await self._database.fetch("directory/attempts", image_id)]

    async def history(
        self, *, venue_id: int | None = None, run_id: UUID | None = None, limit: int | None = None
    ) -> Sequence[ChangeView]:
        """What changed, newest first: of one venue (with those that were merged into it), of one run, or of all."""
        rows = await self._database.fetch("directory/history", venue_id, run_id, limit)
        return [ChangeView(**{**dict(row), "event_start_time": _hhmm(row["event_start_time"])}) for row in rows]

    async def runs_named(self, beginning: str) -> Sequence[UUID]:
        """Up to two runs whose id begins like this, newest first."""
        return [UUID(str(row["id"])) for row in await self._database.fetch("directory/runs_named", beginning)]

    async def last_runs(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """The last runs with their reports, newest first."""
        return [dict(row) for row in await self._database.fetch("runs/recent", limit)]

    async def _venues(self, rows: Sequence[Row]) -> list[VenueView]:
        events = await self._events([row["id"] for row in rows])
        return [VenueView(**dict(row), events=tuple(events[row["id"]])) for row in rows]

    async def _events(self, venue_ids: list[int]) -> Mapping[int, list[EventView]]:
        rows = await self._database.fetch("directory/events", venue_ids)
        sightings: dict[int, list[SightingView]] = defaultdict(list)
        for row in await self._database.fetch("directory/sightings", [row["id"] for row in rows]):
            fields = dict(row)
            sightings[fields.pop("event_id")].append(SightingView(**fields))
        events: dict[int, list[EventView]] = defaultdict(list)
        for row in rows:
            fields = dict(row)
            venue_id = fields.pop("venue_id")
            fields["start_time"], fields["end_time"] = _hhmm(row["start_time"]), _hhmm(row["end_time"])
            events[venue_id].append(
                EventView(**{**fields, "ordinals": tuple(row["ordinals"])}, sources=tuple(sightings[row["id"]]))
            )
        return events

    def _image(self, row: Row) -> ImageView:
        key = row["storage_key"]
        served = self._url_of(key) if key else None
        return ImageView(
            **dict(row),
            path=self._path(key),
            thumb_path=self._path(row["thumb_key"]),
            url=display_url(ImageStatus(row["status"]), served, row["provider_url"]),
        )

    def _path(self, key: str | None) -> str | None:
        path = self._path_of(key) if key else None
        return None if path is None else str(path)


def _hhmm(time: dt.time | None) -> Any:
    return None if time is None else time.strftime("%H:%M")
