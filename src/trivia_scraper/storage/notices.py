"""What was said about each condition, and what alarms are judged by. Implements `ports.NoticeBook`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Final

from trivia_scraper.domain.notices import Notice
from trivia_scraper.domain.provider_memory import BreakerState
from trivia_scraper.domain.weekly import AlertLevel
from trivia_scraper.storage.database import Database

KEPT: Final = dt.timedelta(days=90)


class PostgresNoticeBook:
    """A row a condition; few, and written by one process only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def notices(self) -> Sequence[Notice]:
        """All that is known."""
        rows = await self._database.fetch("notices/all")
        return [Notice(**{**dict(row), "severity": AlertLevel(row["severity"])}) for row in rows]

    async def save(self, notices: Sequence[Notice], at: dt.datetime) -> None:
        """Write these, and let go of what is over for three months."""
        async with self._database.transaction() as session:
            for notice in notices:
                await session.execute("notices/save", *astuple(notice))
            await session.execute("notices/forget", at - KEPT)


async def tripped_breakers(database: Database) -> Mapping[str, BreakerState]:
    """Hosts that only fail."""
    rows = [dict(row) for row in await database.fetch("notices/tripped_breakers")]
    return {row.pop("host"): BreakerState(**row) for row in rows}


async def held_by_cleanup(database: Database) -> Sequence[str]:
    """What the last cleanup left alone until a person has looked, as sentences."""
    row = await database.fetchrow("weekly/last_cleanup")
    files = (row["report"] or {}).get("files") if row is not None else None
    return [str(sentence) for sentence in (files or {}).get("held", ())]
