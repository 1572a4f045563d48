"""What providers and hosts taught us survives a restart (images.md 7, 12; R198, R223, R225)."""

from __future__ import annotations

import datetime as dt

import pytest

from support.postgres import settings_for
from trivia_scraper.domain.provider_memory import BreakerState, ProviderPace
from trivia_scraper.ports import ProviderMemory
from trivia_scraper.storage.database import Database, Log, open_database
from trivia_scraper.storage.provider_memory import PostgresProviderMemory

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def memory(database: Database) -> ProviderMemory:
    return PostgresProviderMemory(database)


async def test_nothing_is_known_at_first(memory: ProviderMemory) -> None:
    assert await memory.pace("here") is None
    assert await memory.breaker("photos.example") is None
    assert await memory.usual_wait("here", NOON - WEEK) is None
    assert await memory.request_times("here", NOON - WEEK) == []


async def test_r223_r225_a_new_process_knows_what_the_last_one_learnt(database_url: str, log: Log) -> None:
    opened = BreakerState(10, 900.0, NOON, NOON + dt.timedelta(seconds=900))
    closed = BreakerState(0, 0.0, None, None)
    async with open_database(settings_for(database_url), log) as database:
        memory = PostgresProviderMemory(database)
        await memory.save_pace("here", ProviderPace(400, 0), NOON)
        await memory.save_pace("here", ProviderPace(360, 7), NOON)
        await memory.save_breaker("photos.example", opened, NOON)
        await memory.save_breaker("other.example", opened, NOON)
        await memory.save_breaker("other.example", closed, NOON)
        await memory.note_wait("here", 30.0, NOON)
        await memory.note_request("here", "listing", 4, 0.005, NOON)
    async with open_database(settings_for(database_url), log) as database:
        memory = PostgresProviderMemory(database)
        assert await memory.pace("here") == ProviderPace(360, 7)
        assert await memory.pace("foursquare") is None
        assert await memory.breaker("photos.example") == opened
        assert await memory.breaker("other.example") == closed
        assert await memory.usual_wait("here", NOON - WEEK) == 30.0
        assert await memory.request_times("here", NOON) == [NOON]


@pytest.mark.parametrize(
    ("waits", "median"),
    [([5.0], 5.0), ([1.0, 100.0, 3.0], 3.0), ([1.0, 2.0, 4.0, 100.0], 3.0), ([0.0, 0.0], 0.0)],
)
async def test_r223_the_usual_wait_is_the_median_of_seven_days(
    memory: ProviderMemory, waits: list[float], median: float
) -> None:
    for number, wait in enumerate(waits):
        await memory.note_wait("here", wait, NOON - dt.timedelta(hours=number))
    await memory.note_wait("foursquare", 9_000.0, NOON)
    assert await memory.usual_wait("here", NOON - WEEK) == median
    assert await memory.usual_wait("here", NOON + dt.timedelta(seconds=1)) is None


async def test_waits_too_old_to_count_are_forgotten(memory: ProviderMemory, database: Database) -> None:
    await memory.note_wait("here", 9.0, NOON - dt.timedelta(days=30))
    await memory.note_wait("foursquare", 9.0, NOON - dt.timedelta(days=30))
    await memory.note_wait("here", 5.0, NOON)
    async with database.acquire() as session:
        rows = await session.connection.fetch("SELECT provider, seconds FROM provider_waits ORDER BY provider")
    assert [tuple(row) for row in rows] == [("foursquare", 9.0), ("here", 5.0)]


async def test_r198_requests_are_counted_with_their_cost_oldest_first(
    memory: ProviderMemory, database: Database
) -> None:
    times = [NOON - dt.timedelta(minutes=minutes) for minutes in (0, 50, 10, 70)]
    for at in times:
        await memory.note_request("here", "photo", 1, 0.00304, at)
    await memory.note_request("foursquare", "listing", 0, 0.0, NOON)
    assert await memory.request_times("here", NOON - dt.timedelta(hours=1)) == sorted(times)[1:]
    async with database.acquire() as session:
        total = await session.connection.fetchval("SELECT sum(cost) FROM provider_requests")
    assert str(total) == "0.0120"


async def test_one_caller_has_the_turn(memory: ProviderMemory) -> None:
    async with memory.turn():
        assert memory.turn().locked()  # type: ignore[attr-defined]
