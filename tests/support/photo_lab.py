"""A laboratory that dies while it stores one photo: `python photo_lab.py CONFIG`, commands as in `crash_lab`.

Each command names a scenario and a venue of its own. A child makes the venue as the scenario wants it, then stores or
recovers one photo; at the chosen seam it kills itself with SIGKILL. The mode "recover" is the next start: it tells
what is inconsistent, stores the photo that was under way as the next enrichment or recovery would, and tells what is
there in the end.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from support.crash_lab import (
    InProcessInspector,
    Seams,
    in_child,
    load_once,
    no_wait,
    wrap_downloads,
    wrap_files,
    wrap_sessions,
)
from support.house import SilentProgress, capturing_log, house_settings, make_options
from support.photo_desk import failure, photo
from trivia_scraper import bootstrap
from trivia_scraper.domain.catalog import ClaimedOwner
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto, Photo, PhotoSave
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.pipeline.photos import store_photo
from trivia_scraper.pipeline.recovery import recover_owner
from trivia_scraper.policy.photo_merging import entry_of
from trivia_scraper.ports import Services
from trivia_scraper.storage.crash_recovery import compare_rows_and_files

OPTIONS = make_options()
MINE, OTHER = "mine", "other"
"""Two names of photos at the provider."""


@dataclass(frozen=True)
class Scenario:
    """A gallery, and the photo that comes.

    stored    name → address of what is stored before
    failed    name → address of what has failed before and is due; then the venue is recovered
    comes     name and address of what is stored; None = a recovery
    """

    stored: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    comes: tuple[str, str] | None = None


SCENARIOS = {
    "new": Scenario(comes=(MINE, "small")),
    "replaced": Scenario(stored=((MINE, "small"),), comes=(MINE, "another")),
    "same bytes": Scenario(stored=((OTHER, "small"),), comes=(MINE, "small")),
    "smaller": Scenario(stored=((OTHER, "large"),), comes=(MINE, "small")),
    "better": Scenario(stored=((OTHER, "small"),), comes=(MINE, "large")),
    "recovered": Scenario(failed=((MINE, "small"),)),
    "recovered, better": Scenario(stored=((OTHER, "small"),), failed=((MINE, "large"),)),
}


class Gallery:
    """One venue of the laboratory."""

    def __init__(self, services: Services, address: str, scenario: Scenario) -> None:
        self.services = services
        self.address = address
        self.scenario = scenario
        self.owner = ClaimedOwner(OwnerKind.VENUE, 0, "", is_new=False)

    @property
    def database(self) -> Any:
        return self.services.catalog._database  # type: ignore[attr-defined]

    async def open(self, slug: str) -> None:
        """The venue: as the scenario wants it, or as an earlier child left it."""
        async with self.database.transaction() as session:
            row = await session.connection.fetchrow(
                "INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,"
                " updated_at) VALUES ($1, $1, $1, 'GB', 'UTC', 'x', now(), now(), now())"
                " ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id, xmax = 0 AS is_new",
                slug,
            )
        self.owner = replace(self.owner, id=row["id"], slug=slug)
        if row["is_new"]:
            for name, look in self.scenario.stored:
                await self.store(self.photo(name, look), None)
            for name, look in self.scenario.failed:
                await self.write_failure(self.photo(name, look))

    def photo(self, name: str, look: str) -> Photo:
        """As the provider lists it."""
        return photo(name, provider="foursquare", url=f"{self.address}/{look}.jpg")

    async def store(self, wanted: Photo, known: KnownPhoto | None) -> str:
        """By the path of enrichment and recovery."""
        kind = AttemptKind.REFRESH if known is not None and known.has_file else AttemptKind.DOWNLOAD
        async with self.services.locks.hold(self.owner.kind, self.owner.id):
            outcome = await store_photo(wanted, self.owner, known, kind, 1, OPTIONS, self.services)
        assert outcome.failure is None, outcome
        return outcome.kind

    async def write_failure(self, wanted: Photo) -> None:
        """It failed an hour ago and is due."""
        at = self.services.clock.now() - dt.timedelta(hours=1)
        save = PhotoSave(
            owner=self.owner, photo=wanted, known=None, kind=AttemptKind.DOWNLOAD, new=None, failure=failure(),
            closes=False, next_retry_at=at, retry_after_seconds=None, etag=None, last_modified=None, status_code=429,
            attempts=3, duration_ms=1, bytes_received=0,
        )  # fmt: skip
        await self.services.photos.save_photo(save, uuid4(), at, OPTIONS)

    async def act(self) -> str:
        """What the scenario is about; the second time, only what is not done."""
        if self.scenario.comes is None:
            request = RecoveryRequest(include_ambiguous=False)
            recovered = await recover_owner(self.owner.kind, self.owner.id, request, OPTIONS, self.services)
            return recovered.message
        wanted = self.photo(*self.scenario.comes)
        known = entry_of(await self.services.photos.gallery(self.owner.id), wanted.identity)
        if known is not None and known.has_file and known.provider_url == wanted.url:
            return "kept"
        is_reference = known is not None and known.identity != wanted.identity
        return "kept" if is_reference else await self.store(wanted, known)

    async def found(self) -> dict[str, Any]:
        """What is in the gallery, by the photo's address, and what of its names is known."""
        gallery = await self.services.photos.gallery(self.owner.id)
        names = [self.photo(name, "").identity for name in (MINE, OTHER)]
        entries = {name.rpartition(":")[2]: entry_of(gallery, name) for name in names}
        return {
            "living": [
                [each.status, (each.width or 0), each.retry_count, (each.provider_url or "").rpartition("/")[2]]
                for each in gallery.living
            ],
            "names": {name: entry.id for name, entry in entries.items() if entry is not None},
            "tombstones": [each.retry_count for each in gallery.photos if each.deleted_at is not None],
        }

    async def retire(self) -> None:
        """What five venues of a provider show stands for no picture: this one is no such venue from now on."""
        async with self.database.transaction() as session:
            await session.connection.execute(
                "UPDATE images SET provider = 'of a past venue' WHERE owner_id = $1", self.owner.id
            )

    async def problems(self) -> list[str]:
        """Rows against files, all venues; intents too."""
        found = await compare_rows_and_files(self.database, self.services.files)
        return [*found.problems, *found.pending]


async def run_once(config: dict[str, Any], command: dict[str, Any], seams: Seams) -> dict[str, Any]:
    """One child's life, after the recovery that every start begins with."""
    bootstrap.house.PoolInspector = lambda workers, settings: InProcessInspector(seams)  # type: ignore[assignment, misc]
    sections = {"providers": config["providers"]}
    settings = house_settings(Path(config["folder"]), config["database_url"], {}, sections)
    log, _ = capturing_log()
    async with bootstrap.open_services(
        settings, run_id=uuid4(), progress=SilentProgress(), log=log, stopping=lambda: False
    ) as services:
        services = replace(services, sleep=no_wait)
        gallery = Gallery(services, config["address"], SCENARIOS[command["scenario"]])
        answer: dict[str, Any] = {"problems": await gallery.problems()}
        await gallery.open(command["venue"])
        seams.armed = True
        answer["outcome"] = await gallery.act()
        seams.armed = False
        answer["problems"] += await gallery.problems()
        answer |= {**await gallery.found(), "seams": seams.names}
        await gallery.retire()
        return answer


async def prepared(config: dict[str, Any], command: dict[str, Any]) -> dict[str, Any]:
    """Wrap the seams inside the child only; what went wrong is an answer too."""
    seams = Seams(command["mode"], command.get("at", 0))
    wrap_files(seams)
    wrap_sessions(seams)
    wrap_downloads(seams)
    try:
        return await run_once(config, command, seams)
    except Exception as error:
        return {"error": repr(error)}


def main() -> None:
    """Serve commands until stdin closes."""
    config = json.loads(sys.argv[1])
    load_once()
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(in_child(lambda command=command: prepared(config, command))), flush=True)


if __name__ == "__main__":
    main()
