"""The way out of what is held for a person (E6, N9): somebody looked, and says that it is true."""

from __future__ import annotations

import datetime as dt

from trivia_scraper.storage.database import Database


async def release_source(database: Database, source: str, at: dt.datetime) -> int:
    """Count what the last complete index did not show as missed once, and judge the index's size anew.

    Returns how many events. Nothing closes here: further complete runs that do not show them do that, as for
    any single event.
    """
    async with database.transaction() as session:
        released = await session.execute("catalog/release_missing", source)
        await session.execute("runs/release_source", source, at)
        await session.execute("runs/resolve_issues", source, at)
        return released
