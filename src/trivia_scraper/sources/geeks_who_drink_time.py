"""When a Geeks Who Drink quiz begins: its day, its shown text, its instant in Denver's time (sources.md 6.2, 6.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from trivia_scraper.domain.models import Listing
from trivia_scraper.sources.document import Element
from trivia_scraper.text.bracketed_names import BracketedName
from trivia_scraper.text.frequency import read_cadence
from trivia_scraper.text.schedule import PhraseKind, ScheduleOutcome, ScheduleReading, read_evenings, read_schedule

_INSTANT: Final = ".time-moment:not(.time-moment-date)[data-time]"
_DATE_MARKER: Final = ".time-moment-date"


def shown_text(time: Element | None) -> str | None:
    """The text of a time element without what its date marker shows: its 18:00 is never a time (6.3)."""
    if time is None:
        return None
    text = time.line()
    for marker in time.select(_DATE_MARKER):
        text = without_last(text, marker.line())
    return " ".join(text.split()) or None


def data_time(time: Element | None) -> str | None:
    """The instant of a time element, as it stands."""
    moment = time.select_one(_INSTANT) if time else None
    return moment.attribute("data-time") if moment else None


def stated_days(day: str | None, shown: str | None, named: BracketedName | None) -> tuple[int, ...]:
    """6.6: the weekday of `data-day`, else of the block's time, else of a bracket such as "(Saturday)"."""
    stated = (read_schedule(text, PhraseKind.DAY).weekdays for text in (day, shown) if text)
    return next((days for days in stated if days), named.weekdays if named else ())


def read_quiz_evenings(listing: Listing, named: BracketedName, time: Element | None) -> tuple[ScheduleReading, ...]:
    """The evenings of one venue id, from its block and the `.venueHero__time` of its page.

    The weekday is the block's, the time a visible one before an instant; a page that spells out several
    evenings ("1st Thursday at 7:30 pm & 3rd Tuesday at 8 pm") is taken at its word.
    """
    shown, indexed = shown_text(time) or "", listing.schedule_text or ""
    spelled = read_evenings(shown)
    if len(spelled) > 1 and all(each.outcome is ScheduleOutcome.FULL for each in spelled):
        return spelled
    days = stated_days(listing.stated.get("day"), indexed, named)
    cadence = read_cadence(" ".join(named.removed))
    reading = ScheduleReading(days, frequency=cadence.frequency, ordinals=cadence.ordinals)
    for text, kind in (
        (shown, PhraseKind.TEXT),
        (indexed, PhraseKind.TEXT),
        (data_time(time) or "", PhraseKind.DATA_TIME),
        (listing.stated.get("data_time", ""), PhraseKind.DATA_TIME),
    ):
        reading = reading.completed_by(read_schedule(text, kind))
    return (replace(reading, date=None),)


def without_last(text: str, part: str) -> str:
    """The text without the last occurrence of a part of it."""
    if not part or part not in text:
        return text
    before, _, after = text.rpartition(part)
    return f"{before} {after}"
