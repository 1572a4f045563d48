"""Schema migrations: numbered SQL files, each applied once, in order, in a transaction of its own.

A session advisory lock makes racing migrators wait for each other (F42); the ledger `schema_migrations`
keeps each file's SHA-256, so that an edited migration is found and never run twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from trivia_scraper.domain.errors import SchemaTooNew, SetupError
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.pg_errors import QueryFault
from trivia_scraper.storage.sessions import Session

ADVISORY_KEY: Final = 0x7472_6976_6961_0001
LOCK_WAIT_SECONDS: Final = 120.0
SCRIPT_SECONDS: Final = 3600.0

_FILE_NAME: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of the migrations folder. `checksum` is the hex SHA-256 of its text with LF line ends."""

    number: int
    name: str
    text: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Applied:
    """One row of the ledger."""

    number: int
    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Names of what the database has and of what it still lacks, in order."""

    applied: Sequence[str]
    pending: Sequence[str]


def read_migrations(folder: Path) -> Sequence[Migration]:
    """The migrations of a folder by number. Raises SetupError for a stray name, a gap or a double number."""
    found = sorted((_read_migration(path) for path in folder.glob("*.sql")), key=lambda one: one.number)
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise SetupError(f"migration {expected:04} is missing or doubled: found {migration.name}")
    return found


def _read_migration(path: Path) -> Migration:
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        raise SetupError(f"{path.name} is no name for a migration: NNNN_words.sql is")
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return Migration(int(match.group(1)), path.stem, text, hashlib.sha256(text.encode()).hexdigest())


def plan(known: Sequence[Migration], applied: Sequence[Applied]) -> Sequence[Migration]:
    """What remains to be applied. Pure.

    Raises SchemaTooNew when the database is ahead of this program (F41), SetupError when a migration that
    was applied reads differently today or one before it was left out.
    """
    newest = known[-1].number if known else 0
    ahead = [row.name for row in applied if row.number > newest]
    if ahead:
        raise SchemaTooNew(
            f"the database was written by a newer version of this program: it has {', '.join(ahead)}",
            hint="run the newer version, or restore a dump made before it",
        )
    by_number = {row.number: row for row in applied}
    for migration in known[: len(applied)]:
        _check_unchanged(migration, by_number.get(migration.number))
    return known[len(applied) :]


def _check_unchanged(migration: Migration, row: Applied | None) -> None:
    if row is None:
        raise SetupError(f"migration {migration.name} was left out: later ones are in the database already")
    if row.checksum != migration.checksum:
        raise SetupError(
            f"migration {migration.name} was changed after it had been applied (as {row.name})",
            hint="put the file back as it was and write a new migration for the change",
        )


async def migrate(database: Database, folder: Path, *, dry_run: bool = False) -> Sequence[str]:
    """Apply what is pending; returns the names applied, or with `dry_run` those that would be.

    Raises SchemaTooNew, SetupError, StorageUnavailable (another migrator took longer than
    LOCK_WAIT_SECONDS), QueryFault for a migration that is wrong. A dry run writes nothing.
    """
    known = read_migrations(folder)
    pending = plan(known, await _read_ledger(database))
    if dry_run or not pending:  # an up-to-date schema asks for no lock, and for no right to change it
        return [migration.name for migration in pending]
    async with database.dedicated("trivia-scraper migrations") as session, _alone(session):
        await session.execute("schema/create_ledger")
        pending = plan(known, _applied(await session.fetch("schema/read_ledger")))
        for migration in pending:
            await _apply(session, migration)
    return [migration.name for migration in pending]


async def status(database: Database, folder: Path) -> SchemaStatus:
    """What is applied and what is pending. Writes nothing; raises as `plan` does."""
    applied = await _read_ledger(database)
    pending = plan(read_migrations(folder), applied)
    return SchemaStatus([row.name for row in applied], [migration.name for migration in pending])


async def _read_ledger(database: Database) -> Sequence[Applied]:
    async with database.transaction() as session:
        if not await session.fetchval("schema/ledger_exists"):
            return []
        return _applied(await session.fetch("schema/read_ledger"))


def _applied(rows: Sequence[asyncpg.Record]) -> Sequence[Applied]:
    return [Applied(row["number"], row["name"], row["checksum"]) for row in rows]


@asynccontextmanager
async def _alone(session: Session) -> AsyncIterator[None]:
    """Hold the migrators' lock. It ends with the session, whatever becomes of this process."""
    lock_timeout = await session.fetchval("session/read_setting", "lock_timeout")
    await session.execute("session/set", "statement_timeout", "0")
    await session.execute("session/set", "lock_timeout", f"{LOCK_WAIT_SECONDS:g}s")
    await session.execute("schema/lock", ADVISORY_KEY, timeout_seconds=2 * LOCK_WAIT_SECONDS)
    await session.execute("session/set", "lock_timeout", lock_timeout)
    yield


async def _apply(session: Session, migration: Migration) -> None:
    await session.begin()
    try:
        await session.run_script(migration.text, timeout_seconds=SCRIPT_SECONDS)
        if not session.connection.is_in_transaction():
            raise QueryFault(f"migration {migration.name} ends its own transaction: leave that to the runner")
        await session.execute("schema/record", migration.number, migration.name, migration.checksum)
    except BaseException:
        await session.roll_back()
        raise
    await session.commit()
