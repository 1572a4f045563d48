"""Steps that every source shares: promised facts, refused facts, pictures, evenings.

A promised fact that is missing is PageShapeChanged; a stated fact that is refused becomes None and an
issue, and never costs the venue (safety.md 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import EventFacts, EventStatus, Frequency, Provenance, VenueFacts
from trivia_scraper.domain.pages import Page
from trivia_scraper.text.address import AddressParts
from trivia_scraper.text.cleaning import NAME_LIMIT, CleanText, clean_line, clean_text
from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.phone import read_phone
from trivia_scraper.text.schedule import ScheduleOutcome, ScheduleReading
from trivia_scraper.text.web_addresses import resolved_address, web_address

# An index keeps more of a name than the store does, so that the cut is noted where issues are.
INDEX_NAME_LIMIT: Final = 2 * NAME_LIMIT

_QUOTE_LIMIT: Final = 300
_PLACEHOLDERS: Final = ("/placeholder", "/thumb/", "default-post_image.jpg")
_LOREM: Final = "lorem ipsum dolor sit amet"

Fact = TypeVar("Fact")


def required(fact: Fact | None, looked_for: str, url: str) -> Fact:
    """The fact, or PageShapeChanged naming where it was looked for."""
    if fact is None:
        raise PageShapeChanged(f"{looked_for} is not on the page", looked_for=looked_for, url=url)
    return fact


def required_page(page: Page | None, url: str) -> Page:
    """The detail page of a source that needs one."""
    return required(page, "detail page", url)


class FactReader:
    """Reads stated facts of one record and remembers which ones were refused or cut."""

    def __init__(self) -> None:
        self._issues: list[str] = []

    @property
    def issues(self) -> tuple[str, ...]:
        """What was refused, cut or missing, in reading order."""
        return tuple(self._issues)

    def note(self, issue: str) -> None:
        """Remember one issue."""
        self._issues.append(issue)

    def line(self, value: str | None, limit: int, what: str) -> str | None:
        """Cleaned one-line text, None when blank; a cut is noted."""
        return self._kept(clean_line(value or "", limit), limit, what)

    def prose(self, value: str | None, limit: int, what: str) -> str | None:
        """Cleaned text with paragraphs, None when blank or lorem ipsum; a cut is noted."""
        kept = self._kept(clean_text(value or "", limit), limit, what)
        return None if kept is None or kept.casefold().startswith(_LOREM) else kept

    def phone(self, value: str | None, country: str) -> str | None:
        """A phone number in international form (H128)."""
        number = read_phone(value, country)
        if number is None and value and value.strip():
            self.note("phone: not a phone number")
        return number

    def website(self, value: str | None, what: str = "website") -> str | None:
        """An absolute http(s) address; "#" is silently none, anything else that is not http(s) is noted (H124)."""
        address = web_address(value)
        if address is None and value and not value.strip().startswith("#"):
            self.note(f"{what}: not an http(s) address")
        return address

    def _kept(self, cleaned: CleanText, limit: int, what: str) -> str | None:
        if cleaned.cut:
            self.note(f"{what}: cut at {limit} characters")
        return cleaned.text or None


def provenance(raw_title: str | None, schedule_text: str | None, fee_text: str | None) -> Provenance:
    """The texts the facts came from (E7), cleaned and bounded like everything that is stored."""
    texts = (raw_title, schedule_text, fee_text)
    title, schedule, fee = (clean_text(text or "", _QUOTE_LIMIT).text or None for text in texts)
    return Provenance(title, schedule, fee)


def picture_address(source: str | None, base: str) -> str | None:
    """The absolute address of a picture, or None for placeholders and what is no http(s) address (I1)."""
    if source is None or any(mark in source for mark in _PLACEHOLDERS):
        return None
    return resolved_address(source, base)


def venue_at(
    name: str,
    address: str | None,
    parts: AddressParts,
    position: Position | None,
    *,
    country: str,
    timezone: str,
    phone: str | None = None,
    website: str | None = None,
    facebook: str | None = None,
    instagram: str | None = None,
    place_id: str | None = None,
) -> VenueFacts:
    """A place: its address as published, the parts of it beside, where it is (P2, P5)."""
    return VenueFacts(
        name=name,
        address=address,
        street=parts.street,
        city=parts.city,
        region=parts.region,
        postcode=parts.postcode,
        country=country,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        timezone=timezone,
        phone=phone,
        website=website,
        facebook=facebook,
        instagram=instagram,
        place_id=place_id,
    )


def evenings(
    readings: Sequence[ScheduleReading],
    *,
    title: str,
    description: str | None,
    fee_minor: int | None,
    currency: str,
    status: EventStatus,
) -> tuple[EventFacts, ...]:
    """One event for each weekday and start time of complete readings; without a stated frequency, weekly (Q3)."""
    events: dict[tuple[int, object], EventFacts] = {}
    for reading in readings:
        if reading.outcome is not ScheduleOutcome.FULL or reading.time is None:
            continue
        for weekday in reading.weekdays:
            events.setdefault(
                (weekday, reading.time),
                EventFacts(
                    weekday=weekday,
                    start_time=reading.time,
                    end_time=reading.end_time,
                    frequency=reading.frequency or Frequency.WEEKLY,
                    ordinals=reading.ordinals,
                    fee_minor=fee_minor,
                    currency=currency,
                    title=title,
                    description=description,
                    status=reading.status if status is EventStatus.ACTIVE else status,
                    next_date=reading.date.with_year() if reading.date else None,
                ),
            )
    return tuple(events.values())


def quiz_title(venue_name: str) -> str:
    """E8: the title of an evening whose source gives it none."""
    return f"Quiz night at {venue_name}"
