"""Single dates into series: the evidence that something repeats (sources.md 11.3, 11.4 `ics`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from trivia_scraper.domain.models import EventStatus, Frequency
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.text.folding import fold

WINDOW: Final = dt.timedelta(weeks=8)
LEAST_DATES: Final = 3

_FORTNIGHT: Final = dt.timedelta(days=14)
_Slot = tuple[str, str, int, dt.time]


def grouped(
    entries: Iterable[StructuredFacts], *, today: dt.date | None = None, by_name: bool = False
) -> tuple[StructuredFacts, ...]:
    """Dated entries of one venue, weekday and time folded into a series where they repeat; others as they are.

    At least three dates within eight weeks count as weekly. A cancelled date is evidence all the same, but no date
    to come. Dates more than eight weeks before `today` prove nothing of now.
    by_name  only entries of one name belong together: for pages that show all sorts of events. Without it the
             entries are of one kind already ("Harry Potter trivia" and "Film trivia" are the same Tuesday)
    """
    slots: dict[_Slot | int, list[StructuredFacts]] = {}
    for number, entry in enumerate(entries):
        slots.setdefault(_slot(entry, by_name) or number, []).append(entry)
    return tuple(fact for members in slots.values() for fact in _folded(members, today))


def repeats_weekly(dates: Sequence[dt.date]) -> bool:
    """Whether three of these sorted, distinct dates lie within eight weeks: a first-Monday evening never does."""
    return any(later - first < WINDOW for first, later in zip(dates, dates[LEAST_DATES - 1 :], strict=False))


def cadence_of(dates: Sequence[dt.date]) -> Frequency:
    """WEEKLY; BIWEEKLY where more than the least number of dates all lie a fortnight apart."""
    gaps = {later - first for first, later in pairwise(dates)}
    return Frequency.BIWEEKLY if len(dates) > LEAST_DATES and gaps == {_FORTNIGHT} else Frequency.WEEKLY


def _slot(entry: StructuredFacts, by_name: bool) -> _Slot | None:
    starts = entry.starts
    if entry.repeats or entry.date_only or entry.start_time is None or starts is None or starts.tzinfo is not None:
        return None
    place = fold(entry.venue_name or entry.address or "")
    return place, fold(entry.name or "") if by_name else "", starts.isoweekday(), entry.start_time


def _folded(members: list[StructuredFacts], today: dt.date | None) -> Sequence[StructuredFacts]:
    held = sorted((entry for entry in members if entry.starts), key=_date_of)
    proof = [day for day in sorted({_date_of(entry) for entry in held}) if today is None or day > today - WINDOW]
    if not repeats_weekly(proof):
        return members
    going = [entry for entry in held if entry.status is not EventStatus.CANCELLED_ONCE]
    coming = [entry for entry in going if today is None or _date_of(entry) >= today]
    speaker = (coming or going[-1:] or held[-1:])[0]
    return (
        replace(
            speaker,
            weekdays=(_date_of(speaker).isoweekday(),),
            frequency=cadence_of(proof),
            next_date=_date_of(coming[0]) if coming else None,
            status=None if going else EventStatus.PAUSED,
            occurrences=len(held),
        ),
    )


def _date_of(entry: StructuredFacts) -> dt.date:
    return entry.starts.date() if entry.starts else dt.date.min
