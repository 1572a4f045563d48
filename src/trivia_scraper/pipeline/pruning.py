"""What is kept of the past, and for how long (images.md 3, 10, 12; R206, R220)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.cleaning import HistoryReport, SnapshotReport
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.ports import Services

REQUESTS_KEPT: Final = dt.timedelta(days=30)
"""Recoveries that are done, requests to providers: the longest window that anything reads is a month."""


async def prune_history(
    options: RefreshOptions, services: Services, *, keeps_statistics: bool = True
) -> HistoryReport:
    """Keep the statistics of this day unless they are kept already, then let go of what has been kept long enough.

    keeps_statistics  False where the snapshot has a time of its own
    """
    kept, now = services.settings.cleanup, services.clock.now()
    since = now - kept.keep_attempts, now - kept.keep_runs, now - REQUESTS_KEPT
    snapshot = keeps_statistics and not await _is_kept(now, services)
    if options.dry_run:
        counted = await attempt_storing(lambda: services.history.prunable(*since), "counting history", services)
        return replace(counted, snapshot=snapshot)
    if snapshot:
        await take_snapshot(services)
    pruned = await attempt_storing(lambda: services.history.prune(*since), "pruning history", services)
    services.log.info(
        LogEvent.CLEANUP_PRUNED,
        attempts=pruned.attempts,
        visits=pruned.visits,
        runs=pruned.runs,
        recovery_requests=pruned.recovery_requests,
        provider_requests=pruned.provider_requests,
    )
    return replace(pruned, snapshot=snapshot)


async def take_snapshot(services: Services) -> SnapshotReport:
    """Keep the statistics of this moment and the figures of this day (R220): what the daemon does once a day."""
    at = services.clock.now()
    await attempt_storing(lambda: services.history.keep_statistics(at), "keeping statistics", services)
    services.log.info(LogEvent.SNAPSHOT_TAKEN, day=_day(at).isoformat())
    return SnapshotReport(_day(at))


async def _is_kept(now: dt.datetime, services: Services) -> bool:
    return await attempt_storing(
        lambda: services.history.has_statistics(_day(now)), "looking for statistics", services
    )


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(dt.UTC).date()
