"""Turns at hosts over several machines (sources.md N1), by the server's clock. Implements `ports.HostTurns`."""

from __future__ import annotations

from trivia_scraper.storage.database import Database


class PostgresHostTurns:
    """One row a host. A claim is one statement and holds nothing: the waiting is the caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, host: str, interval_seconds: float) -> float:
        """Seconds until the turn that is ours now. Raises StorageUnavailable, DatabaseUnreachable."""
        return max(0.0, float(await self._database.fetchval("host_turns/claim", host, interval_seconds)))
