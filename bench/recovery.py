"""Galleries that providers limit, a night's cleanup, the recovery it queues: `python -m bench.recovery [VENUES]`.

Issue 4, what must be shown, 4: of 200 venues with 10 photos each, 40 % of the photos answer 429 to every attempt of
the run that finds them. After that run, one cleanup and the recovery it queued, at least 98 % are stored and less
than 1 % of the venues have transient failures left (images.md 10). The real program against the replica; nobody
waits, so the figures are shares, not speeds.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog

from trivia_scraper.bootstrap import open_services
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto
from trivia_scraper.demo.photo_providers.switches import PhotoShareSwitch, PhotosSwitch
from trivia_scraper.demo.server import Replica, serve_replica
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.pipeline.enrichment import enrich_venue
from trivia_scraper.pipeline.recovery import recover_waiting
from trivia_scraper.ports import Services
from trivia_scraper.settings import Settings, settings_from
from trivia_scraper.sources import SOURCES

VENUES = 200
PHOTOS = 10
LIMITED = 0.4
ATTEMPTS_OF_A_RUN = 3
AT_ONCE = 6
SECONDS_TO_THE_NIGHT = 4 * 3_600
WANTED_STORED_PCT = 98.0
WANTED_VENUES_PCT = 1.0

_ADD_VENUES = """
WITH made AS (
    INSERT INTO venues (slug, name, name_key, city, country, timezone, fact_source, saved_at, created_at, updated_at)
    SELECT 'pub-' || n, 'Pub ' || n, 'pub ' || n, 'Leeds', 'GB', 'Europe/London', 'bench', now(), now(), now()
    FROM generate_series(1, $1::integer) AS n
    RETURNING id, slug
)
INSERT INTO venue_provider_ids SELECT id, 'google_places', 'place-of-' || slug, now() FROM made
"""
_COUNT = """
SELECT (SELECT count(*) FROM images WHERE status = 'uploaded')
           + (SELECT count(*) FROM image_references r JOIN images i ON i.id = r.image_id AND i.status = 'uploaded')
           AS stored,
       (SELECT count(*) FROM images WHERE status LIKE '%failed' AND deleted_at IS NULL) AS failed,
       (SELECT count(DISTINCT owner_id)
        FROM images
        WHERE failure_class(status, retry_count, error_type, $1, $2) = 'transient' AND deleted_at IS NULL)
           AS venues_with_transient
"""


@dataclass(slots=True)
class MovedClock:
    """Implements `ports.Clock`: the real clocks, moved ahead by hand. Waits take no time and move nothing."""

    ahead_seconds: float = 0.0

    def now(self) -> dt.datetime:
        """Wall time, moved."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.ahead_seconds)

    def monotonic(self) -> float:
        """Seconds, moved."""
        return time.monotonic() + self.ahead_seconds


async def no_wait(_: float) -> None:
    """Lets others go on."""
    await asyncio.sleep(0)


class Quiet:
    """Implements `ports.Progress`."""

    def source_planned(self, *_: object) -> None: ...
    def detail_finished(self, *_: object) -> None: ...
    def image_finished(self, *_: object) -> None: ...
    def source_finished(self, *_: object) -> None: ...


def options_of_a_run() -> RefreshOptions:
    """Nothing special."""
    return RefreshOptions(
        force_refresh_images=False,
        force_update=False,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


def settings_of(folder: Path, database: Mapping[str, Any], replica: Replica) -> Settings:
    """A store of its own; one photo provider, at the replica, without limits of ours."""
    return settings_from(
        {
            "database": dict(database),
            "images": {"thumbnail": 0},
            "storage": {"path": str(folder / "images"), "min_free": "1 MB"},
            "http": {"allow_networks": ["127.0.0.0/8", "::1/128"], "per_host_interval": "0s",
                     "per_host_connections": AT_ONCE},
            "providers": {
                "google_places": {
                    "enabled": True, "base_url": replica.photo_api_urls["google_places"], "api": "new",
                    "key": replica.photo_keys["google_places"], "per_second": 0,
                }
            },
            "sources": {slug: {"enabled": False} for slug in SOURCES},
        },
        state_dir=folder / "state",
    )  # fmt: skip


def limit_photos(replica: Replica, venues: int) -> None:
    """Ten small photos for each venue, two fifths of which are refused as often as one run asks."""
    for number in range(1, venues + 1):
        photos = tuple(ReplicaPhoto(id=f"p{number}-{each}", width=640, height=480) for each in range(PHOTOS))
        replica.site.flip(PhotosSwitch(provider="google_places", place=f"place-of-pub-{number}", photos=photos))
    replica.site.flip(PhotoShareSwitch(share=LIMITED, status=429, times=ATTEMPTS_OF_A_RUN))


async def measure(folder: Path, database: Mapping[str, Any], venues: int = VENUES) -> dict[str, Any]:
    """The figures after the run, and after one cleanup and the recovery that it queued."""
    log = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr), wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
    async with serve_replica(1, picture_scale=0.2) as replica:
        limit_photos(replica, venues)
        async with open_services(
            settings_of(folder, database, replica), run_id=uuid4(), progress=Quiet(), log=log, stopping=lambda: False
        ) as services:
            clock = MovedClock()
            return await _measure(replace(services, clock=clock, sleep=no_wait), clock, replica, venues)


async def _measure(services: Services, clock: MovedClock, replica: Replica, venues: int) -> dict[str, Any]:
    started = time.perf_counter()
    await _statement(services, _ADD_VENUES, venues)
    await _enrich(services, venues)
    after_run, calls = await _figures(services, venues), replica.provider_calls()
    clock.ahead_seconds = SECONDS_TO_THE_NIGHT
    options = options_of_a_run()
    cleaned = await clean_up(options, services)
    recovered = await recover_waiting(options, services)
    return {
        "photos": venues * PHOTOS,
        "venues": venues,
        "after_run": after_run,
        "counters": cleaned.counters,
        "recovery": recovered.counts,
        "listings_asked_for_by_recovery": replica.provider_calls() - calls,
        "after_one_night": await _figures(services, venues),
        "seconds": round(time.perf_counter() - started, 1),
    }


async def _enrich(services: Services, venues: int) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(slug: str) -> None:
        async with places:
            await enrich_venue(slug, options_of_a_run(), services)

    async with asyncio.TaskGroup() as group:
        for number in range(1, venues + 1):
            group.create_task(one(f"pub-{number}"))


async def _figures(services: Services, venues: int) -> dict[str, float]:
    classes = services.settings.classes
    [row] = await _statement(services, _COUNT, list(classes.transient), list(classes.permanent))
    return {
        "stored_pct": round(100 * row["stored"] / (venues * PHOTOS), 2),
        "failed": row["failed"],
        "venues_with_transient_pct": round(100 * row["venues_with_transient"] / venues, 2),
    }


async def _statement(services: Services, statement: str, *arguments: object) -> list[Any]:
    async with services.cleaning._database.transaction() as session:  # type: ignore[attr-defined]
        return list(await session.connection.fetch(statement, *arguments))


def rows(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures as lines."""
    yield f"{figures['venues']} venues, {figures['photos']} photos, {LIMITED:.0%} limited; {figures['seconds']} s"
    for name, key in (("after the run", "after_run"), ("after one night", "after_one_night")):
        each = figures[key]
        yield (
            f"{name:<16} {each['stored_pct']:6.2f} % stored, {each['failed']:>4} failed,"
            f" {each['venues_with_transient_pct']:6.2f} % of venues with transient failures"
        )
    yield f"cleanup          {figures['counters']}"
    yield f"recovery         {figures['recovery']}, {figures['listings_asked_for_by_recovery']} listings asked for"


def goals(figures: Mapping[str, Any]) -> list[tuple[str, float, str, bool]]:
    """Goal, value, what is wanted, whether it is met (images.md 10)."""
    night = figures["after_one_night"]
    stored, venues = night["stored_pct"], night["venues_with_transient_pct"]
    return [
        ("photos stored after one night, %", stored, ">= 98", stored >= WANTED_STORED_PCT),
        ("venues with transient failures left, %", venues, "< 1", venues < WANTED_VENUES_PCT),
    ]


def main() -> None:
    """Print the figures; with a job on standard input, as JSON."""
    with tempfile.TemporaryDirectory(prefix="trivia-bench-") as name:
        folder = Path(name)
        venues = int(sys.argv[1]) if len(sys.argv) > 1 else VENUES
        figures = asyncio.run(measure(folder, {"data_dir": str(folder / "postgres")}, venues))
    if len(sys.argv) > 1 or sys.stdin.isatty():
        print("\n".join(rows(figures)))
    else:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
