"""One soak: a daemon that is watched, troubled, and measured once an hour of its clock."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import structlog

from bench.daemon import status_kb
from bench.mischief import Ballast, Door, SiteMischief
from bench.recovery import MovedClock
from trivia_scraper.daemon.life import Daemon
from trivia_scraper.settings.control_socket import control_socket_path

LOOK_SECONDS = 0.02
WORKING_SECONDS = 0.4
"""By so much the clock is ahead at each look at work: what a site asks to wait is not waited for, and no download
seems to crawl."""
CUT_SECONDS = 0.3
CHANCE_OF_A_CUT = 0.25
"""In an hour, at its first work."""
FULL_HOURS = (9, 17)


@dataclass(frozen=True, slots=True)
class Sample:
    """The daemon at rest, once an hour of its clock."""

    hour: int
    rss_mb: float
    anonymous_mb: float
    descriptors: int
    tasks: int
    images: int
    attempts: int
    jobs_ok: int
    jobs_not_ok: int


@dataclass(slots=True)
class Events:
    """Counts what the daemon logs, and keeps nothing of it but errors that name an exception."""

    counts: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)

    def __call__(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        name = str(event["event"])
        self.counts[name] += 1
        if name == "job.finished":
            self.counts["jobs ok" if event["ok"] else "jobs not ok"] += 1
        if error := event.get("exc_info"):
            self.crashes.append(f"{name}: {error!r}")
        raise structlog.DropEvent


@dataclass(slots=True)
class Soak:
    """One soak, as it goes.

    push_seconds  by so much the clock is pushed ahead at each look, while there is nothing to do
    """

    clock: MovedClock
    push_seconds: float
    events: Events
    chance: random.Random
    site: SiteMischief
    door: Door
    ballast: Ballast | None
    chance_of_a_cut: float = CHANCE_OF_A_CUT
    samples: list[Sample] = field(default_factory=list)
    mischief: Counter[str] = field(default_factory=Counter)
    _hour: int = field(default=-1)
    _wants_cut: bool = field(default=False)

    async def watch(self, daemon: Daemon, begin: dt.datetime, hours: int) -> None:
        """Make trouble and take samples until so many hours have passed, and 40 minutes of the next."""
        end = begin + dt.timedelta(hours=hours, minutes=40)
        while self.clock.now() < end or daemon.state().jobs:
            await asyncio.sleep(LOOK_SECONDS)
            passed = self.clock.now() - begin
            if (hour := int(passed / dt.timedelta(hours=1))) > self._hour:
                self._hour = hour
                await self._trouble()
            if daemon.state().jobs:
                await self._cut_if_wanted()
                self.clock.ahead_seconds += WORKING_SECONDS
            elif passed % dt.timedelta(hours=1) > dt.timedelta(minutes=15) and len(self.samples) <= hour:
                self.samples.append(await self._look(daemon))
            elif self._has_followed(daemon):
                self.clock.ahead_seconds += self.push_seconds

    def _has_followed(self, daemon: Daemon) -> bool:
        """Whether the schedule has seen what the clock shows: then no slot goes by while a turn is on its way."""
        return all(slot.due_at > self.clock.now() for slot in daemon.state().next_slots)

    async def _trouble(self) -> None:
        self.mischief.update(await asyncio.to_thread(self.site.of_an_hour, self._hour))
        self._wants_cut = self.chance.random() < self.chance_of_a_cut
        if self.ballast is not None and self.ballast.is_there:
            self.ballast.drop()
        elif self.ballast is not None and self._hour in FULL_HOURS and self.ballast.load():
            self.mischief["disk full"] += 1

    async def _cut_if_wanted(self) -> None:
        if not self._wants_cut:
            return
        self._wants_cut = False
        self.mischief["database shut"] += 1
        await asyncio.sleep(self.chance.uniform(0.0, 0.2))
        await self.door.shut()
        await asyncio.sleep(CUT_SECONDS)
        self.door.open()

    async def _look(self, daemon: Daemon) -> Sample:
        for page in ("/metrics", "/status.json"):
            await ask(daemon, page)
        process = psutil.Process()
        images, attempts = await self.door.admin.fetchrow(
            "SELECT (SELECT count(*) FROM images), (SELECT count(*) FROM image_attempts)"
        )  # type: ignore[misc]
        return Sample(
            hour=len(self.samples),
            rss_mb=process.memory_info().rss / 1e6,
            anonymous_mb=status_kb(process, "RssAnon") * 1024 / 1e6,
            descriptors=process.num_fds(),
            tasks=len(asyncio.all_tasks()),
            images=images,
            attempts=attempts,
            jobs_ok=self.events.counts["jobs ok"],
            jobs_not_ok=self.events.counts["jobs not ok"],
        )


async def ask(daemon: Daemon, page: str) -> bytes:
    """One page of the control socket."""
    path = control_socket_path(daemon.settings.current.state_dir, {})
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(f"GET {page} HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def clock_at_minute(minute: int) -> MovedClock:
    """A clock that shows this minute of an hour."""
    now = dt.datetime.now(dt.UTC)
    return MovedClock(((minute - now.minute) % 60) * 60 - now.second - now.microsecond / 1e6)


def silent_log(events: Events) -> Any:
    """A logger that only counts."""
    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr), processors=[events],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )  # fmt: skip


@asynccontextmanager
async def open_door(url: str, socket: Path | None) -> AsyncIterator[Door]:
    """A session of its own beside the daemon's."""
    door = Door(await asyncpg.connect(url, server_settings={"application_name": "soak"}), socket)
    try:
        yield door
    finally:
        door.open()
        await door.admin.close()
