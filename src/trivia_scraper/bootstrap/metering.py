"""Counts what a job does, by standing between the pipeline and its ports: the pipeline knows nothing of metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from trivia_scraper.domain.catalog import ImageSlot, KnownImage
from trivia_scraper.domain.errors import TriviaScraperError, WorkersUnavailable
from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import (
    DetailOutcome,
    DetailOutcomeKind,
    Failure,
    ImageOutcome,
    ImageOutcomeKind,
    RunReport,
    SourceReport,
)
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page, PageRequest
from trivia_scraper.domain.photos import PhotoOutcomeKind, PhotoSave, PhotoSaved
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import IndexReading, Source
from trivia_scraper.metrics.counting import Counts
from trivia_scraper.ports import (
    BodySink,
    Clock,
    Fetcher,
    ImageInspector,
    Ledger,
    PageReader,
    PhotoLedger,
    Progress,
    RunLog,
    Services,
)

Answer = TypeVar("Answer")

_CHANGES: Final = (DetailOutcomeKind.CREATED, DetailOutcomeKind.UPDATED, DetailOutcomeKind.GONE)
_OUR_OWN: Final = (ErrorType.STORAGE_ERROR, ErrorType.UNKNOWN_ERROR)
_FAILED: Final = (ImageOutcomeKind.FAILED, ImageOutcomeKind.REJECTED)


class JobMeter:
    """Counts one job and knows how far it is. Implements `ports.Progress`; whom else to tell is `told`."""

    def __init__(self, counts: Counts, told: Progress, note_run: Callable[[RunReport], None]) -> None:
        self._counts = counts
        self._told = told
        self._note_run = note_run
        self._sizes = StoredSizes()
        self._progress: dict[str, SourceProgress] = {}

    def attach(self, services: Services) -> Services:
        """The same services, metered: what this job does with them is counted."""
        counts, sizes = self._counts, self._sizes
        return replace(
            services,
            fetcher=MeteredFetcher(services.fetcher, counts, sizes, services.clock),
            reader=MeteredReader(services.reader, counts),
            inspector=MeteredInspector(services.inspector, counts, services.clock),
            # Each answers one call itself and hands on the others, whatever they are.
            ledger=cast(Ledger, MeteredLedger(services.ledger, sizes)),
            photos=cast(PhotoLedger, MeteredPhotos(services.photos, counts)),
            runs=cast(RunLog, MeteredRuns(services.runs, self._note_run)),
            progress=self,
        )

    def progress_of(self) -> Mapping[str, SourceProgress]:
        """How far each source is, by slug."""
        return dict(self._progress)

    def show(self, progress: Mapping[str, SourceProgress]) -> None:
        """How far others are with this job, who do it on other machines."""
        self._progress = dict(progress)

    def source_planned(self, source: str, planned: int, listed: int) -> None:
        """A source knows what it will visit."""
        self._progress[source] = replace(self._at(source), planned=planned)
        self._told.source_planned(source, planned, listed)

    def detail_finished(self, source: str, outcome: DetailOutcome) -> None:
        """One listing ended."""
        now = self._at(source)
        self._progress[source] = replace(
            now,
            done=now.done + 1,
            failed=now.failed + (outcome.failure is not None),
            bytes_received=now.bytes_received + outcome.bytes_received,
        )
        if outcome.kind in _CHANGES:
            self._counts.venues_changed(outcome.kind.value)
        self._note_own_fault(outcome.failure)
        self._told.detail_finished(source, outcome)

    def image_finished(self, source: str, outcome: ImageOutcome) -> None:
        """One image ended."""
        now = self._at(source)
        self._progress[source] = replace(
            now,
            images=now.images + 1,
            images_failed=now.images_failed + (outcome.kind in _FAILED),
            bytes_received=now.bytes_received + outcome.bytes_received,
        )
        self._counts.image_ended(outcome.kind.value)
        size = self._sizes.forget(outcome.url)
        if outcome.kind is ImageOutcomeKind.FRESH_SKIPPED:
            self._counts.bytes_saved("fresh", size)
        if outcome.failure is not None and outcome.failure.failure_class is FailureClass.TRANSIENT:
            self._counts.retry_scheduled()
        self._note_own_fault(outcome.failure)
        self._told.image_finished(source, outcome)

    def source_finished(self, source: str, report: SourceReport) -> None:
        """A source is done."""
        self._progress[source] = replace(self._at(source), is_finished=True)
        self._counts.venues_changed("closed", report.closed)
        self._counts.venues_changed("held", report.held)
        self._told.source_finished(source, report)

    def _at(self, source: str) -> SourceProgress:
        return self._progress.get(source, SourceProgress())

    def _note_own_fault(self, failure: Failure | None) -> None:
        if failure is not None and failure.error_type in _OUR_OWN:
            self._counts.item_failed(failure.error_type)


class StoredSizes:
    """How large the stored copies are of the images that a job is just looking at, by their public address."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    def remember(self, url: str | None, size: int | None) -> None:
        """A row was read."""
        if url and size:
            self._sizes[strip_secrets(url)] = size

    def of(self, url: str) -> int:
        """Bytes, 0 where they are not known."""
        return self._sizes.get(strip_secrets(url), 0)

    def forget(self, url: str) -> int:
        """The same, for the last time."""
        return self._sizes.pop(strip_secrets(url), 0)


class MeteredFetcher:
    """Implements `ports.Fetcher`."""

    def __init__(self, fetcher: Fetcher, counts: Counts, sizes: StoredSizes, clock: Clock) -> None:
        self._fetcher = fetcher
        self._counts = counts
        self._sizes = sizes
        self._clock = clock

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        """Counts the try, its status, its time, and what it failed with."""
        try:
            page = await self._timed(
                self._fetcher.fetch_page(request, accept_language=accept_language, deadline_seconds=deadline_seconds)
            )
        except TriviaScraperError as error:
            self._counts.page_tried(error.status_code)
            raise
        self._counts.page_tried(page.status_code)
        return page

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        """Counts the bytes that came, or those that did not have to, the time, and what it failed with."""
        answer = await self._timed(
            self._fetcher.download_image(request, sink, options, deadline_seconds=deadline_seconds)
        )
        if isinstance(answer, ImageNotModified):
            self._counts.bytes_saved("not_modified", self._sizes.of(request.url))
        else:
            self._counts.image_received(answer.bytes_received)
        return answer

    async def _timed(self, answer: Awaitable[Answer]) -> Answer:
        started = self._clock.monotonic()
        try:
            return await answer
        except TriviaScraperError as error:
            if error.error_type not in _OUR_OWN:  # those are counted once, where the item ends
                self._counts.try_failed(error)
            raise
        finally:
            self._counts.fetch_took(self._clock.monotonic() - started)


class MeteredReader:
    """Implements `ports.PageReader`: counts pages that could not be read, and workers that they cost."""

    def __init__(self, reader: PageReader, counts: Counts) -> None:
        self._reader = reader
        self._counts = counts

    async def read_index(self, source: Source, page: Page) -> IndexReading:
        """As `ports.PageReader`."""
        return await _counted(self._reader.read_index(source, page), self._counts)

    async def read_detail(
        self, source: Source, listing: Listing, page: Page | None, companion: Page | None
    ) -> Detail:
        """As `ports.PageReader`."""
        return await _counted(self._reader.read_detail(source, listing, page, companion), self._counts)


class MeteredInspector:
    """Implements `ports.ImageInspector`: counts refused images and the workers that they cost, and takes the time."""

    def __init__(self, inspector: ImageInspector, counts: Counts, clock: Clock) -> None:
        self._inspector = inspector
        self._counts = counts
        self._clock = clock

    async def inspect(self, body: bytes | Path, options: RefreshOptions) -> InspectedImage:
        """As `ports.ImageInspector`."""
        started = self._clock.monotonic()
        try:
            return await _counted(self._inspector.inspect(body, options), self._counts)
        finally:
            self._counts.decode_took(self._clock.monotonic() - started)


async def _counted(answer: Awaitable[Answer], counts: Counts) -> Answer:
    try:
        return await answer
    except TriviaScraperError as error:
        counts.try_failed(error)
        counts.worker_ended(error.reason)
        if isinstance(error, WorkersUnavailable):
            counts.workers_missing()
        raise


class MeteredLedger:
    """A `ports.Ledger` that remembers how large the stored copies are."""

    def __init__(self, ledger: Ledger, sizes: StoredSizes) -> None:
        self._ledger = ledger
        self._sizes = sizes

    async def known_images(self, slots: Sequence[ImageSlot]) -> Mapping[ImageSlot, KnownImage]:
        """As `ports.Ledger`."""
        known = await self._ledger.known_images(slots)
        for image in known.values():
            self._sizes.remember(image.provider_url, image.bytes)
        return known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


class MeteredRuns:
    """A `ports.RunLog` that tells of each run that ended, kept or not."""

    def __init__(self, runs: RunLog, note_run: Callable[[RunReport], None]) -> None:
        self._runs = runs
        self._note_run = note_run
        self._noted: set[UUID] = set()

    async def finish_run(self, report: RunReport) -> None:
        """As `ports.RunLog`. Repeated while the database is away, and told once."""
        if report.run_id not in self._noted:
            self._noted.add(report.run_id)
            self._note_run(report)
        await self._runs.finish_run(report)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runs, name)


class MeteredPhotos:
    """A `ports.PhotoLedger` that counts how images of galleries and recoveries end."""

    def __init__(self, photos: PhotoLedger, counts: Counts) -> None:
        self._photos = photos
        self._counts = counts

    async def save_photo(self, save: PhotoSave, run_id: UUID, at: dt.datetime, options: RefreshOptions) -> PhotoSaved:
        """As `ports.PhotoLedger`. One that was written in vain, because its row went away, is none."""
        saved = await self._photos.save_photo(save, run_id, at, options)
        if saved.kind is not PhotoOutcomeKind.VANISHED:
            self._counts.image_ended(saved.kind.value)
        if saved.kind is PhotoOutcomeKind.UNCHANGED_304 and save.known is not None:
            self._counts.bytes_saved("not_modified", save.known.bytes or 0)
        if saved.next_retry_at is not None and save.failure is not None:
            self._counts.retry_scheduled()
        return saved

    def __getattr__(self, name: str) -> Any:
        return getattr(self._photos, name)
