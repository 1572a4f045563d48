"""What a command asks for, done: by the command itself, or by the daemon that holds the store (operations.md O27).

Both come through `perform`, so that a request is executed exactly as asked, and ends in the same document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from trivia_scraper.domain.cleaning import CleanupReport, ScheduledRun
from trivia_scraper.domain.cleanup_reports import cleanup_document
from trivia_scraper.domain.documents import plain_document
from trivia_scraper.domain.enrichment import EnrichmentOutcome
from trivia_scraper.domain.enrichment_reports import enrichment_document
from trivia_scraper.domain.error_documents import error_document
from trivia_scraper.domain.errors import StoreFenced, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.recovery import recovery_document
from trivia_scraper.domain.reports import report_document
from trivia_scraper.domain.request_details import checked_details, cleanup_of, recovery_of
from trivia_scraper.domain.requests import RequestKind, RunRequest
from trivia_scraper.pipeline import cleanup, enriching_many, recovery, run
from trivia_scraper.ports import Services


async def perform(
    request: RunRequest, services: Services, *, told: Callable[[EnrichmentOutcome], None] = lambda _: None
) -> Mapping[str, Any]:
    """Do what is asked for, under the run id of `services`; the document is what the command's `--json` prints.

    told  called with each venue's enrichment as it comes
    Raises what refuses it as a whole: SetupError for what does not exist, DatabaseUnreachable.
    """
    options = request.options
    details = checked_details(request.kind, request.details)
    match request.kind:
        case RequestKind.REFRESH:
            return plain_document(report_document(await run.refresh(options, services)))
        case RequestKind.RECOVERY:
            report = await recovery.recover(recovery_of(details), options, services)
            return plain_document(recovery_document(report))
        case RequestKind.CLEANUP:
            return plain_document(cleanup_document(await _clean_up(request, services)))
        case RequestKind.ENRICHMENT:
            enriched = await enriching_many.enrich_venues(options, services, told=told)
            return plain_document(enrichment_document(enriched))


async def execute(request: RunRequest, services: Services) -> tuple[bool, Mapping[str, Any]]:
    """Do what was filed, under the id of the request; whether it went well, and its outcome.

    An error becomes an outcome as `--json` prints it, a bug with its traceback in the log. Only StoreFenced passes:
    the work is somebody else's by then.
    """
    services = replace(services, run_id=request.id).with_log(run_id=str(request.id))
    try:
        outcome = await perform(request, services)
    except StoreFenced:
        raise
    except TriviaScraperError as error:
        outcome = error_document(error)
    except Exception as error:
        services.log.error(LogEvent.REQUEST_CRASHED, kind=request.kind, exc_info=error)
        outcome = error_document(error)
    return bool(outcome["ok"]), outcome


async def _clean_up(request: RunRequest, services: Services) -> CleanupReport | ScheduledRun:
    """The cleanup of the day once, however often it is asked for; a part of it, or one more, whenever asked."""
    wanted, is_of_the_day = cleanup_of(request.details)
    options = request.options
    if not is_of_the_day:
        return await cleanup.clean_up(options, services, wanted)
    if options.dry_run:
        taken = await cleanup.done_already(services)
        return taken or await cleanup.clean_up(options, services, wanted)
    done = await cleanup.clean_up_when_due(request.requested_by, wanted, options, services)
    if isinstance(done, ScheduledRun) and done.holder == request.requested_by and done.ok is False:
        # This very request, cut off when a daemon stopped: now the rest.
        return await cleanup.go_on_with(done, wanted, options, services)
    return done
