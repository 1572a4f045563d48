"""One connection in use: queries by name, transactions by hand, errors in the words of the domain.

BEGIN and COMMIT are sent by us and not by asyncpg's transaction object, because that one neither tells a
failing COMMIT from a failing query nor notices that the server answered COMMIT with ROLLBACK.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Final, TypeVar

import asyncpg

from trivia_scraper.storage.connecting import Connection
from trivia_scraper.storage.pg_errors import DRIVER_ERRORS, Phase, QueryFault, is_lost, translate
from trivia_scraper.storage.queries import sql

ROLLBACK_SECONDS: Final = 5.0

Answer = TypeVar("Answer")


class Session:
    """A connection lent by `Database.acquire` or `Database.transaction`.

    Every method raises StorageUnavailable, RowRejected, StorageFull, SetupError, or QueryFault for a bug.
    `connection` is asyncpg's own, for what has no method here; its errors are translated where the session
    is given back.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def fetch(self, name: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """All rows of the query `sql/<name>.sql`."""
        return await self._guard(self.connection.fetch(sql(name), *arguments))

    async def fetchrow(self, name: str, *arguments: object) -> asyncpg.Record | None:
        """The first row, or None."""
        return await self._guard(self.connection.fetchrow(sql(name), *arguments))

    async def fetchval(self, name: str, *arguments: object) -> Any:
        """The first column of the first row, or None."""
        return await self._guard(self.connection.fetchval(sql(name), *arguments))

    async def execute(self, name: str, *arguments: object, timeout_seconds: float | None = None) -> int:
        """Run a query for its effect; returns how many rows it touched. The time limit is ours, not the server's."""
        return _rows_of_tag(
            await self._guard(self.connection.execute(sql(name), *arguments, timeout=timeout_seconds))
        )

    async def execute_alone(self, name: str, *arguments: object) -> int:
        """`execute` outside a transaction, where the statement commits itself: a loss is a CommitUnknown."""
        return _rows_of_tag(await self._guard(self.connection.execute(sql(name), *arguments), Phase.COMMIT))

    async def executemany(self, name: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a query once for each row of arguments, in one batch."""
        await self._guard(self.connection.executemany(sql(name), rows))

    async def run_script(self, text: str, *, timeout_seconds: float | None = None) -> None:
        """Run several statements as they stand: for migrations."""
        await self._guard(self.connection.execute(text, timeout=timeout_seconds))

    async def begin(self) -> None:
        """Start a transaction."""
        await self._guard(self.connection.execute("BEGIN"))

    async def commit(self) -> None:
        """End the transaction.

        Raises CommitUnknown when the connection went away meanwhile, QueryFault when the server answered
        ROLLBACK because the body had swallowed an error.
        """
        try:
            tag = await self.connection.execute("COMMIT")
        except DRIVER_ERRORS as error:
            self._discard_if_lost(error)
            raise translate(error, Phase.COMMIT) from error
        if tag != "COMMIT":
            raise QueryFault(f"the transaction was rolled back at COMMIT (answer {tag}): its body hid an error")

    async def roll_back(self) -> None:
        """Undo the transaction; a connection that cannot is thrown away, which undoes it as well."""
        if not self.is_usable():
            return
        try:
            async with asyncio.timeout(ROLLBACK_SECONDS):
                await self.connection.execute("ROLLBACK")
        except DRIVER_ERRORS:
            self.discard()

    def is_usable(self) -> bool:
        """Whether the connection is still there, as far as this side knows."""
        try:
            return not self.connection.is_closed()
        except asyncpg.InterfaceError:  # the pool took a dead connection away from its proxy
            return False

    def is_idle(self) -> bool:
        """Whether it may go back into the pool: there, and in no transaction."""
        return self.is_usable() and not self.connection.is_in_transaction()

    def discard(self) -> None:
        """Cut the connection without waiting for anything in flight."""
        if self.is_usable():
            self.connection.terminate()

    async def _guard(self, answer: Awaitable[Answer], phase: Phase = Phase.QUERY) -> Answer:
        try:
            return await answer
        except DRIVER_ERRORS as error:
            self._discard_if_lost(error)
            raise translate(error, phase) from error

    def _discard_if_lost(self, error: BaseException) -> None:
        if is_lost(error):
            self.discard()


def _rows_of_tag(tag: str) -> int:
    """`INSERT 0 3` → 3; a tag without a count, such as `CREATE TABLE`, → 0."""
    last = tag.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
