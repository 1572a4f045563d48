"""What is kept of the past, and for how long (images.md 3, 10, 12; R206, R220)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.cleaning import HistoryReport
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.ports import Services

REQUESTS_KEPT: Final = dt.timedelta(days=30)
"""Recoveries that are done, requests to providers: the longest window that anything reads is a month."""


async def prune_history(options: RefreshOptions, services: Services) -> HistoryReport:
    """Keep the statistics of this day, then let go of what is older than it is kept for."""
    kept, now = services.settings.cleanup, services.clock.now()
    since = now - kept.keep_attempts, now - kept.keep_runs, now - REQUESTS_KEPT
    if options.dry_run:
        counted = await attempt_storing(lambda: services.history.prunable(*since), "counting history", services)
        return replace(counted, snapshot=True)
    await attempt_storing(lambda: services.history.keep_statistics(now), "keeping statistics", services)
    pruned = await attempt_storing(lambda: services.history.prune(*since), "pruning history", services)
    services.log.info(
        LogEvent.CLEANUP_PRUNED,
        attempts=pruned.attempts,
        runs=pruned.runs,
        recovery_requests=pruned.recovery_requests,
        provider_requests=pruned.provider_requests,
    )
    return replace(pruned, snapshot=True)
