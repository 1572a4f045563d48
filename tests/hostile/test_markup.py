"""H092-H095, H102: markup that stalls a parser is read in a worker, or given up with the worker; the loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from support.crooked_sources import CrookedSource, page_of
from support.imaging import remembering_log, worker_pids
from support.markup import HOSTILE
from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.reading.reader import LONGEST_IN_LOOP, PooledReader
from trivia_scraper.workers.limits import WorkerLimits
from trivia_scraper.workers.pool import KillableWorkers, open_workers

LOADED = ("trivia_scraper.reading.task", "support.crooked_sources")
READABLE = {
    "H092-nested-behind-an-early-comment-end",
    "H092-nested-behind-a-drawing",
    "H092-nested-behind-a-quoted-bracket",
    "H093-attributes-behind-a-quoted-bracket",
}


@pytest.fixture
async def workers() -> AsyncIterator[KillableWorkers]:
    log, _ = remembering_log()
    async with open_workers(WorkerLimits(), log, loaded_once=LOADED) as opened:
        yield opened
    assert worker_pids() == set()


async def outcome(reader: PooledReader, markup: str) -> IndexReading | PageShapeChanged:
    try:
        return await reader.read_index(CrookedSource(), page_of(markup))
    except PageShapeChanged as error:
        return error


@pytest.mark.parametrize("row", HOSTILE)
async def test_markup_that_stalls_a_parser_is_parsed_in_a_worker_or_given_up(
    workers: KillableWorkers, row: str
) -> None:
    """`parsed or PT`: which of both is a matter of the machine, except where the worker has little to do."""
    reader, turns = PooledReader(workers), 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    await outcome(reader, "<p>warm" + " " * LONGEST_IN_LOOP)
    async with asyncio.TaskGroup() as tasks:
        counting = tasks.create_task(count_turns())
        match await outcome(reader, HOSTILE[row]):
            case PageShapeChanged() as error:
                assert row not in READABLE
                assert (error.error_type, error.reason) == (ErrorType.INVALID_RESPONSE, Reason.PARSE_TIMEOUT)
            case IndexReading() as reading:
                assert int(reading.listings[0].key) in worker_pids()
        counting.cancel()
    assert turns, "the loop stood still: nothing was handed to a worker"
