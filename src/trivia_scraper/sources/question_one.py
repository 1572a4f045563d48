"""Question One, United Kingdom: an RSS feed or an HTML archive, and a page for each venue (sources.md 3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import (
    Detail,
    EventFacts,
    EventStatus,
    Frequency,
    ImageRef,
    ImageRole,
    Listing,
    OwnerKind,
    RejectedListing,
    VenueFacts,
)
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.document import Document, Element, first_text
from trivia_scraper.sources.feed import is_feed, read_feed
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
from trivia_scraper.text.address import one_line, split_address
from trivia_scraper.text.cleaning import (
    ADDRESS_LIMIT,
    DESCRIPTION_LIMIT,
    NAME_LIMIT,
    clean_line,
    decode_entities,
    paragraphs_joined,
)
from trivia_scraper.text.fee import FeeOutcome, read_fee
from trivia_scraper.text.folding import fold
from trivia_scraper.text.frequency import Cadence, read_cadence
from trivia_scraper.text.names import read_venue_title
from trivia_scraper.text.schedule import PHRASE_LIMIT, ScheduleReading, read_evenings, read_schedule
from trivia_scraper.text.status_words import find_status_word
from trivia_scraper.text.web_addresses import last_path_segment, resolved_address, with_canonical_host, without_query
from trivia_scraper.text.weekdays import read_weekdays

_COUNTRY: Final = "GB"
_TIMEZONE: Final = "Europe/London"
_CURRENCY: Final = "GBP"

_HOSTS: Final = frozenset({"questionone.com", "www.questionone.com"})
_CANONICAL_HOST: Final = "questionone.com"
_FEED_ACCEPT: Final = "application/rss+xml, application/xml, text/xml, */*"
_PAGE_LIMIT: Final = 200  # some 130 venues at 9 or 10 a page: more pages than this is a site that never ends
_UPLOADS: Final = "wp-content/uploads"
_SITE_LOGO: Final = "custom-logo"


class QuestionOne(UsualSource):
    """Reader of questionone.com."""

    slug: Final = "question_one"
    name: Final = "Question One"
    home: Final = "https://questionone.com"
    default_index_url: Final = "https://questionone.com/venues/feed/"
    accept_language: Final = "en-GB,en;q=0.9"
    index_interval_seconds: Final = 5.0

    def first_request(self, index_url: str, _today: dt.date) -> PageRequest:
        """Feed or archive: what comes back decides, not the address."""
        return PageRequest(index_url, headers={"Accept": _FEED_ACCEPT}, end_marker=">")

    def read_index(self, page: Page) -> IndexReading:
        """One page of the feed or of the archive. Raises PageShapeChanged without `<item>` or `.media-card`."""
        return _read_feed_page(page) if is_feed(page.text) else _read_archive_page(page)

    def ends_index(self, request: PageRequest, status_code: int) -> bool:
        """The feed ends at the first page that is not there (3.1)."""
        return request.step == "feed" and status_code == 404

    def detail_request(self, listing: Listing) -> PageRequest:
        """The venue's page."""
        return PageRequest(listing.url, step="detail", kind="detail", end_marker="</html>")

    def read_detail(self, listing: Listing, page: Page | None, _companion: Page | None) -> Detail:
        """One venue. Raises PageShapeChanged without an address (#pin) or a schedule (#calendar, else the card)."""
        page = required_page(page, listing.url)
        document = Document.of(page)
        blocks = _icon_blocks(document)
        facts = FactReader()
        name = required(facts.line(listing.name, NAME_LIMIT, "name"), "name", page.url)
        address = required(_text(blocks.get("pin")), "#pin", page.url)
        raw_title = (
            first_text(document.select("h1.post-heading-area__title, h1.post-title")) or listing.frequency_text
        )
        titles = (raw_title, listing.frequency_text)
        calendar = _text(blocks.get("calendar"))
        fee_text = _text(blocks.get("tag"))
        events = _events(
            _schedule(calendar, listing, titles, page.url),
            _title_cadence(*titles),
            title=quiz_title(name),
            description=_description(document, facts),
            fee_minor=_fee(fee_text, facts),
        )
        return Detail(
            listing=listing,
            venue=_venue(name, address, blocks, document, facts),
            events=required(events or None, "#calendar", page.url),
            performer=None,
            images=_images(document, listing, page.url),
            provenance=provenance(raw_title, calendar or listing.schedule_text, fee_text),
            issues=facts.issues,
        )


def _read_feed_page(page: Page) -> IndexReading:
    items = read_feed(page.text, url=page.url)
    number = int(page.request.context.get("paged", "1"))
    if not items and number == 1:
        raise PageShapeChanged("the feed has no items", looked_for="<item>", url=page.url)
    first_link = items[0].link if items else ""
    # A server that ignores `paged` answers every page with the first one.
    if not items or first_link == page.request.context.get("first_link"):
        return IndexReading(())
    entries = [_listing(item.title, item.link, page.url) for item in items]
    return _reading(entries, (_next_feed_page(page, number + 1, first_link),) if number < _PAGE_LIMIT else ())


def _next_feed_page(page: Page, number: int, first_link: str) -> PageRequest:
    parts = urlsplit(page.request.url)
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "paged"]
    return PageRequest(
        urlunsplit(parts._replace(query=urlencode([*query, ("paged", str(number))]))),
        step="feed",
        headers={"Accept": _FEED_ACCEPT},
        end_marker=">",
        context={"paged": str(number), "first_link": first_link},
    )


def _read_archive_page(page: Page) -> IndexReading:
    document = Document.of(page)
    cards = document.select("a.media-card")
    if not cards:
        raise PageShapeChanged("neither a feed nor an archive", looked_for="<item> or .media-card", url=page.url)
    return _reading([_read_card(card, page.url) for card in cards], _next_archive_page(document, page))


def _read_card(card: Element, base: str) -> Listing | RejectedListing:
    excerpt, picture = card.select_one(".excerpt"), card.select_one("img")
    return _listing(
        first_text(card.select("h3")) or "",
        card.attribute("href") or "",
        base,
        schedule_text=(excerpt.text()[:PHRASE_LIMIT] or None) if excerpt else None,
        image_url=picture_address(picture.attribute("src"), base) if picture else None,
    )


def _next_archive_page(document: Document, page: Page) -> tuple[PageRequest, ...]:
    link = document.select_one("link[rel~=next]")
    url = resolved_address(link.attribute("href"), page.url) if link else None
    number = int(page.request.context.get("page", "1")) + 1
    if url is None or url in (page.url, page.request.url) or number > _PAGE_LIMIT:
        return ()
    return (PageRequest(url, step="archive", end_marker="</html>", context={"page": str(number)}),)


def _reading(entries: list[Listing | RejectedListing], follow: tuple[PageRequest, ...]) -> IndexReading:
    return IndexReading(
        tuple(entry for entry in entries if isinstance(entry, Listing)),
        tuple(entry for entry in entries if isinstance(entry, RejectedListing)),
        follow,
    )


def _listing(
    title: str, link: str, base: str, *, schedule_text: str | None = None, image_url: str | None = None
) -> Listing | RejectedListing:
    """One index entry. The title's ", Area" is a locality, not part of the name (3.3)."""
    raw_title = clean_line(decode_entities(title), INDEX_NAME_LIMIT).text
    absolute = resolved_address(link, base)
    url = without_query(with_canonical_host(absolute, _HOSTS, _CANONICAL_HOST)) if absolute else ""
    key = last_path_segment(url)
    read = read_venue_title(title, limit=INDEX_NAME_LIMIT)
    if read is None:
        return RejectedListing(key or None, raw_title or None, "no venue name in the title")
    if not key:
        return RejectedListing(None, read.name, "no page address")
    return Listing(
        source=QuestionOne.slug,
        key=key,
        url=url,
        name=read.name,
        locality=read.locality,
        schedule_text=schedule_text,
        frequency_text=raw_title,
        image_url=image_url,
    )


def _icon_blocks(document: Document) -> dict[str, Element]:
    """`.text-with-icon` blocks by the fragment of their icon, in `href` or `xlink:href`.

    The first of a kind that says anything counts.
    """
    blocks: dict[str, Element] = {}
    for block in document.select(".text-with-icon"):
        for use in block.select("use"):
            for reference in (use.attribute("href"), use.attribute("xlink:href")):
                _, hash_mark, icon = (reference or "").rpartition("#")
                if hash_mark and icon and _says_something(block):
                    blocks.setdefault(icon, block)
    return blocks


def _says_something(block: Element) -> bool:
    return bool(_text(block)) or block.select_one("a[href]") is not None


def _text(block: Element | None) -> str | None:
    text = block.select_one(".text-with-icon__text") if block else None
    return (text.text() or None) if text else None


def _schedule(
    calendar: str | None, listing: Listing, titles: tuple[str | None, ...], url: str
) -> tuple[ScheduleReading, ...]:
    """#calendar, completed by the index card and the titles' weekday and status; nothing is assumed (3.2, T7, Q4)."""
    readings = read_evenings((calendar or "")[:PHRASE_LIMIT])
    card = read_schedule(listing.schedule_text or "")
    words = fold(" ".join(title for title in titles if title)[:PHRASE_LIMIT])
    title = ScheduleReading(
        weekdays=read_weekdays(listing.frequency_text or "", abbreviations=False), flag=find_status_word(words)
    )
    completed = tuple(reading.completed_by(card).completed_by(title) for reading in readings)
    lacks = completed[0].lacks
    if lacks:
        raise PageShapeChanged(f"the schedule has no {lacks}", looked_for="#calendar", url=url)
    return completed


def _title_cadence(*titles: str | None) -> Cadence:
    """3.3: the title says how often; the first one that says anything."""
    stated = (read_cadence(title[:PHRASE_LIMIT]) for title in titles if title)
    return next((cadence for cadence in stated if cadence.frequency is not None), Cadence(None))


def _events(
    readings: tuple[ScheduleReading, ...],
    cadence: Cadence,
    *,
    title: str,
    description: str | None,
    fee_minor: int | None,
) -> tuple[EventFacts, ...]:
    plain = [
        _with_cadence(reading, cadence) if reading.frequency in (None, Frequency.WEEKLY) else reading
        for reading in readings
    ]
    return evenings(
        plain,
        title=title,
        description=description,
        fee_minor=fee_minor,
        currency=_CURRENCY,
        status=EventStatus.ACTIVE,
    )


def _with_cadence(reading: ScheduleReading, cadence: Cadence) -> ScheduleReading:
    if cadence.frequency is None:
        return reading
    return replace(reading, frequency=cadence.frequency, ordinals=cadence.ordinals)


def _fee(fee_text: str | None, facts: FactReader) -> int | None:
    """3.2: no #tag block means unknown; a text that cannot be read is unknown and noted."""
    reading = read_fee(fee_text, _COUNTRY)
    if fee_text and reading.outcome is FeeOutcome.UNKNOWN:
        facts.note("fee: not understood")
    if reading.currency not in (None, _CURRENCY):
        facts.note(f"fee: in {reading.currency}")
        return None
    return reading.fee_minor


def _description(document: Document, facts: FactReader) -> str | None:
    paragraphs = [paragraph.text() for paragraph in document.select(".post-content-area p")]
    return facts.prose(paragraphs_joined(paragraphs), DESCRIPTION_LIMIT, "description")


def _venue(
    name: str, published: str, blocks: dict[str, Element], document: Document, facts: FactReader
) -> VenueFacts:
    address = facts.line(one_line(published), ADDRESS_LIMIT, "address")
    parts = split_address(address or "", _COUNTRY)
    if parts.city is None:
        facts.note("city: not stated")
    return venue_at(
        name,
        address,
        parts,
        None,
        country=_COUNTRY,
        timezone=_TIMEZONE,
        phone=facts.phone(_text(blocks.get("phone")), _COUNTRY),
        website=facts.website(_website(document, blocks.get("link"))),
    )


def _website(document: Document, block: Element | None) -> str | None:
    links = [*(block.select("a[href]") if block else ())]
    links += (link for link in document.select("a[href]") if link.line().casefold() == "visit website")
    hrefs = (link.attribute("href") for link in links)
    return next((href for href in hrefs if href and not href.startswith("#")), None)


def _images(document: Document, listing: Listing, base: str) -> tuple[ImageRef, ...]:
    """The first uploaded picture of the page, else the index card's; the theme's placeholder is none."""
    uploads = (
        picture_address(source, base)
        for image in document.select("img")
        if (source := image.attribute("src")) and _UPLOADS in source and _SITE_LOGO not in image.classes()
    )
    hero = next((url for url in uploads if url), None) or listing.image_url
    return (ImageRef(OwnerKind.VENUE, ImageRole.HERO, QuestionOne.slug, hero),) if hero else ()
