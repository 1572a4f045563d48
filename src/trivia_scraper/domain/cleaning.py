"""Cleaning up: what the nightly scan counts, what it finds among files and rows, what it does, what it tells.

Sources: images.md 9 (scan, counters), safety.md 9 "Nightly scan" (files and rows), images.md 12 (history).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from trivia_scraper.domain.file_sweeps import FileFindings, SweepReport
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.recovery import OwnerRef


class CleanupPart(StrEnum):
    """What can be cleaned up by itself."""

    RECOVERY = "recovery"
    FILES = "files"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """Which parts are wanted.

    accepts_many      files and rows are repaired even where so many differ that something else may be wrong
    keeps_statistics  the day's statistics are kept, if nobody has; False where they have a time of their own
    """

    parts: frozenset[CleanupPart]
    accepts_many: bool
    keeps_statistics: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether this is the cleanup of a day, and no part of it."""
        return self.parts == frozenset(CleanupPart)


WHOLE_CLEANUP: Final = CleanupRequest(frozenset(CleanupPart), accepts_many=False)


class CleanupAction(StrEnum):
    """What the decision matrix says of one owner (images.md 9)."""

    QUEUE = "queue"
    CLOSE = "close"
    LEAVE = "leave"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FailedImage:
    """One failure, as far as its class depends on it."""

    id: int
    status: ImageStatus
    retry_count: int
    error_type: str | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class OwnerFailures:
    """A living owner and its failures, read fresh."""

    owner: OwnerRef
    slug: str
    images: tuple[FailedImage, ...]


@dataclass(frozen=True, slots=True)
class FailureCounts:
    """Failures of one owner by class."""

    transient: int = 0
    permanent: int = 0
    ambiguous: int = 0


@dataclass(frozen=True, slots=True)
class OwnerCleanup:
    """One owner of the scan: its failures, what is done about them; `error` where that did not work."""

    owner: OwnerRef
    slug: str
    counts: FailureCounts
    action: CleanupAction
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The scan: `owners` in the order looked at, those that have recovered meanwhile left out."""

    owners: tuple[OwnerCleanup, ...] = ()

    @property
    def counters(self) -> dict[str, int]:
        """The four counters of images.md 9; they add up to the owners found."""
        counted = {"transient_queued": 0, "permanent_logged": 0, "ambiguous_skipped": 0, "errors": 0}
        for owner in self.owners:
            counted["errors" if owner.error is not None else _COUNTER[owner.action]] += 1
        return counted


_COUNTER: Final = {
    CleanupAction.QUEUE: "transient_queued",
    CleanupAction.CLOSE: "permanent_logged",
    CleanupAction.LEAVE: "ambiguous_skipped",
}


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What was pruned, and whether the day's statistics were kept."""

    attempts: int = 0
    runs: int = 0
    recovery_requests: int = 0
    provider_requests: int = 0
    visits: int = 0
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """The statistics of a day (UTC) were kept."""

    day: dt.date
    ok: bool = True

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"day": self.day.isoformat()}


@dataclass(frozen=True, slots=True)
class CleanupReport:
    """One cleanup.

    run          its number, None for a dry run
    scan, files, history   None = this part was not wanted, or failed
    findings     what the comparison of files found: the plan that a dry run shows
    failed_parts part → why it did not come to its end
    interrupted  somebody asked it to stop: what was begun was finished, the rest waits for the next one
    """

    run: int | None
    dry_run: bool
    elapsed_ms: int
    scan: ScanReport | None
    files: SweepReport | None
    history: HistoryReport | None
    findings: FileFindings | None = None
    failed_parts: Mapping[str, str] | None = None
    interrupted: bool = False

    @property
    def counters(self) -> dict[str, int]:
        """Exactly what images.md 9 names: the four counters and the elapsed time."""
        return {**(self.scan or ScanReport()).counters, "elapsed_ms": self.elapsed_ms}

    @property
    def ok(self) -> bool:
        """Whether all was done that could be done."""
        files = self.files or SweepReport()
        return not (self.failed_parts or self.counters["errors"] or files.errors or files.held or self.interrupted)

    def document(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "run": self.run,
            "dry_run": self.dry_run,
            "counters": self.counters,
            "files": None if self.files is None else asdict(self.files),
            "history": None if self.history is None else asdict(self.history),
            "failed_parts": dict(self.failed_parts or {}),
            "interrupted": self.interrupted,
        }


@dataclass(frozen=True, slots=True)
class CleanupRunView:
    """A past cleanup, as `cleanup list` shows it. `held_files` lie in its quarantine still."""

    run: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    report: Mapping[str, Any] | None
    held_files: int
    held_bytes: int


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """What runs by the clock, for one due time: who took it, and how it ended (D5)."""

    name: str
    due_at: dt.datetime
    started_at: dt.datetime
    finished_at: dt.datetime | None
    holder: str
    ok: bool | None
