"""Which stored venue a source's venue is (V1, V2). Name alone never matches, postcode alone never matches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.policy.duplicates import names_are_one
from trivia_scraper.policy.identity import name_key
from trivia_scraper.policy.matching import VenueCandidate, match_venue, name_similarity
from trivia_scraper.policy.places import Postcodes, compare_postcodes, distance_metres

LAT, LON = 51.4275, -0.1310
METRE = 1 / 111_194.93  # of latitude, in degrees, on the sphere that distance_metres uses

RAILWAY = VenueFacts(
    name="The Railway",
    address="2 Greyhound Lane, London SW16 5SD",
    street="2 Greyhound Lane",
    city="London",
    region=None,
    postcode="SW16 5SD",
    country="GB",
    latitude=LAT,
    longitude=LON,
    timezone="Europe/London",
)
STORED = VenueCandidate(
    id=1,
    slug="the-railway",
    name="The Railway",
    address="2 Greyhound Lane, London SW16 5SD",
    city="London",
    postcode="SW16 5SD",
    place_id=None,
    latitude=LAT,
    longitude=LON,
)
BARE_FACTS = replace(RAILWAY, address=None, street=None, city=None, postcode=None, latitude=None, longitude=None)
BARE = replace(STORED, address=None, city=None, postcode=None, latitude=None, longitude=None)


def facts(**changes: Any) -> VenueFacts:
    return replace(RAILWAY, **changes)


def bare_facts(**changes: Any) -> VenueFacts:
    return replace(BARE_FACTS, **changes)


def stored(**changes: Any) -> VenueCandidate:
    return replace(STORED, **changes)


def bare(**changes: Any) -> VenueCandidate:
    return replace(BARE, **changes)


def placed(metres: float, **changes: Any) -> VenueCandidate:
    return bare(latitude=LAT + metres * METRE, longitude=LON, **changes)


HERE = {"latitude": LAT, "longitude": LON}


@pytest.mark.parametrize(
    ("venue", "candidate", "rule"),
    [
        # place id
        pytest.param(
            bare_facts(name="A", place_id="p1"), bare(name="B", place_id="p1"), "place_id", id="V1-place-id",
        ),
        pytest.param(
            bare_facts(name="A", place_id="p1"), bare(name="B", place_id="p2"), "new", id="V1-other-place-id",
        ),
        pytest.param(bare_facts(place_id=None), bare(place_id=None), "new", id="V1-no-place-id-on-both-sides"),
        # name + postcode
        pytest.param(RAILWAY, STORED, "name_postcode", id="V1-name-postcode"),
        pytest.param(
            bare_facts(name="THE RAILWAY!", postcode="sw165sd"), bare(postcode="SW16 5SD"), "name_postcode",
            id="V1-name-postcode-two-spellings-two-sources",
        ),
        pytest.param(
            bare_facts(name="Café Łódź", postcode="00-950"), bare(name="CAFE LODZ", postcode="00-950"),
            "name_postcode",
            id="V1-name-postcode-diacritics",
        ),
        pytest.param(
            facts(latitude=None, longitude=None), STORED, "name_postcode", id="V1-name-postcode-without-position"
        ),
        # name + address
        pytest.param(
            bare_facts(address="2 Greyhound Lane"), bare(address="2, greyhound lane."), "name_address",
            id="V1-name-address"
        ),
        pytest.param(
            bare_facts(address="2 Greyhound Lane"), bare(address="3 Greyhound Lane"), "new", id="V1-other-address",
        ),
        pytest.param(
            bare_facts(name="The Mill", address="2 Greyhound Lane"), bare(address="2 Greyhound Lane"), "new",
            id="V1-address-alone",
        ),
        pytest.param(
            bare_facts(address="High Street", postcode="CM5 9AA"), bare(address="High Street", postcode="CM16 4AG"),
            "new", id="V1-a-high-street-of-another-town-by-postcode",
        ),
        pytest.param(
            bare_facts(address="High Street", **HERE), placed(9_000, address="High Street"), "new",
            id="V1-a-high-street-of-another-town-by-position",
        ),
        # name + city
        pytest.param(bare_facts(city="London"), bare(city="LONDON"), "name_city", id="V1-name-city"),
        pytest.param(
            bare_facts(city="London", postcode="SW16 5SD"), bare(city="London"), "name_city",
            id="V1-name-city-one-postcode"
        ),
        pytest.param(
            bare_facts(city="London", postcode="SW16 5SD"), bare(city="London", postcode="SW15 6TD"), "new",
            id="V1-the-railway-sw16-and-sw15-are-two",
        ),
        pytest.param(
            facts(), stored(address="1 Upper Richmond Road, London SW15 6TD", postcode="SW15 6TD", latitude=51.459),
            "new", id="V1-the-railway-sw16-and-sw15-are-two-with-all-facts",
        ),
        pytest.param(
            bare_facts(name="Munich Cricket Club", city="London", postcode="SW1H 0HW"),
            bare(name="Munich Cricket Club", city="London", postcode="EC3N 1AH"), "new",
            id="V1-munich-cricket-club-victoria-and-tower-hill",
        ),
        pytest.param(
            bare_facts(name="Munich Cricket Club Victoria", city="London"),
            bare(name="Munich Cricket Club Tower Hill", city="London"), "new",
            id="V1-munich-cricket-club-named-by-station",
        ),
        pytest.param(bare_facts(city="Leeds"), bare(city="York"), "new", id="V1-the-railway-in-another-town"),
        pytest.param(
            bare_facts(city="London", address="2 Greyhound Lane"),
            bare(city="London", address="202 Upper Richmond Road"), "new",
            id="V1-the-railway-at-two-numbers-of-one-city",
        ),
        pytest.param(
            bare_facts(city="London", address="12-14 High Street"), bare(city="London", address="12 High St"),
            "name_city", id="V1-name-city-with-one-number-in-common",
        ),
        pytest.param(
            bare_facts(city="London", address="2 Greyhound Lane", **HERE),
            placed(60, city="London", address="1 Station Approach"), "name_city",
            id="V1-name-city-on-one-spot-whatever-the-numbers",
        ),
        # nothing but one fact
        pytest.param(BARE_FACTS, BARE, "new", id="V1-name-alone-never"),
        pytest.param(
            bare_facts(name="The Mill", postcode="SW16 5SD"), bare(postcode="SW16 5SD"), "new",
            id="V1-postcode-alone-never",
        ),
        pytest.param(
            bare_facts(name="The Mill", city="London"), bare(city="London"), "new", id="V1-city-alone-never",
        ),
        pytest.param(
            bare_facts(address="", city="", postcode=""), bare(address="", city="", postcode=""), "new",
            id="V1-empty-is-unknown",
        ),
        pytest.param(bare_facts(address="-"), bare(address="-"), "new", id="V1-a-dash-is-no-address"),
        pytest.param(bare_facts(city="-"), bare(city="–"), "new", id="V1-a-dash-is-no-city"),
        pytest.param(
            bare_facts(name="!!!", postcode="SW16 5SD"), bare(name="???", postcode="SW16 5SD"), "new",
            id="V1-punctuation-is-no-common-name",
        ),
        pytest.param(
            bare_facts(city="London", postcode="SW16"), bare(city="London", postcode="SW16 5SD"), "name_city",
            id="P1-an-outward-code-is-a-hint-of-the-same-district",
        ),
        pytest.param(
            bare_facts(city="London", postcode="SW16"), bare(city="London", postcode="SW15 6TD"), "new",
            id="P1-an-outward-code-of-another-district",
        ),
        pytest.param(
            bare_facts(city=None, postcode="SW16"), bare(postcode="SW16"), "new",
            id="P1-equal-outward-codes-are-no-equal-postcodes",
        ),
        pytest.param(
            bare_facts(city="Wilmington", **HERE), placed(3_000, city="Wilmington"), "new",
            id="V1-two-houses-of-a-chain-in-one-town",
        ),
        pytest.param(
            bare_facts(city="Wilmington", **HERE), placed(900, city="Wilmington"), "name_city",
            id="V1-name-city-with-wobbling-positions",
        ),
        # likeness needs nearness
        pytest.param(bare_facts(**HERE), placed(30), "alike", id="V2-same-name-30-m"),
        pytest.param(
            bare_facts(name="Weatherspoon", **HERE), placed(5, name="Weatherspoons"), "alike",
            id="V2-one-word-spelled-otherwise",
        ),
        pytest.param(
            bare_facts(name="Railway Tavern", **HERE), placed(30, name="The Railway Inn"), "alike",
            id="V2-near-identical-names-within-50-m",
        ),
        pytest.param(
            bare_facts(name="Railway Tavern", **HERE), placed(199, name="The Railway Inn"), "alike",
            id="V2-near-identical-names-within-200-m",
        ),
        pytest.param(
            bare_facts(name="Railway Tavern", city="London", **HERE),
            placed(201, name="The Railway Inn", city="London"), "new",
            id="0013-alike-but-more-than-200-m-apart",
        ),
        pytest.param(
            bare_facts(name="Railway Tavern", postcode="SW16 5SD"),
            bare(name="The Railway Inn", postcode="SW16 5SD"), "alike",
            id="V2-near-identical-names-at-one-doorstep-postcode",
        ),
        pytest.param(
            bare_facts(name="Crown Hotel", postcode="4000", city="Brisbane"),
            bare(name="Crown Tavern", postcode="4000", city="Brisbane"), "new",
            id="0013-a-suburb-in-common-is-no-place",
        ),
        pytest.param(
            bare_facts(name="The Crown", **HERE), placed(0, name="The Crown Tap"), "new",
            id="two-pubs-in-one-building-one-word-more",
        ),
        pytest.param(
            bare_facts(name="The Crown and Anchor", postcode="SW16 5SD", **HERE),
            placed(0, name="The Crown", postcode="SW16 5SD"), "new",
            id="two-pubs-in-one-building-one-postcode",
        ),
        pytest.param(
            bare_facts(name="Railway Tavern", postcode="SW16 5SD", **HERE),
            placed(30, name="The Railway Inn", postcode="SW16 5SE"), "new",
            id="V2-near-identical-but-postcodes-differ",
        ),
        pytest.param(
            bare_facts(postcode="SW16 5SD", **HERE), placed(0, postcode="SW15 6TD"), "new",
            id="V2-same-name-same-spot-postcodes-differ",
        ),
        pytest.param(bare_facts(name="The Mill", **HERE), placed(0), "new", id="V2-two-pubs-in-one-building"),
        pytest.param(
            bare_facts(name="The Mill", postcode="SW16 5SD", city="London", address="1 Mall", **HERE),
            placed(0, postcode="SW16 5SD", city="London", address="1 Mall"), "new",
            id="V2-two-pubs-in-one-building-one-address-one-postcode",
        ),
        pytest.param(
            bare_facts(name="Odeon Cinema Streatham", **HERE), placed(0, name="The Railway Streatham Arms"), "new",
            id="V2-a-quiz-is-no-cinema",
        ),
        pytest.param(bare_facts(**HERE), bare(), "new", id="V2-unknown-distance-no-city"),
    ],
)  # fmt: skip
def test_match_venue(venue: VenueFacts, candidate: VenueCandidate, rule: str) -> None:
    match = match_venue(venue, [candidate])
    assert match.rule == rule
    assert match.venue_id == (None if rule == "new" else candidate.id)


# Names whose token overlap is exactly 2/7 < 0.3 <= 1/3 < 0.4 = 2/5 < 0.5 = 1/2 < 0.6 = 3/5.
OVERLAP = {
    "2/7": ("One Two Three Four", "One Two Five Six Seven"),
    "1/3": ("One Two", "One Three"),
    "2/5": ("One Two Three", "One Two Four Five"),
    "1/2": ("One", "One Two"),
    "3/5": ("One Two Three Four", "One Two Three Five"),
}


@pytest.mark.parametrize(
    ("metres", "overlap", "looked_at"),
    [
        (0, "1/3", True), (49, "2/7", True), (51, "1/3", False), (51, "2/5", True), (99, "2/5", True),
        (99, "1/3", False), (101, "2/5", False), (101, "1/2", True), (199, "1/2", True), (199, "2/5", False),
        (201, "1/2", False), (201, "3/5", False), (5_000, "3/5", False),
    ],
    ids=lambda value: str(value),
)  # fmt: skip
def test_v2_the_farther_the_more_alike(metres: float, overlap: str, looked_at: bool) -> None:
    """V2 chooses whom a person is shown; names that differ by a word never match on sight."""
    mine, theirs = OVERLAP[overlap]
    match = match_venue(bare_facts(name=mine, **HERE), [placed(metres, name=theirs)])
    assert match.venue_id is None
    assert bool(match.look_alikes) is looked_at


@pytest.mark.parametrize(
    ("overlap", "candidate_city", "looked_at"),
    [("3/5", "London", True), ("1/2", "London", False), ("3/5", "Leeds", False), ("3/5", None, False)],
)
def test_v2_unknown_distance_within_one_city_needs_most_of_the_name(
    overlap: str, candidate_city: str | None, looked_at: bool
) -> None:
    mine, theirs = OVERLAP[overlap]
    address = "2 Greyhound Lane"  # a score of 0.70 needs a place as well
    for known in (HERE, {}):
        match = match_venue(
            bare_facts(name=mine, city="London", address=address, **known),
            [bare(name=theirs, city=candidate_city, address=address)],
        )
        assert match.venue_id is None
        assert bool(match.look_alikes) is looked_at


def test_v2_likeness_far_away_in_one_city_is_not_enough() -> None:
    """Decision 0013: with both positions known and far apart, a name that is merely alike makes no match."""
    match = match_venue(
        bare_facts(name="Railway Tavern", city="London", **HERE),
        [placed(3_000, name="The Railway Inn", city="London")],
    )
    assert match.rule == "new"


def test_v4_the_confidence_of_a_match_is_kept() -> None:
    """From 0.90 on sight; V1's rules keep their score too, and nobody guessed at a new venue."""
    assert match_venue(bare_facts(**HERE), [placed(30)]).confidence == 1.0
    assert match_venue(bare_facts(city="London"), [bare(city="London")]).confidence == pytest.approx(0.7)
    assert match_venue(bare_facts(name="A", place_id="p1"), [bare(name="B", place_id="p1")]).confidence == 1.0
    assert match_venue(BARE_FACTS, []).confidence == 1.0


def test_v2_the_surest_of_several_that_are_alike() -> None:
    nearby = placed(150, id=1, name="Railway Inn")
    same_spelling = placed(20, id=2, name="Railways Inn")
    exact = placed(40, id=3, name="Railway Hotel")
    match = match_venue(bare_facts(name="Railway Tavern", **HERE), [nearby, same_spelling, exact])
    assert (match.venue_id, match.rule) == (3, "alike")


def test_v1_the_white_horse_at_three_postcodes_is_three() -> None:
    postcodes = ("SW6 4UL", "E2 7NX", "TW10 6DF")
    known: list[VenueCandidate] = []
    for number, postcode in enumerate(postcodes, start=1):
        horse = bare_facts(name="The White Horse", city="London", postcode=postcode)
        assert match_venue(horse, known).venue_id is None
        known.append(bare(id=number, name="The White Horse", city="London", postcode=postcode))
    for number, postcode in enumerate(postcodes, start=1):
        horse = bare_facts(name="White Horse", city="London", postcode=postcode)
        assert match_venue(horse, known).venue_id == number


def test_v1_the_order_of_the_rules() -> None:
    by_place = bare(id=1, name="Other", place_id="p1")
    by_postcode = bare(id=2, postcode="SW16 5SD")
    by_address = bare(id=3, address=RAILWAY.address)
    by_city = bare(id=4, city="London")
    near = placed(10, id=5, name="Railway Hotel")
    known = [near, by_city, by_address, by_postcode, by_place]
    asked = facts(place_id="p1")
    found = []
    while known:
        match = match_venue(asked, known)
        found.append((match.venue_id, match.rule))
        known = [candidate for candidate in known if candidate.id != match.venue_id]
        if match.venue_id is None:
            break
    assert found == [(1, "place_id"), (2, "name_postcode"), (3, "name_address"), (4, "name_city"), (5, "alike")]


def test_v1_of_several_that_match_the_nearest_then_the_oldest() -> None:
    far, near = stored(id=1, latitude=LAT + 100 * METRE), stored(id=2, latitude=LAT + 10 * METRE)
    assert match_venue(RAILWAY, [far, near]).venue_id == 2
    twins = [bare(id=9, postcode="SW16 5SD"), bare(id=7, postcode="SW16 5SD")]
    assert match_venue(RAILWAY, twins).venue_id == 7


@pytest.mark.parametrize(
    ("metres", "name", "flagged"),
    [
        pytest.param(40, "One Two Five Six Seven", True, id="V2-similar-within-50-m"),
        pytest.param(60, "One Two Five Six Seven", False, id="V2-similar-at-60-m"),
        pytest.param(0, "The Mill", False, id="V2-nothing-in-common"),
        pytest.param(0, "The Pub", False, id="V2-only-weightless-words-in-common"),
    ],
)
def test_v2_a_new_venue_near_a_similar_name_is_flagged(metres: float, name: str, flagged: bool) -> None:
    venue = bare_facts(name="The One Two Three Four Pub", **HERE)
    match = match_venue(venue, [placed(metres, name=name)])
    assert match.rule == "new"
    assert tuple(alike.slug for alike in match.look_alikes) == (("the-railway",) if flagged else ())


def test_v2_a_refused_match_for_its_postcode_is_flagged() -> None:
    match = match_venue(bare_facts(postcode="SW16 5SD", **HERE), [placed(5, postcode="SW15 6TD")])
    [alike] = match.look_alikes
    assert (match.venue_id, alike.slug, alike.confidence.band) == (None, "the-railway", "medium")


@pytest.mark.parametrize(
    ("left", "right", "similarity"),
    [
        ("The Railway", "Railway Tavern", 1.0),
        ("The Crown", "The Mill", 0.0),
        ("Crown and Anchor", "Crown & Anchor", 1.0),
        ("Crown Anchor", "Crown", 0.5),
        ("The Pub", "The Bar", 0.0),
        ("The Pub", "Pub", 1.0),
        ("Red Lion Inn", "Red Lion Hotel", 1.0),
        ("", "", 0.0),
        ("The Crown", "", 0.0),
    ],
)
def test_v2_name_similarity(left: str, right: str, similarity: float) -> None:
    assert name_similarity(left, right) == name_similarity(right, left) == pytest.approx(similarity)


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0.0),
        ((0.0, 0.0), (1.0, 0.0), 111_195.0),
        ((0.0, 0.0), (0.0, 1.0), 111_195.0),
        ((60.0, 0.0), (60.0, 1.0), 55_597.0),
        ((51.5074, -0.1278), (48.8566, 2.3522), 343_556.0),
        ((0.0, 179.9995), (0.0, -179.9995), 111.2),
        ((0.0, 0.0), (0.0, 180.0), 20_015_087.0),
    ],
    ids=["none", "a-degree-north", "a-degree-east", "at-60-north", "london-paris", "date-line", "antipodes"],
)
def test_distance_metres(here: tuple[float, float], there: tuple[float, float], metres: float) -> None:
    assert distance_metres(*here, *there) == pytest.approx(metres, rel=1e-3, abs=0.1)
    assert distance_metres(*there, *here) == pytest.approx(metres, rel=1e-3, abs=0.1)


words = st.sampled_from(["The Railway", "The Mill", "Railway Inn", "!!!"])
maybe = st.sampled_from([None, "", "-", "London", "SW16 5SD"])
positions = st.sampled_from([(None, None), (LAT, LON), (LAT + 40 * METRE, LON), (LAT + 900 * METRE, LON)])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[VenueFacts, VenueCandidate]:
    mine, theirs = draw(positions), draw(positions)
    return (
        bare_facts(
            name=draw(words), address=draw(maybe), city=draw(maybe), postcode=draw(maybe), latitude=mine[0],
            longitude=mine[1],
        ),
        bare(
            name=draw(words), address=draw(maybe), city=draw(maybe), postcode=draw(maybe), latitude=theirs[0],
            longitude=theirs[1],
        ),
    )  # fmt: skip


@given(pairs())
def test_v1_a_match_has_a_common_name_and_a_common_place(pair: tuple[VenueFacts, VenueCandidate]) -> None:
    venue, candidate = pair
    is_match = match_venue(venue, [candidate]).venue_id is not None
    alike = name_key(venue.name) == name_key(candidate.name) or names_are_one(venue.name, candidate.name)
    near = venue.latitude is not None and candidate.latitude is not None
    same_postcode = compare_postcodes(venue.postcode, candidate.postcode) is Postcodes.EQUAL
    same_words = [
        mine == theirs and mine not in (None, "", "-")
        for mine, theirs in ((venue.city, candidate.city), (venue.address, candidate.address))
    ]
    assert not is_match or (alike and (near or same_postcode or any(same_words)))
