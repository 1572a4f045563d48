"""The only package that knows ports *and* adapters.

`house` opens the store to work on it, `opening` to look at it, `shares` hands each adapter its part of the settings,
`deeds` holds what a command does in one call.
"""

from __future__ import annotations

from trivia_scraper.bootstrap.checking import store_facts
from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.deeds import (
    call_different,
    check_database,
    cleanup_runs,
    database_status,
    database_url,
    dump_database,
    duplicate_pairs,
    identify_venue,
    image_store_place,
    import_images,
    merge_venues,
    migrate_database,
    open_issues,
    release_source,
    restore_database,
    unmerge_venue,
)
from trivia_scraper.bootstrap.explaining import explain_venue
from trivia_scraper.bootstrap.house import NO_RUN, House, NoProgress, build_services, open_house
from trivia_scraper.bootstrap.notifying import Lookout, notice_terms, open_audience, try_channels
from trivia_scraper.bootstrap.opening import (
    DirectoryReader,
    Figures,
    open_figures,
    open_page_fetcher,
    open_reader,
    open_services,
)
from trivia_scraper.bootstrap.shares import (
    cleanup_settings,
    database_settings,
    fetch_settings,
    imaging_settings,
    lookup_service,
    photo_settings,
    pipeline_settings,
    provider_account,
    recovery_classes,
    worker_limits,
)
from trivia_scraper.bootstrap.stores import SECONDS_PER_STORE_REQUEST, open_image_store, store_folder
from trivia_scraper.bootstrap.watching import (
    ask_daemon,
    has_database,
    pause_source,
    resume_source,
    tell_status,
)
from trivia_scraper.bootstrap.weekly import weekly_figures, write_weekly_report

__all__ = [
    "NO_RUN",
    "SECONDS_PER_STORE_REQUEST",
    "DirectoryReader",
    "Figures",
    "House",
    "Lookout",
    "NoProgress",
    "SystemClock",
    "ask_daemon",
    "build_services",
    "call_different",
    "check_database",
    "cleanup_runs",
    "cleanup_settings",
    "database_settings",
    "database_status",
    "database_url",
    "dump_database",
    "duplicate_pairs",
    "explain_venue",
    "fetch_settings",
    "has_database",
    "identify_venue",
    "image_store_place",
    "imaging_settings",
    "import_images",
    "lookup_service",
    "merge_venues",
    "migrate_database",
    "notice_terms",
    "open_audience",
    "open_figures",
    "open_house",
    "open_image_store",
    "open_issues",
    "open_page_fetcher",
    "open_reader",
    "open_services",
    "pause_source",
    "photo_settings",
    "pipeline_settings",
    "provider_account",
    "recovery_classes",
    "release_source",
    "restore_database",
    "resume_source",
    "store_facts",
    "store_folder",
    "tell_status",
    "try_channels",
    "unmerge_venue",
    "weekly_figures",
    "worker_limits",
    "write_weekly_report",
]
