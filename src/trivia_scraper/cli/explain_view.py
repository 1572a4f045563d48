"""The story of a venue for people, 80 columns wide, and as a document for programs."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from trivia_scraper.cli.output import human_bytes, stamp, view_document
from trivia_scraper.domain.venue_story import (
    AttemptFacts,
    ImageFacts,
    Next,
    ToldImage,
    ToldListing,
    ToldRun,
    VenueStory,
    VisitFacts,
    WaitingRequest,
)
from trivia_scraper.policy.classifying import MOST_RECOVERIES
from trivia_scraper.policy.venue_story import options_in_words

WIDTH: Final = 80

Styled = tuple[str, str]
"""A line, and how `tables.say` shows it."""


def story_lines(story: VenueStory) -> Iterator[Styled]:
    """The whole story, section by section; a section without content says so."""
    facts = story.facts
    yield from _identity(story)
    yield from _section("Listings", (_listing(each) for each in story.listings), "no source knows it by a key")
    yield from _section("Visits, newest first", map(_visit, facts.visits), "none on record")
    yield from _section("Pictures", map(_image, story.images), "none")
    yield from _section("Gallery", [_gallery(story)], "")
    waiting = [*map(_request, facts.requests)]
    yield from _section("Waiting", waiting, "nothing was asked for")
    issues = ([f"{stamp(each.at)}  {each.kind}: {each.message}"] for each in facts.issues)
    yield from _section("For a person to look at", issues, "nothing")


def _identity(story: VenueStory) -> Iterator[Styled]:
    venue = story.facts.venue
    yield f"{venue.name} ({venue.slug})", "head"
    if story.asked != venue.slug:
        yield f"  {story.asked} is a retired slug of it", ""
    place = venue.address or ", ".join(filter(None, (venue.street, venue.city, venue.country)))
    yield from ((line, "") for line in _wrapped(place, "  "))
    yield f"  {venue.timezone}; known since {stamp(venue.created_at)}, changed {stamp(venue.updated_at)}", ""
    running = sum(event.status != "closed" for event in venue.events)
    yield f"  {_evenings(running)}, {len(venue.events) - running} closed", ""


def _section(title: str, entries: Any, otherwise: str) -> Iterator[Styled]:
    yield "", ""
    yield title, "head"
    is_empty = True
    for entry in entries:
        is_empty = False
        for number, line in enumerate(entry):
            indent = "  " if number == 0 else "    "
            style = "bad" if line.startswith("failed") else ""
            yield from ((wrapped, style) for wrapped in _wrapped(line, indent))
    if is_empty:
        yield f"  {otherwise}", "dim"


def _listing(told: ToldListing) -> list[str]:
    facts = told.facts
    listed = "listed at present" if facts.is_listed else "not listed at present"
    recognised = (
        "made the venue" if facts.rule == "new" else f"recognised by {facts.rule}, {facts.confidence:.0%} sure"
    )
    lines = [
        f"{facts.source} {facts.key}: {listed}, {_evenings(facts.evenings)}",
        f"{recognised}; first seen {stamp(facts.first_seen_at)}, last seen {stamp(facts.last_seen_at)}",
        f"read {stamp(facts.last_read_at)}; its source ran {stamp(facts.source_last_run_at)}"
        f" ({facts.source_verdict or 'never'})",
    ]
    if facts.url:
        lines.append(facts.url)
    if facts.source_health_why:
        lines.append(f"its source is {facts.source_health}: {facts.source_health_why}")
    if facts.source_paused_at is not None:
        lines.append(f"its source was paused {stamp(facts.source_paused_at)} by {facts.source_paused_by}")
    return [*lines, _next("next visit", told.next)]


def _evenings(number: int) -> str:
    return f"{number} running evening{'' if number == 1 else 's'}"


def _visit(facts: VisitFacts) -> list[str]:
    why = f" ({facts.why})" if facts.why else ""
    lines = [f"{stamp(facts.at)}  {facts.source}: {facts.outcome}{why}"]
    if facts.error:
        lines.append(f"{facts.error_type}: {facts.error}")
    return [*lines, _run(facts.run)]


def _run(run: ToldRun) -> str:
    by = f" by {run.asked_by}" if run.asked_by else ""
    return f"run {str(run.id)[:8]}{by}: {options_in_words(run.options)}"


def _image(told: ToldImage) -> list[str]:
    image = told.facts.image
    size = f", {image.width} x {image.height}, {human_bytes(image.bytes)}" if image.status == "uploaded" else ""
    owner = "" if image.owner_kind == "venue" else f" of {image.owner}"
    lines = [f"image {image.id}, {image.role}{owner} from {image.provider}: {image.status}{size}"]
    if image.provider_url:
        lines.append(image.provider_url)
    if image.fetched_at is not None:
        lines.append(f"fetched {stamp(image.fetched_at)}, verified {stamp(image.verified_at)}")
    lines += _failure(told)
    lines += [_attempt(attempt) for attempt in told.facts.attempts]
    return [*lines, _next("next", told.next)]


def _failure(told: ToldImage) -> Iterator[str]:
    image = told.facts.image
    if not image.error_type:
        return
    finer = " ".join(str(part) for part in (image.reason, image.status_code) if part is not None)
    attempts = f"{image.retry_count} of {MOST_RECOVERIES} recoveries made"
    yield f"failed: {image.error_type}{f' ({finer})' if finer else ''}, {told.failure_class}, {attempts}"
    if image.error:
        yield image.error
    yield from _waits(told.facts)


def _waits(facts: ImageFacts) -> Iterator[str]:
    if facts.left_alone_until is not None:
        yield f"its host is left alone until {stamp(facts.left_alone_until)}"
    if facts.recovery_asked_at is not None:
        yield f"a recovery waits since {stamp(facts.recovery_asked_at)}"


def _attempt(attempt: AttemptFacts) -> str:
    status = f" ({attempt.status_code})" if attempt.status_code is not None else ""
    error = f" {attempt.error_type}" if attempt.error_type else ""
    forced = ", forced" if "--force-refresh-images" in options_in_words(attempt.run.options) else ""
    asked = f"{stamp(attempt.at)}  {attempt.kind}: {attempt.outcome}{error}{status}"
    return f"{asked}, {human_bytes(attempt.bytes)}, run {str(attempt.run.id)[:8]}{forced}"


def _gallery(story: VenueStory) -> list[str]:
    facts = story.facts
    gallery = facts.gallery
    status = f", {gallery.last_status.value}" if gallery.last_status else ""
    ids = ", ".join(f"{provider} {' '.join(known)}" for provider, known in facts.provider_ids.items())
    lines = [f"providers last answered {stamp(gallery.last_checked_at)}{status}"]
    if gallery.last_summary:
        lines.append(gallery.last_summary)
    return [*lines, f"known to providers as: {ids or 'nothing'}", _next("next", story.gallery_next)]


def _request(facts: WaitingRequest) -> list[str]:
    state = "waits" if facts.taken_at is None else f"taken up {stamp(facts.taken_at)}"
    asked = f"{stamp(facts.requested_at)}  {facts.kind} asked for by {facts.requested_by}: {state}"
    return [asked, f"{options_in_words(facts.options)}"]


def _next(what: str, following: Next) -> str:
    return f"{what}: {'' if following.at is None else f'about {stamp(following.at)}, '}{following.sentence}"


def _wrapped(text: str, indent: str) -> list[str]:
    # A long address is left in one piece, so that it can be copied.
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def story_document(story: VenueStory) -> dict[str, Any]:
    """Everything, under the names of `domain.venue_story`; times are ISO texts in UTC."""
    facts = story.facts
    return {
        "asked": story.asked,
        "venue": view_document(facts.venue),
        "listings": [
            {**asdict(told.facts), "is_listed": told.facts.is_listed, "next": asdict(told.next)}
            for told in story.listings
        ],
        "visits": [asdict(visit) for visit in facts.visits],
        "images": [_image_document(told) for told in story.images],
        "gallery": {
            "last_checked_at": facts.gallery.last_checked_at,
            "last_status": facts.gallery.last_status,
            "last_summary": facts.gallery.last_summary,
            "provider_ids": {provider: list(known) for provider, known in facts.provider_ids.items()},
            "next": asdict(story.gallery_next),
        },
        "requests": [asdict(request) for request in facts.requests],
        "issues": [asdict(issue) for issue in facts.issues],
    }


def _image_document(told: ToldImage) -> dict[str, Any]:
    facts = told.facts
    waits: dict[str, dt.datetime | None] = {
        "left_alone_until": facts.left_alone_until,
        "recovery_asked_at": facts.recovery_asked_at,
    }
    return {
        **view_document(facts.image),
        **waits,
        "failure_class": told.failure_class or None,
        "attempts": [asdict(attempt) for attempt in facts.attempts],
        "next": asdict(told.next),
    }
