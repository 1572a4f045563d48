"""What the pool promises to any job (safety.md 6); tests of pictures and pages are with imaging and reading."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.crooked_jobs import end_worker, raise_unsendable, spin
from support.imaging import remembering_log, worker_pids
from trivia_scraper.domain.errors import WorkersUnavailable
from trivia_scraper.domain.jobs import KillCause, Killed
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.workers.limits import WorkerLimits
from trivia_scraper.workers.pool import JobCrashed, KillableWorkers, open_workers


@pytest.fixture
async def pool() -> AsyncIterator[tuple[KillableWorkers, list[Any]]]:
    log, events = remembering_log()
    async with open_workers(WorkerLimits(), log, loaded_once=["support.crooked_jobs"]) as workers:
        yield workers, events
    assert worker_pids() == set()


async def test_a_job_is_done_in_another_process(pool: tuple[KillableWorkers, list[Any]]) -> None:
    pid = await pool[0].perform(os.getpid, seconds=5.0, repeat_slow=False)
    assert pid != os.getpid()


@pytest.mark.parametrize(("repeat_slow", "times"), [(True, 2), (False, 1)])
async def test_f13_a_slow_job_is_repeated_where_that_is_wished(
    pool: tuple[KillableWorkers, list[Any]], repeat_slow: bool, times: int
) -> None:
    workers, events = pool
    ended = await workers.perform(spin, seconds=0.3, repeat_slow=repeat_slow)
    assert isinstance(ended, Killed)
    assert ended.cause is KillCause.TIME
    assert [(event["event"], event["why"]) for event in events] == [(LogEvent.WORKER_KILLED, "time")] * times


async def test_f12_a_job_whose_worker_dies_is_repeated_once_in_any_case(
    pool: tuple[KillableWorkers, list[Any]],
) -> None:
    workers, events = pool
    ended = await workers.perform(end_worker, seconds=5.0, repeat_slow=False)
    assert isinstance(ended, Killed)
    assert ended.cause is KillCause.MEMORY
    assert [event["times"] for event in events] == [1, 2]


async def test_a_bug_in_a_job_is_told_in_words_and_breaks_nothing(
    pool: tuple[KillableWorkers, list[Any]],
) -> None:
    workers, events = pool
    with pytest.raises(JobCrashed, match="Unsendable: one") as caught:
        await workers.perform(raise_unsendable, seconds=5.0, repeat_slow=True)
    assert 'raise Unsendable("one", "two")' in "".join(traceback.format_exception(caught.value))
    assert await workers.perform(os.getpid, seconds=5.0, repeat_slow=True) in worker_pids()
    assert events == []


async def test_6_5_workers_without_work_rest_until_the_next_job(pool: tuple[KillableWorkers, list[Any]]) -> None:
    """Nothing of them is left meanwhile; a job at work keeps them."""
    workers, events = pool
    assert not await workers.rest()
    first = await workers.perform(os.getpid, seconds=5.0, repeat_slow=False)
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(workers.perform(spin, seconds=0.3, repeat_slow=False))
        await asyncio.sleep(0)
        assert not await workers.rest()
    assert isinstance(job.result(), Killed)
    assert await workers.rest()
    assert worker_pids() == set()
    assert await workers.perform(os.getpid, seconds=5.0, repeat_slow=False) not in (first, os.getpid())
    assert [event["why"] for event in events] == ["time"]


async def test_a_closed_pool_says_so() -> None:
    async with open_workers(WorkerLimits(), remembering_log()[0]) as workers:
        pass
    with pytest.raises(WorkersUnavailable):
        await workers.perform(os.getpid, seconds=1.0, repeat_slow=False)
