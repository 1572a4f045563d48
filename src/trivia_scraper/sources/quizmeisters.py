"""Quizmeisters, Australia: a StoreRocket index in JSON and a Webflow page for each venue (sources.md 2)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import (
    Detail,
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
from trivia_scraper.sources.document import Document, Element, first_text
from trivia_scraper.sources.json_reading import member, read_json, text_of
from trivia_scraper.sources.reading import (
    INDEX_NAME_LIMIT,
    FactReader,
    evenings,
    picture_address,
    provenance,
    quiz_title,
    required,
    required_page,
    venue_at,
)
from trivia_scraper.sources.usual import UsualSource
from trivia_scraper.text.address import AddressParts, one_line, split_address
from trivia_scraper.text.cleaning import (
    ADDRESS_LIMIT,
    DESCRIPTION_LIMIT,
    NAME_LIMIT,
    clean_line,
    decode_entities,
    paragraphs_joined,
)
from trivia_scraper.text.coordinates import Position, read_degrees, read_position
from trivia_scraper.text.names import read_host_name
from trivia_scraper.text.postcodes import read_postcode
from trivia_scraper.text.schedule import PHRASE_LIMIT, read_evenings, read_schedule
from trivia_scraper.text.web_addresses import last_path_segment, resolved_address, with_canonical_host, without_query
from trivia_scraper.text.zones import zone_of, zone_of_region

_COUNTRY: Final = "AU"
_CURRENCY: Final = "AUD"
_FREE: Final = 0

_HOSTS: Final = frozenset(
    {"quizmeisters.com", "www.quizmeisters.com", "quizmeisters.com.au", "www.quizmeisters.com.au"}
)
_CANONICAL_HOST: Final = "www.quizmeisters.com"
_STATE_PREFIX: Final = re.compile(r"(act|nsw|qld|vic|sa|wa|tas|nt)-(?=.)", re.IGNORECASE)
_SCHEDULE_FIELDS: Final = ("trivia", "survey says")
_PHONE_PARAGRAPH: Final = re.compile(r"\+?[0-9 ()-]{8,}")
_GENERIC: Final = frozenset({"trivia-generic", "bingo-generic", "survey-generic"})
_ALL_VENUES: Final = "venues"
_HIDDEN: Final = "w-condition-invisible"


class Quizmeisters(UsualSource):
    """Reader of quizmeisters.com."""

    slug: Final = "quizmeisters"
    name: Final = "Quizmeisters"
    home: Final = "https://www.quizmeisters.com"
    default_index_url: Final = "https://storerocket.io/api/user/kDJ3BbK4mn/locations"
    accept_language: Final = "en-AU,en;q=0.9"

    def first_request(self, index_url: str, _today: dt.date) -> PageRequest:
        """The one index request."""
        return PageRequest(index_url, headers={"Accept": "application/json"}, end_marker="}")

    def read_index(self, page: Page) -> IndexReading:
        """Every usable location. Raises PageShapeChanged without `success` or `results.locations`."""
        answer = read_json(page.text, looked_for="results.locations", url=page.url)
        if member(answer, "success") is not True:
            raise PageShapeChanged("the service reports no success", looked_for="success", url=page.url)
        locations = member(answer, "results", "locations")
        if not isinstance(locations, list):
            raise PageShapeChanged("no list of locations", looked_for="results.locations", url=page.url)
        read = [_read_location(location, page.url) for location in locations]
        usable, twins = _without_twins([entry for entry in read if isinstance(entry, Listing)])
        refused = [entry for entry in read if isinstance(entry, RejectedListing)]
        return IndexReading(tuple(usable), (*refused, *twins))

    def detail_request(self, listing: Listing) -> PageRequest:
        """The venue's page."""
        return PageRequest(listing.url, step="detail", kind="detail", end_marker="</html>")

    def read_detail(self, listing: Listing, page: Page | None, _companion: Page | None) -> Detail:
        """One venue. Raises PageShapeChanged for a page without any of the venue blocks."""
        page = required_page(page, listing.url)
        document = Document.of(page)
        required(
            document.select_one(".venue-name, .venue-block, .venue-hero, .venue-description"),
            ".venue-block",
            page.url,
        )
        facts = FactReader()
        name = required(facts.line(listing.name, NAME_LIMIT, "name"), "name", page.url)
        venue = _venue(listing, name, document, facts, page.url)
        host = read_host_name(first_text(document.select(".host-info .host-name")))
        schedule_text = required(listing.schedule_text, "schedule", page.url)
        events = evenings(
            read_evenings(schedule_text),
            title=quiz_title(name),
            description=facts.prose(_description(document), DESCRIPTION_LIMIT, "description"),
            fee_minor=_FREE,
            currency=_CURRENCY,
            status=EventStatus.PAUSED if _on_break(document) else EventStatus.ACTIVE,
        )
        return Detail(
            listing=listing,
            venue=venue,
            events=required(events or None, "schedule with weekday and time", page.url),
            performer=PerformerFacts(host) if host else None,
            images=_images(document, page.url, hosted_by_name=host is not None),
            provenance=provenance(listing.name, schedule_text, None),
            issues=facts.issues,
        )


def _read_location(record: object, base: str) -> Listing | RejectedListing:
    """One StoreRocket record; its first missing fact is the reason of its rejection (2.1)."""
    name = clean_line(decode_entities(text_of(member(record, "name")) or ""), INDEX_NAME_LIMIT).text
    address = one_line(decode_entities(text_of(member(record, "address")) or ""))
    latitude, longitude = member(record, "lat"), member(record, "lng")
    url = _venue_address(text_of(member(record, "url")), base)
    schedule_text = _schedule_text(member(record, "fields"))
    reason = _missing(name, address, latitude, longitude, url, schedule_text)
    if reason or url is None:
        return RejectedListing(last_path_segment(url) if url else None, name or None, reason)
    position = read_position(latitude, longitude)
    return Listing(
        source=Quizmeisters.slug,
        key=last_path_segment(url).lower(),
        url=url,
        name=name,
        address=address,
        postcode=read_postcode(member(record, "postcode"), _COUNTRY),
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        phone=text_of(member(record, "phone")),
        schedule_text=schedule_text,
    )


def _missing(
    name: str, address: str, latitude: object, longitude: object, url: str | None, schedule_text: str | None
) -> str:
    if not name:
        return "no name"
    if not address:
        return "no address"
    if read_degrees(latitude) is None or read_degrees(longitude) is None:
        return "no position"
    if url is None:
        return "no page address"
    if schedule_text is None:
        return "no schedule"
    lacks = read_schedule(schedule_text).lacks
    return f"schedule without {lacks}" if lacks else ""


def _venue_address(url: str | None, base: str) -> str | None:
    """2.4: one canonical form for real hosts; a replica's own links stay with the replica.

    The list of venues is no venue's page: two records with it would become one venue.
    """
    absolute = resolved_address(url, base)
    if absolute is None:
        return None
    plain = without_query(with_canonical_host(absolute, _HOSTS, _CANONICAL_HOST)).rstrip("/")
    return None if last_path_segment(plain).lower() in ("", _ALL_VENUES) else plain


def _schedule_text(fields: object) -> str | None:
    """`pivot_field_value` of the field Trivia, else of Survey Says; no other key ever held it (2.4)."""
    entries = fields if isinstance(fields, list) else []
    for wanted in _SCHEDULE_FIELDS:
        for entry in entries:
            if (text_of(member(entry, "name")) or "").strip().casefold() == wanted:
                text = text_of(member(entry, "pivot_field_value"))
                if text:
                    return text[: PHRASE_LIMIT + 1]
    return None


def _without_twins(listings: list[Listing]) -> tuple[list[Listing], list[RejectedListing]]:
    """2.4: an address without the state prefix is the same venue as the one prefixed address it matches."""
    prefixed: dict[str, list[Listing]] = {}
    for listing in listings:
        if _STATE_PREFIX.match(listing.key):
            prefixed.setdefault(_STATE_PREFIX.sub("", listing.key, count=1), []).append(listing)
    twins = [listing for listing in listings if len({twin.key for twin in prefixed.get(listing.key, [])}) == 1]
    usable = [listing for listing in listings if listing not in twins]
    return usable, [RejectedListing(twin.key, twin.name, "same venue under two addresses") for twin in twins]


def _venue(listing: Listing, name: str, document: Document, facts: FactReader, url: str) -> VenueFacts:
    position = read_position(listing.latitude, listing.longitude)
    if position is None:
        facts.note("coordinates: no position on land")
    address = facts.line(listing.address, ADDRESS_LIMIT, "address")
    parts = split_address(address or "", _COUNTRY)
    if parts.city is None:
        facts.note("city: not stated")
    links = {what: facts.website(_icon_link(document, what), what) for what in ("website", "facebook", "instagram")}
    return venue_at(
        name,
        address,
        replace(parts, postcode=listing.postcode or parts.postcode),
        position,
        country=_COUNTRY,
        timezone=required(_timezone(listing.key, position, parts), "state or position", url),
        phone=facts.phone(listing.phone or _phone_paragraph(document), _COUNTRY),
        website=links["website"],
        facebook=links["facebook"],
        instagram=links["instagram"],
    )


def _timezone(key: str, position: Position | None, parts: AddressParts) -> str | None:
    """2.3: by the state prefix of the page path, else by position, else by the address."""
    prefix = _STATE_PREFIX.match(key)
    return zone_of_region(_COUNTRY, prefix[1]) if prefix else zone_of(position, _COUNTRY, parts.region)


def _phone_paragraph(document: Document) -> str | None:
    lines = (paragraph.line() for paragraph in document.select(".paragraph"))
    return next((line for line in lines if _PHONE_PARAGRAPH.fullmatch(line)), None)


def _description(document: Document) -> str | None:
    """The venue's own text, else the generic one about trivia; bingo's and Survey Says' never."""
    blocks = [block for block in document.select(".venue-description.w-richtext") if _HIDDEN not in block.classes()]
    own = [block for block in blocks if not block.classes() & _GENERIC]
    generic = [block for block in blocks if block.classes() & _GENERIC == {"trivia-generic"}]
    # Lorem ipsum in the venue's own block counts as empty, so each candidate is judged by itself.
    return next((text for block in own + generic if (text := FactReader().prose(_prose(block), 10**6, ""))), None)


def _prose(block: Element) -> str:
    paragraphs = [paragraph.text() for paragraph in block.select("p")]
    return paragraphs_joined(paragraphs or [block.text()])


def _icon_link(document: Document, what: str) -> str | None:
    for link in document.select(".icon-block a"):
        if any(what in (icon.attribute("alt") or "").casefold() for icon in link.select("img")):
            href = link.attribute("href")
            if href and href != "#":
                return href
    return None


def _on_break(document: Document) -> bool:
    """2.2: any `.on-break` element; one that Webflow's condition hides is not being shown."""
    return any(_HIDDEN not in element.classes() for element in document.select(".on-break"))


def _images(document: Document, base: str, *, hosted_by_name: bool) -> tuple[ImageRef, ...]:
    """The venue's picture and the host's; a host picture without a name stays with the venue (H3)."""
    images: list[ImageRef] = []
    hero = _first_picture(document.select(".venue-photo"), base)
    if hero:
        images.append(ImageRef(OwnerKind.VENUE, ImageRole.HERO, Quizmeisters.slug, hero))
    profile = _first_picture(document.select(".host-info .host-image"), base)
    if profile:
        owner = OwnerKind.PERFORMER if hosted_by_name else OwnerKind.VENUE
        images.append(ImageRef(owner, ImageRole.PROFILE, Quizmeisters.slug, profile))
    return tuple(images)


def _first_picture(elements: tuple[Element, ...], base: str) -> str | None:
    shown = (element for element in elements if not element.classes() & {"placeholder", _HIDDEN})
    return next((url for element in shown if (url := picture_address(element.attribute("src"), base))), None)
