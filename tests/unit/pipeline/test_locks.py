"""One refresh of an owner at a time, and no other owner waits for it (R40)."""

from __future__ import annotations

import asyncio
import gc

import pytest

from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.pipeline.locks import KeyedLocks

VENUE, PERFORMER = OwnerKind.VENUE, OwnerKind.PERFORMER


async def test_r40_refreshes_of_one_owner_follow_each_other() -> None:
    locks, story = KeyedLocks(), []

    async def refresh(name: str) -> None:
        async with locks.hold(VENUE, 1):
            story.append(f"{name} begins")
            for _ in range(3):
                await asyncio.sleep(0)
            story.append(f"{name} ends")

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(refresh(name))
    assert story == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


@pytest.mark.parametrize(
    "other", [(VENUE, 2), (PERFORMER, 1)], ids=["another-venue", "a-performer-with-the-venues-number"]
)
async def test_another_owner_does_not_wait(other: tuple[OwnerKind, int]) -> None:
    locks = KeyedLocks()
    async with locks.hold(VENUE, 1), asyncio.timeout(10), locks.hold(*other):
        pass


async def test_r40_a_venue_and_its_performer_are_held_together() -> None:
    locks, held = KeyedLocks(), asyncio.Event()

    async def refresh() -> None:
        async with locks.hold(VENUE, 1), locks.hold(PERFORMER, 1):
            held.set()
            await asyncio.sleep(0)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(refresh())
        group.create_task(refresh())
    assert held.is_set()


async def test_r40_a_failed_refresh_gives_its_owner_free() -> None:
    locks = KeyedLocks()
    with pytest.raises(ValueError, match="broken"):
        async with locks.hold(VENUE, 1):
            raise ValueError("broken")
    async with asyncio.timeout(10), locks.hold(VENUE, 1):
        pass


async def test_f04_a_cancelled_waiter_leaves_the_next_one_its_turn() -> None:
    locks, story = KeyedLocks(), []

    async def refresh(name: str) -> None:
        async with locks.hold(VENUE, 1):
            story.append(name)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group, locks.hold(VENUE, 1):
        waiting = group.create_task(refresh("cancelled"))
        group.create_task(refresh("next"))
        await asyncio.sleep(0)
        waiting.cancel()
    assert story == ["next"]


async def test_a_lock_lives_only_while_it_is_used() -> None:
    locks = KeyedLocks()
    async with locks.hold(VENUE, 1), locks.hold(PERFORMER, 2):
        assert len(locks._locks) == 2
    gc.collect()
    assert len(locks._locks) == 0
