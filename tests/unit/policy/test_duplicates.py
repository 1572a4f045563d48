"""How sure it is that two venues are one (V4), and what no score overrides (decision 0014)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.duplicates import Band, Confidence, confidence, may_be_kept, name_likeness, names_are_one
from trivia_scraper.policy.matching import VenueCandidate
from trivia_scraper.policy.places import Postcodes, compare_postcodes, house_numbers_differ, is_doorstep_postcode

LAT, LON = 51.4275, -0.1310
METRE = 1 / 111_194.93
BARE = VenueCandidate(1, "the-crown", "The Crown", None, None, None, None, None, None)
HERE = {"latitude": LAT, "longitude": LON}


def place(name: str = "The Crown", metres: float | None = None, **facts: Any) -> VenueCandidate:
    """A venue with these facts; `metres` north of the spot that all tests share."""
    position = {} if metres is None else {"latitude": LAT + metres * METRE, "longitude": LON}
    return replace(BARE, name=name, **{**position, **facts})


def score(name: float = 1.0, location: float = 1.0, **parts: Any) -> Confidence:
    """A confidence of these parts, no position known unless said."""
    stated: dict[str, Any] = {
        "score": round(0.7 * name + 0.3 * location, 9), "name": name, "location": location, "nearness": None,
        "metres": None, "postcodes": Postcodes.UNKNOWN, "same_place_id": False, "doubts": (),
    }  # fmt: skip
    return Confidence(**{**stated, **parts})


# --- the score ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "name", "location"),
    [
        pytest.param(place(postcode="SW16 5SD"), place(postcode="sw165sd"), 1, 1, id="equal-postcodes"),
        pytest.param(place(metres=0), place(metres=100), 1, 1, id="100-m"),
        pytest.param(place(metres=0), place(metres=550), 1, 0.5, id="550-m"),
        pytest.param(place(metres=0), place(metres=1_000), 1, 0, id="1-km"),
        pytest.param(place(metres=0), place(metres=9_000), 1, 0, id="9-km"),
        pytest.param(place(), place(), 1, 0, id="nothing-known-of-the-place"),
        pytest.param(place(address="2 High St"), place(address="2 High St"), 1, 1, id="one-address"),
        pytest.param(place(address="2 High St", metres=0), place(address="2 High St", metres=9_000), 1, 1,
                     id="the-larger-of-address-and-nearness"),
        pytest.param(place(address="aaaa"), place(address="zzzz"), 1, 0, id="addresses-with-nothing-in-common"),
        pytest.param(place(postcode="SW16"), place(postcode="SW16 5SD"), 1, 0, id="an-outward-code-is-no-postcode"),
        pytest.param(place("Crown", metres=0), place("Mill", metres=0), 0, 1, id="another-name"),
    ],
)  # fmt: skip
def test_v4_score(left: VenueCandidate, right: VenueCandidate, name: float, location: float) -> None:
    """0.7 of the names, 0.3 of the place."""
    found = confidence(left, right)
    assert (found.name, found.location) == (pytest.approx(name), pytest.approx(location, abs=1e-4))
    assert found.score == pytest.approx(0.7 * name + 0.3 * location, abs=1e-4)


def test_v4_equal_place_ids_score_1() -> None:
    found = confidence(place("Crown", place_id="p", metres=0), place("Mill", place_id="p", metres=5_000))
    assert (found.score, found.is_on_sight, found.is_kept, found.band) == (1, True, True, Band.HIGH)


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("The Crown", "Crown", 1),
        ("The Crown", "Crown Pub", 1),
        ("Crown Restaurant and Bar", "The Crown Hotel", 1),
        ("Crown Inn", "Crown Tavern", 1),
        ("Crown Club", "Crown Cafe", 1),
        ("Café Crown", "crown coffee shop", 1),
        ("KING'S HEAD", "Kings Head", 1),
        ("Crown & Anchor", "Crown and Anchor", 1),
        ("The Pub", "The Pub", 1),
        ("MARTHA", "MARHTA", 17 / 18),  # the value of Jaro's own textbook example
    ],
)
def test_v4_names_less_the_words_without_weight(left: str, right: str, alike: float) -> None:
    assert name_likeness(left, right) == pytest.approx(alike)


@pytest.mark.parametrize(
    ("found", "is_duplicate"),
    [
        pytest.param(score(0.85, 0.0, postcodes=Postcodes.EQUAL), True, id="name-0.85-and-one-postcode"),
        pytest.param(score(0.849, 0.0, postcodes=Postcodes.EQUAL), False, id="name-below-0.85-and-one-postcode"),
        pytest.param(score(0.85, 0.0, nearness=0.95), True, id="name-0.85-and-near"),
        pytest.param(score(0.85, 0.0, nearness=0.94), False, id="name-0.85-and-not-so-near"),
        pytest.param(score(0.80, 0.97), True, id="score-0.851"),
        pytest.param(score(0.80, 0.96), False, id="score-0.848"),
    ],
)
def test_v4_duplicate(found: Confidence, is_duplicate: bool) -> None:
    assert found.is_duplicate is is_duplicate


@pytest.mark.parametrize(
    ("name", "location", "kept", "band"),
    [
        (1.0, 0.0, True, Band.LOW),
        (0.999, 0.0, False, Band.LOW),
        (0.75, 0.75, True, Band.MEDIUM),
        (0.75, 0.74, True, Band.LOW),
        (0.90, 0.90, True, Band.HIGH),
        (0.90, 0.89, True, Band.MEDIUM),
    ],
)
def test_v4_bands(name: float, location: float, kept: bool, band: Band) -> None:
    """Kept from 0.70; 0.75 medium, 0.90 high: the borders belong to the upper band."""
    found = score(name, location)
    assert (found.is_kept, found.band) == (kept, band)


@pytest.mark.parametrize(
    ("found", "on_sight"),
    [
        (score(0.90, 0.90), True),
        (score(0.90, 0.89), False),
        (score(1.0, 1.0, doubts=("other house numbers",)), False),
        (score(0.0, 0.0, score=1.0, same_place_id=True, doubts=("a word of the name differs",)), True),
    ],
    ids=["0.90", "below", "a doubt", "one place id"],
)
def test_on_sight_from_0_90_and_without_a_doubt(found: Confidence, on_sight: bool) -> None:
    assert found.is_on_sight is on_sight


# --- what no score overrides ----------------------------------------------------------------------------------

RAILWAY = place("The Railway", address="2 Greyhound Lane, London SW16 5SD", city="London", postcode="SW16 5SD")


@pytest.mark.parametrize(
    ("other", "on_sight", "kept"),
    [
        pytest.param(
            place("The Railway", address="202 Upper Richmond Road, London SW15 6TD", city="London",
                  postcode="SW15 6TD"),
            False, False, id="the-railway-sw16-and-sw15",
        ),
        pytest.param(
            place("The Railway", address="2 Greyhound Lane, London SW15 6TD", city="London", postcode="SW15 6TD"),
            False, False, id="one-address-but-other-postcodes",
        ),
        pytest.param(
            place("The Railway", address="2 Greyhound Lane, London", city="London", postcode="SW16"), True, True,
            id="the-same-in-fewer-words",
        ),
        pytest.param(place("The Railway", city="London", postcode="SW15"), False, False, id="another-district"),
    ],
)  # fmt: skip
def test_the_railway(other: VenueCandidate, on_sight: bool, kept: bool) -> None:
    """Same-name pubs with other postcodes are not even shown."""
    found = confidence(RAILWAY, other)
    assert (found.is_on_sight, found.is_kept) == (on_sight, kept)


@pytest.mark.parametrize(("metres", "kept"), [(0, True), (100, True), (101, False)])
def test_other_postcodes_on_one_spot_are_for_a_person(metres: float, kept: bool) -> None:
    """A mistyped postcode, or two entrances: never on sight, never in the highest band."""
    found = confidence(place(metres=0, postcode="SW16 5SD"), place(metres=metres, postcode="SW16 5SE"))
    assert (found.is_kept, found.is_on_sight) == (kept, False)
    assert found.band is not Band.HIGH


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("The Crown", "The Crown Tap"),
        ("The Crown", "The Crown & Anchor"),
        ("The Fox and Hounds Upstairs", "The Fox and Hounds"),
        ("Munich Cricket Club Victoria", "Munich Cricket Club Tower Hill"),
        ("Studio 12 Quiz Rooms", "Studio 13 Quiz Rooms"),
        ("The White Horse", "The White House"),
    ],
)
def test_two_pubs_in_one_building_stay_two_on_sight(left: str, right: str) -> None:
    """A word of weight that differs: not on sight at any score, but a person sees the pair."""
    found = confidence(place(left, metres=0, postcode="SW16 5SD"), place(right, metres=0, postcode="SW16 5SD"))
    assert (found.is_on_sight, found.is_kept) == (False, True)
    assert "a word of the name differs" in found.doubts


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        ("Kings Head", "The King's Head Inn", True),
        ("Railways", "Railway Tavern", True),
        ("Anchor and Crown", "Crown & Anchor", True),
        ("Kings Head", "King Heads", True),
        ("The Crown", "The Crown Tap", False),
        ("The Crown", "The Mill", False),
        ("Crown Crown", "Crown Mill", False),
        ("Level 1", "Level 2", False),
        ("Bar 1920", "Bar 1921", False),
        ("The Pub", "The Bar", False),
    ],
)
def test_names_are_one(left: str, right: str, one: bool) -> None:
    assert names_are_one(left, right) is names_are_one(right, left) is one


@pytest.mark.parametrize(
    ("left", "right", "doubt"),
    [
        (place(metres=0), place(metres=201), "too far apart"),
        (place(place_id="a", metres=0), place(place_id="b", metres=0), "other place ids"),
        (place(postcode="4000"), place(postcode="4000"), "nothing but the area in common"),
        (place(city="Leeds"), place(city="Leeds"), "nothing but the area in common"),
        (place(address="12 High Street, Leeds"), place(address="14 High Street, Leeds"), "other house numbers"),
        (
            place(address="12 High Street", metres=0), place(address="14 High Street", metres=150),
            "other house numbers",
        ),
    ],
)  # fmt: skip
def test_doubts(left: VenueCandidate, right: VenueCandidate, doubt: str) -> None:
    for found in (confidence(left, right), confidence(right, left)):
        assert doubt in found.doubts
        assert not found.is_on_sight


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (place(metres=0), place(metres=200)),
        (place(postcode="SW16 5SD"), place(postcode="SW16 5SD")),
        (place(postcode="D02 XY45"), place(postcode="D02 XY45")),
        (place(address="12 High Street, Leeds"), place(address="12, High Street Leeds")),
        (place(address="1-3 High Street", metres=0), place(address="3 High Street", metres=150)),
        (place(address="12 High Street", metres=0), place(address="14 High Street", metres=50)),
    ],
    ids=["200 m", "doorstep postcode", "eircode", "one address", "a range of house numbers", "numbers on one spot"],
)
def test_no_doubt(left: VenueCandidate, right: VenueCandidate) -> None:
    found = confidence(left, right)
    assert (found.doubts, found.is_on_sight) == ((), True)


def test_ma_boyles_of_two_ids_is_one_place() -> None:
    """sources.md 5.6: one source, two ids, slightly different addresses."""
    one = place("Ma Boyles", metres=0, address="Tower Gardens, 26 Water Street, Liverpool, L3 1LG", city="Liverpool",
                postcode="L3 1LG")  # fmt: skip
    other = place("Ma Boyle's", metres=35, address="26 Tower Gardens, off Water St, Liverpool, L3", city="Liverpool",
                  postcode="L3")  # fmt: skip
    assert confidence(one, other).is_on_sight


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (confidence(place(metres=0), place(metres=12)), "same name, 12 m apart"),
        (
            confidence(place(postcode="SW16 5SD"), place("The Crown Tap", postcode="SW16 5SD")),
            "names 85% alike, same postcode; but a word of the name differs",
        ),
        (confidence(place(place_id="p"), place(place_id="p")), "one place id, same name; but nothing but the area "
                                                                "in common"),
    ],
)  # fmt: skip
def test_why_is_a_line_for_a_person(found: Confidence, why: str) -> None:
    assert found.why == why


names = st.sampled_from(["The Crown", "Crown Tap", "The Mill", "Level 1", "Ma Boyles", "!!!", "The Pub"])
maybe = st.sampled_from([None, "", "-", "SW16 5SD", "SW16", "4000", "12 High Street", "14 High Street"])
spots = st.sampled_from([None, 0, 99, 150, 500, 3_000])


@st.composite
def places(draw: st.DrawFn) -> VenueCandidate:
    return place(
        draw(names), draw(spots), address=draw(maybe), city=draw(maybe), postcode=draw(maybe),
        place_id=draw(st.sampled_from([None, "a", "b"])),
    )  # fmt: skip


@given(places(), places())
def test_confidence_does_not_mind_the_order_and_stays_within_0_and_1(
    left: VenueCandidate, right: VenueCandidate
) -> None:
    found, back = confidence(left, right), confidence(right, left)
    assert (found.score, found.band, found.is_kept, found.is_on_sight, found.doubts) == (
        back.score, back.band, back.is_kept, back.is_on_sight, back.doubts,
    )  # fmt: skip
    assert 0 <= found.score <= 1
    assert may_be_kept(left, right) or not found.is_kept
    assert not (found.is_on_sight and found.postcodes is Postcodes.DIFFERENT and not found.same_place_id)


# --- places ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (None, "SW16 5SD", Postcodes.UNKNOWN),
        ("", "SW16 5SD", Postcodes.UNKNOWN),
        ("SW16 5SD", "sw165sd", Postcodes.EQUAL),
        ("SW16 5SD", "SW15 6TD", Postcodes.DIFFERENT),
        ("SW16", "SW16 5SD", Postcodes.COMPATIBLE),
        ("SW16", "SW15 6TD", Postcodes.DIFFERENT),
        ("SW1", "SW16 5SD", Postcodes.DIFFERENT),
        ("SW16", "SW16", Postcodes.COMPATIBLE),
        ("SW16", "SW15", Postcodes.DIFFERENT),
        ("W1", "W1F 8PU", Postcodes.COMPATIBLE),
        ("W1", "W1F", Postcodes.COMPATIBLE),
        ("W1", "W12 7AB", Postcodes.DIFFERENT),
        ("D02", "D02 XY45", Postcodes.COMPATIBLE),
        ("D6W", "D6W XY45", Postcodes.COMPATIBLE),
        ("02114", "02114-1234", Postcodes.COMPATIBLE),
        ("02114", "02115-1234", Postcodes.DIFFERENT),
        ("4000", "4000", Postcodes.EQUAL),
        ("4000", "4001", Postcodes.DIFFERENT),
        ("00-950", "00-951", Postcodes.DIFFERENT),
    ],
)
def test_p1_postcodes(left: str | None, right: str | None, said: Postcodes) -> None:
    """P1: an outward code alone is a hint, and compares as one."""
    assert compare_postcodes(left, right) is compare_postcodes(right, left) is said


@pytest.mark.parametrize(
    ("postcode", "is_doorstep"),
    [("SW16 5SD", True), ("w1f8pu", True), ("D02 XY45", True), ("SW16", False), ("4000", False), ("02114", False),
     ("00-950", False), (None, False)],
)  # fmt: skip
def test_p1_which_postcodes_name_a_doorstep(postcode: str | None, is_doorstep: bool) -> None:
    assert is_doorstep_postcode(postcode) is is_doorstep


@pytest.mark.parametrize(
    ("left", "right", "differ"),
    [
        ("12 High Street", "14 High Street", True),
        ("12 High Street", "12 High St", False),
        ("12a High Street", "12 High Street", True),
        ("1-3 High Street", "3 High Street", False),
        ("High Street", "14 High Street", False),
        (None, "14 High Street", False),
        ("12 High Street 4000", "14 High Street 4000", True),
    ],
)
def test_house_numbers(left: str | None, right: str | None, differ: bool) -> None:
    mine, theirs = place(address=left, postcode="4000"), place(address=right, postcode="4000")
    assert house_numbers_differ(mine, theirs) is differ
