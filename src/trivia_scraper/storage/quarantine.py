"""Files without rows and rows without files, dealt with one key at a time. Implements `ports.Quarantine`.

Each change is one transaction under the key's lock, as put and collect are (safety.md 9): while it goes on, nobody
gives the file a row or takes it away. The ledger's line comes before the file moves, so that a crash at any point
leaves either the file where it was, or a line that says where it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from asyncpg import Record as Row

from trivia_scraper.domain.file_sweeps import Loss, LostImages, QuarantinedFile, StoredRow
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.recovery import OwnerRef
from trivia_scraper.policy.quarantining import REPAIRED_AFTER, Settlement, is_old_enough, quarantine_key, settle_move
from trivia_scraper.ports import FileStore
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.recovering import queue_recovery
from trivia_scraper.storage.sessions import Session

REQUESTED_BY: Final = "cleanup"

_MESSAGES: Final = {
    Loss.MISSING: "its file is not in the image store any more; it is downloaded again",
    Loss.DAMAGED: "its file has other bytes than were stored; it is downloaded again",
}


class PostgresQuarantine:
    """The files themselves are moved by the store that is handed in."""

    def __init__(self, database: Database, files: FileStore, epoch: int) -> None:
        self._database = database
        self._files = files
        self._epoch = epoch

    async def unreferenced(self, keys: Sequence[str]) -> Sequence[str]:
        """Of these keys, those that no row and no intent refers to."""
        return [row["key"] for row in await self._database.fetch("quarantine/unreferenced", list(keys))]

    async def stored_rows(self, after_id: int, limit: int, now: dt.datetime) -> Sequence[tuple[StoredRow, bool]]:
        """Rows with files by id, and whether each is old enough to be repaired."""
        rows = await self._database.fetch("quarantine/stored_rows", after_id, now - REPAIRED_AFTER, limit)
        return [(_stored_row(row), row["is_old_enough"]) for row in rows]

    async def unfinished(self) -> Sequence[QuarantinedFile]:
        """Moves that nobody finished."""
        return [QuarantinedFile(**dict(row)) for row in await self._database.fetch("quarantine/unfinished")]

    async def expired(self, before: dt.datetime) -> Sequence[QuarantinedFile]:
        """Files that were set aside before this."""
        return [QuarantinedFile(**dict(row)) for row in await self._database.fetch("quarantine/expired", before)]

    async def of_run(self, run: int) -> Sequence[QuarantinedFile] | None:
        """What one cleanup still has; None when there was no such cleanup."""
        if not await self._database.fetchval("quarantine/run_exists", run):
            return None
        return [QuarantinedFile(**dict(row)) for row in await self._database.fetch("quarantine/of_run", run)]

    async def held_copy(self, storage_key: str) -> QuarantinedFile | None:
        """The file that was set aside from this key last."""
        row = await self._database.fetchrow("quarantine/held_copy", storage_key)
        return None if row is None else QuarantinedFile(**dict(row))

    async def set_aside(self, run: int, file: StoredFile, now: dt.datetime, *, however_young: bool = False) -> bool:
        """Move a file that no row needs; False when it is needed, young, or not there after all."""
        target = quarantine_key(run, file.key)
        async with self._database.transaction() as session:
            entry = await session.fetchval("quarantine/announce", run, file.key, target, file.bytes)
        async with self._locked(file.key) as session:
            present = await self._files.stat(file.key)
            is_free = present is not None and not await session.fetchval("quarantine/is_needed", file.key)
            moved = False
            if present is not None and is_free and (however_young or is_old_enough(present.modified_at, now)):
                moved = await self._files.move(file.key, target)
            # A repetition after a lost commit finds the file moved already; a store that lists late may not show yet
            # what has just been moved, so that what the move said counts first.
            if not moved:
                moved = await self._files.stat(target) is not None
            if moved:
                await session.execute("quarantine/mark_moved", entry, now)
            else:
                await session.execute("quarantine/forget", entry)
            return moved

    async def settle(self, entry: QuarantinedFile, now: dt.datetime) -> Settlement:
        """Finish or undo a move that a crash interrupted."""
        async with self._locked(entry.storage_key) as session:
            settlement = settle_move(
                in_place=await self._files.stat(entry.storage_key) is not None,
                set_aside=await self._files.stat(entry.quarantine_key) is not None,
                is_referenced=await session.fetchval("files/is_referenced", entry.storage_key),
            )
            if settlement is Settlement.FORGET:
                await session.execute("quarantine/forget", entry.id)
            elif settlement is Settlement.KEEP:
                await session.execute("quarantine/mark_moved", entry.id, now)
            else:
                await self._files.move(entry.quarantine_key, entry.storage_key)
                await session.execute("quarantine/finish", entry.id, "restored", now)
            return settlement

    async def restore(self, entry: QuarantinedFile, now: dt.datetime) -> str:
        """Bring a file back: "restored", "taken" when its key has another file, "gone" when it is not there."""
        async with self._locked(entry.storage_key) as session:
            is_here = await self._files.stat(entry.storage_key) is not None
            if is_here and await self._files.stat(entry.quarantine_key) is not None:
                if await self._files.digest(entry.storage_key) != await self._files.digest(entry.quarantine_key):
                    return "taken"
                # The same file twice: a kill between the copy and the deletion that are a move in a bucket.
                await self._files.delete(entry.quarantine_key)
            # Here and not there: an earlier try moved it, and its commit was lost.
            restored = is_here or await self._files.move(entry.quarantine_key, entry.storage_key)
            how = "restored" if restored else "gone"
            await session.execute("quarantine/finish", entry.id, how, now)
            return how

    async def purge(self, entry: QuarantinedFile, now: dt.datetime) -> bool:
        """Delete a file whose time is over: the file first, the line only if that worked (R218).

        False: it stays, because a row has no other file than this one, or it has left the quarantine already.
        """
        async with self._locked(entry.storage_key) as session:
            is_needed = await session.fetchval("files/is_referenced", entry.storage_key)
            if is_needed and await self._files.stat(entry.storage_key) is None:
                return False
            await self._files.delete(entry.quarantine_key)
            return bool(await session.execute("quarantine/finish", entry.id, "purged", now))

    async def lose_file(self, key: str, loss: Loss, now: dt.datetime, options: RefreshOptions) -> LostImages:
        """Rows of a missing or damaged file let go of it, and their recovery is queued with that (R215).

        Looked at once more under the key's lock: a file that has come back is no loss. The thumbnails are to be
        collected by the caller.
        """
        async with self._locked(key) as session:
            if loss is Loss.MISSING and await self._files.stat(key) is not None:
                return LostImages((), ())
            owners = await session.fetch("quarantine/lock_owners", key)
            rows = await session.fetch(
                "quarantine/lose_file", key, loss.value, _MESSAGES[loss], now,
                [each["owner_kind"] for each in owners], [each["owner_id"] for each in owners],
            )  # fmt: skip
            thumbnails = tuple({row["thumb_key"] for row in rows if row["thumb_key"]})
            await session.execute("files/announce", list(thumbnails), "collect", self._epoch, now)
            living = [row for row in rows if row["is_living"]]
            for owner in {_owner(row) for row in living}:
                wanted = [row["id"] for row in living if _owner(row) == owner]
                await queue_recovery(
                    session, owner, wanted, include_ambiguous=False, is_bulk=True, requested_by=REQUESTED_BY, at=now,
                    options=options,
                )  # fmt: skip
        return LostImages(tuple(row["id"] for row in living), thumbnails)

    async def clear_thumbnail(self, row: StoredRow, now: dt.datetime) -> None:
        """A row names its missing thumbnail no longer."""
        await self._database.execute("quarantine/clear_thumbnail", row.image_id, row.thumb_key, now)

    @asynccontextmanager
    async def _locked(self, key: str) -> AsyncIterator[Session]:
        async with self._database.transaction() as session:
            await session.execute("files/lock_keys", [key])
            yield session


def _stored_row(row: Row) -> StoredRow:
    return StoredRow(
        image_id=row["image_id"],
        owner=_owner(row),
        storage_key=row["storage_key"],
        thumb_key=row["thumb_key"],
        sha256=row["sha256"],
    )


def _owner(row: Row) -> OwnerRef:
    return OwnerRef(OwnerKind(row["owner_kind"]), row["owner_id"])
