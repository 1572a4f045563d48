"""Many venues' galleries, one venue after the other: those that are named, else stale ones (images.md 5.1, R109)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trivia_scraper.domain.enrichment import EnrichmentOutcome, EnrichmentReport, StaleVenues
from trivia_scraper.domain.errors import DatabaseUnreachable, StorageFull, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.enrichment import enrich_venue, refuse_unknown, terms_of
from trivia_scraper.pipeline.photo_listing import asked_providers
from trivia_scraper.policy.staleness import StalenessTerms
from trivia_scraper.ports import Services


async def enrich_venues(
    options: RefreshOptions, services: Services, *, told: Callable[[EnrichmentOutcome], None] = lambda _: None
) -> EnrichmentReport:
    """Enrich what the options name, else stale venues, those asked for longest ago first.

    told  called with each outcome as it comes; must not raise
    One that fails or crashes costs itself only; a full store ends it. Raises DatabaseUnreachable, and SetupError
    for a slug that is no venue's before any venue is begun.
    """
    report = EnrichmentReport(str(services.run_id), await choose_venues(options, services))
    for slug in report.chosen.venues:
        await services.gate()
        if services.stopping():
            report.stopped = True
            break
        try:
            outcome = await enrich_venue(slug, options, services)
            report.outcomes.append(outcome)
            told(outcome)
        except DatabaseUnreachable:
            raise
        except StorageFull as error:
            services.log.error(LogEvent.STORAGE_FULL, error=error.message)
            report.crashed[slug], report.storage_full = error.message, True
            break
        except TriviaScraperError as error:
            report.crashed[slug] = redact_text(error.message)
            services.log.error(LogEvent.ENRICHMENT_CRASHED, venue=slug, error=redact_text(error.message))
        except Exception as error:
            report.crashed[slug] = redact_text(f"unexpected {type(error).__name__}: {error}")
            services.log.error(LogEvent.ENRICHMENT_CRASHED, venue=slug, exc_info=error)
    return report


async def choose_venues(options: RefreshOptions, services: Services) -> StaleVenues:
    """The venues that the options name, else stale ones. Raises SetupError for a slug that is no venue's."""
    if options.venues:
        await refuse_unknown(options.venues, services)
        named = len(options.venues)
        return StaleVenues(options.venues[: options.limit], total=named, stale=named, no_id=0)
    # A forced bulk run takes every venue for stale, still those first that were asked for longest ago.
    terms = StalenessTerms(0, 0) if options.force_update else terms_of(services.settings.photos)
    now, limit, known_by = services.clock.now(), options.limit, _known_by(options, services)
    chosen = await attempt_storing(
        lambda: services.enrichment.stale_venues(terms, known_by, limit, now), "finding stale venues", services
    )
    services.log.info(
        LogEvent.ENRICHMENT_CHOSEN,
        total=chosen.total,
        stale=chosen.stale,
        filtered=chosen.filtered,
        no_id=chosen.no_id,
        chosen=len(chosen.venues),
    )
    return chosen


def _known_by(options: RefreshOptions, services: Services) -> Sequence[str] | None:
    """Providers one of which must know a venue by an id; None where one is asked that needs none."""
    asked = [slug for slug in asked_providers(options, services) if slug in services.settings.photos.accounts]
    return None if any(not services.providers[slug].needs_id for slug in asked) else asked
