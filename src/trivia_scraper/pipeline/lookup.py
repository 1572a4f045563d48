"""Where a venue stands, when its source does not say: asked once for each address, never waited for twice (V8).

A failure costs the position only: the record is complete otherwise, marked by an issue, and the address is asked
again at a visit after `lookup.retry_after` (P4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.lookups import FoundPlace, KnownLookup, LookupOutcome
from trivia_scraper.domain.models import Detail
from trivia_scraper.domain.redaction import MASK, redact_text
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import attempt_page, attempt_storing
from trivia_scraper.policy.lookups import lookup_query, may_ask
from trivia_scraper.ports import LookupService, Services
from trivia_scraper.providers.nominatim import lookup_request, read_lookup
from trivia_scraper.providers.placing import has_position, with_place

NO_ADDRESS: Final = "place: no address to look up"
NOT_FOUND: Final = "place: not found"
FAILED: Final = "place: look-up failed"
NOT_ASKED: Final = "place: not looked up yet"


async def locate(detail: Detail, source: Source, services: Services) -> Detail:
    """The detail with its venue's position looked up, or marked for the lack of it. Unchanged without a service."""
    service = services.settings.lookup
    if service is None or has_position(detail.venue) or await _is_placed(detail, services):
        return detail
    query = lookup_query(detail.venue)
    if query is None:
        return _marked(detail, NO_ADDRESS)
    known = await _known(query, services)
    if may_ask(known, services.clock.now(), service.retry_after):
        known = await _ask_in_turn(query, detail.venue.country, source, service, services)
    return _located(detail, known)


async def _is_placed(detail: Detail, services: Services) -> bool:
    """V1: what a source stated earlier, or another one states, is not overwritten by what is looked up."""
    listing = detail.listing
    return await attempt_storing(
        lambda: services.lookups.has_stated_position(listing.source, listing.key),
        "a venue's stored position",
        services,
    )


def _located(detail: Detail, known: KnownLookup | None) -> Detail:
    if known is None:
        return _marked(detail, NOT_ASKED)
    if known.place is not None:
        return replace(detail, venue=with_place(detail.venue, known.place))
    return _marked(detail, FAILED if known.outcome is LookupOutcome.FAILED else NOT_FOUND)


def _marked(detail: Detail, issue: str) -> Detail:
    return replace(detail, issues=(*detail.issues, issue))


async def _known(query: str, services: Services) -> KnownLookup | None:
    return await attempt_storing(lambda: services.lookups.known(query), "what is known of an address", services)


async def _ask_in_turn(
    query: str, country: str, source: Source, service: LookupService, services: Services
) -> KnownLookup | None:
    """One at a time, and look again first: two listings of one pub are read at the same time."""
    async with services.lookups.turn():
        known = await _known(query, services)
        # Who waits for a turn when the run is asked to stop does not begin a request.
        if services.stopping() or not may_ask(known, services.clock.now(), service.retry_after):
            return known
        asked = await _ask(query, country, source, service, services)
        await attempt_storing(lambda: services.lookups.remember(query, asked), "keeping a look-up", services)
        return asked


async def _ask(query: str, country: str, source: Source, service: LookupService, services: Services) -> KnownLookup:
    try:
        place = await _fetch(query, country, source, service, services)
    except TriviaScraperError as error:
        message = _without_key(error.message, service)
        services.log.warning(LogEvent.LOOKUP_FAILED, query=query, error_type=error.error_type, error=message)
        return KnownLookup(LookupOutcome.FAILED, services.clock.now(), error=message)
    outcome = LookupOutcome.NOTHING if place is None else LookupOutcome.FOUND
    return KnownLookup(outcome, services.clock.now(), place)


async def _fetch(
    query: str, country: str, source: Source, service: LookupService, services: Services
) -> FoundPlace | None:
    request = lookup_request(service.url, query, country, key=service.key, key_parameter=service.key_parameter)
    page = await attempt_page(request, "address look-up", source.accept_language, services)
    return read_lookup(page.text, country)


def _without_key(message: str, service: LookupService) -> str:
    """A service that refuses a key may quote it."""
    redacted = redact_text(message)
    return redacted.replace(service.key, MASK) if service.key else redacted
