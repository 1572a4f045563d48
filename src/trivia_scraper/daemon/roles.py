"""What a daemon of each role opens, and which settings it can work with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap import NO_RUN, House, NoProgress, open_house
from trivia_scraper.daemon.duties import OwnHands
from trivia_scraper.daemon.life import Daemon, Ring
from trivia_scraper.daemon.ring import Everything
from trivia_scraper.daemon.telling import Herald
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.metrics import Metrics
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.holders import Role


def check_settings(settings: Settings) -> None:
    """Refuse settings that no daemon can work with, at the start and at each reload. Raises SetupError."""
    if not load_roster(settings).enabled:
        raise SetupError(
            "every source is switched off in the settings", hint="`trivia-scraper sources list` shows them"
        )


def open_ring(
    daemon: Daemon, metrics: Metrics, herald: Herald, log: FilteringBoundLogger
) -> AbstractAsyncContextManager[Ring]:
    """What the daemon's role works with, opened. Raises as `open_house`."""
    if daemon.role == "all":
        return open_everything(daemon, metrics, herald, log)
    # Only here: what one machine does not need, it does not load.
    from trivia_scraper.daemon.cluster import open_scheduler, open_worker

    if daemon.role == "scheduler":
        return open_scheduler(daemon, metrics, herald, log)
    return open_worker(daemon, metrics, log)


@asynccontextmanager
async def open_everything(
    daemon: Daemon, metrics: Metrics, herald: Herald, log: FilteringBoundLogger
) -> AsyncIterator[Ring]:
    """Hold the store, and do all of it in this process (`--role all`)."""
    async with hold_store(daemon, "daemon", log) as house:
        yield Everything(daemon, house, OwnHands(), metrics, herald).ring()
        house.lock.raise_if_taken()


def hold_store(daemon: Daemon, role: Role, log: FilteringBoundLogger) -> AbstractAsyncContextManager[House]:
    """The store, for as long as this daemon lives."""
    return open_house(
        daemon.settings.current,
        role=role,
        run_id=NO_RUN,
        progress=NoProgress(),
        log=log,
        stopping=lambda: daemon.stop.is_asked,
        longest_wait_seconds=None,
        clock=daemon.clock,
        sleep=daemon.sleep,
    )
