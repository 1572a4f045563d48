"""The figures of the week over an open database, and the report that the clock makes of them (images.md 10)."""

from __future__ import annotations

import datetime as dt

from trivia_scraper.bootstrap.shares import photo_settings, recovery_classes
from trivia_scraper.pipeline.reporting.weekly_files import WrittenReport
from trivia_scraper.pipeline.reporting.weekly_files import write_weekly_report as write_report
from trivia_scraper.ports import Services
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.report_files import ReportFolder
from trivia_scraper.storage.weekly import PostgresWeekly

REPORTS_FOLDER = "reports"


def weekly_figures(settings: Settings, database: Database) -> PostgresWeekly:
    """What the weekly report and alerts are read from."""
    photos = photo_settings(settings)
    return PostgresWeekly(
        database, recovery_classes(settings), photos.accounts, photos.per_provider, cleanup_interval(settings)
    )


def cleanup_interval(settings: Settings) -> dt.timedelta | None:
    """How often the cleanup is due; None = it is switched off."""
    if not settings.cleanup.enabled:
        return None
    return dt.timedelta(days=7 if settings.cleanup.every == "weekly" else 1)


async def write_weekly_report(
    until: dt.datetime, settings: Settings, database: Database, services: Services
) -> WrittenReport:
    """Keep the report of the seven days before `until`, the slot that was due, in the state folder."""
    shelf = ReportFolder(settings.state_dir / REPORTS_FOLDER)
    return await write_report(until, weekly_figures(settings, database).report, shelf, services)
