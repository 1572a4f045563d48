"""Reads how much there is, for metrics (operations.md 7): what is cheap, and what looks at every image."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from trivia_scraper.domain.gauges import AGE_BOUNDS, AgeClasses, DirectoryFigures, SourceFigures, StoreFigures
from trivia_scraper.storage.database import Database


class PostgresGauges:
    """Reads only; needs no lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(self, now: dt.datetime) -> StoreFigures:
        """What can be asked every minute: a few rows each, whatever the number of images."""
        row = await self._database.fetchrow("gauges/store", now)
        assert row is not None
        sources = await self._database.fetch("gauges/sources")
        return StoreFigures(
            sources={each["slug"]: SourceFigures(each["state"], each["last_complete_at"]) for each in sources},
            dead_images=row["dead_images"],
            breakers={state: row[state] for state in ("open", "half_open", "closed")},
            file_intents=row["file_intents"],
            orphan_files=row["orphan_files"],
            missing_files=row["missing_files"],
        )

    async def directory(self, now: dt.datetime) -> DirectoryFigures:
        """What reads an index of all images from end to end."""
        states = await self._database.fetch("gauges/image_states")
        classes = await self._database.fetch("gauges/image_ages", now, _moments(now))
        venues = await self._database.fetch("gauges/venues")
        counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(AGE_BOUNDS) + 1))
        seconds: defaultdict[str, float] = defaultdict(float)
        for row in classes:
            counts[row["provider"]][_class_of(row["class"])] += row["images"]
            seconds[row["provider"]] += row["age_seconds"]
        return DirectoryFigures(
            images={row["status"]: row["images"] for row in states},
            ages={name: AgeClasses(tuple(numbers), seconds[name]) for name, numbers in counts.items()},
            stored_bytes=sum(row["bytes"] for row in classes),
            venues={row["source"]: row["venues"] for row in venues},
        )


def _moments(now: dt.datetime) -> list[dt.datetime]:
    """When an image was verified that has just reached a bound, the longest ago first."""
    return [now - dt.timedelta(seconds=bound) for bound in reversed(AGE_BOUNDS)]


def _class_of(moments_before: int | None) -> int:
    """The place in `AgeClasses.counts` of images verified after so many moments; None = never verified."""
    return len(AGE_BOUNDS) - (moments_before or 0)
