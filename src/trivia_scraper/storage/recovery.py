"""After a crash: resolve every intent and empty the staging folder. Cost grows with intents, not files.

Also the invariants that `db check` tells: no row without file, no file without row (safety.md 14).
"""

from __future__ import annotations

from collections.abc import Sequence

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.files import LocalFileStore
from trivia_scraper.storage.ledger import PostgresLedger


async def recover(ledger: PostgresLedger, files: LocalFileStore, log: FilteringBoundLogger) -> int:
    """Run while holding the store lock, before anything is stored. Returns how many files went. Repeatable."""
    swept = await files.empty_staging()
    for key, fate in await ledger.collect(await ledger.all_intents(), files.delete):
        if fate == "deleted":
            swept += 1
            log.warning(LogEvent.FILE_SWEPT, path=key, why="no row refers to it")
        elif fate not in ("kept", "absent"):
            log.error(LogEvent.IMAGE_DELETE_FAILED, path=key, error=fate)
    return swept


async def broken_invariants(database: Database, files: LocalFileStore) -> Sequence[str]:
    """Every difference between rows and files, as sentences. Empty = consistent."""
    named = {row["key"] for row in await database.fetch("files/all_references")}
    present = set(await files.all_keys())
    pending = {row["storage_key"] for row in await database.fetch("files/all_intents")}
    problems = [f"row without file: {key}" for key in sorted(named - present)]
    problems += [f"file without row: {key}" for key in sorted(present - named - pending)]
    problems += [f"intent left behind: {key}" for key in sorted(pending)]
    return problems
