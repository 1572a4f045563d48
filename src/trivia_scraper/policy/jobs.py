"""Which jobs the daemon has, by the settings: what runs when, and what is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.domain.schedules import Job, JobKind
from trivia_scraper.settings import Settings, SourceSection

NEVER: Final = "never"
_MONDAY: Final = 1


def planned_jobs(
    settings: Settings, sources: Mapping[str, SourceSection], paused: Collection[str] = ()
) -> tuple[Job, ...]:
    """Every job that has a time: one for each enabled source that is not paused, then the others.

    sources  how each source is read, by slug: the roster's sections, declared sources among them
    """
    return (*_refreshes(settings, sources, paused), *_others(settings))


def _refreshes(settings: Settings, sources: Mapping[str, SourceSection], paused: Collection[str]) -> Iterator[Job]:
    schedule = settings.schedule
    for slug, section in sources.items():
        line = section.schedule or schedule.refresh
        if section.enabled and slug not in paused and line not in ("", NEVER):
            crontab = Crontab(line, schedule.timezone)
            yield Job(JobKind.REFRESH, crontab, schedule.catch_up, schedule.jitter, slug)


def _others(settings: Settings) -> Iterator[Job]:
    schedule = settings.schedule
    lines = {
        JobKind.VERIFY: schedule.verify if settings.daemon.verify_images else "",
        JobKind.SNAPSHOT: schedule.snapshot,
        JobKind.WEEKLY_REPORT: schedule.weekly_report,
        JobKind.ENRICHMENT: schedule.enrichment if settings.enrichment.enabled else "",
    }
    if settings.cleanup.enabled:
        yield Job(JobKind.CLEANUP, _cleanup_crontab(settings), schedule.catch_up)
    for kind, line in lines.items():
        if line:
            yield Job(kind, Crontab(line, schedule.timezone), schedule.catch_up)


def _cleanup_crontab(settings: Settings) -> Crontab:
    """`[cleanup]` says a time of day, in UTC whatever `schedule.timezone` is (images.md D5)."""
    hour, minute = settings.cleanup.time.split(":")
    weekday = _MONDAY if settings.cleanup.every == "weekly" else "*"
    return Crontab(f"{int(minute)} {int(hour)} * * {weekday}")
