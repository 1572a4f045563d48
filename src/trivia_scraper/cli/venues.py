"""`venues`: the directory as people and programs read it; its stories and its pairs have modules of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from trivia_scraper.cli.explain import explain
from trivia_scraper.cli.finding import find_venue
from trivia_scraper.cli.grammar import HelpfulCommand, HelpfulGroup
from trivia_scraper.cli.history import WEEKDAYS, history
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.venue_ids import identify
from trivia_scraper.cli.venue_pairs import duplicates, merge, not_duplicate, unmerge

if TYPE_CHECKING:
    from trivia_scraper.domain.directory import EventView, VenueView


NEXT_STARTS: Final = 3


@click.group(
    cls=HelpfulGroup,
    short_help="What is known of the venues.",
    examples=("trivia-scraper venues list --city Brisbane", "trivia-scraper venues show the-crown-inn"),
)
def venues() -> None:
    """What is known of the venues."""


for _command in (duplicates, merge, unmerge, not_duplicate, history, explain, identify):
    venues.add_command(_command)


@venues.command(
    "list",
    short_help="List venues and their evenings.",
    examples=("trivia-scraper venues list --source question_one", "trivia-scraper venues list --json"),
)
@click.option("--source", metavar="SLUG", help="Only venues that this source shows.")
@click.option("--city", metavar="NAME", help="Only venues in this city.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N venues.")
@click.pass_obj
def list_venues(invocation: Invocation, /, source: str | None, city: str | None, limit: int | None) -> None:
    """Lists venues in the order of their slugs."""
    from trivia_scraper.cli.asking import ask
    from trivia_scraper.cli.output import note, print_json, view_document

    found = ask(invocation, lambda reader: reader.venues(source=source, city=city, limit=limit))
    if invocation.json:
        print_json({"ok": True, "venues": [view_document(venue) for venue in found]})
        return
    _show_list(found, invocation.color)
    note(f"{len(found):,} venues")


@venues.command(
    "show",
    cls=HelpfulCommand,
    short_help="Show one venue with its evenings and where they were seen.",
    examples=("trivia-scraper venues show the-crown-inn", "trivia-scraper venues show the-crown-inn --json"),
)
@click.argument("slug")
@click.pass_obj
def show_venue(invocation: Invocation, /, slug: str) -> None:
    """Shows one venue; a slug that is not known names the nearest ones."""
    from trivia_scraper.cli.asking import ask
    from trivia_scraper.cli.output import print_json, view_document
    from trivia_scraper.cli.tables import say

    found = ask(invocation, lambda reader: find_venue(reader, slug))
    now = dt.datetime.now(dt.UTC)
    if invocation.json:
        starts = {event.id: next_starts(event, found.timezone, now) for event in found.events}
        print_json({"ok": True, "venue": view_document(found), "next_starts": starts})
        return
    for line in venue_lines(found, now):
        say(line, invocation.color)


def evening(event: EventView) -> str:
    """ "Tue 19:30", or "Tue 19:30 (2, 4)" for the second and fourth Tuesday; the status when it is not running."""
    weeks = f" ({', '.join(map(str, event.ordinals))})" if event.ordinals else ""
    rhythm = weeks or ("" if event.frequency == "weekly" else f" {event.frequency}")
    status = "" if event.status == "active" else f" [{event.status}]"
    return f"{WEEKDAYS[event.weekday]} {event.start_time}{rhythm}{status}"


def next_starts(event: EventView, timezone: str, now: dt.datetime) -> list[dt.datetime]:
    """When the next three of these evenings start, in the venue's zone; none for one that is not running."""
    from trivia_scraper.domain.models import Frequency
    from trivia_scraper.text.recurrence import next_occurrences

    if event.status != "active":
        return []
    start = dt.time.fromisoformat(event.start_time)
    frequency = Frequency(event.frequency)
    found = next_occurrences(
        [event.weekday], start, frequency, event.ordinals, timezone, now, NEXT_STARTS, event.next_date
    )
    return [occurrence.starts for occurrence in found]


def venue_lines(venue: VenueView, now: dt.datetime) -> Iterator[str]:
    """Everything known of one venue, a fact a line."""
    from trivia_scraper.cli.output import stamp

    is_placed = venue.latitude is not None and venue.longitude is not None
    place = f"{venue.latitude:.5f}, {venue.longitude:.5f}" if is_placed else None
    facts = (
        ("slug", venue.slug),
        ("address", venue.address),
        ("city", ", ".join(filter(None, (venue.city, venue.region, venue.country)))),
        ("place", place),
        ("time zone", venue.timezone),
        ("phone", venue.phone),
        ("website", venue.website),
        ("facebook", venue.facebook),
        ("instagram", venue.instagram),
        ("known since", stamp(venue.created_at)),
        ("changed", stamp(venue.updated_at)),
    )
    yield venue.name
    yield from (f"  {name:<12} {value}" for name, value in facts if value)
    for event in venue.events:
        yield from _event_lines(event, next_starts(event, venue.timezone, now))


def _event_lines(event: EventView, starts: Sequence[dt.datetime]) -> Iterator[str]:
    from trivia_scraper.cli.output import stamp

    yield f"  {evening(event)}  {event.title}"
    if starts:
        yield f"    next       {', '.join(f'{start:%Y-%m-%d}' for start in starts)}"
    if event.fee_minor is not None:
        yield f"    fee        {'free' if event.fee_minor == 0 else f'{event.fee_minor / 100:.2f} {event.currency}'}"
    if event.performer:
        yield f"    host       {event.performer}"
    for sighting in event.sources:
        yield f"    {sighting.source:<10} {sighting.url}"
        yield f"               seen {stamp(sighting.last_seen_at)}, read {stamp(sighting.last_processed_at)}"


def _show_list(found: Sequence[VenueView], color_mode: str) -> None:
    from trivia_scraper.cli.tables import Column, Table, show

    columns = tuple(map(Column, ("venue", "name", "city", "evenings", "sources")))
    show(Table(columns, tuple(_row(venue) for venue in found)), color_mode)


def _row(venue: VenueView) -> tuple[str, ...]:
    sources = sorted({sighting.source for event in venue.events for sighting in event.sources})
    evenings = ", ".join(evening(event) for event in venue.events)
    return (venue.slug, venue.name, venue.city or "-", evenings or "-", ", ".join(sources) or "-")
