"""A real daemon in this process, by a clock that is pushed ahead."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from structlog.typing import FilteringBoundLogger

from bench.recovery import MovedClock
from trivia_scraper.cli.daemon_servers import open_servers
from trivia_scraper.daemon.duties import label_sources
from trivia_scraper.daemon.life import Daemon
from trivia_scraper.daemon.notifying import Notifier
from trivia_scraper.daemon.reloading import LiveSettings
from trivia_scraper.daemon.roles import check_settings, open_ring
from trivia_scraper.daemon.telling import Herald
from trivia_scraper.domain.live import Phase
from trivia_scraper.metrics import Metrics, built_from
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import LoadedSettings, Settings

READY_SECONDS = 120.0


async def _until_ready(daemon: Daemon) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            await asyncio.sleep(0.02)
            if daemon.phase is Phase.READY:
                return


@asynccontextmanager
async def living_daemon(
    settings: Settings, clock: MovedClock, pace: float, log: FilteringBoundLogger
) -> AsyncIterator[Daemon]:
    """A daemon of this store that is ready; asked to stop at the end, and waited for. Its control socket answers.

    pace  all of the daemon's waits are so much shorter
    """
    live = LiveSettings(settings, lambda: LoadedSettings(settings, {}, (), ()), log)
    daemon = Daemon(
        "all", live, check_settings, Notifier.of({}, os.getpid(), log), log, clock=clock, pace=pace,
        leave=lambda _: None,  # this process has something to tell yet
    )  # fmt: skip
    metrics = Metrics(label_sources(load_roster(settings).sources), built_from())
    herald = Herald(daemon, metrics.counts.notice_failed, log)
    with open_servers(daemon, metrics, {}, no_web=True, log=log) as servers:
        async with asyncio.TaskGroup() as group:
            group.create_task(
                daemon.live((*servers, herald.loop()), lambda: open_ring(daemon, metrics, herald, log)), name="daemon"
            )
            try:
                await _until_ready(daemon)
                yield daemon
            finally:
                daemon.stop.ask("the soak is over")
