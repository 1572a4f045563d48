"""The inner ring of a daemon in the test's own process: chosen loops turn over a real, open house."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from structlog.testing import LogCapture

from support.house import capturing_log, house_settings, make_options
from trivia_scraper.bootstrap import NO_RUN, House, NoProgress, open_house
from trivia_scraper.daemon.duties import Duty, OwnHands
from trivia_scraper.daemon.life import Daemon, Ring
from trivia_scraper.daemon.loops import Loops
from trivia_scraper.daemon.notifying import Notifier
from trivia_scraper.daemon.reloading import LiveSettings
from trivia_scraper.daemon.ring import Everything
from trivia_scraper.daemon.roles import check_settings
from trivia_scraper.daemon.telling import Herald
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.requests import RequestKind, RequestState, RunRequest
from trivia_scraper.metrics import Metrics, built_from
from trivia_scraper.settings import LoadedSettings, Settings

NEVER: Mapping[str, Mapping[str, Any]] = {
    "schedule": {"refresh": "", "verify": "", "snapshot": "", "weekly_report": "", "jitter": "0s"},
    "cleanup": {"enabled": False},
}
SOURCE = "quizmeisters"


class GivenHands(OwnHands):
    """Does what a test gives it instead of what it is told, where a test gives it something."""

    def __init__(self) -> None:
        self.duty: Duty | None = None

    def refresh(self, options: RefreshOptions) -> Duty:
        return self.duty or super().refresh(options)

    def request(self, request: RunRequest) -> Duty | None:
        return self.duty or super().request(request)


@dataclass
class Lab:
    """A daemon, its house, and the ring that works on it."""

    daemon: Daemon
    house: House
    ring: Ring
    hands: GivenHands
    herald: Herald
    capture: LogCapture
    loops: Loops
    loaded: list[LoadedSettings] = field(default_factory=list)

    @asynccontextmanager
    async def turning(self, *names: str) -> AsyncIterator[None]:
        """These loops turn while the context is open; then the daemon is asked to stop, and they end."""
        known = {loop.name: loop for loop in (*self.ring.loops, self.herald.loop())}
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self.loops.keep(known[name]))
            try:
                yield
            finally:
                self.daemon.stop.ask("the test is over")
                self.daemon.gone.ask("the test is over")

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the loops turn until it is so."""
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.01)

    async def event(self, name: str, /, **fields: object) -> dict[str, Any]:
        """The first log entry of this name with these fields, waited for."""

        def found() -> list[dict[str, Any]]:
            return [entry for entry in self.events(name) if fields.items() <= entry.items()]

        await self.until(found)
        return found()[0]

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [dict(entry) for entry in self.capture.entries if entry["event"] in names]

    async def ask(self, **options: Any) -> UUID:
        """File what `run` hands over."""
        request = RunRequest(
            uuid4(), RequestKind.REFRESH, make_options(**options), {}, "a test", dt.datetime.now(dt.UTC)
        )
        await self.house.requests.file(request)
        return request.id

    async def ended(self, request_id: UUID) -> RequestState:
        """How a request ended, waited for."""
        async with asyncio.timeout(30):
            while True:
                state = await self.house.requests.state(request_id)
                assert state is not None
                if state.finished_at is not None:
                    return state
                await asyncio.sleep(0.01)

    async def query(self, statement: str, *arguments: object) -> Sequence[Mapping[str, Any]]:
        async with self.house.database.acquire() as session:
            return [dict(row) for row in await session.connection.fetch(statement, *arguments)]


@asynccontextmanager
async def open_lab(
    folder: Path, database_url: str, replica: Replica, **sections: Mapping[str, Any]
) -> AsyncIterator[Lab]:
    """One source of the replica, nothing by the clock; keyword arguments are sections that replace keys of these."""

    settings, (log, capture) = _settings(folder, database_url, replica, sections), capturing_log()
    loaded = [LoadedSettings(settings, {}, (), ())]
    live = LiveSettings(settings, lambda: loaded[-1], log)
    daemon = Daemon("all", live, check_settings, Notifier.of({}, os.getpid(), log), log, leave=lambda _: None)
    metrics, hands = Metrics(frozenset({SOURCE}), built_from()), GivenHands()
    herald = Herald(daemon, metrics.counts.notice_failed, log)
    async with open_house(
        settings, role="daemon", run_id=NO_RUN, progress=NoProgress(), log=log,
        stopping=lambda: daemon.stop.is_asked, longest_wait_seconds=None,
    ) as house:  # fmt: skip
        daemon.ring = Everything(daemon, house, hands, metrics, herald).ring()
        loops = Loops(daemon.stop, daemon.clock.monotonic, log)
        yield Lab(daemon, house, daemon.ring, hands, herald, capture, loops, loaded)


def reload_with(lab: Lab, folder: Path, database_url: str, replica: Replica, **sections: Mapping[str, Any]) -> None:
    """The daemon reads its settings anew, and these are what it finds."""
    lab.loaded.append(LoadedSettings(_settings(folder, database_url, replica, sections), {}, (), ()))
    assert lab.daemon.reload().error == ""


def _settings(
    folder: Path, database_url: str, replica: Replica, sections: Mapping[str, Mapping[str, Any]]
) -> Settings:
    merged = {name: {**NEVER.get(name, {}), **sections.get(name, {})} for name in {*NEVER, *sections}}
    return house_settings(folder, database_url, {SOURCE: replica.index_urls[SOURCE]}, merged)
