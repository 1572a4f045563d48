"""A small daemon in the test's own process: it holds the store as one, and does what is asked of it, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from structlog.testing import LogCapture

from support.house import capturing_log, house_settings
from trivia_scraper import bootstrap
from trivia_scraper.cli.progress import Counting
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.progress import progress_document
from trivia_scraper.domain.requests import CHANNEL, RunRequest
from trivia_scraper.pipeline.requests import execute
from trivia_scraper.policy.request_attempts import given_up, is_cut_off
from trivia_scraper.settings import Settings
from trivia_scraper.storage.background import running_beside
from trivia_scraper.storage.listening import listen
from trivia_scraper.storage.requests import PostgresRequestDesk

NOTE_SECONDS = 0.05


@dataclass
class DeskDaemon:
    """What a test sees of it. `gate` is passed before each listing; `stops` ends it as SIGTERM would."""

    settings: Settings
    house: bootstrap.House
    desk: PostgresRequestDesk
    capture: LogCapture
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    times_woken: int = 0
    stops: bool = False
    knows_of_stop: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self.times_woken += 1
        self.woken.set()

    async def serve(self) -> None:
        """Do what waits whenever a notification comes; nothing else wakes this daemon."""
        while not self.stops:
            await self.woken.wait()
            self.woken.clear()
            for request in await self.desk.waiting():
                await self.work(request)

    async def work(self, request: RunRequest) -> None:
        base = self.house.services
        verdict = given_up(request)
        if verdict is not None:
            await self.desk.finish(request.id, False, verdict, base.clock.now())
            return
        if not await self.desk.take(request.id, base.clock.now()):
            return
        progress, unwanted = Counting(), False

        async def keep_noting() -> None:
            nonlocal unwanted
            while True:
                told = progress_document(figures(progress))
                unwanted = await self.desk.note_progress(request.id, told, base.clock.now())
                if unwanted:
                    self.knows_of_stop.set()
                await asyncio.sleep(NOTE_SECONDS)

        services = replace(base, progress=progress, stopping=lambda: self.stops or unwanted, gate=self.pass_gate)
        async with running_beside(keep_noting()):
            ok, outcome = await execute(request, services)
            await asyncio.sleep(NOTE_SECONDS * 2)
        if self.stops and is_cut_off(request.kind, outcome):
            await self.desk.put_back(request.id)
        else:
            await self.desk.finish(request.id, ok, outcome, base.clock.now())

    async def pass_gate(self) -> None:
        await self.gate.wait()


def figures(progress: Counting) -> Mapping[str, SourceProgress]:
    return {
        source: SourceProgress(each.planned, each.done, each.failed, each.images, each.images_failed, each.bytes)
        for source, each in progress.tallies.items()
    }


@asynccontextmanager
async def running_daemon(
    folder: Path, database_url: str, replica: Replica, *, is_open: bool = True, **sections: Mapping[str, Any]
) -> AsyncIterator[DeskDaemon]:
    """A daemon over the store in `folder`; with `is_open=False` it begins no listing until its gate is opened."""
    sections["lookup"] = {"url": replica.lookup_url}
    settings = house_settings(folder, database_url, replica.index_urls, sections)
    log, capture = capturing_log()
    async with bootstrap.open_house(
        settings, role="daemon", run_id=uuid4(), progress=Counting(), log=log, stopping=lambda: False,
        longest_wait_seconds=10,
    ) as house:  # fmt: skip
        daemon = DeskDaemon(settings, house, PostgresRequestDesk(house.database, house.lock.epoch), capture)
        if is_open:
            daemon.gate.set()
        async with running_beside(listen(house.database, CHANNEL, daemon.wake, log)), asyncio.TaskGroup() as group:
            serving = group.create_task(daemon.serve())
            try:
                yield daemon
                daemon.stops = True
                daemon.gate.set()
                daemon.woken.set()
                await serving
            finally:
                serving.cancel()
