"""What structured data states: the one shape that JSON-LD, microdata, OpenGraph and calendars are read into.

Nothing here is guessed: a date gives weekdays only together with evidence that it repeats (sources.md 11.3).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from trivia_scraper.domain.models import EventStatus, Frequency, RejectedListing


@dataclass(frozen=True, slots=True)
class StructuredFacts:
    """What one Event, place or calendar entry states; texts are entity-decoded and stripped, empty = None.

    name          of the event (of the place, where a place was read); venue_name of the place it is held at
    url, image    absolute
    address       one line as published; its parts stand beside it, country as published ("US", "United Kingdom")
    latitude      and longitude: both or none; default pins and (0, 0) are none (P5)
    description   plain text with line breaks
    price         a text for the fee reader: "2.00 GBP", "Free", "£2"
    status        what the entry says of itself; None = nothing. Of one date: CANCELLED_ONCE
    starts, ends  naive = the venue's wall clock; aware = an instant whose venue zone was not known
    date_only     `starts` has a date and no time of day (its time is midnight and means nothing)
    weekdays      1 = Monday … 7 = Sunday: only where something says that it REPEATS
    ordinals      weeks of the month of a monthly evening, -1 = last
    start_time    the venue's wall clock: of the series where weekdays are given, else of the one date
    next_date     of a series the first regular date from `today` on that is not taken out, cancelled or moved, None
                  where none is known; of a single date that date
    key           uid or id in its feed
    occurrences   how many dated entries were folded into this one
    """

    name: str | None = None
    venue_name: str | None = None
    url: str | None = None
    address: str | None = None
    street: str | None = None
    locality: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    website: str | None = None
    description: str | None = None
    image: str | None = None
    price: str | None = None
    status: EventStatus | None = None
    starts: dt.datetime | None = None
    ends: dt.datetime | None = None
    date_only: bool = False
    weekdays: tuple[int, ...] = ()
    start_time: dt.time | None = None
    end_time: dt.time | None = None
    frequency: Frequency | None = None
    ordinals: tuple[int, ...] = ()
    next_date: dt.date | None = None
    key: str | None = None
    occurrences: int = 1

    @property
    def repeats(self) -> bool:
        """Whether there is evidence of a weekday and a time: only then is it one of our evenings."""
        return bool(self.weekdays) and self.start_time is not None


@dataclass(frozen=True, slots=True)
class StructuredReading:
    """What one page or feed gave.

    facts     in page order; series first grouped where the feed shows single dates
    rejected  entries that cannot be used, each with its reason ("all-day entry", "no start"): counted (N7)
    notes     what was passed over on the way, for people ("JSON-LD block 2: not repairable: …")
    next_url  the feed's own next page, absolute; None = this is the last one
    """

    facts: tuple[StructuredFacts, ...] = ()
    rejected: tuple[RejectedListing, ...] = ()
    notes: tuple[str, ...] = ()
    next_url: str | None = None
