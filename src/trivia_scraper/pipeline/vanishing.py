"""Missing is not deleted (E6): three complete runs close an event, a mass disappearance waits for a person."""

from __future__ import annotations

from collections.abc import Sequence

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.outcomes import SourceReport
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.planning import vanishing_is_held
from trivia_scraper.ports import Services


async def count_disappearances(
    source: Source, seen_keys: Sequence[str], report: SourceReport, services: Services
) -> None:
    """After a complete index walk: hold, or count a miss for what it did not show and close the third."""
    settings = services.settings
    plan = await attempt_storing(
        lambda: services.catalog.count_vanished(source.slug, seen_keys, services.run_id),
        "counting the missing",
        services,
    )
    if vanishing_is_held(plan, settings.vanished_ratio):
        report.held = plan.newly_missing
        message = (
            f"{plan.newly_missing} of {plan.running} events vanished at once: nothing is closed "
            f"until you have looked at {source.home} and typed: trivia-scraper sources release {source.slug}"
        )
        report.warnings.append(message)
        services.log.error(LogEvent.SOURCE_HELD, running=plan.running, missing=plan.missing)
        await attempt_storing(
            lambda: services.runs.raise_issue(
                "mass_disappearance", source.slug, source.slug, message, services.run_id, services.clock.now()
            ),
            "raising an issue",
            services,
        )
        return
    report.closed = await attempt_storing(
        lambda: services.catalog.miss_vanished(
            source.slug, seen_keys, services.run_id, settings.complete_runs_before_missing, services.clock.now()
        ),
        "closing the missing", services,
    )  # fmt: skip
    if report.closed:
        services.log.info(LogEvent.EVENT_CLOSED, count=report.closed, missing=plan.missing)
