"""Names of log events: one closed set, `noun.past_participle`, documented in docs/log-events.md.

Image and refresh events are those of images.md 4.3; the others of operations.md 6.
"""

from __future__ import annotations

from enum import StrEnum


class LogEvent(StrEnum):
    """Every `event` value that this program logs."""

    # the flag on its way (images.md 4.3, R56-R58)
    REFRESH_ENABLED = "refresh.enabled"
    REFRESH_FLAG_EXTRACTED = "refresh.flag_extracted"
    REFRESH_FLAG_FOR_DETAILS = "refresh.flag_for_details"
    REFRESH_FIRST_DETAIL_ARGS = "refresh.first_detail_args"
    DETAIL_ARGS_RECEIVED = "detail.args_received"
    REFRESH_EFFECTIVE = "refresh.effective"
    REFRESH_TASK_VALUE = "refresh.task_value"
    # images
    IMAGE_PLANNED = "image.planned"
    IMAGE_DOWNLOAD = "image.download"
    IMAGE_FORCING_EXISTING = "image.forcing_existing"
    IMAGE_SKIPPED_EXISTING = "image.skipped_existing"
    IMAGE_REVALIDATED = "image.revalidated"
    IMAGE_ALREADY_REFRESHED = "image.already_refreshed"
    IMAGE_CHECKED = "image.checked"
    IMAGE_SAVED = "image.saved"
    IMAGE_REFERENCE_SWITCHED = "image.reference_switched"
    IMAGE_REFERENCE_CLEARED = "image.reference_cleared"
    IMAGE_CLEAN_STARTED = "image.clean_started"
    IMAGE_DELETING = "image.deleting"
    IMAGE_OLD_DELETED = "image.old_deleted"
    IMAGE_DELETE_FAILED = "image.delete_failed"
    IMAGE_CLEANED = "image.cleaned"
    IMAGE_CLEAN_NO_DIRECTORY = "image.clean_no_directory"
    IMAGE_CLEAN_LIST_FAILED = "image.clean_list_failed"
    IMAGE_REFRESH_FAILED = "image.refresh_failed"
    IMAGE_CRASHED = "image.crashed"
    IMAGE_FORCED_WITHOUT_URL = "image.forced_without_url"
    IMAGE_FINISHED = "image.finished"
    # runs, indexes, details
    RUN_STARTED = "run.started"
    RUN_FINISHED = "run.finished"
    INDEX_FETCHED = "index.fetched"
    INDEX_PARSED = "index.parsed"
    INDEX_PLANNED = "index.planned"
    LISTING_REJECTED = "listing.rejected"
    DETAIL_SKIPPED = "detail.skipped"
    DETAIL_FINISHED = "detail.finished"
    DETAIL_FAILED = "detail.failed"
    DETAIL_CRASHED = "detail.crashed"
    DETAIL_COMPANION_FAILED = "detail.companion_failed"
    FACT_REFUSED = "fact.refused"
    LOOKUP_FAILED = "lookup.failed"
    # pages and hosts
    PAGE_FETCHED = "page.fetched"
    PAGE_SHAPE_CHANGED = "page.shape_changed"
    FETCH_BLOCKED = "fetch.blocked"
    HOST_PACED = "host.paced"
    RETRY_SCHEDULED = "retry.scheduled"
    COMMIT_UNKNOWN = "commit.unknown"
    COMMIT_RESOLVED = "commit.resolved"
    # sources
    SOURCE_BROKEN = "source.broken"
    SOURCE_DEGRADED = "source.degraded"
    SOURCE_HELD = "source.held"
    EVENT_CLOSED = "event.closed"
    EVENT_MOVED = "event.moved"
    VENUE_FLAGGED = "venue.flagged"
    VENUE_MERGED = "venue.merged"
    VENUE_UNMERGED = "venue.unmerged"
    VENUE_PAIR_DECIDED = "venue.pair_decided"
    # storage and process
    STORAGE_FULL = "storage.full"
    DATABASE_LOST = "database.lost"
    DATABASE_STARTED = "database.started"
    SCHEMA_MIGRATED = "schema.migrated"
    WORKER_KILLED = "worker.killed"
    FILE_SWEPT = "file.swept"
    FILE_MISSING = "file.missing"
    SETTINGS_LOADED = "settings.loaded"
