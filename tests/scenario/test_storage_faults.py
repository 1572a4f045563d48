"""Disk and database fail under a run (F18-F23, F31-F33, F45): events are saved, old pictures stay, all is mended."""

from __future__ import annotations

import asyncio
import errno
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg
import pytest

from support.house import House, open_house
from support.postgres import fresh_database
from support.watched_os import WatchedOs, watch_files
from trivia_scraper.demo.request_log import RequestSeen
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.errors import InstanceLocked
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason, RunReport
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page, PageRequest
from trivia_scraper.ports import BodySink, Fetcher
from trivia_scraper.storage.embedded import EmbeddedServer

KEY = "quizmeisters"
BOTH = ("quizmeisters", "question_one")
MORE_THAN_ANY_DISK = "9000000000 GB"


@pytest.fixture
async def disk(house: House, monkeypatch: pytest.MonkeyPatch) -> WatchedOs:
    """The disk under the open house."""
    return watch_files(monkeypatch)


def counts(report: RunReport) -> Counter[str]:
    """Image outcomes of all sources that occurred."""
    total: Counter[str] = Counter()
    for source in report.sources.values():
        total.update({kind.value: number for kind, number in source.images.items() if number})
    return total


def reasons(report: RunReport) -> set[tuple[ErrorType, Reason | None]]:
    return {(failure.error_type, failure.reason) for failure in report.failures}


def picture_requests(replica: Replica) -> list[RequestSeen]:
    return [seen for seen in replica.site.log.requests() if seen.path in replica.site.gallery]


# --- the disk ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["create", "write", "fsync", "rename", "mkdir"])
async def test_f18_f19_a_full_disk_fails_the_pictures_and_saves_the_event(
    house: House, disk: WatchedOs, step: str
) -> None:
    """F18, F19, R125: the venue is stored, its pictures are deferred by name, nothing half-written stays."""
    with disk.refusing(step, errno.ENOSPC):
        report = await house.run(limit=1, sources=(KEY,))
    assert report.sources[KEY].created == 1
    assert counts(report) == {"failed": 2}
    assert reasons(report) == {(ErrorType.STORAGE_ERROR, Reason.DISK_FULL)}
    assert report.finish_reason is FinishReason.STORAGE_FULL
    assert not report.ok
    [venue] = await house.venues()
    assert venue.events
    assert {(image.status, image.error_type, image.reason) for image in await house.images()} == {
        ("failed", "storage_error", "disk_full")
    }
    assert house.files == {}
    assert list((house.settings.image_dir / ".tmp").iterdir()) == []
    assert house.events("storage.full")
    assert await house.problems() == []


async def test_f18_the_next_run_with_room_repairs_what_a_full_disk_left(house: House, disk: WatchedOs) -> None:
    """F18: resumes with space, without any force."""
    with disk.refusing("rename", errno.ENOSPC):
        await house.run(limit=1, sources=(KEY,))
    failed = await house.images(status="failed")
    assert len(failed) == 2
    report = await house.run(sources=(KEY,))
    assert report.ok
    assert {image.status for image in await house.images()} == {"uploaded"}
    assert {image.id for image in failed} < {image.id for image in await house.images()}
    assert await house.problems() == []


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.ENOSPC, Reason.DISK_FULL), (errno.EIO, None)], ids=["ENOSPC", "EIO"]
)
@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
async def test_f20_a_refused_replacement_keeps_the_old_picture_and_is_repaired(
    house: House, disk: WatchedOs, step: str, number: int, reason: Reason | None
) -> None:
    """F18, F20, D1: other bytes at the site, the disk refuses: the row goes on naming the good old file."""
    await house.run(limit=1, sources=(KEY,))
    before, rows = house.files, await house.images()
    for image in rows:
        house.replica.site.change_image(image.provider_url or "")
    with disk.refusing(step, number):
        report = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)
    assert counts(report) == {"failed": 2}
    assert reasons(report) == {(ErrorType.STORAGE_ERROR, reason)}
    assert (report.finish_reason is FinishReason.STORAGE_FULL) is (reason is Reason.DISK_FULL)
    assert house.files == before
    now = await house.images()
    assert [(image.status, image.sha256) for image in now] == [("uploaded", image.sha256) for image in rows]
    assert {image.error_type for image in now} == {"storage_error"}
    assert await house.problems() == []

    repaired = await house.run(limit=1, sources=(KEY,))  # due although the venue is fresh
    assert counts(repaired) == {"replaced": 2}
    assert {image.error_type for image in await house.images()} == {None}
    assert await house.problems() == []


async def test_f20_equal_bytes_that_could_not_be_rewritten_are_still_served(house: House, disk: WatchedOs) -> None:
    """The key of the refused file is the key of the good one: clearing up must not take that."""
    await house.run(limit=1, sources=(KEY,))
    before = house.files
    for after in range(4):
        with disk.refusing("rename", errno.EIO, after=after):
            assert counts(await house.run(limit=1, sources=(KEY,), force_refresh_images=True))["failed"] >= 1
        assert house.files.keys() == before.keys()
        assert await house.problems() == []


async def test_f23_a_directory_without_rights_fails_only_its_items(house: House, disk: WatchedOs) -> None:
    """F23: one venue's folder cannot be opened: its pictures fail, every other venue's are stored."""
    with disk.refusing("open", errno.EACCES, about="the-golden-lion"):
        report = await house.run(sources=BOTH)
    locked = {image.owner for image in await house.images(status="failed") if image.owner_kind == "venue"}
    assert locked
    assert all("the-golden-lion" in owner for owner in locked)
    assert {failure.error_type for failure in report.failures} == {ErrorType.STORAGE_ERROR}
    assert report.finish_reason is FinishReason.DONE
    assert sum(source.created for source in report.sources.values()) == sum(
        source.visited for source in report.sources.values()
    )
    assert {image.status for image in await house.images() if image.owner not in locked} == {"uploaded"}
    # What cannot be unlinked now keeps its intent; the next start, with rights again, resolves it.
    assert all("intent left behind: venues/the-golden-lion" in problem for problem in await house.problems())


async def test_no_room_pauses_downloads_and_saves_events(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """safety.md 9: below min_free no picture is asked for, the rest goes on; with room again it is made good."""
    async with open_house(tmp_path, database_url, replica, storage={"min_free": MORE_THAN_ANY_DISK}) as house:
        report = await house.run(sources=BOTH)
        assert picture_requests(replica) == []
        assert {"failed"} <= set(counts(report)) <= {"failed", "shared"}  # a host on two pages is told once
        assert reasons(report) == {(ErrorType.STORAGE_ERROR, Reason.DISK_FULL)}
        assert report.finish_reason is FinishReason.STORAGE_FULL
        assert len(await house.venues()) == sum(source.visited for source in report.sources.values()) > 20
        missing = len(await house.images())
    async with open_house(tmp_path, database_url, replica) as house:
        again = await house.run(sources=BOTH)
        assert again.ok
        assert counts(again)["new"] == missing
        assert await house.problems() == []


async def test_no_room_leaves_what_is_stored_alone(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """A forced run without room replaces nothing and loses nothing."""
    async with open_house(tmp_path, database_url, replica) as house:
        await house.run(limit=2)
        before = house.files
    async with open_house(tmp_path, database_url, replica, storage={"min_free": MORE_THAN_ANY_DISK}) as house:
        forced = await house.run(limit=2, force_refresh_images=True)
        assert set(counts(forced)) == {"failed"}
        unforced = await house.run(limit=2, sources=("question_one",), venues=())
        assert house.files == before
        assert {image.status for image in await house.images() if image.storage_key} == {"uploaded"}
        assert unforced.finish_reason is FinishReason.STORAGE_FULL
        assert await house.problems() == []


# --- the database ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class CuttingFetcher:
    """Before chosen requests every connection of the house to its database is ended by the server."""

    inner: Fetcher
    database_url: str
    cuts: frozenset[int]
    requests: int = 0
    ended: int = 0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        await self._count()
        return await self.inner.fetch_page(
            request, accept_language=accept_language, deadline_seconds=deadline_seconds
        )

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        await self._count()
        return await self.inner.download_image(request, sink, options, deadline_seconds=deadline_seconds)

    async def _count(self) -> None:
        self.requests += 1
        if self.requests in self.cuts:
            async with self.one_at_a_time:  # or two of them would end each other
                self.ended += await end_connections(self.database_url)


async def end_connections(database_url: str) -> int:
    """As a restart of the server does it; returns how many there were."""
    connection = await asyncpg.connect(database_url)
    try:
        ended = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    return len(ended)


async def no_wait(_: float) -> None:
    """Retries wait for nobody here."""
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    "cuts", [{1}, {5}, {12}, {30}, {45}, {4, 9, 16, 23, 31, 40}], ids=lambda cuts: "-".join(map(str, sorted(cuts)))
)
async def test_f32_f33_connections_ended_under_a_run_lose_nothing(house: House, cuts: set[int]) -> None:
    """F31-F33: as when the server restarts: the run reconnects and completes, everything is there once."""
    fetcher = CuttingFetcher(house.services.fetcher, house.database_url, frozenset(cuts))
    cut = replace(house, services=replace(house.services, fetcher=fetcher, sleep=no_wait))
    report = await cut.run(sources=BOTH)
    assert fetcher.ended > 0
    assert report.failures == []
    assert report.finish_reason is FinishReason.DONE
    assert {slug: source.created for slug, source in report.sources.items()} == {
        "quizmeisters": 12,
        "question_one": 12,
    }
    assert len(await house.venues()) == 24
    assert {image.status for image in await house.images()} == {"uploaded"}
    assert await house.problems() == []
    assert (await house.query("SELECT ok, finish_reason FROM runs"))[0] == {"ok": True, "finish_reason": "done"}


async def test_f32_connections_ended_under_a_forced_run_replace_nothing_twice(house: House) -> None:
    """Files are switched once each, whatever the database did meanwhile."""
    await house.run(sources=(KEY,))
    before = {image.id: image.version for image in await house.images()}
    fetcher = CuttingFetcher(house.services.fetcher, house.database_url, frozenset({3, 7, 13, 19}))
    forced = replace(house, services=replace(house.services, fetcher=fetcher, sleep=no_wait))
    report = await forced.run(sources=(KEY,), force_refresh_images=True)
    assert report.failures == []
    assert {image.id: image.version - 1 for image in await house.images()} == before
    assert await house.problems() == []


# --- two at once -------------------------------------------------------------------------------------------------


async def test_f45_two_runs_of_one_store_at_once_are_refused(
    house: House, tmp_path: Path, postgres_server: EmbeddedServer
) -> None:
    """F45: the same database, or the same pictures, is the same store; the first one goes on undisturbed."""
    async with fresh_database(postgres_server) as other_database:
        for folder, database_url in (
            (tmp_path, house.database_url),
            (tmp_path / "elsewhere", house.database_url),
            (tmp_path, other_database),
        ):
            with pytest.raises(InstanceLocked, match=f"run {os.getpid()} on host"):
                async with open_house(folder, database_url, house.replica):
                    pytest.fail("two instances hold one store")
    assert (await house.run(limit=1)).ok
    assert await house.problems() == []


async def test_f45_a_store_given_back_can_be_taken_again(tmp_path: Path, database_url: str, replica: Replica) -> None:
    for _ in range(2):
        async with open_house(tmp_path, database_url, replica) as house:
            assert (await house.run(limit=1)).ok
