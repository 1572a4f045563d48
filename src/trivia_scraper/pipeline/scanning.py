"""The nightly scan: every venue and performer with failed pictures, looked at afresh (images.md 9).

One that cannot be dealt with is counted and logged with its traceback; the others go on (R171).
"""

from __future__ import annotations

from trivia_scraper.domain.cleaning import CleanupAction, FailureCounts, OwnerCleanup, OwnerFailures, ScanReport
from trivia_scraper.domain.errors import DatabaseUnreachable, PermanentError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.recovery import OwnerRef, QueuedHow
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.cleaning_matrix import count_failures, decide_cleanup, to_close
from trivia_scraper.ports import Services

REQUESTED_BY = "cleanup"


async def scan_failures(options: RefreshOptions, services: Services) -> ScanReport:
    """Look at every owner with failures and do what the matrix says; with `dry_run` only look."""
    owners = await attempt_storing(services.cleaning.failing_owners, "looking for failed pictures", services)
    services.log.info(LogEvent.CLEANUP_FOUND, owners=len(owners))
    looked_at = []
    for owner in owners:
        await services.gate()
        if services.stopping():
            break
        looked_at.append(await _clean_owner(owner, options, services))
    return ScanReport(tuple(owner for owner in looked_at if owner.action is not CleanupAction.NOTHING or owner.error))


async def _clean_owner(owner: OwnerRef, options: RefreshOptions, services: Services) -> OwnerCleanup:
    services = services.with_log(owner_kind=owner.kind, owner_id=owner.id)
    try:
        # Nothing else writes this owner's pictures between the look and what is done about it.
        async with services.locks.hold(owner.kind, owner.id):
            return await _look_and_act(owner, options, services)
    except DatabaseUnreachable:
        raise
    except Exception as error:
        services.log.error(LogEvent.CLEANUP_OWNER_FAILED, exc_info=error)
        told = redact_text(str(error)) or type(error).__name__
        return OwnerCleanup(owner, "", FailureCounts(), CleanupAction.NOTHING, error=told)


async def _look_and_act(owner: OwnerRef, options: RefreshOptions, services: Services) -> OwnerCleanup:
    found = await attempt_storing(lambda: services.cleaning.owner_failures(owner), "reading failures", services)
    if found is None:
        raise PermanentError(f"{owner.kind} {owner.id} is not there any more")
    counts = count_failures(found.images, services.settings.classes)
    cleaned = OwnerCleanup(owner, found.slug, counts, decide_cleanup(counts))
    if not options.dry_run:
        await _act(found, cleaned, options, services.with_log(owner=found.slug))
    return cleaned


async def _act(found: OwnerFailures, cleaned: OwnerCleanup, options: RefreshOptions, services: Services) -> None:
    if cleaned.action is CleanupAction.QUEUE:
        how = await _queue(found.owner, options, services)
        counts = cleaned.counts
        services.log.info(
            LogEvent.CLEANUP_QUEUED,
            outcome=how,
            transient=counts.transient,
            permanent=counts.permanent,
            ambiguous=counts.ambiguous,
        )
    elif cleaned.action is CleanupAction.CLOSE:
        closed = await _close(found, services)
        services.log.info(LogEvent.CLEANUP_PERMANENT, permanent=cleaned.counts.permanent, closed=closed)


async def _queue(owner: OwnerRef, options: RefreshOptions, services: Services) -> QueuedHow:
    at = services.clock.now()
    how = await attempt_storing(
        lambda: services.recoveries.queue(
            owner, None, include_ambiguous=False, is_bulk=True, requested_by=REQUESTED_BY, at=at, options=options
        ),
        "queueing a recovery",
        services,
    )
    if how is QueuedHow.GONE:
        raise PermanentError(f"{owner.kind} {owner.id} went away before its recovery could be queued")
    return how


async def _close(found: OwnerFailures, services: Services) -> int:
    at, closed = services.clock.now(), 0
    for image in to_close(found.images, services.settings.classes):
        closed += await attempt_storing(
            lambda image=image: services.recoveries.close_image(  # type: ignore[misc]
                image.id, image.version, without_url=False, run_id=services.run_id, at=at
            ),
            "closing a failure",
            services,
        )
    return closed
