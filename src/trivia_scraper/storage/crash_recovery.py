"""After a crash: resolve every intent and empty the staging folder. Cost grows with intents, not files.

Also the invariants that `db check` tells: no row without file, no file without row (safety.md 14).
"""

from __future__ import annotations

from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.ports import FileStore
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.ledger import PostgresLedger


async def recover(
    ledger: PostgresLedger, files: FileStore, log: FilteringBoundLogger, *, shares_staging: bool = False
) -> int:
    """Run while holding the store lock, before anything is stored. Returns how many files went. Repeatable.

    shares_staging  workers may be staging bodies in the same folder: then it is not emptied
    """
    swept = 0 if shares_staging else await files.empty_staging()
    for key, fate in await ledger.collect(await ledger.intents_of_the_gone(), files.delete):
        if fate == "deleted":
            swept += 1
            log.warning(LogEvent.FILE_SWEPT, path=key, why="no row refers to it")
        elif fate not in ("kept", "absent"):
            log.error(LogEvent.IMAGE_DELETE_FAILED, path=key, error=fate)
    return swept


@dataclass(frozen=True, slots=True)
class Consistency:
    """Rows against files.

    problems  every difference that nothing will mend by itself, as sentences; empty = consistent
    pending   keys with an intent: a run at work, or what a crash left for the next start to resolve
    """

    problems: tuple[str, ...]
    pending: tuple[str, ...]


async def compare_rows_and_files(database: Database, files: FileStore) -> Consistency:
    """Compare every row with every file. Changes nothing.

    Looks twice and tells what both looks saw: beside a run at work, a single look meets files on their way.
    """
    first, second = await _look(database, files), await _look(database, files)
    problems = tuple(problem for problem in second.problems if problem in first.problems)
    return Consistency(problems, second.pending)


async def _look(database: Database, files: FileStore) -> Consistency:
    pending = {row["storage_key"] for row in await database.fetch("files/all_intents")}
    lost = {row["key"] for row in await database.fetch("files/all_references")}
    strange: list[str] = []
    # Files come one listing at a time: of a bucket with a million pictures only the differences are kept.
    async for file in files.all_files():
        if file.key in lost:
            lost.remove(file.key)
        elif file.key not in pending:
            strange.append(file.key)
    problems = [f"row without file: {key}" for key in sorted(lost)]
    problems += [f"file without row: {key}" for key in sorted(strange)]
    return Consistency(tuple(problems), tuple(sorted(pending)))
