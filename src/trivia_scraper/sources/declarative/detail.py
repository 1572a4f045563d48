"""Everything known of one venue → the Detail that is stored. Raises PageShapeChanged naming what is missing (T7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from trivia_scraper.domain.models import (
    Detail,
    EventFacts,
    ImageRef,
    ImageRole,
    Listing,
    OwnerKind,
    PerformerFacts,
)
from trivia_scraper.sources.declarative.evenings import EveningReader, events_of
from trivia_scraper.sources.declarative.facts import (
    EVENINGS,
    STATUS,
    Facts,
    evenings_in,
    own_evening,
    text_in,
    texts_of,
)
from trivia_scraper.sources.declarative.items import evening_reader
from trivia_scraper.sources.declarative.place import Whereabouts, read_venue, whereabouts
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.declarative.stages import Gathered
from trivia_scraper.sources.reading import FactReader, provenance, required
from trivia_scraper.text.cleaning import NAME_LIMIT
from trivia_scraper.text.names import read_host_name

_EVENING_LIMIT: Final = 50


def detail_of(plan: SourcePlan, listing: Listing, gathered: Gathered, url: str) -> Detail:
    """The venue with its evenings."""
    facts = gathered.facts
    reader = FactReader()
    name = required(reader.line(text_in(facts, "name"), NAME_LIMIT, "name"), "name", url)
    for field in plan.detail.table.require if plan.detail else ():
        if field != "schedule":
            required(text_in(facts, field), field, url)
    where = whereabouts(facts, plan.defaults, reader, url)
    evenings = _evenings(gathered, evening_reader(plan.defaults, plan.accept_language, texts_of(facts)))
    events = _events(plan, evenings, facts, name, where, reader)
    if not events:
        _refuse(plan, evenings, facts, url)
    host = read_host_name(text_in(facts, "host"))
    return Detail(
        listing=listing,
        venue=read_venue(facts, name, where, reader),
        events=events,
        performer=PerformerFacts(host) if host else None,
        images=_images(plan, facts, hosted_by_name=host is not None),
        provenance=provenance(_raw_title(facts), _schedule_text(facts, evenings), _fee_text(evenings)),
        issues=tuple(dict.fromkeys(reader.issues)),
    )


def _evenings(gathered: Gathered, reader: EveningReader) -> list[Mapping[str, str]]:
    """Evenings by the item's own texts; structured ones where those are silent, or for the half they lack."""
    facts = gathered.facts
    common = own_evening(facts)
    own: list[Mapping[str, str]] = [{**common, **evening} for evening in evenings_in(facts)]
    structured = [evening for evening in gathered.evenings if _is_to_come(evening, reader.asked)]
    if not all(reader.lacks(evening) for evening in own):
        if len(own) == 1 and len(structured) == 1:
            return [{**_beside(structured[0]), **own[0]}]
        return own
    stated = {day for evening in own for reading in reader.readings(evening) for day in reading.weekdays}
    fitting = [evening for evening in structured if not stated or stated & set(_weekdays(evening, reader))]
    # What the texts say of fee, title and status stays; day and time come together from one statement.
    without_time = {word: text for word, text in common.items() if word not in ("day", "time", "schedule", "date")}
    return [{**evening, **without_time} for evening in fitting[:_EVENING_LIMIT]] or own


def _events(
    plan: SourcePlan,
    evenings: Sequence[Mapping[str, str]],
    facts: Facts,
    name: str,
    where: Whereabouts,
    reader: FactReader,
) -> tuple[EventFacts, ...]:
    """One event for each weekday and start time; of two dates of one evening the earlier."""
    times = evening_reader(plan.defaults, plan.accept_language, texts_of(facts))
    status = facts.get(STATUS)
    found: dict[tuple[int, dt.time], EventFacts] = {}
    for evening in evenings[:_EVENING_LIMIT]:
        stated = {**evening, "status": status.value} if status and _is_of_the_page(plan, status.origin) else evening
        for event in events_of(
            stated,
            times.readings(evening),
            venue=name,
            country=where.country,
            currencies=where.currencies,
            facts=reader,
        ):
            slot = (event.weekday, event.start_time)
            known = found.get(slot)
            if known is None or (known.next_date and event.next_date and event.next_date < known.next_date):
                found[slot] = event
    return tuple(found.values())


def _refuse(plan: SourcePlan, evenings: Sequence[Mapping[str, str]], facts: Facts, url: str) -> None:
    """No evening at all: the reason of the first."""
    reader = evening_reader(plan.defaults, plan.accept_language, texts_of(facts))
    lacks = next((lacks for evening in evenings if (lacks := reader.lacks(evening))), "weekday and time")
    required(None, f"schedule with {lacks}", url)


def _is_of_the_page(plan: SourcePlan, origin: str) -> bool:
    """A status sign of the venue's own page holds for all its evenings."""
    detail = plan.detail
    return detail is not None and origin in {expression.shown for expression in detail.status.values()}


def _is_to_come(evening: Mapping[str, str], today: dt.date | None) -> bool:
    if "weekdays" in evening or today is None or "date" not in evening:
        return True
    return evening["date"] >= today.isoformat()


def _weekdays(evening: Mapping[str, str], reader: EveningReader) -> tuple[int, ...]:
    return tuple(day for reading in reader.readings(evening) for day in reading.weekdays)


def _beside(evening: Mapping[str, str]) -> dict[str, str]:
    """What a structured evening says besides its day and time."""
    return {word: evening[word] for word in ("title", "description", "fee", "status") if word in evening}


def _images(plan: SourcePlan, facts: Facts, *, hosted_by_name: bool) -> tuple[ImageRef, ...]:
    """The venue's picture and the host's; a host picture without a name stays with the venue (H3)."""
    images: list[ImageRef] = []
    hero, profile = text_in(facts, "image"), text_in(facts, "host_image")
    if hero:
        images.append(ImageRef(OwnerKind.VENUE, ImageRole.HERO, plan.key, hero))
    if profile:
        owner = OwnerKind.PERFORMER if hosted_by_name else OwnerKind.VENUE
        images.append(ImageRef(owner, ImageRole.PROFILE, plan.key, profile))
    return tuple(images)


def _raw_title(facts: Facts) -> str | None:
    return text_in(facts, "title") or text_in(facts, "frequency") or text_in(facts, "name")


def _schedule_text(facts: Facts, evenings: Sequence[Mapping[str, str]]) -> str | None:
    """The words the evenings were read from (E7)."""
    if EVENINGS not in facts and "schedule" in facts:
        return text_in(facts, "schedule")
    words = [
        " ".join(dict.fromkeys(evening[word] for word in ("schedule", "day", "time", "date") if word in evening))
        for evening in evenings
    ]
    return "; ".join(word for word in words if word) or None


def _fee_text(evenings: Sequence[Mapping[str, str]]) -> str | None:
    return next((evening["fee"] for evening in evenings if "fee" in evening), None)
