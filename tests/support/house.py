"""The whole house in one process: real Postgres, real files, real HTTP against the replica, real image workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import structlog
from structlog.testing import LogCapture

from trivia_scraper.bootstrap import open_services
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.directory import ImageView, VenueView
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, ImageOutcome, RunReport, SourceReport
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.ports import Services
from trivia_scraper.settings import Settings, settings_from
from trivia_scraper.sources import SOURCES
from trivia_scraper.storage.crash_recovery import compare_rows_and_files
from trivia_scraper.storage.directory import PostgresReader

LOOPBACK = ["127.0.0.0/8", "::1/128"]


class SilentProgress:
    """Implements `ports.Progress` and tells nobody."""

    def source_planned(self, source: str, planned: int, listed: int) -> None: ...
    def detail_finished(self, source: str, outcome: DetailOutcome) -> None: ...
    def image_finished(self, source: str, outcome: ImageOutcome) -> None: ...
    def source_finished(self, source: str, report: SourceReport) -> None: ...


def make_options(**changes: Any) -> RefreshOptions:
    """Options of a run that asks for nothing special; tests say what they change."""
    stated: dict[str, Any] = {
        "force_refresh_images": False,
        "force_update": False,
        "clean_first": False,
        "retry_failed_only": False,
        "dry_run": False,
        "limit": None,
        "sources": (),
        "venues": (),
        "providers": (),
        "max_time_seconds": None,
    }
    return RefreshOptions(**{**stated, **changes})


def house_settings(
    folder: Path, database_url: str, index_urls: Mapping[str, str], sections: Mapping[str, Mapping[str, Any]]
) -> Settings:
    """Settings for a store of the test's own that reads the replica, without waits."""
    values: dict[str, Any] = {
        "database": {"url": database_url, "data_dir": str(folder / "postgres")},
        "storage": {"path": str(folder / "images"), "min_free": "1 MB"},
        "http": {"allow_networks": LOOPBACK, "per_host_interval": "0s", "contact": "tests@example.org"},
        "refresh": {"backoff": "0s"},
        # A source without a replica would be read where it really lives.
        "sources": {
            slug: {"index_url": index_urls[slug]} if slug in index_urls else {"enabled": False} for slug in SOURCES
        },
    }
    for section, keys in sections.items():
        values[section] = {**values.get(section, {}), **keys}
    return settings_from(values, state_dir=folder / "state")


def provider_sections(replica: Replica, *slugs: str, **changes: object) -> dict[str, dict[str, Any]]:
    """`[providers]` for these photo providers, at the replica: without limits on requests, `changes` on top.

    The others are switched off, and their addresses point at the replica all the same.
    """
    urls, keys = replica.photo_api_urls, replica.photo_keys
    windows = {"per_second": 0, "per_minute": 0, "per_hour": 0}
    sections: dict[str, dict[str, Any]] = {
        slug: {"enabled": slug in slugs, "base_url": urls[slug], "key": keys[slug], **windows, **changes}
        for slug in keys
    }
    sections["google_places"]["classic_base_url"] = urls["google_classic"]
    return sections


@dataclass(slots=True)
class House:
    """An open store with what tests ask it."""

    services: Services
    settings: Settings
    replica: Replica
    database_url: str
    capture: LogCapture

    async def run(self, **changes: Any) -> RunReport:
        """One refresh with a run id of its own; the log starts anew."""
        self.capture.entries.clear()
        return await refresh(make_options(**changes), replace(self.services, run_id=uuid4()))

    async def venues(self, source: str | None = None) -> Sequence[VenueView]:
        """What `venues list` would show."""
        return await self._reader.venues(source=source)

    async def venue(self, slug: str) -> VenueView:
        """One venue that must be there."""
        found = await self._reader.venue(slug)
        assert found is not None, slug
        return found

    async def images(self, owner: str | None = None, status: str | None = None) -> Sequence[ImageView]:
        """What `images list` would show."""
        return await self._reader.images(owner=owner, status=status)

    async def problems(self) -> Sequence[str]:
        """Broken invariants and intents left behind; empty = rows and files agree, nothing is pending."""
        found = await compare_rows_and_files(self._database, self.services.files)
        return [*found.problems, *(f"intent left behind: {key}" for key in found.pending)]

    async def query(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        """Rows of a statement, for what no reader shows."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Log entries of the last run, of these names or all."""
        return [dict(entry) for entry in self.capture.entries if not names or entry["event"] in names]

    @property
    def files(self) -> dict[str, tuple[int, int]]:
        """Stored files by key: (size, modification time in ns)."""
        root = self.settings.image_dir
        found = {}
        for folder in ("venues", "performers"):
            for path in sorted((root / folder).rglob("*")):
                if path.is_file():
                    found[path.relative_to(root).as_posix()] = (path.stat().st_size, path.stat().st_mtime_ns)
        return found

    async def stored(self) -> dict[str, StoredFile]:
        """Stored files by key, whatever kind of store keeps them."""
        return {file.key: file async for file in self.services.files.all_files()}

    @property
    def _database(self) -> Any:
        return self.services.catalog._database  # type: ignore[attr-defined]

    @property
    def _reader(self) -> PostgresReader:
        files = self.services.files
        return PostgresReader(self._database, files.path_of, files.url_of)


def capturing_log() -> tuple[Any, LogCapture]:
    """A logger that keeps every entry, debug included."""
    capture = LogCapture()
    log = structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.BoundLogger)
    return log, capture


@asynccontextmanager
async def open_house(
    folder: Path, database_url: str, replica: Replica, **sections: Mapping[str, Any]
) -> AsyncIterator[House]:
    """Open a store in `folder`; keyword arguments are sections of settings that replace the tests' own."""
    sections["lookup"] = {"url": replica.lookup_url, **sections.get("lookup", {})}
    settings = house_settings(folder, database_url, replica.index_urls, sections)
    log, capture = capturing_log()
    async with open_services(
        settings, run_id=uuid4(), progress=SilentProgress(), log=log, stopping=lambda: False
    ) as services:
        yield House(services, settings, replica, database_url, capture)
