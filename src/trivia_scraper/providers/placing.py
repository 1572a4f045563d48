"""What a found place adds to a venue's facts (sources.md P4, P5): never in place of what the source states."""

from __future__ import annotations

from dataclasses import replace

from trivia_scraper.domain.lookups import FoundPlace
from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.zones import country_of_zone, zone_at


def has_position(venue: VenueFacts) -> bool:
    """Whether the source states where the venue stands."""
    return venue.latitude is not None and venue.longitude is not None


def with_place(venue: VenueFacts, place: FoundPlace) -> VenueFacts:
    """The venue with position, town and postcode where none was known, and the zone there if it is the country's."""
    zone = zone_at(Position(place.latitude, place.longitude))
    belongs = zone is not None and country_of_zone(zone) == venue.country
    return replace(
        venue,
        latitude=place.latitude,
        longitude=place.longitude,
        city=venue.city or place.city,
        postcode=venue.postcode or place.postcode,
        timezone=zone if zone is not None and belongs else venue.timezone,
    )
