"""An image store belongs to one database (R221): development never writes to production's pictures.

A small file in the store names the database, by the cluster's own number and the database's name. Who opens the
store for writing with another database is refused: its recovery and its nightly cleanup would take every picture
for a stray. A dump that was restored elsewhere is another database, too.
"""

from __future__ import annotations

from typing import Final, Protocol

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import SetupError, StorageUnavailable
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.keys import STORE_FOLDER

OWNER_KEY: Final = f"{STORE_FOLDER}/owner.txt"


class OwnedStore(Protocol):
    """What the mark needs of a store."""

    @property
    def place(self) -> str:
        """The store as an error names it."""

    async def read(self, key: str) -> bytes | None:
        """All bytes under a key."""

    async def write_own(self, key: str, body: bytes) -> None:
        """Write a file of the store's own."""

    async def prove_writable(self) -> None:
        """Write and remove something."""


async def own_store(files: OwnedStore, database: Database, log: FilteringBoundLogger) -> None:
    """Make sure that the store is this database's and can be written; one without an owner becomes it.

    Called under the database's store lock. Raises SetupError naming both databases, StorageUnavailable, and what
    the store refuses.
    """
    ours = await database_identity(database)
    owner = await _owner(files)
    if owner is None:
        await files.write_own(OWNER_KEY, f"{ours}\n".encode())
        # Two databases may have come to a new store at once: the one whose mark was overwritten goes away again.
        owner = await _owner(files)
        if owner is None:
            raise StorageUnavailable(f"{files.place} does not give back the name of its owner that was written there")
        log.info(LogEvent.STORE_OWNED, store=files.place, database=ours)
    if owner != ours:
        raise SetupError(
            f"{files.place} belongs to the database {owner}, and this is {ours}: nothing was written",
            hint=f"point [storage] elsewhere; if the pictures are to be this database's, remove {OWNER_KEY} there",
        )
    await files.prove_writable()


async def database_identity(database: Database) -> str:
    """What tells a database from every other: "7412345678901234567/trivia"."""
    return str(await database.fetchval("store_owner/database_identity"))


async def _owner(files: OwnedStore) -> str | None:
    mark = await files.read(OWNER_KEY)
    return None if mark is None else mark.decode("utf-8", "replace").strip()
