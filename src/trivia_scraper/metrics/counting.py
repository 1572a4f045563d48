"""What happened since the daemon started: counters and histograms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric as Family

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import IndexVerdict, RunReport
from trivia_scraper.metrics.catalogue import BY_NAME, OTHER

_BLOCKED_BY_TYPE: Final = {
    ErrorType.BLOCKED_ADDRESS: "ssrf",
    ErrorType.INVALID_URL: "url",
    ErrorType.FILE_TOO_LARGE: "size",
}
_BLOCKED_BY_REASON: Final[Mapping[Reason | None, str]] = {
    Reason.ROBOTS: "robots",
    Reason.BYTES: "size",
    Reason.BOMB: "bomb",
    Reason.PIXELS: "bomb",
    Reason.FRAMES: "bomb",
    Reason.TYPE: "type",
    Reason.HTML: "type",
    Reason.SLOW: "slow",
    Reason.DEADLINE: "slow",
}
_KILLED_BY_REASON: Final[Mapping[Reason | None, str]] = {
    Reason.DECODE_TIMEOUT: "time",
    Reason.PARSE_TIMEOUT: "time",
    Reason.DECODE_MEMORY: "memory",
}
_BEGUN_AT_ZERO: Final = {
    "fetch_blocked_total": sorted({*_BLOCKED_BY_TYPE.values(), *_BLOCKED_BY_REASON.values()}),
    "failures_total": [each.value for each in ErrorType],
    "worker_killed_total": ["broken", "memory", "time"],
}
"""Counters of trouble stand at 0 before the first, so that the first one is an increase."""


class Counts:
    """Counts what it is told. Values of labels are enums, or slugs that the caller has checked."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, values in _BEGUN_AT_ZERO.items():
            for value in values:
                self._count(name, value, amount=0)
        for name in ("retries_scheduled_total", "image_bytes_total", "notify_failures_total"):
            self._count(name, amount=0)

    def page_tried(self, status_code: int | None) -> None:
        """A page was asked for; None = there was no answer."""
        is_known = status_code is not None and 100 <= status_code <= 599
        self._count("pages_fetched_total", f"{(status_code or 0) // 100}xx" if is_known else "none")

    def fetch_took(self, seconds: float) -> None:
        """A page or image was asked for."""
        self._observe("fetch_duration_seconds", seconds)

    def image_received(self, size: int) -> None:
        """Bytes of an image came."""
        self._count("image_bytes_total", amount=size)

    def bytes_saved(self, kind: str, size: int) -> None:
        """A stored image did not have to be sent; `kind` is "not_modified" or "fresh"."""
        self._count("bytes_saved_total", kind, amount=size)

    def decode_took(self, seconds: float) -> None:
        """An image was checked, whatever came of it."""
        self._observe("image_decode_seconds", seconds)

    def try_failed(self, error: TriviaScraperError) -> None:
        """A page, an image or its reading failed once."""
        self._count("failures_total", error.error_type.value)
        blocked = blocked_by(error)
        if blocked is not None:
            self._count("fetch_blocked_total", blocked)

    def item_failed(self, error_type: ErrorType) -> None:
        """Something of our own failed, where no try was counted: our store, or a bug."""
        self._count("failures_total", error_type.value)

    def worker_ended(self, reason: Reason | None) -> None:
        """A job came back with this reason; only those count that cost a worker."""
        if reason in _KILLED_BY_REASON:
            self._count("worker_killed_total", _KILLED_BY_REASON[reason])

    def workers_missing(self) -> None:
        """No worker could be had."""
        self._count("worker_killed_total", "broken")

    def image_ended(self, outcome: str) -> None:
        """A refresh, a gallery or a recovery is done with an image."""
        self._count("images_downloaded_total", outcome)

    def retry_scheduled(self) -> None:
        """A failed image is due again by itself."""
        self._count("retries_scheduled_total")

    def venues_changed(self, kind: str, number: int = 1) -> None:
        """`kind` as in the catalogue; nought is no change."""
        if number:
            self._count("venue_changes_total", kind, amount=number)

    def run_ended(self, report: RunReport, known_sources: frozenset[str]) -> None:
        """A run is over. A dry run is none."""
        if report.options.dry_run:
            return
        for slug, source in report.sources.items():
            outcome = "complete" if source.verdict is IndexVerdict.COMPLETE else "incomplete"
            self._count("runs_total", slug if slug in known_sources else OTHER, outcome)
        if report.finished_at is not None:
            self._observe("run_duration_seconds", (report.finished_at - report.started_at).total_seconds())

    def notice_failed(self) -> None:
        """A notification could not be delivered."""
        self._count("notify_failures_total")

    def families(self) -> Iterator[Family]:
        """All of them as they are now, without the times at which each series began."""
        for family in self._registry.collect():
            family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
            yield family

    def _count(self, name: str, *labels: str, amount: float = 1) -> None:
        counter = self._counters.get(name)
        if counter is None:
            metric = BY_NAME[name]
            counter = Counter(metric.full_name, metric.meaning, metric.label_names, registry=self._registry)
            self._counters[name] = counter
        (counter.labels(*labels) if labels else counter).inc(amount)

    def _observe(self, name: str, amount: float) -> None:
        histogram = self._histograms.get(name)
        if histogram is None:
            metric = BY_NAME[name]
            histogram = Histogram(metric.full_name, metric.meaning, buckets=metric.bounds, registry=self._registry)
            self._histograms[name] = histogram
        histogram.observe(amount)


def blocked_by(error: TriviaScraperError) -> str | None:
    """Which guard refused it; None = none did, it failed otherwise."""
    return _BLOCKED_BY_TYPE.get(error.error_type) or _BLOCKED_BY_REASON.get(error.reason)
