"""Which venues are compared: those that share a block, and a block's cost is capped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trivia_scraper.policy.blocking import BLOCK_LIMIT, NEIGHBOURS, pairs_to_compare
from trivia_scraper.policy.matching import VenueCandidate

BARE = VenueCandidate(1, "a", "The Crown", None, None, None, None, None, None)


def pairs(*venues: VenueCandidate) -> list[tuple[int, int]]:
    return [(min(left.id, right.id), max(left.id, right.id)) for left, right in pairs_to_compare(venues)]


@pytest.mark.parametrize(
    ("facts", "other", "compared"),
    [
        ({"city": "Leeds"}, {"city": "LEEDS"}, True),
        ({"city": "Leeds"}, {"city": "York"}, False),
        ({"postcode": "LS1 4AB"}, {"postcode": "ls14ab"}, True),
        ({"place_id": "p"}, {"place_id": "p"}, True),
        ({"latitude": 53.7999, "longitude": -1.5}, {"latitude": 53.8001, "longitude": -1.5}, True),
        ({"latitude": 53.80, "longitude": -1.5001}, {"latitude": 53.80, "longitude": -1.4999}, True),
        ({"latitude": 53.80, "longitude": -1.5}, {"latitude": 53.809, "longitude": -1.5}, True),
        ({"latitude": 70.0, "longitude": 25.0}, {"latitude": 70.0, "longitude": 25.026}, True),
        ({"latitude": 53.80, "longitude": -1.5}, {"latitude": 53.90, "longitude": -1.5}, False),
        ({}, {}, False),
        ({"city": "", "postcode": ""}, {"city": "", "postcode": ""}, False),
    ],
)
def test_v4_what_shares_a_block(facts: dict[str, object], other: dict[str, object], compared: bool) -> None:
    """A city, a postcode, a place id, or a kilometre, whatever cell borders lie between."""
    left, right = replace(BARE, **facts), replace(BARE, id=2, **other)  # type: ignore[arg-type]
    assert pairs(left, right) == ([(1, 2)] if compared else [])


def test_a_pair_that_shares_several_blocks_is_compared_once() -> None:
    twin = replace(BARE, city="Leeds", postcode="LS1 4AB", place_id="p", latitude=53.8, longitude=-1.5)
    assert pairs(twin, replace(twin, id=2)) == [(1, 2)]


def test_a_small_block_compares_all_with_all() -> None:
    venues = [replace(BARE, id=number, city="Leeds") for number in range(BLOCK_LIMIT)]
    assert len(pairs(*venues)) == BLOCK_LIMIT * (BLOCK_LIMIT - 1) / 2


def test_a_large_block_compares_neighbours_by_name_only() -> None:
    """The cost grows with n · NEIGHBOURS; names that begin alike are still met."""
    number = 10 * BLOCK_LIMIT
    venues = [replace(BARE, id=n, name=f"House {n:05}", city="London") for n in range(number)]
    twins = [
        replace(BARE, id=-1, name="Zebra", city="London"),
        replace(BARE, id=-2, name="The Zebra Inn", city="London"),
    ]
    found = pairs(*venues, *twins)
    assert len(found) <= (number + 2) * NEIGHBOURS
    assert (-2, -1) in found
