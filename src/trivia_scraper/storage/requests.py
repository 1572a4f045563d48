"""What people ask of the daemon. Implements `ports.RequestDesk` over the table `run_requests`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

from trivia_scraper.domain.error_documents import INTERRUPTED, error_document, failed_document
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.options import options_from_json, options_to_json
from trivia_scraper.domain.request_details import checked_details
from trivia_scraper.domain.requests import CHANNEL, RequestKind, RequestState, RunRequest
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.holders import Holder, holder_of_session
from trivia_scraper.storage.locking import ADVISORY_KEY

NOBODY: Final = 0
"""The number of whoever only asks: no process writes under it."""


class PostgresRequestDesk:
    """`epoch` is the number under which this process takes requests; whoever only asks has none."""

    def __init__(self, database: Database, epoch: int = NOBODY) -> None:
        self._database = database
        self._epoch = epoch

    async def file(self, request: RunRequest) -> None:
        """File a request and wake the daemon, in one transaction."""
        options = json.loads(options_to_json(request.options))
        async with self._database.transaction() as session:
            await session.execute(
                "requests/file", request.id, request.kind, options, dict(request.details), request.requested_by,
                request.requested_at,
            )  # fmt: skip
            await session.fetchval("requests/notify", CHANNEL, str(request.id))

    async def waiting(self) -> Sequence[RunRequest]:
        """Requests that nobody works on, oldest first. One that cannot be read is ended with an error."""
        found = []
        for row in await self._database.fetch("requests/waiting"):
            try:
                found.append(_request(row))
            except SetupError as error:
                await self._database.execute("requests/refuse", row["id"], error_document(error))
        return found

    async def take(self, request_id: UUID, at: dt.datetime) -> bool:
        """Begin with a request; False when it is finished or somebody works on it."""
        async with self._database.transaction() as session:
            return bool(await session.fetchval("requests/take", request_id, self._epoch, at))

    async def note_progress(self, request_id: UUID, progress: Mapping[str, Any], at: dt.datetime) -> bool:
        """Keep how far it is; True when it is to be stopped: whoever asked wants it, or it is ours no more."""
        async with self._database.transaction() as session:
            asked = await session.fetchval("requests/note_progress", request_id, self._epoch, dict(progress), at)
        return asked is None or bool(asked)

    async def finish(self, request_id: UUID, ok: bool, outcome: Mapping[str, Any], at: dt.datetime) -> None:
        """It has ended; one that is somebody else's by now stays theirs."""
        await self._database.execute("requests/finish", request_id, self._epoch, ok, dict(outcome), at)

    async def put_back(self, request_id: UUID) -> None:
        """It waits again."""
        await self._database.execute("requests/put_back", request_id, self._epoch)

    async def ask_to_stop(self, request_id: UUID, at: dt.datetime) -> None:
        """End a request that nobody works on, and what workers still do of it; of another, whoever works on it learns
        that it is not wanted.
        """
        outcome = failed_document(INTERRUPTED, "taken back before anybody had begun with it")
        async with self._database.transaction() as session:
            if await session.execute("requests/withdraw", request_id, outcome, at):
                await session.execute("spread/call_off", request_id, at)
            await session.execute("requests/ask_to_stop", request_id, at)

    async def state(self, request_id: UUID) -> RequestState | None:
        """How far it is."""
        row = await self._database.fetchrow("requests/state", request_id)
        if row is None:
            return None
        return RequestState(
            id=request_id,
            taken_at=row["taken_at"],
            finished_at=row["finished_at"],
            ok=row["ok"],
            stop_asked_at=row["stop_asked_at"],
            progress=row["progress"] or {},
            outcome=row["outcome"] or {},
        )


async def holder_of_store(database: Database) -> Holder | None:
    """Who holds the store now, as the database knows; None = nobody."""
    name = await database.fetchval("store_lock/holder", ADVISORY_KEY)
    return None if name is None else holder_of_session(name)


def _request(row: asyncpg.Record) -> RunRequest:
    return RunRequest(
        id=UUID(str(row["id"])),
        kind=RequestKind(row["kind"]),
        options=options_from_json(json.dumps(row["options"])),
        details=checked_details(RequestKind(row["kind"]), row["details"]),
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        attempts=row["attempts"],
    )
