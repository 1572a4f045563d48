"""The Postgres that comes with pip: started on first use, shared by processes, stopped by its last user."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import quote

import structlog

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.cluster import PORT, SUPERUSER, Postmaster
from trivia_scraper.storage.connecting import Endpoint
from trivia_scraper.storage.embedded_binaries import Binaries
from trivia_scraper.storage.server_use import ServerUse

DATABASE: Final = "postgres"
DEFAULTS: Final[Mapping[str, str]] = MappingProxyType({})

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server that this process uses until the context that gave it ends.

    host     the directory of its unix socket
    version  of PostgreSQL, such as "18.6"
    bin_dir  its programs, pg_dump among them
    revive   starts it again should its keeper have died; raises StorageUnavailable
    """

    host: Path
    version: str
    bin_dir: Path
    revive: Callable[[], Awaitable[None]] = field(repr=False)
    user: str = SUPERUSER
    database: str = DATABASE

    @property
    def url(self) -> str:
        """A libpq URL of the server's own database."""
        return self.url_of(self.database)

    def url_of(self, database: str) -> str:
        """A libpq URL of any of its databases."""
        return f"postgresql://{self.user}@/{quote(database)}?host={quote(str(self.host), safe='')}&port={PORT}"

    def endpoint(self) -> Endpoint:
        """What `connecting.connect` needs; nothing is left for PG* variables of the environment to decide."""
        arguments = {
            "host": str(self.host),
            "port": PORT,
            "user": self.user,
            "database": self.database,
            "ssl": False,
            "target_session_attrs": "any",
        }
        return Endpoint(arguments=arguments, url=self.url, bin_dir=self.bin_dir, revive=self.revive)


def describe(binaries: Binaries, postmaster: Postmaster, revive: Callable[[], Awaitable[None]]) -> EmbeddedServer:
    """What the users of a running server need to know of it."""
    return EmbeddedServer(
        host=postmaster.socket_dir, version=binaries.version, bin_dir=binaries.bin_dir, revive=revive
    )


@asynccontextmanager
async def run_embedded(
    data_dir: Path,
    bin_dir: Path | None,
    log: structlog.typing.FilteringBoundLogger,
    server_options: Mapping[str, str] = DEFAULTS,
) -> AsyncIterator[EmbeddedServer]:
    """Use the server of `data_dir`, made and started when needed; any number of processes may at once.

    `bin_dir` is the setting database.embedded_bin_dir, `server_options` are further `-c` settings for the
    process that starts it. Raises SetupError or StorageUnavailable. On the way out the last user waits up
    to 5 s until the server has gone (operations.md 10).
    """
    use = ServerUse(data_dir, bin_dir, server_options)
    try:
        binaries, postmaster, made = await _in_thread(use.start)
        log.info(LogEvent.DATABASE_STARTED, version=binaries.version, data_dir=str(data_dir), first_start=made)
        yield describe(binaries, postmaster, lambda: _in_thread(use.revive))
    finally:
        await _in_thread(use.stop)


async def _in_thread(function: Callable[[], Answer]) -> Answer:
    """Run a blocking, bounded function beside the loop. A cancelled caller waits for its end: no thread is left."""
    running = asyncio.get_running_loop().run_in_executor(None, function)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()
        raise
