"""The way out of a held mass disappearance (E6): a person says that it is true."""

from __future__ import annotations

import datetime as dt

from trivia_scraper.storage.database import Database

MASS_DISAPPEARANCE = "mass_disappearance"


async def release_missing(database: Database, source: str, at: dt.datetime) -> int:
    """Count what the last complete index did not show as missed once; returns how many events.

    Nothing closes here: further complete runs that do not show them do that, as for any single event.
    """
    async with database.transaction() as session:
        released = await session.execute("catalog/release_missing", source)
        await session.execute("runs/resolve_issues", MASS_DISAPPEARANCE, source, at)
        return released
