"""How a stop reaches whoever waits, and how a process that does not end is left (safety.md 12, F07)."""

from __future__ import annotations

import asyncio
import threading

import pytest

from trivia_scraper.daemon.leaving import LastResort
from trivia_scraper.daemon.stopping import Stop


async def test_a_stop_cuts_a_wait_short() -> None:
    stop, seen = Stop(), []

    async def work() -> None:
        async with stop.cutting_short():
            seen.append("in")
            await asyncio.Event().wait()
            seen.append("never")
        seen.append("out")

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(work())
        await asyncio.sleep(0)
        stop.ask("SIGTERM")
    assert seen == ["in", "out"]


async def test_a_body_that_ends_first_is_left_alone() -> None:
    stop = Stop()
    async with stop.cutting_short():
        await asyncio.sleep(0)
    stop.ask("later")
    await asyncio.sleep(0)


async def test_after_a_stop_nothing_is_waited_for() -> None:
    stop = Stop()
    stop.ask("SIGTERM")
    async with asyncio.timeout(10), stop.cutting_short():
        await asyncio.Event().wait()


async def test_errors_and_time_limits_of_the_body_pass() -> None:
    stop = Stop()
    with pytest.raises(TimeoutError):
        async with stop.cutting_short(), asyncio.timeout(0):
            await asyncio.Event().wait()
    with pytest.raises(ValueError, match="own"):
        async with stop.cutting_short():
            raise ValueError("its own")


async def test_a_cancelled_task_stays_cancelled() -> None:
    stop = Stop()

    async def work() -> None:
        async with stop.cutting_short():
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    stop.ask("SIGTERM")
    with pytest.raises(asyncio.CancelledError):
        await task


def test_f07_the_last_resort_leaves_even_if_nobody_can_be_told() -> None:
    left, hangs = threading.Event(), threading.Event()
    resort = LastResort(hangs.wait, left.set)
    resort.arm(0)
    assert left.wait(20)
    hangs.set()


def test_what_was_closed_in_time_is_not_left() -> None:
    left = threading.Event()
    resort = LastResort(lambda: None, left.set)
    before = set(threading.enumerate())
    resort.arm(3600)
    [timer] = set(threading.enumerate()) - before
    resort.disarm()
    timer.join(20)
    assert not timer.is_alive()
    assert not left.is_set()
