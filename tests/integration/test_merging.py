"""Two stored venues become one and two again (sources.md V5): nothing is lost, nothing is half done."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from support.directory_desk import Desk, detail, evening
from support.house import make_options
from trivia_scraper.domain.catalog import ClaimedOwner, DetailSave, ImageSave, NewBytes
from trivia_scraper.domain.directory import MergeReport, UnmergeReport, VenueView
from trivia_scraper.domain.errors import SetupError, StorageUnavailable
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.domain.models import ImageRef, ImageRole, OwnerKind
from trivia_scraper.domain.outcomes import ImageOutcomeKind
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.duplicates import call_different, duplicate_pairs
from trivia_scraper.storage.merging import merge_venues
from trivia_scraper.storage.unmerging import unmerge_venue

STORED = (
    "venues", "venue_keys", "slug_redirects", "events", "event_sources", "performers", "images", "venue_pairs",
)  # fmt: skip
"""Every table that a merge writes to, the story and its own record apart."""
OLD: dict[str, Any] = {
    "name": "The Old Crown", "address": "12a High Street", "postcode": "LS1 4AC", "latitude": 53.7976,
}  # fmt: skip
"""Another pub, as far as matching can tell."""


class Floor(Desk):
    """The desk, and what merging does to what it stored."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.database = database

    async def merge(self, left: str, right: str, **how: Any) -> MergeReport:
        return await merge_venues(self.database, left, right, self.next_minute(), **how)

    async def unmerge(self, slug: str) -> UnmergeReport:
        return await unmerge_venue(self.database, slug, self.next_minute())

    async def stored(self) -> dict[str, list[str]]:
        """Whole tables, in an order of their own."""
        return {table: sorted(map(repr, await self.rows(table))) for table in STORED}

    async def known(self, slug: str) -> VenueView:
        found = await self.venue(slug)
        assert found is not None, slug
        return found

    async def run_sql(self, statement: str, *arguments: object) -> None:
        async with self.database.acquire() as session:
            await session.connection.execute(statement, *arguments)

    async def picture(self, slug: str, name: str, role: str = "hero", provider: str = "first") -> None:
        """A stored picture of a venue, in its own folder."""
        await self.run_sql(
            "INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, sha256, "
            "listing_key, created_at, updated_at) SELECT 'venue', id, $2, $3, $4, 'uploaded', "
            "'venues/' || slug || '/' || $4 || '.jpg', 'ab', slug, created_at, created_at FROM venues "
            "WHERE slug = $1",
            slug, role, provider, name,
        )  # fmt: skip

    async def gallery_photo(self, slug: str, name: str, status: str, key: str | None) -> None:
        """A photo of a venue's gallery; the one called "both" has another name at the venue that has it stored."""
        await self.run_sql(
            "WITH photo AS (INSERT INTO images (owner_kind, owner_id, role, provider, identity, status, storage_key, "
            "sha256, quality_score, created_at, updated_at) "
            "SELECT 'venue', id, 'gallery', 'google_places', $2, $3, $4, "
            "CASE WHEN $4::text IS NULL THEN NULL ELSE 'ab' END, 0.5, created_at, created_at FROM venues "
            "WHERE slug = $1 RETURNING *) "
            "INSERT INTO image_references (owner_kind, owner_id, role, identity, image_id, provider, why, "
            "first_seen_at, last_seen_at) SELECT 'venue', owner_id, 'gallery', "
            "'google_places:id:other', id, 'google_places', '', created_at, created_at FROM photo "
            "WHERE storage_key IS NOT NULL",
            slug, name, status, key,
        )  # fmt: skip

    async def gallery_of(self, slug: str) -> list[dict[str, Any]]:
        """What is in sight, in order."""
        [venue] = [row for row in await self.rows("venues") if row["slug"] == slug]
        rows = [row for row in await self.rows("images") if row["owner_id"] == venue["id"]]
        return sorted(rows, key=lambda row: row["position"] or 0)

    async def pictures(self, slug: str) -> set[str]:
        [venue] = [row for row in await self.rows("venues") if row["slug"] == slug]
        return {row["identity"] for row in await self.rows("images") if row["owner_id"] == venue["id"]}


@pytest.fixture
def floor(database: Database) -> Floor:
    return Floor(database)


def slots(venue: VenueView, *, closed: bool = False) -> list[tuple[int, str]]:
    return [
        (event.weekday, event.start_time) for event in venue.events if (event.status == "closed") is closed
    ]  # fmt: skip


async def two_pubs(floor: Floor, **old: Any) -> None:
    """The Crown of the first source with two evenings; the Old Crown of the second, seen later, with one or more."""
    await floor.save(detail("first", "crown", events=[evening(2, "19:30"), evening(4, "20:00")]))
    facts = {"phone": "+44 113 496 0000", "events": [evening(5, "19:00")], **OLD, **old}
    await floor.save(detail("second", "old", **facts))


# --- what a merge moves ------------------------------------------------------------------------------------------


async def test_v5_everything_moves_to_the_record_that_stays(floor: Floor) -> None:
    await two_pubs(floor)
    await floor.picture("the-old-crown", "front", provider="second")
    report = await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert report == MergeReport(
        winner="the-crown", loser="the-old-crown", facts=("phone",), events_moved=1, events_closed=0,
        listings=("second:old",), images_moved=1, images_left=0,
    )  # fmt: skip
    crown = await floor.only_venue()
    assert (crown.slug, crown.phone, crown.postcode) == ("the-crown", "+44 113 496 0000", "LS1 4AB")
    assert slots(crown) == [(2, "19:30"), (4, "20:00"), (5, "19:00")]
    assert [s.source for event in crown.events for s in event.sources] == ["first", "first", "second"]
    assert await floor.pictures("the-crown") == {"front"}


async def test_v6_the_retired_slug_redirects(floor: Floor) -> None:
    """`venues show OLD`, `images list --owner OLD`, `run --venue OLD` and the keys behind them lead to the winner."""
    await two_pubs(floor)
    await floor.picture("the-old-crown", "front", provider="second")
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert (await floor.known("the-old-crown")).slug == "the-crown"
    assert await floor.catalog.unknown_venues(["the-old-crown"]) == {}
    assert await floor.catalog.keys_of_venues("second", ["the-old-crown"]) == {"the-old-crown": ["old"]}
    assert await floor.catalog.keys_of_venues("first", ["the-old-crown"]) == {"the-old-crown": ["crown"]}
    [image] = await floor._reader.images(owner="the-old-crown")
    assert image.owner == "the-crown"
    assert await floor._reader.similar_venues("the-old-crow") == ["the-crown"]


async def test_v5_the_next_visit_writes_to_the_winner(floor: Floor) -> None:
    await two_pubs(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    claim = await floor.claim(detail("second", "old", **OLD))
    assert (claim.venue.slug, claim.matched_by) == ("the-crown", "key")
    await floor.save(detail("second", "old", events=[evening(6, "19:00")], **OLD), claim)
    assert slots(await floor.only_venue()) == [(2, "19:30"), (4, "20:00"), (6, "19:00")]


async def test_v5_the_operators_order_decides_nothing(floor: Floor) -> None:
    """The more complete record stays: the Old Crown has a phone number, a website, and more evenings."""
    await two_pubs(floor, website="https://old.example")
    for order in (("the-crown", "the-old-crown"), ("the-old-crown", "the-crown")):
        report = await floor.merge(*order, dry_run=True)
        assert (report.winner, report.loser) == ("the-old-crown", "the-crown")
    assert (await floor.merge("the-old-crown", "the-crown", keep="the-crown")).winner == "the-crown"


@pytest.mark.parametrize("fresher", ["first", "second"])
async def test_v5_one_hour_twice_the_fresher_evening_stays(floor: Floor, fresher: str) -> None:
    """The other is closed and says why; both sightings stand at the one that stays, the longer text wins."""
    await two_pubs(floor, events=[evening(2, "19:30", description="Six rounds and a raffle", fee_minor=None)])
    if fresher == "first":
        await floor.save(
            detail("first", "crown", events=[evening(2, "19:30", description="Quiz"), evening(4, "20:00")])
        )
    report = await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert (report.events_moved, report.events_closed) == (0, 1)
    crown = await floor.only_venue()
    assert slots(crown) == [(2, "19:30"), (4, "20:00")]
    tuesday = crown.events[0]
    assert {sighting.source for sighting in tuesday.sources} == {"first", "second"}
    assert (tuesday.description, tuesday.fee_minor) == ("Six rounds and a raffle", 200)
    [closed] = [row for row in await floor.rows("events") if row["closed_at"]]
    assert closed["closed_why"] == "the same evening was known twice: the-old-crown was merged"
    assert closed["fact_source"] != fresher
    assert await floor.catalog.touch_seen("second", ["old"], floor.next_minute()) == 1


async def test_v5_a_taken_slot_keeps_the_winners_picture(floor: Floor) -> None:
    """The loser's row stays with the loser, out of sight, and its file has a row: `db check` finds nothing."""
    await two_pubs(floor)
    for slug in ("the-crown", "the-old-crown"):
        await floor.picture(slug, f"hero of {slug}")
        await floor.picture(slug, "bar", role="gallery")
    await floor.picture("the-old-crown", "garden", role="gallery")
    report = await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert (report.images_moved, report.images_left) == (1, 2)
    assert await floor.pictures("the-crown") == {"hero of the-crown", "bar", "garden"}
    assert await floor.pictures("the-old-crown") == {"hero of the-old-crown", "bar"}
    assert len(await floor._reader.images()) == 3


async def test_v5_a_place_id_moves_although_no_two_venues_have_one(floor: Floor) -> None:
    await two_pubs(floor, place_id="P1")
    before = await floor.stored()
    assert "place_id" in (await floor.merge("the-crown", "the-old-crown", keep="the-crown")).facts
    assert (await floor.claim(detail("third", "x", name="Any", place_id="P1"))).venue.slug == "the-crown"
    await floor.run_sql("DELETE FROM venue_keys WHERE source = 'third'")
    await floor.unmerge("the-old-crown")
    assert await floor.stored() == before


async def test_a_merge_is_told_in_both_stories(floor: Floor) -> None:
    await two_pubs(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    await floor.unmerge("the-old-crown")
    told = [(row["kind"], row["source"], row["run_id"], row["after"]) for row in await floor.rows("changes")]
    assert [(kind, source, run) for kind, source, run, _ in told] == [
        ("venue_merged", "operator", None), ("venue_merged", "operator", None),
        ("venue_unmerged", "operator", None), ("venue_unmerged", "operator", None),
    ]  # fmt: skip
    assert told[0][3]["other"] == "the-old-crown"
    assert told[1][3] == {"into": "the-crown"}


# --- undoing -----------------------------------------------------------------------------------------------------


async def _plain(floor: Floor) -> None:
    await two_pubs(floor)


async def _one_hour_twice(floor: Floor) -> None:
    await two_pubs(floor, events=[evening(2, "19:30", description="Six rounds", fee_minor=500), evening(6, "20:00")])


async def _the_winner_is_fresher(floor: Floor) -> None:
    await _one_hour_twice(floor)
    await floor.save(detail("first", "crown", events=[evening(2, "19:30"), evening(4, "20:00")]))


async def _with_history(floor: Floor) -> None:
    await two_pubs(floor, events=[evening(2, "19:30"), evening(6, "20:00")], performer="Ann Other")
    await floor.save(detail("second", "old", events=[evening(6, "20:00")], **OLD))


async def _with_pictures(floor: Floor) -> None:
    await two_pubs(floor)
    for slug in ("the-crown", "the-old-crown"):
        await floor.picture(slug, f"hero of {slug}")
    await floor.picture("the-old-crown", "front", provider="second")
    await floor.picture("the-old-crown", "garden", role="gallery")
    for venue in await floor.rows("venues"):
        async with floor.database.transaction() as session:
            await session.execute("photos/rank", venue["id"])


async def _with_open_pair(floor: Floor) -> None:
    await two_pubs(floor)
    for undo in (False, True):
        await call_different(floor.database, "the-crown", "the-old-crown", floor.next_minute(), undo=undo)
    assert [row["state"] for row in await floor.rows("venue_pairs")] == ["open"]


async def _with_pairs_of_others(floor: Floor) -> None:
    await two_pubs(floor)
    await floor.save(detail("third", "y", name="The Crown Jewel", postcode="LS9 9ZZ", address=None, latitude=None,
                            longitude=None))  # fmt: skip
    await call_different(floor.database, "the-old-crown", "the-crown-jewel", floor.next_minute(), undo=False)


async def _with_an_older_slug(floor: Floor) -> None:
    await two_pubs(floor)
    await floor.run_sql(
        "INSERT INTO slug_redirects SELECT 'crown-of-old', id FROM venues WHERE slug = 'the-old-crown'"
    )


@pytest.mark.parametrize(
    "build",
    [_plain, _one_hour_twice, _the_winner_is_fresher, _with_history, _with_pictures, _with_open_pair,
     _with_pairs_of_others, _with_an_older_slug],
)  # fmt: skip
@pytest.mark.parametrize("keep", ["the-crown", "the-old-crown"])
async def test_v5_unmerging_restores_every_table(
    floor: Floor, build: Callable[[Floor], Awaitable[None]], keep: str
) -> None:
    """Row for row, stamps included, whichever of the two had stayed; and the same again a second time."""
    await build(floor)
    before = await floor.stored()
    for _ in range(2):
        report = await floor.merge("the-crown", "the-old-crown", keep=keep)
        assert await floor.stored() != before
        await floor.unmerge(report.loser)
        assert await floor.stored() == before


async def test_v5_a_dry_run_changes_nothing(floor: Floor) -> None:
    await _one_hour_twice(floor)
    before, story = await floor.stored(), await floor.rows("changes")
    report = await floor.merge("the-crown", "the-old-crown", keep="the-crown", dry_run=True)
    assert (report.events_moved, report.events_closed) == (1, 1)
    assert (await floor.stored(), await floor.rows("changes"), await floor.rows("venue_merges")) == (
        before,
        story,
        [],
    )


async def test_v5_what_has_changed_since_stays_as_it_is(floor: Floor) -> None:
    """A fact that the winner's own source has stated meanwhile, and an evening that has moved."""
    await two_pubs(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    await floor.save(detail("first", "crown", events=[evening(2, "19:30"), evening(4, "20:00")],
                            phone="+44 113 496 0009"))  # fmt: skip
    await floor.save(detail("second", "old", events=[evening(6, "21:00")], **OLD))
    await floor.unmerge("the-old-crown")
    crown, old = await floor.known("the-crown"), await floor.known("the-old-crown")
    assert (crown.phone, old.phone) == ("+44 113 496 0009", "+44 113 496 0000")
    assert (slots(crown), slots(old)) == ([(2, "19:30"), (4, "20:00")], [(6, "21:00")])


async def test_v5_what_the_listing_brought_meanwhile_goes_with_it(floor: Floor) -> None:
    """New evenings of the returning listing are the loser's; one that both show by now is written for both."""
    await two_pubs(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    await floor.save(detail("second", "old", events=[evening(5, "19:00"), evening(7, "18:00"), evening(2, "19:30")],
                            **OLD))  # fmt: skip
    report = await floor.unmerge("the-old-crown")
    crown, old = await floor.known("the-crown"), await floor.known("the-old-crown")
    assert report.events == 3
    assert slots(crown) == [(2, "19:30"), (4, "20:00")]
    assert slots(old) == [(2, "19:30"), (5, "19:00"), (7, "18:00")]
    for venue, source in ((crown, "first"), (old, "second")):
        assert {sighting.source for event in venue.events for sighting in event.sources} == {source}
    # The next visits find everything as it is.
    await floor.save(detail("first", "crown", events=[evening(2, "19:30"), evening(4, "20:00")]))
    await floor.save(detail("second", "old", events=[evening(5, "19:00"), evening(7, "18:00"), evening(2, "19:30")],
                            **OLD))  # fmt: skip
    assert (slots(await floor.known("the-crown")), slots(await floor.known("the-old-crown"))) == (
        slots(crown), slots(old),
    )  # fmt: skip


async def test_v5_an_evening_that_nobody_shows_any_more_is_closed(floor: Floor) -> None:
    """The loser's Tuesday stayed for both; its listing has left it since, so it does not go on without anybody."""
    await two_pubs(floor, events=[evening(2, "19:30")])
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    await floor.save(detail("second", "old", events=[evening(3, "19:30")], **OLD))
    await floor.save(detail("first", "crown", events=[evening(2, "19:30"), evening(4, "20:00")]))
    await floor.unmerge("the-old-crown")
    assert slots(await floor.known("the-crown")) == [(2, "19:30"), (4, "20:00")]
    old = await floor.known("the-old-crown")
    assert (slots(old), slots(old, closed=True)) == ([(3, "19:30")], [(2, "19:30")])


async def test_e1_an_evening_stays_closed_where_its_hour_is_taken(floor: Floor) -> None:
    """The winner's Tuesday was closed for the loser's; that one has moved on, and a new one has taken the hour."""
    await two_pubs(floor, events=[evening(2, "19:30")])
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    await floor.save(detail("first", "crown", events=[evening(4, "20:00")]))
    await floor.save(detail("second", "old", events=[evening(3, "19:30")], **OLD))
    await floor.save(detail("first", "crown", events=[evening(2, "19:30"), evening(4, "20:00")]))
    await floor.unmerge("the-old-crown")
    crown = await floor.known("the-crown")
    assert (slots(crown), slots(crown, closed=True)) == ([(2, "19:30"), (4, "20:00")], [(2, "19:30")])
    assert slots(await floor.known("the-old-crown")) == [(3, "19:30")]


async def test_v5_merges_come_undone_in_reverse_order(floor: Floor) -> None:
    await two_pubs(floor)
    await floor.save(detail("third", "z", name="The Mill", postcode="LS9 9ZZ", address=None, latitude=None,
                            longitude=None, events=[evening(1, "18:00")]))  # fmt: skip
    before = await floor.stored()
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    await floor.merge("the-mill", "the-crown", keep="the-mill")
    for slug in ("the-old-crown", "the-crown", "the-mill"):
        assert (await floor.known(slug)).slug == "the-mill"
    with pytest.raises(SetupError, match="merged on") as refused:
        await floor.unmerge("the-old-crown")
    assert "unmerge the-crown" in refused.value.hint
    await floor.unmerge("the-crown")
    assert (await floor.known("the-old-crown")).slug == "the-crown"
    await floor.unmerge("the-old-crown")
    assert await floor.stored() == before


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "keep", "message", "hint"),
    [
        ("the-crow", "the-old-crown", None, "no venue 'the-crow'", "the-crown"),
        ("the-crown", "zzz", None, "no venue 'zzz'", "venues list"),
        ("the-crown", "the-crown", None, "are one venue", "two different"),
        ("the-crown", "the-old-crown", "the-mill", "neither of the two", "the-old-crown"),
    ],
)
async def test_v5_refusals_name_the_next_step(
    floor: Floor, left: str, right: str, keep: str | None, message: str, hint: str
) -> None:
    await two_pubs(floor)
    before = await floor.stored()
    with pytest.raises(SetupError, match=message) as refused:
        await floor.merge(left, right, keep=keep)
    assert hint in refused.value.hint
    assert await floor.stored() == before


async def test_v5_a_merged_venue_is_not_merged_again_and_undone_once(floor: Floor) -> None:
    await two_pubs(floor)
    with pytest.raises(SetupError, match="venue of its own"):
        await floor.unmerge("the-old-crown")
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    with pytest.raises(SetupError, match="was merged into the-crown") as refused:
        await floor.merge("the-crown", "the-old-crown")
    assert "unmerge the-old-crown" in refused.value.hint
    with pytest.raises(SetupError, match="venue of its own") as refused:
        await floor.unmerge("the-crown")
    assert "the-old-crown" in refused.value.hint
    await floor.unmerge("the-old-crown")
    with pytest.raises(SetupError, match="venue of its own"):
        await floor.unmerge("the-old-crown")


async def test_v4_a_pair_called_different_is_not_merged(floor: Floor) -> None:
    """Until the person takes it back; whoever differs from the loser differs from the winner as well."""
    await two_pubs(floor)
    await call_different(floor.database, "the-crown", "the-old-crown", floor.next_minute(), undo=False)
    with pytest.raises(SetupError, match="called the-crown and the-old-crown different") as refused:
        await floor.merge("the-crown", "the-old-crown")
    assert "--undo" in refused.value.hint
    await call_different(floor.database, "the-crown", "the-old-crown", floor.next_minute(), undo=True)
    await floor.merge("the-crown", "the-old-crown")


async def test_v4_who_differs_from_the_loser_differs_from_the_winner(floor: Floor) -> None:
    await _with_pairs_of_others(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    with pytest.raises(SetupError, match="different"):
        await floor.merge("the-crown", "the-crown-jewel")
    pairs = await duplicate_pairs(floor.database, decided=True)
    assert sorted(pair.state for pair in pairs) == ["different", "different", "merged"]


# --- at once, and in the middle ----------------------------------------------------------------------------------


@asynccontextmanager
async def held(database_url: str, table: str) -> AsyncIterator[Held]:
    """Nobody writes to this table until `let_go`: a merge stops there with all else done."""
    connection, watching = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    try:
        yield Held(watching, transaction)
    finally:
        await connection.close()
        await watching.close()


class Held:
    """A lock that others wait for. Who waits is asked elsewhere: a transaction sees one list for ever."""

    def __init__(self, watching: Any, transaction: Any) -> None:
        self._watching = watching
        self._transaction = transaction

    async def waiting(self, number: int) -> list[int]:
        """Backends that wait for a lock in this database, as soon as there are that many."""
        query = (
            "SELECT DISTINCT pid FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted "
            "AND a.datname = current_database() ORDER BY pid"
        )
        async with asyncio.timeout(20):
            while len(found := await self._watching.fetch(query)) < number:
                pass
        return [row["pid"] for row in found]

    async def end(self, backend: int) -> None:
        await self._watching.execute("SELECT pg_terminate_backend($1)", backend)

    async def let_go(self) -> None:
        await self._transaction.rollback()


async def test_v5_a_merge_that_dies_in_the_middle_never_happened(floor: Floor, database_url: str) -> None:
    """Its connection is cut at the very last write: nothing is moved, and it can be done again."""
    await _one_hour_twice(floor)
    before = await floor.stored()
    async with held(database_url, "venue_merges") as lock:
        merging = asyncio.ensure_future(floor.merge("the-crown", "the-old-crown"))
        [backend] = await lock.waiting(1)
        await lock.end(backend)
        with pytest.raises(StorageUnavailable):
            await merging
        await lock.let_go()
    assert await floor.stored() == before
    await floor.merge("the-crown", "the-old-crown")
    assert len(await floor.venues()) == 1


async def test_v5_a_claim_waits_for_the_merge_and_finds_the_winner(floor: Floor, database_url: str) -> None:
    """Another source's listing of the loser, matched while the loser is going away."""
    await two_pubs(floor)
    async with held(database_url, "venue_merges") as lock, asyncio.TaskGroup() as group:
        group.create_task(floor.merge("the-crown", "the-old-crown", keep="the-crown"))
        await lock.waiting(1)
        claim = group.create_task(floor.claim(detail("third", "new", name="Crown", address=None)))
        await lock.waiting(2)
        await lock.let_go()
    assert claim.result().venue.slug == "the-crown"
    assert all(key["venue_id"] == claim.result().venue.id for key in await floor.rows("venue_keys"))


async def test_v5_two_merges_of_one_pair_at_once_are_one(floor: Floor) -> None:
    await two_pubs(floor)
    ended = await asyncio.gather(
        *(floor.merge("the-crown", "the-old-crown") for _ in range(4)), return_exceptions=True
    )
    assert [type(each) for each in ended if not isinstance(each, MergeReport)] == [SetupError] * 3
    assert len(await floor.rows("venue_merges")) == 1


async def test_v5_a_save_that_was_claimed_before_the_merge_writes_to_the_winner(floor: Floor) -> None:
    """A run that read the loser's page while a person merged: nothing is written to a venue that nobody sees."""
    await two_pubs(floor)
    said = detail("second", "old", events=[evening(5, "20:00")], **OLD)
    claim = await floor.claim(said)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    before = [row for row in await floor.rows("venues") if row["slug"] == "the-old-crown"]
    await floor.save(said, claim)
    assert slots(await floor.only_venue()) == [(2, "19:30"), (4, "20:00"), (5, "20:00")]
    assert [row for row in await floor.rows("venues") if row["slug"] == "the-old-crown"] == before


async def test_v5_a_save_waits_for_the_merge_and_then_follows_it(floor: Floor, database_url: str) -> None:
    await two_pubs(floor)
    said = detail("second", "old", events=[evening(5, "20:00")], **OLD)
    claim = await floor.claim(said)
    async with held(database_url, "venue_merges") as lock, asyncio.TaskGroup() as group:
        group.create_task(floor.merge("the-crown", "the-old-crown", keep="the-crown"))
        await lock.waiting(1)
        group.create_task(floor.save(said, claim))
        await lock.waiting(2)
        await lock.let_go()
    assert slots(await floor.only_venue()) == [(2, "19:30"), (4, "20:00"), (5, "20:00")]


async def test_v5_a_save_that_was_claimed_before_the_undoing_writes_to_the_loser(
    floor: Floor, database_url: str
) -> None:
    await two_pubs(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    said = detail("second", "old", events=[evening(5, "20:00")], **OLD)
    claim = await floor.claim(said)
    async with held(database_url, "slug_redirects") as lock, asyncio.TaskGroup() as group:
        group.create_task(floor.unmerge("the-old-crown"))
        await lock.waiting(1)
        group.create_task(floor.save(said, claim))
        await lock.waiting(2)
        await lock.let_go()
    assert slots(await floor.known("the-crown")) == [(2, "19:30"), (4, "20:00")]
    assert slots(await floor.known("the-old-crown")) == [(5, "20:00")]


@pytest.mark.parametrize(
    ("held_by", "owner"),
    [(None, "the-crown"), ("old", "the-crown"), ("crown", "the-old-crown")],
    ids=["a free slot", "the picture that the merge moved", "a slot that another listing fills"],
)
async def test_v5_a_picture_on_its_way_follows_its_venue(floor: Floor, held_by: str | None, owner: str) -> None:
    """It is never put over another listing's picture; whoever owns the row, the file has one."""
    await two_pubs(floor)
    if held_by:
        slug = "the-crown" if held_by == "crown" else "the-old-crown"
        await floor.picture(slug, "stored", provider="second")
        await floor.run_sql("UPDATE images SET listing_key = $1", held_by)
    said = detail("second", "old", events=[evening(5, "19:00")], **OLD)
    claim = await floor.claim(said)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    save = DetailSave(said, claim, (new_picture(claim.venue),), uuid4(), floor.next_minute())
    await floor.catalog.save_detail(save, make_options())
    [row] = [row for row in await floor.rows("images") if row["identity"] == "new"]
    [venue] = [row for row in await floor.rows("venues") if row["slug"] == owner]
    assert (row["owner_id"], row["storage_key"]) == (venue["id"], "venues/the-old-crown/hero-0.jpg")
    assert "stored" not in await floor.pictures("the-crown") or held_by == "crown"


def new_picture(owner: ClaimedOwner) -> ImageSave:
    new = NewBytes("venues/the-old-crown/hero-0.jpg", None, "ab", "ab", 9, ImageFormat.JPEG, 4, 4, None)
    return ImageSave(
        owner=owner, venue=owner.slug, ref=ImageRef(OwnerKind.VENUE, ImageRole.HERO, "second", "https://x/new.jpg"),
        identity="new", provider_url="https://x/new.jpg", listing_key="old", keeps_old=False, old_key=None,
        outcome=ImageOutcomeKind.NEW, new=new, failure=None, etag=None, last_modified=None, status_code=200,
        attempts=1, duration_ms=1, bytes_received=9, next_retry_at=None,
    )  # fmt: skip


async def test_e6_a_merged_venue_neither_runs_nor_vanishes(floor: Floor) -> None:
    """Its listings are counted at the winner; three complete runs without them close those evenings and no others."""
    await two_pubs(floor)
    await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert (await floor.catalog.count_vanished("second", [], uuid4())).running == 1
    for _ in range(3):
        await floor.catalog.miss_vanished("second", [], uuid4(), 3, floor.next_minute())
    assert slots(await floor.only_venue()) == [(2, "19:30"), (4, "20:00")]
    assert dt.time(19) in {row["start_time"] for row in await floor.rows("events") if row["closed_at"]}


async def test_r116_of_a_photo_that_both_know_the_stored_one_stays_in_sight(floor: Floor) -> None:
    """D2: success beats failure when venues merge, too; undoing gives each its own again."""
    await two_pubs(floor)
    for slug, status, key in (("the-crown", "failed", None), ("the-old-crown", "uploaded", "venues/x/gallery-1.jpg")):
        await floor.gallery_photo(slug, "both", status, key)
    await floor.gallery_photo("the-old-crown", "own", "failed", None)
    before = await floor.rows("images")
    report = await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert (report.images_moved, report.images_left) == (2, 1)
    shown = {row["identity"]: row["status"] for row in await floor.gallery_of("the-crown")}
    assert shown == {"both": "uploaded", "own": "failed"}
    assert [row["position"] for row in await floor.gallery_of("the-crown")] == [1, 2]
    assert {row["identity"] for row in await floor.rows("image_references")} == {"google_places:id:other"}
    assert {row["owner_id"] for row in await floor.rows("image_references")} == {
        row["owner_id"] for row in await floor.gallery_of("the-crown")
    }
    await floor.unmerge("the-old-crown")
    owners = {row["id"]: row["owner_id"] for row in await floor.rows("images")}
    assert owners == {row["id"]: row["owner_id"] for row in before}


@pytest.mark.parametrize("role", ["gallery", "hero"])
async def test_r116_what_a_person_deleted_stays_deleted_at_the_venue_that_stays(floor: Floor, role: str) -> None:
    """The tombstone goes along: a listing that asks for its name there must find it. Undoing takes it back."""
    await two_pubs(floor)
    if role == "gallery":
        await floor.gallery_photo("the-old-crown", "photo", "failed", None)
    else:
        await floor.picture("the-old-crown", "photo")
    await floor.run_sql("UPDATE images SET deleted_at = now(), storage_key = NULL, sha256 = NULL, status = 'failed'")
    before = await floor.stored()
    report = await floor.merge("the-crown", "the-old-crown", keep="the-crown")
    assert await floor.pictures("the-crown") == {"photo"}
    assert (report.images_moved, report.images_left) == (0, 0)
    await floor.unmerge("the-old-crown")
    assert await floor.stored() == before


async def test_r163_a_merge_waits_for_a_photo_that_is_being_saved(floor: Floor, database_url: str) -> None:
    await two_pubs(floor)
    [crown] = [row for row in await floor.rows("venues") if row["slug"] == "the-crown"]
    async with held(database_url, "venue_merges") as lock, asyncio.TaskGroup() as group:
        await lock.let_go()
        async with floor.database.transaction() as session:
            await session.execute("photos/lock_owner", "venue", crown["id"])
            merging = group.create_task(floor.merge("the-crown", "the-old-crown"))
            await lock.waiting(1)
            assert not merging.done()
    assert len(await floor.venues()) == 1
