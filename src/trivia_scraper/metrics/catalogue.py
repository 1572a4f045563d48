"""Every metric: name, kind, labels, meaning. docs/metrics.md is written from here, instruments are made from here.

Base units, labels out of closed sets only: never an address, a venue or a host (operations.md O25).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trivia_scraper.domain.gauges import AGE_BOUNDS

PREFIX: Final = "trivia_scraper_"
OTHER: Final = "other"
"""In place of a label that is in no closed set, such as a source whose description is gone."""


class Kind(StrEnum):
    """What Prometheus calls it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


_SUFFIXES: Final = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count"), Kind.SUMMARY: ("_sum", "_count")}


@dataclass(frozen=True, slots=True)
class Metric:
    """One family of series.

    name     as it is queried, the prefix left out; a counter's ends in "_total"
    labels   label → what it may say, in words
    bounds   upper ends of a histogram's buckets
    """

    name: str
    kind: Kind
    meaning: str
    labels: tuple[tuple[str, str], ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def full_name(self) -> str:
        """With the prefix."""
        return PREFIX + self.name

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels alone."""
        return tuple(name for name, _ in self.labels)

    @property
    def sample_names(self) -> tuple[str, ...]:
        """The names that a query may use."""
        return tuple(self.full_name + suffix for suffix in _SUFFIXES.get(self.kind, ("",)))


_SOURCE: Final = ("source", "slug of a source or photo provider, else `other`")
_OWN_SOURCE: Final = ("source", "slug of a source")
_RUN_BOUNDS: Final = (10.0, 60.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0)
_FETCH_BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_DECODE_BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

METRICS: Final = (
    Metric(
        "build_info",
        Kind.GAUGE,
        "Always 1; says what runs",
        (("version", "of the package"), ("commit", "built from, or `unknown`")),
    ),
    Metric("ready", Kind.GAUGE, "1 while `/readyz` answers 200, else 0"),
    Metric(
        "runs_total",
        Kind.COUNTER,
        "Runs of a source since the daemon started",
        (_SOURCE, ("outcome", "`complete`, `incomplete`")),
    ),
    Metric(
        "run_last_success_timestamp_seconds",
        Kind.GAUGE,
        "When the source's index was last read whole, as Unix time; from the database",
        (_OWN_SOURCE,),
    ),
    Metric("run_duration_seconds", Kind.HISTOGRAM, "How long runs took", bounds=_RUN_BOUNDS),
    Metric(
        "source_state",
        Kind.GAUGE,
        "1 for the state that a source is in now; its other states are not shown",
        (_OWN_SOURCE, ("state", "`ok`, `paused`, `zero_yield` … as `status` says it")),
    ),
    Metric("venues", Kind.GAUGE, "Living venues; one that two sources show counts for both", (_SOURCE,)),
    Metric(
        "images_fresh_ratio",
        Kind.GAUGE,
        "Share of the stored images that were verified within 7 days; absent where none is stored",
        (_SOURCE,),
    ),
    Metric(
        "image_age_seconds",
        Kind.HISTOGRAM,
        "Stored images by the time since they were verified: how it is now, not since the start",
        bounds=AGE_BOUNDS,
    ),
    Metric(
        "images",
        Kind.GAUGE,
        "Living images",
        (("state", "`uploaded`, `failed`, `permanently_failed`, `skipped`, `external`"),),
    ),
    Metric("dead_images", Kind.GAUGE, "Images that automation has given up; `review list` has them"),
    Metric(
        "pages_fetched_total",
        Kind.COUNTER,
        "Pages asked for, each try",
        (("status_class", "`2xx` … `5xx`; `none` = no answer, or not asked"),),
    ),
    Metric(
        "fetch_duration_seconds",
        Kind.HISTOGRAM,
        "How long one page or image took, waiting for the host's turn included",
        bounds=_FETCH_BOUNDS,
    ),
    Metric(
        "fetch_blocked_total",
        Kind.COUNTER,
        "Fetches and images that a guard refused",
        (("reason", "`ssrf`, `url`, `robots`, `size`, `bomb`, `type`, `slow`"),),
    ),
    Metric(
        "failures_total",
        Kind.COUNTER,
        "Failed tries at a page, an image or its reading, and what our own store or a bug cost",
        (("error_type", "as in `stats breakdown`"),),
    ),
    Metric("retries_scheduled_total", Kind.COUNTER, "Failed images that are due again by themselves"),
    Metric(
        "venue_changes_total",
        Kind.COUNTER,
        "What visits and indexes changed",
        (("kind", "`created`, `updated`, `gone`, `closed`, `held`"),),
    ),
    Metric(
        "images_downloaded_total",
        Kind.COUNTER,
        "Images by how their refresh, gallery or recovery ended",
        (("outcome", "`new`, `replaced`, `unchanged_304` … as `run` counts them"),),
    ),
    Metric("image_bytes_total", Kind.COUNTER, "Bytes of images received"),
    Metric(
        "bytes_saved_total",
        Kind.COUNTER,
        "Bytes of images that did not have to be sent again",
        (("kind", "`not_modified` (304), `fresh` (not asked)"),),
    ),
    Metric(
        "image_decode_seconds",
        Kind.HISTOGRAM,
        "How long an image was checked, waiting for a worker included",
        bounds=_DECODE_BOUNDS,
    ),
    Metric(
        "worker_killed_total",
        Kind.COUNTER,
        "Pages and images whose worker had to be ended",
        (("reason", "`time`, `memory`, `broken` (no worker could be had)"),),
    ),
    Metric("storage_bytes", Kind.GAUGE, "Bytes of the stored pictures, without thumbnails"),
    Metric("storage_free_bytes", Kind.GAUGE, "Free space where bodies are staged and, in a folder, kept"),
    Metric("orphan_files", Kind.GAUGE, "Files without a row that the last cleanup set aside"),
    Metric("missing_files", Kind.GAUGE, "Pictures without their file that the last cleanup queued anew"),
    Metric(
        "file_intents",
        Kind.GAUGE,
        "Files that are about to appear or may have to go; more than a handful for long is a fault",
    ),
    Metric(
        "breakers",
        Kind.GAUGE,
        "Image hosts by how they are asked",
        (("state", "`open` (left alone), `half_open` (tried once more), `closed` (failed lately)"),),
    ),
    Metric("db_pool_connections", Kind.GAUGE, "Connections to the database", (("state", "`in_use`, `idle`"),)),
    Metric(
        "db_pool_wait_seconds", Kind.SUMMARY, "Waits for a free connection; a call that need not wait is not counted"
    ),
    Metric(
        "db_reconnects_total", Kind.COUNTER, "How often the database came back after a connection was lost or refused"
    ),
    Metric("event_loop_lag_seconds", Kind.GAUGE, "How late the event loop was at worst, lately"),
    Metric(
        "heartbeat_age_seconds",
        Kind.GAUGE,
        "Time since a loop of the daemon last spoke",
        (("loop", "name of the loop"),),
    ),
    Metric(
        "schedule_next_run_timestamp_seconds",
        Kind.GAUGE,
        "When a job of this kind is due next, as Unix time; the earliest of several",
        (("job", "`refresh`, `verify`, `cleanup`, `snapshot`, `weekly_report`, `enrichment`, `other`"),),
    ),
    Metric(
        "config_reload_success",
        Kind.GAUGE,
        "0 while the configuration on disk was refused and the old one is in use, else 1",
    ),
    Metric("notify_failures_total", Kind.COUNTER, "Notifications that could not be delivered"),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}
