"""Whose detail is this? Matching and claiming through the real SQL (sources.md V1-V3, V6, H1)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from support.directory_desk import CROWN, Desk, detail
from trivia_scraper.domain.catalog import ClaimedOwner
from trivia_scraper.domain.models import Detail
from trivia_scraper.storage.database import Database


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def venue_of(desk: Desk, said: Detail) -> tuple[int, str]:
    """Id of the venue that a detail is, and the rule that found it."""
    claim = await desk.claim(said)
    return claim.venue.id, claim.matched_by


NOWHERE: dict[str, Any] = {"latitude": None, "longitude": None}


async def test_v1_a_known_key_wins_over_everything_it_says_now(desk: Desk) -> None:
    """V1: (source, stable key) seen before is that venue, whatever name, place or postcode it has by now."""
    crown, _ = await venue_of(desk, detail(key="a"))
    other, rule = await venue_of(desk, detail(key="b", name="The Anchor", postcode="M1 1AA", city="Manchester",
                                              latitude=53.48, longitude=-2.24))  # fmt: skip
    assert (rule, other == crown) == ("new", False)
    assert await venue_of(desk, detail(key="a", name="The Anchor", postcode="M1 1AA", city="Manchester")) == (
        crown,
        "key",
    )


async def test_v1_keys_belong_to_their_source(desk: Desk) -> None:
    """The same key of another source is another key."""
    crown, _ = await venue_of(desk, detail("first", "17"))
    other, rule = await venue_of(desk, detail("second", "17", name="The Anchor", postcode="M1 1AA",
                                              city="Manchester", latitude=53.48, longitude=-2.24))  # fmt: skip
    assert (rule, other == crown) == ("new", False)


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("place_id", {"name": "Crown Leeds", "place_id": "P1", "postcode": "LS2 9ZZ", "city": None, **NOWHERE}),
        ("name_postcode", {"address": None, "city": "Headingley", **NOWHERE}),
        ("name_postcode", {"name": "the  CROWN", "postcode": "ls14ab", "address": None, "city": None, **NOWHERE}),
        ("name_address", {"postcode": None, "city": None, **NOWHERE}),
        ("name_city", {"address": None, "postcode": None, **NOWHERE}),
        ("alike", {"name": "Crown Tavern", "address": None, "city": None, "postcode": None}),
    ],
    ids=["place id", "name and postcode", "name and postcode spelled otherwise", "name and address", "name and city",
         "distance and likeness"],
)  # fmt: skip
async def test_v1_each_rule_finds_the_venue_of_another_source(desk: Desk, rule: str, facts: dict[str, Any]) -> None:
    first = await desk.claim(detail("first", place_id="P1"))
    await desk.save(detail("first", place_id="P1"), first)
    assert await venue_of(desk, detail("second", "x", **facts)) == (first.venue.id, rule)


@pytest.mark.parametrize(
    "facts",
    [
        {"address": None, "city": None, "postcode": None, **NOWHERE},
        {"name": "The Anchor", "address": None, "city": None, **NOWHERE},
        {"postcode": "SW15 2AB", "address": None, **NOWHERE},
        {"name": "The Anchor"},
        {"name": "Crown Tavern", "postcode": "LS1 4AC", "address": None, "city": None},
    ],
    ids=["name alone", "postcode alone", "name and city but other postcodes", "same position, no likeness",
         "near and alike but other postcodes"],
)  # fmt: skip
async def test_v1_v2_what_never_matches(desk: Desk, facts: dict[str, Any]) -> None:
    first = await desk.claim(detail("first"))
    second, rule = await venue_of(desk, detail("second", "x", **facts))
    assert (rule, second == first.venue.id) == ("new", False)


async def test_v2_a_new_venue_near_a_like_name_is_flagged(desk: Desk) -> None:
    """V2: within 50 m and with a word in common it is new all the same, and a person is told."""
    await desk.claim(detail("first", name="Crown and Anchor Ale House"))
    claim = await desk.claim(detail("second", "x", name="Crown Billiards Snooker Hall", postcode="LS1 4AC"))
    assert (claim.matched_by, claim.look_alikes) == ("new", ("crown-and-anchor-ale-house",))


async def test_v3_twenty_claims_of_one_new_venue_make_one(desk: Desk) -> None:
    """V3: lock, look again, insert: from two sources' listings at once there is one venue and one slug."""
    said = [detail(source, f"{source}-{number}") for number in range(10) for source in ("first", "second")]
    claims = await asyncio.gather(*(desk.catalog.claim(each, desk.next_minute()) for each in said))
    assert len({claim.venue.id for claim in claims}) == 1
    assert {claim.venue.slug for claim in claims} == {"the-crown"}
    assert Counter(claim.matched_by for claim in claims) == {"new": 1, "name_postcode": 19}
    [venue] = await desk.rows("venues")
    assert venue["slug"] == "the-crown"
    assert len(await desk.rows("venue_keys")) == 20


async def test_v3_one_key_claimed_twenty_times_at_once_is_one(desk: Desk) -> None:
    """Two tasks that read one listing, say over two index pages."""
    claims = await asyncio.gather(*(desk.catalog.claim(detail(), desk.next_minute()) for _ in range(20)))
    assert {claim.venue for claim in claims} == {claims[0].venue}
    assert Counter(claim.matched_by for claim in claims) == {"new": 1, "key": 19}
    assert len(await desk.rows("venues")) == len(await desk.rows("venue_keys")) == 1


async def test_v3_claims_by_position_alone_make_one(desk: Desk) -> None:
    """V3: names spelled otherwise, no postcode: the rounded position is what both would claim it by."""
    said = [
        detail("first", "a", address=None, postcode=None, city=None),
        detail("second", "b", name="Crown Tavern", address=None, postcode=None, city=None),
    ]
    claims = await asyncio.gather(*(desk.catalog.claim(each, desk.next_minute()) for each in said * 5))
    assert len({claim.venue.id for claim in claims}) == 1
    assert len(await desk.rows("venues")) == 1


async def test_v3_different_new_venues_at_once_stay_different(desk: Desk) -> None:
    said = [
        detail("first", f"k{number}", postcode=f"LS{number} 1AA", latitude=53.0 + number / 10, address=None)
        for number in range(20)
    ]
    claims = await asyncio.gather(*(desk.catalog.claim(each, desk.next_minute()) for each in said))
    assert len({claim.venue.id for claim in claims}) == len({claim.venue.slug for claim in claims}) == 20


async def test_v6_slugs_of_several_venues_of_one_name(desk: Desk) -> None:
    """V6: name; name-city; name-city-postcode; then a counter."""
    places: list[dict[str, Any]] = [
        {"city": "Leeds", "postcode": "LS1 4AB"},
        {"city": "York", "postcode": "YO1 7AA"},
        {"city": "York", "postcode": "YO24 1AA"},
        {"city": "Leeds", "postcode": "LS6 3AA"},
        {"city": "Bath", "postcode": None},
    ]
    slugs = [
        (await desk.claim(detail(key=f"k{number}", address=None, **NOWHERE, **place))).venue.slug
        for number, place in enumerate(places)
    ]
    assert slugs == ["the-crown", "the-crown-york", "the-crown-york-yo24-1aa", "the-crown-leeds", "the-crown-bath"]


async def test_v6_a_counter_ends_what_city_and_postcode_cannot_tell_apart(desk: Desk) -> None:
    """Without city and postcode only a counter is left; never a time stamp."""
    slugs = [
        (await desk.claim(detail(key=f"k{n}", address=None, city=None, postcode=None, **NOWHERE))).venue.slug
        for n in range(3)
    ]
    assert slugs == ["the-crown", "the-crown-2", "the-crown-3"]


async def test_v6_a_retired_slug_is_not_given_to_another(desk: Desk, database: Database) -> None:
    await desk.save(detail(key="a"))
    async with database.acquire() as session:
        await session.connection.execute("INSERT INTO slug_redirects SELECT 'the-anchor', id FROM venues")
    claim = await desk.claim(detail(key="b", name="The Anchor", postcode="M1 1AA", city="Manchester", address=None,
                                    **NOWHERE))  # fmt: skip
    assert claim.venue.slug == "the-anchor-manchester"


async def test_h1_a_performer_is_one_per_name_and_source(desk: Desk) -> None:
    """H1: found by (name, source), case-insensitively; another source's namesake is somebody else."""
    first = await _host(desk, detail("first", "a", performer="Ann Other"))
    again = await _host(desk, detail("first", "b", name="The Anchor", postcode="M1 1AA", performer="ANN  other"))
    other = await _host(desk, detail("second", "c", performer="Ann Other"))
    assert (again.id, again.slug) == (first.id, first.slug) == (first.id, "ann-other")
    assert other.id != first.id
    assert other.slug == "ann-other-second"


async def test_h1_twenty_claims_of_one_new_performer_make_one(desk: Desk) -> None:
    said = [
        detail("first", f"k{number}", postcode=f"LS{number} 1AA", latitude=53.0 + number / 10, performer="Ann Other")
        for number in range(20)
    ]
    claims = await asyncio.gather(*(desk.catalog.claim(each, desk.next_minute()) for each in said))
    assert len({claim.performer.id for claim in claims if claim.performer}) == 1
    assert len(await desk.rows("performers")) == 1


async def _host(desk: Desk, said: Detail) -> ClaimedOwner:
    claim = await desk.claim(said)
    assert claim.performer is not None
    return claim.performer


async def test_a_claimed_venue_is_invisible_until_saved_and_found_again_by_its_key(desk: Desk) -> None:
    """A crash between claim and save leaves a name that no reader sees; the next visit carries on with it."""
    claimed = await desk.claim(detail(performer="Ann Other"))
    assert claimed.venue.is_new
    assert await desk.venues() == []
    assert await desk.venue(claimed.venue.slug) is None
    assert list(await desk.catalog.unknown_venues([claimed.venue.slug])) == [claimed.venue.slug]

    again = await desk.claim(detail(performer="Ann Other"))
    assert (again.venue, again.performer, again.matched_by) == (claimed.venue, claimed.performer, "key")

    await desk.save(detail(performer="Ann Other"), again)
    assert (await desk.only_venue()).slug == claimed.venue.slug
    third = await desk.claim(detail(performer="Ann Other"))
    assert not third.venue.is_new
    assert third.performer is not None
    assert not third.performer.is_new
    assert await desk.catalog.unknown_venues([claimed.venue.slug]) == {}


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("name_postcode", {}),
        ("name_city", {"postcode": None, "address": None, **NOWHERE}),
        ("alike", {"name": "Crown Tavern", "address": None, "city": None, "postcode": None}),
        pytest.param("name_address", {"postcode": None, "city": None, **NOWHERE}),
        pytest.param("place_id", {"name": "Crown Leeds", "postcode": "LS2 9ZZ", **NOWHERE}),
    ],
)
async def test_a_claimed_venue_is_found_by_another_source_too(desk: Desk, rule: str, facts: dict[str, Any]) -> None:
    """Two sources meet at a new pub before either is saved: otherwise they would make two of it."""
    first = await desk.claim(detail("first", place_id="P1"))
    second = await desk.claim(detail("second", "x", **{"place_id": "P1" if rule == "place_id" else None, **facts}))
    assert (second.venue.id, second.matched_by, second.venue.is_new) == (first.venue.id, rule, True)


async def test_a_claim_writes_the_place_but_no_facts_of_others(desk: Desk) -> None:
    """A claim by another source changes nothing of the venue it finds."""
    await desk.save(detail("first"))
    before = await desk.rows("venues")
    await desk.claim(detail("second", "x", venue=CROWN, phone="+44 113 496 0000", city="Leeds City Centre"))
    assert await desk.rows("venues") == before


@pytest.mark.parametrize(
    "facts",
    [
        {"postcode": None, "address": None, **NOWHERE},
        {"postcode": None, "city": None, **NOWHERE},
        {"name": "Crown Tavern", "address": None, "longitude": -1.5436},
    ],
    ids=["name and city", "name and address", "positions on two sides of a rounding"],
)
async def test_v3_claims_that_match_by_different_facts_make_one(
    desk: Desk, database_url: str, facts: dict[str, Any]
) -> None:
    """V3: two sources state the same new pub in other words; both look before either has inserted."""
    said = [detail("first", "a"), detail("second", "b", **facts)]
    async with insertions_held(database_url) as both_wait, asyncio.TaskGroup() as group:
        # Two catalogues, as two processes would have: within one, claims take turns before they reach the database.
        catalogs = (desk.catalog, desk.another_catalog)
        tasks = [
            group.create_task(catalog.claim(each, desk.next_minute()))
            for catalog, each in zip(catalogs, said, strict=True)
        ]
        await both_wait(2)
    assert len({task.result().venue.id for task in tasks}) == 1


@asynccontextmanager
async def insertions_held(database_url: str) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Nobody can insert a venue until that many sessions wait for a lock: this one's, or another claim's."""
    connection = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE venues IN EXCLUSIVE MODE")
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )

    async def let_go_when(number: int) -> None:
        async with asyncio.timeout(10):
            while await connection.fetchval(waiting) < number:
                pass
        await transaction.rollback()

    try:
        yield let_go_when
    finally:
        await connection.close()


# --- how sure, and pubs that are known for being mixed up ---------------------------------------------------------


async def test_v4_the_confidence_of_each_match_is_stored(desk: Desk) -> None:
    """1 for the key that made the venue; else V4's score, also where a rule of V1 decided."""
    await desk.claim(detail("first", "a"))
    await desk.claim(detail("second", "b", name="Crown Tavern", address=None, city=None, postcode=None))
    await desk.claim(detail("third", "c", address=None, postcode=None, **NOWHERE))
    stored = [(row["rule"], row["confidence"]) for row in await desk.rows("venue_keys")]
    assert stored == [("new", 1.0), ("alike", 1.0), ("name_city", pytest.approx(0.7))]


async def test_v2_below_0_90_it_is_another_venue_and_a_pair_waits(desk: Desk) -> None:
    first = await desk.claim(detail("first", "a", name="The Crown and Anchor"))
    second = await desk.claim(detail("second", "b", name="The Crown and Anchor Vaults"))
    assert (second.matched_by, second.look_alikes) == ("new", ("the-crown-and-anchor",))
    [pair] = await desk.rows("venue_pairs")
    assert (pair["low_id"], pair["high_id"], pair["state"]) == (first.venue.id, second.venue.id, "open")
    assert pair["score"] >= 0.70


async def test_v2_two_pubs_in_one_building_stay_two(desk: Desk) -> None:
    """One address, one postcode, one position: a word of the name is enough to keep them apart."""
    names = ("The Crown", "The Crown Tap", "Crown Rooftop", "Odeon Cinema")
    claims = [await desk.claim(detail("first", f"k{n}", name=name)) for n, name in enumerate(names)]
    assert len({claim.venue.id for claim in claims}) == 4


async def test_v1_the_railway_in_two_districts_is_two(desk: Desk) -> None:
    """Whatever else they share; an outward code of the right district leads to the right one."""
    railway: dict[str, Any] = {"name": "The Railway", "city": "London", "address": None, **NOWHERE}
    claims = [
        await desk.claim(detail("first", f"k{n}", postcode=postcode, **railway))
        for n, postcode in enumerate(("SW16 5SD", "SW15 6TD"))
    ]
    assert len({claim.venue.id for claim in claims}) == 2
    for claim, outward in zip(claims, ("SW16", "SW15"), strict=True):
        found = await desk.claim(detail("second", outward, postcode=outward, **railway))
        assert (found.venue.id, found.matched_by) == (claim.venue.id, "name_city")
    assert await desk.rows("venue_pairs") == []


@pytest.mark.parametrize("names", [("Munich Cricket Club",) * 2, ("Munich Cricket Club Victoria",
                                                                   "Munich Cricket Club Tower Hill")])  # fmt: skip
async def test_v1_munich_cricket_club_is_two_pubs(desk: Desk, names: tuple[str, str]) -> None:
    """sources.md 3.4: Victoria and Tower Hill are different pubs."""
    places: list[dict[str, Any]] = [
        {"postcode": "SW1H 0HW", "address": "1 Abbey Orchard Street", "latitude": 51.4985, "longitude": -0.1315},
        {"postcode": "EC3N 1AH", "address": "1 Muscovy Street", "latitude": 51.5106, "longitude": -0.0785},
    ]
    claims = [
        await desk.claim(detail("first", f"k{n}", name=name, city="London", **place))
        for n, (name, place) in enumerate(zip(names, places, strict=True))
    ]
    assert [claim.matched_by for claim in claims] == ["new", "new"]
    assert await desk.rows("venue_pairs") == []


async def test_v2_ma_boyles_of_two_ids_is_one_venue_with_two_keys(desk: Desk) -> None:
    """sources.md 5.6: one source, two ids at once, slightly different addresses, an outward code for a postcode."""
    first = await desk.claim(
        detail("speed_quizzing", "11484", name="Ma Boyles", city="Liverpool", postcode="L3 1LG",
               address="Tower Gardens, 26 Water Street, Liverpool, L3 1LG", latitude=53.4062, longitude=-2.9949)
    )  # fmt: skip
    second = await desk.claim(
        detail("speed_quizzing", "11289", name="Ma Boyle's", city="Liverpool", postcode="L3",
               address="26 Tower Gardens, off Water St, Liverpool, L3", latitude=53.4064, longitude=-2.9951)
    )  # fmt: skip
    assert second.venue.id == first.venue.id
    assert len(await desk.rows("venues")) == 1
    assert {row["key"] for row in await desk.rows("venue_keys")} == {"11484", "11289"}


async def test_v1_two_houses_of_a_chain_in_one_town_are_two(desk: Desk) -> None:
    """Addresses without a postcode, positions that are known and 4 km apart: the pair waits for a person."""
    chain: dict[str, Any] = {"name": "Wing House", "city": "Wilmington", "postcode": None}
    first = await desk.claim(detail("first", "a", **chain, address="7227 market street", latitude=34.28))
    second = await desk.claim(detail("first", "b", **chain, address="12 College Road", latitude=34.24))
    assert (second.matched_by, second.look_alikes) == ("new", (first.venue.slug,))


@pytest.mark.parametrize(
    "facts",
    [
        {"city": "Leeds", "address": None, "postcode": "LS1 4AB", **NOWHERE},
        {"city": None, "address": None, "postcode": "ls14ab", **NOWHERE},
        {"city": "LEEDS", "address": "12 High Street, Leeds", "postcode": None, **NOWHERE},
        {"city": None, "address": None, "postcode": None, "latitude": 53.7990},
    ],
    ids=["postcode and city", "postcode", "city and address", "170 m"],
)
async def test_v2_candidates_are_found_by_postcode_city_and_position(desk: Desk, facts: dict[str, Any]) -> None:
    """A name spelled otherwise is not found by its own key: the place must lead to it."""
    first = await desk.claim(detail("first", address="12 High Street, Leeds"))
    assert await venue_of(desk, detail("second", "x", name="Crown Hotel", **facts)) == (first.venue.id, "alike")


async def test_a_merged_venue_is_no_candidate(desk: Desk, database: Database) -> None:
    await desk.save(detail("first"))
    await desk.save(detail("second", "m", name="The Mill", city="York", postcode="YO1 7AA", address=None, **NOWHERE))
    async with database.acquire() as session:
        await session.connection.execute("UPDATE venues SET merged_into = 2 WHERE slug = 'the-crown'")
    claim = await desk.claim(detail("third", "x"))
    assert (claim.matched_by, claim.venue.slug) == ("new", "the-crown-leeds")
