"""Look-ups over a real Postgres: found once for ever, everything else replaceable, no key in a row (V8)."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from support.directory_desk import Desk, detail
from trivia_scraper.domain.lookups import FoundPlace, KnownLookup, LookupOutcome
from trivia_scraper.ports import PlaceLookups
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.lookups import LONGEST_ERROR, PostgresPlaceLookups

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
QUERY = "12 high street, leeds, ls1 4ab, united kingdom"
FOUND = KnownLookup(LookupOutcome.FOUND, NOON, FoundPlace(53.7974185, -1.5437941, "Leeds", "LS1 4AB"))
NOTHING = KnownLookup(LookupOutcome.NOTHING, NOON)
FAILED = KnownLookup(LookupOutcome.FAILED, NOON, error="no answer")


@pytest.fixture
def lookups(database: Database) -> PlaceLookups:
    return PostgresPlaceLookups(database)


async def test_what_was_never_asked_is_unknown(lookups: PlaceLookups) -> None:
    assert await lookups.known(QUERY) is None


@pytest.mark.parametrize(
    "answer", [FOUND, KnownLookup(LookupOutcome.FOUND, NOON, FoundPlace(0.1, -180.0, None)), NOTHING, FAILED]
)
async def test_an_answer_comes_back_as_it_was(lookups: PlaceLookups, answer: KnownLookup) -> None:
    await lookups.remember(QUERY, answer)
    assert await lookups.known(QUERY) == answer
    assert await lookups.known(f"{QUERY} ") is None


@pytest.mark.parametrize("first", [NOTHING, FAILED])
@pytest.mark.parametrize("second", [NOTHING, FAILED, FOUND])
async def test_p4_a_later_answer_replaces_one_without_a_place(
    lookups: PlaceLookups, first: KnownLookup, second: KnownLookup
) -> None:
    later = KnownLookup(second.outcome, NOON + dt.timedelta(days=7), second.place, second.error)
    await lookups.remember(QUERY, first)
    await lookups.remember(QUERY, later)
    assert await lookups.known(QUERY) == later


@pytest.mark.parametrize(
    "second", [NOTHING, FAILED, KnownLookup(LookupOutcome.FOUND, NOON, FoundPlace(1.0, 2.0, None))]
)
async def test_v8_a_place_that_was_found_stays(lookups: PlaceLookups, second: KnownLookup) -> None:
    await lookups.remember(QUERY, FOUND)
    await lookups.remember(QUERY, second)
    assert await lookups.known(QUERY) == FOUND


async def test_v8_no_key_and_no_endless_message_is_stored(lookups: PlaceLookups, database: Database) -> None:
    message = f"could not reach https://lookup.example/search?q=x&key=c4n4ry&limit=1 {'very ' * 500}"
    await lookups.remember(QUERY, KnownLookup(LookupOutcome.FAILED, NOON, error=message))
    async with database.acquire() as session:
        [row] = await session.connection.fetch("SELECT * FROM place_lookups")
    assert "c4n4ry" not in str(row)
    assert row["error"].startswith("could not reach https://lookup.example/search?q=x&key=***")
    assert len(row["error"]) <= LONGEST_ERROR


@pytest.mark.parametrize(
    ("position", "stated"),
    [
        pytest.param((None, None), False, id="none"),
        pytest.param((53.7, -1.5), True, id="V1-stated"),
        pytest.param((53.7974185, -1.5437941), False, id="looked-up"),
        pytest.param((53.7974185, -1.5), True, id="one-half-agrees"),
    ],
)
async def test_v1_a_stated_position_is_told_from_one_that_was_looked_up(
    lookups: PlaceLookups, database: Database, position: tuple[float | None, float | None], stated: bool
) -> None:
    await lookups.remember(QUERY, FOUND)
    await Desk(database).save(detail("first", "crown", latitude=position[0], longitude=position[1]))
    assert await lookups.has_stated_position("first", "crown") is stated
    assert not await lookups.has_stated_position("second", "crown")
    assert not await lookups.has_stated_position("first", "crow")


async def test_v8_one_caller_has_the_turn(lookups: PlaceLookups) -> None:
    """Looking, asking and remembering are one step: of eight callers only the first finds nothing known."""
    asked = 0

    async def ask_unless_known() -> None:
        nonlocal asked
        async with lookups.turn():
            if await lookups.known(QUERY) is None:
                asked += 1
                await lookups.remember(QUERY, FOUND)

    await asyncio.gather(*(ask_unless_known() for _ in range(8)))
    assert asked == 1
