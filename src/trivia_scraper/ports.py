"""What the pipeline needs from outside, as small Protocols, and the frozen bundle `Services`.

Adapters (fetching, imaging, reading, storage, workers) implement these; only `bootstrap` knows both sides.
Adapters try once; the one retry loop is `pipeline.attempts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, Self, TypeVar
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
from trivia_scraper.domain.cleaning import HistoryReport, OwnerFailures, ScheduledRun
from trivia_scraper.domain.enrichment import EnrichmentOutcome, EnrichmentState, StaleVenues, VenueContext
from trivia_scraper.domain.file_sweeps import Loss, LostImages, Placeholder, QuarantinedFile, StoredRow
from trivia_scraper.domain.images import InspectedImage, StoredFile
from trivia_scraper.domain.jobs import Killed
from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.lookups import KnownLookup
from trivia_scraper.domain.models import Detail, Listing, OwnerKind
from trivia_scraper.domain.notices import Message, Notice
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, ImageOutcome, RunReport, SourceReport
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Page, PageRequest
from trivia_scraper.domain.photo_provider import PhotoProvider, ProviderAccount
from trivia_scraper.domain.photos import Gallery, KnownPhoto, Photo, PhotoSave, PhotoSaved
from trivia_scraper.domain.provider_memory import BreakerState, ProviderPace
from trivia_scraper.domain.queued_jobs import BatchJob, IndexJob, QueuedJob
from trivia_scraper.domain.recovery import (
    OwnerRef,
    QueuedHow,
    QueuedRecovery,
    RecoverableOwner,
    RecoveryRequest,
)
from trivia_scraper.domain.requests import RequestState, RunRequest
from trivia_scraper.domain.review import PlannedAction, ReviewPlan, ReviewRow
from trivia_scraper.domain.schedules import JobHistory, UnfinishedSlot
from trivia_scraper.domain.source import IndexReading, Source
from trivia_scraper.domain.source_health import PausedSource, SourceHealth, SourceRecord
from trivia_scraper.domain.spreading import SpreadSource
from trivia_scraper.policy.classifying import DEFAULT_CLASSES, ErrorClasses
from trivia_scraper.policy.provider_windows import Admission, WindowLimits
from trivia_scraper.policy.quarantining import Settlement
from trivia_scraper.policy.schedules import Schedule
from trivia_scraper.policy.staleness import StalenessTerms

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

    async def adopt(
        self,
        files: Sequence[tuple[str, Stage | bytes]],
        options: RefreshOptions,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Put bodies under their final keys: write beside, fsync, rename, fsync directory. All or error.

        labels  what an object store notes beside each object: "provider", "venue" (R122); a folder ignores them
        """

    async def stat(self, key: str) -> StoredFile | None:
        """What lies under `key`, or None."""

    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """Every file under a directory prefix such as "venues/the-crown/". Missing directory: empty."""

    async def directory_exists(self, prefix: str) -> bool:
        """Whether the prefix exists at all (R34 tells a missing directory from an empty one)."""

    async def delete(self, key: str) -> bool:
        """Unlink; False when it was not there. Raises StorageUnavailable(reason) when refused."""

    async def missing(self, keys: Sequence[str]) -> Sequence[str]:
        """Which of these keys have no file."""

    async def digest(self, key: str) -> str | None:
        """Hex sha256 of the bytes that lie under `key` now, or None when there is nothing."""

    async def move(self, key: str, target: str) -> bool:
        """Put what lies under `key` under `target` instead; False when there was nothing."""

    def all_files(self, prefix: str = "") -> AsyncIterator[StoredFile]:
        """Every file in the store below a prefix, staged ones and the store's own apart, in any order."""

    async def empty_staging(self) -> int:
        """Remove what an earlier process left half-written; returns how many files."""

    async def has_room(self) -> bool:
        """Whether free space is above `storage.min_free`."""

    def url_of(self, key: str) -> str | None:
        """The public address of a stored file (`storage.public_url`, ImageKit's endpoint), or None (R78)."""

    def path_of(self, key: str) -> Path | None:
        """The file's place on disk, or None for stores without paths."""


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """One request to an address out of the configuration.

    document  the body as JSON; or `form` and `file` (name, media type, bytes) as multipart/form-data
    user      sent as basic authentication, without a password
    """

    method: Literal["GET", "POST", "DELETE"]
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, object] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: tuple[str, str, bytes] | None = field(default=None, repr=False)
    user: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OperatorAnswer:
    """Whatever was answered, refusals too. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OperatorHttp(Protocol):
    """HTTP to services that the configuration names, apart from everything scraped (safety.md 3)."""

    async def send(self, request: OperatorRequest, *, max_bytes: int) -> OperatorAnswer:
        """Send once; no redirect is followed. Raises ServiceUnreachable when no complete answer came."""


class RunLog(Protocol):
    """Runs and what each source yielded. Each call is one transaction."""

    async def start_run(self, run_id: UUID, options: RefreshOptions, at: dt.datetime) -> None:
        """Record that a run began, its options whole, under this process's epoch."""

    async def note_progress(self, run_id: UUID, progress: Mapping[str, Any], at: dt.datetime) -> None:
        """Keep how far a run is, for whoever looks; a run that has ended keeps what it has."""

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

    async def resolve_issue(self, kind: str, source: str | None, subject: str, at: dt.datetime) -> None:
        """Close the open issue of this subject, if there is one: what it told of is over."""

    async def source_records(self, sources: Sequence[str]) -> Mapping[str, SourceRecord]:
        """All that these sources are judged by (O17-O19); one that never ran has an empty record."""

    async def keep_health(self, health: SourceHealth) -> None:
        """How a source fares by now."""

    async def paused_sources(self) -> Mapping[str, PausedSource]:
        """Sources that a person stopped for a while, by slug."""

    async def note_failed_visit(
        self, listing: Listing, outcome: DetailOutcome, why: str, run_id: UUID, at: dt.datetime
    ) -> None:
        """Write into the story of a listing's venue that a visit came to nothing; of an unknown venue, nothing."""


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
        """Every storage and thumbnail key under a prefix that a row refers to, or is about to."""


class PhotoLedger(Protocol):
    """Images one by one: galleries, recoveries. Each call is one transaction."""

    async def gallery(self, venue_id: int) -> Gallery:
        """Every gallery row of a venue, tombstones included, and the other names of its photos."""

    async def owner_photos(self, kind: OwnerKind, owner_id: int) -> Sequence[KnownPhoto]:
        """Every living image of one owner, all roles, oldest first."""

    async def photos(self, image_ids: Sequence[int]) -> Sequence[KnownPhoto]:
        """These images, tombstones included; ids that do not exist are missing."""

    async def oldest_verified(
        self, before: dt.datetime, providers: Sequence[str], limit: int, now: dt.datetime
    ) -> Sequence[KnownPhoto]:
        """Stored images of these providers that were asked for last before this, longest ago first.

        Left out: those of sources that a person paused, and of hosts that are left alone.
        """

    async def is_placeholder(
        self, provider: str, source_sha256: str, dhash: int | None, kind: OwnerKind, owner_id: int
    ) -> bool:
        """Whether a picture stands for "no picture": five owners or more of this provider show it (safety.md 6)."""

    async def save_photo(self, save: PhotoSave, run_id: UUID, at: dt.datetime, options: RefreshOptions) -> PhotoSaved:
        """Write one photo's outcome, its attempt, its references, intents out and superseded in.

        A photo that the gallery has already (equal bytes, or nearly equal ones) becomes a reference of that entry.
        """

    async def rank_gallery(self, venue_id: int) -> None:
        """Renew positions 1..n of a gallery: stored before missing, then best first (R117). Stable."""


class ProviderMemory(Protocol):
    """What photo providers and image hosts taught us; survives a restart (images.md 7, 12)."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Held by whoever reads, learns and writes back: one at a time in this process."""

    async def pace(self, provider: str) -> ProviderPace | None:
        """The learnt delay of a provider; None = nothing learnt."""

    async def save_pace(self, provider: str, pace: ProviderPace, at: dt.datetime) -> None:
        """Keep it."""

    async def note_wait(self, provider: str, seconds: float, at: dt.datetime) -> None:
        """A provider asked for this wait (Retry-After)."""

    async def usual_wait(self, provider: str, since: dt.datetime) -> float | None:
        """Median of the waits that a provider asked for since then, in seconds, or None."""

    async def breaker(self, host: str) -> BreakerState | None:
        """What is known of a host's breaker; None = nothing, it is closed."""

    async def save_breaker(self, host: str, state: BreakerState, at: dt.datetime) -> None:
        """Keep it."""

    async def note_request(
        self, provider: str, kind: Literal["listing", "photo", "notice"], images: int, cost: float, at: dt.datetime
    ) -> None:
        """A request to a provider was made: for windows, use and cost."""

    async def request_times(self, provider: str, since: dt.datetime) -> Sequence[dt.datetime]:
        """When a provider was asked since then, oldest first: what fills its windows at start."""


class ProviderWindows(Protocol):
    """How many requests went to each photo provider in the last second, minute, hour (images.md 7, R198)."""

    def is_filled(self, provider: str) -> bool:
        """Whether the requests of earlier processes are counted."""

    def fill(self, provider: str, times: Sequence[float]) -> None:
        """Count the requests of earlier processes, by their monotonic times; only the first call does anything."""

    def admit(self, provider: str, limits: WindowLimits, now: float) -> Admission:
        """Check and count one request, in one step."""


class EnrichmentLog(Protocol):
    """Venues as photo providers know them, and what came of asking. Each call is one transaction."""

    async def venue(self, slug: str) -> VenueContext | None:
        """A venue by its slug or a retired one; what was merged leads to the venue that stayed."""

    async def state(self, venue_id: int) -> EnrichmentState:
        """What is kept of a venue's enrichments; of one that was never enriched, too."""

    async def stale_venues(
        self, terms: StalenessTerms, providers: Sequence[str] | None, limit: int | None, now: dt.datetime
    ) -> StaleVenues:
        """Venues due to be looked up, oldest check first, in one query.

        providers  only those that one of these knows by an id; None = an id is not needed
        """

    async def save(
        self, outcome: EnrichmentOutcome, kept: Sequence[tuple[KnownPhoto, Photo]], at: dt.datetime
    ) -> None:
        """Keep a run and the venue's state; renew what listings say of photos that stay. Idempotent."""


class CleanupLog(Protocol):
    """Cleanups, and who has failed images. Each call is one transaction."""

    async def start_cleanup(self, at: dt.datetime) -> int:
        """Give a cleanup its number."""

    async def finish_cleanup(self, run: int, report: Mapping[str, Any], at: dt.datetime) -> None:
        """Record what it did."""

    async def failing_owners(self) -> Sequence[OwnerRef]:
        """Living venues and performers with a failed image, venues first."""

    async def owner_failures(self, owner: OwnerRef) -> OwnerFailures | None:
        """One owner's failures, fresh; None = there is no such owner any more."""


class SlotBook(Protocol):
    """What runs by the clock, slot by slot (operations.md 11). Each call is one transaction and can be repeated.

    holder  who asks, unlike anybody else: process and host
    """

    async def claim(self, name: str, due_at: dt.datetime, holder: str, run_id: UUID, at: dt.datetime) -> bool:
        """Take a slot, at most once over all daemons (D5); False when somebody has it already.

        One that was skipped can be taken. Asking again with the same `run_id` gives the winner the same answer.
        """

    async def merge(self, name: str, due_at: dt.datetime, into: dt.datetime, holder: str, at: dt.datetime) -> None:
        """A slot came due while an earlier one (`into`) ran; one that has its row already keeps it."""

    async def skip(self, name: str, due_at: dt.datetime, why: str, holder: str, at: dt.datetime) -> None:
        """A slot was missed and is not made up for; one that has its row already keeps it."""

    async def unfinished(self, at: dt.datetime) -> Sequence[UnfinishedSlot]:
        """Slots that processes began which write no more, oldest first."""

    async def resume(self, name: str, due_at: dt.datetime, holder: str, run_id: UUID, at: dt.datetime) -> UUID | None:
        """Go on with an unfinished slot, counting the attempt; its run, or None when somebody else does.

        run_id  for a slot that never had a run
        """

    async def put_back(self, name: str, due_at: dt.datetime) -> None:
        """It was begun and given up (a stop): the next process resumes it, and the attempt does not count."""

    async def finish(
        self, name: str, due_at: dt.datetime, ok: bool, outcome: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """Record how a slot ended; one that ended well resolves the issue of one that was given up."""

    async def give_up(
        self, slot: UnfinishedSlot, source: str | None, message: str, outcome: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """End an unfinished slot that nobody goes on with, and raise an issue that says `message`."""

    async def record(self, name: str, due_at: dt.datetime) -> ScheduledRun | None:
        """Who took a slot; None = nobody has."""

    async def histories(self, at: dt.datetime) -> Sequence[JobHistory]:
        """What is known of each job's slots up to `at`, by name. One query."""


class Quarantine(Protocol):
    """Files without rows, rows without files; each repair holds one key's lock (safety.md 9)."""

    async def unreferenced(self, keys: Sequence[str]) -> Sequence[str]:
        """Of these keys, those that no row and no intent refers to. One query."""

    async def stored_rows(self, after_id: int, limit: int, now: dt.datetime) -> Sequence[tuple[StoredRow, bool]]:
        """Rows with files by id, and whether each is old enough to be repaired."""

    async def unfinished(self) -> Sequence[QuarantinedFile]:
        """Moves that a crash interrupted."""

    async def expired(self, before: dt.datetime) -> Sequence[QuarantinedFile]:
        """Files that were set aside before this."""

    async def of_run(self, run: int) -> Sequence[QuarantinedFile] | None:
        """What one cleanup set aside and still has; None = there was no such cleanup."""

    async def held_copy(self, storage_key: str) -> QuarantinedFile | None:
        """The file that was set aside from this key last, while it is there."""

    async def set_aside(self, run: int, file: StoredFile, now: dt.datetime, *, however_young: bool = False) -> bool:
        """Move a file that nobody needs into the quarantine; False when it stays."""

    async def settle(self, entry: QuarantinedFile, now: dt.datetime) -> Settlement:
        """Finish or undo an interrupted move."""

    async def restore(self, entry: QuarantinedFile, now: dt.datetime) -> str:
        """Bring a file back: "restored", "taken" or "gone"."""

    async def purge(self, entry: QuarantinedFile, now: dt.datetime) -> bool:
        """Delete a quarantined file for good; False when a row needs it, or it is not there any more."""

    async def lose_file(self, key: str, loss: Loss, now: dt.datetime, options: RefreshOptions) -> LostImages:
        """The rows of a missing or damaged file let go of it, and their recovery is queued."""

    async def clear_thumbnail(self, row: StoredRow, now: dt.datetime) -> None:
        """A row names its missing thumbnail no longer."""


class History(Protocol):
    """What is kept of the past; pictures that stand for none."""

    async def prunable(
        self, attempts_before: dt.datetime, runs_before: dt.datetime, requests_before: dt.datetime
    ) -> HistoryReport:
        """How much `prune` would take away. Changes nothing."""

    async def prune(
        self, attempts_before: dt.datetime, runs_before: dt.datetime, requests_before: dt.datetime
    ) -> HistoryReport:
        """Take away attempts, runs, and done recovery and provider requests that are older."""

    async def keep_statistics(self, at: dt.datetime) -> None:
        """Take a snapshot of the statistics (five are kept) and the figures of the day (R220)."""

    async def has_statistics(self, day: dt.date) -> bool:
        """Whether the figures of this day (UTC) are kept."""

    async def mark_placeholders(self, at: dt.datetime) -> Sequence[Placeholder]:
        """Note pictures that five owners of one provider show; returns those that are new or changed."""


class RecoveryQueue(Protocol):
    """Whose failed images are due, how they are closed, and who asked for a recovery (images.md 8)."""

    async def owners(
        self,
        request: RecoveryRequest,
        due_before: dt.datetime,
        done: Sequence[OwnerRef],
        limit: int,
        options: RefreshOptions,
    ) -> Sequence[RecoverableOwner]:
        """Owners with something to retry or to close, but those done: most urgent first (R224). One query."""

    async def owners_of_venues(self, slugs: Sequence[str]) -> Sequence[OwnerRef]:
        """The venues of these slugs, and the hosts of their running evenings."""

    async def close_image(
        self, image_id: int, version: int, *, without_url: bool, run_id: UUID, at: dt.datetime
    ) -> bool:
        """Close a failure without an attempt (R146, R159); False when its row is another one by now."""

    async def postpone(self, image_id: int, version: int, until: dt.datetime, at: dt.datetime) -> None:
        """A failure whose host is left alone is due then; nothing is counted (R225)."""

    async def queue(
        self,
        owner: OwnerRef,
        image_ids: Sequence[int] | None,
        *,
        include_ambiguous: bool,
        is_bulk: bool,
        requested_by: str,
        at: dt.datetime,
        options: RefreshOptions,
    ) -> QueuedHow:
        """Ask for a recovery of an owner, or of some of its images (R161, R162, R215).

        is_bulk  asked for by a scan and not by a person (R214)
        """

    async def waiting(self, limit: int) -> Sequence[QueuedRecovery]:
        """Requests that wait, in the order in which they are worked (R214)."""

    async def take(self, request_id: int, at: dt.datetime) -> tuple[bool, tuple[int, ...] | None]:
        """Begin with a request: whether it still waited, and its images as wanted by now (None = all)."""

    async def take_covered(self, owner: OwnerRef, *, include_ambiguous: bool, at: dt.datetime) -> Sequence[int]:
        """Begin with the waiting requests that a recovery of the whole owner answers; their ids."""

    async def finish(
        self, request_id: int, outcome: Mapping[str, Any], at: dt.datetime, *, waits_again: bool
    ) -> None:
        """A request has ended, with what came of it; one that was stopped halfway waits again."""


class ReviewBook(Protocol):
    """Where decisions of people about images are written, with their audit."""

    async def apply(self, plan: ReviewPlan, actions: Sequence[PlannedAction], at: dt.datetime) -> Collection[int]:
        """Write decisions on the versions that were shown, all or none; returns the images that have theirs now.

        Announces the files that rows let go. Saying the same again changes nothing. Raises RowRejected.
        """

    async def give_back(self, plan: ReviewPlan, row: ReviewRow, at: dt.datetime) -> bool:
        """Undo a deletion whose file could not be removed (R218)."""


class RequestDesk(Protocol):
    """What people ask of the daemon (`run_requests`). Each call is one transaction; filing wakes the daemon."""

    async def file(self, request: RunRequest) -> None:
        """File a request and notify `domain.requests.CHANNEL`. Filing the same id again changes nothing."""

    async def waiting(self) -> Sequence[RunRequest]:
        """Requests to begin with, oldest first: never taken, or taken by a process that is shut out or gone."""

    async def take(self, request_id: UUID, at: dt.datetime) -> bool:
        """Begin with a request, counting the attempt; False when it is finished or somebody else has it."""

    async def note_progress(self, request_id: UUID, progress: Mapping[str, Any], at: dt.datetime) -> bool:
        """Keep how far it is; True when whoever asked wants it stopped."""

    async def finish(self, request_id: UUID, ok: bool, outcome: Mapping[str, Any], at: dt.datetime) -> None:
        """It has ended; `outcome` is what the command's `--json` prints."""

    async def put_back(self, request_id: UUID) -> None:
        """It was begun and given up (a stop): it waits again, and the attempt does not count."""

    async def ask_to_stop(self, request_id: UUID, at: dt.datetime) -> None:
        """Whoever asked does not want it any more."""

    async def state(self, request_id: UUID) -> RequestState | None:
        """How far it is; None = there is no such request."""


class NoticeBook(Protocol):
    """What was said about each condition (`notices`). Each call is one transaction; one process writes it."""

    async def notices(self) -> Sequence[Notice]:
        """What is known of every condition."""

    async def save(self, notices: Sequence[Notice], at: dt.datetime) -> None:
        """Keep what is known of these after a look."""


class Channel(Protocol):
    """One way to tell an operator something."""

    @property
    def name(self) -> str:
        """Which one, for logs and people, without its address: "channel 1 (hooks.example.org)"."""

    async def send(self, message: Message) -> None:
        """Tell once, within ten seconds. Raises ServiceUnreachable, whose message holds no part of the address."""


class Pings(Protocol):
    """A watch that expects to hear of every run, in the way of healthchecks."""

    @property
    def name(self) -> str:
        """For logs and people, without its address."""

    async def ping(self, event: Literal["start", "success", "failure"]) -> None:
        """Tell once, within ten seconds. Raises as `Channel.send` does."""


class JobQueue(Protocol):
    """Jobs on their way to the workers of several machines."""

    async def enqueue(self, jobs: Sequence[QueuedJob]) -> int:
        """Queue what does not wait already; returns how many that were. All or none."""


class SpreadBook(Protocol):
    """What is planned and done of runs that several machines do. Each call is one transaction."""

    async def begin(self, jobs: Sequence[IndexJob], at: dt.datetime) -> None:
        """Note the sources of a run that begins; queue those whose index was not read to the end. May be repeated.

        What nobody waits for any more is called off.
        """

    async def source(self, run_id: UUID, source: str) -> SpreadSource | None:
        """How far a source of a run is; None = there is no such run (any more)."""

    async def plan(
        self,
        job: IndexJob,
        seen_keys: Sequence[str],
        report: SourceReport,
        batches: Sequence[BatchJob],
        at: dt.datetime,
    ) -> bool:
        """Note what an index gave and queue its batches; False when somebody did so before."""

    async def undone(self, job: BatchJob) -> frozenset[str]:
        """Which of a batch's listings nobody has finished."""

    async def note_visit(self, job: BatchJob, key: str, report: SourceReport, at: dt.datetime) -> None:
        """How the visit of one listing ended. Only the first word counts."""

    async def told(self, run_id: UUID, source: str) -> tuple[Sequence[str], SourceReport]:
        """What the index of a source showed, and everything told of it so far, added up."""

    async def conclude(self, run_id: UUID, report: SourceReport, at: dt.datetime) -> None:
        """A source of a run is finished. Only the first word counts."""

    async def concluded(self, run_id: UUID) -> Mapping[str, SourceReport | None]:
        """Each source of a run with its whole report; None = not finished."""

    async def progress(self, run_id: UUID) -> Mapping[str, SourceProgress]:
        """How far each source of a run is, for whoever looks."""

    async def call_off(self, run_id: UUID, at: dt.datetime) -> None:
        """Nobody wants what is left of a run."""

    async def workers(self) -> int:
        """How many workers are connected."""

    async def stranded(self, run_id: UUID) -> Collection[str]:
        """Sources that are not finished although no job of theirs waits or is being done: it was lost."""

    async def end_undone(self, run_id: UUID, source: str, report: SourceReport, at: dt.datetime) -> None:
        """Every visit of a source that has no end yet ends with this report."""


class HostTurns(Protocol):
    """Politeness over several machines: who may ask a host next."""

    async def claim(self, host: str, interval_seconds: float) -> float:
        """Take the next turn at a host; returns in how many seconds it comes, 0 or more."""


class ReportShelf(Protocol):
    """Where reports lie that are made by the clock."""

    async def keep(self, name: str, texts: Mapping[str, str]) -> tuple[Sequence[Path], int]:
        """Keep a report "weekly-2026-03-09" in each form, by suffix; returns its files, and how many old ones went.

        Raises StorageFull.
        """


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
class PhotoSettings:
    """How galleries are enriched (images.md 5). `accounts` holds the enabled providers, by slug.

    per_provider  most photos listed of each; None = no limit
    call_seconds, provider_seconds  longest for one request, and for all of a provider's requests for a venue
    """

    accounts: Mapping[str, ProviderAccount] = field(default_factory=dict)
    stale_after: dt.timedelta = dt.timedelta(days=90)
    stale_after_without_images: dt.timedelta = dt.timedelta(days=7)
    per_provider: int | None = 10
    per_venue: int = 25
    download: bool = True
    call_seconds: float = 10.0
    provider_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class CleanupSettings:
    """When the nightly scan runs, how long things are kept (images.md 9, 12)."""

    enabled: bool = True
    schedule: Schedule = field(default_factory=lambda: Schedule(dt.time(4)))
    quarantine: dt.timedelta = dt.timedelta(days=7)
    rehash_percent: float = 1.0
    keep_runs: dt.timedelta = dt.timedelta(days=90)
    keep_attempts: dt.timedelta = dt.timedelta(days=180)


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
    classes: ErrorClasses = DEFAULT_CLASSES
    recovery_backoff_base_seconds: float = 1.0
    recovery_batch_venues: int = 20
    photos: PhotoSettings = field(default_factory=PhotoSettings)
    cleanup: CleanupSettings = field(default_factory=CleanupSettings)

    def freshness_of(self, source: str) -> dt.timedelta:
        """How long a visit of this source's pages lasts."""
        return self.freshness_overrides.get(source, self.detail_freshness)


async def always_open() -> None:
    """A gate that nobody closes."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the pipeline may touch. Frozen; `with_log` is how context reaches a child's log lines.

    stopping  asked before new work is taken up: True = take up none
    gate      awaited before new work is taken up: returns when this process may write (it holds the store)
    """

    settings: PipelineSettings
    run_id: UUID
    fetcher: Fetcher
    reader: PageReader
    inspector: ImageInspector
    files: FileStore
    runs: RunLog
    catalog: Catalog
    ledger: Ledger
    photos: PhotoLedger
    memory: ProviderMemory
    windows: ProviderWindows
    enrichment: EnrichmentLog
    recoveries: RecoveryQueue
    cleaning: CleanupLog
    slots: SlotBook
    quarantine: Quarantine
    history: History
    reviews: ReviewBook
    lookups: PlaceLookups
    archive: PageArchive
    progress: Progress
    locks: OwnerLocks
    sources: Mapping[str, Source]
    providers: Mapping[str, PhotoProvider]
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    stopping: Callable[[], bool]
    log: structlog.typing.FilteringBoundLogger
    gate: Callable[[], Awaitable[None]] = always_open

    def with_log(self, **context: object) -> Self:
        """The same services, with these fields on every log line below."""
        return replace(self, log=self.log.bind(**context))
