"""What several machines share beside the queue: turns at hosts, and owners one at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
from itertools import pairwise

import asyncpg
import pytest

from support.house import capturing_log
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.pipeline.locks import KeyedLocks
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.host_turns import PostgresHostTurns
from trivia_scraper.storage.owner_locks import SharedOwnerLocks


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


def shared_locks(database: Database) -> SharedOwnerLocks:
    return SharedOwnerLocks(KeyedLocks(), database, no_wait, capturing_log()[0])


async def test_turns_at_a_host_follow_each_other_whoever_asks(database: Database) -> None:
    """Twelve claims of three workers at once: eleven intervals between the first and the last."""
    workers = [PostgresHostTurns(database) for _ in range(3)]
    waits = sorted(await asyncio.gather(*(workers[n % 3].claim("pub.example", 60.0) for n in range(12))))
    assert waits[0] == 0.0
    apart = [round((later - earlier) / 60) for earlier, later in pairwise(waits)]
    assert apart == [1] * 11


async def test_hosts_do_not_wait_for_each_other_and_an_old_turn_costs_nothing(
    database: Database, database_url: str
) -> None:
    turns = PostgresHostTurns(database)
    assert await turns.claim("one.example", 60.0) == 0.0
    assert await turns.claim("two.example", 60.0) == 0.0
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE host_turns SET next_at = now() - interval '1 hour'")
        assert await turns.claim("one.example", 60.0) == 0.0
        await database.execute("host_turns/forget", dt.datetime.now(dt.UTC) - dt.timedelta(minutes=30))
        assert [row["host"] for row in await connection.fetch("SELECT host FROM host_turns")] == ["one.example"]
    finally:
        await connection.close()


async def test_one_machine_at_a_time_has_an_owner(database: Database) -> None:
    one, other = shared_locks(database), shared_locks(database)
    inside, most = 0, 0

    async def refresh(locks: SharedOwnerLocks, owner_id: int) -> None:
        nonlocal inside, most
        async with locks.hold(OwnerKind.VENUE, owner_id):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    try:
        await asyncio.gather(*(refresh(locks, 7) for locks in (one, other, one, other)))
        assert most == 1
        async with one.hold(OwnerKind.VENUE, 7), other.hold(OwnerKind.PERFORMER, 7), other.hold(OwnerKind.VENUE, 8):
            pass
    finally:
        await one.close()
        await other.close()


async def test_a_machine_that_dies_lets_its_owners_go(database: Database) -> None:
    dying, living = shared_locks(database), shared_locks(database)
    async with dying.hold(OwnerKind.VENUE, 7):
        await dying.close()
        async with asyncio.timeout(10), living.hold(OwnerKind.VENUE, 7):
            pass
    await living.close()


async def test_a_wait_that_is_cancelled_leaves_no_owner_locked(database: Database) -> None:
    holder, waiter, third = shared_locks(database), shared_locks(database), shared_locks(database)

    async def wait() -> None:
        async with waiter.hold(OwnerKind.VENUE, 7):
            raise AssertionError("the holder never lets go")

    async with holder.hold(OwnerKind.VENUE, 7):
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(wait())
            await asyncio.sleep(0)
            waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            waiting.result()
    async with asyncio.timeout(10), third.hold(OwnerKind.VENUE, 7):
        pass
    for locks in (holder, waiter, third):
        await locks.close()


async def test_letting_go_that_is_cancelled_leaves_no_owner_locked(database: Database) -> None:
    """A worker that is cut twice lives on, and with it whatever its session still held."""
    cut, other = shared_locks(database), shared_locks(database)
    holds, may_end = asyncio.Event(), asyncio.Event()

    async def refresh() -> None:
        async with cut.hold(OwnerKind.VENUE, 7):
            holds.set()
            await may_end.wait()

    async with cut.hold(OwnerKind.VENUE, 8), asyncio.TaskGroup() as group:
        refreshing = group.create_task(refresh())
        await holds.wait()
        async with cut._turn:  # it cannot say so to the server just now
            may_end.set()
            while not cut._turn._waiters:
                await asyncio.sleep(0)
            refreshing.cancel()
            await asyncio.sleep(0)
        async with asyncio.timeout(10), other.hold(OwnerKind.VENUE, 7):
            pass
    for locks in (cut, other):
        await locks.close()
