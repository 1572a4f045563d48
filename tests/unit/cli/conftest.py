"""One call of the command line inside this process, and a stand-in for `bootstrap` that talks to nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from trivia_scraper.cli import run_command_line
from trivia_scraper.domain.checkups import StoreFacts
from trivia_scraper.domain.directory import MergeReport, UnmergeReport
from trivia_scraper.domain.enrichment import VenueContext
from trivia_scraper.domain.errors import ServiceUnreachable
from trivia_scraper.domain.importing import ImportReport
from trivia_scraper.domain.source_health import SourceHealth, SourceState
from trivia_scraper.storage.crash_recovery import Consistency
from unit.cli import cli_samples as samples
from unit.cli.figures_samples import Clock, FakeFigures


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """stdout as the one JSON object that --json promises."""
        [line] = self.out.splitlines()
        document = json.loads(line)
        assert document["schema"] == 1
        return document


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every folder the program knows, below one of ours; no variable of the caller's remains."""
    import os

    for name in list(os.environ):
        if name.startswith("TRIVIA") or name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"):
            monkeypatch.delenv(name)
    for name, folder in (
        ("CONFIGURATION_DIRECTORY", "machine"),
        ("XDG_CONFIG_HOME", "user"),
        ("STATE_DIRECTORY", "state"),
    ):
        monkeypatch.setenv(name, str(tmp_path / folder))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return tmp_path


@pytest.fixture
def call(folders: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run the command line with these words."""

    def call(*words: str) -> Ended:
        capfd.readouterr()
        code = run_command_line(words)
        captured = capfd.readouterr()
        return Ended(code, captured.out, captured.err)

    return call


@dataclass
class FakeBootstrap:
    """What the commands ask of `bootstrap`: answers set by a test, questions recorded."""

    venues: Sequence[Any] = ()
    images: Sequence[Any] = ()
    attempts: Sequence[Any] = ()
    similar: Sequence[str] = ()
    problems: Sequence[str] = ()
    issues: Sequence[Any] = ()
    cleanups: Sequence[Any] = ()
    migrations: Sequence[str] = ("0001_the_directory",)
    pending: Sequence[str] = ()
    url: str = "postgresql://app:c4nary@db.example/trivia"
    failure: BaseException | None = None
    knows_database: bool = True
    module_itself: Any = None
    figures: FakeFigures = field(default_factory=FakeFigures)
    facts: StoreFacts = field(default_factory=lambda: samples.store_facts())
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def note(self, name: str, **arguments: Any) -> None:
        self.asked.append((name, arguments))
        if self.failure is not None:
            raise self.failure

    def module(self) -> ModuleType:
        module = ModuleType("trivia_scraper.bootstrap")
        for name in (
            "open_reader", "open_figures", "open_services", "migrate_database", "database_status", "check_database",
            "database_url", "dump_database", "restore_database", "release_source", "open_issues",
            "duplicate_pairs", "merge_venues", "unmerge_venue", "call_different",
            "explain_venue", "store_facts",
            "identify_venue", "import_images", "cleanup_runs", "ask_daemon", "pause_source", "resume_source",
            "has_database",
        ):  # fmt: skip
            setattr(module, name, getattr(self, f"_{name}"))
        module.SystemClock = Clock  # type: ignore[attr-defined]
        return module

    @asynccontextmanager
    async def _open_reader(self, settings: Any, log: Any):
        self.note("open_reader")
        yield FakeReader(self)

    @asynccontextmanager
    async def _open_figures(self, settings: Any, log: Any):
        self.note("open_figures")
        yield self.figures

    @asynccontextmanager
    async def _open_services(self, settings: Any, **given: Any):
        self.note("open_services", settings=settings, **given)
        yield given

    async def _migrate_database(self, settings: Any, log: Any, dry_run: bool = False) -> Sequence[str]:
        self.note("migrate", dry_run=dry_run)
        return self.migrations

    async def _database_status(self, settings: Any, log: Any) -> dict[str, Any]:
        self.note("status")
        return {"kind": "server", "server_version": "18.6", "applied": ["0001"], "pending": list(self.pending)}

    async def _check_database(self, settings: Any, log: Any) -> Consistency:
        self.note("check")
        return Consistency(tuple(self.problems), ())

    async def _database_url(self, settings: Any, log: Any) -> str:
        self.note("url")
        return self.url

    async def _open_issues(self, settings: Any, log: Any) -> Sequence[Any]:
        self.note("issues")
        return self.issues

    async def _cleanup_runs(self, settings: Any, log: Any, limit: int) -> Sequence[Any]:
        self.note("cleanup_runs", limit=limit)
        return self.cleanups

    async def _release_source(self, settings: Any, log: Any, source: str) -> int:
        self.note("release", source=source)
        return 4

    async def _pause_source(self, settings: Any, log: Any, source: str, by: str, why: str) -> SourceHealth:
        self.note("pause", source=source, by=by, why=why)
        return SourceHealth(source, SourceState.PAUSED, f"paused by {by}: {why}", None, None, None)

    async def _resume_source(self, settings: Any, log: Any, source: str) -> tuple[bool, SourceHealth]:
        self.note("resume", source=source)
        return True, SourceHealth(source, SourceState.OK, "", None, None, None)

    async def _ask_daemon(self, socket: Path, method: str, target: str) -> Any:
        raise ServiceUnreachable("nobody is at home")

    def _has_database(self, settings: Any) -> bool:
        return self.knows_database

    async def _duplicate_pairs(self, settings: Any, log: Any, **chosen: Any) -> tuple[None, Sequence[Any]]:
        self.note("duplicates", **chosen)
        return None, ()

    async def _merge_venues(self, settings: Any, log: Any, left: str, right: str, **how: Any) -> MergeReport:
        self.note("merge", left=left, right=right, **how)
        return MergeReport(left, right, (), 1, 0, ("first:17",), 0, 0)

    async def _unmerge_venue(self, settings: Any, log: Any, slug: str) -> UnmergeReport:
        self.note("unmerge", slug=slug)
        return UnmergeReport("the-crown", slug, 1, ("first:17",), 0)

    async def _call_different(self, settings: Any, log: Any, left: str, right: str, *, undo: bool) -> tuple[str, str]:
        self.note("different", left=left, right=right, undo=undo)
        return left, right

    async def _identify_venue(
        self, settings: Any, log: Any, slug: str, provider: str, provider_id: str, *, remove: bool
    ) -> tuple[VenueContext, bool]:
        self.note("identify", slug=slug, provider=provider, provider_id=provider_id, remove=remove)
        ids = {} if remove else {provider: (provider_id,)}
        return VenueContext(1, slug, "The Crown", None, "York", "GB", None, None, ids), True

    async def _import_images(self, settings: Any, log: Any, records: Any, *, dry_run: bool) -> ImportReport:
        self.note("import", dry_run=dry_run)
        return ImportReport(dry_run=dry_run, read=len(list(records)))

    async def _store_facts(self, settings: Any, log: Any) -> Any:
        self.note("facts")
        return self.facts

    async def _explain_venue(self, settings: Any, log: Any, slug: str, *, visits: int) -> Any:
        self.note("explain", slug=slug, visits=visits)
        known = next((venue for venue in self.venues if venue.slug == slug), None)
        return self.similar if known is None else samples.story(known, *self.images)

    async def _dump_database(self, settings: Any, log: Any, file: Path) -> None:
        self.note("dump", file=file)
        write_dump(file)

    async def _restore_database(self, settings: Any, log: Any, file: Path) -> None:
        self.note("restore", file=file)


def write_dump(file: Path) -> None:
    file.write_bytes(b"dump")


@dataclass
class FakeReader:
    """Answers from the fake's lists."""

    fake: FakeBootstrap

    async def venues(self, **chosen: Any) -> Sequence[Any]:
        self.fake.note("venues", **chosen)
        return self.fake.venues

    async def venue(self, slug: str) -> Any:
        return next((venue for venue in self.fake.venues if venue.slug == slug), None)

    async def similar_venues(self, slug: str) -> Sequence[str]:
        return self.fake.similar

    async def history(self, **chosen: Any) -> Sequence[Any]:
        self.fake.note("history", **chosen)
        return ()

    async def images(self, **chosen: Any) -> Sequence[Any]:
        self.fake.note("images", **chosen)
        return self.fake.images

    async def image(self, image_id: int) -> Any:
        return next((image for image in self.fake.images if image.id == image_id), None)

    async def attempts(self, image_id: int) -> Sequence[Any]:
        return self.fake.attempts


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> FakeBootstrap:
    """Stands in for `trivia_scraper.bootstrap` in this process."""
    import trivia_scraper

    fake = FakeBootstrap()
    module = fake.module_itself = fake.module()
    monkeypatch.setitem(sys.modules, "trivia_scraper.bootstrap", module)
    monkeypatch.setattr(trivia_scraper, "bootstrap", module, raising=False)
    return fake
