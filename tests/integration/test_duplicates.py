"""Pairs of venues that may be one place (sources.md V4): noticed by claims, found by comparing, decided by hand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from support.directory_desk import Desk, detail, evening
from trivia_scraper.domain.directory import PairView
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.duplicates import call_different, duplicate_pairs, find_duplicates
from trivia_scraper.storage.merging import merge_venues
from trivia_scraper.storage.runs import PostgresRunLog
from trivia_scraper.storage.unmerging import unmerge_venue

NOWHERE: dict[str, Any] = {"latitude": None, "longitude": None}
TAP: dict[str, Any] = {"name": "The Crown Tap"}  # in the same building: same address, postcode, position


class Bench(Desk):
    """The desk, and what a person does with pairs."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.database = database

    async def scan(self) -> tuple[int, int]:
        """Pairs that are open afterwards, and those that were dropped."""
        found = await find_duplicates(self.database, self.next_minute())
        return found.open, found.dropped

    async def pairs(self, *, decided: bool = False) -> list[tuple[str, str, str]]:
        return [_told(pair) for pair in await duplicate_pairs(self.database, decided=decided)]

    async def differ(self, left: str, right: str, *, undo: bool = False) -> None:
        await call_different(self.database, left, right, self.next_minute(), undo=undo)

    async def restate(self, slug: str, column: str, value: object) -> None:
        async with self.database.acquire() as session:
            await session.connection.execute(f"UPDATE venues SET {column} = $2 WHERE slug = $1", slug, value)


def _told(pair: PairView) -> tuple[str, str, str]:
    one, other = sorted(venue.slug for venue in pair.venues)
    return one, other, pair.state


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


async def two_in_one_building(bench: Bench) -> None:
    await bench.save(detail("first", "crown"))
    await bench.save(detail("second", "tap", **TAP))


async def test_v2_a_claim_writes_the_pair_that_a_person_should_look_at(bench: Bench) -> None:
    """Two pubs in one building stay two; their pair waits, with both names and what speaks for and against it."""
    await two_in_one_building(bench)
    assert len(await bench.venues()) == 2
    [pair] = await duplicate_pairs(bench.database, decided=False)
    assert [(venue.slug, venue.sources) for venue in pair.venues] == [
        ("the-crown", ("first",)), ("the-crown-tap", ("second",)),
    ]  # fmt: skip
    assert (pair.band, pair.state, pair.decided_at) == ("medium", "open", None)
    assert pair.score == pytest.approx(0.7 * pair.name_similarity + 0.3)
    assert pair.location_similarity == 1
    assert pair.why == "names 85% alike, 0 m apart, same postcode; but a word of the name differs"


async def test_v4_comparing_finds_what_no_claim_could_see(bench: Bench) -> None:
    """Both were claimed with little; their facts came later."""
    await bench.save(detail("first", "a", address=None, city=None, postcode=None, **NOWHERE))
    await bench.save(detail("second", "b", name="Crown Hotel", address=None, city="York", postcode=None, **NOWHERE))
    assert await bench.scan() == (0, 0)
    await bench.restate("the-crown", "city", "York")
    assert await bench.scan() == (1, 0)
    assert await bench.pairs() == [("crown-hotel", "the-crown", "open")]


async def test_v4_comparing_twice_is_once_and_drops_what_is_no_longer_alike(bench: Bench) -> None:
    await two_in_one_building(bench)
    for _ in range(2):
        assert await bench.scan() == (1, 0)
    before = await bench.rows("venue_pairs")
    assert await bench.scan() == (1, 0)
    assert await bench.rows("venue_pairs") == before
    await bench.restate("the-crown-tap", "name", "Billiards")
    assert await bench.scan() == (0, 1)
    assert await bench.rows("venue_pairs") == []


async def test_v4_the_railway_is_never_in_the_report(bench: Bench) -> None:
    for number, postcode in enumerate(("SW16 5SD", "SW15 6TD", "SE22 8HJ")):
        await bench.save(
            detail("first", f"k{number}", name="The Railway", city="London", postcode=postcode,
                   address=f"{number + 2} Station Road, London {postcode}", **NOWHERE)
        )  # fmt: skip
    assert len(await bench.venues()) == 3
    assert await bench.scan() == (0, 0)


async def test_v4_merged_and_unsaved_venues_are_not_compared(bench: Bench) -> None:
    await two_in_one_building(bench)
    await bench.claim(detail("third", "c", name="The Crown Top"))
    assert await bench.scan() == (1, 0)
    await merge_venues(bench.database, "the-crown", "the-crown-tap", bench.next_minute())
    assert await bench.scan() == (0, 0)
    assert await bench.pairs() == []
    [(_, _, state)] = [pair for pair in await bench.pairs(decided=True) if pair[2] != "open"]
    assert state == "merged"


async def test_v4_pairs_called_different_stay_different(bench: Bench) -> None:
    """Through comparisons, and through a merge and its undoing; taken back, the pair waits again."""
    await two_in_one_building(bench)
    await bench.differ("the-crown", "the-crown-tap")
    assert await bench.scan() == (0, 0)
    assert await bench.pairs() == []
    assert await bench.pairs(decided=True) == [("the-crown", "the-crown-tap", "different")]
    await bench.differ("the-crown-tap", "the-crown", undo=True)
    assert await bench.pairs() == [("the-crown", "the-crown-tap", "open")]
    kinds = await bench.change_kinds()
    assert kinds == ["venue_different"] * 2 + ["venue_undecided"] * 2


async def test_v4_venues_that_nobody_compared_can_be_called_different_beforehand(bench: Bench) -> None:
    await bench.save(detail("first", "a"))
    await bench.save(detail("first", "b", name="The Mill", city="York", postcode="YO1 7AA", address=None, **NOWHERE))
    await bench.differ("the-crown", "the-mill")
    await bench.differ("the-crown", "the-mill")  # saying it twice is saying it once
    assert await bench.pairs(decided=True) == [("the-crown", "the-mill", "different")]
    assert len(await bench.change_kinds()) == 2


@pytest.mark.parametrize(
    ("left", "right", "undo", "message"),
    [
        ("the-crown", "the-crow", False, "no venue 'the-crow'"),
        ("the-crown", "the-crown", False, "one venue"),
        ("the-crown", "the-crown-tap", True, "nobody has called"),
    ],
)
async def test_v4_refusals(bench: Bench, left: str, right: str, undo: bool, message: str) -> None:
    await two_in_one_building(bench)
    with pytest.raises(SetupError, match=message):
        await bench.differ(left, right, undo=undo)


async def test_v4_undoing_a_merge_brings_the_open_pair_back(bench: Bench) -> None:
    await two_in_one_building(bench)
    before = await bench.rows("venue_pairs")
    report = await merge_venues(bench.database, "the-crown", "the-crown-tap", bench.next_minute())
    await unmerge_venue(bench.database, report.loser, bench.next_minute())
    assert await bench.rows("venue_pairs") == before


@pytest.mark.parametrize("decision", ["merge", "different"])
async def test_a_decision_settles_the_note_that_doctor_shows(bench: Bench, decision: str) -> None:
    await two_in_one_building(bench)
    runs = PostgresRunLog(bench.database, 1)
    for subject in ("the-crown-tap", "somewhere-else"):
        await runs.raise_issue("look_alike", "second", subject, "the same place?", uuid4(), bench.next_minute())
    if decision == "merge":
        await merge_venues(bench.database, "the-crown", "the-crown-tap", bench.next_minute())
    else:
        await bench.differ("the-crown", "the-crown-tap")
    open_now = [row["subject"] for row in await bench.rows("issues") if row["resolved_at"] is None]
    assert open_now == ["somewhere-else"]


async def test_pairs_stand_open_first_and_the_surest_first(bench: Bench) -> None:
    await two_in_one_building(bench)
    await bench.save(detail("third", "x", name="Crown Tipi", events=[evening(1, "18:00")]))
    await bench.differ("the-crown", "crown-tipi")
    found = await duplicate_pairs(bench.database, decided=True)
    assert [pair.state for pair in found] == ["open", "open", "different"]
    assert found[0].score >= found[1].score


async def test_the_database_holds_open_pairs_only_of_venues_that_stand(bench: Bench) -> None:
    """`db status` counts what waits for a person."""
    await two_in_one_building(bench)
    row = await bench.database.fetchrow("directory/counts")
    assert row is not None
    assert row["open_pairs"] == 1
    await merge_venues(bench.database, "the-crown", "the-crown-tap", bench.next_minute())
    row = await bench.database.fetchrow("directory/counts")
    assert row is not None
    assert (row["open_pairs"], row["venues"]) == (0, 1)
