"""What `doctor` asks of the database: facts only, nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.stores import open_migrated
from trivia_scraper.domain.checkups import StoreFacts, StoreHolder, UntoldCondition
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.requests import holder_of_store
from trivia_scraper.storage.source_health import stored_healths

MOST_CONDITIONS: Final = 20
TOLD_WITHIN: Final = dt.timedelta(hours=1)
"""A condition is told after a few looks in a row, or not at all in quiet hours."""


async def store_facts(settings: Settings, log: FilteringBoundLogger) -> StoreFacts:
    """One look at everything. Raises DatabaseUnreachable, SchemaTooNew."""
    clock = SystemClock()
    async with open_migrated(settings, log) as database:
        now = clock.now()
        return StoreFacts(
            server_version=str(await database.fetchval("session/server_version")),
            clock_ahead_seconds=await _clock_ahead(database, clock),
            is_pooled=await database.is_behind_transaction_pooler(),
            holder=await _holder(database),
            dead_epochs=[row["epoch"] for row in await database.fetch("store_lock/dead_epochs")],
            sources=await stored_healths(database, load_roster(settings).enabled, now),
            untold=await _untold(database, now),
        )


async def _clock_ahead(database: Database, clock: SystemClock) -> float:
    before = clock.now()
    there: dt.datetime = await database.fetchval("session/clock")
    after = clock.now()
    return (there - (before + (after - before) / 2)).total_seconds()


async def _holder(database: Database) -> StoreHolder | None:
    holder = await holder_of_store(database)
    return None if holder is None else StoreHolder(holder.pid, holder.host, holder.role)


async def _untold(database: Database, now: dt.datetime) -> Sequence[UntoldCondition]:
    rows = await database.fetch("status/notices", MOST_CONDITIONS)
    return [
        UntoldCondition(row["condition"], row["message"], row["first_seen_at"])
        for row in rows
        if row["sent_at"] is None and now - row["first_seen_at"] > TOLD_WITHIN
    ]
