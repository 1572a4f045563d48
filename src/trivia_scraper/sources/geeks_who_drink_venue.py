"""Geeks Who Drink's venue page and its list of quizzes, which names the host (sources.md 6.4, 6.5, 6.6)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import (
    Detail,
    EventFacts,
    ImageRef,
    ImageRole,
    Listing,
    OwnerKind,
    PerformerFacts,
    VenueFacts,
)
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.sources.geeks_who_drink_time import read_quiz_evenings, shown_text, without_last
from trivia_scraper.sources.reading import (
    INDEX_NAME_LIMIT,
    FactReader,
    evenings,
    picture_address,
    provenance,
    quiz_title,
    required,
    venue_at,
)
from trivia_scraper.text.address import one_line, split_address
from trivia_scraper.text.bracketed_names import BracketedName, read_bracketed_name
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, DESCRIPTION_LIMIT, NAME_LIMIT, paragraphs_joined
from trivia_scraper.text.coordinates import Position, read_position
from trivia_scraper.text.country_words import country_of_text
from trivia_scraper.text.names import read_host_name
from trivia_scraper.text.schedule import ScheduleReading
from trivia_scraper.text.zones import country_at, currency_of, zone_of

_COUNTRIES: Final = ("US", "CA")
_FREE: Final = 0

_MAP_IT: Final = re.compile(r"\bmap it\b", re.IGNORECASE)
_MAP_HOST: Final = re.compile(r"maps\..+|goo\.gl|maps\.app\.goo\.gl", re.IGNORECASE)
_GOOGLE: Final = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}", re.IGNORECASE)
_HOST_LABEL: Final = re.compile(r"(?:quiz\s?master|bingo caller)\s*:", re.IGNORECASE)


def read_venue_page(listing: Listing, page: Page, companion: Page | None) -> Detail:
    """One venue. Raises PageShapeChanged for another page, and without name, zone, weekday or time."""
    document = Document.of(page)
    required(document.select_one(".venueHero__address, .venueHero__time"), ".venueHero__address", page.url)
    facts = FactReader()
    title = listing.stated.get("title", listing.name)
    named = required(read_bracketed_name(title, limit=INDEX_NAME_LIMIT), "name", page.url)
    venue = _venue(listing, named, document, facts, page.url)
    events = _events(listing, venue, named, document, facts)
    host, portrait = _host(companion, facts)
    schedule_text = shown_text(document.select_one(".venueHero__time")) or listing.schedule_text
    return Detail(
        listing=listing,
        venue=venue,
        events=required(events or None, "weekday and time in .venueHero__time", page.url),
        performer=PerformerFacts(host) if host else None,
        images=_images(listing, portrait, hosted_by_name=host is not None),
        provenance=provenance(title, schedule_text, _line(document, ".venue__fee")),
        issues=facts.issues,
    )


def _venue(listing: Listing, named: BracketedName, document: Document, facts: FactReader, url: str) -> VenueFacts:
    position = read_position(listing.latitude, listing.longitude)
    if position is None:
        facts.note("coordinates: no position on land")
    address = facts.line(_published_address(document) or listing.address, ADDRESS_LIMIT, "address")
    country = required(_country(position, address), "country", url)
    parts = split_address(address or "", country)
    if parts.city is None:
        facts.note("city: not stated")
    return venue_at(
        required(facts.line(named.name, NAME_LIMIT, "name"), "name", url),
        address,
        parts,
        position,
        country=country,
        timezone=required(zone_of(position, country, parts.region), "state or position", url),
        phone=facts.phone(_line(document, ".venueHero__phone"), country),
        website=facts.website(_website(document)),
        facebook=facts.website(_social(document, "facebook.com"), "facebook"),
        instagram=facts.website(_social(document, "instagram.com"), "instagram"),
    )


def _published_address(document: Document) -> str | None:
    """6.4: the two lines, which keep street and town apart, without the texts of their links."""
    block = document.select_one(".venueHero__address")
    if block is None:
        return None
    text = block.text()
    for link in reversed(block.select("a")):
        text = without_last(text, link.text())
    return one_line(_MAP_IT.sub("", text)) or None


def _country(position: Position | None, address: str | None) -> str | None:
    """P5: by the position, else by what the address says; none but the two that the source serves."""
    stated = (country_at(position) if position else None, country_of_text(address))
    return next((country for country in stated if country in _COUNTRIES), None)


def _website(document: Document) -> str | None:
    """6.4: the first link beside the address that leads to no map."""
    links = (link.attribute("href") for link in document.select(".venueHero__address a[href]"))
    return next((href for href in links if href and not href.startswith("#") and not _is_map(href)), None)


def _is_map(href: str) -> bool:
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
    except ValueError:
        return False
    on_google = _GOOGLE.fullmatch(host) is not None and parts.path.startswith("/maps")
    return on_google or _MAP_HOST.fullmatch(host) is not None


def _social(document: Document, network: str) -> str | None:
    hrefs = (link.attribute("href") or "" for link in document.select(".venue__social a[href]"))
    return next((href for href in hrefs if network in href.casefold()), None)


def _events(
    listing: Listing, venue: VenueFacts, named: BracketedName, document: Document, facts: FactReader
) -> tuple[EventFacts, ...]:
    return evenings(
        read_quiz_evenings(listing, named, document.select_one(".venueHero__time")),
        title=quiz_title(venue.name),
        description=facts.prose(_description(document), DESCRIPTION_LIMIT, "description"),
        fee_minor=_FREE,
        currency=required(currency_of(venue.country), "currency", listing.url),
        status=ScheduleReading(flag=named.flag).status,
    )


def _description(document: Document) -> str | None:
    block = document.select_one(".venue__description")
    if block is None:
        return None
    return paragraphs_joined([paragraph.text() for paragraph in block.select("p")] or [block.text()])


def _host(companion: Page | None, facts: FactReader) -> tuple[str | None, str | None]:
    """Name and picture of who asked last; an answer that cannot be read costs only these (6.5)."""
    quizzes = _quizzes(companion)
    if not quizzes:
        facts.note("host: the list of quizzes cannot be read")
    for quiz in quizzes:
        stated, image = _line(quiz, ".quiz__master"), quiz.select_one(".quiz__avatar img")
        name = read_host_name(_HOST_LABEL.split(stated)[-1]) if stated else None
        picture = picture_address(image.attribute("src"), companion.url) if image and companion else None
        if name or picture:
            return name, picture
    return None, None


def _quizzes(companion: Page | None) -> tuple[Element, ...]:
    if companion is None:
        return ()
    try:
        return Document.parse(companion.text, url=companion.url).select(".quizzes__meta")
    except PageShapeChanged:
        return ()


def _images(listing: Listing, portrait: str | None, *, hosted_by_name: bool) -> tuple[ImageRef, ...]:
    """The venue's logo and the host's picture; the picture of a nameless host stays with the venue (H3)."""
    images = []
    if listing.image_url:
        images.append(ImageRef(OwnerKind.VENUE, ImageRole.HERO, listing.source, listing.image_url))
    if portrait:
        owner = OwnerKind.PERFORMER if hosted_by_name else OwnerKind.VENUE
        images.append(ImageRef(owner, ImageRole.PROFILE, listing.source, portrait))
    return tuple(images)


def _line(element: Element, css: str) -> str | None:
    found = element.select_one(css)
    return (found.line() or None) if found else None
