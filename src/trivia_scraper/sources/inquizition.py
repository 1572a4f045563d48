"""Inquizition, United Kingdom: one JSONP document of a store locator says everything (sources.md 4).

The document carries other tenants' API keys: only single fields of the stores ever leave this module.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Listing, RejectedListing, VenueFacts
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.json_reading import member, read_json, text_of
from trivia_scraper.sources.reading import (
    INDEX_NAME_LIMIT,
    FactReader,
    evenings,
    provenance,
    quiz_title,
    required,
    venue_at,
)
from trivia_scraper.sources.script_json import unwrap_jsonp
from trivia_scraper.sources.usual import UsualSource
from trivia_scraper.text.address import AddressParts, one_line, split_address
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, DESCRIPTION_LIMIT, NAME_LIMIT, clean_line, decode_entities
from trivia_scraper.text.coordinates import Position, read_degrees, read_position
from trivia_scraper.text.schedule import PHRASE_LIMIT, ScheduleOutcome, ScheduleReading, read_evenings
from trivia_scraper.text.weekdays import read_weekdays
from trivia_scraper.text.zones import country_at, country_of_zone, currency_of, zone_at, zone_of_region

_HOME_COUNTRY: Final = "GB"
_FEE_MINOR: Final = 250  # £2.50 everywhere; the document does not say it (4.3)
_KEY_LIMIT: Final = 40
_PLACE_ID_LIMIT: Final = 300
_ACCEPT: Final = "application/json,text/javascript,*/*;q=0.8"
_FIND_PAGE: Final = "https://inquizition.com/find-a-quiz/"
_BETWEEN_FILTERS: Final = ", "
_DAY_LIMIT: Final = 12


class Inquizition(UsualSource):
    """Reader of inquizition.com's Store Locator Widgets document."""

    slug: Final = "inquizition"
    name: Final = "Inquizition"
    home: Final = "https://inquizition.com"
    default_index_url: Final = "https://cdn.storelocatorwidgets.com/json/7f3962110f31589bc13cdc3b7b85cfd7"
    accept_language: Final = "en-GB"

    def first_request(self, index_url: str, _today: dt.date) -> PageRequest:
        """The one request. A body that is cut off betrays itself: its call is not closed."""
        return PageRequest(index_url, headers={"Accept": _ACCEPT})

    def read_index(self, page: Page) -> IndexReading:
        """Every usable store. Raises PageShapeChanged without a list of `stores`."""
        try:
            body = unwrap_jsonp(page.text)
        except ValueError as error:
            raise PageShapeChanged(str(error), looked_for="stores", url=page.url) from error
        stores = member(read_json(body, looked_for="stores", url=page.url), "stores")
        if not isinstance(stores, list):
            raise PageShapeChanged("no list of stores", looked_for="stores", url=page.url)
        read = [_read_store(store) for store in stores]
        return IndexReading(
            tuple(entry for entry in read if isinstance(entry, Listing)),
            tuple(entry for entry in read if isinstance(entry, RejectedListing)),
        )

    def detail_request(self, _listing: Listing) -> None:
        """There is no page for a venue (4.2)."""

    def read_detail(self, listing: Listing, _page: Page | None, _companion: Page | None) -> Detail:
        """One venue, out of its listing. Raises PageShapeChanged without weekday, time or time zone."""
        facts = FactReader()
        name = required(facts.line(listing.name, NAME_LIMIT, "name"), "name", listing.url)
        venue = _venue(listing, name, facts)
        filters = listing.stated.get("filters")
        readings = _schedule(filters, listing.schedule_text)
        events = evenings(
            readings,
            title=quiz_title(name),
            description=facts.prose(_beyond_schedule(listing.description), DESCRIPTION_LIMIT, "description"),
            fee_minor=_FEE_MINOR if venue.country == _HOME_COUNTRY else None,
            currency=required(currency_of(venue.country), "country", listing.url),
            status=EventStatus.ACTIVE,
        )
        told = " | ".join(text for text in (filters, listing.schedule_text) if text)
        return Detail(
            listing=listing,
            venue=venue,
            events=required(events or None, "description with weekday and time", listing.url),
            performer=None,
            images=(),
            provenance=provenance(listing.name, told, None),
            issues=facts.issues,
        )


def _read_store(store: object) -> Listing | RejectedListing:
    """One store; its first missing fact is the reason of its rejection (4.1)."""
    key = (text_of(member(store, "storeid")) or "").strip()
    name = clean_line(_words(member(store, "name")) or "", INDEX_NAME_LIMIT).text
    fields = member(store, "data")
    address = one_line(_words(member(fields, "address")) or "")
    degrees = tuple(member(fields, axis) for axis in ("map_lat", "map_lng"))
    description = _words(member(fields, "description"))
    filters = _day_filters(member(store, "filters"))
    reason = _missing(store, key, name, address, degrees) or _schedule_lacks(filters, description)
    if reason:
        return RejectedListing(key[:_KEY_LIMIT] or None, name or None, reason)
    position = read_position(*degrees)
    return Listing(
        source=Inquizition.slug,
        key=key,
        url=f"{_FIND_PAGE}#{quote(key, safe='')}",
        name=name,
        address=address,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        phone=_string(member(fields, "phone")),
        website=_string(member(fields, "website")),
        schedule_text=(description or "")[: PHRASE_LIMIT + 1] or None,
        description=description,
        stated=_stated(store, filters),
    )


def _missing(store: object, key: str, name: str, address: str, degrees: tuple[object, ...]) -> str:
    if not isinstance(store, dict):
        return "no store record"
    if not key or len(key) > _KEY_LIMIT:
        return "no storeid"
    if not name:
        return "no name"
    if not isinstance(store.get("data"), dict):
        return "no data"
    if not address:
        return "no address"
    return "no position" if any(read_degrees(value) is None for value in degrees) else ""


def _schedule_lacks(filters: str | None, description: str | None) -> str:
    """4.3, T7: no evening is stored without its time, and none is made up."""
    lacks = _schedule(filters, description)[0].lacks
    return f"schedule without {lacks}" if lacks else ""


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _words(value: object) -> str | None:
    """A text for people: what its editor wrote as HTML entities is decoded."""
    text = _string(value)
    return decode_entities(text) if text else None


def _day_filters(filters: object) -> str | None:
    """The filters that are weekdays, e.g. "Tuesday, Thursday"; "Sunday roast" says nothing of the evening."""
    names = [name.strip() for name in (filters if isinstance(filters, list) else []) if _string(name)]
    days = [name for name in names if len(name) <= _DAY_LIMIT and name.isalpha() and read_weekdays(name)]
    return _BETWEEN_FILTERS.join(days[:7]) or None


def _stated(store: object, filters: str | None) -> dict[str, str]:
    named = {name: _string(member(store, name)) for name in ("google_placeid", "timezone", "country")}
    return {name: text for name, text in {"filters": filters, **named}.items() if text}


def _schedule(filters: str | None, description: str | None) -> tuple[ScheduleReading, ...]:
    """4.3: the filters say the days, the description the time; several filters are several evenings."""
    told = read_evenings((description or "")[: PHRASE_LIMIT + 1])
    days = read_weekdays(filters or "")
    if not days:
        return told
    # "Mondays 7pm & Thursdays 8pm" has a time of its own for each day that the filters name.
    each = [replace(one, weekdays=tuple(day for day in one.weekdays if day in days)) for one in told]
    named = {day for one in each for day in one.weekdays}
    if named == set(days) and all(one.outcome is ScheduleOutcome.FULL for one in each if one.weekdays):
        return tuple(one for one in each if one.weekdays)
    return (replace(told[0], weekdays=days),)


def _beyond_schedule(description: str | None) -> str | None:
    """What follows the first line: that one is day and time (T1), and no description of the evening."""
    return (description or "").strip().replace("\r", "\n").partition("\n")[2] or None


def _venue(listing: Listing, name: str, facts: FactReader) -> VenueFacts:
    position = read_position(listing.latitude, listing.longitude)
    if position is None:
        facts.note("coordinates: no position on land")
    country = _country(position, listing.stated.get("country"))
    address = facts.line(listing.address, ADDRESS_LIMIT, "address")
    parts = split_address(address or "", country)
    if parts.city is None:
        facts.note("city: not stated")
    return venue_at(
        name,
        address,
        parts,
        position,
        country=country,
        timezone=required(
            _timezone(position, country, parts, listing.stated.get("timezone")), "timezone", listing.url
        ),
        phone=facts.phone(listing.phone, country),
        website=facts.website(listing.website),
        place_id=facts.line(listing.stated.get("google_placeid"), _PLACE_ID_LIMIT, "google_placeid"),
    )


def _country(position: Position | None, stated: str | None) -> str:
    """P5: by position, then as the record says where we know such a country; the source's own otherwise."""
    code = (stated or "").strip().upper()
    return (country_at(position) if position else None) or (code if currency_of(code) else _HOME_COUNTRY)


def _timezone(position: Position | None, country: str, parts: AddressParts, stated: str | None) -> str | None:
    """P5: the first of position, record and region that names a zone of this country."""
    zones = (zone_at(position) if position else None, (stated or "").strip())
    known = (zone for zone in zones if zone and country_of_zone(zone) == country)
    return next(known, None) or zone_of_region(country, parts.region)
