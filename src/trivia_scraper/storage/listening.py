"""Being woken by NOTIFY: a connection of its own that is made anew whenever it is lost (engine.md: pools reconnect by
themselves, LISTEN connections do not).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

from trivia_scraper.domain.errors import TransientError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.database import Database, Log
from trivia_scraper.storage.sessions import Session

CHECK_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 5.0
RECONNECT_SECONDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Waits between tries to listen again; the last one repeats."""


async def listen(
    database: Database,
    channel: str,
    woken: Callable[[], None],
    log: Log,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> NoReturn:
    """Call `woken` for each notification, for ever; also once listening begins, and begins again: some were missed.

    woken  must neither raise nor block. Who listens looks by itself now and then all the same: a connection that went
           silently is noticed after CHECK_SECONDS
    """
    losses = 0
    while True:
        try:
            async with database.dedicated(f"{database.settings.application_name} listener") as session:
                await _hear(session, channel, woken)
                if losses:
                    log.info(LogEvent.DATABASE_BACK, what="listener")
                losses = 0
                await _until_lost(session)
        except TransientError as error:
            log.debug(LogEvent.DATABASE_LOST, what="listener", error=str(error))
        if not losses:
            log.warning(LogEvent.DATABASE_LOST, what="listener")
        await sleep(RECONNECT_SECONDS[min(losses, len(RECONNECT_SECONDS) - 1)])
        losses += 1


async def _hear(session: Session, channel: str, woken: Callable[[], None]) -> None:
    await session.connection.add_listener(channel, lambda *_: woken())
    woken()


async def _until_lost(session: Session) -> None:
    """Return once the connection has ended, or does not answer any more: a silent network tells nobody (F43)."""
    ended = asyncio.Event()
    session.connection.add_termination_listener(lambda _: ended.set())
    while session.is_usable():
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await ended.wait()
                return
        except TimeoutError:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await session.fetchval("session/backend_pid")
            except TimeoutError:
                session.discard()
