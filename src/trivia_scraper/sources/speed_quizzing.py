"""SpeedQuizzing, half a world: an index inside an inline script, a page for each event id (sources.md 5)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import (
    Detail,
    EventFacts,
    EventStatus,
    ImageRef,
    ImageRole,
    Listing,
    OwnerKind,
    PerformerFacts,
    RejectedListing,
    VenueFacts,
)
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.document import Document, first_text
from trivia_scraper.sources.json_reading import member, parse_json, text_of
from trivia_scraper.sources.reading import (
    FactReader,
    evenings,
    picture_address,
    provenance,
    required,
    required_page,
    venue_at,
)
from trivia_scraper.sources.script_json import js_string_literal_after
from trivia_scraper.sources.usual import UsualSource
from trivia_scraper.text.address import split_address
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, DESCRIPTION_LIMIT, NAME_LIMIT
from trivia_scraper.text.coordinates import Position, read_position
from trivia_scraper.text.country_words import country_of_text
from trivia_scraper.text.fee import FeeOutcome, FeeReading, read_fee
from trivia_scraper.text.folding import fold
from trivia_scraper.text.names import read_host_name
from trivia_scraper.text.schedule import PHRASE_LIMIT, PhraseKind, ScheduleReading, read_schedule
from trivia_scraper.text.status_words import find_status_word
from trivia_scraper.text.web_addresses import resolved_address, with_canonical_host, without_query
from trivia_scraper.text.zones import country_at, currency_of, zone_of

_INDEX_ANCHOR: Final = "events = JSON.parse("
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_HOSTS: Final = frozenset({"speedquizzing.com", "www.speedquizzing.com"})
_CANONICAL_HOST: Final = "www.speedquizzing.com"

# Our name of a fact: the names under which the index has or may have it (5.1).
_INDEX_FIELDS: Final = {
    "day": ("day", "day_of_week"),
    "date": ("date",),
    "start_time": ("start_time",),
    "fee": ("fee",),
}
_FACT_LIMIT: Final = 200
_AFTER_EVERY_DATE: Final = "9999"

_PLACE: Final = "p.mb-0:has([class*=fa-map-marker])"
_CLOCK: Final = "p.mb-0:has([class*=fa-clock])"
_HOST_SECTION: Final = "#menu4, .host-section, .host-info"
_TITLE_MARK: Final = "•"
_NEXT_ON: Final = re.compile(r"next on\b", re.IGNORECASE)
_JOIN_AT: Final = re.compile(r"join the fun at ([^,]+)", re.IGNORECASE)
_TO_PLAY: Final = re.compile(r"(?!\s*prizes\b).*\bto play\b(?!\s+for\b)", re.IGNORECASE)
_HOSTED_BY: Final = re.compile(
    r"\bhosted by\s+((?:(?!\s(?:at|on|in|from)\s|\.\s|\.$)[^,!•|@\n]){1,200})", re.IGNORECASE
)
_MARKER: Final = re.compile(
    r"createMarker\(\s{0,20}\{[^{}]{0,200}?\blat[\"']?\s{0,5}:\s{0,5}[\"']?(-?[0-9.]{1,25})[\"']?\s{0,5},[^{}]{0,100}?"
    r"\bl(?:ng|on)[\"']?\s{0,5}:\s{0,5}[\"']?(-?[0-9.]{1,25})"
)


class SpeedQuizzing(UsualSource):
    """Reader of speedquizzing.com."""

    slug: Final = "speed_quizzing"
    name: Final = "SpeedQuizzing"
    home: Final = "https://www.speedquizzing.com"
    default_index_url: Final = "https://www.speedquizzing.com/find/"
    accept_language: Final = "en-GB,en;q=0.9"
    missing_details_are_normal: Final = True  # 30 to 40 % of the ids are stale bookings (5.6)

    def first_request(self, index_url: str, _today: dt.date) -> PageRequest:
        """The one index page."""
        return PageRequest(index_url, end_marker="</html>")

    def read_index(self, page: Page) -> IndexReading:
        """Every booking with an id, the next ones first. Raises PageShapeChanged without the script's literal."""
        try:
            bookings = parse_json(js_string_literal_after(page.text, _INDEX_ANCHOR))
        except ValueError as error:
            raise PageShapeChanged(str(error), looked_for=_INDEX_ANCHOR, url=page.url) from error
        if not isinstance(bookings, list):
            raise PageShapeChanged("the literal is no list", looked_for=_INDEX_ANCHOR, url=page.url)
        read = [_read_booking(booking, page.url) for booking in bookings]
        listings = [entry for entry in read if isinstance(entry, Listing)]
        # One id may be booked for several dates: the pipeline keeps the first, so that must be the earliest.
        listings.sort(key=lambda listing: listing.stated.get("date", _AFTER_EVERY_DATE))
        return IndexReading(tuple(listings), tuple(entry for entry in read if isinstance(entry, RejectedListing)))

    def detail_request(self, listing: Listing) -> PageRequest:
        """The event's page."""
        return PageRequest(listing.url, step="detail", kind="detail", end_marker="</html>")

    def read_detail(self, listing: Listing, page: Page | None, _companion: Page | None) -> Detail:
        """One event. Raises PageShapeChanged without a venue name, a weekday and time, or a country."""
        page = required_page(page, listing.url)
        document = Document.of(page)
        facts = FactReader()
        clock = first_text(document.select(_CLOCK))
        name = required(facts.line(_venue_name(document), NAME_LIMIT, "name"), "p.mb-0 b", page.url)
        venue = _venue(listing, name, page, document, facts)
        currency = required(currency_of(venue.country), "country", page.url)
        description = first_text(document.select(f"p.sm1:not({_HOST_SECTION}, {_inside(_HOST_SECTION)})"))
        fee_text = _fee_part(description) or listing.stated.get("fee")
        fee = _fee(fee_text, venue.country, facts)
        host = _host_name(document)
        return Detail(
            listing=listing,
            venue=venue,
            events=_events(
                _schedule(clock, document, listing, page.url),
                listing,
                title=f"SpeedQuizzing at {name}",
                description=facts.prose(description, DESCRIPTION_LIMIT, "description"),
                fee=fee,
                currency=currency,
            ),
            performer=PerformerFacts(host) if host else None,
            images=_images(document, page.url, hosted_by_name=host is not None),
            provenance=provenance(_title(document), clock, fee_text),
            issues=facts.issues,
        )


def _read_booking(booking: object, base: str) -> Listing | RejectedListing:
    key = (_first(booking, ("event_id", "id")) or "").strip()
    url = resolved_address(f"../events/{key}/", f"{without_query(base).rstrip('/')}/")
    if not key:
        return RejectedListing(None, None, "no event_id")
    if not _ID.fullmatch(key) or url is None:
        return RejectedListing(key[:40], None, "event_id is no id")
    position = read_position(_first(booking, ("lat", "latitude")), _first(booking, ("lon", "lng", "longitude")))
    stated = {fact: _first(booking, names) for fact, names in _INDEX_FIELDS.items()}
    return Listing(
        source=SpeedQuizzing.slug,
        key=key,
        url=with_canonical_host(url, _HOSTS, _CANONICAL_HOST),
        name=f"SpeedQuizzing event {key}",  # the index has no names (5.1)
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        schedule_text=stated["day"],
        stated={fact: text for fact, text in stated.items() if text},
    )


def _first(booking: object, names: tuple[str, ...]) -> str | None:
    """The first of these fields that has a short text or number."""
    texts = (text_of(member(booking, name)) for name in names)
    return next((text for text in texts if text and len(text) <= _FACT_LIMIT), None)


def _venue_name(document: Document) -> str | None:
    """5.2: the bold name of the place's paragraph, else what the description invites to."""
    bold = first_text(document.select(f"{_PLACE} b")) or first_text(document.select(f"p.mb-0:not({_CLOCK}) b"))
    invited = _JOIN_AT.search(document.meta("description") or "")
    return bold or (invited[1] if invited else None)


def _address(document: Document, name: str) -> str | None:
    """What follows the name in the place's paragraph; a name with a comma in it is not cut there."""
    line = first_text(document.select(_PLACE)) or ""
    return (line.removeprefix(name).lstrip(" ,") if line.startswith(name) else line.partition(", ")[2]) or None


def _venue(listing: Listing, name: str, page: Page, document: Document, facts: FactReader) -> VenueFacts:
    position = read_position(listing.latitude, listing.longitude) or _marker(page.text)
    if position is None:
        facts.note("coordinates: no position on land")
    address = facts.line(_address(document, name), ADDRESS_LIMIT, "address")
    country = required((country_at(position) if position else None) or country_of_text(address), "country", page.url)
    parts = split_address(address or "", country)
    for what, fact in (("address", address), ("city", parts.city)):
        if fact is None:
            facts.note(f"{what}: not stated")
    return venue_at(
        name,
        address,
        parts,
        position,
        country=country,
        timezone=required(zone_of(position, country, parts.region), "position or state", page.url),
    )


def _marker(markup: str) -> Position | None:
    """The position of the page's own map, which is gone since about October 2025 (5.2)."""
    found = _MARKER.search(markup)
    return read_position(found[1], found[2]) if found else None


def _title_parts(document: Document) -> list[str]:
    """og:title between its bullets, without the site's own part in front."""
    return [part.strip() for part in (document.meta("og:title") or "").split(_TITLE_MARK)[1:] if part.strip()]


def _title(document: Document) -> str | None:
    own = (part for part in _title_parts(document) if not _NEXT_ON.match(part))
    return next(own, None) or first_text(document.select("h1"))


def _schedule(clock: str | None, document: Document, listing: Listing, url: str) -> ScheduleReading:
    """The clock's line; what it lacks, the titles and the index say (5.2, T7, Q4)."""
    reading = read_schedule((clock or "")[: PHRASE_LIMIT + 1])
    for part in _title_parts(document):
        if _NEXT_ON.match(part):
            reading = reading.completed_by(read_schedule(_NEXT_ON.sub("", part)[: PHRASE_LIMIT + 1]))
    reading = reading.completed_by(read_schedule(listing.stated.get("day", ""), PhraseKind.DAY))
    reading = reading.completed_by(read_schedule(listing.stated.get("start_time", ""), PhraseKind.TIME))
    title = fold((_title(document) or "")[:PHRASE_LIMIT])
    reading = reading.completed_by(ScheduleReading(flag=find_status_word(title)))
    date = _next_date(reading, listing)
    if not reading.weekdays and date is not None:
        reading = replace(reading, weekdays=(date.isoweekday(),))
    if reading.lacks:
        raise PageShapeChanged(f"the schedule has no {reading.lacks}", looked_for="p.mb-0 .fa-clock", url=url)
    return reading


def _next_date(reading: ScheduleReading, listing: Listing) -> dt.date | None:
    """The page's date where it has a year, else the index's (5.1), unless that falls on another weekday."""
    stated = reading.date.with_year() if reading.date else None
    if stated is not None:
        return stated
    try:
        booked = dt.date.fromisoformat(listing.stated.get("date", ""))
    except ValueError:
        return None
    return booked if not reading.weekdays or booked.isoweekday() in reading.weekdays else None


def _events(
    reading: ScheduleReading,
    listing: Listing,
    *,
    title: str,
    description: str | None,
    fee: FeeReading,
    currency: str,
) -> tuple[EventFacts, ...]:
    """Weekly is assumed: the site lists next dates only (5.5)."""
    read = evenings(
        (reading,),
        title=title,
        description=description,
        fee_minor=fee.fee_minor,
        currency=fee.currency or currency,
        status=EventStatus.ACTIVE,
    )
    next_date = _next_date(reading, listing)
    return tuple(replace(event, next_date=next_date) for event in read)


def _fee_part(description: str | None) -> str | None:
    """5.4: only the part "… to play" is about the fee; the amounts before it are prizes."""
    parts = (part.strip() for part in (description or "").split("|"))
    return next((part for part in parts if _TO_PLAY.match(part)), None)


def _fee(fee_text: str | None, country: str, facts: FactReader) -> FeeReading:
    fee = read_fee(fee_text, country)
    if fee_text and fee.outcome is FeeOutcome.UNKNOWN:
        facts.note("fee: not understood")
    return fee


def _host_name(document: Document) -> str | None:
    """The host section's heading, else "Hosted by …" in the titles and descriptions (5.2, H4)."""
    section = document.select_one(_HOST_SECTION)
    headings = section.select("h3, .host-name, .quiz-master-name") if section else ()
    metas = (document.meta(name) for name in ("og:title", "og:description", "description"))
    found = (_HOSTED_BY.search(text) for text in (first_text(document.select("h1")), *metas) if text)
    texts = (*(heading.line() for heading in headings), *(match[1] for match in found if match))
    return next((name for text in texts if (name := read_host_name(text))), None)


def _images(document: Document, base: str, *, hosted_by_name: bool) -> tuple[ImageRef, ...]:
    """The host's picture; without a name it stays with the venue (H3)."""
    section = document.select_one(_HOST_SECTION)
    pictures = section.select(".host-img, .quiz-master-img, img[alt*=host i]") if section else ()
    addresses = (picture_address(picture.attribute("src"), base) for picture in pictures)
    owner = OwnerKind.PERFORMER if hosted_by_name else OwnerKind.VENUE
    profile = next((address for address in addresses if address), None)
    return (ImageRef(owner, ImageRole.PROFILE, SpeedQuizzing.slug, profile),) if profile else ()


def _inside(selectors: str) -> str:
    return ", ".join(f"{selector.strip()} *" for selector in selectors.split(","))
