"""Geeks Who Drink, USA and Canada: a nonce page, blocks of venues by AJAX, a page for each venue (sources.md 6)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, Listing, RejectedListing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.sources.geeks_who_drink_time import data_time, shown_text, stated_days
from trivia_scraper.sources.geeks_who_drink_venue import read_venue_page
from trivia_scraper.sources.reading import INDEX_NAME_LIMIT, picture_address, required_page
from trivia_scraper.sources.usual import UsualSource
from trivia_scraper.text.address import one_line
from trivia_scraper.text.bracketed_names import BracketedName, read_bracketed_name
from trivia_scraper.text.cleaning import clean_line
from trivia_scraper.text.coordinates import read_position
from trivia_scraper.text.web_addresses import last_path_segment, resolved_address, with_canonical_host, without_query

_HOST_DEADLINE_SECONDS: Final = 5.0

_CANONICAL_HOST: Final = "www.geekswhodrink.com"
_HOSTS: Final = frozenset({_CANONICAL_HOST, "geekswhodrink.com"})
_NONCE: Final = re.compile(r"gwdNonce[\"']?\s{0,9}:\s{0,9}[\"']?([0-9a-f]{4,64})(?![0-9a-z])", re.IGNORECASE)
_ANCHOR: Final = "quizBlock-"
_WHOLE_CONTINENT: Final = MappingProxyType(
    {
        "bounds[northLat]": "71.35817123219137",
        "bounds[southLat]": "-2.63233642366575",
        "bounds[westLong]": "-174.787181",
        "bounds[eastLong]": "-32.75593100000001",
        "days": "",
        "brands": "",
        "search": "",
        "startLat": "44.967243",
        "startLong": "-103.771556",
        "searchInit": "true",
        "tlCoord": "",
        "brCoord": "",
        "tlMapCoord": "[-174.787181, 71.35817123219137]",
        "brMapCoord": "[-32.75593100000001, -2.63233642366575]",
        "hasAll": "true",
    }
)
_NO_QUIZ_BRANDS: Final = MappingProxyType({"bng": "bingo", "qfac": "Quiz for a Cause"})
_VENUE_NUMBER: Final = re.compile(r"(?:^|[-_])([0-9]{1,20})$")
_VIRTUAL: Final = "virtual-"
_SPECIAL: Final = "one-off special"
_NAMES_OF_A_SHARED_LOGO: Final = 3


class GeeksWhoDrink(UsualSource):
    """Reader of geekswhodrink.com."""

    slug: Final = "geeks_who_drink"
    name: Final = "Geeks Who Drink"
    home: Final = "https://www.geekswhodrink.com"
    default_index_url: Final = "https://www.geekswhodrink.com/venues/"
    accept_language: Final = "en-US,en;q=0.9"

    def first_request(self, index_url: str, today: dt.date) -> PageRequest:  # noqa: ARG002 - the port's signature
        """The page with the nonce: a fresh one in every walk, kept nowhere (6.1)."""
        return PageRequest(index_url, step="nonce", end_marker="</html>")

    def read_index(self, page: Page) -> IndexReading:
        """The request for the blocks, or the blocks. Raises PageShapeChanged without nonce or without blocks."""
        return _read_blocks(page) if page.request.step == "blocks" else _read_nonce(page)

    def detail_request(self, listing: Listing) -> PageRequest:
        """The venue's page."""
        return PageRequest(listing.url, step="detail", kind="detail", end_marker="</html>")

    def companion_request(self, listing: Listing) -> PageRequest:
        """The venue's latest quizzes, which name the host (6.5)."""
        query = f"action=mb_display_venue_events&pag=1&venue={listing.key}&team=*"
        return PageRequest(
            f"{_ajax_address(listing.url)}?{query}",
            step="companion",
            kind="detail",
            deadline_seconds=_HOST_DEADLINE_SECONDS,
        )

    def read_detail(self, listing: Listing, page: Page | None, companion: Page | None) -> Detail:
        """One venue. Raises PageShapeChanged for another page, and without name, zone, weekday or time."""
        return read_venue_page(listing, required_page(page, listing.url), companion)


def _read_nonce(page: Page) -> IndexReading:
    nonce = _NONCE.search(page.text)
    if nonce is None:
        raise PageShapeChanged("no nonce in the page's scripts", looked_for="gwdNonce", url=page.url)
    query = urlencode({"action": "mb_display_mapped_events", "nonce": nonce[1], **_WHOLE_CONTINENT})
    url = f"{_ajax_address(page.url)}?{query}"
    # 6.2: now and then a valid answer says 500; without blocks it is the failure that it says.
    blocks = PageRequest(url, step="blocks", accept_status=frozenset({500}), accept_mark=_ANCHOR)
    return IndexReading((), follow=(blocks,))


def _ajax_address(url: str) -> str:
    """WordPress's AJAX address on the site whose index or venue page this is: a replica keeps its own."""
    parts = urlsplit(url)
    above, _, _ = parts.path.rpartition("/venues")
    return urlunsplit((parts.scheme, parts.netloc, f"{above}/wp-admin/admin-ajax.php", "", ""))


def _read_blocks(page: Page) -> IndexReading:
    document = Document.of(page)
    blocks = document.select("a:is(.quizBlock, [id^=quizBlock-])") if _ANCHOR in page.text else ()
    if not blocks:
        raise PageShapeChanged("no venue blocks in the answer", looked_for=_ANCHOR, url=page.url)
    read = [_read_block(block, page.url) for block in blocks]
    listings = [entry for entry in read if isinstance(entry, Listing)]
    shared = _shared_logos(listings)
    return IndexReading(
        tuple(replace(each, image_url=None) if each.image_url in shared else each for each in listings),
        tuple(entry for entry in read if isinstance(entry, RejectedListing)),
    )


def _read_block(block: Element, base: str) -> Listing | RejectedListing:
    """One block: its id first, then attributes, then child elements (6.2)."""
    title = clean_line(block.attribute("data-title") or _line(block, "h2") or "", INDEX_NAME_LIMIT).text
    named = read_bracketed_name(title, limit=INDEX_NAME_LIMIT)
    number, url = _venue_number(block), _page_address(block, base)
    time, day = block.select_one("time"), block.attribute("data-day")
    shown = shown_text(time)
    reason = _no_quiz(block, shown) or _missing(named, number, url, stated_days(day, shown, named))
    if reason or named is None or number is None or url is None:
        return RejectedListing(number, title or None, reason)
    position = read_position(block.attribute("data-lat"), block.attribute("data-lon"))
    stated = {"title": title, "day": day, "data_time": data_time(time)}
    return Listing(
        source=GeeksWhoDrink.slug,
        key=number,
        url=url,
        name=named.name,
        address=one_line(block.attribute("data-address") or "") or None,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        schedule_text=shown,
        image_url=_logo(block, base),
        stated={what: value for what, value in stated.items() if value},
    )


def _no_quiz(block: Element, shown: str | None) -> str:
    """Why an entry is no venue's recurring quiz, or ""; entries of these kinds are normal (6.2)."""
    if any(_VIRTUAL in identity for identity in _identities(block)):
        return "virtual"
    brand = (block.attribute("data-brand") or "").casefold()
    label = (_line(block, ".quizBlock__brand") or "").casefold()
    for code, name in _NO_QUIZ_BRANDS.items():
        if brand == code or (not brand and name.casefold() in label):
            return name
    return _SPECIAL if (shown or "").casefold() == "at" else ""


def _missing(named: BracketedName | None, number: str | None, url: str | None, days: tuple[int, ...]) -> str:
    if named is None:
        return "no name"
    if named.special:
        return _SPECIAL
    if number is None:
        return "no venue id"
    if url is None:
        return "no page address"
    return "" if days else "no weekday"


def _identities(block: Element) -> tuple[str, ...]:
    """What may hold the venue's id, the surest first; by date not every block has each of them."""
    stated = (block.attribute("id"), block.attribute("data-podio"), last_path_segment(block.attribute("href") or ""))
    return tuple(identity for identity in stated if identity)


def _venue_number(block: Element) -> str | None:
    numbers = (_VENUE_NUMBER.search(identity) for identity in _identities(block))
    return next((number[1] for number in numbers if number), None)


def _page_address(block: Element, base: str) -> str | None:
    absolute = resolved_address(block.attribute("href"), base)
    return without_query(with_canonical_host(absolute, _HOSTS, _CANONICAL_HOST)) if absolute else None


def _logo(block: Element, base: str) -> str | None:
    """6.2: the class stands on the image itself or on a wrapper of it."""
    image = block.select_one("img.quizBlock__logo, .quizBlock__logo img")
    return picture_address(image.attribute("src"), base) if image else None


def _shared_logos(listings: Iterable[Listing]) -> frozenset[str]:
    """I1: a picture under three or more names is the provider's, no venue's. Branches of one name share theirs."""
    names: dict[str, set[str]] = {}
    for listing in listings:
        if listing.image_url:
            names.setdefault(listing.image_url, set()).add(listing.name.partition("(")[0].strip().casefold())
    return frozenset(url for url, those in names.items() if len(those) >= _NAMES_OF_A_SHARED_LOGO)


def _line(element: Element, css: str) -> str | None:
    found = element.select_one(css)
    return (found.line() or None) if found else None
