"""What the pipeline needs from outside, as small Protocols, and the frozen bundle `Services`.

Adapters (fetching, imaging, reading, storage, workers) implement these; only `bootstrap` knows both sides.
Adapters try once; the one retry loop is `pipeline.attempts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self, TypeVar
from uuid import UUID

import structlog

from trivia_scraper.domain.catalog import (
    DetailClaim,
    DetailSave,
    ImageSlot,
    KnownImage,
    KnownListing,
    SavedDetail,
    SourceBaseline,
    StoredImage,
    VanishPlan,
)
from trivia_scraper.domain.images import InspectedImage, StoredFile
from trivia_scraper.domain.jobs import Killed
from trivia_scraper.domain.lookups import KnownLookup
from trivia_scraper.domain.models import Detail, Listing, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, ImageOutcome, RunReport, SourceReport
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page, PageRequest
from trivia_scraper.domain.source import IndexReading, Source

Answer = TypeVar("Answer")


class Clock(Protocol):
    """Time as a parameter."""

    def now(self) -> dt.datetime:
        """Aware UTC wall time: for stamps and slots only."""

    def monotonic(self) -> float:
        """Seconds that never jump: for time-outs, waits and leases."""


class BodySink(Protocol):
    """Where a downloader puts the bytes of a body, chunk by chunk."""

    async def write(self, chunk: bytes) -> None:
        """Append. Raises StorageFull when the disk refuses."""

    async def restart(self) -> None:
        """Forget what was written: another attempt begins."""


class Stage(BodySink, Protocol):
    """A body on its way to permanent storage: in memory up to 1 MiB, else a file beside its target.

    Hashed as it is written. Closing an unadopted stage removes every trace of it.
    """

    @property
    def size(self) -> int:
        """Bytes written so far."""

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes written so far."""

    async def complete(self) -> None:
        """No more chunks come."""

    def body(self) -> bytes | Path:
        """The bytes, or the path of the staged file when they exceed the memory limit. After `complete`."""


class Fetcher(Protocol):
    """HTTP, and only HTTP. Each call is one attempt; every failure is an error of the domain's tree."""

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        """Fetch one page: address guard at every hop, robots.txt, pace, size cap, bounded decoding.

        Raises PageUnreachable, RateLimited, PageGone, PageForbidden, AddressBlocked, InvalidUrl,
        ServerFault, PermanentError(file_too_large).
        """

    async def download_image(
        self, request: ImageRequest, sink: BodySink, options: RefreshOptions, *, deadline_seconds: float
    ) -> ImageDownloaded | ImageNotModified:
        """Download one image into `sink`.

        With options.force_refresh_images the request is unconditional (no validators) and carries
        `Cache-Control: no-cache` (images.md 4.1). Raises ImageUnreachable, RateLimited, ImageRejected,
        PermanentError (gone, forbidden, too large), AddressBlocked, InvalidUrl, ServerFault.
        """


class WorkerPool(Protocol):
    """Worker processes with limits on time and memory, killed when a job oversteps them (safety.md 6)."""

    async def perform(self, job: Callable[[], Answer], *, seconds: float, repeat_slow: bool) -> Answer | Killed:
        """Do one job, a callable that can be pickled, in a worker.

        A job whose worker died is repeated once; one that was killed for time only with `repeat_slow`. Raises
        WorkersUnavailable; a bug in the job is raised as an exception that is no error of the domain.
        """


class PageReader(Protocol):
    """Lets a source read its pages without holding up the event loop (safety.md 7.3)."""

    async def read_index(self, source: Source, page: Page) -> IndexReading:
        """What `source.read_index` says. Raises PageShapeChanged, PARSE_TIMEOUT among it; WorkersUnavailable."""

    async def read_detail(
        self, source: Source, listing: Listing, page: Page | None, companion: Page | None
    ) -> Detail:
        """What `source.read_detail` says. Raises as `read_index` does."""


class ImageInspector(Protocol):
    """Decodes pictures in killable worker processes: type, size, thumbnail, whether bytes may be kept."""

    async def inspect(self, body: bytes | Path, options: RefreshOptions) -> InspectedImage:
        """Check one picture completely. Raises ImageRejected with a reason; never trusts name or header."""


class FileStore(Protocol):
    """Permanent image storage. Keys are D8 of images.md; no scraped character ever reaches a path."""

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        """Open a stage; leaving the context without adoption removes it."""

    async def adopt(self, files: Sequence[tuple[str, Stage | bytes]], options: RefreshOptions) -> None:
        """Put bodies under their final keys: write beside, fsync, rename, fsync directory. All or error."""

    async def stat(self, key: str) -> StoredFile | None:
        """What lies under `key`, or None."""

    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """Every file under a directory prefix such as "venues/the-crown/". Missing directory: empty."""

    async def directory_exists(self, prefix: str) -> bool:
        """Whether the prefix exists at all (R34 tells a missing directory from an empty one)."""

    async def delete(self, key: str) -> bool:
        """Unlink; False when it was not there. Raises StorageUnavailable(reason) when refused."""

    async def has_room(self) -> bool:
        """Whether free space is above `storage.min_free`."""

    def path_of(self, key: str) -> Path | None:
        """The file's place on disk, or None for stores without paths."""


class RunLog(Protocol):
    """Runs and what each source yielded. Each call is one transaction."""

    async def start_run(self, run_id: UUID, options: RefreshOptions, at: dt.datetime) -> None:
        """Record that a run began, its options whole, under this process's epoch."""

    async def finish_run(self, report: RunReport) -> None:
        """Record how a run ended."""

    async def baseline(self, source: str) -> SourceBaseline:
        """Counts of the last complete runs of a source, for N9, E6 and O17."""

    async def record_source_run(self, run_id: UUID, report: SourceReport, at: dt.datetime) -> None:
        """Keep a source's counts and verdict of this run."""

    async def raise_issue(
        self, kind: str, source: str | None, subject: str, message: str, run_id: UUID, at: dt.datetime
    ) -> None:
        """Note something a person should look at; an open issue of the same subject is renewed, not doubled."""


class Catalog(Protocol):
    """Venues, events, performers and sightings in Postgres. Each call is one transaction."""

    async def known_listings(self, source: str, keys: Sequence[str], at: dt.datetime) -> Mapping[str, KnownListing]:
        """What is known of these stable keys: venue slug, last processed, last seen. One query."""

    async def keys_of_venues(self, source: str, slugs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Venue slug → stable keys of this source. Slugs that name no venue are missing."""

    async def unknown_venues(self, slugs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Slugs that name no venue → up to three nearest known slugs."""

    async def touch_seen(self, source: str, keys: Sequence[str], at: dt.datetime) -> int:
        """Move last_seen_at of every sighting that the index proves, processed or not (E4)."""

    async def claim(self, detail: Detail, at: dt.datetime) -> DetailClaim:
        """Find or claim the identity of a venue and its performer (V1-V3): ids and slugs, no content."""

    async def save_detail(self, save: DetailSave, options: RefreshOptions) -> SavedDetail:
        """One transaction: venue, performer, event, sighting, image rows, intents out, superseded in."""

    async def count_vanished(self, source: str, seen_keys: Sequence[str], run_id: UUID) -> VanishPlan:
        """What a complete index walk no longer shows: running events, missing ones, those newly missing (E6)."""

    async def miss_vanished(
        self, source: str, seen_keys: Sequence[str], run_id: UUID, runs_before_missing: int, at: dt.datetime
    ) -> int:
        """Count one miss for each event not seen, close those with enough misses; returns how many closed."""


class Ledger(Protocol):
    """What is known of every image, and of every file on its way in or out."""

    async def known_images(self, slots: Sequence[ImageSlot]) -> Mapping[ImageSlot, KnownImage]:
        """The ledger's rows for these slots; a slot without one is missing. One query."""

    async def stored_images(self, venue_slug: str) -> Sequence[StoredImage]:
        """The stored images of a venue and of its running events' performers."""

    async def announce_files(self, keys: Sequence[str]) -> None:
        """Commit intents for keys about to appear, before they do (safety.md 9)."""

    async def clear_image(self, image_id: int, at: dt.datetime, options: RefreshOptions) -> Sequence[str]:
        """clean_first: clear the reference, intend its files' deletion; returns the keys (D1)."""

    async def collect(
        self, keys: Sequence[str], delete: Callable[[str], Awaitable[bool]]
    ) -> Sequence[tuple[str, str]]:
        """Unlink each key that no row refers to, under its lock; returns (key, fate), where
        the fate is "deleted", "kept", "absent", or the reason why it could not go."""

    async def referenced_keys(self, prefix: str) -> frozenset[str]:
        """Every storage and thumbnail key under a prefix that a row or intent refers to."""


class PlaceLookups(Protocol):
    """What the address look-up said, kept so that no address is asked for twice (V8)."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Held by whoever asks the service: one at a time in this process."""

    async def has_stated_position(self, source: str, key: str) -> bool:
        """Whether the catalogue holds a position of this listing's venue that did not come from a look-up."""

    async def known(self, query: str) -> KnownLookup | None:
        """The last answer for this address."""

    async def remember(self, query: str, lookup: KnownLookup) -> None:
        """Keep an answer; one that found the place is never replaced."""


class PageArchive(Protocol):
    """Where pages that could not be read are kept for a later fixture."""

    async def keep(self, source: str, page: Page, why: str) -> Path:
        """Store the page text and its request; returns the file."""


class Progress(Protocol):
    """Who is told while a run goes on. Must not raise and must not block."""

    def source_planned(self, source: str, planned: int, listed: int) -> None: ...
    def detail_finished(self, source: str, outcome: DetailOutcome) -> None: ...
    def image_finished(self, source: str, outcome: ImageOutcome) -> None: ...
    def source_finished(self, source: str, report: SourceReport) -> None: ...


class OwnerLocks(Protocol):
    """Serialises refreshes of one owner inside this process (R40, R163)."""

    def hold(self, kind: OwnerKind, owner_id: int) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class LookupService:
    """Where addresses are looked up, with which key, and when one without success is asked for again."""

    url: str
    key: str = field(repr=False)
    key_parameter: str
    retry_after: dt.timedelta


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """How the *process* runs; what a *run* does is in RefreshOptions, and the two never mix."""

    detail_freshness: dt.timedelta
    image_revalidate_after: dt.timedelta | None
    concurrency_per_source: int
    page_deadline_seconds: float
    hero_deadline_seconds: float
    performer_deadline_seconds: float
    download_deadline_seconds: float
    attempts: int
    backoff_seconds: float
    complete_runs_before_missing: int
    vanished_ratio: float
    suspect_ratio: float
    source_growth_factor: float
    enabled_sources: frozenset[str]
    index_urls: Mapping[str, str]
    index_intervals: Mapping[str, float]
    freshness_overrides: Mapping[str, dt.timedelta]
    broken_sources: Mapping[str, str]
    lookup: LookupService | None = None

    def freshness_of(self, source: str) -> dt.timedelta:
        """How long a visit of this source's pages lasts."""
        return self.freshness_overrides.get(source, self.detail_freshness)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the pipeline may touch. Frozen; `with_log` is how context reaches a child's log lines."""

    settings: PipelineSettings
    run_id: UUID
    fetcher: Fetcher
    reader: PageReader
    inspector: ImageInspector
    files: FileStore
    runs: RunLog
    catalog: Catalog
    ledger: Ledger
    lookups: PlaceLookups
    archive: PageArchive
    progress: Progress
    locks: OwnerLocks
    sources: Mapping[str, Source]
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    stopping: Callable[[], bool]
    log: structlog.typing.FilteringBoundLogger

    def with_log(self, **context: object) -> Self:
        """The same services, with these fields on every log line below."""
        return replace(self, log=self.log.bind(**context))
