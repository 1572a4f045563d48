"""Facts → the venue: country, zone and currency by coordinates first (P5, P6), the address in its parts (P2–P4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.sources.declarative.facts import Facts, text_in
from trivia_scraper.sources.declarative.schema import DefaultsTable
from trivia_scraper.sources.reading import FactReader, required, venue_at
from trivia_scraper.text.address import AddressParts, one_line, split_address
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, NAME_LIMIT
from trivia_scraper.text.coordinates import Position, read_position
from trivia_scraper.text.country_words import country_of_text
from trivia_scraper.text.localities import accept_locality
from trivia_scraper.text.postcodes import read_postcode
from trivia_scraper.text.regions import state_code
from trivia_scraper.text.zones import country_at, country_of_zone, currency_of, zone_at, zone_of_region

_LOOSE: Final = " -–—,;:|·•"
"""What is left beside an address where a site puts it behind a name: "- Greenwich, London"."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a venue is, as far as reading it depends on that."""

    position: Position | None
    country: str
    address: str
    parts: AddressParts
    timezone: str
    currencies: tuple[str, ...]


def position_of(facts: Facts) -> Position | None:
    """The stated position, or None; default pins are none."""
    return read_position(text_in(facts, "lat"), text_in(facts, "lng"))


def country_of(facts: Facts, defaults: DefaultsTable) -> str | None:
    """P5: by coordinates, by what the item says, by the default, by the default zone, by the address."""
    position = position_of(facts)
    return (
        (country_at(position) if position else None)
        or _stated_country(text_in(facts, "country"))
        or defaults.country
        or (country_of_zone(defaults.timezone) if defaults.timezone else None)
        or country_of_text(published_address(facts))
    )


def probable_zone(facts: Facts, defaults: DefaultsTable) -> str | None:
    """The zone as far as it is known before a detail page is read: for its times with an offset."""
    position = position_of(facts)
    country = country_of(facts, defaults)
    return (
        (zone_at(position) if position else None)
        or defaults.timezone
        or (zone_of_region(country, text_in(facts, "region")) if country else None)
    )


def published_address(facts: Facts) -> str:
    """The address on one line: as published, else put together from its parts."""
    address = one_line(text_in(facts, "address") or "").strip(_LOOSE)
    if address:
        return address
    parts = [facts[name].value for name in ("street", "locality", "region", "postcode") if name in facts]
    return one_line("\n".join(parts)) if parts else ""


def whereabouts(facts: Facts, defaults: DefaultsTable, reader: FactReader, url: str) -> Whereabouts:
    """Raises PageShapeChanged naming what is not known: the country, the zone or the currency."""
    position = position_of(facts)
    if position is None and "lat" in facts:
        reader.note("coordinates: no position on land")
    country = required(country_of(facts, defaults), "country (or defaults.country)", url)
    address = reader.line(published_address(facts), ADDRESS_LIMIT, "address") or ""
    parts = _parts(facts, address, country)
    zone = _zone(position, country, parts.region, defaults)
    currencies = tuple(filter(None, (currency_of(country), defaults.currency)))
    return Whereabouts(
        position,
        country,
        address,
        parts,
        required(zone, "time zone (or defaults.timezone)", url),
        required(currencies or None, "currency (or defaults.currency)", url),
    )


def read_venue(facts: Facts, name: str, where: Whereabouts, reader: FactReader) -> VenueFacts:
    """The venue; facts that are refused become None and an issue."""
    if where.parts.city is None:
        reader.note("city: not stated")
    return venue_at(
        name,
        where.address or None,
        where.parts,
        where.position,
        country=where.country,
        timezone=where.timezone,
        phone=reader.phone(text_in(facts, "phone"), where.country),
        website=reader.website(text_in(facts, "website")),
        facebook=reader.website(text_in(facts, "facebook"), "facebook"),
        instagram=reader.website(text_in(facts, "instagram"), "instagram"),
    )


def _parts(facts: Facts, address: str, country: str) -> AddressParts:
    """What fields state wins over what the line tells."""
    told = split_address(address, country)
    region, postcode = text_in(facts, "region"), text_in(facts, "postcode")
    # Where no country's spelling is known to check it by, a stated postcode is believed.
    as_stated = _line(postcode) if currency_of(country) is None else None
    return AddressParts(
        street=_line(text_in(facts, "street")) or told.street,
        city=accept_locality(text_in(facts, "locality")) or told.city,
        region=state_code(region, country) or told.region or _line(region),
        postcode=read_postcode(postcode, country) or told.postcode or as_stated,
    )


def _zone(position: Position | None, country: str, region: str | None, defaults: DefaultsTable) -> str | None:
    at_position = zone_at(position) if position else None
    if at_position and country_of_zone(at_position) in (country, None):
        return at_position
    return defaults.timezone or zone_of_region(country, region)


def _stated_country(text: str | None) -> str | None:
    if not text:
        return None
    code = text.strip()
    if len(code) == 2 and code.isascii() and code.isalpha():
        return "GB" if code.upper() == "UK" else code.upper()
    return country_of_text(text)


def _line(text: str | None) -> str | None:
    return FactReader().line(text, NAME_LIMIT, "") if text else None
