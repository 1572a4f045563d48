"""What a found place adds to a venue (sources.md P4, P5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trivia_scraper.domain.lookups import FoundPlace
from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.providers.placing import has_position, with_place

INN = VenueFacts(
    name="The Inn",
    address="1 Main Street",
    street="1 Main Street",
    city=None,
    region=None,
    postcode=None,
    country="US",
    latitude=None,
    longitude=None,
    timezone="America/New_York",
)
DENVER = FoundPlace(39.7392, -104.9903, "Denver")


def venue(**changes: Any) -> VenueFacts:
    return replace(INN, **changes)


@pytest.mark.parametrize(
    ("latitude", "longitude", "has"),
    [(None, None, False), (1.0, None, False), (None, 1.0, False), (1.0, 1.0, True), (0.0, 1.0, True)],
)
def test_a_position_needs_both_halves(latitude: float | None, longitude: float | None, has: bool) -> None:
    assert has_position(venue(latitude=latitude, longitude=longitude)) is has


@pytest.mark.parametrize(
    ("facts", "place", "city", "timezone"),
    [
        pytest.param(venue(), DENVER, "Denver", "America/Denver", id="P5-zone-of-the-position"),
        pytest.param(venue(city="Aurora"), DENVER, "Aurora", "America/Denver", id="P4-stated-town-stays"),
        pytest.param(venue(), replace(DENVER, city=None), None, "America/Denver", id="no-town"),
        pytest.param(
            venue(country="GB", timezone="Europe/London"), DENVER, "Denver", "Europe/London", id="P5-foreign-zone"
        ),
        pytest.param(venue(), FoundPlace(30.0, -40.0, None), None, "America/New_York", id="P5-at-sea"),
    ],
)
def test_p5_position_town_and_zone(facts: VenueFacts, place: FoundPlace, city: str | None, timezone: str) -> None:
    placed = with_place(facts, place)
    assert (placed.latitude, placed.longitude) == (place.latitude, place.longitude)
    assert (placed.city, placed.timezone) == (city, timezone)
    assert replace(placed, latitude=None, longitude=None, city=facts.city, timezone=facts.timezone) == facts


def test_p4_a_stated_postcode_stays_and_a_missing_one_is_filled() -> None:
    place = replace(DENVER, postcode="80211")
    assert with_place(venue(postcode=None), place).postcode == "80211"
    assert with_place(venue(postcode="80301"), place).postcode == "80301"
