"""PubQuiz.pl, Poland: a list of cities, the venues of each, and a shop category for each venue (sources.md 7)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import (
    Detail,
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
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.sources.pubquiz_pl_products import read_events, read_products, sells_nothing
from trivia_scraper.sources.reading import (
    INDEX_NAME_LIMIT,
    FactReader,
    picture_address,
    provenance,
    required,
    required_page,
    venue_at,
)
from trivia_scraper.sources.usual import UsualSource
from trivia_scraper.text.address import one_line, split_address
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, DESCRIPTION_LIMIT, NAME_LIMIT, clean_line
from trivia_scraper.text.folding import fold
from trivia_scraper.text.names import read_host_name
from trivia_scraper.text.page_titles import without_polish_prefix
from trivia_scraper.text.web_addresses import resolved_address, with_canonical_host, without_query

_COUNTRY: Final = "PL"
_TIMEZONE: Final = "Europe/Warsaw"

_CANONICAL_HOST: Final = "pubquiz.pl"
_HOSTS: Final = frozenset({_CANONICAL_HOST, "www.pubquiz.pl"})
_CATEGORY: Final = re.compile(r"/kategoria-produktu/(?:[^/]+/)*?([^/]+)/([^/]+)/?")
_LEAGUE: Final = "liga"
_NOTHING_FOUND: Final = ".woocommerce-no-products-found"  # the shop's own words for an empty category
_VENUE_PAGE: Final = f".checklist, .sec-text, .product-title, {_NOTHING_FOUND}"
_SHOP_PLACEHOLDER: Final = "woocommerce-placeholder"

_HOST_LABELS: Final = ("prowadzaca", "prowadzacy", "prowadzi")


class PubquizPl(UsualSource):
    """Reader of pubquiz.pl."""

    slug: Final = "pubquiz_pl"
    name: Final = "PubQuiz.pl"
    home: Final = "https://pubquiz.pl"
    default_index_url: Final = "https://pubquiz.pl/bilety/"
    accept_language: Final = "pl-PL,pl;q=0.9"
    index_interval_seconds: Final = 5.0
    missing_details_are_normal: Final = True

    def first_request(self, index_url: str, today: dt.date) -> PageRequest:  # noqa: ARG002 - the port's signature
        """The list of cities."""
        return PageRequest(index_url, step="cities", end_marker="</html>")

    def read_index(self, page: Page) -> IndexReading:
        """The cities to follow, or a city's venues. Raises PageShapeChanged without pills or without tabs."""
        document = Document.of(page)
        if page.request.step == "city":
            return _read_city(document, page)
        return _read_cities(document, page.url)

    def detail_request(self, listing: Listing) -> PageRequest:
        """The venue's category page."""
        return PageRequest(listing.url, step="detail", kind="detail", end_marker="</html>")

    def read_detail(self, listing: Listing, page: Page | None, _companion: Page | None) -> Detail:
        """One venue; with nothing on sale it has no event (7.2). Raises PageShapeChanged for another page, and where
        something is on sale but no product has a weekday and a time.
        """
        page = required_page(page, listing.url)
        document = Document.of(page)
        required(document.select_one(_VENUE_PAGE), ".checklist", page.url)
        facts = FactReader()
        name = required(facts.line(listing.name, NAME_LIMIT, "name"), "name", page.url)
        products = read_products(document)
        events = read_events(products, name, _description(document, facts))
        if not events and not sells_nothing(document, page.text):
            raise PageShapeChanged("no product names a weekday and a time", looked_for=".product-title", url=page.url)
        host = read_host_name(_labelled(document, *_HOST_LABELS))
        return Detail(
            listing=listing,
            venue=_venue(listing, name, document, facts),
            events=events,
            performer=PerformerFacts(host) if host else None,
            images=_images(listing),
            provenance=provenance(
                listing.stated.get("title", listing.name),
                "\n".join(product.title for product in products),
                next((product.price for product in products if product.price), None),
            ),
            issues=facts.issues,
        )


def _read_cities(document: Document, url: str) -> IndexReading:
    """7.1: one pill a city; the league's is no city."""
    pills = document.select(".shop-page-categories a.category-pill[href]")
    if not pills:
        raise PageShapeChanged("no list of cities", looked_for=".category-pill", url=url)
    follow: dict[str, PageRequest] = {}
    for pill in pills:
        address = _address(pill, url)
        if address is not None and _LEAGUE not in urlsplit(address).path.casefold():
            city = clean_line(pill.line(), NAME_LIMIT).text
            follow.setdefault(
                address, PageRequest(address, step="city", end_marker="</html>", context={"city": city})
            )
    return IndexReading((), follow=tuple(follow.values()))


def _read_city(document: Document, page: Page) -> IndexReading:
    """The venues of one city, unique by address; the city's name is the pill's text (7.3)."""
    if document.select_one(f".e-n-tabs-content, {_NOTHING_FOUND}") is None:
        looked_for = ".e-n-tabs-content .product-category"
        raise PageShapeChanged("no list of venues", looked_for=looked_for, url=page.url)
    city = page.request.context.get("city")
    tiles = document.select(".e-n-tabs-content .product-category")
    read = [_read_tile(tile, city, page.url) for tile in tiles]
    listings: dict[str, Listing] = {}
    for entry in read:
        if isinstance(entry, Listing):
            listings.setdefault(entry.key, entry)
    return IndexReading(tuple(listings.values()), tuple(e for e in read if isinstance(e, RejectedListing)))


def _read_tile(tile: Element, city: str | None, base: str) -> Listing | RejectedListing:
    title = _tile_title(tile)
    # A longer one is left whole, so that the cut is noted where issues are.
    name = without_polish_prefix(title) if len(title) <= NAME_LIMIT else title
    link, picture = tile.select_one("a[href]"), tile.select_one("img[src]")
    url = _address(link, base) if link else None
    category = _CATEGORY.fullmatch(urlsplit(url).path) or _CATEGORY.search(urlsplit(url).path) if url else None
    if url is None or category is None:
        return RejectedListing(None, name or None, "no page address" if url is None else "no category of a city")
    key = f"{category[1]}/{category[2]}".lower()
    if not name:
        return RejectedListing(key, None, "no name")
    source = picture.attribute("src") if picture else None
    return Listing(
        source=PubquizPl.slug,
        key=key,
        url=url,
        name=name,
        locality=city or None,
        image_url=None if source and _SHOP_PLACEHOLDER in source else picture_address(source, base),
        stated={"title": title},
    )


def _tile_title(tile: Element) -> str:
    """The tile's title without the number of products that the shop may put behind it."""
    heading = tile.select_one(".woocommerce-loop-category__title")
    if heading is None:
        return ""
    count = heading.select_one(".count")
    text = heading.line().removesuffix(count.line()) if count else heading.line()
    return clean_line(text, INDEX_NAME_LIMIT).text


def _address(link: Element, base: str) -> str | None:
    absolute = resolved_address(link.attribute("href"), base)
    return without_query(with_canonical_host(absolute, _HOSTS, _CANONICAL_HOST)) if absolute else None


def _description(document: Document, facts: FactReader) -> str | None:
    block = document.select_one(".sec-text")
    return facts.prose(block.text() if block else None, DESCRIPTION_LIMIT, "description")


def _labelled(document: Document, *labels: str) -> str | None:
    """What follows one of these labels in the checklist: "Adres: ul. Gdańska 1" → "ul. Gdańska 1"."""
    for item in document.select(".checklist li"):
        label, colon, value = item.line().partition(":")
        if colon and fold(label).strip() in labels and value.strip():
            return value.strip()
    return None


def _venue(listing: Listing, name: str, document: Document, facts: FactReader) -> VenueFacts:
    address = facts.line(one_line(_labelled(document, "adres") or ""), ADDRESS_LIMIT, "address")
    if address is None:
        facts.note("address: not stated")
    parts = split_address(address or "", _COUNTRY)
    city = facts.line(listing.locality, NAME_LIMIT, "city") or parts.city
    if city is None:
        facts.note("city: not stated")
    return venue_at(
        name,
        address,
        replace(parts, city=city),
        None,
        country=_COUNTRY,
        timezone=_TIMEZONE,
        phone=facts.phone(_labelled(document, "telefon"), _COUNTRY),
    )


def _images(listing: Listing) -> tuple[ImageRef, ...]:
    """7.2: the venue's tile on the city page."""
    if listing.image_url is None:
        return ()
    return (ImageRef(OwnerKind.VENUE, ImageRole.HERO, PubquizPl.slug, listing.image_url),)
