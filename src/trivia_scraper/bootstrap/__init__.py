"""The only package that knows ports *and* adapters.

`house` opens the store to work on it, `opening` to look at it, `shares` hands each adapter its part of the settings,
`deeds` holds what a command does in one call.
"""

from __future__ import annotations

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
from trivia_scraper.bootstrap.house import House, NoProgress, build_services, open_house
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

__all__ = [
    "SECONDS_PER_STORE_REQUEST",
    "DirectoryReader",
    "Figures",
    "House",
    "NoProgress",
    "SystemClock",
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
    "fetch_settings",
    "identify_venue",
    "image_store_place",
    "imaging_settings",
    "import_images",
    "lookup_service",
    "merge_venues",
    "migrate_database",
    "open_figures",
    "open_house",
    "open_image_store",
    "open_issues",
    "open_page_fetcher",
    "open_reader",
    "open_services",
    "photo_settings",
    "pipeline_settings",
    "provider_account",
    "recovery_classes",
    "release_source",
    "restore_database",
    "store_folder",
    "unmerge_venue",
    "worker_limits",
]
