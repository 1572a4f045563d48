"""Numbers of the processes that write to a store: who is alive, who may write no more (safety.md 12, F46).

Each process takes a number, and says for as long as it lives that it has it: by a session lock, which the server
frees when the session ends. A new holder of the store shuts out every number whose process is gone. `Database.fenced`
asks in every transaction that writes whether its number still counts.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from trivia_scraper.domain.errors import StoreFenced
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.holders import Holder, Role, session_name
from trivia_scraper.storage.sessions import Session

FENCE_SECONDS: Final = 75.0
"""Longer than the server lets a transaction of a sleeping process stand idle: 60 s."""


async def take_epoch(session: Session, role: Role) -> int:
    """A new number, said to be alive for as long as this session lives."""
    epoch = int(await session.fetchval("store_lock/next_epoch", role, os.getpid(), socket.gethostname()))
    await session.fetchval("store_lock/live", epoch)
    return epoch


async def resume_epoch(session: Session, epoch: int) -> None:
    """Say from a new session that a number is alive. Raises StoreFenced when it was shut out meanwhile."""
    await session.fetchval("store_lock/live", epoch)
    if not await session.fetchval("store_lock/may_write", epoch):
        raise StoreFenced("another instance took the store over while this one was away", hint="nothing was lost")


async def fence_the_dead(session: Session) -> int:
    """Shut out every number whose process is gone; returns how many. Waits for what they are just writing."""
    dead = [row["epoch"] for row in await session.fetch("store_lock/dead_epochs")]
    for epoch in dead:
        await session.begin()
        try:
            await session.fetchval("store_lock/be_patient", str(round(FENCE_SECONDS * 1000)))
            await session.execute("store_lock/fence", epoch, timeout_seconds=FENCE_SECONDS)
        except BaseException:
            await session.roll_back()
            raise
        await session.commit()
    return len(dead)


async def has_workers(database: Database) -> bool:
    """Whether workers are connected: whoever holds the store then shares its hosts, owners and staging with them."""
    return bool(await database.fetchval("store_lock/live_workers"))


async def release_epoch(session: Session, epoch: int) -> None:
    """This process writes no more."""
    await session.execute("store_lock/fence", epoch)


@asynccontextmanager
async def join_store(database: Database, role: Role) -> AsyncIterator[int]:
    """Work on a store beside others, without holding it; gives the number to write under.

    A lost session is not taken up again: `Database.fenced` raises StoreFenced once somebody noticed, and the process
    joins anew under another number.
    """
    async with database.dedicated(session_name(Holder(os.getpid(), socket.gethostname(), role))) as session:
        epoch = await take_epoch(session, role)
        try:
            yield epoch
        finally:
            if session.is_usable():
                await release_epoch(session, epoch)
